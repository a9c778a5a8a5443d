package trace

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Audit judges events as a whole: those of many parties, over a period, by the rules of a register. Events may come in
// any order, and more than once. The findings are in the order of the time of the event that breaks the rule.
//
// Beside the rules that a receipt tells, an audit knows those that need every hop or the register: never_commissioned,
// unknown_establishment, suspended_establishment, ship_never_received, quantity_mismatch, time_travel,
// aggregation_mismatch, more_sold_than_received and price_above_declared. A pack that nobody is known to hold is then dispensed by a
// non-custodian, and a lot is recalled when the register says so. Nil reg means an empty register, in which no
// establishment is known.
func Audit(events []*Event, reg *Register) []Finding {
	list := make([]*stored, len(events))
	for i, e := range events {
		list[i] = &stored{Event: e, index: int64(i)}
	}
	return auditStored(list, reg)
}

// Audit judges everything that is in the ledger; see the function [Audit].
func (r *Repository) Audit(ctx context.Context, reg *Register) ([]Finding, error) {
	list, err := r.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("trace: audit: %w", err)
	}
	return auditStored(list, reg), nil
}

func auditStored(list []*stored, reg *Register) []Finding {
	if reg == nil {
		reg = &Register{}
	}
	st := declaredWrong(list)
	list = slices.DeleteFunc(list, func(s *stored) bool { return !st.stands(s) })
	slices.SortFunc(list, before)
	list = slices.CompactFunc(list, (*stored).same)

	r := newReplay(nil)
	r.register, r.complete = reg.index(), true
	if n := len(list); n > 0 && r.register.end.IsZero() {
		r.register.end = list[n-1].Time
	}
	a := &audit{replay: r, consignments: make(map[ID]*consignment)}
	for _, s := range list {
		r.note(s.Event)
		a.note(s)
	}
	for _, s := range list {
		a.place(s)
		r.apply(s)
	}
	a.uncommissioned()
	a.deliveries()
	a.oversold()
	slices.SortStableFunc(r.findings, func(f, g Finding) int {
		return cmp.Or(r.times[f.Events[0]].Compare(r.times[g.Events[0]]), cmp.Compare(f.Events[0], g.Events[0]),
			cmp.Compare(f.Code, g.Code), slices.Compare(f.EPCs, g.EPCs))
	})
	return r.findings
}

// audit adds to a replay of everything the rules about what is missing.
type audit struct {
	*replay
	consignments map[ID]*consignment // by document
}

// consignment is what was recorded under one despatch advice.
type consignment struct {
	ships, receipts []*stored
	voided          int
}

// note sorts shipments and receipts by their document.
func (a *audit) note(s *stored) {
	if s.BizStep != BizStepShipping && s.BizStep != BizStepReceiving && s.BizStep != BizStepVoidShipping {
		return
	}
	doc := s.Document()
	if doc == "" {
		return
	}
	c := a.consignments[doc]
	if c == nil {
		c = &consignment{}
		a.consignments[doc] = c
	}
	switch s.BizStep {
	case BizStepShipping:
		c.ships = append(c.ships, s)
	case BizStepReceiving:
		c.receipts = append(c.receipts, s)
	default:
		c.voided++
	}
}

// place reports an event at a place that the register does not have.
func (a *audit) place(s *stored) {
	if s.ReadPoint == "" {
		return
	}
	actor := PartyOf(s.ReadPoint)
	if _, known := a.register.suspended[actor]; !known {
		a.add(UnknownEstablishment, s, s.objects(), "", string(actor))
	}
}

func (a *audit) add(code Code, s *stored, objects []ID, want, got string, others ...*stored) {
	f := Finding{Code: code, EPCs: objects, Events: []string{s.ident()}, Place: s.Actor(), Want: want, Got: got}
	for _, o := range others {
		f.Events = append(f.Events, o.ident())
	}
	a.findings = append(a.findings, f)
	a.times[f.Events[0]] = s.Time
}

// objects returns what an event names, classes included.
func (e *Event) objects() []ID {
	ids := slices.Concat(e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs)
	if e.Parent != "" {
		ids = append(ids, e.Parent)
	}
	for _, q := range slices.Concat(e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities) {
		ids = append(ids, q.Class)
	}
	return ids
}

// uncommissioned reports packs that appear though nobody commissioned them.
func (a *audit) uncommissioned() {
	for _, id := range sortedKeys(a.units) {
		if u := a.units[id]; !u.commissioned && id.class("") != "" && strings.Contains(string(id), "/21/") {
			a.add(NeverCommissioned, u.first, []ID{id}, "", "")
		}
	}
}

// deliveries compares what was shipped under each document with what was received.
func (a *audit) deliveries() {
	for _, doc := range sortedKeys(a.consignments) {
		c := a.consignments[doc]
		if len(c.ships) <= c.voided || len(c.ships) == 0 {
			continue // what was received all the same is reported as received without shipment
		}
		ship := c.ships[0]
		if len(c.receipts) == 0 {
			if a.register.end.Sub(ship.Time) > receiptTime {
				a.add(ShipNeverReceived, ship, ship.objects(), string(counterpart(ship.Destinations)), "")
			}
			continue
		}
		receipt := c.receipts[0]
		if receipt.Time.Before(ship.Time) {
			a.add(TimeTravel, receipt, receipt.objects(), ship.Time.Format(time.RFC3339), receipt.Time.Format(time.RFC3339), ship)
		}
		if diff := difference(contents(c.ships), contents(c.receipts)); len(diff) > 0 {
			a.add(QuantityMismatch, receipt, diff, fmt.Sprint(total(c.ships)), fmt.Sprint(total(c.receipts)), ship)
		}
	}
}

// contents returns how much of each object some events name.
func contents(events []*stored) map[ID]int64 {
	out := make(map[ID]int64)
	for _, s := range events {
		for _, id := range s.EPCs {
			out[id] = 1
		}
		for _, q := range s.Quantities {
			n, _ := q.Count()
			out[q.Class] += n
		}
	}
	return out
}

func total(events []*stored) (n int64) {
	for _, count := range contents(events) {
		n += count
	}
	return n
}

// difference returns the objects of which two amounts differ.
func difference(a, b map[ID]int64) []ID {
	var out []ID
	for id, n := range a {
		if b[id] != n {
			out = append(out, id)
		}
	}
	for id := range b {
		if _, ok := a[id]; !ok {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
