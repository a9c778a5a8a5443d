package datamatrix_test

import (
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/datamatrix"
)

// parsed is the element string that package gs1 makes of one, or "" when it refuses it.
func parsed(s string) string {
	p := gs1.Parser{Unpaired: true}
	m, err := p.Parse("]d2" + s)
	if err != nil || strings.Contains(s, "|") { // of a composite symbol
		return ""
	}
	return m.ElementString()
}

// TestEncodeCharacters: Encode takes every character that package gs1 takes in an AI of each of its character sets.
func TestEncodeCharacters(t *testing.T) {
	for _, tt := range []struct {
		name, before, after string
		want                int // characters allowed
	}{
		{"82", "10", "", 82},
		{"39", "8010952123454", "\x1d8011123", 39},
		{"64", "8030A", "", 64},
	} {
		n := 0
		for c := range 256 {
			s := tt.before + string([]byte{byte(c)}) + tt.after
			if c == 0x1d || parsed(s) == "" {
				continue
			}
			n++
			if _, err := datamatrix.Encode(s, nil); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
		t.Logf("character set %s: %d characters", tt.name, n)
		if n < tt.want {
			t.Errorf("character set %s: %d characters, want %d", tt.name, n, tt.want)
		}
	}
}

// FuzzEncode writes what package gs1 parses. Encode takes all of it, and has read it back.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"0109521234543213", "010952123454321310ABC\x1d21x(1)", "8010952123454#-/\x1d8011123", "00095212345678901231",
		"0109521234543213\x1d10A\x1d", "\x1d99\"%&'()*+,-./:;<=>?_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if parsed(s) == "" || len(s) > 1500 {
			return
		}
		for _, text := range []string{s, parsed(s)} {
			if _, err := datamatrix.Encode(text, nil); err != nil {
				t.Error(err)
			}
		}
	})
}
