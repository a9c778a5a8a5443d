package scanner

import (
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// brackets reads human readable text such as "(01) 0893… (10) A", also in
// square brackets and over several lines. It reports whether the text is such.
func (in *interpreter) brackets(id gs1.Symbology, t text, p path) bool {
	s := t.s
	if len(s) < 5 || s[0] != '(' && s[0] != '[' {
		return false
	}
	open, shut := s[0], byte(')')
	if open == '[' {
		shut = ']'
	}
	if bracketAI(s, open, shut) == 0 {
		return false
	}
	var b strings.Builder
	inside := false
	for i := 0; i < len(s); {
		n := bracketAI(s[i:], open, shut)
		if n == 0 {
			return false
		}
		end := i + n
		for end < len(s) && bracketAI(s[end:], open, shut) == 0 {
			end++
		}
		value := strings.Trim(s[i+n:end], " \t\r\n\x1d")
		inside = inside || strings.IndexByte(value, open) >= 0 || strings.IndexByte(value, shut) >= 0
		if b.Len() > 0 {
			b.WriteByte(gs)
		}
		b.WriteString(s[i+1 : i+n-1])
		b.WriteString(value)
		i = end
	}
	var doubt Doubt
	if inside {
		doubt = MaybeBracket
	}
	p = p.and(0, doubt, Repair{Kind: Brackets, At: t.where(0), Was: s})
	in.add(id, b.String(), p.repairs, p.doubts, p.cost)
	return true
}

// bracketAI returns the length of an AI in brackets at the start of s, or 0.
func bracketAI(s string, open, shut byte) int {
	if s[0] != open {
		return 0
	}
	n := strings.IndexByte(s[:min(len(s), 6)], shut)
	if n < 3 || lookupAI(s[1:n]) == nil || int(lookupAI(s[1:n]).length) != n-1 {
		return 0
	}
	return n + 1
}
