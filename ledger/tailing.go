package ledger

import (
	"context"
	"iter"
)

// Tail returns the records from index from on, in order, and waits for more
// at the end until ctx ends or the ledger is closed; then the loop ends with
// the error of ctx, or ErrClosed. Records come from the log itself: a slow
// loop holds up nobody, and one that is started again misses nothing.
func (l *Ledger) Tail(ctx context.Context, from int64) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for index := from; ; index++ {
			err := l.await(ctx, index)
			var r Record
			if err == nil {
				r, err = l.Read(ctx, index)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// await returns when the entry is acknowledged.
func (l *Ledger) await(ctx context.Context, index int64) error {
	for {
		l.mu.Lock()
		switch {
		case l.closed:
			l.mu.Unlock()
			return ErrClosed
		case ctx.Err() != nil:
			l.mu.Unlock()
			return ctx.Err()
		case index < l.size:
			l.mu.Unlock()
			return nil
		}
		if l.grown == nil {
			l.grown = make(chan struct{})
		}
		grown := l.grown
		l.mu.Unlock()
		select {
		case <-grown:
		case <-ctx.Done():
		}
	}
}

// announce wakes those who wait for entries. l.mu is held.
func (l *Ledger) announce() {
	if l.grown != nil {
		close(l.grown)
		l.grown = nil
	}
}
