package lienthong

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// goodsReader says what events are about: lot and expiry of their objects, and what was in their cases. It remembers what it
// has looked up, and belongs to one goroutine.
type goodsReader struct {
	repo    *trace.Repository
	packs   bool // goods are counted in packs
	first   bool // an expiry without a day is the first of its month
	classes map[trace.ID]string
	looked  bool // something was looked up since this was last set to false
}

func (r *Reports) goods() *goodsReader {
	return &goodsReader{repo: r.repo, packs: r.opts.CountPacks, first: r.opts.FirstOfMonth, classes: map[trace.ID]string{}}
}

// deepest is how many cases may lie in each other.
const deepest = 8

// items adds to a move what its event names.
func (g *goodsReader) items(ctx context.Context, m *move, ids []trace.ID, goods []trace.Quantity) error {
	price, err := amount(m.event, "price")
	if err != nil {
		m.faults = append(m.faults, err)
	}
	units, err := amount(m.event, "units")
	if err != nil {
		m.faults = append(m.faults, err)
	}
	if m.event.Disposition != trace.DispPartiallyDispensed {
		units = 0
	}
	return g.add(ctx, m, ids, goods, Line{Price: price}, units, 0)
}

// add adds packs and goods, and what is in cases. A Line is given with the price of each.
func (g *goodsReader) add(ctx context.Context, m *move, ids []trace.ID, goods []trace.Quantity, l Line, units int64, depth int) error {
	for _, id := range ids {
		it := item{Line: l, pack: id, all: units == 0}
		it.GTIN, it.Lot = gtinOf(id)
		if it.GTIN == "" {
			if err := g.unpack(ctx, m, id, l, depth); err != nil {
				return err
			}
			continue
		}
		it.Count = 1
		if units > 0 {
			it.Count, it.Loose, it.Opened = units, true, true
		}
		if err := g.describe(ctx, m.event, &it); err != nil {
			return err
		}
		m.items = append(m.items, it)
	}
	for _, q := range goods {
		it := item{Line: l}
		it.GTIN, it.Lot = gtinOf(q.Class)
		var ok bool
		it.Count, ok = q.Count()
		switch {
		case it.GTIN == "":
			m.faults = append(m.faults, fmt.Errorf("lienthong: %s: no GTIN", q.Class))
			continue
		case !ok:
			m.faults = append(m.faults, fmt.Errorf("lienthong: %s: %.40q %s: %w", q.Class, q.Amount, q.UOM, ErrNotWhole))
			continue
		}
		it.Loose = !g.packs
		if err := g.describe(ctx, m.event, &it); err != nil {
			return err
		}
		m.items = append(m.items, it)
	}
	return nil
}

// describe says lot and expiry of an item: as its event read them, else as they are recorded elsewhere.
func (g *goodsReader) describe(ctx context.Context, e *trace.Event, it *item) error {
	lot, expiry := g.said(e)
	if it.Lot == "" {
		it.Lot = lot
	}
	if lot == "" || lot == it.Lot {
		it.Expiry = expiry
	}
	if it.Lot != "" && it.Expiry != "" {
		return nil
	}
	g.looked = true
	if it.pack != "" {
		epc, err := it.pack.EPC()
		if err != nil {
			return err
		}
		c, err := g.repo.Custody(ctx, epc)
		if err != nil {
			return err
		}
		if it.Lot == "" {
			it.Lot = c.Lot
		}
		if it.Expiry == "" && it.Lot == c.Lot {
			it.Expiry = c.Expiry
		}
	}
	if it.Expiry != "" || it.Lot == "" {
		return nil
	}
	var err error
	it.Expiry, err = g.expiry(ctx, it.GTIN, it.Lot)
	return err
}

// said returns what an event says of the lot and expiry of its objects.
func (g *goodsReader) said(e *trace.Event) (lot, expiry string) {
	lot, expiry = said(e)
	if scanned := local(e.ILMD, "scannedExpiry") + local(e.Extensions, "scannedExpiry"); g.first && strings.HasSuffix(scanned, "00") && len(expiry) == len(time.DateOnly) {
		expiry = expiry[:len(expiry)-2] + "01"
	}
	return lot, expiry
}

// expiry returns when a lot expires: what the first event says of it that says anything.
func (g *goodsReader) expiry(ctx context.Context, gtin gs1.GTIN, lot string) (string, error) {
	m, err := gs1.Parse("01" + string(gtin) + "10" + lot)
	if err != nil {
		return "", nil
	}
	class, err := m.Class()
	if err != nil {
		return "", nil
	}
	id := trace.IDOf(class)
	if day, ok := g.classes[id]; ok {
		return day, nil
	}
	events, err := g.repo.History(ctx, class)
	if err != nil {
		return "", err
	}
	for _, e := range standing(events) {
		if named, day := g.said(e); day != "" && (named == "" || named == lot) {
			g.classes[id] = day
			return day, nil
		}
	}
	g.classes[id] = ""
	return "", nil
}

