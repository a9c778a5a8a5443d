package scanner

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestLayoutRows has 47 keys in each row, and each row types the letters.
func TestLayoutRows(t *testing.T) {
	for _, l := range layoutRows {
		for shift, row := range l.rows {
			if n := utf8.RuneCountInString(row); n != len(usKeys[shift]) {
				t.Errorf("%s: %d keys, want %d", l.name, n, len(usKeys[shift]))
			}
			for c := 'a'; c <= 'z'; c++ {
				letter := c - 'a'*rune(shift) + 'A'*rune(shift)
				if strings.Count(row, string(letter)) != 1 {
					t.Errorf("%s: %c is on %d keys of a row", l.name, letter, strings.Count(row, string(letter)))
				}
			}
		}
	}
}

// TestLayoutUntype undoes what was typed. A character that has no key is lost,
// and so is what a dead key at the end waits for.
func TestLayoutUntype(t *testing.T) {
	texts := []string{"0108935000000007", "17271231", "10L26-04", "21xyzXYZ", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
		"A.B,C-D/E;F:G_H?", "(1)", "1+1=2", "'a'e", "\"a\"o", "[a[e", "=a=e", "a\x1db"}
	for _, l := range layoutRows {
		m := layoutOf(l.name)
		for _, s := range texts {
			typed := l.name.Type(s)
			got, ok := m.untype(typed)
			if !ok || got != s {
				// Two keys may give the same character; then typing it again must.
				if !ok || l.name.Type(got) != typed {
					t.Errorf("%s: %q types %q, which is undone to %q %v", l.name, s, typed, got, ok)
				}
			}
		}
	}
}

func TestLayoutRules(t *testing.T) {
	for _, c := range []struct {
		rule       string
		layout     Layout
		keys, want string
	}{
		{"US changes nothing", US, "a-Z]'", "a-Z]'"},
		{"QWERTZ exchanges y and z", QWERTZ, "yzYZ", "zyZY"},
		{"QWERTZ symbols", QWERTZ, "-/_()", "ß-?)="},
		{"AZERTY digits", AZERTY, "6130760003769", "-&\"àè-ààà\"è-ç"},
		{"AZERTY letters", AZERTY, "QWAZqwazMm", "AZQWazqw?,"},
		{"Czech digits", Czech, "0123456789", "é+ěščřžýáí"},
		{"Italian minus", Italian, "-", "'"},
		{"Spanish dead key and a letter", Spanish, "'a", "á"},
		{"a dead key and another character", Spanish, "'7", "´7"},
		{"a dead key at the end", QWERTZ, "1=", "1´"},
		{"a dead key and a blank", QWERTZ, "= 1", "´1"},
		{"a dead key twice", QWERTZ, "==", "´´"},
		{"digits of the Vietnamese layout", Vietnamese, "1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ"},
		{"control characters pass", AZERTY, "\x1d\r", "\x1d\r"},
		{"a key without a character", AZERTY, "a~b", "qb"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := c.layout.Type(c.keys); got != c.want {
				t.Errorf("%v.Type(%q) = %q, want %q", c.layout, c.keys, got, c.want)
			}
		})
	}
}
