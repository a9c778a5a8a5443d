package trace

import (
	"context"
	"errors"
	"time"

	"github.com/dauvet/dauvet/ledger"
)

// followed is what became of some objects.
type followed struct {
	*replay
	story  *story    // without its events
	events int       // so many
	newest time.Time // the time of the last one
}

// visitor sees each event that counts before it is applied. It keeps nothing of it.
type visitor func(*replay, *stored)

// follow replays the story of some objects. begin returns who visits the events; it is called again when they are all
// visited anew.
func (rd *reader) follow(ctx context.Context, begin func() visitor, objects ...ID) (*followed, error) {
	if len(objects) == 1 {
		if f, err := rd.stream(ctx, begin(), objects[0]); f != nil || err != nil {
			return f, err
		}
	}
	st, err := rd.story(ctx, objects...)
	if err != nil {
		return nil, err
	}
	visit := begin()
	f := &followed{story: st, events: len(st.events)}
	if f.events > 0 {
		f.newest = st.events[f.events-1].Time
	}
	f.replay, err = st.replay(ctx, rd, nil, func(r *replay, s *stored) {
		if st.stands(s) {
			visit(r, s)
		}
	})
	st.events = nil
	return f, err
}

// errTied says that events happened in one moment: their identifiers decide which is first, and those are in records.
var errTied = errors.New("trace: facts of one moment")

// stream is follow of a class with many facts. They lie in the order of time, so each is folded as it is read, and none
// is kept; the events that are told by records come between. It returns nil when that cannot be.
func (rd *reader) stream(ctx context.Context, visit visitor, class ID) (*followed, error) {
	if !rd.quick || !class.hasFacts() || len(rd.extra) > 0 {
		return nil, nil
	}
	if many, err := rd.many(ctx, class); err != nil || !many {
		return nil, err
	}
	records, err := rd.records(ctx, class)
	if err != nil {
		return nil, err
	}
	if rd.told == nil {
		rd.told = make(map[ID][]*stored)
	}
	rd.told[class] = records // for the story, which adds those of what the class was packed in
	st, err := rd.story(ctx, class)
	delete(rd.told, class)
	if err != nil {
		return nil, err
	}
	records, st.events = st.events, nil

	f := &followed{replay: st.begin(ctx, rd, nil), story: st}
	next := func(s *stored) {
		f.events, f.newest = f.events+1, s.Time
		if st.stands(s) {
			visit(f.replay, s)
			f.apply(s)
		}
	}
	from := &factSource{ctx: ctx, rd: rd, class: class}
	d, memory := newFactDecoder(class), &factEntry{}
	err = rd.eachFact(ctx, class, func(row ledger.KeyCount, fact []byte) error {
		*memory = factEntry{}
		s, err := d.decode(memory, fact)
		if err != nil {
			return err
		}
		s.facts, s.key = from, row.Key
		for len(records) > 0 && records[0].Time.Before(s.Time) {
			next(records[0])
			records = records[1:]
		}
		if row.Count > 1 || f.events > 0 && !s.Time.After(f.newest) || len(records) > 0 && records[0].Time.Equal(s.Time) {
			return errTied
		}
		next(s)
		return rd.failed
	})
	switch {
	case errors.Is(err, errTied):
		return nil, nil
	case err != nil:
		return nil, err
	}
	for _, s := range records {
		next(s)
	}
	if f.failed == nil {
		f.failed = rd.failed
	}
	return f, f.failed
}
