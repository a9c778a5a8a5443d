package trace

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// load hands every event of the ledger to take, in no order and one at a time. Entries are read and decoded by as many
// goroutines as there are processors.
func (r *Repository) load(ctx context.Context, take func(*stored)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	const some = 64
	size := r.ledger.Size()
	batches := make(chan []*stored, 4)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8) {
		wg.Go(func() {
			for from := next.Add(some) - some; from < size; from = next.Add(some) - some {
				batch, err := r.loadSome(ctx, from, min(from+some, size))
				if err != nil {
					cancel(err)
					return
				}
				select {
				case batches <- batch:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		close(batches)
	}()
	for batch := range batches { // the others end before load does
		for _, s := range batch {
			take(s)
		}
	}
	return context.Cause(ctx)
}

// loadSome returns the events whose first entry is one of some.
func (r *Repository) loadSome(ctx context.Context, from, to int64) ([]*stored, error) {
	list := make([]*stored, 0, to-from)
	for index := from; index < to; index++ {
		rec, err := r.ledger.Read(ctx, index)
		if err != nil {
			return nil, err
		}
		en, err := decodeEntry(rec.Data)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", index, err)
		}
		switch {
		case en.part == nil:
			list = append(list, &stored{Event: en.event, index: index})
		case en.part.i == 0:
			s, err := r.reader().at(ctx, index)
			if err != nil {
				return nil, err
			}
			if s != nil {
				list = append(list, s)
			}
		}
	}
	return list, nil
}
