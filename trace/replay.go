package trace

import (
	"slices"
	"time"
)

// replay folds events, in the order of time, into who holds what. It serves the till, which follows one object and what
// contains it, and the province, which follows everything: the rules are the same.
type replay struct {
	scope    map[ID]bool  // the objects to follow; nil follows all
	units    map[ID]*unit // those that were named; an audit has them elsewhere
	stocks   map[ID]*stock
	shipped  map[ID]int   // shipments of each document less those that were voided, whenever they happened
	lookup   func(ID) int // finds what shipped does not have; nil when it has everything
	findings []Finding
	times    map[string]time.Time // of the first event of each finding; the earliest, where several have its identifier
	register *register            // nil: none is known
	complete bool                 // every hop of every object should be known, as in an audit
	recalls  map[ID]time.Time     // classes recalled by events
	recall   func(ID) time.Time   // finds what recalls does not have; nil when it has everything
	pasts    []*moment            // those that the state of an object tells of
	archived *archive             // has all of them instead; nil outside of an audit
	told     *factMoment          // memory of applyFact
	failed   error                // the first error of lookup or recall
}

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
	r.noteShipment(e.BizStep, e.Document())
	if e.Disposition == DispRecalled {
		for _, q := range e.Quantities {
			r.noteRecall(q.Class, e.Time)
		}
	}
}

func (r *replay) noteShipment(step BizStep, document ID) {
	switch step {
	case BizStepShipping:
		r.shipped[document]++
	case BizStepVoidShipping:
		r.shipped[document]--
	}
}

func (r *replay) noteRecall(class ID, at time.Time) {
	if since, ok := r.recalls[class]; !ok || at.Before(since) {
		r.recalls[class] = at
	}
}

// announced reports whether the document of an event has a shipment.
func (r *replay) announced(m *moment) bool {
	if m.document == "" {
		return false
	}
	n, ok := r.shipped[m.document]
	if !ok && r.lookup != nil {
		n = r.lookup(m.document)
		r.shipped[m.document] = n
	}
	return n > 0
}

func (r *replay) follows(id ID) bool { return r.scope == nil || r.scope[id] }

// known returns an object that a moment is about. It counts as named only when see was called.
func (r *replay) known(id ID) *unit {
	if u := r.units[id]; u != nil {
		return u
	}
	return &unit{id: id}
}

// see takes in that a moment names an object. It returns the object, which known may have returned twice for the moment.
func (r *replay) see(m *moment, u *unit) *unit {
	if u.first != 0 {
		return u
	}
	if !r.complete {
		if same := r.units[u.id]; same != nil {
			return same
		}
		r.units[u.id] = u
	}
	u.first = r.keep(m)
	return u
}

// past is a moment that was replayed, by its number; 0 is none.
type past int32

// keep returns the number of a moment.
func (r *replay) keep(m *moment) past {
	if m.past == 0 {
		r.pasts = append(r.pasts, m)
		m.past = past(len(r.pasts))
	}
	return m.past
}

// recollect returns the moment with a number. In an audit it is without its objects, and the next one is written over it.
func (r *replay) recollect(p past) *moment {
	if r.archived != nil {
		return r.archived.of(p)
	}
	return r.pasts[p-1]
}

func (r *replay) stock(class ID) *stock {
	s := r.stocks[class]
	if s == nil {
		s = newStock(class)
		r.stocks[class] = s
	}
	return s
}

// apply folds the next event.
func (r *replay) apply(s *stored) {
	if s.facts != nil {
		r.applyFact(s)
		return
	}
	m := r.moment(s.Event)
	m.event, m.index = s, s.index
	r.fold(m)
}

// fold is apply.
func (r *replay) fold(m *moment) {
	switch m.kind {
	case AggregationEvent, AssociationEvent:
		r.group(m)
	case TransformationEvent:
		r.transform(m)
	default:
		r.object(m)
	}
}

// report adds a finding on one object, reportAll one on several.
func (r *replay) report(m *moment, code Code, object ID, want, got string, others ...past) {
	r.reportAll(m, code, []ID{object}, want, got, others...)
}

func (r *replay) reportAll(m *moment, code Code, objects []ID, want, got string, others ...past) {
	f := Finding{Code: code, EPCs: objects, Events: []string{m.ident()}, Place: m.actor, Want: want, Got: got}
	for _, o := range others {
		f.Events = append(f.Events, r.recollect(o).ident())
	}
	r.findings = append(r.findings, f)
	if at, ok := r.times[f.Events[0]]; !ok || m.time.Before(at) {
		r.times[f.Events[0]] = m.time
	}
}

