package lienthong

import (
	"context"
	"slices"

	"github.com/dauvet/dauvet/trace"
)

// memory is what an outbox remembers of the events of its ledger, so that a day which grows is not read anew at each step: the
// events of the days that it read last, and what there was some days ago. It is no more than a quicker way to what the ledger
// holds, and is empty when a process begins.
type memory struct {
	reports *Reports
	days    map[Day]*events
	read    []Day // the keys of days, the one that was wanted last behind
	book    book  // what there was when since began; nil is not known
	since   Day
}

// The room of a memory. An event takes about a kilobyte.
const (
	mostRemembered = 8192 // events; a day that has more is read each time
	daysBehind     = 7    // that book is, so that what is recorded late seldom makes it wrong
)

func newMemory(r *Reports) *memory { return &memory{reports: r, days: map[Day]*events{}} }

// add takes in an event of the establishment that is new in the ledger.
func (m *memory) add(rec trace.Recorded) {
	day := DayOf(rec.Event.Time)
	if day.Before(m.since) {
		m.book = nil
	}
	if s := m.days[day]; s != nil {
		s.add(rec)
	}
}

// forget has a day read again.
func (m *memory) forget(day Day) {
	m.drop(day)
	if day.Before(m.since) {
		m.book = nil
	}
}

func (m *memory) drop(day Day) {
	delete(m.days, day)
	m.read = slices.DeleteFunc(m.read, func(d Day) bool { return d == day })
}

// events returns those of a day.
func (m *memory) events(ctx context.Context, day Day) (*events, error) {
	s := m.days[day]
	if s == nil {
		var err error
		if s, err = m.reports.events(ctx, day.Time(), day.Next().Time()); err != nil {
			return nil, err
		}
	}
	m.drop(day)
	m.days[day], m.read = s, append(m.read, day)
	room := mostRemembered
	for i, d := range slices.Backward(m.read) {
		if room -= len(m.days[d].list); room < 0 {
			for _, old := range slices.Clone(m.read[:i+1]) {
				m.drop(old)
			}
			break
		}
	}
	return s, nil
}

func (m *memory) moved(ctx context.Context, from, until Day) (*reading, error) {
	if until != from.Next() {
		return m.reports.moved(ctx, from, until)
	}
	s, err := m.events(ctx, from)
	if err != nil {
		return nil, err
	}
	return s.reading(ctx, m.reports)
}

func (m *memory) before(ctx context.Context, day Day) (book, error) {
	behind := DayOf(day.Time().AddDate(0, 0, -daysBehind))
	if m.book == nil || day.Before(m.since) {
		b, err := m.reports.before(ctx, behind)
		if err != nil {
			return nil, err
		}
		m.book, m.since = b, behind
	}
	if err := m.advance(ctx, m.book, &m.since, behind); err != nil {
		return nil, err
	}
	b, since := m.book.clone(), m.since
	return b, m.advance(ctx, b, &since, day)
}

// advance applies what moved in the days from since to the one before until.
func (m *memory) advance(ctx context.Context, b book, since *Day, until Day) error {
	for ; since.Before(until); *since = since.Next() {
		read, err := m.moved(ctx, *since, since.Next())
		if err != nil {
			return err
		}
		for i := range read.moves {
			b.take(&read.moves[i])
		}
	}
	return nil
}
