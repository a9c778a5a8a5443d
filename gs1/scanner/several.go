package scanner

import (
	"strings"
)

// severalScans handles a text that holds one scan twice, several scans that
// begin with a symbology identifier, or several on lines of their own. It
// reports whether it did.
func (in *interpreter) severalScans(t text, p path) bool {
	n := len(t.s)
	for between := 0; between <= 3; between++ {
		half := (n - between) / 2
		if (n-between)%2 != 0 || half < 16 || t.s[:half] != t.s[n-half:] ||
			strings.Trim(t.s[half:n-half], blanks+"\x1d") != "" {
			continue
		}
		if _, err := in.parser.Parse(t.s[:half]); err != nil {
			if _, err := in.parser.Parse(t.s); err == nil {
				continue
			}
		}
		in.analyze(t.slice(0, half), p.and(0, 0, Repair{Kind: ScannedTwice, At: t.where(half), Was: t.s[half:]}))
		return true
	}
	if in.lines(t, p) {
		return true
	}
	var starts []int
	for i := 0; i+3 <= n; i++ {
		if t.s[i] == ']' && marksGS1(t.s[i+1:i+3]) && (i == 0 || t.s[i-1] != '|') { // | is inside a composite symbol
			starts = append(starts, i)
		}
	}
	if len(starts) < 2 || starts[0] != 0 {
		return false
	}
	parts := make([]text, len(starts))
	same := true
	for i, start := range starts {
		end := n
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		s := t.s[start:end]
		trimmed := strings.TrimRight(s, blanks+"\x1d")
		parts[i] = t.slice(start, start+len(trimmed))
		same = same && parts[i].s == parts[0].s
	}
	if same {
		in.analyze(parts[0], p.and(0, 0, Repair{Kind: ScannedTwice, At: t.where(starts[1]), Was: t.s[starts[1]:]}))
		return true
	}
	for _, part := range parts {
		in.analyze(part, p.and(costTwoScans, MoreThanOneScan, Repair{Kind: TwoScans, At: part.where(0), Was: t.s, Is: part.s}))
	}
	return true
}

// lines handles scans on lines of their own, unless the ends of lines are the
// separators of one scan.
func (in *interpreter) lines(t text, p path) bool {
	isEnd := func(r rune) bool { return r == '\r' || r == '\n' || r == '\t' }
	parts := strings.FieldsFunc(t.s, isEnd)
	if len(parts) < 2 {
		return false
	}
	one, _ := single(strings.Map(func(r rune) rune {
		if isEnd(r) {
			return gs
		}
		return r
	}, t.s))
	if _, err := in.parser.Parse(one); err == nil {
		return false
	}
	for _, part := range parts {
		if _, err := in.parser.Parse(part); err != nil {
			return false
		}
	}
	from := 0
	for _, part := range parts {
		from += strings.Index(t.s[from:], part)
		in.analyze(t.slice(from, from+len(part)), p.and(costTwoScans, MoreThanOneScan, Repair{Kind: TwoScans, At: t.where(from), Was: t.s, Is: part}))
		from += len(part)
	}
	return true
}
