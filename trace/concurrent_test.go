package trace

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

// Many goroutines capture and import the events of a history, in pieces, while others ask about everything. In the end
// the answers are those of a repository that took the events one by one.
func TestConcurrentUse(t *testing.T) {
	const captors, askers = 4, 3
	w := newWorld(t, 11_000)
	events := w.history(t, 160)
	serial := openTest(t)
	captureAll(t, serial, events)
	want := ask(t, serial, w)

	l, err := badgerledger.Open(t.TempDir(), &ledger.Options{Index: Index})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	r, err := Open(t.Context(), l, &Options{Now: serial.now})
	if err != nil {
		t.Fatal(err)
	}
	var capturing, asking sync.WaitGroup
	done := make(chan struct{})
	for c := range captors {
		capturing.Go(func() {
			for i := c; i < len(events); i += captors {
				if i%3 > 0 {
					if _, err := r.Capture(t.Context(), events[i]); err != nil {
						t.Error(err)
					}
					continue
				}
				one := func(yield func(*Event, error) bool) { yield(events[i], nil) }
				if n, err := r.Import(t.Context(), one); n != 1 || err != nil {
					t.Error(n, err)
				}
			}
			// A sale and its undoing leave nothing behind.
			sale, err := r.Record(t.Context(), Hop{Step: Dispensing, Time: w.now, By: w.parties[c], Document: fmt.Sprint("HD-", c), Goods: []Goods{{w.lots[0], 1}}})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := r.UndoEvent(t.Context(), sale.Index, w.parties[c]); err != nil {
				t.Error(err)
			}
		})
	}
	for a := range askers {
		asking.Go(func() {
			for i := a; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				if err := askOne(t, r, w, i); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	capturing.Wait()
	close(done)
	asking.Wait()
	sameAnswers(t, "captured at once", want, ask(t, r, w))
}

// askOne asks one question about an object or a party of a world.
func askOne(t *testing.T, r *Repository, w *world, i int) error {
	ctx, objects := t.Context(), w.objects()
	object, party := objects[i%len(objects)], w.parties[i%len(w.parties)]
	switch i % 9 {
	case 0:
		_, err := r.Custody(ctx, object)
		return err
	case 1:
		_, err := r.History(ctx, object)
		return err
	case 2:
		_, err := r.Stock(ctx, party)
		return err
	case 3:
		_, err := r.Lot(ctx, w.lots[i%len(w.lots)])
		return err
	case 4:
		_, _, err := r.Contents(ctx, w.boxes[i%len(w.boxes)])
		return err
	case 5:
		_, err := r.Verify(ctx, scanOf(t, slices.Concat(w.packs, w.lots)[i%7]), party)
		return err
	case 6:
		for _, err := range r.Query(ctx, &Query{Parties: []Party{party}}) {
			if err != nil {
				return err
			}
		}
	case 7:
		_, err := r.Expiring(ctx, party, w.now)
		return err
	default:
		_, err := r.Audit(ctx, nil)
		return err
	}
	return nil
}
