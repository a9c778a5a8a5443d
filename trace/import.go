package trace

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// importBatch is how many bytes of entries Import appends at once.
const importBatch = 1 << 20

// Import captures many events, such as those of a file, and returns how many it recorded or found recorded already. It
// judges none of them: an audit does that for all. Events are appended in batches, each of them durable or not at all,
// so an error leaves the events of the batches before it, which the count tells. The first error of the sequence, or the
// first event that is not valid, ends the import after what came before it has been recorded; a caller who wants to
// proceed leaves such events out of the sequence.
func (r *Repository) Import(ctx context.Context, events iter.Seq2[*Event, error]) (int, error) {
	var batch [][]byte
	done, pending, size := 0, 0, 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if _, err := r.ledger.Append(ctx, batch...); err != nil {
			return fmt.Errorf("trace: import: %w", err)
		}
		done += pending
		batch, pending, size = batch[:0], 0, 0
		return nil
	}
	now := r.now().UTC().Round(time.Millisecond)
	var failed error
	for e, err := range events {
		if err == nil {
			err = e.Validate()
		}
		if err != nil {
			failed = fmt.Errorf("trace: import: event %d: %w", done+pending, err)
			break
		}
		if e.RecordTime.IsZero() {
			c := *e
			c.RecordTime = now
			e = &c
		}
		s := &stored{Event: e, index: -1}
		entries, err := encodeEvent(e, s.digest())
		if err != nil {
			failed = err
			break
		}
		if len(entries) > 1 {
			// Of an event with several entries the ledger alone cannot tell that it is recorded already.
			if err := flush(); err != nil {
				return done, err
			}
			if old, err := r.reader().recorded(ctx, s); err != nil {
				return done, err
			} else if old != nil {
				done++
				continue
			}
		}
		for _, entry := range entries {
			size += len(entry)
		}
		batch, pending = append(batch, entries...), pending+1
		if size >= importBatch {
			if err := flush(); err != nil {
				return done, err
			}
		}
	}
	if err := flush(); err != nil {
		return done, err
	}
	return done, failed
}
