package trace

import (
	"cmp"
	"crypto/sha256"
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
	goods, children, consumed, results []goods // quantityList, childQuantityList, …
}

// goods are objects of a class without serial numbers.
type goods struct {
	class ID
	n     int64 // how many; or one of the following
}

// What is no count.
const (
	uncounted = -1 // an amount with a unit of measure, or no integer
	unsaid    = -2 // no amount at all
)

// counted returns the count of a quantity.
func counted(q Quantity) int64 {
	if q.Amount == "" && q.UOM == "" {
		return unsaid
	}
	if n, ok := q.Count(); ok {
		return n
	}
	return uncounted
}

// noRest is that of an event that names none of them.
var noRest = &rest{}

// moment returns what the rules ask of an event, with the objects that the replay follows.
func (r *replay) moment(e *Event) *moment {
	m := &moment{
		time: e.Time, kind: e.Type, action: e.Action, step: e.BizStep, disposition: e.Disposition,
		actor: e.Actor(), from: counterpart(e.Sources), to: counterpart(e.Destinations),
		document: e.Document(),
		located:  e.ReadPoint != "",
		made:     batch{field(e.ILMD, "lotNumber"), field(e.ILMD, "itemExpirationDate")},
		read:     batch{field(e.Extensions, "lot"), field(e.Extensions, "exp")},
		price:    field(e.Extensions, "price"),
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
func (r *replay) goods(list []Quantity) []goods {
	var out []goods
	for _, q := range list {
		if r.follows(q.Class) {
			out = append(out, goods{q.Class, counted(q)})
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
	for _, list := range [...][]goods{m.rest.goods, m.rest.children, m.rest.consumed, m.rest.results} {
		for _, g := range list {
			ids = append(ids, g.class)
		}
	}
	return ids
}
