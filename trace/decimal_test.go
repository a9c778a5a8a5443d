package trace

import (
	"math/big"
	"regexp"
	"testing"
)

// What is a decimal number, and which, is what a regular expression and math/big say of every short text; and text that
// is none stands in the event hash as it is.
func TestDecimal(t *testing.T) {
	grammar := regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
	canonical := regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$`)
	var try func(s string)
	try = func(s string) {
		if is := grammar.MatchString(s); isDecimal(s) != is {
			t.Errorf("isDecimal(%q) = %t", s, !is)
		} else if d := decimal(s); !is {
			if d != s || canonicalValue(Value{Text: s}) != s {
				t.Errorf("%q is no number, and hashed as %q", s, canonicalValue(Value{Text: s}))
			}
		} else {
			want, _ := new(big.Rat).SetString(s)
			got, ok := new(big.Rat).SetString(d)
			if !ok || got.Cmp(want) != 0 || !canonical.MatchString(d) || canonicalValue(Value{Text: s}) != d {
				t.Errorf("decimal(%q) = %q", s, d)
			}
		}
		if len(s) < 5 {
			for _, c := range "012+-.eEx" {
				try(s + string(c))
			}
		}
	}
	try("")
}
