package national

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		name, body  string
		token, code string
		words       string
	}{
		{"flat token", `{"token": "t", "token_type": "bearer"}`, "t", "", ""},
		{"token in data", `{"code": "200", "mess": "ok", "data": {"Token": "t"}}`, "t", "200", "ok"},
		{"code a number", `{"Code": 200, "Message": "ok"}`, "", "200", "ok"},
		{"text", `"thành công"`, "", "", "thành công"},
		{"HTML", "<html>\n lỗi </html>", "", "", "<html> lỗi </html>"},
		{"mark of byte order", "\ufeff{\"code\": 1}", "", "1", ""},
		{"list", `[1]`, "", "", "[1]"},
		{"list of errors", `{"danh_sach_cac_loi": ["a", "b"]}`, "", "", "a; b"},
		{"nothing", ``, "", "", ""},
		{"null", `{"code": null, "message": null}`, "", "", ""},
		{"the outer is preferred", `{"code": "400", "data": {"code": "200"}}`, "", "400", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read([]byte(c.body))
			got := []string{r.first("accesstoken", "token"), r.fields["code"], r.words}
			if diff := cmp.Diff([]string{c.token, c.code, c.words}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{`{"code": 200, "data": {"token": "t"}}`, `"x"`, `<html>`, `[{"message": "a"}]`, `{"messages": [{"message": "b"}]}`, "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := read(body)
		if len(r.words) > 4000 || !utf8.ValidString(r.words) {
			t.Errorf("words %q", r.words)
		}
		answer(200, r)
		(&Options{}).state(r)
	})
}

func FuzzPrescription(f *testing.F) {
	f.Add([]byte(`{"thong_tin_don_thuoc": [{"ma_thuoc": 1, "so_luong": "30.0"}]}`))
	f.Add([]byte(`{"data": {"ngay_gio_ke_don": "2026-11-20 09:30:00", "thong_tin_don_thuoc": [{"so_luong": 1e3}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := readPrescription(body, "68001k3m9q2z-c")
		if err == nil && (len(p.Thuoc) == 0 || p.Thuoc[0].SoLuong < 0) {
			t.Errorf("prescription %+v", p)
		}
	})
}
