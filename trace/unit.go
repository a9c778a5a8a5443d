package trace

import (
	"slices"
	"strings"
)

// unit is one object with an identity of its own: a pack, a case, a pallet. A province has many.
type unit struct {
	id          ID
	holder      Party // who has it; empty in transit, and when it has left the chain
	from        Party // who had it before
	disposition Disposition
	lot, expiry string // as commissioned, or else as first read
	parent      *unit
	load        *load // nil when nothing was ever packed in it
	place       int32 // among the children of its parent
	first       past  // the first event that named it
	since       past  // that made holder what it is
	way         past  // the shipment with which it is on its way; 0 when it is not
	arrived     past  // the receipt with which it arrived last
	fateEvent   past  // the event by which it left the chain
	fate        fate

	commissioned bool
}

// fate says how an object left the chain.
type fate uint8

const (
	inChain fate = iota
	dispensed
	destroyed
	sampled
	lost
	consumed // by a transformation
	exported
)

// load is what is packed in an object.
type load struct {
	children []*unit
	sorted   bool         // children are in the order of their identifiers
	goods    map[ID]int64 // classes without serial number
}

// inside reports whether u is other, or is packed in it, at whatever depth.
func (u *unit) inside(other *unit) bool {
	for ; u != nil; u = u.parent {
		if u == other {
			return true
		}
	}
	return false
}

// pack puts an object into another one.
func (u *unit) pack(child *unit) {
	child.detach()
	if u.load == nil {
		u.load = &load{sorted: true}
	}
	l := u.load
	if n := len(l.children); n > 0 && l.children[n-1].id > child.id {
		l.sorted = false
	}
	child.parent, child.place = u, int32(len(l.children))
	l.children = append(l.children, child)
}

// detach takes an object out of what it is packed in.
func (u *unit) detach() {
	if u.parent == nil {
		return
	}
	l := u.parent.load
	last := len(l.children) - 1
	if moved := l.children[last]; moved != u {
		l.children[u.place], moved.place = moved, u.place
		l.sorted = false
	}
	l.children[last] = nil
	l.children, u.parent = l.children[:last], nil
}

// packed returns what is packed in an object, in no order. It is not to be used once something is taken out.
func (u *unit) packed() []*unit {
	if u.load == nil {
		return nil
	}
	return u.load.children
}

// inOrder returns what is packed in an object in the order of identifiers.
func (l *load) inOrder() []*unit {
	if !l.sorted {
		slices.SortFunc(l.children, func(a, b *unit) int { return strings.Compare(string(a.id), string(b.id)) })
		for i, u := range l.children {
			u.place = int32(i)
		}
		l.sorted = true
	}
	return l.children
}

// packGoods puts objects without serial number into another one.
func (u *unit) packGoods(class ID, n int64) {
	if u.load == nil {
		u.load = &load{sorted: true}
	}
	if u.load.goods == nil {
		u.load.goods = make(map[ID]int64)
	}
	u.load.goods[class] += n
}

// unpackGoods takes them out again, as far as they are there.
func (u *unit) unpackGoods(class ID, n int64) {
	if u.goods()[class] == 0 {
		return
	}
	if u.load.goods[class] -= n; u.load.goods[class] <= 0 {
		delete(u.load.goods, class)
	}
}

// goods returns how much of each class without serial number is packed in an object.
func (u *unit) goods() map[ID]int64 {
	if u.load == nil {
		return nil
	}
	return u.load.goods
}

// read takes in what the code on an object says, where nobody recorded the commissioning: a shop's own ledger begins with
// the receiving.
func (u *unit) read(m *moment) {
	if u.commissioned || u.id.class("") == "" {
		return
	}
	if u.lot == "" {
		u.lot = m.read.lot
	}
	if u.expiry == "" {
		u.expiry = m.read.expiry
	}
}

// fateAt returns where an object left the chain.
func (r *replay) fateAt(u *unit) Party {
	if u.fateEvent == 0 {
		return ""
	}
	return r.recollect(u.fateEvent).actor
}

// fill fills in who holds the object.
func (u *unit) fill(r *replay, c *Custody) {
	c.Holder, c.From, c.Disposition, c.Lot, c.Expiry = u.holder, u.from, u.disposition, u.lot, u.expiry
	if u.since != 0 {
		c.Since = r.recollect(u.since).time
	}
	if u.way != 0 {
		c.To = r.recollect(u.way).to
	}
	if u.parent != nil && u.fate == inChain {
		c.Parent = u.parent.id
	}
}
