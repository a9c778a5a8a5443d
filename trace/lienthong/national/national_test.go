package national_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
	"github.com/google/go-cmp/cmp"
)

// What no error, ledger or journal may show.
const (
	user     = "0100109106"
	password = "mật khẩu tuyệt mật"
)

func login(context.Context) (string, string, error) { return user, password, nil }

const (
	pharmacy = trace.Party("68-00417")
	supplier = trace.Party("8935322000013")
	box      = gs1.GTIN("08936000123451")
)

// shop is a pharmacy whose outbox speaks with a server.
type shop struct {
	t       *testing.T
	server  *nationaltest.Server
	journal *ledger.Ledger
	events  *ledger.Ledger
	repo    *trace.Repository
	reports *lienthong.Reports
	outbox  *lienthong.Outbox
	ways    []lienthong.Transport
	now     time.Time
	lot     gs1.EPC
}

func newShop(t *testing.T, opts nationaltest.Options, ways ...national.Options) *shop {
	t.Helper()
	var way national.Options
	if len(ways) > 0 {
		way = ways[0]
	}
	opts.User, opts.Password = user, password
	s := &shop{t: t, server: nationaltest.New(&opts), now: time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)}
	web := httptest.NewServer(s.server)
	t.Cleanup(web.Close)
	open := func(index func([]byte) ([][]byte, []byte, error)) *ledger.Ledger {
		l, err := ledger.OpenMemory(&ledger.Options{Index: index})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	s.journal, s.events = open(lienthong.JournalIndex), open(trace.Index)
	var err error
	if s.repo, err = trace.Open(t.Context(), s.events, nil); err != nil {
		t.Fatal(err)
	}
	if s.lot, err = gs1.ParseEPC("https://id.gs1.org/01/" + string(box) + "/10/L1"); err != nil {
		t.Fatal(err)
	}
	reg := &lienthong.Register{}
	if err := reg.Put(lienthong.Drug{
		DrugID: "893110130226", NationalID: "893110130226", DQG: "DQG00001536", Name: "TBZemitin 500", SoDangKy: "893110130226",
		Strength: "500 mcg",
		Units:    []lienthong.Unit{{UnitID: "U31", Name: "Viên", Smallest: 1}, {UnitID: "U1", Name: "Hộp", GTIN: box, Smallest: 100}},
	}, "dược sĩ", s.now); err != nil {
		t.Fatal(err)
	}
	way.Base = web.URL
	one, err := national.NewDuocQuocGia("68-00417", login, &way)
	if err != nil {
		t.Fatal(err)
	}
	way.Base += "/v2"
	two, err := national.NewCsdlDuoc(login, &way)
	if err != nil {
		t.Fatal(err)
	}
	s.ways = []lienthong.Transport{one, two}
	s.reports = lienthong.NewReports(s.repo, reg, lienthong.Establishment{Party: pharmacy, MaCoSo: "68-00417", StoreID: "S1"}, &lienthong.Options{
		Opening:  lienthong.DayOf(s.now),
		Partners: map[trace.Party]lienthong.Partner{supplier: {Name: "Công ty B", SupplierID: "0100109107"}},
	})
	s.outbox, err = lienthong.OpenOutbox(t.Context(), s.journal, s.reports, &lienthong.OutboxOptions{Now: func() time.Time { return s.now }}, s.ways...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hop records what the pharmacy does.
func (s *shop) hop(h trace.Hop) *trace.Receipt {
	s.t.Helper()
	s.now = s.now.Add(time.Minute)
	h.By, h.Time, h.Lot, h.Expiry, h.Price = pharmacy, s.now, "L1", "2027-12-31", 1250
	if h.Goods == nil {
		h.Goods = []trace.Goods{{Class: s.lot, Count: 20}}
	}
	r, err := s.repo.Record(s.t.Context(), h)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// day records one of each movement that both generations have.
func (s *shop) day() {
	s.hop(trace.Hop{Step: trace.Counting, Goods: []trace.Goods{{Class: s.lot, Count: 1000}}})
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, Document: "PX1"})
	s.hop(trace.Hop{Step: trace.Dispensing, Document: "HD1"})
	s.hop(trace.Hop{Step: trace.Dispensing, Document: "HD2"})
	s.hop(trace.Hop{Step: trace.Returning, To: supplier, Document: "TN1"})
	s.hop(trace.Hop{Step: trace.Destroying, Document: "BB1"})
}

// run lets the outbox do everything.
func (s *shop) run() {
	s.t.Helper()
	for range 10_000 {
		next, err := s.outbox.Step(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if waiting, _ := s.outbox.Waiting(); waiting == 0 {
			return
		}
		if next.After(s.now) {
			s.now = next
		}
	}
	for _, d := range s.deliveries() {
		if d.State != lienthong.Completed {
			s.t.Logf("%+v", d)
		}
	}
	s.t.Fatal("the outbox never rests")
}

// deliveries are all documents.
func (s *shop) deliveries() []lienthong.Delivery {
	s.t.Helper()
	day := lienthong.DayOf(s.now)
	list, err := s.outbox.Deliveries(s.t.Context(), lienthong.DayOf(s.now.AddDate(0, 0, -9)), day.Next())
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// want holds the numbers of documents of both generations, and that all are completed.
func (s *shop) want(one, two int) {
	s.t.Helper()
	for _, d := range s.deliveries() {
		if d.State != lienthong.Completed {
			s.t.Errorf("%+v", d)
		}
	}
	for g, want := range map[int]int{1: one, 2: two} {
		documents := s.server.Documents(g)
		seen := map[string]bool{}
		for _, h := range documents {
			if h.State != lienthong.Completed || seen[h.Number] {
				s.t.Errorf("generation %d: %s %s twice %v: %s", g, h.Number, h.State, seen[h.Number], h.Words)
			}
			seen[h.Number] = true
		}
		if len(documents) != want {
			s.t.Errorf("generation %d has %d documents, want %d", g, len(documents), want)
		}
	}
}

func TestQuirks(t *testing.T) {
	for name, opts := range map[string]nationaltest.Options{
		"strict":              {},
		"mess":                {Mess: true},
		"code is a number":    {CodeNumber: true, Mess: true},
		"token in data":       {NestedToken: true},
		"text for an object":  {PlainText: true},
		"capitals":            {Capitals: true},
		"HTML":                {NotJSON: true, TokenLife: 3},
		"tokens die":          {TokenLife: 1},
		"everything together": {Mess: true, CodeNumber: true, NestedToken: true, PlainText: true, Capitals: true, NotJSON: true, TokenLife: 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, opts)
			s.day()
			s.run()
			s.want(6, 6)
			s.hop(trace.Hop{Step: trace.Dispensing, Document: "HD3"})
			s.run()
			s.want(7, 7)
			s.hop(trace.Hop{Step: trace.Dispensing, Document: "HD3"}) // a line more
			s.run()
			s.want(7, 7)
			changes := 0
			for _, h := range append(s.server.Documents(1), s.server.Documents(2)...) {
				changes += h.Changes
				if h.Changes > 0 && !bytes.Contains(h.Body, []byte(`:40,`)) {
					t.Errorf("corrected to %s", h.Body)
				}
			}
			if changes != 2 {
				t.Errorf("%d corrections", changes)
			}
		})
	}
}

// TestFlaky: whatever the line and the servers do, each document is there once.
func TestFlaky(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	on := true
	faults := []nationaltest.Fault{
		nationaltest.DropDuring, nationaltest.DropBefore, nationaltest.DropAfter, nationaltest.TooMany, nationaltest.Broken, nationaltest.Forget,
	}
	s := newShop(t, nationaltest.Options{TokenLife: 7, Fault: func(r *http.Request) nationaltest.Fault {
		if !on || rng.IntN(5) > 0 {
			return nationaltest.None
		}
		// Who answers and forgets is only found out where he is asked later.
		f := faults[rng.IntN(len(faults))]
		if f == nationaltest.Forget && (strings.HasPrefix(r.URL.Path, "/api/") || r.Method == http.MethodGet) {
			return nationaltest.DropAfter
		}
		return f
	}})
	s.day()
	n := 60
	if testing.Short() {
		n = 10
	}
	for i := range n {
		s.hop(trace.Hop{Step: trace.Dispensing, Document: fmt.Sprint("A", i)})
		if i%7 == 0 {
			s.run()
		}
	}
	s.run()
	on = false
	s.run()
	// A server that was made to look bad is not asked about it again by itself.
	for _, d := range s.deliveries() {
		if d.State == lienthong.NeedsReview {
			if err := s.outbox.Resend(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.run()
	s.want(6+n, 6+n)
}

// TestSecrets greps everything that a program keeps or shows for credentials and tokens.
func TestSecrets(t *testing.T) {
	var shown []string
	logged := &logBook{}
	log.SetOutput(logged)
	defer log.SetOutput(os.Stderr)
	show := func(v ...any) { shown = append(shown, fmt.Sprintf("%v %+v %#v", v, v, v)) }
	s := newShop(t, nationaltest.Options{TokenLife: 2, NotJSON: true})
	s.day()
	s.run()
	show(s.ways, s.deliveries(), s.outbox, *s.ways[0].(*national.DuocQuocGia), *s.ways[1].(*national.CsdlDuoc), national.Options{Base: "https://x"})
	for i := range s.journal.Size() {
		r, err := s.journal.Read(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, string(r.Data))
	}
	// A server that repeats what it was told, a wrong password, and no server.
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "sai: %s %v", password, r.PostForm)
	}))
	defer echo.Close()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	for _, base := range []string{echo.URL, dead.URL} {
		one, err := national.NewDuocQuocGia("68-00417", login, &national.Options{Base: base})
		if err != nil {
			t.Fatal(err)
		}
		two, err := national.NewCsdlDuoc(login, &national.Options{Base: base})
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []lienthong.Transport{one, two} {
			a, err := way.Send(t.Context(), &lienthong.Document{Kind: lienthong.KindHoaDon, Number: "1"}, lienthong.Again)
			if err == nil {
				t.Error("sent")
			}
			if base == echo.URL && !errors.Is(err, lienthong.ErrCredentials) {
				t.Errorf("error %v", err)
			}
			var temporary *lienthong.TemporaryError
			if base == dead.URL && (!errors.As(err, &temporary) || !temporary.NotArrived) {
				t.Errorf("error %v", err)
			}
			show(a, err, way)
		}
	}
	for _, text := range append(shown, logged.String()) {
		for _, secret := range []string{password, base64.StdEncoding.EncodeToString([]byte(password)), "token-"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q in %.300s", secret, text)
			}
		}
	}
}

