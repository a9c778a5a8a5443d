package trace_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

func ExampleRepository_Undo() {
	repo := open(nil)
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, EPCs: []gs1.EPC{pack}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})

	// The customer changed his mind at the till.
	if _, err := repo.Undo(context.Background(), pack, pharmacy); err != nil {
		log.Fatal(err)
	}
	custody, err := repo.Custody(context.Background(), pack)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(custody.Holder)
	// Output:
	// 8935322000013
}

func TestUndo(t *testing.T) {
	now := time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC)
	hop := func(step trace.Step, days int) trace.Hop {
		return trace.Hop{Step: step, Time: now.AddDate(0, 0, -days), By: pharmacy, EPCs: []gs1.EPC{pack}}
	}
	two := hop(trace.Dispensing, 1)
	two.EPCs = append(two.EPCs, epc("https://id.gs1.org/01/08935001000020/21/OTHER"))
	tests := []struct {
		name string
		last trace.Hop
		by   trace.Party
		want error
	}{
		{"dispensed", hop(trace.Dispensing, 1), pharmacy, nil},
		{"sampled", hop(trace.Sampling, 10), pharmacy, nil},
		{"lost", hop(trace.Losing, 1), pharmacy, nil},
		{"exported", hop(trace.Exporting, 1), pharmacy, nil},
		{"in the chain", hop(trace.Quarantining, 1), pharmacy, trace.ErrNothingToUndo},
		{"part of it", trace.Hop{Step: trace.Dispensing, Time: now, By: pharmacy, EPCs: []gs1.EPC{pack}, Units: 2}, pharmacy, trace.ErrNothingToUndo},
		{"elsewhere", hop(trace.Dispensing, 1), kiosk, trace.ErrUndoElsewhere},
		{"late", hop(trace.Dispensing, 11), pharmacy, trace.ErrUndoLate},
		{"destroyed", hop(trace.Destroying, 1), pharmacy, trace.ErrUndoNever},
		{"with another", two, pharmacy, trace.ErrUndoShared},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := open(&trace.Options{Now: func() time.Time { return now }})
			custody := func() *trace.Custody {
				c, err := repo.Custody(t.Context(), pack)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			record(repo, hop(trace.Receiving, 15))
			before := custody()
			record(repo, tt.last)
			after := custody()
			_, err := repo.Undo(t.Context(), pack, tt.by)
			want := after
			if tt.want == nil {
				want = before
			}
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(want, custody(), cmp.Comparer(func(a, b gs1.EPC) bool { return a == b })); diff != "" {
				t.Errorf("custody (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := open(nil).Undo(t.Context(), pack, pharmacy); !errors.Is(err, trace.ErrNothingToUndo) {
		t.Errorf("unknown pack: %v", err)
	}
}

// A sale of goods without serial numbers is taken back by the index of its receipt.
func ExampleRepository_UndoEvent() {
	repo := open(nil)
	goods := func(n int64) []trace.Goods { return []trace.Goods{{Class: lotOf, Count: n}} }
	record(repo, trace.Hop{Step: trace.Counting, By: pharmacy, Goods: goods(50)})
	sale := record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, Goods: goods(20)})

	if _, err := repo.UndoEvent(context.Background(), sale.Index, pharmacy); err != nil {
		log.Fatal(err)
	}
	custody, err := repo.Custody(context.Background(), lotOf)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(custody.Balances[0].Count, custody.Dispensed)
	// Output:
	// 50 0
}

func TestUndoEvent(t *testing.T) {
	now := time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC)
	other := epc("https://id.gs1.org/01/08935001000020/21/OTHER")
	goods := []trace.Goods{{Class: lotOf, Count: 2}}
	hop := func(step trace.Step, days int) trace.Hop {
		return trace.Hop{Step: step, Time: now.AddDate(0, 0, -days), By: pharmacy, EPCs: []gs1.EPC{pack, other}, Goods: goods}
	}
	tests := []struct {
		name string
		last trace.Hop
		by   trace.Party
		want error
	}{
		{"packs and goods", hop(trace.Dispensing, 10), pharmacy, nil},
		{"part of a pack", trace.Hop{Step: trace.Dispensing, Time: now, By: pharmacy, EPCs: []gs1.EPC{pack}, Units: 2}, pharmacy, nil},
		{"quarantine", hop(trace.Quarantining, 1), pharmacy, nil},
		{"exported", hop(trace.Exporting, 1), pharmacy, nil},
		{"elsewhere", hop(trace.Dispensing, 1), kiosk, trace.ErrUndoElsewhere},
		{"late", hop(trace.Dispensing, 11), pharmacy, trace.ErrUndoLate},
		{"destroyed", hop(trace.Destroying, 1), pharmacy, trace.ErrUndoNever},
		{"code withdrawn", hop(trace.Decommissioning, 1), pharmacy, trace.ErrUndoNever},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := open(&trace.Options{Now: func() time.Time { return now }})
			custody := func() (out []*trace.Custody) {
				for _, object := range []gs1.EPC{pack, other, lotOf} {
					c, err := repo.Custody(t.Context(), object)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, c)
				}
				return out
			}
			record(repo, hop(trace.Receiving, 15))
			want := custody()
			receipt := record(repo, tt.last)
			if tt.want != nil {
				want = custody()
			}
			undone, err := repo.UndoEvent(t.Context(), receipt.Index, tt.by)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(want, custody(), cmp.Comparer(func(a, b gs1.EPC) bool { return a == b })); diff != "" {
				t.Errorf("custody (-want +got):\n%s", diff)
			}
			if tt.want != nil {
				return
			}
			for _, index := range []int64{receipt.Index, undone.Index} {
				if _, err := repo.UndoEvent(t.Context(), index, tt.by); !errors.Is(err, trace.ErrNothingToUndo) {
					t.Errorf("entry %d once more: %v", index, err)
				}
			}
		})
	}
	if _, err := open(nil).UndoEvent(t.Context(), 0, pharmacy); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("no such entry: %v", err)
	}
}
