package gs1

// table is the dictionary in the form that the parser runs over. The package has one, compiled from aiRows; a test
// compiles another from a newer dictionary to show that rules are data.
type table struct {
	rows   []row
	prefix [100]prefix
	index  []uint8 // of the AIs in order of prefix: number of the row + 1, or 0
	rules  []rule  // of the rows
}

// prefix says what the first two digits of an AI determine (General Specifications 7.8).
type prefix struct {
	length uint8  // of the AI: 2, 3, 4, or 0 when no AI begins so
	fixed  uint8  // length of a value that takes no FNC1 after it, or 0
	at     uint16 // index of the first AI
}

// set is a set of rows.
type set [4]uint64

func (s *set) add(row uint8)      { s[row>>6] |= 1 << (row & 63) }
func (s *set) has(row uint8) bool { return s[row>>6]&(1<<(row&63)) != 0 }
func (s *set) meets(t *set) bool {
	return s[0]&t[0]|s[1]&t[1]|s[2]&t[2]|s[3]&t[3] != 0
}

// rule is what the parser needs to know about a row.
type rule struct {
	min, max uint8   // of the whole value
	flags    uint8   // of the constants below
	chars    uint8   // of the only component
	lint     [3]lint // of the only component
	parts    []part
	needs    uint64 // numbers of the req rules, as bits; equal rules have one number
	gives    uint64 // numbers of the req rules that the row alone meets
	bars     uint64 // number of the ex rule, as a bit
	barred   uint64 // numbers of the ex rules that exclude the row
	ex       set    // rows that exclude it, without the row itself
	req      []need
	keys     [][]uint8 // rows of the key qualifiers, in order, one list for each alternative
}

// The flags of a rule.
const (
	noFNC1  uint8 = 1 << iota // no FNC1 is due after the value
	dlAttr                    // may be an attribute of a Digital Link
	dlKey                     // is a primary key of a Digital Link
	exSelf                    // two AIs of the range exclude each other
	oneSpan                   // the value is one component, not of character set 64
	signed                    // is a digital signature
)

// part is a component of a value.
type part struct {
	chars    uint8 // bit of class
	min, max uint8
	opt      bool
	lint     [3]lint
}

// need is a req rule: one row of any, or all sets of one alternative of all.
type need struct {
	any set
	all [][]set
}

const (
	unknown = 0xff // the row of an AI that is not in the table
	noAI    = 0xfe // the row of what is no AI
)

// lookup returns the row of the AI that s begins with and the length of that AI. The length is 0 when s begins with no
// AI; the row is unknown when the AI is not in the table though its prefix fixes its length.
func (t *table) lookup(s string) (row uint8, n int) {
	if len(s) < 2 {
		return unknown, 0
	}
	a, b := s[0]-'0', s[1]-'0'
	if a > 9 || b > 9 {
		return unknown, 0
	}
	p := &t.prefix[a*10+b]
	n, at := int(p.length), int(p.at)
	if len(s) < n {
		return unknown, 0
	}
	switch n {
	case 0:
		return unknown, 0
	case 3:
		c := s[2] - '0'
		if c > 9 {
			return unknown, 0
		}
		at += int(c)
	case 4:
		c, d := s[2]-'0', s[3]-'0'
		if c > 9 || d > 9 {
			return unknown, 0
		}
		at += int(c)*10 + int(d)
	}
	return t.index[at] - 1, n
}

// exact returns the row of the AI that is the whole of s. When ok is false, s cannot be an AI at all; the row is unknown
// when it might be one that the table does not have.
func (t *table) exact(s string) (row uint8, ok bool) {
	if row, n := t.lookup(s); n != 0 {
		return row, n == len(s)
	}
	if len(s) < 2 || len(s) > 4 || digits(s) < len(s) {
		return unknown, false
	}
	// The prefix of a known AI is longer than s, or it is no known prefix.
	return unknown, t.prefix[(s[0]-'0')*10+s[1]-'0'].length == 0
}

// rule returns the rule of a row, or of the AI that is not in the table.
func (t *table) rule(row uint8, ai string) *rule {
	if row != unknown {
		return &t.rules[row]
	}
	return t.unknownRule(ai)
}

// unknownRule returns the rule of an AI that is not in the table.
func (t *table) unknownRule(ai string) *rule {
	if len(ai) < 2 || digits(ai[:2]) < 2 {
		return &anyValue
	}
	switch t.prefix[(ai[0]-'0')*10+ai[1]-'0'].fixed {
	case 6:
		return &anyFixed6
	case 13:
		return &anyFixed13
	}
	return &anyValue
}

// kin returns the row of the range that an unknown AI of four digits would belong to, as patterns of rules mean it, too:
// 3338 is excluded by 333n.
func (t *table) kin(ai AI) uint8 {
	p := &t.prefix[(ai[0]-'0')*10+ai[1]-'0']
	if len(ai) != 4 || p.length != 4 {
		return unknown
	}
	if row := t.index[int(p.at)+int(ai[2]-'0')*10] - 1; row != unknown && len(t.rows[row].ai) > 4 {
		return row
	}
	return unknown
}

// What an unknown AI may carry.
var (
	anyValue   = rule{min: 1, max: 90, flags: oneSpan, chars: cset82, parts: []part{{chars: cset82, min: 1, max: 90}}}
	anyFixed6  = rule{min: 6, max: 6, flags: oneSpan | noFNC1, chars: cset82, parts: []part{{chars: cset82, min: 6, max: 6}}}
	anyFixed13 = rule{min: 13, max: 13, flags: oneSpan | noFNC1, chars: cset82, parts: []part{{chars: cset82, min: 13, max: 13}}}
)
