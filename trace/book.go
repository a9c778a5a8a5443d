package trace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// book is what everything that is recorded about one object comes to: a replay that goes on where it ended. Events that
// come in the order of time are folded one by one; after any other the book has to be made anew. It belongs to whoever
// has it from the memory.
type book struct {
	*replay
	repo   *Repository
	ctx    context.Context // of the question that has it
	object ID
	told   *story    // what it follows, and what was declared wrong
	newest time.Time // of its events
	asked  []ID      // the documents and products that it looked up of late
	bytes  int       // of memory, roughly
	loan
}

// What a book takes of memory, roughly: in any case, for each moment that it remembers, for a finding, and for an event
// of which the totals of a class are all that is left.
const (
	bookBytes    = 3 << 10
	momentBytes  = 600
	findingBytes = 1 << 10
	totalBytes   = 100
)

// book makes the book of an object.
func (rd *reader) book(ctx context.Context, object ID) (*book, error) {
	f, err := rd.follow(ctx, func() visitor { return func(*replay, *stored) {} }, object)
	if err != nil {
		return nil, err
	}
	b := &book{repo: rd.r, object: object, replay: f.replay, told: f.story, newest: f.newest}
	b.bytes = bookBytes + totalBytes*f.events + momentBytes*len(b.pasts) + findingBytes*len(b.findings)
	b.asked = slices.AppendSeq(b.asked, maps.Keys(b.shipped))
	for class := range b.recalls {
		b.asked = append(b.asked, class.product())
	}
	b.lookup, b.recall = b.shipments, b.since
	for _, m := range b.pasts { // events are what takes most memory, and belong to the reader
		m.event = &stored{index: m.index, id: m.event.id, book: b}
	}
	return b, nil
}

// reread reads the record of an event that the book let go: few are asked for.
func (b *book) reread(s *stored) {
	from, err := b.repo.reader().at(b.ctx, s.index)
	if err == nil && from == nil {
		err = fmt.Errorf("trace: entry %d is no event", s.index)
	}
	s.book = nil
	if err != nil {
		b.note(err)
		s.Event = &Event{}
		return
	}
	s.Event = from.Event
}

// shipments looks up, for the question that has the book, how many shipments a document has.
func (b *book) shipments(doc ID) int {
	n, err := b.repo.reader().shipments(b.ctx, doc, nil)
	b.asked = append(b.asked, doc)
	b.note(err)
	return n
}

// since looks up since when a class is recalled.
func (b *book) since(class ID) time.Time {
	at, err := b.repo.reader().recalled(b.ctx, class, nil)
	b.asked = append(b.asked, class.product())
	b.note(err)
	return at
}

func (b *book) note(err error) {
	if err != nil && b.failed == nil {
		b.failed = err
	}
}

// goesOn reports whether an event can be folded after those in the book: it is later than all of them, none of them says
// that it is wrong, and it makes the book follow nothing else.
func (b *book) goesOn(s *stored) bool {
	return s.Time.After(b.newest) && b.told.stands(s) &&
		(s.Parent == "" || s.Action != Add || b.told.scope[s.Parent] || !b.told.packs(s.Event))
}

// fold folds an event with which the book goes on, and returns what is odd about the object by it.
func (b *book) fold(s *stored) []Finding {
	had, remembered := len(b.findings), len(b.pasts)
	b.apply(s)
	for _, m := range b.pasts[remembered:] {
		m.event, b.bytes = &stored{index: -1, id: s.ident()}, b.bytes+momentBytes
	}
	b.newest, b.bytes = s.Time, b.bytes+totalBytes*len(s.Quantities)
	var out []Finding
	for _, f := range b.findings[had:] {
		if b.bytes += findingBytes; f.EPCs[0] == b.object {
			out = append(out, f.clone())
		}
	}
	return out
}

// consult calls f with the book of an object. f keeps nothing of it.
func (r *Repository) consult(ctx context.Context, object ID, f func(*book)) error {
	books, err := r.take(ctx, []ID{object}, nil)
	if err != nil {
		return err
	}
	b := books[0]
	f(b)
	if b.failed != nil {
		r.memory.discard(books)
		return b.failed
	}
	r.memory.put(ctx, books, nil, 0, 0)
	return nil
}

// take returns the books of some objects, those that the memory does not have made anew. Unless it fails, they are to be
// put back or discarded. An event that is not nil is to be folded into them.
func (r *Repository) take(ctx context.Context, objects []ID, fold *stored) ([]*book, error) {
	books, next := r.memory.take(ctx, objects, fold)
	var made []int
	for i, b := range books {
		if b == nil {
			made = append(made, i)
		}
	}
	if len(made) > 0 {
		if err := r.ask(func(rd *reader) (err error) {
			for _, i := range made {
				if books[i], err = rd.book(ctx, objects[i]); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			r.memory.discard(books)
			return nil, err
		}
		for _, i := range made {
			r.memory.admit(ctx, books[i], next, fold)
		}
	}
	for _, b := range books {
		b.ctx, b.failed = ctx, nil
	}
	return books, nil
}

// mostBooks is how many objects of an event are judged each by its book. The events of more are rather read together.
const mostBooks = 64

// foldable reports whether an event that is later than all others can be judged by the books of its objects. It names
// none of them twice, no case beside goods that may be in it, and it takes back nothing by which others were judged.
func (s *stored) foldable(objects []ID) bool {
	return len(s.EPCs)*len(s.Quantities) == 0 && len(s.EPCs)+len(s.Quantities) == len(objects) && len(objects) <= mostBooks &&
		s.BizStep != BizStepVoidShipping && (s.Disposition != DispRecalled || len(s.Quantities) == 0)
}

// fold returns what is odd about the objects of an event, which are sorted, and the books that it was folded into: to be
// put back when the event is recorded, to be discarded when it is not. They are nil when one of them does not go on with
// the event.
func (r *Repository) fold(ctx context.Context, s *stored, objects []ID) (findings []Finding, books []*book, err error) {
	s.ident() // before others may look at it
	if books, err = r.take(ctx, objects, s); err != nil {
		return nil, nil, err
	}
	for _, b := range books {
		if !b.goesOn(s) {
			r.memory.put(ctx, books, nil, 0, 0)
			return nil, nil, nil
		}
	}
	one := func(id ID) {
		if i, ok := slices.BinarySearch(objects, id); ok && err == nil {
			findings = append(findings, books[i].fold(s)...)
			err = books[i].failed
		}
	}
	for _, id := range s.EPCs {
		one(id)
	}
	for _, q := range s.Quantities {
		one(q.Class)
	}
	if err != nil {
		r.memory.discard(books)
		return nil, nil, err
	}
	return findings, books, nil
}