// standing leaves out declarations and what they declare wrong.
func standing(events []*trace.Event) []*trace.Event {
	wrong := map[string]bool{}
	for _, e := range events {
		if e.Error != nil {
			wrong[e.EventID] = true
		}
	}
	return slices.DeleteFunc(events, func(e *trace.Event) bool { return e.Error != nil || wrong[e.EventID] })
}

// unpack adds what was in a case when the event happened.
func (g *goodsReader) unpack(ctx context.Context, m *move, box trace.ID, l Line, depth int) error {
	g.looked = true
	ids, goods, err := g.contents(ctx, box, m.event.Time)
	if err != nil {
		return err
	}
	if len(ids)+len(goods) == 0 || depth == deepest {
		m.faults = append(m.faults, fmt.Errorf("lienthong: %s: nobody recorded what is in it", box))
		return nil
	}
	l.Price = 0 // the price of a case is not that of a pack in it
	return g.add(ctx, m, ids, goods, l, 0, depth+1)
}

// contents returns what was in a case at a time.
func (g *goodsReader) contents(ctx context.Context, box trace.ID, at time.Time) (ids []trace.ID, goods []trace.Quantity, err error) {
	epc, err := box.EPC()
	if err != nil {
		return nil, nil, nil
	}
	events, err := g.repo.History(ctx, epc)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range standing(events) {
		if e.Parent != box || e.Type != trace.AggregationEvent || e.Time.After(at) {
			continue
		}
		switch {
		case e.Action == trace.Add:
			ids, goods = append(ids, e.ChildEPCs...), append(goods, e.ChildQuantities...)
		case e.Action == trace.Delete && len(e.ChildEPCs)+len(e.ChildQuantities) == 0:
			ids, goods = nil, nil
		case e.Action == trace.Delete:
			ids = slices.DeleteFunc(ids, func(id trace.ID) bool { return slices.Contains(e.ChildEPCs, id) })
			for _, q := range e.ChildQuantities {
				goods = less(goods, q)
			}
		}
	}
	return ids, goods, nil
}

// less takes an amount out of a list.
func less(goods []trace.Quantity, q trace.Quantity) []trace.Quantity {
	out, _ := q.Count()
	for i := range goods {
		n, ok := goods[i].Count()
		if goods[i].Class != q.Class || !ok || out == 0 {
			continue
		}
		taken := min(n, out)
		goods[i].Amount, out = fmt.Sprint(n-taken), out-taken
	}
	return slices.DeleteFunc(goods, func(q trace.Quantity) bool { return q.Amount == "0" })
}

// rest makes whole packs that were opened before into what was left of them. The moves are the caller's, their items are not.
func (r *Reports) rest(ctx context.Context, moves []move, until time.Time) error {
	opened := map[trace.ID][]*trace.Event{}
	var query trace.Query
	each := func(f func(m *move, k int)) {
		for i := range moves {
			for k := range moves[i].items {
				if it := &moves[i].items[k]; it.pack != "" && it.all && moves[i].movement.way() == out {
					f(&moves[i], k)
				}
			}
		}
	}
	each(func(m *move, k int) {
		it := &m.items[k]
		if _, u, err := r.reg.Find(it.GTIN); err == nil && u.Smallest != 1 && opened[it.pack] == nil {
			opened[it.pack] = []*trace.Event{}
			query.MatchEPC = append(query.MatchEPC, string(it.pack))
		}
	})
	if len(query.MatchEPC) == 0 {
		return nil
	}
	query.Dispositions, query.Until = []trace.Disposition{trace.DispPartiallyDispensed}, until
	var events []*trace.Event
	for rec, err := range r.repo.Query(ctx, &query) {
		if err != nil {
			return err
		}
		events = append(events, rec.Event)
	}
	for _, e := range standing(events) {
		for _, id := range e.EPCs {
			opened[id] = append(opened[id], e)
		}
	}
	each(func(m *move, k int) {
		var taken int64
		for _, e := range opened[m.items[k].pack] {
			if e.Time.Before(m.event.Time) {
				n, _ := amount(e, "units")
				taken += n
			}
		}
		if taken > 0 {
			m.items, m.faults = slices.Clone(m.items), slices.Clip(m.faults) // the others may be remembered
			r.left(m, &m.items[k], taken)
		}
	})
	return nil
}

// left makes an item the rest of a pack out of which some smallest units were taken.
func (r *Reports) left(m *move, it *item, taken int64) {
	_, u, err := r.reg.Find(it.GTIN)
	switch {
	case err != nil:
		return // the document is blocked for that
	case u.Smallest == 0:
		m.faults = append(m.faults, fmt.Errorf("lienthong: %s: %w %s", it.GTIN, ErrUnknownUnit, u.UnitID))
	case u.Smallest < taken:
		m.faults = append(m.faults, fmt.Errorf("lienthong: %s: more was taken out than was in it", it.pack))
	default:
		it.Count, it.Loose, it.Opened = u.Smallest-taken, true, true
	}
}
