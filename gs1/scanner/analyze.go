package scanner

import (
	"strings"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
)

// Costs of repairs and doubts in tenths of nats.
const (
	costIdentifier = 10
	costCase       = 60
	costMethod     = 40
	costLayout     = 60
	costShift      = 80
	costSpelling   = 20
	costLost       = 15 // for each separator that was lost
	costMixed      = 30
	costTwoScans   = 40
	costBare       = 5
	costForeign    = 30
)

// A path is a reading in progress: the repairs and doubts that lead to a text.
type path struct {
	repairs []Repair
	doubts  []Doubt
	cost    int
}

// and returns the path with one more step. Slices are never shared for
// appending.
func (p path) and(cost int, doubt Doubt, repairs ...Repair) path {
	p.repairs = append(p.repairs[:len(p.repairs):len(p.repairs)], repairs...)
	if doubt != 0 {
		p.doubts = append(p.doubts[:len(p.doubts):len(p.doubts)], doubt)
	}
	p.cost += cost
	return p
}

// analyze records what a text may be when no keyboard path changed it.
func (in *interpreter) analyze(t text, p path) {
	if t.s == "" {
		return
	}
	if in.severalScans(t, p) {
		return
	}
	if isLink(t.s) {
		in.add(gs1.Symbology{}, t.s, p.repairs, p.doubts, p.cost)
		return
	}
	if in.brackets(gs1.Symbology{}, t, p) {
		return
	}
	if isGTIN(t.s) {
		in.bareGTIN(t, p)
	}
	in.identifier(t, p)
}

// bareGTIN records the digits of an EAN/UPC or ITF symbol that came without
// symbology identifier. Digits that begin like an element string may be half of
// one.
func (in *interpreter) bareGTIN(t text, p path) {
	repair := Repair{Kind: BareGTIN, At: t.where(0), Was: t.s, Is: "01"}
	gtin := "01" + strings.Repeat("0", 14-len(t.s)) + t.s
	var doubt Doubt
	if t.s[0] == '0' || in.element(t.s) && !in.unexpected(t.s[:2]) {
		doubt = MaybeGTIN
	}
	p = p.and(costBare, doubt, repair)
	in.add(gs1.Symbology{}, gtin, p.repairs, p.doubts, p.cost)
}

// unexpected reports whether there are expected AIs and ai is none of them.
func (in *interpreter) unexpected(ai string) bool {
	for _, e := range in.p.Expect {
		if string(e) == ai {
			return false
		}
	}
	return len(in.p.Expect) > 0
}

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

// marksGS1 reports whether the two characters behind "]" say that element
// strings follow (GS1 General Specifications figure 5.1.2-2).
func marksGS1(id string) bool {
	switch id {
	case "C1", "d2", "d5", "Q3", "Q4", "J1", "J4", "z1", "z4", "e0", "e1", "e2":
		return true
	}
	return false
}

// marksGTIN reports whether the two characters say that a GTIN follows.
func marksGTIN(id string) bool {
	switch id {
	case "E0", "E1", "E2", "E3", "E4", "I1":
		return true
	}
	return false
}

// identifier takes the symbology identifier off a text and goes on with the
// element string behind it.
func (in *interpreter) identifier(t text, p path) {
	if len(t.s) > 3 && t.s[0] == ']' {
		id, body := t.s[1:3], t.slice(3, len(t.s))
		switch {
		case marksGS1(id):
			in.body(gs1.Symbology{id[0], id[1]}, body, p)
			return
		case marksGTIN(id) && in.add(gs1.Symbology{id[0], id[1]}, body.s, p.repairs, p.doubts, p.cost):
			return
		case marksGS1(swapCase(id)) || marksGTIN(swapCase(id)):
			in.inverted(t, p)
			return
		}
		repair := Repair{Kind: Identifier, At: t.where(0), Was: t.s[:3]}
		if 'a' <= id[0]|0x20 && id[0]|0x20 <= 'z' && id[1] < 0x80 {
			if in.brackets(gs1.Symbology{}, body, p.and(costIdentifier, NotMarkedGS1, repair)) {
				return
			}
			in.body(gs1.Symbology{}, body, p.and(costIdentifier, NotMarkedGS1, repair))
			return
		}
	}
	if len(t.s) > 2 && (marksGS1(t.s[:2]) || marksGTIN(t.s[:2])) { // the bracket was lost
		id := gs1.Symbology{t.s[0], t.s[1]}
		repair := Repair{Kind: Identifier, At: t.where(0), Was: t.s[:2], Is: id.String()}
		if marksGTIN(t.s[:2]) {
			q := p.and(costIdentifier, NotMarkedGS1, repair)
			in.add(id, t.s[2:], q.repairs, q.doubts, q.cost)
		} else {
			in.body(id, t.slice(2, len(t.s)), p.and(costIdentifier, NotMarkedGS1, repair))
		}
	}
	in.body(gs1.Symbology{}, t, p)
}

