package scanner_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

var fuzzProfiles = []*scanner.Profile{
	nil,
	scanner.MedicinePack(),
	{InputMethod: scanner.Telex},
	{InputMethod: scanner.SimpleTelex, Expect: []gs1.AI{"01", "10"}},
	{InputMethod: scanner.VNI, Separators: []string{"{GS}", "|"}},
	{Layout: scanner.AZERTY, CapsLock: true},
	{Layout: scanner.Vietnamese, InputMethod: scanner.Telex},
	{Separators: []string{"029"}, Prefix: "*", Suffix: "#"},
	{Separators: []string{"\x1d"}, MaxLength: 60},
	{Keys: map[string]string{"é": "2", "ab": "c"}, CaseLost: true},
}

var fuzzSeeds = []string{
	packA, packB, "]d2" + packA, "\x1d" + packA, packA + "\r\n", "\x02" + packA + "\x03",
	strings.ReplaceAll(packA, "\x1d", ""), strings.ReplaceAll(packA, "\x1d", "{GS}"), strings.ReplaceAll(packA, "\x1d", "029"),
	"(01)08935000000007(17)271231(10)ABC123", "[01] 08935000000007\n[10] A", "8935000000007", "]E08935000000007",
	"https://id.gs1.org/01/08935000000007/10/A?17=271231", "]D20108935000000007\x1d10abC", "C1" + packA, "]C0" + packA,
	"010893500000000710ÁẾ\x1d21ĐƯ", "ưd2" + packA, "à&à_ç\"(ààààààààè", "\xe80108935000000007", "０１０８９３５０００００００７",
	packA + packA, "]d2" + packA + "]d2" + packB, "é+éáíšřééééééééý+ýěý+ěš++éABC", "\x00\x01\x02\xff\xfe", "01089350000000071010101010101010101010101021",
}

func FuzzInterpret(f *testing.F) {
	for i, s := range fuzzSeeds {
		f.Add(s, uint8(i))
		f.Add(s, uint8(0))
		f.Add(s, uint8(1))
	}
	f.Fuzz(func(t *testing.T, raw string, n uint8) {
		p := fuzzProfiles[int(n)%len(fuzzProfiles)]
		r := scanner.Interpret(raw, p)
		outcomes := 0
		for _, is := range []bool{r.Certain, len(r.Candidates) > 0, r.Err != nil} {
			if is {
				outcomes++
			}
		}
		if outcomes != 1 {
			t.Fatalf("%q: %d outcomes: %+v", raw, outcomes, r)
		}
		valid := func(m gs1.Message) {
			if m.Symbology[0] == 'E' || m.AddOn != "" || isURL(raw) {
				return
			}
			again, err := gs1.Parse(m.ElementString())
			if err != nil || len(again.Elements) != len(m.Elements) {
				t.Fatalf("%q: %v is no message: %v", raw, m, err)
			}
		}
		places := func(list []scanner.Repair) {
			for _, x := range list {
				if x.At < -1 || x.At > len(raw)*2 || x.Kind == 0 {
					t.Fatalf("%q: repair %+v", raw, x)
				}
			}
		}
		if r.Certain {
			valid(r.Message)
			places(r.Repairs)
		}
		for _, c := range r.Candidates {
			valid(c.Message)
			places(c.Repairs)
			if len(c.Doubts) == 0 {
				t.Fatalf("%q: a candidate without doubt: %+v", raw, c)
			}
		}
		if r.Words("vi") == "" || r.Words("en") == "" {
			t.Fatal("no words")
		}
		if again := scanner.Interpret(raw, p); !reflect.DeepEqual(r, again) {
			t.Fatalf("%q: %+v, then %+v", raw, r, again)
		}
	})
}

func isURL(s string) bool { return strings.Contains(strings.ToLower(s), "http") }

func FuzzReader(f *testing.F) {
	for i, s := range fuzzSeeds {
		f.Add([]byte(s+"\r"+packA+"\r"), uint8(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, n uint8) {
		profile := scanner.Profile{Idle: -1, MaxLength: 200}
		if p := fuzzProfiles[int(n)%len(fuzzProfiles)]; p != nil {
			profile = *p
			profile.Idle = -1
		}
		read := func(src io.Reader) (list []scanner.Reading) {
			r := scanner.NewReader(src, &profile)
			for {
				reading, err := r.Next(context.Background())
				if err != nil {
					if !errors.Is(err, io.EOF) {
						t.Fatal(err)
					}
					return list
				}
				list = append(list, reading)
				if len(list) > len(data)+1 {
					t.Fatal("more scans than bytes")
				}
			}
		}
		whole := read(bytes.NewReader(data))
		bits := read(iotest.OneByteReader(bytes.NewReader(data)))
		if !reflect.DeepEqual(whole, bits) {
			t.Fatalf("%q: %+v in one piece, %+v in bytes", data, whole, bits)
		}
	})
}

// FuzzType types keys, and the text with the method named: the reading may be
// uncertain, but never certain and something else.
func FuzzType(f *testing.F) {
	f.Add("ABC123", "SN0000000001", uint8(1))
	f.Add("LOTAXE9", "d9dd", uint8(2))
	f.Add("wW[]", "a11uow7", uint8(3))
	f.Fuzz(func(t *testing.T, lot, serial string, n uint8) {
		method := scanner.InputMethod(1 + n%3)
		truth := "010893500000000717271231" + "10" + lot + "\x1d21" + serial
		m, err := gs1.Parse(truth)
		if err != nil || len(m.Elements) != 4 || m.ElementString() != truth || !utf8.ValidString(truth) {
			return
		}
		p := scanner.MedicinePack()
		p.InputMethod = method
		text := method.Type(truth)
		if r := scanner.Interpret(text, p); r.Certain && r.Message.ElementString() != truth {
			t.Fatalf("%v: %q typed as %q is read as %q", method, truth, text, r.Message.ElementString())
		}
	})
}

func FuzzCalibrate(f *testing.F) {
	sheet := wedge{method: scanner.Telex, separator: "\x1d", suffix: "\r"}.sheet()
	f.Add(sheet[0], sheet[1], sheet[2], sheet[3])
	f.Add("", "", "", "")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		p, diagnosis, err := scanner.Calibrate([]string{a, b, c, d})
		if err == nil && (p.Validate() != nil || len(diagnosis.Words("vi")) == 0) {
			t.Fatalf("%+v: %v", p, p.Validate())
		}
	})
}
