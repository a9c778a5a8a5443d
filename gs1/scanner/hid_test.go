package scanner_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dauvet/dauvet/gs1/scanner"
)

// hidType returns the reports of a reader that types s on US keys, with GS as
// Ctrl+] or as Alt+029.
func hidType(s string, altCodes bool) []byte {
	const plain = "abcdefghijklmnopqrstuvwxyz1234567890\r\x1b\x08\t -=[]\\\x00;'`,./"
	const shifted = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\r\x1b\x08\t _+{}|\x00:\"~<>?"
	var b bytes.Buffer
	report := func(mods, key byte) { b.Write([]byte{mods, 0, key, 0, 0, 0, 0, 0}) }
	for _, c := range []byte(s) {
		switch {
		case c == 0x1d && altCodes:
			for _, key := range []byte{0x62, 0x5a, 0x61} { // 0 2 9
				report(0x04, key)
				report(0x04, 0)
			}
			report(0, 0)
		case c == 0x1d:
			report(0x01, 0x30)
			report(0, 0)
		default:
			if i := strings.IndexByte(plain, c); i >= 0 {
				report(0, byte(i+4))
			} else if i := strings.IndexByte(shifted, c); i >= 0 {
				report(0x02, byte(i+4))
			}
			report(0, 0)
		}
	}
	return b.Bytes()
}

func TestHIDKeyboard(t *testing.T) {
	all := `]d2abcXYZ0123456789 -=[]\;'` + "`,./~!@#$%^&*()_+{}|:\"<>?\x1d\r"
	for _, altCodes := range []bool{false, true} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "with error": iotest.DataErrReader,
		} {
			got, err := io.ReadAll(scanner.HIDKeyboard(wrap(bytes.NewReader(hidType(all, altCodes)))))
			if err != nil || string(got) != all {
				t.Errorf("%s, Alt codes %v: %q %v, want %q", name, altCodes, got, err, all)
			}
		}
	}
}

// TestHIDKeyboardRollOver keeps a key down while the next one goes down.
func TestHIDKeyboardRollOver(t *testing.T) {
	in := []byte{0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 5, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 5, 4, 0, 0, 0, 0, 1, 1, 1}
	got, err := io.ReadAll(scanner.HIDKeyboard(bytes.NewReader(in)))
	if err != nil || string(got) != "aba" {
		t.Errorf("%q %v, want \"aba\"", got, err)
	}
}

func TestHIDKeyboardScans(t *testing.T) {
	r := scanner.NewReader(scanner.HIDKeyboard(bytes.NewReader(hidType(packA+"\r"+packB+"\r", true))), nil)
	got := outcomes(t, r)
	if len(got) != 2 || got[0] != packA || got[1] != packB {
		t.Errorf("%q", got)
	}
}
