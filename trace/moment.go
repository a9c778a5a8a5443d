package trace

import (
	"cmp"
	"crypto/sha256"
	"strings"
	"time"
)

// moment is what the rules ask of an event. An audit keeps the moments of all events, and of an event nothing else.
type moment struct {
	event       *stored // nil in an audit
	index       int64   // of its first entry
	past        past    // its number, once it has one
	time        time.Time
	kind        EventType
	action      Action
	step        BizStep
	disposition Disposition
	actor       Party
	from, to    Party // the counterparts that its sources and destinations name
	document    ID
	located     bool  // it has a readPoint, so the actor is a place
	made        batch // by its master data
	read        batch // by its extensions
	price       string
	parent      *unit
	units       []*unit // epcList
	children    []*unit
	all         bool  // it lists no children, which in a DELETE means all
	rest        *rest // noRest, or what there is of it

	eventID string // when it is no event hash
	hash    [sha256.Size]byte
}

// batch is a lot and its expiry date. Either may be empty.
type batch struct{ lot, expiry string }

// rest are the objects that few events name.
type rest struct {
	inputs, outputs                    []*unit
	goods, children, consumed, results []Quantity // quantityList, childQuantityList, …
}

// noRest is that of an event that names none of them.
var noRest = &rest{}

// moment returns what the rules ask of an event, with the objects that the replay follows.
func (r *replay) moment(e *Event) *moment {
	m := &moment{
		time: e.Time, kind: keep(r, e.Type), action: e.Action, step: keep(r, e.BizStep), disposition: keep(r, e.Disposition),
		actor: keep(r, e.Actor()), from: keep(r, counterpart(e.Sources)), to: keep(r, counterpart(e.Destinations)),
		document: keep(r, e.Document()),
		located:  e.ReadPoint != "",
		made:     batch{keep(r, field(e.ILMD, "lotNumber")), keep(r, field(e.ILMD, "itemExpirationDate"))},
		read:     batch{keep(r, field(e.Extensions, "lot")), keep(r, field(e.Extensions, "exp"))},
		price:    keep(r, field(e.Extensions, "price")),
		units:    r.find(e.EPCs),
		children: r.find(e.ChildEPCs),
		all:      len(e.ChildEPCs)+len(e.ChildQuantities) == 0,
		rest:     noRest,
	}
	if e.Parent != "" && r.follows(e.Parent) {
		m.parent = r.known(e.Parent)
	}
	if len(e.InputEPCs)+len(e.OutputEPCs)+len(e.Quantities)+len(e.ChildQuantities)+len(e.InputQuantities)+len(e.OutputQuantities) > 0 {
		m.rest = &rest{
			r.find(e.InputEPCs), r.find(e.OutputEPCs),
			r.goods(e.Quantities), r.goods(e.ChildQuantities), r.goods(e.InputQuantities), r.goods(e.OutputQuantities),
		}
	}
	return m
}

// keep returns a text that does not hold on to the memory of its event.
func keep[T ~string](r *replay, s T) T {
	if r.texts == nil || s == "" {
		return s
	}
	kept, ok := r.texts[string(s)]
	if !ok {
		kept = strings.Clone(string(s))
		r.texts[kept] = kept
	}
	return T(kept)
}

// find returns the objects of a list that the replay follows.
func (r *replay) find(ids []ID) []*unit {
	n := len(ids)
	if r.scope != nil {
		n = 0
		for _, id := range ids {
			if r.scope[id] {
				n++
			}
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]*unit, 0, n)
	for _, id := range ids {
		if r.follows(id) {
			out = append(out, r.known(id))
		}
	}
	return out
}

// goods returns the quantities of a list whose class the replay follows.
func (r *replay) goods(list []Quantity) []Quantity {
	var out []Quantity
	for _, q := range list {
		if r.follows(q.Class) {
			out = append(out, Quantity{keep(r, q.Class), keep(r, q.Amount), keep(r, q.UOM)})
		}
	}
	return out
}

// lot and expiry are [Event.lot] and [Event.expiry].
func (m *moment) lot() string    { return cmp.Or(m.made.lot, m.read.lot) }
func (m *moment) expiry() string { return cmp.Or(m.made.expiry, m.read.expiry) }

// ident is [stored.ident].
func (m *moment) ident() string {
	switch {
	case m.event != nil:
		return m.event.ident()
	case m.eventID != "":
		return m.eventID
	}
	return hashURI(CBV20, m.hash[:])
}

// before and same are those of [stored].
func (m *moment) before(n *moment) int {
	if c := m.time.Compare(n.time); c != 0 || m == n {
		return c
	}
	return cmp.Or(cmp.Compare(m.ident(), n.ident()), cmp.Compare(m.index, n.index))
}

func (m *moment) same(n *moment) bool { return m.time.Equal(n.time) && m.ident() == n.ident() }

// objects is [Event.objects].
func (m *moment) objects() []ID {
	var ids []ID
	for _, list := range [...][]*unit{m.units, m.children, m.rest.inputs, m.rest.outputs} {
		for _, u := range list {
			ids = append(ids, u.id)
		}
	}
	if m.parent != nil {
		ids = append(ids, m.parent.id)
	}
	for _, list := range [...][]Quantity{m.rest.goods, m.rest.children, m.rest.consumed, m.rest.results} {
		for _, q := range list {
			ids = append(ids, q.Class)
		}
	}
	return ids
}
