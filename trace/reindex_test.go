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
		case 'v':
			k[0] = 't'
		case 'e':
			if k[1] == 'g' {
				k = k[:16]
			}
		}
		keys = append(keys, k)
	}
	return keys, id, err
}

// A ledger whose index was made by an older version answers as if it had been made by this one.
func TestOpenOldIndex(t *testing.T) {
	dir := t.TempDir()
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
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for range 100 {
		goods := []trace.Goods{{Class: lotOf, Count: 3}}
		at = at.Add(time.Minute)
		record(repo, trace.Hop{Step: trace.Commissioning, Time: at, By: maker, Goods: goods})
		record(repo, trace.Hop{Step: trace.Shipping, Time: at.Add(time.Second), By: maker, To: pharmacy, Goods: goods})
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
		if reports = append(reports, lot(l, opts)); len(reports) == 1 && reports[0].Goods.Made != 300 {
			t.Errorf("%d made, want 300", reports[0].Goods.Made)
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
