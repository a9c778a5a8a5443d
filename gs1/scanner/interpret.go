package scanner

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
)

const (
	maxCandidates = 10
	maxRepaired   = 320 // bytes of a scan beyond which nothing is repaired
)

// Interpret returns what one scan means, as it arrived without the device's
// Reader, say from a keyboard hook or a text field. A nil profile means factory
// settings. Interpret may be called by several goroutines at once.
func Interpret(raw string, p *Profile) Reading {
	if p == nil {
		p = &factory
	}
	in := interpreter{p: p}
	s := strings.TrimPrefix(raw, p.Prefix)
	if p.Suffix != "" {
		s = strings.TrimSuffix(s, p.Suffix)
	}
	r := Reading{Raw: s, Device: p.Device}
	if len(s) > p.maxLength() {
		r.Raw = s[:p.shown()]
		r.Err = &Error{Kind: ErrTooLong}
		return r
	}
	in.interpret(s, &r)
	return r
}

// An interpreter interprets the scans of one reader, one at a time.
type interpreter struct {
	p       *Profile
	parser  gs1.Parser
	loose   gs1.Parser  // for single elements
	scratch gs1.Message // of loose
	found   []Candidate // of the scan in hand
	budget  int         // texts that may still be tried
	runs    int         // divisions tried
	pack    bool        // the costs are those of a pack
}

// interpret fills in a Reading of which Raw and Device are set. The slice of
// Message.Elements is used if it is large enough.
func (in *interpreter) interpret(raw string, r *Reading) {
	s := trimmed(raw)
	if s == "" {
		r.Message = gs1.Message{}
		r.Err = &Error{Kind: ErrEmpty}
		return
	}
	if in.clean(s, &r.Message) {
		r.Certain = true
		return
	}
	r.Message = gs1.Message{}
	in.repair(raw, r)
}

// clean reports whether a scan is in order and can have been nothing else.
func (in *interpreter) clean(s string, m *gs1.Message) bool {
	if in.p.keyboard() || strings.IndexByte(s, '|') >= 0 || len(in.p.Separators) > 0 && !in.p.sendsGS() {
		return false
	}
	if in.parser.ParseInto(m, s) != nil {
		return false
	}
	return !in.doubtful(s, m)
}

// doubtful reports whether a message that package gs1 has accepted may be
// something else all the same.
func (in *interpreter) doubtful(s string, m *gs1.Message) bool {
	switch {
	case m.Symbology[0] == 'E' || m.Symbology[0] == 'I':
		return false
	case m.Symbology[0] == 'X':
		return true // the reader does not know the symbology
	case len(m.Elements) == 0:
		return true
	}
	for _, e := range m.Elements[1:] {
		if e.AI == m.Elements[0].AI {
			return true // scanned twice
		}
	}
	if m.Symbology == (gs1.Symbology{}) && isGTIN(s) {
		return true // an EAN that reads as AI 90 to 99
	}
	if isLink(s) || in.p.sendsGS() {
		return false
	}
	if i := strings.IndexByte(s[1:], gs); i >= 0 && i+1 < len(s)-1 {
		return in.lacksExpected(m) && in.divisible(s, m)
	}
	return in.divisible(s, m)
}

const gs = 0x1d

func isLink(s string) bool {
	if len(s) > 3 && s[0] == ']' {
		s = s[3:]
	}
	return len(s) > 8 && strings.EqualFold(s[:4], "http") && strings.Contains(s[:8], "://")
}

// lacksExpected reports whether an expected AI is missing.
func (in *interpreter) lacksExpected(m *gs1.Message) bool {
	for _, ai := range in.p.Expect {
		if _, ok := m.Value(ai); !ok {
			return true
		}
	}
	return false
}

// isGTIN reports whether s is all digits, as long as a GTIN, with a right check
// digit (GS1 General Specifications 7.9).
func isGTIN(s string) bool {
	switch len(s) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[i] - '0')
		if s[i] < '0' || d > 9 {
			return false
		}
		if (len(s)-i)%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// repair interprets a scan that is not clean.