// TestCredentials: one new log-in, and no more.
func TestCredentials(t *testing.T) {
	server := nationaltest.New(&nationaltest.Options{User: user, Password: "another"})
	web := httptest.NewServer(server)
	defer web.Close()
	two, err := national.NewCsdlDuoc(login, &national.Options{Base: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := two.Status(t.Context(), lienthong.KindStockIn, "1"); !errors.Is(err, lienthong.ErrCredentials) {
		t.Errorf("error %v", err)
	}
	if n, logins := server.Requests(); n != 1 || logins != 1 {
		t.Errorf("%d requests, %d log-ins", n, logins)
	}
}

func TestAddress(t *testing.T) {
	for base, want := range map[string]string{
		"http://duocquocgia.com.vn":          "national: want https: passwords do not go over an open line",
		"https://a:b@duocquocgia.com.vn":     "national: want an address such as https://example.vn/v2",
		"duocquocgia.com.vn":                 "national: want an address such as https://example.vn/v2",
		"https://duocquocgia.com.vn/?x=1":    "national: want an address such as https://example.vn/v2",
		"http://127.0.0.1:1":                 "",
		"http://localhost:1":                 "",
		"https://duocquocgia.com.vn/thu/":    "",
		"http://localhost.duocquocgia.vn/v2": "national: want https: passwords do not go over an open line",
	} {
		_, err := national.NewDuocQuocGia("1", login, &national.Options{Base: base})
		got := ""
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", base, diff)
		}
	}
	if _, err := national.NewCsdlDuoc(nil, nil); err == nil {
		t.Error("no login")
	}
}

// TestStatus: what HTTP says decides whether it is tried again.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
		opts   national.Options
	}{
		{200, `{"transaction_id": "T1"}`, "accepted T1", national.Options{}},
		{201, `{"data": {"transactionId": "T1", "status": "COMPLETED"}}`, "completed T1", national.Options{}},
		{200, `"ok"`, "temporary: national: an answer without transaction_id: ok", national.Options{}},
		{200, ``, "temporary: national: an answer without transaction_id", national.Options{}},
		{400, `{"message": "thiếu lô"}`, "rejected  thiếu lô", national.Options{}},
		{422, `{"messages": ["a", {"message": "b"}]}`, "rejected  a; b", national.Options{}},
		{404, `<html>Not Found</html>`, "rejected  <html>Not Found</html>", national.Options{}},
		{403, `chặn`, "temporary: national: status 403 Forbidden: chặn", national.Options{}},
		{429, ``, "temporary: national: status 429 Too Many Requests, not arrived, after 1m0s", national.Options{}},
		{500, `{"Message": "x"}`, "temporary: national: status 500 Internal Server Error: x", national.Options{}},
		{502, ``, "temporary: national: status 502 Bad Gateway", national.Options{}},
		{302, ``, "temporary: national: status 302 Found", national.Options{}},
		{403, `{"message": "khóa"}`, "rejected  khóa", national.Options{Temporary: func(int) bool { return false }}},
		{500, ``, "rejected  Internal Server Error", national.Options{Temporary: func(int) bool { return false }}},
		{200, `{"transaction_id": "T1"}`, "processing T1", national.Options{NoStatus: lienthong.Processing}},
		{200, `{"transaction_id": "T1", "status": "Queued"}`, "processing T1", national.Options{}},
		{200, `{"transaction_id": "T1", "status": "Queued"}`, "error T1", national.Options{UnknownStatus: lienthong.Failed}},
		{200, `{"transaction_id": "T1", "status": "processing"}`, "processing T1", national.Options{UnknownStatus: lienthong.Failed}},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.body), func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "login") {
					fmt.Fprint(w, `{"access_token": "t"}`)
					return
				}
				if c.status == 429 {
					w.Header().Set("Retry-After", "60")
				}
				if c.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer web.Close()
			c.opts.Base = web.URL
			two, err := national.NewCsdlDuoc(login, &c.opts)
			if err != nil {
				t.Fatal(err)
			}
			a, err := two.Send(t.Context(), &lienthong.Document{Kind: lienthong.KindStockIn, Body: lienthong.StockIn{}}, lienthong.First)
			got := strings.TrimSpace(fmt.Sprintf("%s %s %s", a.State, a.ID, a.Words))
			var temporary *lienthong.TemporaryError
			if errors.As(err, &temporary) {
				if got = "temporary: " + err.Error(); temporary.Words != "" {
					got += ": " + temporary.Words // which err does not show
				}
				if temporary.NotArrived {
					got += ", not arrived"
				}
				if temporary.After > 0 {
					got += ", after " + temporary.After.String()
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSingular: one listing has the path in the singular, which the strict server does not know.
func TestSingular(t *testing.T) {
	web := httptest.NewServer(nationaltest.New(nil))
	defer web.Close()
	for singular, want := range map[bool]lienthong.State{false: lienthong.Accepted, true: lienthong.Rejected} {
		two, err := national.NewCsdlDuoc(login, &national.Options{Base: web.URL, Singular: singular})
		if err != nil {
			t.Fatal(err)
		}
		a, err := two.Send(t.Context(), &lienthong.Document{Kind: lienthong.KindStockTaking, Number: "1", Body: lienthong.StockTaking{
			TransactionDate: "2026-01-01T00:00:00+07:00", ReferenceNumber: "1", StoreID: "S1",
		}}, lienthong.First)
		if err != nil || a.State != want {
			t.Errorf("singular %v: answer %+v, error %v", singular, a, err)
		}
	}
}

// TestPage: a page of the web is no answer, though its status is good.
func TestPage(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "dang_nhap") {
			fmt.Fprint(w, `{"token": "t"}`)
			return
		}
		fmt.Fprint(w, " <!doctype html><title>Wi-Fi</title>")
	}))
	defer web.Close()
	one, err := national.NewDuocQuocGia("1", login, &national.Options{Base: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	for _, attempt := range []lienthong.Attempt{lienthong.First, lienthong.Again, lienthong.Correction} {
		_, err := one.Send(t.Context(), &lienthong.Document{Kind: lienthong.KindHoaDon, Number: "1", Body: lienthong.HoaDon{}}, attempt)
		var temporary *lienthong.TemporaryError
		if !errors.As(err, &temporary) || temporary.NotArrived {
			t.Errorf("attempt %d: error %v", attempt, err)
		}
	}
	if _, err := one.Withdraw(t.Context(), lienthong.KindHoaDon, "1"); err == nil {
		t.Error("withdrawn")
	}
}
