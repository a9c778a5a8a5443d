package trace

import (
	"slices"
	"time"
)

// replay folds events, in the order of time, into who holds what. It serves the till, which follows one object and what
// contains it, and the province, which follows everything: the rules are the same.
type replay struct {
	scope    map[ID]bool // the objects to follow; nil follows all
	units    map[ID]*unit
	stocks   map[ID]*stock
	shipped  map[ID]int   // shipments of each document less those that were voided, whenever they happened
	lookup   func(ID) int // finds what shipped does not have; nil when it has everything
	findings []Finding
	times    map[string]time.Time // of the first event of each finding
	register *register            // nil: none is known
	complete bool                 // every hop of every object should be known, as in an audit
	recalls  map[ID]time.Time     // classes recalled by events
	recall   func(ID) time.Time   // finds what recalls does not have; nil when it has everything
	failed   error                // the first error of lookup or recall
}

// unit is one object with an identity of its own: a pack, a case, a pallet.
type unit struct {
	id          ID
	holder      Party // who has it; empty in transit, and when it has left the chain
	from, to    Party // who had it before; to whom it is on its way
	since       time.Time
	disposition Disposition
	via         ID // the document under which it is on its way
	arrived     ID // the document under which it was received last
	transit     bool
	fate        fate
	fateAt      Party   // where it left the chain
	fateEvent   *stored // by which event
	parent      *unit
	children    map[ID]*unit
	content     map[ID]int64 // classes packed in it without serial number
	lot, expiry string       // as commissioned, or else as first read

	commissioned bool
	first        *stored // the first event that named it
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

func newReplay(scope map[ID]bool) *replay {
	return &replay{
		scope:   scope,
		units:   make(map[ID]*unit),
		stocks:  make(map[ID]*stock),
		shipped: make(map[ID]int),
		recalls: make(map[ID]time.Time),
		times:   make(map[string]time.Time),
	}
}

// note takes in what has to be known of an event before the events ahead of it are judged: a receipt may bear an
// earlier time than its shipment.
func (r *replay) note(e *Event) {
	switch e.BizStep {
	case BizStepShipping:
		r.shipped[e.Document()]++
	case BizStepVoidShipping:
		r.shipped[e.Document()]--
	}
	if e.Disposition != DispRecalled {
		return
	}
	for _, q := range e.Quantities {
		if since, ok := r.recalls[q.Class]; !ok || e.Time.Before(since) {
			r.recalls[q.Class] = e.Time
		}
	}
}

// announced reports whether the document of an event has a shipment.
func (r *replay) announced(m *moment) bool {
	if m.doc == "" {
		return false
	}
	n, ok := r.shipped[m.doc]
	if !ok && r.lookup != nil {
		n = r.lookup(m.doc)
		r.shipped[m.doc] = n
	}
	return n > 0
}

func (r *replay) follows(id ID) bool { return r.scope == nil || r.scope[id] }

func (r *replay) unit(m *moment, id ID) *unit {
	u := r.units[id]
	if u == nil {
		u = &unit{id: id, first: m.stored}
		r.units[id] = u
	}
	return u
}

func (r *replay) stock(class ID) *stock {
	s := r.stocks[class]
	if s == nil {
		s = newStock(class)
		r.stocks[class] = s
	}
	return s
}

// moment is an event together with what every rule asks of it.
type moment struct {
	*stored
	actor Party
	doc   ID
}

// apply folds the next event.
func (r *replay) apply(s *stored) {
	m := &moment{stored: s, actor: s.Actor(), doc: s.Document()}
	switch s.Type {
	case AggregationEvent, AssociationEvent:
		r.group(m)
	case TransformationEvent:
		r.transform(m)
	default:
		r.object(m)
	}
}

// report adds a finding on one object, reportAll one on several.
func (r *replay) report(m *moment, code Code, object ID, want, got string, others ...*stored) {
	r.reportAll(m, code, []ID{object}, want, got, others...)
}

func (r *replay) reportAll(m *moment, code Code, objects []ID, want, got string, others ...*stored) {
	f := Finding{Code: code, EPCs: objects, Events: []string{m.ident()}, Place: m.actor, Want: want, Got: got}
	for _, o := range others {
		f.Events = append(f.Events, o.ident())
	}
	r.findings = append(r.findings, f)
	r.times[f.Events[0]] = m.Time
}

// object applies an ObjectEvent or TransactionEvent.
func (r *replay) object(m *moment) {
	var onUnit func(m *moment, u *unit, listed bool)
	var onStock func(m *moment, s *stock, n int64)
	stays := false // the objects are where they were, in another condition
	switch {
	case m.Action == Add && m.Type == ObjectEvent:
		onUnit, onStock = r.commission, r.produce
	case m.BizStep == BizStepShipping:
		onUnit, onStock = r.ship, r.shipStock
	case m.BizStep == BizStepVoidShipping:
		onUnit, onStock = r.voidShip, r.voidShipStock
	case m.BizStep == BizStepReceiving:
		onUnit, onStock = r.receive, r.receiveStock
	case m.BizStep == BizStepDispensing, m.BizStep == BizStepRetailSelling:
		onUnit, onStock = r.dispense, r.dispenseStock
	case m.Disposition == DispExported:
		onUnit, onStock = r.leave(exported), r.leaveStock(exported)
	case m.Action == Delete && m.Type == ObjectEvent:
		onUnit, onStock = r.leave(destroyed), r.leaveStock(destroyed)
	case m.BizStep == BizStepSampling:
		onUnit, onStock = r.leave(sampled), r.leaveStock(sampled)
	case m.Disposition == DispStolen:
		onUnit, onStock = r.leave(lost), r.leaveStock(lost)
	case m.BizStep == BizStepStockTaking, m.BizStep == BizStepCycleCounting:
		onUnit, onStock = r.observe, r.countStock
	default:
		onUnit, onStock, stays = r.observe, r.hold, true
	}
	ids := m.EPCs
	if m.Parent != "" {
		ids = append(ids[:len(ids):len(ids)], m.Parent)
	}
	for _, id := range ids {
		switch {
		case !r.follows(id):
		case m.Action == Add && m.Type == ObjectEvent: // what is in it began its life before
			r.commission(m, r.unit(m, id), true)
		default:
			u := r.unit(m, id)
			u.read(m)
			r.each(m, u, true, onUnit, onStock)
		}
	}
	for _, q := range m.Quantities {
		n, ok := q.Count()
		if stays && q.Amount == "" && q.UOM == "" {
			n, ok = everything, true
		}
		if ok && r.follows(q.Class) {
			s := r.stock(q.Class)
			if expiry := m.expiry(); expiry != "" && (s.expiry == "" || m.Action == Add) {
				s.expiry = expiry
			}
			onStock(m, s, n)
		}
	}
}

// each applies an event to an object and to everything packed in it.
func (r *replay) each(m *moment, u *unit, listed bool,
	onUnit func(*moment, *unit, bool), onStock func(*moment, *stock, int64)) {
	onUnit(m, u, listed)
	for _, class := range sortedKeys(u.content) {
		if r.follows(class) {
			onStock(m, r.stock(class), u.content[class])
		}
	}
	for _, id := range sortedKeys(u.children) {
		r.each(m, u.children[id], false, onUnit, onStock)
	}
}

func sortedKeys[V any](m map[ID]V) []ID {
	if len(m) == 0 {
		return nil
	}
	keys := make([]ID, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// group applies an AggregationEvent or AssociationEvent.
func (r *replay) group(m *moment) {
	switch m.Action {
	case Add:
		if !r.follows(m.Parent) {
			return // whoever follows a child follows its parents
		}
		parent := r.unit(m, m.Parent)
		r.observe(m, parent, true)
		for _, id := range m.ChildEPCs {
			if !r.follows(id) {
				continue
			}
			if u := r.unit(m, id); !parent.inside(u) {
				u.detach()
				u.parent = parent
				if parent.children == nil {
					parent.children = make(map[ID]*unit)
				}
				parent.children[id] = u
				r.observe(m, u, true)
			}
		}
		for _, q := range m.ChildQuantities {
			n, ok := q.Count()
			if !ok || !r.follows(q.Class) {
				continue
			}
			if parent.content == nil {
				parent.content = make(map[ID]int64)
			}
			parent.content[q.Class] += n
		}
	case Delete:
		parent := r.units[m.Parent]
		if parent == nil {
			return
		}
		if len(m.ChildEPCs)+len(m.ChildQuantities) == 0 {
			for _, u := range parent.children {
				u.detach()
				r.observe(m, u, true)
			}
			parent.content = nil
			return
		}
		r.judgeUnpacking(m, parent)
		for _, id := range m.ChildEPCs {
			if u := parent.children[id]; u != nil {
				u.detach()
				r.observe(m, u, true)
			}
		}
		for _, q := range m.ChildQuantities {
			n, ok := q.Count()
			if !ok || parent.content[q.Class] == 0 {
				continue
			}
			if parent.content[q.Class] -= n; parent.content[q.Class] <= 0 {
				delete(parent.content, q.Class)
			}
		}
	}
}

// judgeUnpacking compares what is unpacked with what was packed. Only an audit can: others may not know of the packing,
// and may unpack one by one.
func (r *replay) judgeUnpacking(m *moment, parent *unit) {
	if !r.complete {
		return
	}
	packed, unpacked := make(map[ID]int64), make(map[ID]int64)
	for id := range parent.children {
		packed[id] = 1
	}
	for _, id := range m.ChildEPCs {
		unpacked[id] = 1
	}
	if diff := difference(packed, unpacked); len(diff) > 0 {
		r.reportAll(m, AggregationMismatch, diff, string(parent.id), "")
	}
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

func (u *unit) detach() {
	if u.parent != nil {
		delete(u.parent.children, u.id)
		u.parent = nil
	}
}

// transform applies a TransformationEvent: inputs become outputs.
func (r *replay) transform(m *moment) {
	for _, id := range m.InputEPCs {
		if r.follows(id) {
			r.leave(consumed)(m, r.unit(m, id), true)
		}
	}
	for _, q := range m.InputQuantities {
		if n, ok := q.Count(); ok && r.follows(q.Class) {
			r.leaveStock(consumed)(m, r.stock(q.Class), n)
		}
	}
	for _, id := range m.OutputEPCs {
		if r.follows(id) {
			r.commission(m, r.unit(m, id), true)
		}
	}
	for _, q := range m.OutputQuantities {
		if n, ok := q.Count(); ok && r.follows(q.Class) {
			r.produce(m, r.stock(q.Class), n)
		}
	}
}

// commission begins the life of an object.
func (r *replay) commission(m *moment, u *unit, _ bool) {
	u.lot, u.expiry, u.commissioned = m.lot(), m.expiry(), true
	if u.fate == inChain {
		u.holder, u.since, u.disposition = m.actor, m.Time, m.Disposition
	}
}

// read takes in what the code on an object says, where nobody recorded the commissioning: a shop's own ledger begins with
// the receiving.
func (u *unit) read(m *moment) {
	if u.commissioned || u.id.class("") == "" {
		return
	}
	if u.lot == "" {
		u.lot = field(m.Extensions, "lot")
	}
	if u.expiry == "" {
		u.expiry = field(m.Extensions, "exp")
	}
}

// observe takes in the condition of an object. The first who is seen with it holds it.
func (r *replay) observe(m *moment, u *unit, _ bool) {
	if m.Disposition != "" && u.fate == inChain && !u.transit {
		u.disposition = m.Disposition
	}
	if u.holder == "" && !u.transit && u.fate == inChain {
		u.holder, u.since = m.actor, m.Time
	}
}

// ship sends an object on its way.
func (r *replay) ship(m *moment, u *unit, listed bool) {
	if m.doc != "" && u.arrived == m.doc {
		return // it arrived before it left: a wrong clock, and custody has moved already
	}
	if listed && u.holder != "" && u.holder != m.actor {
		r.report(m, ShipByNonCustodian, u.id, string(u.holder), string(m.actor))
	}
	if u.fate != inChain {
		return
	}
	u.from, u.holder, u.to = m.actor, "", counterpart(m.Destinations)
	u.transit, u.via, u.since, u.disposition = true, m.doc, m.Time, m.Disposition
}

// voidShip takes a shipment back.
func (r *replay) voidShip(m *moment, u *unit, _ bool) {
	if u.transit && (m.doc == "" || m.doc == u.via) {
		u.holder, u.from, u.to = u.from, "", ""
		u.transit, u.since, u.disposition = false, m.Time, m.Disposition
	}
}

// receive ends the way of an object. One that had left the chain comes back as a return.
func (r *replay) receive(m *moment, u *unit, listed bool) {
	if listed && !(u.transit && u.via == m.doc) && !r.announced(m) && (m.doc != "" || !u.transit) {
		r.report(m, ReceiveWithoutShip, u.id, "", string(m.actor))
	}
	if u.fate != inChain && m.Disposition != DispReturned {
		return // it cannot be: whoever has it has a copy
	}
	u.fate = inChain
	switch {
	case u.transit: // from is who sent it
	case u.holder != "" && u.holder != m.actor:
		u.from = u.holder
	case u.holder == "":
		u.from = counterpart(m.Sources)
	}
	u.holder, u.to, u.transit = m.actor, "", false
	u.since, u.disposition, u.arrived = m.Time, m.Disposition, m.doc
}

// leave returns what ends the life of an object in the chain.
func (r *replay) leave(how fate) func(*moment, *unit, bool) {
	return func(m *moment, u *unit, _ bool) {
		if u.fate != inChain {
			return
		}
		if u.holder != "" {
			u.from = u.holder
		} else if !u.transit {
			u.from = m.actor
		}
		u.holder, u.to, u.transit = "", "", false
		u.since, u.disposition = m.Time, m.Disposition
		u.fate, u.fateAt, u.fateEvent = how, m.actor, m.stored
	}
}
