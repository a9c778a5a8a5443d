package national_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
	"github.com/google/go-cmp/cmp"
)

// TestFaults lets each document of a generation meet a fault the first time that it is posted. No report is lost and none is
// doubled, and who looks at the deliveries hears the server's own words.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault nationaltest.Fault
		words string // that the vendor hears meanwhile
	}{
		{"the line drops in the middle of a POST", nationaltest.DropDuring, ""},
		{"the line drops before the server does anything", nationaltest.DropBefore, ""},
		{"the line drops before the answer", nationaltest.DropAfter, ""},
		{"too many requests", nationaltest.TooMany, "quá nhiều yêu cầu"},
		{"an error of the server", nationaltest.Broken, "NullReferenceException"},
		{"the session ends", nationaltest.Expired, ""},
		{"the server answers and forgets", nationaltest.Forget, ""},
	} {
		for generation := 1; generation <= 2; generation++ {
			for _, html := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, generation %d, HTML %v", c.name, generation, html), func(t *testing.T) {
					met := map[string]bool{}
					s := newShop(t, nationaltest.Options{NotJSON: html, Fault: func(r *http.Request) nationaltest.Fault {
						kind := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
						if r.Method != http.MethodPost || strings.HasPrefix(r.URL.Path, "/api/") != (generation == 1) || met[kind] {
							return nationaltest.None
						}
						if c.fault == nationaltest.Forget && generation == 1 && kind != "hoa_don" || strings.HasPrefix(kind, "login") || kind == "dang_nhap" {
							return nationaltest.None // other documents of generation 1 cannot be asked for
						}
						met[kind] = true
						return c.fault
					}}, national.Options{ReadBack: true})
					s.day()
					heard := ""
					for range 1000 {
						next, err := s.outbox.Step(t.Context())
						if err != nil {
							t.Fatal(err)
						}
						for _, d := range s.deliveries() {
							heard += d.Words + "\n"
						}
						if waiting, _ := s.outbox.Waiting(); waiting == 0 {
							break
						}
						if next.After(s.now) {
							s.now = next
						}
					}
					s.want(6, 6)
					if want := map[bool]int{true: 1, false: 2}[c.fault == nationaltest.Forget && generation == 1]; len(met) < want {
						t.Errorf("met %v", met)
					}
					if !strings.Contains(heard, c.words) {
						t.Errorf("the vendor never hears %q", c.words)
					}
				})
			}
		}
	}
}

// TestForgetful: without ReadBack nobody hears of a sale that generation 1 forgets, with it the sale is there.
func TestForgetful(t *testing.T) {
	for back, want := range map[bool]int{false: 5, true: 6} {
		forgot := false
		s := newShop(t, nationaltest.Options{Fault: func(r *http.Request) nationaltest.Fault {
			if !forgot && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "hoa_don") {
				forgot = true
				return nationaltest.Forget
			}
			return nationaltest.None
		}}, national.Options{ReadBack: back})
		s.day()
		s.run()
		if got := len(s.server.Documents(1)); got != want {
			t.Errorf("read back %v: %d documents, want %d", back, got, want)
		}
	}
}

// TestAnswers: whatever form an answer of generation 1 has, what it means and what it says comes through.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status      int
		login, body string
		want        string
	}{
		{200, `{"token": "t", "token_type": "bearer"}`, `{"code": "200", "mess": "xong", "ma_hoa_don_quoc_gia": "QG1"}`, "completed QG1 xong"},
		{200, `{"code": 200, "data": {"token": "t"}}`, `{"code": 200, "message": "xong", "ma_phieu_nhap_quoc_gia": "QG1"}`, "completed QG1 xong"},
		{200, `{"code": "200", "message": "ok", "data": {"token": "t", "token_type": "bearer"}}`, `"xong"`, "completed  xong"},
		{201, `{"Token": "t"}`, `{"Code": "201", "Message": "xong"}`, "completed  xong"},
		{200, `{"token": "t"}`, ``, "completed"},
		{200, `{"token": "t"}`, `{"code": "400", "mess": "thiếu lô"}`, "rejected  thiếu lô"},
		{200, `{"token": "t"}`, `{"code": 400, "message": "thiếu lô"}`, "rejected  thiếu lô"},
		{400, `{"token": "t"}`, `{"code": 400, "mess": "thiếu lô"}`, "rejected  thiếu lô"},
		{400, `{"token": "t"}`, `"thiếu lô"`, "rejected  thiếu lô"},
		{400, `{"token": "t"}`, `thiếu lô`, "rejected  thiếu lô"},
		{400, `{"token": "t"}`, `<html><body>thiếu lô</body></html>`, "rejected  <html><body>thiếu lô</body></html>"},
		{400, `{"token": "t"}`, ``, "rejected  Bad Request"},
		{200, `{"token": "t"}`, `<html>Wi-Fi</html>`, "national: a page for an answer"},
		{200, `<html>Wi-Fi</html>`, ``, "national: log in: the server refuses the credentials"},
		{200, `"t"`, ``, "national: log in: the server refuses the credentials"},
	} {
		t.Run(c.body, func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "dang_nhap") {
					fmt.Fprint(w, c.login)
					return
				}
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer web.Close()
			one, err := national.NewDuocQuocGia("1", login, &national.Options{Base: web.URL})
			if err != nil {
				t.Fatal(err)
			}
			a, err := one.Send(t.Context(), &lienthong.Document{Kind: lienthong.KindHoaDon, Number: "1", Body: lienthong.HoaDon{}}, lienthong.First)
			got := strings.TrimSpace(fmt.Sprintf("%s %s %s", a.State, a.ID, a.Words))
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestScheme: the word before the token is that of the descriptions, or the caller's.
func TestScheme(t *testing.T) {
	var got string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got = r.Header.Get("Authorization"); got == "" {
			fmt.Fprint(w, `{"token": "t", "access_token": "t"}`)
			return
		}
		fmt.Fprint(w, `{}`)
	}))
	defer web.Close()
	for scheme, want := range map[string][2]string{"": {"bearer t", "Bearer t"}, "BEARER": {"BEARER t", "BEARER t"}} {
		one, err := national.NewDuocQuocGia("1", login, &national.Options{Base: web.URL, Scheme: scheme})
		if err != nil {
			t.Fatal(err)
		}
		two, err := national.NewCsdlDuoc(login, &national.Options{Base: web.URL, Scheme: scheme})
		if err != nil {
			t.Fatal(err)
		}
		for i, ask := range []func() error{
			func() error { _, err := one.Withdraw(t.Context(), lienthong.KindHoaDon, "1"); return err },
			func() error { _, err := two.Status(t.Context(), lienthong.KindStockIn, "1"); return err },
		} {
			if err := ask(); err != nil || got != want[i] {
				t.Errorf("generation %d: %q, error %v, want %q", i+1, got, err, want[i])
			}
		}
	}
}