func (in *interpreter) repair(raw string, r *Reading) {
	in.found, in.budget, in.runs = in.found[:0], 400, 0
	in.pack = false
	t := text{s: raw}
	if !utf8.ValidString(raw) {
		t = t.with(latin1(raw))
	}
	t, repairs := unwrap(t)
	var first error
	_, first = in.parser.Parse(t.s)
	if len(t.s) <= maxRepaired {
		t, more := narrowed(t)
		repairs = append(repairs, more...)
		if in.p.keyboard() {
			in.namedPath(t, repairs)
		} else {
			in.analyze(t, path{repairs: repairs})
			if !in.certain() {
				in.unnamedPaths(t, repairs)
			}
		}
	}
	in.settle(r)
	if !r.Certain && len(r.Candidates) == 0 {
		r.Err = in.refusal(t.s, first)
	}
}

// latin1 reads bytes that are no UTF-8 as ISO 8859-1, in which è is the byte
// that Data Matrix has for FNC1.
func latin1(s string) string {
	b := make([]rune, len(s))
	for i := range len(s) {
		b[i] = rune(s[i])
	}
	return string(b)
}

// certain reports whether the candidates so far leave no doubt.
func (in *interpreter) certain() bool {
	for _, c := range in.found {
		if len(c.Doubts) == 0 {
			return true
		}
	}
	return false
}

// settle turns the candidates into the outcome. One candidate without doubts,
// and no other, is certain.
func (in *interpreter) settle(r *Reading) {
	slices.SortStableFunc(in.found, func(a, b Candidate) int { return a.cost - b.cost })
	proven := -1
	for i, c := range in.found {
		if len(c.Doubts) > 0 {
			continue
		}
		if proven >= 0 {
			proven = -2
			break
		}
		proven = i
	}
	if proven >= 0 {
		r.Certain, r.Message, r.Repairs = true, in.found[proven].Message, in.found[proven].Repairs
		return
	}
	n := min(len(in.found), maxCandidates)
	if n > 0 {
		r.Candidates = slices.Clone(in.found[:n])
	}
}

// add records an element string as a candidate if it is a valid message. A
// message that is found again keeps the way with fewer doubts.
func (in *interpreter) add(id gs1.Symbology, s string, repairs []Repair, doubts []Doubt, cost int) bool {
	if in.budget--; in.budget < 0 {
		return false
	}
	m, err := in.parser.Parse(id.String() + s)
	if err != nil || len(m.Elements) == 0 {
		return false
	}
	in.keep(m, repairs, doubts, cost)
	return true
}

// keep records a valid message as a candidate.
func (in *interpreter) keep(m gs1.Message, repairs []Repair, doubts []Doubt, cost int) {
	cost += in.messageCost(&m)
	for i := range in.found {
		c := &in.found[i]
		if slices.Equal(c.Message.Elements, m.Elements) {
			if len(doubts) == 0 && len(c.Doubts) > 0 || cost < c.cost && (len(doubts) == 0) == (len(c.Doubts) == 0) {
				*c = Candidate{m, slices.Clone(repairs), slices.Clone(doubts), cost}
			}
			return
		}
	}
	in.found = append(in.found, Candidate{m, slices.Clone(repairs), slices.Clone(doubts), cost})
}

// refusal says why nothing can be made of a text.
func (in *interpreter) refusal(s string, cause error) error {
	e := &Error{Kind: ErrInvalid, Err: cause}
	printable, noise, separators := 0, 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == gs:
			separators++
			printable++
		case c < ' ' || c == 0x7f:
			noise++
		default:
			printable++
		}
	}
	switch {
	case noise > 2 && noise*4 > printable || strings.ContainsRune(s, utf8.RuneError):
		e.Kind = ErrNoise
	case markedLetters(s) > 0:
		e.Kind = ErrInputMethod
	case foreign(s):
		e.Kind = ErrLayout
	case errors.Is(cause, gs1.ErrNotGS1):
		e.Kind = gs1.ErrNotGS1
	case separators == 0 && (errors.Is(cause, gs1.ErrLength) || errors.Is(cause, gs1.ErrUnknownAI)) && len(s) > 20:
		e.Kind = ErrSeparatorLost
	}
	return e
}

// foreign reports whether s has other characters that no US keyboard has.
func foreign(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return true
		}
	}
	return false
}
