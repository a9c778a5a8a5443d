package lienthong_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/google/go-cmp/cmp"
)

func TestParseSoDangKy(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // the numbers
	}{
		{"893110130226", "893110130226"},
		{"SĐK: 893110130226 (VD-12345-17)", "893110130226 VD-12345-17"},
		{"vd-12345-17", "VD-12345-17"},
		{"VN – 12345 – 18", "VN-12345-18"},
		{"VN1-123-16, VN2-4-17; VN3-56-18", "VN1-123-16 VN2-4-17 VN3-56-18"},
		{"QLSP-H02-1013-17", "QLSP-H02-1013-17"},
		{"QLĐB-123-20 QLDB-124-20", "QLĐB-123-20 QLDB-124-20"},
		{"QLD\u0335B-123-20", "QLĐB-123-20"},
		{"GPNK-12 GC-123-19 DP-1 PB-2 TN-3 SP3-1234-22", "GPNK-12 GC-123-19 DP-1 PB-2 TN-3 SP3-1234-22"},
		{"1234/QLD-KD ngày 5/6/2026", "1234/QLD-KD"},
		{"12345/qld-kd", "12345/QLD-KD"},
		{"", ""},
		{"Paracetamol 500 mg", ""},
		{"8931101302261", ""}, // thirteen digits
		{"A893110130226", ""},
		{"VD", ""},
		{"VD-", ""},
		{"XY-12345-17", ""},
		{"SPX-1-2", ""},
		{"VD-1-2-3-4", ""},
		{"VD-123456789-1", ""},
		{"12/QLD-KD", ""},
	} {
		numbers, err := lienthong.ParseSoDangKy(c.text)
		var got []string
		for _, n := range numbers {
			got = append(got, n.String())
		}
		if s := strings.Join(got, " "); s != c.want || errors.Is(err, lienthong.ErrNoSoDangKy) != (c.want == "") {
			t.Errorf("ParseSoDangKy(%q) = %q, %v, want %q", c.text, s, err, c.want)
		}
	}
}

func TestNewSoDangKy(t *testing.T) {
	numbers, err := lienthong.ParseSoDangKy("893110130226")
	if err != nil {
		t.Fatal(err)
	}
	want := []lienthong.SoDangKy{{
		Number: "893110130226", Country: "893", Group: "1", Prescription: "1", Control: "0", Serial: "1302", Year: "26",
	}}
	if diff := cmp.Diff(want, numbers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !numbers[0].IsNew() {
		t.Error("is not new")
	}
	if m, err := gs1.Parse("893110130226"); err == nil {
		t.Errorf("gs1 takes the registration number for %s", m.HRI())
	}
}

func TestMaThuoc(t *testing.T) {
	for _, c := range []struct{ number, packing, want string }{
		{"VN-12345-18", "lọ 200 viên", "VN1234518lo200vien"},
		{"VN-12345-18-", "lọ 200 viên", "VN1234518lo200vien"},
		{"VN-12345-18", "lo\u0323 200 vie\u0302n", "VN1234518lo200vien"}, // decomposed
		{"QLĐB-1-20", "đường 5 g", "QLDB120duong5g"},
		{"893110130226", "Ống", "893110130226Ong"},
		{"1234/QLD-KD", "hộp–1\u00a0lọ", "1234/QLDKDhop1lo"},
	} {
		if got, err := lienthong.MaThuoc(c.number, c.packing); err != nil || got != c.want {
			t.Errorf("MaThuoc(%q, %q) = %q, %v, want %q", c.number, c.packing, got, err, c.want)
		}
	}
	for _, c := range []struct{ packing, want string }{
		{strings.Repeat("x", 51), "51 characters, at most 50 have room"},
		{"- –", "is empty"},
		{"药", "character '药'"},
	} {
		var bad *lienthong.ValueError
		if _, err := lienthong.MaThuoc("", c.packing); !errors.As(err, &bad) || bad.Field != "ma_thuoc" || bad.Reason != c.want {
			t.Errorf("MaThuoc of %q: %v, want %q", c.packing, err, c.want)
		}
	}
	if got, err := lienthong.MaThuoc("", strings.Repeat("ọ", 50)); err != nil || len(got) != 50 {
		t.Errorf("50 letters: %q, %v", got, err)
	}
}

func TestMaDonThuoc(t *testing.T) {
	m, err := lienthong.ParseMaDonThuoc(" 68a01k3m9q2z-c\n")
	if err != nil {
		t.Fatal(err)
	}
	if m != "68a01k3m9q2z-c" || m.CoSo() != "68A01" || m.Loai() != "C" || !m.Equal("68A01K3M9Q2Z-C") || m.Equal("68001k3m9q2z-C") {
		t.Errorf("%q of %q, kind %q", m, m.CoSo(), m.Loai())
	}
	for _, kind := range "NHCYTnhcyt" {
		if _, err := lienthong.ParseMaDonThuoc("680010000000-" + string(kind)); err != nil {
			t.Errorf("kind %c: %v", kind, err)
		}
	}
	for s, want := range map[string]string{
		"":                "is not 14 characters long",
		"68001k3m9q2z-CC": "is not 14 characters long",
		"68001k3m9q2!-C":  "want letters and digits before the hyphen",
		"68001k3m9q2zxC":  "want a hyphen before the last letter",
		"68001k3m9q2z-X":  "want N, H, C, Y or T at the end",
	} {
		var bad *lienthong.ValueError
		if _, err := lienthong.ParseMaDonThuoc(s); !errors.As(err, &bad) || bad.Reason != want {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
	if m := lienthong.MaDonThuoc("x"); m.CoSo() != "" || m.Loai() != "" {
		t.Error("what is no code has parts")
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add("SĐK 893110130226 (VD-12345-17) 1234/QLD-KD")
	f.Add("68001k3m9q2z-C")
	f.Fuzz(func(t *testing.T, s string) {
		numbers, _ := lienthong.ParseSoDangKy(s)
		for _, n := range numbers { // what is found is found again
			again, err := lienthong.ParseSoDangKy(n.Number)
			if err != nil || len(again) != 1 || again[0] != n {
				t.Errorf("%q gives %q, which gives %v, %v", s, n, again, err)
			}
		}
		if m, err := lienthong.ParseMaDonThuoc(s); err == nil && (len(m.CoSo()) != 5 || len(m.Loai()) != 1) {
			t.Errorf("%q has parts %q and %q", m, m.CoSo(), m.Loai())
		}
		if code, err := lienthong.MaThuoc(s, ""); err == nil && (code == "" || len(code) > 50 || strings.ContainsAny(code, "- ")) {
			t.Errorf("MaThuoc(%q) = %q", s, code)
		}
	})
}
