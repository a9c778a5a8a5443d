package lienthong

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
)

// reading is what the events of some days moved.
type reading struct {
	moves []move // in order; without what was declared wrong
	wrong []move // what was
	// wronged is the event that an event corrects, by EventID.
	wronged map[string]string
	events  map[string]*trace.Event
}

// read reads the events of a time in the order in which they happened.
func (r *Reports) read(ctx context.Context, from, until time.Time) (*reading, error) {
	out := &reading{wronged: map[string]string{}, events: map[string]*trace.Event{}}
	wrong := map[string]bool{}
	var list []trace.Recorded
	for rec, err := range r.repo.Query(ctx, &trace.Query{From: from, Until: until}) {
		switch e := rec.Event; {
		case err != nil:
			return nil, fmt.Errorf("lienthong: read: %w", err)
		case e.Actor() != r.est.Party:
		case e.Error != nil:
			wrong[e.EventID] = true
			for _, id := range e.Error.Corrective {
				out.wronged[id] = e.EventID
			}
		case out.events[e.EventID] == nil:
			out.events[e.EventID] = e
			list = append(list, rec)
		}
	}
	slices.SortFunc(list, func(a, b trace.Recorded) int {
		return cmp.Or(a.Event.Time.Compare(b.Event.Time), cmp.Compare(a.Event.EventID, b.Event.EventID))
	})
	g := r.goods()
	for _, rec := range list {
		moves, err := r.moves(ctx, g, rec)
		if err != nil {
			return nil, fmt.Errorf("lienthong: entry %d: %w", rec.Index, err)
		}
		if wrong[rec.Event.EventID] {
			out.wrong = append(out.wrong, moves...)
		} else {
			out.moves = append(out.moves, moves...)
		}
	}
	return out, nil
}

// identity returns what tells the voucher of a move from all others. An event that corrects another of the same movement,
// in the days that were read, has the identity of that one.
func (r *reading) identity(of *Reports, m *move) string {
	e, partner := m.event, m.partner
	for range len(r.wronged) {
		root := r.events[r.wronged[e.EventID]]
		if root == nil {
			break
		}
		movement, p, ok := of.movementOf(root)
		if !ok || movement != m.movement {
			break
		}
		e, partner = root, p
	}
	document := string(e.Document())
	if document == "" {
		document = e.EventID
	}
	return strings.Join([]string{
		string(of.est.Party), m.movement.String(), DayOf(e.Time).String(), document, string(partner), local(e.Extensions, prescriptionName),
	}, "\x00")
}

