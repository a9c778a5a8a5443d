package datamatrix

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestMeaning has the cases in which readers go wrong: what a symbol says depends on where FNC1 stands among the
// codewords, not among the characters.
func TestMeaning(t *testing.T) {
	ascii := func(s string) []byte {
		b := []byte(s)
		for i := range b {
			b[i]++
		}
		return b
	}
	cat := func(parts ...[]byte) []byte {
		var all []byte
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	scrambled := func(at int, run ...byte) []byte { // a base 256 run at a codeword
		b := []byte{cwBase256}
		for i, v := range run {
			b = append(b, v+byte(149*(at+i+2)%255+1))
		}
		return b
	}
	F := []byte{cwFNC1}
	type result struct {
		Scan, Text              string
		GS1, Init               bool
		Sequence, Count, FileID int
	}
	for _, tt := range []struct {
		name string
		cw   []byte
		want result
	}{
		{"GS1", cat(F, []byte{131, 140}, ascii("ABC"), F, []byte{151}, ascii("X")), result{Scan: "]d20110ABC\x1d21X", Text: "0110ABC\x1d21X", GS1: true}},
		{"plain with separator after two pairs", cat([]byte{142, 164}, F, []byte{186}), result{Scan: "]d11234\x1d56", Text: "1234\x1d56"}},
		{"plain with separator after four letters", cat(ascii("ABCD"), F, ascii("EF")), result{Scan: "]d1ABCD\x1dEF", Text: "ABCD\x1dEF"}},
		{"two late separators", cat(ascii("ABCDE"), F, F), result{Scan: "]d1ABCDE\x1d\x1d", Text: "ABCDE\x1d\x1d"}},
		{"AIM with a digit pair", cat([]byte{142}, F, []byte{164}), result{Scan: "]d31234", Text: "1234"}},
		{"AIM with a letter", cat(ascii("K"), F, ascii("x")), result{Scan: "]d3Kx", Text: "Kx"}},
		{"second position after another character", cat(ascii("1"), F, ascii("x")), result{Scan: "]d11\x1dx", Text: "1\x1dx"}},
		{"structured append before GS1", cat([]byte{cwAppend, 0x1e, 1, 2}, F, []byte{131, 140}), result{Scan: "]d20110", Text: "0110", GS1: true, Sequence: 2, Count: 3, FileID: 258}},
		{"structured append, file id 250", cat([]byte{cwAppend, 0x0f, 250, 250}, ascii("A")), result{Scan: "]d1A", Text: "A", Sequence: 1, Count: 2, FileID: 250<<8 | 250}},
		{"structured append without count", cat([]byte{cwAppend, 0x20, 1, 1}, ascii("A")), result{Scan: "]d1A", Text: "A", Sequence: 3, FileID: 257}},
		{"ECI UTF-8", cat([]byte{cwECI, 27, cwUpper, 0xc3 - 127, cwUpper, 0xa9 - 127}), result{Scan: "]d4\\000026\xc3\xa9", Text: "é"}},
		{"ECI UTF-8 in base 256", cat([]byte{cwECI, 27}, scrambled(2, 2, 0xc3, 0xa9)), result{Scan: "]d4\\000026\xc3\xa9", Text: "é"}},
		{"base 256 without ECI is UTF-8 if it can be", scrambled(0, 2, 0xc3, 0xa9), result{Scan: "]d1\xc3\xa9", Text: "é"}},
		{"base 256 without ECI is Latin-1 otherwise", scrambled(0, 2, 0xc3, 0x41), result{Scan: "]d1\xc3A", Text: "ÃA"}},
		{"two ECIs", cat([]byte{cwECI, 8, cwUpper, 0xb6 - 127, cwECI, 4, cwUpper, 0xe9 - 127}), result{Scan: "]d4\\000007\xb6\\000003\xe9", Text: "Жé"}},
		{"ECI not known", cat([]byte{cwECI, 15}, ascii("A"), []byte{cwUpper, 0xe9 - 127}), result{Scan: "]d4\\000014A\xe9", Text: "A\ufffd"}},
		{"ECI doubles backslashes", cat(ascii("\\"), []byte{cwECI, 8, cwUpper, 0xb6 - 127}, ascii("\\")), result{Scan: "]d4\\\\\\000007\xb6\\\\", Text: "\\Ж\\"}},
		{"ECI of two codewords", cat([]byte{cwECI, 242 - 100 + 40, 1}, ascii("A")), result{Scan: "]d4\\013843A", Text: "A"}},
		{"ECI of three codewords", cat([]byte{cwECI, 207, 63, 129}, ascii("A")), result{Scan: "]d4\\999999A", Text: "A"}},
		{"ECI and GS1", cat(F, []byte{cwECI, 27}, []byte{131}), result{Scan: "]d5\\00002601", Text: "01", GS1: true}},
		{"macro 05", cat([]byte{cwMacro05}, ascii("A")), result{Scan: "]d1[)>\x1e05\x1dA\x1e\x04", Text: "[)>\x1e05\x1dA\x1e\x04"}},
		{"macro around UTF-16", cat([]byte{cwMacro05, cwECI, 26}, []byte{1, 'A' + 1}), result{Scan: "]d4[)>\x1e05\x1d\\000025\x00A\x1e\x04", Text: "[)>\x1e05\x1dA\x1e\x04"}},
		{"macro 06", cat([]byte{cwMacro06}, ascii("A")), result{Scan: "]d1[)>\x1e06\x1dA\x1e\x04", Text: "[)>\x1e06\x1dA\x1e\x04"}},
		{"reader programming", cat([]byte{cwReader}, ascii("$I")), result{Scan: "]d1$I", Text: "$I", Init: true}},
		{"upper shift is Latin-1", []byte{cwUpper, 0xe9 - 127}, result{Scan: "]d1\xe9", Text: "é"}},
		{"padding ends the message", cat(ascii("A"), []byte{cwPad, 70, 200}), result{Scan: "]d1A", Text: "A"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m, err := parseMessage(tt.cw, message{})
			if err != nil {
				t.Fatal(err)
			}
			var s Symbol
			s.say(&m)
			got := result{s.ScanData, s.Text, s.GS1, s.ReaderInit, s.Sequence, s.Count, s.FileID}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestNoMessage(t *testing.T) {
	for _, tt := range []struct {
		name string
		cw   []byte
	}{
		{"codeword 0", []byte{0}},
		{"ECI cut off", []byte{cwECI}},
		{"ECI of 242", []byte{cwECI, 242, 1, 1}},
		{"ECI above 999999", []byte{cwECI, 207, 63, 130}},
		{"ECI cut off in its number", []byte{cwECI, 200, 1}},
		{"structured append cut off", []byte{cwAppend, 1}},
		{"structured append later", []byte{66, cwAppend, 1, 1, 1}},
		{"macro later", []byte{66, cwMacro05}},
		{"not used", []byte{66, 245, 66}},
		{"upper shift at the end", []byte{cwUpper}},
		{"upper shift before a latch", []byte{cwUpper, cwC40, 1, 1}},
		{"C40 triple too large", []byte{cwC40, 253, 255, cwUnlatch}},
		{"base 256 too long", []byte{cwBase256, 50, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if m, err := parseMessage(tt.cw, message{}); err == nil {
				t.Errorf("got %q", m.bytes)
			}
		})
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte{232, 131, 140, 230, 89, 233, 254, 129})
	f.Add([]byte{240, 10, 20, 30, 40, 50, 60, 70})
	f.Add([]byte{231, 50, 60, 70, 239, 1, 2, 238, 3, 4})
	f.Add([]byte{233, 0x1e, 1, 1, 241, 200, 3, 4})
	f.Add([]byte{241, 207, 63, 129, 241, 27, 235, 68, 241, 26, 66})
	f.Fuzz(func(t *testing.T, cw []byte) {
		m, err := parseMessage(cw, message{})
		if err == nil {
			var s Symbol
			s.say(&m)
			if !utf8.ValidString(s.Text) {
				t.Errorf("text %q", s.Text)
			}
		}
	})
}
