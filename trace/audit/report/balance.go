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
type at struct{ place, class int32 }

// line counts what happened to a class at a place.
type line struct{ opening, in, out, loss, held int64 }

// unit is a pack or case during the fold.
type unit struct {
	holder, from int32
	way          int32 // row of the shipment with which it is on its way; -1 when it is on none
	arrived      int32 // document of the receipt with which it arrived last
	parent       int32
	load         *load
	left         bool // the chain
}

// load is what is packed in an object.
type load struct {
	children []int32
	goods    map[int32]int64
}

// delivery ties receipts to shipments of goods: by the document, or by the two parties where there is none.
type delivery struct{ class, doc, from, to int32 }

// way is what is on its way under a delivery.
type way struct {
	open, early int64
	from, to    int32
	since       int64
}

// fold replays the rows.
type fold struct {
	*books
	from  int64 // when the period begins, in ms
	lines map[at]*line
	units map[int32]*unit
	ways  map[delivery]*way
	i     int32 // the row at hand
	r     *row
}

// balance replays all rows before a time. Rows before from count as what was there at the opening.
func (b *books) balance(from, until int64) *fold {
	f := &fold{books: b, from: from, lines: make(map[at]*line), units: make(map[int32]*unit), ways: make(map[delivery]*way)}
	for i := range b.rows {
		if b.rows[i].at >= until {
			break
		}
		f.i, f.r = int32(i), &b.rows[i]
		f.apply()
	}
	return f
}

func (f *fold) line(place, class int32) *line {
	l := f.lines[at{place, class}]
	if l == nil {
		l = &line{}
		f.lines[at{place, class}] = l
	}
	return l
}

