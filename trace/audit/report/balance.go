package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// Balance is what became of a lot at a place during the period: Opening + In − Out − Loss = Closing, in smallest units and
// packs with serial numbers.
type Balance struct {
	Place trace.Party
	Class trace.ID // GTIN and lot, or the GTIN alone when the lot is not known
	// Expiry is the day, YYYY-MM-DD; empty when it is not known.
	Expiry   string
	Recalled time.Time // since when; zero when it is not
	// Opening is what was there when the period began, In what was made, received or found, Out what was dispensed, shipped,
	// exported or used up, Loss what was destroyed, sampled, stolen or missing in a count.
	Opening, In, Out, Loss, Closing int64
}

// Transit is what is on its way at the end of the period.
type Transit struct {
	From, To trace.Party
	Class    trace.ID
	Document trace.ID
	Since    time.Time
	Count    int64
	Recalled time.Time // since when; zero when it is not
}

// at is a class at a place.
type at struct {
	place uint32
	class int32
}

// line counts what happened to a class at a place.
type line struct{ opening, in, out, loss, held int64 }

// unit is a pack or case during the fold.
type unit struct {
	holder, from uint32
	way          int32  // row of the shipment with which it is on its way, and 1; 0 when it is on none
	arrived      uint32 // document of the receipt with which it arrived last
	parent       uint32
	left         bool // the chain
	load         *load
}

// load is what is packed in an object.
type load struct {
	children []uint32
	goods    map[uint32]int64
}

// delivery ties receipts to shipments of goods: by the document, or by the two parties where there is none.
type delivery struct{ class, doc, from, to uint32 }

// way is what is on its way under a delivery.
type way struct {
	open, early int64
	from, to    uint32
	since       int64
}

// fold replays the rows.
type fold struct {
	*books
	from  int64 // when the period begins, in ms
	lines map[at]*line
	units []unit // by the number of the object
	ways  map[delivery]way
	r     *row // at hand
}

// balance replays all rows before a time. Rows before from count as what was there at the opening.
func (b *books) balance(from, until int64) *fold {
	f := &fold{books: b, from: from, lines: make(map[at]*line), units: make([]unit, b.Objects()), ways: make(map[delivery]way)}
	for r := range b.rows {
		if r.kind == audit.Packed && r.parent != 0 {
			b.packings = append(b.packings, r.n)
		}
		if r.at < until {
			f.r = r
			f.apply()
		}
	}
	return f
}

func (f *fold) line(place uint32, class int32) *line {
	l := f.lines[at{place, class}]
	if l == nil {
		l = &line{}
		f.lines[at{place, class}] = l
	}
	return l
}

// move counts what came to a place, or left it.
func (f *fold) move(place uint32, class int32, in, out, loss int64) {
	if place == 0 || class == 0 {
		return
	}
	l := f.line(place, class)
	if l.held += in - out - loss; f.r.at < f.from {
		l.opening += in - out - loss
		return
	}
	l.in, l.out, l.loss = l.in+in, l.out+out, l.loss+loss
}

// hold moves a pack from who has it to another place; 0 is none.
func (f *fold) hold(id uint32, u *unit, place uint32, lost bool) {
	if u.holder == place {
		return
	}
	class := f.class(id)
	if lost {
		f.move(u.holder, class, 0, 0, 1)
	} else {
		f.move(u.holder, class, 0, 1, 0)
	}
	f.move(place, class, 1, 0, 0)
	u.holder = place
}

func (f *fold) apply() {
	r := f.r
	switch r.kind {
	case audit.Packed:
		f.pack()
		return
	case audit.Unpacked:
		f.unpack()
		return
	}
	for _, id := range r.units {
		f.each(id)
	}
	if r.parent != 0 {
		f.each(r.parent)
	}
	for _, a := range r.goods {
		f.stock(a.Class, a.Count)
	}
}

func (f *fold) at(id uint32) *unit { return &f.units[id] }

