package report

import (
	"strings"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// books read what an audit keeps of events as far as custody goes. They follow the rules of package trace (see its package
// comment) and count what each place got and gave away.
type books struct {
	*trace.Auditor
	kinds   []kind // by number
	classes *names[trace.ID]
	packs   []int32 // the class of each pack, by the number of the object: 0 for none, -1 when it was not asked for
	goods   []int32 // the number as a class of each object, likewise
	moment  trace.Moment

	packings []int32 // the rows that pack something, once balances were made
}

// kind is what a kind of events does.
type kind struct {
	effect         audit.Effect
	step           trace.BizStep
	whole, back    bool // dispensed whole; returned
	transformation bool
}

// row is an event; of a transformation there are two, of what became and what it became of.
type row struct {
	n                int32
	at               int64 // in ms since 1970
	source           int
	opening          bool  // from before the range of its source
	index            int64 // in its source; -1 for a claim
	actor, from, to  uint32
	doc, parent      uint32
	units, children  []uint32
	goods, contents  []trace.Amount
	kind             audit.Effect
	step             trace.BizStep
	whole, back, all bool // dispensed whole; returned; all children
}

func newBooks(a *trace.Auditor) *books {
	b := &books{Auditor: a, classes: newNames[trace.ID](), packs: make([]int32, a.Objects()), goods: make([]int32, a.Objects())}
	for i := range b.packs {
		b.packs[i], b.goods[i] = -1, -1
	}
	for i := range a.Kinds() {
		e := a.Kind(uint32(i))
		b.kinds = append(b.kinds, kind{audit.EffectOf(e), e.BizStep, e.Disposition != trace.DispPartiallyDispensed,
			e.Disposition == trace.DispReturned, e.Type == trace.TransformationEvent})
	}
	return b
}

// opening returns the number of a source that has what was before the one with a number, and bundle the inverse of it.
func opening(source int) int { return -1 - source }

// rows yields all events in the order of time. A row is valid until the next one.
func (b *books) rows(yield func(*row) bool) {
	var r row
	for i := range b.Len() {
		b.row(2*int32(i), &r)
		if !yield(&r) {
			return
		}
		if !b.kinds[b.moment.Kind].transformation {
			continue
		}
		b.row(2*int32(i)+1, &r)
		if !yield(&r) {
			return
		}
	}
}

// row returns the row with a number in the memory of another one: twice the place of the event, and 1 more for what came out
// of a transformation.
func (b *books) row(n int32, r *row) {
	m := &b.moment
	b.Moment(int(n/2), m)
	k := &b.kinds[m.Kind]
	*r = row{n: n, at: m.Time, source: m.Source, index: m.Index, actor: m.Actor, from: m.From, to: m.To, doc: m.Document,
		step: k.step, kind: k.effect, whole: k.whole, back: k.back}
	if m.Source < 0 {
		r.source, r.opening = opening(m.Source), true
	}
	switch {
	case !k.transformation:
		r.parent, r.all = m.Parent, m.AllChildren
		r.units, r.children, r.goods, r.contents = m.EPCs, m.ChildEPCs, m.Goods, m.ChildGoods
	case n%2 == 0:
		r.units, r.goods = m.InputEPCs, m.InputGoods
	default:
		r.kind, r.units, r.goods = audit.Commissioned, m.OutputEPCs, m.OutputGoods
	}
}

// class returns the class of a pack, 0 for a case.
func (b *books) class(pack uint32) int32 {
	if b.packs[pack] < 0 {
		b.packs[pack] = 0
		if gtin := product(b.Object(pack)); gtin != "" {
			lot, _, _ := b.Batch(pack)
			b.packs[pack] = b.classes.of(classOf(gtin, lot))
		}
	}
	return b.packs[pack]
}

// classNumber returns the number of what is named as a class.
func (b *books) classNumber(object uint32) int32 {
	if b.goods[object] < 0 {
		b.goods[object] = b.classes.of(b.Object(object))
	}
	return b.goods[object]
}

// expiries returns when the classes expire, by number: as the events of goods tell, or else the packs, those that were
// commissioned before those that were only read, and the earliest day.
func (b *books) expiries() []string {
	out, made := make([]string, len(b.classes.text)), make([]bool, len(b.classes.text))
	for pack, class := range b.packs {
		if class <= 0 {
			continue
		}
		_, day, commissioned := b.Batch(uint32(pack))
		if day == "" || made[class] && !commissioned {
			continue
		}
		if out[class] == "" || commissioned && !made[class] || day < out[class] {
			out[class], made[class] = day, commissioned
		}
	}
	for class, id := range b.classes.text {
		if day := b.Expiry(id); day != "" {
			out[class] = day
		}
	}
	return out
}

// product returns the class of a pack or a class without lot: https://id.gs1.org/01/GTIN. It is empty for all that has no
// GTIN.
func product(id trace.ID) trace.ID {
	const head = "https://id.gs1.org/01/"
	if len(id) < len(head)+14 || id[:len(head)] != head {
		return ""
	}
	return id[:len(head)+14]
}

// classOf returns the class of a lot.
func classOf(product trace.ID, lot string) trace.ID {
	if lot == "" {
		return product
	}
	var b strings.Builder
	for i := range len(lot) {
		switch c := lot[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	class, err := trace.ParseID(string(product) + "/10/" + b.String())
	if err != nil {
		return product
	}
	return class
}
