package scanner

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// How separators are put back: an element string without them can be divided in
// many ways, and those ways are found from the end towards the front, keeping
// the likeliest for each place where an element may begin.
const (
	divisionsKept = 12
	packMargin    = 30 // tenths of nats by which a division of a pack may be worse and still casts doubt
	otherMargin   = 90 // the same for other messages, of which less is known
	maxDivided    = 300
	maxDivideRuns = 8 // for one scan
)

// A division is one way to divide the rest of an element string.
type division struct {
	from, end int  // the first element
	lost      bool // a separator was lost behind it
	cost      int  // with all that follow
	next      *division
}

// A lostAt is a place where a separator was lost, and the text from the element
// before it on.
type lostAt struct {
	end  int
	from string
}

// A divider divides one element string.
type divider struct {
	in   *interpreter
	s    string
	memo map[int][]*division
	work int        // elements that may still be tried
	slab []division // where divisions live, many to an allocation
}

// division returns a new division.
func (d *divider) division(v division) *division {
	if len(d.slab) == cap(d.slab) {
		d.slab = make([]division, 0, 64)
	}
	d.slab = append(d.slab, v)
	return &d.slab[len(d.slab)-1]
}

// from returns the likeliest divisions of the rest from i.
func (d *divider) from(i int) []*division {
	if i == len(d.s) {
		return []*division{nil}
	}
	if d.s[i] == gs {
		return d.from(i + 1)
	}
	if list, ok := d.memo[i]; ok {
		return list
	}
	d.memo[i] = nil
	rule := lookupAI(d.s[i:])
	if rule == nil {
		return nil
	}
	var list []*division
	start := i + int(rule.length)
	limit := min(len(d.s), start+int(rule.max))
	if k := strings.IndexByte(d.s[start:limit], gs); k >= 0 {
		limit = start + k
	}
	base := d.in.aiCost(rule, d.s[i:start])
	for end := start + int(rule.min); end <= limit; end++ {
		lost := !rule.fixed && end < len(d.s) && d.s[end] != gs
		if end < len(d.s) && d.s[end] != gs && lookupAI(d.s[end:]) == nil {
			continue
		}
		if rule.digits && !allDigits(d.s[start:end]) {
			break
		}
		if d.work--; d.work < 0 {
			break
		}
		rest := d.from(end)
		if len(rest) == 0 || !d.in.element(d.s[i:end]) {
			continue
		}
		cost := base + valueCost(rule, d.s[start:end])
		if lost {
			cost += costLost
		}
		for _, next := range rest {
			c := cost
			if next != nil {
				c += next.cost
			}
			if len(list) == divisionsKept && c >= list[divisionsKept-1].cost {
				break // and the rest costs more
			}
			if list == nil {
				list = make([]*division, 0, divisionsKept)
			}
			at, _ := slices.BinarySearchFunc(list, c+1, func(v *division, c int) int { return cmp.Compare(v.cost, c) })
			list = slices.Insert(list[:min(len(list), divisionsKept-1)], at, d.division(division{i, end, lost, c, next}))
		}
	}
	d.memo[i] = list
	return list
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// element reports whether s is one valid element.
func (in *interpreter) element(s string) bool {
	in.loose.Unpaired = true
	return in.loose.ParseInto(&in.scratch, s) == nil && len(in.scratch.Elements) == 1
}

// divisions returns the element string with lost separators put back, the
// likeliest first, and how many were lost in each.
func (in *interpreter) divisions(s string) (list []string, lost [][]lostAt) {
	if len(s) > maxDivided || lookupAI(s) == nil || foreignBesideGS(s) {
		return nil, nil
	}
	d := divider{in: in, s: s, memo: map[int][]*division{}, work: 800}
	for _, v := range d.from(0) {
		var b strings.Builder
		var at []lostAt
		for ; v != nil; v = v.next {
			b.WriteString(s[v.from:v.end])
			if v.lost {
				at = append(at, lostAt{v.end, s[v.from:]})
			}
			if v.next != nil && (v.lost || s[v.end] == gs) {
				b.WriteByte(gs)
			}
		}
		if len(at) > 0 {
			list = append(list, b.String())
			lost = append(lost, at)
		}
	}
	return list, lost
}

// aiOf returns the AI that s begins with.
func aiOf(s string) gs1.AI {
	if r := lookupAI(s); r != nil {
		return gs1.AI(s[:r.length])
	}
	return ""
}

func foreignBesideGS(s string) bool {
	for i := range len(s) {
		if s[i] != gs && !cset82(s[i]) {
			return true
		}
	}
	return false
}

// divide records the ways to put lost separators back.
func (in *interpreter) divide(id gs1.Symbology, t text, p path) {
	if in.runs++; in.runs > maxDivideRuns {
		return
	}
	s, _ := single(t.s)
	list, lost := in.divisions(s)
	if len(list) == 0 {
		return
	}
	repairs := func(at []lostAt) []Repair {
		var r []Repair
		for _, l := range at {
			r = append(r, Repair{Kind: SeparatorLost, At: t.where(l.end), Is: "\x1d", AI: aiOf(l.from)})
		}
		return r
	}
	if only, at := in.onlyComplete(id, s); only != "" && len(p.doubts) == 0 {
		q := p.and(costLost*len(at), 0, repairs(at)...)
		in.add(id, only, q.repairs, q.doubts, q.cost)
		return
	}
	for i, divided := range list {
		q := p.and(costLost*len(lost[i]), MaybeSeparatorLost, repairs(lost[i])...)
		in.add(id, divided, q.repairs, q.doubts, q.cost)
	}
}

// divisible reports whether a message may have lost a separator: some other
// division of its text is likely enough beside the message as it stands.
func (in *interpreter) divisible(s string, m *gs1.Message) bool {
	possible := false
	for _, e := range m.Elements {
		if r := lookupAI(string(e.AI)); r == nil || r.fixed {
			continue
		}
		for i := 1; i < len(e.Value)-1; i++ {
			if c := e.Value[i]; c-'0' > 9 {
				continue
			}
			if r := lookupAI(e.Value[i:]); r != nil && len(e.Value)-i >= int(r.length)+int(r.min) {
				possible = true
			}
		}
	}
	if !possible {
		return false
	}
	if m.Symbology != (gs1.Symbology{}) {
		s = s[3:]
	}
	separated := strings.IndexByte(strings.Trim(s, "\x1d"), gs) >= 0
	s, _ = single(s)
	if !separated && hasLegalSpelling(s) {
		return true
	}
	limit := otherMargin
	if in.pack = isPack(m); in.pack {
		limit = packMargin
	}
	limit += in.messageCost(m)
	list, lost := in.divisions(s)
	for i, divided := range list {
		other, err := in.parser.Parse(divided)
		if err != nil || in.messageCost(&other)+costLost*len(lost[i]) >= limit {
			continue
		}
		if separated && in.lacksExpected(&other) {
			continue
		}
		return true
	}
	return false
}

// onlyComplete returns s with separators put back if there is exactly one way
// that gives all expected AIs and nothing else, and s makes no sense as it is.
func (in *interpreter) onlyComplete(id gs1.Symbology, s string) (only string, at []lostAt) {
	if len(in.p.Expect) == 0 || len(in.p.Expect) > 8 || hasLegalSpelling(s) {
		return "", nil
	}
	if _, err := in.parser.Parse(id.String() + s); err == nil {
		return "", nil
	}
	c := completer{in: in, id: id, s: s, work: 2000}
	c.from(0, 0, nil, nil)
	if c.ways != 1 || c.work < 0 {
		return "", nil
	}
	return c.only, c.lost
}

// A completer counts the divisions that have every expected AI once.
type completer struct {
	in   *interpreter
	id   gs1.Symbology
	s    string
	ways int
	only string
	lost []lostAt
	work int
}

func (c *completer) from(i int, have uint, parts []string, lost []lostAt) {
	if c.ways > 1 || c.work < 0 {
		return
	}
	if i < len(c.s) && c.s[i] == gs {
		i++
	}
	if i == len(c.s) {
		if have != 1<<len(c.in.p.Expect)-1 {
			return
		}
		s := strings.Join(parts, "\x1d")
		if _, err := c.in.parser.Parse(c.id.String() + s); err == nil {
			c.ways++
			c.only, c.lost = s, slices.Clone(lost)
		}
		return
	}
	rule := lookupAI(c.s[i:])
	if rule == nil {
		return
	}
	start := i + int(rule.length)
	bit := uint(0)
	for k, ai := range c.in.p.Expect {
		if string(ai) == c.s[i:start] {
			bit = 1 << k
		}
	}
	if bit == 0 || have&bit != 0 {
		return
	}
	for end := start + int(rule.min); end <= min(len(c.s), start+int(rule.max)); end++ {
		if c.work--; c.work < 0 {
			return
		}
		if strings.IndexByte(c.s[start:end], gs) >= 0 {
			return
		}
		if end < len(c.s) && c.s[end] != gs && lookupAI(c.s[end:]) == nil || !c.in.element(c.s[i:end]) {
			continue
		}
		next := lost
		if !rule.fixed && end < len(c.s) && c.s[end] != gs {
			next = append(lost[:len(lost):len(lost)], lostAt{end, c.s[i:]})
		}
		c.from(end, have|bit, append(parts[:len(parts):len(parts)], c.s[i:end]), next)
	}
}
