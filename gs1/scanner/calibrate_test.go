package scanner_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1/scanner"
)

// A wedge is a reader and a computer: it types what the reader reads.
type wedge struct {
	layout         scanner.Layout
	caps           bool
	method         scanner.InputMethod
	separator      string
	prefix, suffix string
	ids            bool
}

func (w wedge) scan(content string, isGS1 bool) string {
	id := ""
	switch {
	case w.ids && isGS1:
		id = "]d2"
	case w.ids:
		id = "]d1"
	}
	parts := strings.Split(id+content, "\x1d")
	for i, s := range parts {
		if w.caps {
			s = swap(s)
		}
		parts[i] = w.method.Type(w.layout.Type(s))
	}
	return w.prefix + strings.Join(parts, w.separator) + w.suffix
}

func swap(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return r ^ 0x20
		}
		return r
	}, s)
}

func (w wedge) sheet() []string {
	var scans []string
	for _, t := range scanner.CalibrationTexts() {
		scans = append(scans, w.scan(t.Text, t.GS1))
	}
	return scans
}

// TestCalibrate scans the sheet through every path and reads packs with the
// profile that comes of it.
func TestCalibrate(t *testing.T) {
	var wedges []wedge
	for _, layout := range append([]scanner.Layout{scanner.US}, scanner.Layouts()...) {
		for _, caps := range []bool{false, true} {
			wedges = append(wedges, wedge{layout: layout, caps: caps, separator: "\x1d", suffix: "\r"})
		}
	}
	for _, m := range []scanner.InputMethod{scanner.NoInputMethod, scanner.Telex, scanner.SimpleTelex, scanner.VNI} {
		for _, separator := range []string{"\x1d", "{GS}", "^]", "|", "", "Alt029"} {
			for _, ids := range []bool{false, true} {
				wedges = append(wedges, wedge{method: m, separator: separator, suffix: "\r\n", prefix: "\x02", ids: ids})
				wedges = append(wedges, wedge{method: m, separator: separator, ids: ids})
			}
		}
	}
	const pack = "010893500000000717271231" + "10B5C-7_x/K" + "\x1d" + "21K3(T)9z"
	for _, w := range wedges {
		name := fmt.Sprintf("%v caps=%v %v sep=%q ids=%v suffix=%q", w.layout, w.caps, w.method, w.separator, w.ids, w.suffix)
		t.Run(name, func(t *testing.T) {
			p, d, err := scanner.Calibrate(w.sheet())
			if err != nil {
				t.Fatal(err)
			}
			if p.Layout != w.layout && !slices.Contains(d.Others, w.layout.String()) && w.method == scanner.NoInputMethod && !w.caps {
				t.Errorf("layout %v, others %v", p.Layout, d.Others)
			}
			if p.InputMethod != w.method || p.CapsLock != w.caps || p.Suffix != w.suffix || p.Prefix != w.prefix {
				t.Errorf("profile %+v", p)
			}
			if d.SeparatorLost != (w.separator == "") || d.Separator != w.separator {
				t.Errorf("separator %q", d.Separator)
			}
			saved, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			var again scanner.Profile
			if err := json.Unmarshal(saved, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, &again); diff != "" {
				t.Errorf("%s (-want +got):\n%s", saved, diff)
			}
			if err := again.Validate(); err != nil {
				t.Error(err)
			}
			r := scanner.Interpret(w.scan(pack, true), &again)
			switch {
			case w.separator == "": // the lot swallows the serial number
				if r.Certain && r.Message.ElementString() != pack {
					t.Errorf("%q is certain", r.Message.ElementString())
				}
			case w.layout == scanner.Czech || w.layout == scanner.Slovak: // 7 may be = and y
				if r.Certain || len(r.Candidates) == 0 || r.Candidates[0].Message.ElementString() != pack {
					t.Errorf("%q is read as %v %v %v", w.scan(pack, true), r.Message, r.Candidates, r.Err)
				}
			case !(r.Certain && r.Message.ElementString() == pack):
				t.Errorf("%q is read as %v %v %v", w.scan(pack, true), r.Message, r.Candidates, r.Err)
			}
		})
	}
}

func TestCalibrateOwnLayout(t *testing.T) {
	// Dvorak is none of the layouts.
	from := "-=qwertyuiop[]asdfghjkl;'zxcvbnm,./_+QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
	to := "[]',.pyfgcrl/=aoeuidhtns-;qjkxbmwvz{}\"<>PYFGCRL?+AOEUIDHTNS_:QJKXBMWVZ"
	dvorak := func(s string) string {
		return strings.Map(func(r rune) rune {
			if i := strings.IndexRune(from, r); i >= 0 {
				return rune(to[i])
			}
			return r
		}, s)
	}
	var scans []string
	for _, c := range scanner.CalibrationTexts() {
		scans = append(scans, dvorak(c.Text)+"\r")
	}
	p, d, err := scanner.Calibrate(scans)
	if err != nil || !d.OwnKeys {
		t.Fatalf("%+v %+v %v", p, d, err)
	}
	r := scanner.Interpret(dvorak(packA)+"\r", p)
	if !r.Certain || r.Message.ElementString() != packA {
		t.Errorf("%+v", r)
	}
}

func TestCalibrateCaseLost(t *testing.T) {
	var scans []string
	for _, c := range scanner.CalibrationTexts() {
		scans = append(scans, strings.ToUpper(c.Text)+"\r")
	}
	p, d, err := scanner.Calibrate(scans)
	if err != nil || !d.CaseLost || !p.CaseLost {
		t.Fatalf("%+v %+v %v", p, d, err)
	}
	if r := scanner.Interpret(packA, p); r.Certain || len(r.Candidates) == 0 {
		t.Errorf("a reading with letters is certain: %+v", r)
	}
	if r := scanner.Interpret("0108935000000007", p); !r.Certain {
		t.Errorf("digits have no case: %+v", r)
	}
}

func TestCalibrateFails(t *testing.T) {
	for _, scans := range [][]string{nil, {"a", "b", "c", "d"}, {"", "", "", ""}, slices.Repeat([]string{strings.Repeat("a", 200)}, 4)} {
		if _, _, err := scanner.Calibrate(scans); !errors.Is(err, scanner.ErrCalibration) {
			t.Errorf("Calibrate(%q) = %v", scans, err)
		}
	}
}

func TestDiagnosisWords(t *testing.T) {
	_, d, err := scanner.Calibrate(wedge{method: scanner.Telex, suffix: "\r"}.sheet())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"The input method telex is on and damages codes: turn it off, or set the scanner to USB-COM mode.",
		"The separator is lost: set the scanner to send the character GS (ASCII 29)."}
	if diff := cmp.Diff(want, d.Words("en")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(d.Words("vi")) != 2 {
		t.Errorf("%q", d.Words("vi"))
	}
}
