package lienthong_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// vietnam returns noon of a day in Viet Nam.
func vietnam(t *testing.T, day string) time.Time {
	t.Helper()
	var d lienthong.Day
	if err := d.UnmarshalText([]byte(day)); err != nil {
		t.Fatal(err)
	}
	return d.Time().Add(12 * time.Hour)
}

func TestDefaultCodes(t *testing.T) {
	codes := lienthong.DefaultCodes()
	for _, c := range []struct {
		list lienthong.List
		code string
		day  string
		name string // "" when the code means nothing
	}{
		{lienthong.Provinces, "67", "2025-06-30", "Đắk Nông"},
		{lienthong.Provinces, "67", "2025-07-01", ""},
		{lienthong.Provinces, "68", "2025-06-30", "Lâm Đồng"},
		{lienthong.Provinces, "68", "2025-07-01", "Lâm Đồng"},
		{lienthong.Provinces, "15", "2025-06-30", "Yên Bái"},
		{lienthong.Provinces, "15", "2025-07-01", "Lào Cai"},
		{lienthong.Provinces, "24", "2025-06-30", "Bắc Giang"},
		{lienthong.Provinces, "24", "2025-07-01", "Bắc Ninh"},
		{lienthong.Provinces, "44", "2025-06-30", "Quảng Bình"},
		{lienthong.Provinces, "44", "2025-07-01", "Quảng Trị"},
		{lienthong.Provinces, "52", "2025-06-30", "Bình Định"},
		{lienthong.Provinces, "52", "2025-07-01", "Gia Lai"},
		{lienthong.Provinces, "80", "2025-06-30", "Long An"},
		{lienthong.Provinces, "80", "2025-07-01", "Tây Ninh"},
		{lienthong.Provinces, "82", "2025-06-30", "Tiền Giang"},
		{lienthong.Provinces, "82", "2025-07-01", "Đồng Tháp"},
		{lienthong.Provinces, "91", "2025-06-30", "Kiên Giang"},
		{lienthong.Provinces, "91", "2025-07-01", "An Giang"},
		{lienthong.Provinces, "10", "2025-07-01", ""},
		{lienthong.Provinces, "27", "2025-07-01", ""},
		{lienthong.Provinces, "45", "2025-07-01", ""},
		{lienthong.Provinces, "64", "2025-07-01", ""},
		{lienthong.Provinces, "72", "2025-07-01", ""},
		{lienthong.Provinces, "87", "2025-07-01", ""},
		{lienthong.Provinces, "89", "2025-07-01", ""},
		{lienthong.Provinces, "75", "2026-04-29", "Đồng Nai"},
		{lienthong.Provinces, "75", "2026-04-30", "Thành phố Đồng Nai"},
		{lienthong.Signs, "LĐ", "2025-07-01", "Lâm Đồng"},
		{lienthong.Signs, "XX", "2025-07-01", ""},
		{lienthong.ControlTypes, "2", "2026-01-01", "thuốc hướng thần"},
		{lienthong.DrugGroups, "9", "2026-01-01", ""},
	} {
		if got, ok := codes.At(c.list, c.code, vietnam(t, c.day)); got.Name != c.name || ok != (c.name != "") {
			t.Errorf("%s %s on %s is %q, %v, want %q", c.list, c.code, c.day, got.Name, ok, c.name)
		}
	}
	if n := len(codes.On(lienthong.Provinces, vietnam(t, "2025-06-30"))); n != 63 {
		t.Errorf("%d provinces before the merger, want 63", n)
	}
	if n := len(codes.On(lienthong.Provinces, vietnam(t, "2025-07-01"))); n != 34 {
		t.Errorf("%d provinces after the merger, want 34", n)
	}
}

// TestSuccessors: every old province is one of the new ones.
func TestSuccessors(t *testing.T) {
	codes := lienthong.DefaultCodes()
	before, now := vietnam(t, "2020-01-01"), vietnam(t, "2026-11-21")
	parts := map[string]int{}
	for _, old := range codes.On(lienthong.Provinces, before) {
		p, ok := codes.Successor(lienthong.Provinces, old.Code, before, now)
		if !ok {
			t.Errorf("%s %s has become nothing", old.Code, old.Name)
		}
		parts[p.Name]++
	}
	if len(parts) != 34 || parts["Lâm Đồng"] != 3 || parts["Thành phố Đồng Nai"] != 2 || parts["Hà Nội"] != 1 {
		t.Errorf("the provinces have become %v", parts)
	}
	for old, want := range map[string]string{"67": "68", "60": "68", "68": "68", "15": "15", "10": "15", "80": "80", "72": "80"} {
		if p, _ := codes.Successor(lienthong.Provinces, old, before, now); p.Code != want {
			t.Errorf("%s has become %s, want %s", old, p.Code, want)
		}
	}
	if _, ok := codes.Successor(lienthong.Provinces, "99", before, now); ok {
		t.Error("99 has become something")
	}
}

