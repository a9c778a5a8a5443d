package trace

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/dauvet/dauvet/ledger"
)

// DecodeRecords reads the events of records that follow one another in a ledger, and puts those together that were cut
// into several entries: what an inspector does with records that have been proven, without a [Repository]. A record that
// is no event, or a part without the others, is given with its index, no event and the error, and the loop goes on: one
// vendor's mistake must not hide the rest. An error of records is given last, with the index -1. Nothing of the memory of a
// record is kept.
func DecodeRecords(records iter.Seq2[ledger.Record, error]) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		c := &chain{}
		for rec, err := range records {
			if err != nil {
				if c.broken(yield) {
					yield(Recorded{Index: -1}, err)
				}
				return
			}
			if !c.add(rec, yield) {
				return
			}
		}
		c.broken(yield)
	}
}

var errPart = errors.New("trace: part of an event without the others")

// chain collects the parts of an event.
type chain struct {
	first   int64
	parts   []*entry
	unnamed bool // events do not get their hash as EventID, and nobody keeps them
	entry   entry
	event   Event
}

// broken gives up on parts that are not all there. It is false when the loop has ended.
func (c *chain) broken(yield func(Recorded, error) bool) bool {
	if len(c.parts) == 0 {
		return true
	}
	c.parts = c.parts[:0]
	return yield(Recorded{Index: c.first}, fmt.Errorf("entry %d: %w", c.first, errPart))
}

// add takes the next record. It is false when the loop has ended.
func (c *chain) add(rec ledger.Record, yield func(Recorded, error) bool) bool {
	data, part := rec.Data, len(rec.Data) > 0 && (rec.Data[0] == versionPart || rec.Data[0] == versionPart1)
	if part {
		data = bytes.Clone(data) // it keeps pieces of it
	}
	en, err := c.decode(data, part)
	if len(c.parts) > 0 && (err != nil || !c.continues(en.part)) && !c.broken(yield) {
		return false
	}
	switch {
	case err != nil:
		return yield(Recorded{Index: rec.Index}, fmt.Errorf("entry %d: %w", rec.Index, err))
	case en.part == nil:
		return c.give(rec.Index, en.event, yield)
	case en.part.i != len(c.parts):
		return yield(Recorded{Index: rec.Index}, fmt.Errorf("entry %d: %w", rec.Index, errPart))
	case en.part.i == 0:
		c.first = rec.Index
	}
	if c.parts = append(c.parts, en); len(c.parts) < en.part.n {
		return true
	}
	e, err := joinChain(c.parts)
	c.parts = nil
	if err != nil {
		return yield(Recorded{Index: c.first}, fmt.Errorf("entry %d: %w", c.first, err))
	}
	return c.give(c.first, e, yield)
}

// decode reads an entry, in memory of its own unless nobody keeps it.
func (c *chain) decode(data []byte, part bool) (*entry, error) {
	if part || !c.unnamed {
		return decodeEntry(data)
	}
	c.event = Event{}
	c.entry = entry{event: &c.event}
	return &c.entry, c.entry.decode(data, nil)
}

// continues reports whether a part is the one that comes next.
func (c *chain) continues(p *part) bool {
	last := c.parts[len(c.parts)-1].part
	return p != nil && p.i == last.i+1 && p.n == last.n && bytes.Equal(p.hash, last.hash)
}

func (c *chain) give(index int64, e *Event, yield func(Recorded, error) bool) bool {
	if !c.unnamed {
		e.EventID = e.ID()
	}
	return yield(Recorded{Index: index, Event: e}, nil)
}
