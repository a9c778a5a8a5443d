package lienthong

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// move is what one event did to the goods of the establishment.
type move struct {
	movement Movement
	index    int64
	event    *trace.Event
	partner  trace.Party
	items    []item
	faults   []error
}

// item is a pack, or an amount of goods.
type item struct {
	Line
	pack trace.ID // empty for goods
	all  bool     // the whole pack, or the rest of it
}

// movementOf returns what an event is to the establishment, and the other party; false when none of its goods move by it.
// An event that somebody else acted in moves nothing here: what is sent comes in when it is received.
func (r *Reports) movementOf(e *trace.Event) (m Movement, partner trace.Party, ok bool) {
	if e.Actor() != r.est.Party {
		return 0, "", false
	}
	if e.Type == trace.TransformationEvent {
		return OtherOut, "", true // its inputs; outputs are a movement of their own
	}
	if e.Type != trace.ObjectEvent && e.Type != trace.TransactionEvent {
		return 0, "", false
	}
	switch {
	case e.Type == trace.ObjectEvent && e.Action == trace.Add:
		return r.made(), "", true
	case e.BizStep == trace.BizStepShipping:
		to := counterpart(e.Destinations)
		switch {
		case e.Disposition == trace.DispRecalled:
			return RecallReturn, to, true
		case r.partner(to).Own:
			return TransferOut, to, true
		case e.Disposition == trace.DispReturned:
			return SupplierReturn, to, true
		}
		return Wholesale, to, true
	case e.BizStep == trace.BizStepVoidShipping:
		return OtherIn, counterpart(e.Destinations), true
	case e.BizStep == trace.BizStepReceiving:
		from := counterpart(e.Sources)
		switch p := r.partner(from); {
		case p.Own:
			return TransferIn, from, true
		case e.Disposition == trace.DispReturned:
			return CustomerReturn, from, true
		case p.Abroad:
			return Importing, from, true
		}
		return Purchase, from, true
	case e.BizStep == trace.BizStepDispensing, e.BizStep == trace.BizStepRetailSelling:
		return RetailSale, "", true
	case e.BizStep == trace.BizStepDestroying:
		return Destruction, "", true
	case e.Action == trace.Delete, e.BizStep == trace.BizStepSampling, e.Disposition == trace.DispStolen:
		return OtherOut, "", true
	case e.BizStep == trace.BizStepStockTaking, e.BizStep == trace.BizStepCycleCounting:
		return Count, "", true
	}
	return 0, "", false
}

// made is the movement of goods that begin to be with the establishment.
func (r *Reports) made() Movement {
	switch r.est.Business {
	case Importer:
		return Importing
	case Factory:
		return Manufacturing
	}
	return OtherIn
}

// counterpart returns the party of a source or destination list, as trace does: the place before the one who possesses,
// before the one who owns.
func counterpart(list []trace.SourceDest) trace.Party {
	for _, kind := range [...]trace.PartyType{trace.Location, trace.PossessingParty, trace.OwningParty} {
		for _, s := range list {
			if s.Type == kind {
				return trace.PartyOf(s.ID)
			}
		}
	}
	return ""
}

// moves returns what an event moved: nothing, one movement, or two for a transformation.
func (r *Reports) moves(ctx context.Context, g *goodsReader, rec trace.Recorded) ([]move, error) {
	e := rec.Event
	m, partner, ok := r.movementOf(e)
	if !ok {
		return nil, nil
	}
	out := move{movement: m, index: rec.Index, event: e, partner: partner}
	if e.Type != trace.TransformationEvent {
		ids := e.EPCs
		if e.Parent != "" {
			ids = append(ids[:len(ids):len(ids)], e.Parent)
		}
		err := g.items(ctx, &out, ids, e.Quantities)
		return []move{out}, err
	}
	in := out
	in.movement = r.made()
	if err := g.items(ctx, &out, e.InputEPCs, e.InputQuantities); err != nil {
		return nil, err
	}
	err := g.items(ctx, &in, e.OutputEPCs, e.OutputQuantities)
	return []move{out, in}, err
}

// local returns the text of the first field with a name, in whatever namespace.
func local(fields []trace.Field, name string) string {
	for _, f := range fields {
		if n := len(f.Name) - len(name); n >= 0 && f.Name[n:] == name && (n == 0 || f.Name[n-1] == '}') {
			return f.Value.Text
		}
	}
	return ""
}

// said returns what an event says of the lot and expiry of its objects.
func said(e *trace.Event) (lot, expiry string) {
	if lot = local(e.ILMD, "lotNumber"); lot == "" {
		lot = local(e.Extensions, "lot")
	}
	if expiry = local(e.ILMD, "itemExpirationDate"); expiry == "" {
		expiry = local(e.Extensions, "exp")
	}
	// Some systems write a moment.
	if len(expiry) > len(time.DateOnly) {
		expiry = expiry[:len(time.DateOnly)]
	}
	return lot, expiry
}

// amount returns the whole number that an extension holds.
func amount(e *trace.Event, name string) (int64, error) {
	s := local(e.Extensions, name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("lienthong: %s is no whole number: %.40q", name, s)
	}
	return n, nil
}

// gtinOf returns GTIN and lot of an identifier, empty when it has none.
func gtinOf(id trace.ID) (gs1.GTIN, string) {
	epc, err := id.EPC()
	if err != nil {
		return "", ""
	}
	return gs1.GTIN(epc.Value("01")), epc.Value("10")
}
