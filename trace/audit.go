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
// establishment is known. An [Auditor] does the same with events that do not fit into memory.
func Audit(events []*Event, reg *Register) []Finding {
	m := Moments{declared: make(map[int64]bool)}
	for _, e := range events {
		if e.Error != nil {
			m.declared[millisecond(e.Time)] = true
		}
	}
	for i, e := range events {
		m.Add(int64(i), e)
	}
	a := NewAuditor()
	a.Add(0, &m)
	return a.Findings(reg)
}

// Audit judges everything that is in the ledger; see the function [Audit].
func (r *Repository) Audit(ctx context.Context, reg *Register) ([]Finding, error) {
	var m Moments
	if err := r.load(ctx, func(s *stored) { m.Add(s.index, s.Event) }); err != nil {
		return nil, fmt.Errorf("trace: audit: %w", err)
	}
	a := NewAuditor()
	a.Add(0, &m)
	return a.Findings(reg), nil
}

// Auditor judges the events of many sources as a whole; see [Audit]. It belongs to one goroutine.
type Auditor struct {
	*replay
	archive
	units        []*unit                 // by the number of the object; nil for what was not named as one
	spare        []unit                  // memory for more of them
	consignments map[uint32]*consignment // by document
}

// NewAuditor returns one that knows no event.
func NewAuditor() *Auditor {
	a := &Auditor{replay: newReplay(nil), consignments: make(map[uint32]*consignment)}
	a.complete, a.archived = true, &a.archive
	return a
}

// Findings judges everything that was added, by the rules of a register; nil means an empty one. It is called once, and
// nothing can be added afterwards.
func (a *Auditor) Findings(reg *Register) []Finding {
	if reg == nil {
		reg = &Register{}
	}
	a.register = reg.index()
	a.sort()
	if n := a.counting; n > 0 && a.register.end.IsZero() {
		a.register.end = a.row(n - 1).time(a.oddity(n - 1))
	}
	a.units = make([]*unit, len(a.objects.all))
	var m moment
	for n := range a.counting {
		if s := a.shapes.all[a.row(n).shape]; s.travels() || s.disposition == DispRecalled {
			a.expand(n, &m)
			a.noteShipment(m.step, m.document)
			if m.disposition == DispRecalled {
				for _, g := range m.rest.goods {
					a.noteRecall(g.class, m.time)
				}
			}
			a.consign(&m)
		}
	}
	for n := range a.counting {
		a.expand(n, &m)
		a.locate(&m)
		a.fold(&m)
	}
	a.uncommissioned()
	a.deliveries()
	a.oversold()
	slices.SortFunc(a.findings, func(f, g Finding) int {
		return cmp.Or(a.times[f.Events[0]].Compare(a.times[g.Events[0]]), cmp.Compare(f.Events[0], g.Events[0]),
			cmp.Compare(f.Code, g.Code), slices.Compare(f.EPCs, g.EPCs), slices.Compare(f.Events, g.Events), cmp.Compare(f.Place, g.Place),
			cmp.Compare(f.Want, g.Want), cmp.Compare(f.Got, g.Got))
	})
	return a.findings
}

// consignment is what was recorded under one despatch advice.
type consignment struct {
	ships, receipts, voids []past
}

// standing returns the shipments that were not voided. A void takes back the last shipment before it, for a document may
// be used again.
func (a *Auditor) standing(c *consignment) []past {
	if len(c.voids) == 0 {
		return c.ships
	}
	ships := slices.Clone(c.ships)
	for _, void := range c.voids {
		if len(ships) == 0 {
			break
		}
		at := a.recollect(void).time
		i := len(ships) - 1
		for i > 0 && at.Before(a.recollect(ships[i]).time) {
			i--
		}
		ships = slices.Delete(ships, i, i+1)
	}
	return ships
}

// consign sorts shipments and receipts by their document.
func (a *Auditor) consign(m *moment) {
	if m.document == "" {
		return
	}
	doc := a.documents.number[m.document]
	c := a.consignments[doc]
	if c == nil {
		c = &consignment{}
		a.consignments[doc] = c
	}
	switch m.step {
	case BizStepShipping:
		c.ships = append(c.ships, m.past)
	case BizStepReceiving:
		c.receipts = append(c.receipts, m.past)
	case BizStepVoidShipping:
		c.voids = append(c.voids, m.past)
	}
}

// locate reports an event at a place that the register does not have.
func (a *Auditor) locate(m *moment) {
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
func (a *Auditor) uncommissioned() {
	for _, u := range a.units {
		if u != nil && u.first != 0 && !u.commissioned && u.id.class("") != "" && strings.Contains(string(u.id), "/21/") {
			a.report(a.recollect(u.first), NeverCommissioned, u.id, "", "")
		}
	}
}

// deliveries compares what was shipped under each document with what was received.
func (a *Auditor) deliveries() {
	var ship, receipt moment
	for doc := range a.documents.all {
		c := a.consignments[uint32(doc)]
		if c == nil {
			continue
		}
		ships := a.standing(c)
		if len(ships) == 0 {
			continue // what was received all the same is reported as received without shipment
		}
		a.expand(uint32(ships[0]-1), &ship)
		if len(c.receipts) == 0 {
			if a.register.end.Sub(ship.time) > receiptTime {
				a.reportAll(&ship, ShipNeverReceived, ship.objects(), string(ship.to), "")
			}
			continue
		}
		a.expand(uint32(c.receipts[0]-1), &receipt)
		if receipt.time.Before(ship.time) {
			a.reportAll(&receipt, TimeTravel, receipt.objects(), ship.time.Format(time.RFC3339), receipt.time.Format(time.RFC3339), ships[0])
		}
		if len(ships) == 1 && len(c.receipts) == 1 && ship.sameContents(&receipt) {
			continue // nearly all
		}
		shipped, received := a.contents(ships), a.contents(c.receipts)
		if diff := difference(shipped, received); len(diff) > 0 {
			a.reportAll(&receipt, QuantityMismatch, diff, fmt.Sprint(total(shipped)), fmt.Sprint(total(received)), ships[0])
		}
	}
}

// sameContents reports whether two moments name the same in the same order.
func (m *moment) sameContents(n *moment) bool {
	return slices.Equal(m.units, n.units) && slices.Equal(m.rest.goods, n.rest.goods)
}

// contents returns how much of each object some events name.
func (a *Auditor) contents(events []past) map[ID]int64 {
	out := make(map[ID]int64)
	var m moment
	for _, p := range events {
		a.expand(uint32(p-1), &m)
		for _, u := range m.units {
			out[u.id] = 1
		}
		for _, g := range m.rest.goods {
			out[g.class] += max(g.n, 0)
		}
	}
	return out
}

func total(contents map[ID]int64) (n int64) {
	for _, count := range contents {
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