// inverted goes on with a text whose symbology identifier is in the wrong case.
// That proves Caps Lock, unless a setting of the reader made all letters upper
// or lower case: then no letter of the other case arrives.
func (in *interpreter) inverted(t text, p path) {
	upper, lower := false, false
	for _, r := range t.s[3:] {
		upper = upper || 'A' <= r && r <= 'Z'
		lower = lower || 'a' <= r && r <= 'z'
	}
	proven := !upper && !lower
	if 'A' <= t.s[1] && t.s[1] <= 'Z' {
		proven = proven || lower
	} else {
		proven = proven || upper
	}
	s := swapCase(t.s)
	id := gs1.Symbology{s[1], s[2]}
	repair := Repair{Kind: CaseInverted, At: t.where(1), Was: t.s[:3], Is: s[:3]}
	body := t.slice(3, len(t.s))
	swapped := body
	swapped.s = s[3:]
	if marksGTIN(s[1:3]) {
		in.add(id, swapped.s, append(p.repairs, repair), p.doubts, p.cost)
		return
	}
	if proven {
		in.body(id, swapped, p.and(0, 0, repair))
		return
	}
	in.body(id, body, p.and(0, MaybeCase, Repair{Kind: Identifier, At: t.where(1), Was: t.s[:3], Is: s[:3]}))
	in.body(id, swapped, p.and(costCase, MaybeCase, repair))
}

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

// body reads an element string, of which only the separators may be wrong.
func (in *interpreter) body(id gs1.Symbology, t text, p path) {
	if len(in.p.Separators) > 0 {
		if in.namedSeparators(id, t, p) {
			return
		}
	}
	if in.brackets(id, t, p) {
		return
	}
	before := len(in.found)
	has := strings.IndexByte(strings.Trim(t.s, "\x1d"), gs) >= 0
	if has {
		in.separated(id, t, p)
	} else {
		in.spelled(id, t, p)
	}
	if len(in.found) == before || !in.certain() {
		if !has && len(in.p.Separators) == 0 {
			in.legalSpelling(id, t, p, legalSpellings)
			in.anySymbol(id, t, p)
		}
		if !in.certain() {
			in.divide(id, t, p)
		}
	}
}

// separated reads an element string with GS.
func (in *interpreter) separated(id gs1.Symbology, t text, p path) {
	s, doubled := single(t.s)
	if doubled >= 0 {
		p = p.and(0, 0, Repair{Kind: SeparatorDoubled, At: t.where(doubled), Was: "\x1d\x1d", Is: "\x1d"})
	}
	if in.whole(id, s, p) {
		return
	}
	// Other characters beside GS that stand where separators would.
	for _, token := range foreignTokens(s) {
		replaced := strings.ReplaceAll(s, token, "\x1d")
		replaced, _ = single(replaced)
		q := p.and(costMixed, MixedSeparators, Repair{Kind: SeparatorSpelled, At: t.where(strings.Index(t.s, token)), Was: token, Is: "\x1d"})
		in.add(id, replaced, q.repairs, q.doubts, q.cost)
	}
}

// whole records an element string with separators as they stand. It is in
// doubt when an expected AI is missing that a lost separator would give.
func (in *interpreter) whole(id gs1.Symbology, s string, p path) bool {
	m, err := in.parser.Parse(id.String() + s)
	if err != nil || len(m.Elements) == 0 || strings.IndexByte(s, '|') >= 0 {
		return false
	}
	switch {
	case id == gs1.Symbology{} && isGTIN(s):
		p = p.and(0, MaybeGTIN)
	case in.doubtful(id.String()+s, &m):
		p = p.and(0, MaybeSeparatorLost)
	}
	in.keep(m, p.repairs, p.doubts, p.cost)
	return true
}

// single drops separators in front, behind and behind others. It returns the
// offset of the first one that followed another, or -1.
func single(s string) (string, int) {
	s = strings.Trim(s, "\x1d")
	at := strings.Index(s, "\x1d\x1d")
	for strings.Contains(s, "\x1d\x1d") {
		s = strings.ReplaceAll(s, "\x1d\x1d", "\x1d")
	}
	return s, at
}

// foreignTokens returns the characters of s that are no data and not GS.
func foreignTokens(s string) []string {
	var tokens []string
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		token := s[i : i+n]
		i += n
		if r == gs || n == 1 && cset82(token[0]) {
			continue
		}
		known := false
		for _, t := range tokens {
			known = known || t == token
		}
		if !known {
			tokens = append(tokens, token)
		}
		if len(tokens) > 3 {
			return nil
		}
	}
	return tokens
}
