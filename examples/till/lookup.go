package main

import (
	"context"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// packRequest asks something about a pack, a case or a lot.
type packRequest struct {
	head
	pack
}

// partyRequest asks something about a pack on behalf of a party.
type partyRequest struct {
	head
	pack
	By trace.Party `json:"by"`
}

// verdict says whether a scan may be dispensed.
type verdict struct {
	Dispensable bool      `json:"dispensable"`
	Reasons     []finding `json:"reasons,omitempty"`
	Meaning     meaning   `json:"meaning"`
}

func (t *till) verify(ctx context.Context, s *station, q *partyRequest) (*verdict, error) {
	m, err := s.read(q.pack, "")
	if err != nil {
		return nil, err
	}
	if _, err := m.Class(); err != nil {
		return nil, &trace.FieldError{Field: "scan", Err: err}
	}
	v, err := t.repo.Verify(ctx, m, s.by(q.By))
	if err != nil {
		return nil, err
	}
	return &verdict{Dispensable: v.Dispensable, Reasons: findingsOf(v.Reasons), Meaning: meaningOf(m)}, nil
}

// life is the history of a pack or class.
type life struct {
	EPC    gs1.EPC `json:"epc"`
	Events []event `json:"events"`
}

type event struct {
	Event       string            `json:"event"`
	Time        time.Time         `json:"time"`
	Step        trace.BizStep     `json:"step"` // in the words of CBV 2.0
	By          trace.Party       `json:"by"`
	From        trace.Party       `json:"from,omitempty"`
	To          trace.Party       `json:"to,omitempty"`
	Disposition trace.Disposition `json:"disposition,omitempty"`
	Document    trace.ID          `json:"document,omitempty"`
	Wrong       bool              `json:"wrong,omitempty"` // declares the event of this identifier to be wrong
}

func (t *till) history(ctx context.Context, s *station, q *packRequest) (*life, error) {
	epc, err := s.epc(q.pack)
	if err != nil {
		return nil, err
	}
	events, err := t.repo.History(ctx, epc)
	if err != nil {
		return nil, err
	}
	out := &life{EPC: epc, Events: []event{}}
	for _, e := range events {
		out.Events = append(out.Events, eventOf(e))
	}
	return out, nil
}

func eventOf(e *trace.Event) event {
	return event{
		Event: e.ID(), Time: e.Time, Step: e.BizStep, By: e.Actor(), From: partyIn(e.Sources), To: partyIn(e.Destinations),
		Disposition: e.Disposition, Document: e.Document(), Wrong: e.Error != nil,
	}
}

// partyIn is the first party of a source or destination list.
func partyIn(list []trace.SourceDest) trace.Party {
	if len(list) == 0 {
		return ""
	}
	return trace.PartyOf(list[0].ID)
}

// custody says who holds a pack, or how many of a class are where.
type custody struct {
	EPC         gs1.EPC           `json:"epc"`
	Holder      trace.Party       `json:"holder,omitempty"`
	Since       time.Time         `json:"since,omitzero"`
	Disposition trace.Disposition `json:"disposition,omitempty"`
	Parent      trace.ID          `json:"parent,omitempty"`
	From        trace.Party       `json:"from,omitempty"`
	To          trace.Party       `json:"to,omitempty"`
	Lot         string            `json:"lot,omitempty"`
	Expiry      string            `json:"expiry,omitempty"`
	*balances                     // of a class
	Findings    []finding         `json:"findings,omitempty"`
}

// balances counts the units of a class.
type balances struct {
	Balances  []balance  `json:"balances"`
	InTransit []shipment `json:"in_transit,omitempty"`
	Made      int64      `json:"made"`
	Entered   int64      `json:"entered"`
	Adjusted  int64      `json:"adjusted"`
	Dispensed int64      `json:"dispensed"`
	Destroyed int64      `json:"destroyed"`
	Sampled   int64      `json:"sampled"`
	Lost      int64      `json:"lost"`
	Consumed  int64      `json:"consumed"`
	Exported  int64      `json:"exported"`
}

type balance struct {
	Party trace.Party `json:"party"`
	Count int64       `json:"count"`
}

type shipment struct {
	From     trace.Party `json:"from,omitempty"`
	To       trace.Party `json:"to,omitempty"`
	Document trace.ID    `json:"document,omitempty"`
	Count    int64       `json:"count"`
}

func (t *till) custody(ctx context.Context, s *station, q *packRequest) (*custody, error) {
	epc, err := s.epc(q.pack)
	if err != nil {
		return nil, err
	}
	c, err := t.repo.Custody(ctx, epc)
	if err != nil {
		return nil, err
	}
	out := &custody{
		EPC: c.EPC, Holder: c.Holder, Since: c.Since, Disposition: c.Disposition, Parent: c.Parent,
		From: c.From, To: c.To, Lot: c.Lot, Expiry: c.Expiry, Findings: findingsOf(c.Findings),
	}
	if epc.IsClass() {
		out.balances = balancesOf(c)
	}
	return out, nil
}

func balancesOf(c *trace.Custody) *balances {
	out := &balances{
		Balances: heldBy(c.Balances), Made: c.Made, Entered: c.Entered, Adjusted: c.Adjusted, Dispensed: c.Dispensed,
		Destroyed: c.Destroyed, Sampled: c.Sampled, Lost: c.Lost, Consumed: c.Consumed, Exported: c.Exported,
	}
	for _, w := range c.InTransit {
		out.InTransit = append(out.InTransit, shipment{w.From, w.To, w.Document, w.Count})
	}
	return out
}

func heldBy(list []trace.Balance) []balance {
	out := []balance{}
	for _, b := range list {
		out = append(out, balance{b.Party, b.Count})
	}
	return out
}

// contents is what is packed in a case or pallet.
type contents struct {
	EPC   gs1.EPC    `json:"epc"`
	Packs []trace.ID `json:"packs"`
	Goods []goods    `json:"goods"`
}

type goods struct {
	EPC   trace.ID `json:"epc"`
	Count string   `json:"count"`
	Unit  string   `json:"unit,omitempty"`
}

func (t *till) contents(ctx context.Context, s *station, q *packRequest) (*contents, error) {
	epc, err := s.epc(q.pack)
	if err != nil {
		return nil, err
	}
	packs, loose, err := t.repo.Contents(ctx, epc)
	if err != nil {
		return nil, err
	}
	return &contents{EPC: epc, Packs: append([]trace.ID{}, packs...), Goods: goodsOf(loose)}, nil
}

func goodsOf(list []trace.Quantity) []goods {
	out := []goods{}
	for _, g := range list {
		out = append(out, goods{g.Class, g.Amount, g.UOM})
	}
	return out
}

// lotReport says where everything of a lot is.
type lotReport struct {
	EPC       gs1.EPC   `json:"epc"`
	Goods     *balances `json:"goods"`  // without serial number
	Packs     int       `json:"packs"`  // with serial number; the next say where they are
	Places    []balance `json:"places"` // who holds them
	Transit   int64     `json:"in_transit"`
	Dispensed int64     `json:"dispensed"`
	Destroyed int64     `json:"destroyed"`
	Sampled   int64     `json:"sampled"`
	Lost      int64     `json:"lost"`
	Consumed  int64     `json:"consumed"`
	Exported  int64     `json:"exported"`
	Flows     []flow    `json:"flows"` // who shipped how much to whom
}

type flow struct {
	From  trace.Party `json:"from"`
	To    trace.Party `json:"to"`
	Count int64       `json:"count"`
}

func (t *till) lot(ctx context.Context, s *station, q *packRequest) (*lotReport, error) {
	m, err := s.read(q.pack, "")
	if err != nil {
		return nil, err
	}
	class, err := m.Class()
	if err != nil {
		return nil, &trace.FieldError{Field: "scan", Err: err}
	}
	if class.Value("10") == "" {
		return nil, badField("lot", "missing")
	}
	r, err := t.repo.Lot(ctx, class)
	if err != nil {
		return nil, err
	}
	out := &lotReport{
		EPC: r.Class, Goods: balancesOf(r.Goods), Packs: r.Packs, Places: heldBy(r.Places), Flows: []flow{},
		Transit: r.Transit, Dispensed: r.Dispensed, Destroyed: r.Destroyed, Sampled: r.Sampled, Lost: r.Lost,
		Consumed: r.Consumed, Exported: r.Exported,
	}
	for _, f := range r.Flows {
		out.Flows = append(out.Flows, flow{f.From, f.To, f.Count})
	}
	return out, nil
}
