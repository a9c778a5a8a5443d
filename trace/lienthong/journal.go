package lienthong

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// An entry of the journal of an Outbox is
//
//	version  1 byte, 1
//	kind     1 byte
//	day      10 bytes, as 2026-11-21; of a record only
//	key      generation, a digit, and number, with a byte 0 behind; of a record only
//	JSON
const journalVersion = 1

// The kinds of entries.
const (
	kindOwner  = 'p' // whose journal it is: the first entry
	kindRecord = 'r' // a record, in place of all before with the same number and generation
	kindMark   = 'm' // how far the ledger was read
)

// mark says how far the ledger was read.
type mark struct {
	Read  int64  `json:"read"`  // index of the last event that was, from 0
	Event string `json:"event"` // its EventID: a ledger of which another event is there was restored, and is read anew
	Days  []Day  `json:"days"`  // with documents that wait, or that were not read yet
	// Lanes are the generations that Days is of: for any other, everything is read again. Opened are those of them whose opening
	// stock is completed.
	Lanes  []int `json:"lanes"`
	Opened []int `json:"opened,omitempty"`
}

// markEvery is how many entries are written at most before the next mark: an outbox that is opened looks for the last.
const markEvery = 256

var (
	// ErrOtherJournal says that a ledger is not the journal of the establishment.
	ErrOtherJournal = errors.New("journal of something else")

	errJournalEntry = errors.New("entry of another version or kind")
)

// JournalIndex is the index function of the ledger that an [Outbox] keeps its journal in: ledger.Options{Index:
// lienthong.JournalIndex}. It finds the records of a day. An entry that is none of a journal is an error.
func JournalIndex(data []byte) (keys [][]byte, id []byte, err error) {
	kind, day, _, _, err := splitEntry(data)
	if err != nil {
		return nil, nil, fmt.Errorf("lienthong: journal: %w", err)
	}
	return [][]byte{append([]byte{kind}, day...)}, nil, nil
}

// splitEntry takes an entry apart.
func splitEntry(data []byte) (kind byte, day, key, text []byte, err error) {
	if len(data) < 2 || data[0] != journalVersion {
		return 0, nil, nil, nil, errJournalEntry
	}
	kind, text = data[1], data[2:]
	switch kind {
	case kindRecord:
		if len(text) < len(time.DateOnly) {
			return 0, nil, nil, nil, errJournalEntry
		}
		day, text = text[:len(time.DateOnly)], text[len(time.DateOnly):]
		var ok bool
		if key, text, ok = bytes.Cut(text, []byte{0}); !ok {
			return 0, nil, nil, nil, errJournalEntry
		}
	case kindOwner, kindMark:
	default:
		return 0, nil, nil, nil, errJournalEntry
	}
	return kind, day, key, text, nil
}

// entryOf returns the entry of a party, a mark or a record.
func entryOf(v any) ([]byte, error) {
	data := []byte{journalVersion}
	switch v := v.(type) {
	case trace.Party:
		data = append(data, kindOwner)
	case *mark:
		data = append(data, kindMark)
	case *record:
		data = append(data, kindRecord)
		data = append(data, DayOf(v.Time).String()...)
		data = append(data, byte('0'+v.Generation))
		data = append(append(data, strings.ReplaceAll(v.Number, "\x00", " ")...), 0)
	}
	text, err := json.Marshal(v)
	return append(data, text...), err
}

// journal keeps what the outbox may not forget, in a ledger of its own.
type journal struct{ ledger *ledger.Ledger }

// write appends entries, all of them or none, and returns when they survive a loss of power.
func (j journal) write(ctx context.Context, values ...any) error {
	data := make([][]byte, len(values))
	for i, v := range values {
		var err error
		if data[i], err = entryOf(v); err != nil {
			return fmt.Errorf("lienthong: journal: %w", err)
		}
	}
	if _, err := j.ledger.Append(ctx, data...); err != nil {
		return fmt.Errorf("lienthong: journal: %w", err)
	}
	return nil
}

// owner returns whose journal it is.
func (j journal) owner(ctx context.Context) (party trace.Party, err error) {
	rec, err := j.ledger.Read(ctx, 0)
	if err != nil {
		return "", fmt.Errorf("lienthong: journal: %w", err)
	}
	kind, _, _, text, err := splitEntry(rec.Data)
	if err != nil || kind != kindOwner || json.Unmarshal(text, &party) != nil {
		return "", fmt.Errorf("lienthong: %w", ErrOtherJournal)
	}
	return party, nil
}

// mark returns the last mark, and one of nothing when there is none.
func (j journal) mark(ctx context.Context) (m mark, err error) {
	m.Read = -1
	for i := j.ledger.Size() - 1; i > 0; i-- {
		rec, err := j.ledger.Read(ctx, i)
		if err != nil {
			return m, fmt.Errorf("lienthong: journal: %w", err)
		}
		if kind, _, _, text, err := splitEntry(rec.Data); err != nil || kind == kindMark && json.Unmarshal(text, &m) != nil {
			return m, fmt.Errorf("lienthong: journal: entry %d: %w", i, errJournalEntry)
		} else if kind == kindMark {
			return m, nil
		}
	}
	return m, nil
}

// day returns the records of a day as they were written last.
func (j journal) day(ctx context.Context, day Day) (map[deliveryKey]*record, error) {
	last := map[string][]byte{}
	for rec, err := range j.ledger.Find(ctx, append([]byte{kindRecord}, day.String()...)) {
		if err != nil {
			return nil, fmt.Errorf("lienthong: journal: %w", err)
		}
		_, _, key, text, err := splitEntry(rec.Data)
		if err != nil {
			return nil, fmt.Errorf("lienthong: journal: entry %d: %w", rec.Index, err)
		}
		last[string(key)] = text
	}
	out := make(map[deliveryKey]*record, len(last))
	for key, text := range last {
		r := &record{}
		if err := json.Unmarshal(text, r); err != nil {
			return nil, fmt.Errorf("lienthong: journal: %s of %s: %w", key, day, err)
		}
		r.lost, r.Words = r.State == Sending, r.Kept
		out[r.key()] = r
	}
	return out, nil
}

// maxWords is how many bytes of a server's words are kept.
const maxWords = 500

// cut returns the beginning of a text.
func cut(s string) string {
	if len(s) <= maxWords {
		return s
	}
	n := maxWords
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