// Vouchers returns what moved in the days from the first to the one before the last, in the order of time, the opening stock
// in front of its day. Days before the opening are left out.
//
// Events of one day are one voucher when they are the same movement with the same partner under the same document and
// prescription. One whose events were all declared wrong is Void, and what was declared wrong otherwise is just not in it.
// An event that a declaration of the same days names as corrective is in the voucher of the event that it corrects.
func (r *Reports) Vouchers(ctx context.Context, from, until Day) ([]Voucher, error) {
	first := !r.opts.Opening.Before(from) && r.opts.Opening.Before(until)
	if from.Before(r.opts.Opening) {
		from = r.opts.Opening
	}
	if !from.Before(until) {
		return nil, nil
	}
	read, err := r.read(ctx, from.Time(), until.Time())
	if err != nil {
		return nil, err
	}
	if err := r.rest(ctx, read.moves, until.Time()); err != nil {
		return nil, fmt.Errorf("lienthong: opened packs: %w", err)
	}
	var vouchers []Voucher
	var counted map[*trace.Event]map[lotKey]bool
	if first {
		var v Voucher
		if v, counted, err = r.opening(ctx, read.moves); err != nil {
			return nil, err
		}
		vouchers = append(vouchers, r.byDrug(v)...)
	}
	systems, err := r.systems(ctx, read.moves, counted)
	if err != nil {
		return nil, err
	}
	groups := map[string]*group{}
	var order []*group
	for i := range read.moves {
		m := &read.moves[i]
		taken := counted[m.event]
		if m.movement == Count && taken != nil && !slices.ContainsFunc(m.items, func(it item) bool { return !taken[it.key()] }) {
			continue
		}
		id := read.identity(r, m)
		g := groups[id]
		if g == nil {
			g = newGroup(m, id)
			groups[id], order = g, append(order, g)
		}
		g.add(m, taken, systems)
	}
	for i := range read.wrong {
		m := &read.wrong[i]
		id := read.identity(r, m)
		g := groups[id]
		if g == nil {
			g = newGroup(m, id)
			g.Void = true
			groups[id], order = g, append(order, g)
		}
		g.Entries = append(g.Entries, m.index)
	}
	for _, g := range order {
		vouchers = append(vouchers, g.voucher())
	}
	for i := range vouchers {
		if r.opts.Number != nil {
			vouchers[i].Number = r.opts.Number(&vouchers[i])
		}
	}
	slices.SortStableFunc(vouchers, func(a, b Voucher) int {
		return cmp.Or(compareBool(b.Movement == OpeningStock, a.Movement == OpeningStock), a.Time.Compare(b.Time), cmp.Compare(a.Number, b.Number))
	})
	return vouchers, nil
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// systems returns what the books had when lots were counted, by event and lot.
func (r *Reports) systems(ctx context.Context, moves []move, counted map[*trace.Event]map[lotKey]bool) (map[systemKey]int64, error) {
	var last time.Time
	for i := range moves {
		if moves[i].movement == Count && counted[moves[i].event] == nil {
			last = moves[i].event.Time
		}
	}
	if last.IsZero() {
		return nil, nil
	}
	out := map[systemKey]int64{}
	_, err := r.fold(ctx, last.Add(time.Millisecond), func(b book, m *move) {
		if m.movement == Count {
			for k := range m.items {
				it := &m.items[k]
				out[systemKey{m.index, it.key(), it.pack, it.Loose}] = b.system(it)
			}
		}
	})
	return out, err
}

// systemKey is an item of a count.
type systemKey struct {
	index int64
	lotKey
	pack  trace.ID
	loose bool
}

// group is a voucher in the making.
type group struct {
	Voucher
	id    string
	lines map[Line]int // without Count and System
}

// errNoMaDonThuoc does not show the text: somebody may have written a name there.
var errNoMaDonThuoc = errors.New("lienthong: " + prescriptionName + ": is no code of a prescription")

func newGroup(m *move, id string) *group {
	g := &group{id: id, lines: map[Line]int{}}
	g.Movement, g.Time, g.Partner = m.movement, m.event.Time, m.partner
	g.Document = paper(m.event.Document())
	if code := local(m.event.Extensions, prescriptionName); code != "" {
		var err error
		if g.MaDonThuoc, err = ParseMaDonThuoc(code); err != nil {
			g.Faults = append(g.Faults, errNoMaDonThuoc)
		}
	}
	return g
}

// add adds a move to the voucher, except what the opening stock has taken.
func (g *group) add(m *move, taken map[lotKey]bool, systems map[systemKey]int64) {
	g.Entries = append(g.Entries, m.index)
	g.Faults = append(g.Faults, m.faults...)
	for k := range m.items {
		it := &m.items[k]
		if taken[it.key()] {
			continue
		}
		key := it.Line
		key.Count = 0
		i, ok := g.lines[key]
		if !ok {
			i = len(g.Lines)
			g.lines[key], g.Lines = i, append(g.Lines, key)
		}
		g.Lines[i].Count += it.Count
		if m.movement == Count {
			g.Lines[i].System += systems[systemKey{m.index, it.key(), it.pack, it.Loose}]
		}
	}
}

func (g *group) voucher() Voucher {
	g.Number = number(g.Document, g.id)
	slices.Sort(g.Entries)
	g.Entries = slices.Compact(g.Entries)
	return g.Voucher
}
