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
			p = p.and(costIdentifier, NotMarkedGS1, repair)
			if in.brackets(gs1.Symbology{}, body, p) {
				return
			}
			if isGTIN(body.s) {
				in.bareGTIN(body, p)
			}
			in.body(gs1.Symbology{}, body, p)
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
