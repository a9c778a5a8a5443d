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
	in := &importer{ctx: ctx, r: r}
	defer in.wait()
	now := r.now().UTC().Round(time.Millisecond)
	var failed error
	for e, err := range events {
		if err == nil {
			err = e.Validate()
		}
		if err != nil {
			failed = fmt.Errorf("trace: import: event %d: %w", in.done+in.flying+in.pending, err)
			break
		}
		if e.RecordTime.IsZero() {
			c := *e
			c.RecordTime = now
			e = &c
		}
		entries, err := in.enc.event(e, nil)
		if err != nil {
			failed = err
			break
		}
		if len(entries) > 1 {
			// Of an event with several entries the ledger alone cannot tell that it is recorded already.
			if err := in.flush(); err != nil {
				return in.done, err
			}
			if err := in.wait(); err != nil {
				return in.done, err
			}
			if old, err := r.reader().recorded(ctx, &stored{Event: e, index: -1}); err != nil {
				return in.done, err
			} else if old != nil {
				in.done++
				continue
			}
		}
		for _, entry := range entries {
			in.size += len(entry)
		}
		in.batch, in.pending = append(in.batch, entries...), in.pending+1
		if in.size >= importBatch {
			if err := in.flush(); err != nil {
				return in.done, err
			}
		}
	}
	if err := in.flush(); err != nil {
		return in.done, err
	}
	if err := in.wait(); err != nil {
		return in.done, err
	}
	return in.done, failed
}

// importer appends one batch while the next one is collected.
type importer struct {
	ctx     context.Context
	r       *Repository
	enc     encoder
	batch   [][]byte
	pending int // events in batch
	size    int // bytes in batch
	flying  int // events that are being appended
	landed  chan error
	done    int // events that are in the ledger
}

// flush sends the batch on its way, when the one before it has arrived.
func (in *importer) flush() error {
	if err := in.wait(); err != nil || len(in.batch) == 0 {
		return err
	}
	batch, landed := in.batch, make(chan error, 1)
	in.flying, in.landed = in.pending, landed
	in.batch, in.pending, in.size = make([][]byte, 0, len(batch)), 0, 0
	go func() {
		_, err := in.r.ledger.Append(in.ctx, batch...)
		landed <- err
	}()
	return nil
}

// wait returns when no batch is on its way.
func (in *importer) wait() error {
	if in.landed == nil {
		return nil
	}
	err := <-in.landed
	in.landed = nil
	if err != nil {
		return fmt.Errorf("trace: import: %w", err)
	}
	in.done += in.flying
	in.flying = 0
	return nil
}