// object applies an ObjectEvent or TransactionEvent.
func (r *replay) object(m *moment) {
	var onUnit func(m *moment, u *unit, listed bool)
	var onStock func(m *moment, s *stock, n int64)
	stays := false // the objects are where they were, in another condition
	switch {
	case m.action == Add && m.kind == ObjectEvent:
		onUnit, onStock = r.commission, r.produce
	case m.step == BizStepShipping:
		onUnit, onStock = r.ship, r.shipStock
	case m.step == BizStepVoidShipping:
		onUnit, onStock = r.voidShip, r.voidShipStock
	case m.step == BizStepReceiving:
		onUnit, onStock = r.receive, r.receiveStock
	case m.step == BizStepDispensing, m.step == BizStepRetailSelling:
		onUnit, onStock = r.dispense, r.dispenseStock
	case m.disposition == DispExported:
		onUnit, onStock = r.leave(exported), r.leaveStock(exported)
	case m.action == Delete && m.kind == ObjectEvent:
		onUnit, onStock = r.leave(destroyed), r.leaveStock(destroyed)
	case m.step == BizStepSampling:
		onUnit, onStock = r.leave(sampled), r.leaveStock(sampled)
	case m.disposition == DispStolen:
		onUnit, onStock = r.leave(lost), r.leaveStock(lost)
	case m.step == BizStepStockTaking, m.step == BizStepCycleCounting:
		onUnit, onStock = r.observe, r.countStock
	default:
		onUnit, onStock, stays = r.observe, r.hold, true
	}
	for _, u := range m.units {
		r.touch(m, u, onUnit, onStock)
	}
	if m.parent != nil {
		r.touch(m, m.parent, onUnit, onStock)
	}
	for _, g := range m.rest.goods {
		n := g.n
		if stays && n == unsaid {
			n = everything
		}
		if n < 0 {
			continue
		}
		s := r.stock(g.class)
		if expiry := m.expiry(); expiry != "" && (s.expiry == "" || m.action == Add) {
			s.expiry = expiry
		}
		onStock(m, s, n)
	}
}

// touch applies an ObjectEvent or TransactionEvent to an object that it names.
func (r *replay) touch(m *moment, u *unit, onUnit func(*moment, *unit, bool), onStock func(*moment, *stock, int64)) {
	u = r.see(m, u)
	if m.action == Add && m.kind == ObjectEvent { // what is in it began its life before
		r.commission(m, u, true)
		return
	}
	u.read(m)
	r.each(m, u, true, onUnit, onStock)
}

