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
	a := newAudit(reg)
	for i, e := range events {
		a.take(&stored{Event: e, index: int64(i)})
	}
	findings, _ := a.judge(func(index int64) (*stored, error) { return &stored{Event: events[index]}, nil })
	return findings
}

// Audit judges everything that is in the ledger; see the function [Audit].
func (r *Repository) Audit(ctx context.Context, reg *Register) ([]Finding, error) {
	a := newAudit(reg)
	err := r.load(ctx, a.take)
	if err != nil {
		return nil, fmt.Errorf("trace: audit: %w", err)
	}
	findings, err := a.judge(func(index int64) (*stored, error) { return r.reader().at(ctx, index) })
	if err != nil {
		return nil, fmt.Errorf("trace: audit: %w", err)
	}
	return findings, nil
}

// audit adds to a replay of everything the rules about what is missing.
type audit struct {
	*replay
	moments      []*moment
	declared     story               // of it, what was declared wrong
	consignments map[ID]*consignment // by document
}

func newAudit(reg *Register) *audit {
	if reg == nil {
		reg = &Register{}
	}
	r := newReplay(nil)
	r.register, r.complete, r.texts = reg.index(), true, make(map[string]string)
	return &audit{replay: r, consignments: make(map[ID]*consignment)}
}

// take takes in an event, in any order. It keeps nothing of its memory.
func (a *audit) take(s *stored) {
	if s.Error != nil {
		a.declared.declare(s)
		return
	}
	m := a.moment(s.Event)
	m.index = s.index
	switch sum, ok := hashOf(s.EventID); {
	case ok:
		m.hash = sum
	case s.EventID != "":
		m.eventID = strings.Clone(s.EventID)
	default:
		copy(m.hash[:], s.digest())
	}
	a.moments = append(a.moments, m)
}

// judge returns the findings about what was taken in. It asks again for the few events that may have been declared wrong.
func (a *audit) judge(event func(index int64) (*stored, error)) ([]Finding, error) {
	var failed error
	a.moments = slices.DeleteFunc(a.moments, func(m *moment) bool {
		if failed != nil || !a.declared.times[millisecond(m.time)] {
			return false
		}
		s, err := event(m.index)
		if err != nil {
			failed = err
			return false
		}
		return !a.declared.stands(s)
	})
	if failed != nil {
		return nil, failed
	}
	slices.SortFunc(a.moments, (*moment).before)
	a.moments = slices.CompactFunc(a.moments, (*moment).same)
	if n := len(a.moments); n > 0 && a.register.end.IsZero() {
		a.register.end = a.moments[n-1].time
	}
	for _, m := range a.moments {
		a.noteShipment(m.step, m.document)
		a.noteRecall(m.disposition, m.time, m.rest.goods)
		a.consign(m)
	}
	for _, m := range a.moments {
		a.locate(m)
		a.fold(m)
	}
	a.uncommissioned()
	a.deliveries()
	a.oversold()
	slices.SortStableFunc(a.findings, func(f, g Finding) int {
		return cmp.Or(a.times[f.Events[0]].Compare(a.times[g.Events[0]]), cmp.Compare(f.Events[0], g.Events[0]),
			cmp.Compare(f.Code, g.Code), slices.Compare(f.EPCs, g.EPCs))
	})
	return a.findings, nil
}

// consignment is what was recorded under one despatch advice.
type consignment struct {
	ships, receipts, voids []*moment
}

// standing returns the shipments that were not voided. A void takes back the last shipment before it, for a document may
// be used again.
func (c *consignment) standing() []*moment {
	if len(c.voids) == 0 {
		return c.ships
	}
	ships := slices.Clone(c.ships)
	for _, void := range c.voids {
		if len(ships) == 0 {
			break
		}
		i := len(ships) - 1
		for i > 0 && void.time.Before(ships[i].time) {
			i--
		}
		ships = slices.Delete(ships, i, i+1)
	}
	return ships
}

// consign sorts shipments and receipts by their document.
func (a *audit) consign(m *moment) {
	if m.step != BizStepShipping && m.step != BizStepReceiving && m.step != BizStepVoidShipping || m.document == "" {
		return
	}
	c := a.consignments[m.document]
	if c == nil {
		c = &consignment{}
		a.consignments[m.document] = c
	}
	switch m.step {
	case BizStepShipping:
		c.ships = append(c.ships, m)
	case BizStepReceiving:
		c.receipts = append(c.receipts, m)
	default:
		c.voids = append(c.voids, m)
	}
}

// locate reports an event at a place that the register does not have.
func (a *audit) locate(m *moment) {
	if !m.located {
		return
	}
	if _, known := a.register.suspended[m.actor]; !known {
		a.reportAll(m, UnknownEstablishment, m.objects(), "", string(m.actor))
	}
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
	for _, u := range a.units {
		if u.first != 0 && !u.commissioned && u.id.class("") != "" && strings.Contains(string(u.id), "/21/") {
			a.report(a.recollect(u.first), NeverCommissioned, u.id, "", "")
		}
	}
}

// deliveries compares what was shipped under each document with what was received.
func (a *audit) deliveries() {
	for _, doc := range sortedKeys(a.consignments) {
		c := a.consignments[doc]
		ships := c.standing()
		if len(ships) == 0 {
			continue // what was received all the same is reported as received without shipment
		}
		ship := ships[0]
		if len(c.receipts) == 0 {
			if a.register.end.Sub(ship.time) > receiptTime {
				a.reportAll(ship, ShipNeverReceived, ship.objects(), string(ship.to), "")
			}
			continue
		}
		receipt := c.receipts[0]
		if receipt.time.Before(ship.time) {
			a.reportAll(receipt, TimeTravel, receipt.objects(), ship.time.Format(time.RFC3339), receipt.time.Format(time.RFC3339), a.keep(ship))
		}
		if len(ships) == 1 && len(c.receipts) == 1 && slices.Equal(ship.units, receipt.units) && len(ship.rest.goods)+len(receipt.rest.goods) == 0 {
			continue // nearly all
		}
		if diff := difference(contents(ships), contents(c.receipts)); len(diff) > 0 {
			a.reportAll(receipt, QuantityMismatch, diff, fmt.Sprint(total(ships)), fmt.Sprint(total(c.receipts)), a.keep(ship))
		}
	}
}

// contents returns how much of each object some events name.
func contents(events []*moment) map[ID]int64 {
	out := make(map[ID]int64)
	for _, m := range events {
		for _, u := range m.units {
			out[u.id] = 1
		}
		for _, q := range m.rest.goods {
			n, _ := q.Count()
			out[q.Class] += n
		}
	}
	return out
}

func total(events []*moment) (n int64) {
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