// each applies the event to an object and to everything packed in it.
func (f *fold) each(id uint32) {
	u := f.at(id)
	f.one(id, u)
	if u.load == nil || f.r.kind == audit.Commissioned {
		return
	}
	for class, n := range u.load.goods {
		f.stock(class, n)
	}
	for _, child := range u.load.children {
		f.each(child)
	}
}

// one applies the event to an object.
func (f *fold) one(id uint32, u *unit) {
	r := f.r
	switch r.kind {
	case audit.Commissioned:
		if !u.left {
			f.hold(id, u, r.actor, false)
		}
	case audit.Shipped:
		if r.doc != 0 && u.arrived == r.doc || u.left {
			return
		}
		f.hold(id, u, 0, false)
		u.from, u.way = r.actor, r.n+1
	case audit.Voided:
		if u.way > 0 && (r.doc == 0 || r.doc == f.document(u.way-1)) {
			f.back(id, u)
		}
	case audit.Received:
		if u.left && !r.back {
			return
		}
		u.left, u.way, u.arrived = false, 0, r.doc
		f.hold(id, u, r.actor, false)
	case audit.Dispensed:
		if !r.whole {
			f.seen(id, u)
			return
		}
		f.leave(id, u, false)
	case audit.Gone:
		f.leave(id, u, false)
	case audit.Lost:
		f.leave(id, u, true)
	default:
		f.seen(id, u)
	}
}

// back takes a shipment back: it has not left after all.
func (f *fold) back(id uint32, u *unit) {
	f.move(u.from, f.class(id), 0, -1, 0)
	u.way, u.holder = 0, u.from
}

// seen makes the first who is seen with an object its holder.
func (f *fold) seen(id uint32, u *unit) {
	if u.holder == 0 && u.way == 0 && !u.left {
		f.hold(id, u, f.r.actor, false)
	}
}

// leave ends the life of an object in the chain.
func (f *fold) leave(id uint32, u *unit, lost bool) {
	if u.left {
		return
	}
	f.hold(id, u, 0, lost)
	u.left, u.way = true, 0
}

func (f *fold) pack() {
	if f.r.parent == 0 {
		return
	}
	parent := f.at(f.r.parent)
	f.seen(f.r.parent, parent)
	if parent.load == nil {
		parent.load = &load{goods: make(map[uint32]int64)}
	}
	for _, id := range f.r.children {
		if id == f.r.parent || f.inside(f.r.parent, id) {
			continue
		}
		u := f.at(id)
		f.takeOut(id, u)
		u.parent = f.r.parent
		parent.load.children = append(parent.load.children, id)
		f.seen(id, u)
	}
	for _, a := range f.r.contents {
		parent.load.goods[a.Class] += a.Count
	}
}

// inside reports whether an object is packed in another one, at whatever depth.
func (f *fold) inside(id, other uint32) bool {
	for ; id != 0; id = f.at(id).parent {
		if id == other {
			return true
		}
	}
	return false
}

func (f *fold) takeOut(id uint32, u *unit) {
	if u.parent == 0 {
		return
	}
	l := f.at(u.parent).load
	if i := slices.Index(l.children, id); i >= 0 {
		l.children = slices.Delete(l.children, i, i+1)
	}
	u.parent = 0
}

func (f *fold) unpack() {
	parent := f.at(f.r.parent)
	if f.r.parent == 0 || parent.load == nil {
		return
	}
	if f.r.all {
		for _, id := range slices.Clone(parent.load.children) {
			u := f.at(id)
			u.parent = 0
			f.seen(id, u)
		}
		parent.load = nil
		return
	}
	for _, id := range f.r.children {
		if u := f.at(id); u.parent == f.r.parent {
			f.takeOut(id, u)
			f.seen(id, u)
		}
	}
	for _, a := range f.r.contents {
		if parent.load.goods[a.Class] -= a.Count; parent.load.goods[a.Class] <= 0 {
			delete(parent.load.goods, a.Class)
		}
	}
}

