package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// recordRequest says what happened to some packs.
type recordRequest struct {
	head
	Step  trace.Step  `json:"step"`
	By    trace.Party `json:"by"`
	From  trace.Party `json:"from"`
	To    trace.Party `json:"to"`
	Time  string      `json:"time"` // RFC 3339; empty is now. The same request with the same time is recorded once
	Items []item      `json:"items"`
	// Parent is the code of the case or pallet of packing and unpacking.
	Parent      string            `json:"parent"`
	Document    string            `json:"document"`
	Units       int64             `json:"units"`
	Price       int64             `json:"price"`
	Disposition trace.Disposition `json:"disposition"`
}

// item is a pack, or a number of packs that carry no serial number.
type item struct {
	pack
	Count *int64 `json:"count"` // of packs without serial number, in the smallest unit; absent is 1
}

// recorded says how a hop was recorded, and what is odd about it.
type recorded struct {
	Entry    int64     `json:"entry"`
	Event    string    `json:"event"`
	Findings []finding `json:"findings,omitempty"`
}

func (t *till) record(ctx context.Context, s *station, q *recordRequest) (*recorded, error) {
	hop, err := s.hop(q)
	if err != nil {
		return nil, err
	}
	if hop.Time.IsZero() {
		hop.Time = t.clock.next(t.now())
	}
	r, err := t.repo.Record(ctx, hop)
	if err != nil {
		return nil, err
	}
	return recordedOf(r), nil
}

// clock tells each millisecond once: two sales of the same class without a document in one millisecond would be one
// event.
type clock struct {
	mu   sync.Mutex
	last time.Time
}

func (c *clock) next(now time.Time) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now = now.Round(time.Millisecond)
	if soonest := c.last.Add(time.Millisecond); now.Before(soonest) && now.After(c.last.Add(-time.Second)) {
		now = soonest.In(now.Location())
	}
	c.last = now
	return now
}

// hop makes the hop of a request.
func (s *station) hop(q *recordRequest) (h trace.Hop, err error) {
	h = trace.Hop{
		Step: q.Step, By: s.by(q.By), From: q.From, To: q.To,
		Document: q.Document, Units: q.Units, Price: q.Price, Disposition: q.Disposition,
	}
	if q.Time != "" {
		if h.Time, err = time.Parse(time.RFC3339, q.Time); err != nil {
			return h, &trace.FieldError{Field: "time", Err: err}
		}
	}
	if q.Parent != "" {
		m, err := s.message(q.Parent)
		if err == nil {
			h.Parent, err = m.EPC()
		}
		if err != nil {
			return h, &trace.FieldError{Field: "parent", Err: err}
		}
	}
	for i, it := range q.Items {
		field := fmt.Sprintf("items[%d].", i)
		m, err := s.read(it.pack, field)
		if err != nil {
			return h, err
		}
		if err := add(&h, m, it.Count, field); err != nil {
			return h, err
		}
	}
	return h, nil
}

// add adds what was scanned. An event has one lot and one expiry date: packs of two lots are two events.
func add(h *trace.Hop, m gs1.Message, count *int64, field string) error {
	epc, err := m.EPC()
	if err != nil {
		return &trace.FieldError{Field: field + "scan", Err: err}
	}
	switch {
	case epc.IsClass() && count == nil:
		h.Goods = append(h.Goods, trace.Goods{Class: epc, Count: 1})
	case epc.IsClass():
		h.Goods = append(h.Goods, trace.Goods{Class: epc, Count: *count})
	case count != nil && *count != 1:
		return badField(field+"count", "a code with a serial number is one pack")
	default:
		h.EPCs = append(h.EPCs, epc)
	}
	for _, of := range []struct {
		name  string
		ai    gs1.AI
		value *string
	}{{"lot", "10", &h.Lot}, {"expiry", "17", &h.Expiry}} {
		v, _ := m.Value(of.ai)
		switch {
		case *of.value == "":
			*of.value = v
		case v != "" && v != *of.value:
			return badField(field+of.name, "another than "+*of.value+" before: record each lot by itself")
		}
	}
	return nil
}

// requestField is the name in a request of a field of [trace.Hop].
func requestField(name string) string {
	name, _, _ = strings.Cut(name, ".Count")
	for from, to := range map[string]string{"EPCs": "items", "Goods": "items"} {
		if strings.HasPrefix(name, from) {
			return to
		}
	}
	if name == "" {
		return name
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// undoRequest takes back that a pack was dispensed, sampled or lost, or the whole of an event.
type undoRequest struct {
	head
	pack
	Entry *int64      `json:"entry"` // instead of a pack: what record answered
	By    trace.Party `json:"by"`
}

func (t *till) undo(ctx context.Context, s *station, q *undoRequest) (*recorded, error) {
	var r *trace.Receipt
	var err error
	if q.Entry != nil {
		if q.Scan != "" {
			return nil, badField("entry", "beside scan")
		}
		r, err = t.repo.UndoEvent(ctx, *q.Entry, s.by(q.By))
	} else {
		var epc gs1.EPC
		if epc, err = s.epc(q.pack); err == nil {
			r, err = t.repo.Undo(ctx, epc, s.by(q.By))
		}
	}
	if err != nil {
		return nil, err
	}
	return recordedOf(r), nil
}

func recordedOf(r *trace.Receipt) *recorded {
	return &recorded{Entry: r.Index, Event: r.EventID, Findings: findingsOf(r.Findings)}
}

// finding is something odd.
type finding struct {
	Code   trace.Code  `json:"code"`
	Text   words       `json:"text"`
	EPCs   []trace.ID  `json:"epcs"`
	Events []string    `json:"events,omitempty"`
	Place  trace.Party `json:"place,omitempty"`
	Want   string      `json:"want,omitempty"`
	Got    string      `json:"got,omitempty"`
}

func findingsOf(list []trace.Finding) []finding {
	var out []finding
	for _, f := range list {
		text := words{f.Text(trace.Vietnamese), f.Text(trace.English)}
		out = append(out, finding{f.Code, text, f.EPCs, f.Events, f.Place, f.Want, f.Got})
	}
	return out
}
