package lienthong

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// lotKey is a lot of a product.
type lotKey struct {
	gtin gs1.GTIN
	lot  string
}

func (it *item) key() lotKey { return lotKey{it.GTIN, it.Lot} }

// balance is what the establishment has of a lot.
type balance struct {
	expiry string
	packs  map[trace.ID]int64 // with serial numbers: smallest units taken out of each
	boxes  int64              // packs without serial number
	loose  int64              // smallest units
}

// book folds moves into balances.
type book map[lotKey]*balance

func (b book) of(it *item) *balance {
	l := b[it.key()]
	if l == nil {
		l = &balance{packs: map[trace.ID]int64{}}
		b[it.key()] = l
	}
	if l.expiry == "" {
		l.expiry = it.Expiry
	}
	return l
}

// apply takes in an item that moved.
func (b book) apply(m Movement, it *item) {
	l := b.of(it)
	switch way := m.way(); {
	case it.pack != "" && way == out && it.all:
		delete(l.packs, it.pack)
	case it.pack != "" && way == out:
		l.packs[it.pack] += it.Count
	case it.pack != "":
		if _, ok := l.packs[it.pack]; !ok {
			l.packs[it.pack] = 0
		}
	default:
		n := &l.boxes
		if it.Loose {
			n = &l.loose
		}
		switch way {
		case in:
			*n += it.Count
		case out:
			*n -= it.Count
		case set:
			*n = it.Count
		}
	}
}

// system returns what the books have of what an item counts.
func (b book) system(it *item) int64 {
	l := b.of(it)
	switch {
	case it.pack != "":
		if _, ok := l.packs[it.pack]; ok {
			return 1
		}
		return 0
	case it.Loose:
		return l.loose
	}
	return l.boxes
}

// smallest returns how many smallest units there are of a lot, given how many a pack is. It is false when nobody knows
// that, and it matters.
func (l *balance) smallest(pack int64) (int64, bool) {
	boxes := l.boxes + int64(len(l.packs))
	if pack <= 0 && boxes != 0 {
		return 0, false
	}
	n := boxes*pack + l.loose
	for _, taken := range l.packs {
		n -= taken
	}
	return n, true
}

// lines returns the balance as lines of a document: whole packs, and smallest units.
func (l *balance) lines(r *Reports, k lotKey) ([]Line, error) {
	line := Line{GTIN: k.gtin, Lot: k.lot, Expiry: l.expiry}
	packs, loose, opened := l.boxes, l.loose, int64(0)
	for _, taken := range l.packs {
		if taken == 0 {
			packs++
		} else {
			opened, loose = opened+1, loose-taken
		}
	}
	if opened > 0 {
		_, u, err := r.reg.Find(k.gtin)
		if err == nil && u.Smallest == 0 {
			err = fmt.Errorf("lienthong: %s: %w %s", k.gtin, ErrUnknownUnit, u.UnitID)
		}
		if err != nil {
			return nil, err
		}
		loose += opened * u.Smallest
	}
	if packs < 0 || loose < 0 {
		return nil, fmt.Errorf("lienthong: %s lot %s: %d packs and %d smallest units by the books", k.gtin, k.lot, packs, loose)
	}
	var lines []Line
	if packs > 0 {
		line.Count = packs
		lines = append(lines, line)
	}
	if loose > 0 {
		line.Count, line.Loose = loose, true
		lines = append(lines, line)
	}
	return lines, nil
}

// keys returns the lots in order.
func (b book) keys() []lotKey {
	return slices.SortedFunc(maps.Keys(b), func(a, c lotKey) int {
		return cmp.Or(cmp.Compare(a.gtin, c.gtin), cmp.Compare(a.lot, c.lot))
	})
}

// take applies a move.
func (b book) take(m *move) {
	for k := range m.items {
		b.apply(m.movement, &m.items[k])
	}
}

// clone returns a book of its own.
func (b book) clone() book {
	out := make(book, len(b))
	for key, l := range b {
		c := *l
		c.packs = maps.Clone(l.packs)
		out[key] = &c
	}
	return out
}

// fold applies all moves before a time to a book. visit, when not nil, sees each move before it is applied.
func (r *Reports) fold(ctx context.Context, until time.Time, visit func(book, *move)) (book, error) {
	s, err := r.events(ctx, time.Time{}, until)
	if err != nil {
		return nil, err
	}
	read, err := s.reading(ctx, r)
	if err != nil {
		return nil, err
	}
	b := book{}
	for i := range read.moves {
		m := &read.moves[i]
		if visit != nil {
			visit(b, m)
		}
		b.take(m)
	}
	return b, nil
}

func (r *Reports) before(ctx context.Context, day Day) (book, error) {
	return r.fold(ctx, day.Time(), nil)
}

// opening returns the voucher of the opening stock: what the books have when its day begins, or what was counted on that day
// before anything else of the lot moved. counted are the items that it takes, by their event.
func (r *Reports) opening(ctx context.Context, p past, day []move) (v Voucher, counted map[*trace.Event]map[lotKey]bool, err error) {
	b, err := p.before(ctx, r.opts.Opening)
	if err != nil {
		return v, nil, err
	}
	v = Voucher{Movement: OpeningStock, Time: r.opts.Opening.Time()}
	counted, moved := map[*trace.Event]map[lotKey]bool{}, map[lotKey]bool{}
	for i := range day {
		m := &day[i]
		if DayOf(m.event.Time) != r.opts.Opening {
			continue
		}
		taken := map[lotKey]bool{}
		for k := range m.items {
			it := &m.items[k]
			switch key := it.key(); {
			case m.movement == Count && !moved[key]:
				b.apply(Count, it)
				taken[key] = true
			default:
				moved[key] = true
			}
		}
		if len(taken) > 0 {
			counted[m.event] = taken
			v.Entries = append(v.Entries, m.index)
		}
	}
	for _, key := range b.keys() {
		lines, err := b[key].lines(r, key)
		if err != nil {
			v.Faults = append(v.Faults, err)
		}
		v.Lines = append(v.Lines, lines...)
	}
	slices.Sort(v.Entries)
	v.Number = number("", string(r.est.Party)+"\x00opening\x00"+r.opts.Opening.String())
	return v, counted, nil
}

// byDrug takes the opening stock apart: a voucher for each product. What has faults or is of nothing stays one.
func (r *Reports) byDrug(v Voucher) []Voucher {
	if !r.opts.OpeningByDrug || len(v.Lines) == 0 || len(v.Faults) > 0 {
		return []Voucher{v}
	}
	var out []Voucher
	for _, l := range v.Lines { // in the order of their GTINs
		if n := len(out); n == 0 || out[n-1].Lines[0].GTIN != l.GTIN {
			part := v
			part.Number = number("", string(r.est.Party)+"\x00opening\x00"+r.opts.Opening.String()+"\x00"+string(l.GTIN))
			part.Lines = nil
			out = append(out, part)
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, l)
	}
	return out
}
