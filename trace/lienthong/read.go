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

// past says what moved. Reports reads it in the ledger; an outbox remembers some of it.
type past interface {
	// moved returns what moved in the days from the first to the one before the last.
	moved(ctx context.Context, from, until Day) (*reading, error)
	// before returns what there was when a day began. It is the caller's.
	before(ctx context.Context, day Day) (book, error)
}

// reading is what the events of some days moved.
type reading struct {
	moves []move // in order; without what was declared wrong
	wrong []move // what was
	// wronged is the event that an event corrects, by EventID.
	wronged map[string]string
	events  map[string]*trace.Event
}

// events are those of some days in which the establishment acted, with what they moved.
type events struct {
	list    []event
	sorted  bool
	known   map[string]*trace.Event // by EventID
	wrong   map[string]bool         // declared so
	wronged map[string]string       // the event that an event corrects
}

// event is an event, with its moves once they are known.
type event struct {
	trace.Recorded
	moves []move
	// final says that moves are what they are whatever else is recorded: nothing was looked up for them.
	final bool
}

func newEvents() *events {
	return &events{known: map[string]*trace.Event{}, wrong: map[string]bool{}, wronged: map[string]string{}}
}

// add takes in an event of the establishment, once.
func (s *events) add(rec trace.Recorded) {
	switch e := rec.Event; {
	case e.Error != nil:
		s.wrong[e.EventID] = true
		for _, id := range e.Error.Corrective {
			s.wronged[id] = e.EventID
		}
	case s.known[e.EventID] == nil:
		s.known[e.EventID] = e
		s.list, s.sorted = append(s.list, event{Recorded: rec}), false
	}
}

// events reads the events of a time.
func (r *Reports) events(ctx context.Context, from, until time.Time) (*events, error) {
	out := newEvents()
	for rec, err := range r.repo.Query(ctx, &trace.Query{From: from, Until: until}) {
		if err != nil {
			return nil, fmt.Errorf("lienthong: read: %w", err)
		}
		if rec.Event.Actor() == r.est.Party {
			out.add(rec)
		}
	}
	return out, nil
}

// reading says what events moved, in the order in which they happened.
func (s *events) reading(ctx context.Context, r *Reports) (*reading, error) {
	if !s.sorted {
		slices.SortFunc(s.list, func(a, b event) int {
			return cmp.Or(a.Event.Time.Compare(b.Event.Time), cmp.Compare(a.Event.EventID, b.Event.EventID))
		})
		s.sorted = true
	}
	out := &reading{moves: make([]move, 0, len(s.list)), wronged: s.wronged, events: s.known}
	g := r.goods()
	for i := range s.list {
		e := &s.list[i]
		if !e.final {
			g.looked = false
			var err error
			if e.moves, err = r.moves(ctx, g, e.Recorded); err != nil {
				return nil, fmt.Errorf("lienthong: entry %d: %w", e.Index, err)
			}
			e.final = !g.looked
		}
		if s.wrong[e.Event.EventID] {
			out.wrong = append(out.wrong, e.moves...)
		} else {
			out.moves = append(out.moves, e.moves...)
		}
	}
	return out, nil
}

func (r *Reports) moved(ctx context.Context, from, until Day) (*reading, error) {
	s, err := r.events(ctx, from.Time(), until.Time())
	if err != nil {
		return nil, err
	}
	return s.reading(ctx, r)
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
	return r.vouchers(ctx, r, from, until)
}

func (r *Reports) vouchers(ctx context.Context, p past, from, until Day) ([]Voucher, error) {
	first := !r.opts.Opening.Before(from) && r.opts.Opening.Before(until)
	if from.Before(r.opts.Opening) {
		from = r.opts.Opening
	}
	if !from.Before(until) {
		return nil, nil
	}
	read, err := p.moved(ctx, from, until)
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
		if v, counted, err = r.opening(ctx, p, read.moves); err != nil {
			return nil, err
		}
		vouchers = append(vouchers, r.byDrug(v)...)
	}
	systems, err := systems(ctx, p, from, read.moves, counted)
	if err != nil {
		return nil, err
	}
	groups := make(map[string]*group, len(read.moves))
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
	vouchers = slices.Grow(vouchers, len(order))
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

// systems returns what the books had when lots were counted, by event and lot, given what moved since a day. Events of the
// days before that were recorded later are in it: a count says what the books had by all that is known, so that documents are
// the same whenever they are made.
func systems(ctx context.Context, p past, from Day, moves []move, counted map[*trace.Event]map[lotKey]bool) (map[systemKey]int64, error) {
	last := -1
	for i := range moves {
		if moves[i].movement == Count && counted[moves[i].event] == nil {
			last = i
		}
	}
	if last < 0 {
		return nil, nil
	}
	b, err := p.before(ctx, from)
	if err != nil {
		return nil, err
	}
	out := map[systemKey]int64{}
	for i := range moves[:last+1] {
		m := &moves[i]
		for k := range m.items {
			if it := &m.items[k]; m.movement == Count {
				out[systemKey{m.index, it.key(), it.pack, it.Loose}] = b.system(it)
			}
		}
		b.take(m)
	}
	return out, nil
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
	id     string
	counts map[countKey]Line // Count and System of what was counted last
	lines  map[Line]int      // without Count and System; nil while there are few
}

// count adds what was counted. Of the same goods that are counted again on the same paper only the last count is true; the books
// had what makes the difference that of both.
func (g *group) count(l *Line, it *item, system int64) {
	key := countKey{*l, it.pack}
	key.Count, key.System = 0, 0
	before := g.counts[key]
	if g.counts == nil {
		g.counts = map[countKey]Line{}
	}
	now := Line{Count: it.Count, System: system + before.System - before.Count}
	g.counts[key] = now
	l.Count, l.System = l.Count+now.Count-before.Count, l.System+now.System-before.System
}

// countKey is what was counted: goods of a line, or a pack.
type countKey struct {
	Line // without Count and System
	pack trace.ID
}

// fewLines is how many lines a voucher has at most that is searched from end to end.
const fewLines = 16

// line returns the line that is another but for Count and System, and takes a new one when there is none.
func (g *group) line(key Line) *Line {
	key.Count, key.System = 0, 0
	if g.lines == nil && len(g.Lines) <= fewLines {
		for i := range g.Lines {
			l := g.Lines[i]
			if l.Count, l.System = 0, 0; l == key {
				return &g.Lines[i]
			}
		}
	} else {
		if g.lines == nil {
			g.lines = map[Line]int{}
			for i, l := range g.Lines {
				l.Count, l.System = 0, 0
				g.lines[l] = i
			}
		}
		if i, ok := g.lines[key]; ok {
			return &g.Lines[i]
		}
		g.lines[key] = len(g.Lines)
	}
	g.Lines = append(g.Lines, key)
	return &g.Lines[len(g.Lines)-1]
}

// errNoMaDonThuoc does not show the text: somebody may have written a name there.
var errNoMaDonThuoc = errors.New("lienthong: " + prescriptionName + ": is no code of a prescription")

func newGroup(m *move, id string) *group {
	g := &group{id: id}
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
		l := g.line(it.Line)
		if m.movement == Count {
			g.count(l, it, systems[systemKey{m.index, it.key(), it.pack, it.Loose}])
			continue
		}
		l.Count += it.Count
	}
}

func (g *group) voucher() Voucher {
	g.Number = number(g.Document, g.id)
	slices.Sort(g.Entries)
	g.Entries = slices.Compact(g.Entries)
	return g.Voucher
}
