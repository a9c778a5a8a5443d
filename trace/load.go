package trace

import (
	"context"
	"fmt"

	"github.com/dauvet/dauvet/ledger"
)

// load returns every event of the ledger. Entries are read by one goroutine and decoded by another.
func (r *Repository) load(ctx context.Context) ([]*stored, error) {
	ctx, cancel := context.WithCancel(ctx)
	size := r.ledger.Size()
	batches := make(chan []ledger.Record, 4)
	var failed error // of the reader; to be read when batches is closed
	go func() {
		defer close(batches)
		failed = r.readAll(ctx, size, batches)
	}()
	defer func() {
		cancel()
		for range batches { // the reader ends before load does
		}
	}()
	list := make([]*stored, 0, size)
	shared := newPool()
	for batch := range batches {
		for _, rec := range batch {
			en, err := decodePooled(rec.Data, shared)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", rec.Index, err)
			}
			switch {
			case en.part == nil:
				list = append(list, &stored{Event: en.event, index: rec.Index})
			case en.part.i == 0:
				s, err := r.reader().at(ctx, rec.Index)
				if err != nil {
					return nil, err
				}
				if s != nil {
					list = append(list, s)
				}
			}
		}
	}
	return list, failed
}

// readAll sends the records of the ledger, some at a time.
func (r *Repository) readAll(ctx context.Context, size int64, batches chan<- []ledger.Record) error {
	const some = 256
	batch := make([]ledger.Record, 0, some)
	for index := range size {
		rec, err := r.ledger.Read(ctx, index)
		if err != nil {
			return err
		}
		if batch = append(batch, rec); len(batch) == some || index == size-1 {
			select {
			case batches <- batch:
			case <-ctx.Done():
				return ctx.Err()
			}
			batch = make([]ledger.Record, 0, some)
		}
	}
	return nil
}
