package trace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// oldIndex is Index as it was when it told neither facts nor trails.
func oldIndex(data []byte) (keys [][]byte, id []byte, err error) {
	all, id, err := trace.Index(data)
	for _, k := range all {
		switch k[0] {
		case 'f':
			continue
		case 'w':
			k[0] = 't'
		case 'e':
			switch k[1] {
			case 'g':
				k = k[:16]
			case 's':
				k = k[:10]
			}
		}
		keys = append(keys, k)
	}
	return keys, id, err
}

// A ledger whose index was made by an older version answers as if it had been made by this one.
func TestOpenOldIndex(t *testing.T) {
	dir := t.TempDir()
	pack, box := epc("https://id.gs1.org/01/08935001000020/21/A"), epc("https://id.gs1.org/00/189350010000000232")
	open := func(index func([]byte) ([][]byte, []byte, error)) *ledger.Ledger {
		l, err := badgerledger.Open(dir, &ledger.Options{Index: index, MinFree: -1})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	lot := func(l *ledger.Ledger, opts *trace.Options) *trace.LotReport {
		repo, err := trace.Open(t.Context(), l, opts)
		if err != nil {
			t.Fatal(err)
		}
		c, err := repo.Custody(t.Context(), pack)
		if err != nil || c.Holder != pharmacy || c.Parent != trace.IDOf(box) {
			t.Errorf("%+v, %v", c, err)
		}
		report, err := repo.Lot(t.Context(), lotOf)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	l := open(trace.Index)
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	const turns = 3000 // so many that the store has most of them
	hops := []trace.Hop{
		{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}},
		{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}, Parent: box},
		{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{box}},
		{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{box}},
	}
	for range turns {
		goods := []trace.Goods{{Class: lotOf, Count: 3}}
		hops = append(hops, trace.Hop{Step: trace.Commissioning, By: maker, Goods: goods},
			trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, Goods: goods})
	}
	var events []*trace.Event
	for i, h := range hops {
		h.Time = time.Date(2026, 1, 5, 8, 0, i, 0, time.UTC)
		e, err := h.Event()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	if _, err := repo.Import(t.Context(), all(events)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(oldIndex)
	if err := l.Reindex(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var reports []*trace.LotReport
	for _, opts := range []*trace.Options{nil, {Verified: true}, nil} {
		l = open(trace.Index)
		if reports = append(reports, lot(l, opts)); len(reports) == 1 && reports[0].Goods.Made != 3*turns {
			t.Errorf("%d made, want %d", reports[0].Goods.Made, 3*turns)
		}
		if err := l.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range reports[1:] {
		if diff := cmp.Diff(reports[0], r, cmp.Comparer(func(a, b gs1.EPC) bool { return a == b })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
