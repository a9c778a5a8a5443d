package trace

import (
	"context"
	"errors"
	"fmt"

	"github.com/dauvet/dauvet/ledger"
)

// factSource is what reads the records behind facts, for one question.
type factSource struct {
	ctx   context.Context // of the question
	rd    *reader
	class ID
}

// mostLoads is how many records are read one by one that facts do not tell enough of: those of events of one moment,
// whose order their identifiers decide, and those with findings, which name the event. Beyond it, reading all records
// at once takes less time.
const mostLoads = 64

// fewRecords is how many records of a class are read rather than its facts.
const fewRecords = 64

// errManyLoads says that a question is answered sooner without facts.
var errManyLoads = errors.New("trace: too many records behind facts")

// whole reads the record of an event that was made of a fact, or whose record a book let go. When that fails, the reader
// or the book knows the error, and what was asked for is without meaning.
func (s *stored) whole() {
	if s.book != nil {
		s.book.reread(s)
		return
	}
	if s.facts == nil {
		return
	}
	from := s.facts
	s.facts = nil
	rd := from.rd
	if rd.failed != nil {
		return
	}
	if rd.loads++; rd.loads > mostLoads {
		rd.failed = errManyLoads
		return
	}
	events, err := rd.fetch(from.ctx, s.key, keyKindEPC, string(from.class))
	if err == nil && len(events) != 1 {
		err = fmt.Errorf("trace: find %s: the index has %d entries under a key of facts, and not one", from.class, len(events))
	}
	if err != nil {
		rd.failed = err
		return
	}
	s.Event, s.index = events[0].Event, events[0].index
}

// factMoment is the moment of a fact. Only objects with serial numbers remember moments, so one is enough for all facts.
type factMoment struct {
	moment
	rest
	only [1]goods
}

// applyFact is apply of an event that was made of a fact: it names one class, and nothing else.
func (r *replay) applyFact(s *stored) {
	if r.told == nil {
		r.told = &factMoment{}
	}
	t, e := r.told, s.Event
	t.rest = rest{}
	if q := e.Quantities[0]; r.follows(q.Class) {
		t.only[0] = goods{q.Class, counted(q)}
		t.rest.goods = t.only[:]
	}
	t.moment = moment{
		event: s, index: s.index, time: e.Time, kind: e.Type, action: e.Action, step: e.BizStep, disposition: e.Disposition,
		actor: e.Actor(), from: counterpart(e.Sources), to: counterpart(e.Destinations), document: e.Document(),
		located: e.ReadPoint != "", all: true, rest: &t.rest,
	}
	if len(e.Extensions) > 0 {
		t.read.expiry, t.price = field(e.Extensions, "exp"), field(e.Extensions, "price")
	}
	r.fold(&t.moment)
}

// naming returns the events that concern an object, read from the ledger.
func (rd *reader) naming(ctx context.Context, id ID) ([]*stored, error) {
	return rd.find(ctx, keyKindEPC, string(id))
}

