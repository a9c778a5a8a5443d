package trace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// However events are spread over sources, and in whatever order these are added, the findings are the same, and so is what is
// told of each event.
func TestMomentsOfManySources(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 11_000+seed)
		events := w.history(t, 60)
		strange(w.rnd, events)
		wrong := *pick(w, events)
		wrong.Error = &ErrorDeclaration{Time: w.now}
		events = append(events, &wrong)
		want := Audit(events, nil)
		events = append(events, events[:5]...)
		parts := make([]Moments, 4)
		of := make(map[string][]int64)
		for i, e := range events {
			k := w.rnd.IntN(len(parts))
			index := int64(i)
			if i%7 == 3 {
				index += 1 << 40
			}
			parts[k].Add(index, e)
			of[e.ID()] = append(of[e.ID()], index)
		}
		a := NewAuditor()
		for _, k := range w.rnd.Perm(len(parts)) {
			a.Add(k, &parts[k])
		}
		n := 0
		a.Recorded(func(source int, index, at int64, actor Party) { n++ })
		if n != len(events) {
			t.Errorf("%d events recorded, want %d", n, len(events))
		}
		if diff := cmp.Diff(want, a.Findings(nil)); diff != "" {
			t.Fatalf("seed %d (-one +many):\n%s", seed, diff)
		}
		checkMoments(t, a, events, of)
	}
}

// strange makes some events what a row of an audit does not hold as it is.
func strange(rnd *rand.Rand, events []*Event) {
	for i, e := range events {
		c := *e
		switch i % 9 {
		case 1:
			c.Time = c.Time.Add(123 * time.Nanosecond)
		case 2:
			c.Time = c.Time.In(time.FixedZone("", 5*3600+45*60+7))
		case 3:
			c.EventID = fmt.Sprintf("urn:uuid:%d", rnd.Uint32())
		case 4: // that of another event
			c.EventID = events[0].Hash(CBV20)
		case 5:
			c.EventID = c.Hash(CBV20)
		case 6:
			c.Quantities = slices.Clone(c.Quantities)
			for k := range c.Quantities {
				c.Quantities[k].Amount = []string{"2147483648", "3000000000", "1.5", "", "7"}[rnd.IntN(5)]
			}
		}
		events[i] = &c
	}
}

// checkMoments compares the moments of an audit with the events.
func checkMoments(t *testing.T, a *Auditor, events []*Event, of map[string][]int64) {
	t.Helper()
	type key struct {
		id string
		at int64
	}
	wrong := make(map[string]bool)
	for _, e := range events {
		if e.Error != nil {
			wrong[e.Hash(CBV20)] = true
		}
	}
	want := make(map[key]*Event)
	for _, e := range events {
		if e.Error == nil && !wrong[e.Hash(CBV20)] {
			want[key{e.ID(), e.Time.UnixNano()}] = e
		}
	}
	if a.Len() != len(want) {
		t.Errorf("%d events count, want %d", a.Len(), len(want))
	}
	var last time.Time
	for i := range a.Len() {
		var m Moment
		a.Moment(i, &m)
		e := want[key{a.ID(i), a.row(uint32(i)).time(a.oddity(uint32(i))).UnixNano()}]
		if e == nil {
			t.Fatalf("%s: no such event", a.ID(i))
		}
		if e.Time.Before(last) {
			t.Errorf("%s is not in the order of time", a.ID(i))
		}
		last = e.Time
		if !slices.Contains(of[e.ID()], m.Index) {
			t.Errorf("%s has the index %d, want one of %d", a.ID(i), m.Index, of[e.ID()])
		}
		if at := a.Find([]string{a.ID(i)})[a.ID(i)]; !slices.Contains(at, i) {
			t.Errorf("%s is at %d, found at %d", a.ID(i), i, at)
		}
		got := Event{Type: a.Kind(m.Kind).Type, Action: a.Kind(m.Kind).Action, BizStep: a.Kind(m.Kind).BizStep, Disposition: a.Kind(m.Kind).Disposition,
			Time: time.UnixMilli(m.Time).UTC(), Parent: a.Object(m.Parent)}
		same := Event{Type: e.Type, Action: e.Action, BizStep: e.BizStep, Disposition: e.Disposition, Time: time.UnixMilli(e.Time.UnixMilli()).UTC(), Parent: e.Parent}
		for _, list := range [...]struct {
			from []uint32
			to   *[]ID
		}{{m.EPCs, &got.EPCs}, {m.ChildEPCs, &got.ChildEPCs}, {m.InputEPCs, &got.InputEPCs}, {m.OutputEPCs, &got.OutputEPCs}} {
			for _, n := range list.from {
				*list.to = append(*list.to, a.Object(n))
			}
		}
		same.EPCs, same.ChildEPCs, same.InputEPCs, same.OutputEPCs = e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs
		if diff := cmp.Diff(same, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-event +moment):\n%s", diff)
		}
		for _, list := range [...]struct {
			want []Quantity
			got  []Amount
		}{{e.Quantities, m.Goods}, {e.ChildQuantities, m.ChildGoods}, {e.InputQuantities, m.InputGoods}, {e.OutputQuantities, m.OutputGoods}} {
			var goods []Amount
			for _, q := range list.want {
				if n, ok := q.Count(); ok {
					goods = append(goods, Amount{a.ObjectNumber(q.Class), n})
				}
			}
			if !slices.Equal(goods, list.got) {
				t.Fatalf("%s: goods %v, want %v", a.ID(i), list.got, goods)
			}
		}
		if a.Party(m.Actor) != e.Actor() {
			t.Errorf("%s: actor %s, want %s", a.ID(i), a.Party(m.Actor), e.Actor())
		}
		if s := (shape{step: e.BizStep}); s.travels() && (a.Party(m.From) != counterpart(e.Sources) || a.Party(m.To) != counterpart(e.Destinations) ||
			a.Document(m.Document) != e.Document()) {
			t.Errorf("%s: from %s to %s under %s", a.ID(i), a.Party(m.From), a.Party(m.To), a.Document(m.Document))
		}
	}
}

// Lists that are longer than a piece of memory, and those that end where it does.
func TestMomentsOfLongEvents(t *testing.T) {
	var events []*Event
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, n := range []int{1<<wordChunk - 2, 1, 1 << wordChunk, 3*1<<wordChunk - 2, 70_000, 2, 1<<wordChunk - 1} {
		e := &Event{Type: ObjectEvent, Action: Observe, Time: at.Add(time.Duration(i) * time.Second)}
		for k := range n {
			e.EPCs = append(e.EPCs, ID(fmt.Sprintf("urn:x:%d:%d", i, k)))
		}
		events = append(events, e)
	}
	var m Moments
	for i, e := range events {
		m.Add(int64(i), e)
	}
	a := NewAuditor()
	a.Add(0, &m)
	a.Findings(nil)
	for i, e := range events {
		var got Moment
		a.Moment(i, &got)
		if len(got.EPCs) != len(e.EPCs) {
			t.Fatalf("event %d names %d objects, want %d", i, len(got.EPCs), len(e.EPCs))
		}
		for k, n := range got.EPCs {
			if a.Object(n) != e.EPCs[k] {
				t.Fatalf("event %d, object %d is %s, want %s", i, k, a.Object(n), e.EPCs[k])
			}
		}
	}
}
