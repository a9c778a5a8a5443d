package main

import (
	"context"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// stockRequest asks what a party holds.
type stockRequest struct {
	head
	By trace.Party `json:"by"`
}

// expiringRequest asks what a party holds that will have expired so many days from now.
type expiringRequest struct {
	head
	By   trace.Party `json:"by"`
	Days int         `json:"days"`
}

// shelf is what a party holds, the lot that expires first in front.
type shelf struct {
	By    trace.Party `json:"by"`
	Lines []stockLine `json:"lines"`
}

type stockLine struct {
	EPC      gs1.EPC    `json:"epc"`
	GTIN     string     `json:"gtin"`
	Lot      string     `json:"lot,omitempty"`
	Expiry   string     `json:"expiry,omitempty"`
	Count    int64      `json:"count"` // without serial number
	Packs    []trace.ID `json:"packs,omitempty"`
	HeldBack int64      `json:"held_back,omitempty"` // of both, in quarantine
	Recalled bool       `json:"recalled,omitempty"`
}

func (t *till) stock(ctx context.Context, s *station, q *stockRequest) (*shelf, error) {
	return shelfOf(s.by(q.By), func(by trace.Party) ([]trace.StockLine, error) {
		return t.repo.Stock(ctx, by)
	})
}

func (t *till) expiring(ctx context.Context, s *station, q *expiringRequest) (*shelf, error) {
	return shelfOf(s.by(q.By), func(by trace.Party) ([]trace.StockLine, error) {
		return t.repo.Expiring(ctx, by, t.now().AddDate(0, 0, q.Days))
	})
}

func shelfOf(by trace.Party, list func(trace.Party) ([]trace.StockLine, error)) (*shelf, error) {
	if by == "" {
		return nil, badField("by", "missing")
	}
	held, err := list(by)
	if err != nil {
		return nil, err
	}
	out := &shelf{By: by, Lines: []stockLine{}}
	for _, l := range held {
		out.Lines = append(out.Lines, stockLine{
			EPC: l.Class, GTIN: l.Class.Value("01"), Lot: l.Class.Value("10"), Expiry: l.Expiry,
			Count: l.Count, Packs: l.Packs, HeldBack: l.Back, Recalled: l.Recalled,
		})
	}
	return out, nil
}

// eventsRequest asks what a party did.
type eventsRequest struct {
	head
	By    trace.Party   `json:"by"`
	From  string        `json:"from"`  // a time, or a day that counts from its beginning
	Until string        `json:"until"` // the same, not included
	Step  trace.BizStep `json:"step"`  // in the words of CBV 2.0
	Start int64         `json:"start"` // the entry to begin with: next of the answer before
	Limit int           `json:"limit"` // of events in an answer; 0 is 100
}

// journal is what a party did, in the order in which it was recorded.
type journal struct {
	By     trace.Party `json:"by"`
	Events []entry     `json:"events"`
	Next   *int64      `json:"next,omitempty"` // where to start for more, when there may be more
}

type entry struct {
	Entry int64 `json:"entry"`
	event
	EPCs   []trace.ID `json:"epcs,omitempty"`
	Parent trace.ID   `json:"parent,omitempty"`
	Goods  []goods    `json:"goods,omitempty"`
}

func (t *till) events(ctx context.Context, s *station, q *eventsRequest) (*journal, error) {
	const usual = 100
	by := s.by(q.By)
	switch {
	case by == "":
		return nil, badField("by", "missing")
	case q.Start < 0:
		return nil, badField("start", "negative")
	case q.Limit < 0:
		return nil, badField("limit", "negative")
	case q.Limit == 0:
		q.Limit = usual
	}
	query := &trace.Query{Parties: []trace.Party{by}, Start: q.Start, Limit: q.Limit}
	if q.Step != "" {
		query.BizSteps = []trace.BizStep{q.Step}
	}
	for _, limit := range []struct {
		name, text string
		time       *time.Time
	}{{"from", q.From, &query.From}, {"until", q.Until, &query.Until}} {
		var err error
		if *limit.time, err = t.moment(limit.text); err != nil {
			return nil, &trace.FieldError{Field: limit.name, Err: err}
		}
	}
	out := &journal{By: by, Events: []entry{}}
	for r, err := range t.repo.Query(ctx, query) {
		if err != nil {
			return nil, err
		}
		e := r.Event
		out.Events = append(out.Events, entry{
			Entry: r.Index, event: eventOf(e), Parent: e.Parent,
			EPCs:  append(append([]trace.ID{}, e.EPCs...), e.ChildEPCs...),
			Goods: append(goodsOf(e.Quantities), goodsOf(e.ChildQuantities)...),
		})
	}
	if n := len(out.Events); n == q.Limit {
		next := out.Events[n-1].Entry + 1
		out.Next = &next
	}
	return out, nil
}

// moment reads a time, or a day of the shop's calendar. Empty is the zero time.
func (t *till) moment(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, t.now().Location()); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, s)
}