// concerning returns the events that concern an object. Of a class they are made of facts, as far as facts tell enough.
func (rd *reader) concerning(ctx context.Context, id ID) ([]*stored, error) {
	if !rd.quick || !id.hasFacts() {
		return rd.naming(ctx, id)
	}
	if events, ok := rd.told[id]; ok {
		return events, nil
	}
	many, err := rd.many(ctx, id)
	if err == nil && !many {
		return rd.naming(ctx, id)
	}
	var out []*stored
	if err == nil {
		out, err = rd.facts(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("trace: find %s: %w", id, err)
	}
	key := indexKey(keyKindEPC, string(id))
	for _, s := range rd.extra {
		if s.has(keyKindEPC, string(id), key) {
			out = append(out, s)
		}
	}
	if rd.told == nil {
		rd.told = make(map[ID][]*stored)
	}
	rd.told[id] = out
	return out, nil
}

// facts returns the events of a class: those that are told by facts, in the order of time, and the others.
func (rd *reader) facts(ctx context.Context, class ID) ([]*stored, error) {
	out, err := rd.records(ctx, class)
	if err != nil {
		return nil, err
	}
	from := &factSource{ctx: ctx, rd: rd, class: class}
	d := newFactDecoder(class)
	err = rd.eachFact(ctx, class, func(row ledger.KeyCount, fact []byte) error {
		if row.Count > 1 {
			events, err := rd.fetch(ctx, row.Key, keyKindEPC, string(class))
			out = append(out, events...)
			return err
		}
		s, err := d.stored(fact)
		if err != nil {
			return err
		}
		s.facts, s.key = from, row.Key
		out = append(out, s)
		return nil
	})
	return out, err
}

// records returns the events of a class that facts do not tell.
func (rd *reader) records(ctx context.Context, class ID) ([]*stored, error) {
	return rd.fetch(ctx, append(appendFactPrefix(nil, class), factRecord), keyKindEPC, string(class))
}

// namingPacks returns the events that may name packs of a class: all of its events but those that facts tell.
func (rd *reader) namingPacks(ctx context.Context, class ID) ([]*stored, error) {
	if !rd.quick || !class.hasFacts() {
		return rd.naming(ctx, class)
	}
	many, err := rd.many(ctx, class)
	if err == nil && !many {
		return rd.naming(ctx, class)
	}
	var out []*stored
	if err == nil {
		out, err = rd.records(ctx, class)
	}
	if err != nil {
		return nil, fmt.Errorf("trace: find %s: %w", class, err)
	}
	return out, nil
}

// eachFact calls f with each key of a fact of a class, in the order of time, and what the key tells. One goroutine reads
// the index while the other is in f.
func (rd *reader) eachFact(ctx context.Context, class ID, f func(row ledger.KeyCount, fact []byte) error) error {
	prefix := append(appendFactPrefix(nil, class), factEvent)
	scanning, cancel := context.WithCancel(ctx)
	pages := make(chan []ledger.KeyCount, 4)
	var failed error // of the goroutine that reads; to be read when pages is closed
	go func() {
		defer close(pages)
		failed = rd.rows(scanning, prefix, pages)
	}()
	defer func() {
		cancel()
		for range pages { // it ends before eachFact does
		}
	}()
	for page := range pages {
		for _, row := range page {
			if err := f(row, row.Key[len(prefix):]); err != nil {
				return err
			}
		}
	}
	return failed
}

// rows sends the index keys that begin with prefix, some at a time.
func (rd *reader) rows(ctx context.Context, prefix []byte, pages chan<- []ledger.KeyCount) error {
	const some = 256
	page := make([]ledger.KeyCount, 0, some)
	send := func() error {
		select {
		case pages <- page:
			page = make([]ledger.KeyCount, 0, some)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for row, err := range rd.r.ledger.Keys(ctx, prefix) {
		if err != nil {
			return err
		}
		if page = append(page, row); len(page) == some {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// many reports whether more events concern a class than are read in no time.
func (rd *reader) many(ctx context.Context, class ID) (bool, error) {
	if rd.crowded[class] {
		return true, nil
	}
	n := 0
	for _, err := range rd.r.ledger.FindIndices(ctx, indexKey(keyKindEPC, string(class))) {
		if err != nil {
			return true, err
		}
		if n++; n > rd.r.few {
			if rd.crowded == nil {
				rd.crowded = make(map[ID]bool)
			}
			rd.crowded[class] = true
			return true, nil
		}
	}
	return false, nil
}

// ask answers a question, from facts if that may be, and from records when facts take longer. f gets the events that are
// to be judged as if they were recorded.
func (r *Repository) ask(f func(rd *reader) error, extra ...*stored) error {
	rd := r.reader(extra...)
	rd.quick = !r.verified
	err := f(rd)
	if errors.Is(err, errManyLoads) {
		err = f(r.reader(extra...))
	}
	return err
}