func TestDayIsVietnamese(t *testing.T) {
	utc := time.Date(2025, 6, 30, 17, 0, 0, 0, time.UTC) // midnight in Viet Nam
	if got := lienthong.DayOf(utc).String(); got != "2025-07-01" {
		t.Errorf("the day is %s", got)
	}
	if got := lienthong.DayOf(utc.Add(-time.Second)).String(); got != "2025-06-30" {
		t.Errorf("the day before is %s", got)
	}
}

func TestControl(t *testing.T) {
	codes := lienthong.DefaultCodes()
	number := func(s string) lienthong.SoDangKy {
		n, err := lienthong.ParseSoDangKy(s)
		if err != nil {
			t.Fatal(err)
		}
		return n[0]
	}
	for _, c := range []struct {
		number     string
		substances []string
		day, code  string
	}{
		{"893110130226", nil, "2026-05-31", "0"},
		{"893111130226", nil, "2026-05-31", "1"},
		{"893110130226", []string{"Etomidate"}, "2026-05-31", "0"},
		{"893110130226", []string{"Etomidate"}, "2026-06-01", "2"},
		{"VD-12345-17", []string{"paracetamol", " CARISOPRODOL "}, "2026-06-01", "2"},
		{"VD-12345-17", []string{"carisoprodol"}, "2026-05-31", ""},
		{"893119130226", nil, "2026-06-01", ""}, // a value that the annex does not have yet
	} {
		got, ok := codes.Control(number(c.number), c.substances, vietnam(t, c.day))
		if got.Code != c.code || ok != (c.code != "") {
			t.Errorf("%s %q on %s is %q, %v, want %q", c.number, c.substances, c.day, got.Code, ok, c.code)
		}
	}
}

func TestLoadCodes(t *testing.T) {
	const rest = `"name":"n","source":"s","confidence":"H"}`
	for _, c := range []struct{ name, file, want string }{
		{"fine", "# a comment\n\n" + `{"list":"l","code":"1",` + rest, ""},
		{"one after the other", `{"list":"l","code":"1","to":"2025-07-01",` + rest + "\n" + `{"list":"l","code":"1","from":"2025-07-01",` + rest, ""},
		{"two at once", `{"list":"l","code":"1","to":"2025-07-02",` + rest + "\n" + `{"list":"l","code":"1","from":"2025-07-01",` + rest,
			`lienthong: codes: line 2: l "1" means "n" on the same day`},
		{"not JSON", "\n{", "lienthong: codes: line 2: unexpected EOF"},
		{"unknown field", `{"lost":"l","code":"1",` + rest, `lienthong: codes: line 1: json: unknown field "lost"`},
		{"no list", `{"code":"1",` + rest, "lienthong: codes: line 1: want list, code and name"},
		{"no source", `{"list":"l","code":"1","name":"n","confidence":"H"}`, "lienthong: codes: line 1: want source, and confidence H, M or L"},
		{"a guess", `{"list":"l","code":"1","name":"n","source":"s","confidence":"?"}`, "lienthong: codes: line 1: want source, and confidence H, M or L"},
		{"two values", `{"list":"l","code":"1",` + rest + "{}", "lienthong: codes: line 1: more than one value"},
		{"backwards", `{"list":"l","code":"1","from":"2025-07-01","to":"2025-07-01",` + rest, "lienthong: codes: line 1: ends before it begins"},
		{"no day", `{"list":"l","code":"1","from":"1/7/2025",` + rest, `lienthong: codes: line 1: day "1/7/2025": want one such as 2025-07-01`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := lienthong.LoadCodes(strings.NewReader(c.file))
			if got := ""; err != nil {
				got = err.Error()
				if got != c.want {
					t.Errorf("error %q, want %q", got, c.want)
				}
			} else if c.want != "" {
				t.Errorf("no error, want %q", c.want)
			}
		})
	}
}

func FuzzLoadCodes(f *testing.F) {
	f.Add(`{"list":"l","code":"1","name":"n","source":"s","confidence":"H","from":"2025-07-01"}`)
	f.Fuzz(func(t *testing.T, s string) { lienthong.LoadCodes(strings.NewReader(s)) })
}
