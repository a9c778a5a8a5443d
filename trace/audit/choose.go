package audit

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// opening is what stands in a bundle of what was before its range.
type opening struct {
	claims  []Claim
	records []bool // of the indices below first
}

// has reports whether the opening has a record.
func (o *opening) has(index int64) bool { return index < int64(len(o.records)) && o.records[index] }

// bundles returns the numbers of the bundles of 256 that have a record of the opening.
func (o *opening) bundles() []int64 {
	var out []int64
	for i, has := range o.records {
		if n := int64(i / partSize); has && (len(out) == 0 || out[len(out)-1] != n) {
			out = append(out, n)
		}
	}
	return out
}

// onTheWay is how long before the last record of an opening deliveries of goods belong to it, whatever became of them.
const onTheWay = 60 * 24 * time.Hour

// remembered is how long before the last record of an opening an object left the chain to be told of. A copy of it may turn
// up; and of a pack that came in a case, only others may have recorded that it came.
const remembered = 366 * 24 * time.Hour

// object is what a ledger tells of an object with a serial number before the range.
type object struct {
	left  int64 // record of the event by which it left the chain; -1 when it is there
	by    uint64
	at    time.Time
	named bool // in the range
}

// chooser chooses the records of an opening.
type chooser struct {
	first   int64
	objects map[uint64]*object
	wrong   map[uint64]bool // events that were declared wrong
	parts   map[int64]int64 // how many records a long event has, by the first
	last    time.Time
	goods   *holdings
}

func keyOf(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s))
	return h.Sum64()
}

// choose returns the opening of a range: the claims, and the records that concern
//
//   - each object with a serial number that has not left the chain by the account of the ledger, or that the range names;
//   - each that left the chain in the year before: of it, the event by which it left;
//   - goods that were shipped or received in the 60 days before, or are recalled or held back.
//
// A record that is no event is left out. It reads the ledger below next three times.
func choose(ctx context.Context, l *ledger.Ledger, first, next int64) (*opening, error) {
	c := &chooser{first: first, objects: make(map[uint64]*object), wrong: make(map[uint64]bool), parts: make(map[int64]int64), goods: newHoldings(nil)}
	at := int64(-1) // the event before
	for rec, err := range trace.DecodeRecords(records(ctx, l, first)) {
		if rec.Index < 0 {
			return nil, fmt.Errorf("opening: %w", err)
		}
		if at >= 0 && rec.Index > at+1 {
			c.parts[at] = rec.Index - at
		}
		if at = rec.Index; err == nil {
			c.before(rec)
		}
	}
	if at >= 0 && first > at+1 {
		c.parts[at] = first - at
	}
	for rec, err := range trace.DecodeRecords(between(ctx, l, first, next)) {
		if rec.Index < 0 {
			return nil, fmt.Errorf("opening: %w", err)
		}
		if err != nil {
			continue
		}
		for id := range objects(rec.Event) {
			if o := c.objects[keyOf(string(id))]; o != nil {
				o.named = true
			}
		}
	}
	out := &opening{claims: c.goods.claims(), records: make([]bool, first)}
	for rec, err := range trace.DecodeRecords(records(ctx, l, first)) {
		if rec.Index < 0 {
			return nil, fmt.Errorf("opening: %w", err)
		}
		if err == nil {
			c.take(out, rec)
		}
	}
	return out, nil
}

// before takes in an event from before the range.
func (c *chooser) before(rec trace.Recorded) {
	e := rec.Event
	c.goods.add(e)
	if e.Time.After(c.last) {
		c.last = e.Time
	}
	if e.Error != nil {
		c.wrong[keyOf(e.EventID)] = true
		return
	}
	effect := EffectOf(e)
	leaves := effect == Lost || effect == Gone || effect == Dispensed && e.Disposition != trace.DispPartiallyDispensed
	for id := range objects(e) {
		k := keyOf(string(id))
		o := c.objects[k]
		if o == nil {
			o = &object{left: -1}
			c.objects[k] = o
		}
		switch {
		case leaves && !slices.Contains(e.OutputEPCs, id) && !e.Time.Before(o.at):
			o.left, o.by, o.at = rec.Index, keyOf(e.EventID), e.Time
		case effect == Received && e.Disposition == trace.DispReturned && !e.Time.Before(o.at):
			o.left, o.at = -1, e.Time
		}
	}
}

// open reports whether an object has its records in the opening.
func (c *chooser) open(o *object) bool { return o.named || o.left < 0 || c.wrong[o.by] }

// take puts the record of an event into the opening if it belongs there.
func (c *chooser) take(out *opening, rec trace.Recorded) {
	e := rec.Event
	take := c.tellsOfGoods(e)
	var closed []*object
	for id := range objects(e) {
		switch o := c.objects[keyOf(string(id))]; {
		case o == nil: // named by a declaration alone
		case c.open(o) || o.left == rec.Index && c.last.Sub(o.at) <= remembered:
			take = true
		default:
			closed = append(closed, o)
		}
	}
	if !take {
		return
	}
	c.mark(out, rec.Index)
	for _, o := range closed { // however long ago, or they would be there still
		c.mark(out, o.left)
	}
}

func (c *chooser) mark(out *opening, index int64) {
	for i := range max(c.parts[index], 1) {
		out.records[index+i] = true
	}
}

// tellsOfGoods reports whether an event tells of goods what a claim does not.
func (c *chooser) tellsOfGoods(e *trace.Event) bool {
	if len(e.Quantities) == 0 {
		return false
	}
	switch EffectOf(e) {
	case Shipped, Received, Voided:
		return c.last.Sub(e.Time) <= onTheWay
	case Seen:
		return true
	}
	return false
}

// objects yields the objects with serial numbers, and the cases, that an event names.
func objects(e *trace.Event) func(func(trace.ID) bool) {
	return func(yield func(trace.ID) bool) {
		for _, list := range [...][]trace.ID{e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs} {
			for _, id := range list {
				if !yield(id) {
					return
				}
			}
		}
		if e.Parent != "" {
			yield(e.Parent)
		}
	}
}