// each applies an event to an object and to everything packed in it.
func (r *replay) each(m *moment, u *unit, listed bool,
	onUnit func(*moment, *unit, bool), onStock func(*moment, *stock, int64)) {
	onUnit(m, u, listed)
	if u.load == nil {
		return
	}
	for _, class := range sortedKeys(u.load.goods) {
		if r.follows(class) {
			onStock(m, r.stock(class), u.load.goods[class])
		}
	}
	for _, child := range u.load.inOrder() {
		r.each(m, child, false, onUnit, onStock)
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
	if m.parent == nil {
		return // whoever follows a child follows its parents
	}
	switch m.action {
	case Add:
		parent := r.see(m, m.parent)
		r.observe(m, parent, true)
		for _, u := range m.children {
			if u = r.see(m, u); !parent.inside(u) {
				parent.pack(u)
				r.observe(m, u, true)
			}
		}
		for _, g := range m.rest.children {
			if g.n >= 0 {
				parent.packGoods(g.class, g.n)
			}
		}
	case Delete:
		if parent := m.parent; parent.first != 0 {
			r.unpack(m, parent)
		}
	}
}

// unpack takes out of a case what an event names, or everything.
func (r *replay) unpack(m *moment, parent *unit) {
	if m.all {
		for _, u := range slices.Clone(parent.packed()) {
			u.detach()
			r.observe(m, u, true)
		}
		if parent.load != nil {
			parent.load.goods = nil
		}
		return
	}
	r.judgeUnpacking(m, parent)
	for _, u := range m.children {
		if u.parent == parent {
			u.detach()
			r.observe(m, u, true)
		}
	}
	for _, g := range m.rest.children {
		if g.n >= 0 {
			parent.unpackGoods(g.class, g.n)
		}
	}
}

// judgeUnpacking compares what is unpacked with what was packed. Only an audit can: others may not know of the packing,
// and may unpack one by one.
func (r *replay) judgeUnpacking(m *moment, parent *unit) {
	if !r.complete {
		return
	}
	listed := make(map[*unit]bool, len(m.children))
	var diff []ID
	for _, u := range m.children {
		if !listed[u] && u.parent != parent {
			diff = append(diff, u.id)
		}
		listed[u] = true
	}
	for _, u := range parent.packed() {
		if !listed[u] {
			diff = append(diff, u.id)
		}
	}
	if len(diff) > 0 {
		slices.Sort(diff)
		r.reportAll(m, AggregationMismatch, diff, string(parent.id), "")
	}
}

// transform applies a TransformationEvent: inputs become outputs.
func (r *replay) transform(m *moment) {
	for _, u := range m.rest.inputs {
		r.leave(consumed)(m, r.see(m, u), true)
	}
	for _, g := range m.rest.consumed {
		if g.n >= 0 {
			r.leaveStock(consumed)(m, r.stock(g.class), g.n)
		}
	}
	for _, u := range m.rest.outputs {
		r.commission(m, r.see(m, u), true)
	}
	for _, g := range m.rest.results {
		if g.n >= 0 {
			r.produce(m, r.stock(g.class), g.n)
		}
	}
}

// commission begins the life of an object.
func (r *replay) commission(m *moment, u *unit, _ bool) {
	u.lot, u.expiry, u.commissioned = m.lot(), m.expiry(), true
	if u.fate == inChain {
		u.holder, u.since, u.disposition = m.actor, r.keep(m), m.disposition
	}
}

// observe takes in the condition of an object. The first who is seen with it holds it.
func (r *replay) observe(m *moment, u *unit, _ bool) {
	if m.disposition != "" && u.fate == inChain && u.way == 0 {
		u.disposition = m.disposition
	}
	if u.holder == "" && u.way == 0 && u.fate == inChain {
		u.holder, u.since = m.actor, r.keep(m)
	}
}

// ship sends an object on its way.
func (r *replay) ship(m *moment, u *unit, listed bool) {
	if m.document != "" && u.arrived != 0 && r.recollect(u.arrived).document == m.document {
		return // it arrived before it left: a wrong clock, and custody has moved already
	}
	if listed && u.holder != "" && u.holder != m.actor {
		r.report(m, ShipByNonCustodian, u.id, string(u.holder), string(m.actor))
	}
	if u.fate != inChain {
		return
	}
	u.from, u.holder = m.actor, ""
	u.way = r.keep(m)
	u.since, u.disposition = u.way, m.disposition
}

// voidShip takes a shipment back.
func (r *replay) voidShip(m *moment, u *unit, _ bool) {
	if u.way != 0 && (m.document == "" || m.document == r.recollect(u.way).document) {
		u.holder, u.from = u.from, ""
		u.way, u.since, u.disposition = 0, r.keep(m), m.disposition
	}
}

// receive ends the way of an object. One that had left the chain comes back as a return.
func (r *replay) receive(m *moment, u *unit, listed bool) {
	if listed && !(u.way != 0 && r.recollect(u.way).document == m.document) && !r.announced(m) && (m.document != "" || u.way == 0) {
		r.report(m, ReceiveWithoutShip, u.id, "", string(m.actor))
	}
	if u.fate != inChain && m.disposition != DispReturned {
		return // it cannot be: whoever has it has a copy
	}
	u.fate = inChain
	switch {
	case u.way != 0: // from is who sent it
	case u.holder != "" && u.holder != m.actor:
		u.from = u.holder
	case u.holder == "":
		u.from = m.from
	}
	u.holder, u.way = m.actor, 0
	u.since, u.disposition = r.keep(m), m.disposition
	u.arrived = u.since
}

// leave returns what ends the life of an object in the chain.
func (r *replay) leave(how fate) func(*moment, *unit, bool) {
	return func(m *moment, u *unit, _ bool) {
		if u.fate != inChain {
			return
		}
		if u.holder != "" {
			u.from = u.holder
		} else if u.way == 0 {
			u.from = m.actor
		}
		u.holder, u.way = "", 0
		u.since, u.disposition = r.keep(m), m.disposition
		u.fate, u.fateEvent = how, u.since
	}
}