// stock applies the event to goods without serial numbers.
func (f *fold) stock(object uint32, n int64) {
	r, class := f.r, f.classNumber(object)
	switch r.kind {
	case audit.Commissioned:
		f.move(r.actor, class, n, 0, 0)
	case audit.Shipped:
		key, w := f.way(object, r.actor, r.to)
		known := min(n, w.early)
		w.early -= known
		w.open += n - known
		w.from, w.since = r.actor, r.at
		f.deliver(key, w)
		f.move(r.actor, class, 0, n, 0)
	case audit.Voided:
		key, w := f.way(object, r.actor, r.to)
		back := min(n, w.open)
		w.open -= back
		f.deliver(key, w)
		f.move(w.from, class, 0, -back, 0)
	case audit.Received:
		key, w := f.way(object, r.from, r.actor)
		arrived := min(n, w.open)
		w.open -= arrived
		w.early += n - arrived
		f.deliver(key, w)
		f.move(r.actor, class, n, 0, 0)
	case audit.Dispensed, audit.Gone:
		f.move(r.actor, class, 0, n, 0)
	case audit.Lost:
		f.move(r.actor, class, 0, 0, n)
	case audit.Counted:
		if held := f.line(r.actor, class).held; n >= held {
			f.move(r.actor, class, n-held, 0, 0)
		} else {
			f.move(r.actor, class, 0, 0, held-n)
		}
	}
}

func (f *fold) way(class, from, to uint32) (delivery, way) {
	key := delivery{class: class, doc: f.r.doc}
	if key.doc == 0 {
		key.from, key.to = from, to
	}
	w, ok := f.ways[key]
	if !ok {
		w = way{from: from, to: to, since: f.r.at}
	}
	return key, w
}

// deliver keeps what is on its way under a delivery, as long as anything is.
func (f *fold) deliver(key delivery, w way) {
	if w.open == 0 && w.early == 0 {
		delete(f.ways, key)
	} else {
		f.ways[key] = w
	}
}

// document returns that of a row.
func (b *books) document(n int32) uint32 {
	var m trace.Moment
	b.Moment(int(n/2), &m)
	return m.Document
}

// balances returns a line for each class at each place of which there is, or was, anything, in the order of places and
// classes.
func (f *fold) balances(recalled func(trace.ID) time.Time) []Balance {
	expiry := f.expiries()
	out := make([]Balance, 0, len(f.lines))
	for k, l := range f.lines {
		if *l == (line{}) {
			continue
		}
		class := f.classes.text[k.class]
		out = append(out, Balance{f.Party(k.place), class, expiry[k.class], recalled(class),
			l.opening, l.in, l.out, l.loss, l.held})
	}
	slices.SortFunc(out, func(a, b Balance) int { return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Class, b.Class)) })
	return out
}

// transits returns what is on its way, the longest first.
func (f *fold) transits(recalled func(trace.ID) time.Time) []Transit {
	type key struct {
		class, row int32
	}
	packs := make(map[key]int64)
	for id := range f.units {
		if u := &f.units[id]; u.way > 0 {
			if class := f.class(uint32(id)); class != 0 {
				packs[key{class, u.way - 1}]++
			}
		}
	}
	var out []Transit
	add := func(from, to uint32, id trace.ID, doc uint32, since, n int64) {
		out = append(out, Transit{f.Party(from), f.Party(to), id, f.Document(doc), time.UnixMilli(since).UTC(), n, recalled(id)})
	}
	for k, n := range packs {
		var r row
		f.row(k.row, &r)
		add(r.actor, r.to, f.classes.text[k.class], r.doc, r.at, n)
	}
	for k, w := range f.ways {
		if w.open > 0 {
			add(w.from, w.to, f.Object(k.class), k.doc, w.since, w.open)
		}
	}
	slices.SortFunc(out, func(a, b Transit) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.From, b.From), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Class, b.Class))
	})
	return out
}