// move counts what came to a place, or left it.
func (f *fold) move(place, class int32, in, out, loss int64) {
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
func (f *fold) hold(id int32, u *unit, place int32, lost bool) {
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

// class returns the class of a pack; 0 for a case.
func (f *fold) class(id int32) int32 {
	if class := f.lots[id].class; class != 0 {
		return class
	}
	if gtin := product(f.objects.text[id]); gtin != "" {
		return f.objects.of(gtin)
	}
	return 0
}

func (f *fold) unit(id int32) *unit {
	u := f.units[id]
	if u == nil {
		u = &unit{way: -1}
		f.units[id] = u
	}
	return u
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
	for _, id := range f.ids(r.units) {
		f.each(id)
	}
	if r.parent != 0 {
		f.each(r.parent)
	}
	for _, a := range f.goods(r.goods) {
		f.stock(a.class, a.n)
	}
}

// each applies the event to an object and to everything packed in it.
func (f *fold) each(id int32) {
	u := f.unit(id)
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
func (f *fold) one(id int32, u *unit) {
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
		u.from, u.way = r.actor, f.i
	case audit.Voided:
		if u.way >= 0 && (r.doc == 0 || r.doc == f.rows[u.way].doc) {
			f.back(id, u)
		}
	case audit.Received:
		if u.left && !r.back {
			return
		}
		u.left, u.way, u.arrived = false, -1, r.doc
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
func (f *fold) back(id int32, u *unit) {
	f.move(u.from, f.class(id), 0, -1, 0)
	u.way, u.holder = -1, u.from
}

// seen makes the first who is seen with an object its holder.
func (f *fold) seen(id int32, u *unit) {
	if u.holder == 0 && u.way < 0 && !u.left {
		f.hold(id, u, f.r.actor, false)
	}
}

// leave ends the life of an object in the chain.
func (f *fold) leave(id int32, u *unit, lost bool) {
	if u.left {
		return
	}
	f.hold(id, u, 0, lost)
	u.left, u.way = true, -1
}

func (f *fold) pack() {
	if f.r.parent == 0 {
		return
	}
	parent := f.unit(f.r.parent)
	f.seen(f.r.parent, parent)
	if parent.load == nil {
		parent.load = &load{goods: make(map[int32]int64)}
	}
	for _, id := range f.ids(f.r.children) {
		if id == f.r.parent || f.inside(f.r.parent, id) {
			continue
		}
		u := f.unit(id)
		f.takeOut(id, u)
		u.parent = f.r.parent
		parent.load.children = append(parent.load.children, id)
		f.seen(id, u)
	}
	for _, a := range f.goods(f.r.contents) {
		parent.load.goods[a.class] += a.n
	}
}

// inside reports whether an object is packed in another one, at whatever depth.
func (f *fold) inside(id, other int32) bool {
	for ; id != 0; id = f.unit(id).parent {
		if id == other {
			return true
		}
	}
	return false
}

func (f *fold) takeOut(id int32, u *unit) {
	if u.parent == 0 {
		return
	}
	l := f.unit(u.parent).load
	if i := slices.Index(l.children, id); i >= 0 {
		l.children = slices.Delete(l.children, i, i+1)
	}
	u.parent = 0
}

func (f *fold) unpack() {
	parent := f.units[f.r.parent]
	if f.r.parent == 0 || parent == nil || parent.load == nil {
		return
	}
	if f.r.all {
		for _, id := range slices.Clone(parent.load.children) {
			u := f.unit(id)
			u.parent = 0
			f.seen(id, u)
		}
		parent.load = nil
		return
	}
	for _, id := range f.ids(f.r.children) {
		if u := f.unit(id); u.parent == f.r.parent {
			f.takeOut(id, u)
			f.seen(id, u)
		}
	}
	for _, a := range f.goods(f.r.contents) {
		if parent.load.goods[a.class] -= a.n; parent.load.goods[a.class] <= 0 {
			delete(parent.load.goods, a.class)
		}
	}
}

// stock applies the event to goods without serial numbers.
func (f *fold) stock(class int32, n int64) {
	r := f.r
	switch r.kind {
	case audit.Commissioned:
		f.move(r.actor, class, n, 0, 0)
	case audit.Shipped:
		w := f.way(class, r.actor, r.to)
		known := min(n, w.early)
		w.early -= known
		w.open += n - known
		w.from, w.since = r.actor, r.at
		f.move(r.actor, class, 0, n, 0)
	case audit.Voided:
		w := f.way(class, r.actor, r.to)
		back := min(n, w.open)
		w.open -= back
		f.move(w.from, class, 0, -back, 0)
	case audit.Received:
		w := f.way(class, r.from, r.actor)
		arrived := min(n, w.open)
		w.open -= arrived
		w.early += n - arrived
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

func (f *fold) way(class, from, to int32) *way {
	key := delivery{class: class, doc: f.r.doc}
	if key.doc == 0 {
		key.from, key.to = from, to
	}
	w := f.ways[key]
	if w == nil {
		w = &way{from: from, to: to, since: f.r.at}
		f.ways[key] = w
	}
	return w
}

// balances returns a line for each class at each place of which there is, or was, anything, in the order of places and
// classes.
func (f *fold) balances(recalled func(trace.ID) time.Time) []Balance {
	expiry := make(map[int32]int32)
	for _, l := range f.lots {
		if l.expiry != 0 && (expiry[l.class] == 0 || l.made) {
			expiry[l.class] = l.expiry
		}
	}
	for class, day := range f.expiry {
		expiry[class] = day
	}
	out := make([]Balance, 0, len(f.lines))
	for k, l := range f.lines {
		if *l == (line{}) {
			continue
		}
		class := f.objects.text[k.class]
		out = append(out, Balance{f.parties.text[k.place], class, f.days.text[expiry[k.class]], recalled(class),
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
	for id, u := range f.units {
		if u.way >= 0 {
			if class := f.class(id); class != 0 {
				packs[key{class, u.way}]++
			}
		}
	}
	var out []Transit
	add := func(from, to, class, doc int32, since, n int64) {
		id := f.objects.text[class]
		out = append(out, Transit{f.parties.text[from], f.parties.text[to], id, f.docs.text[doc], time.UnixMilli(since).UTC(), n, recalled(id)})
	}
	for k, n := range packs {
		r := &f.rows[k.row]
		add(r.actor, r.to, k.class, r.doc, r.at, n)
	}
	for k, w := range f.ways {
		if w.open > 0 {
			add(w.from, w.to, k.class, k.doc, w.since, w.open)
		}
	}
	slices.SortFunc(out, func(a, b Transit) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.From, b.From), cmp.Compare(a.Document, b.Document), cmp.Compare(a.Class, b.Class))
	})
	return out
}
