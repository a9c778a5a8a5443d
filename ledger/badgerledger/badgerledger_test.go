package badgerledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

func TestReopen(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	n := 0
	for round := range 3 {
		l, err := badgerledger.Open(dir, nil)
		if err != nil {
			t.Fatal(round, err)
		}
		if _, err := badgerledger.Open(dir, nil); !errors.Is(err, ledger.ErrLocked) {
			t.Fatalf("second open: %v", err)
		}
		if l.Size() != int64(n) {
			t.Fatalf("size %d, want %d", l.Size(), n)
		}
		for range 50 {
			var batch [][]byte
			for range 100 {
				batch = append(batch, fmt.Appendf(nil, "entry %d", n))
				n++
			}
			if _, err := l.Append(ctx, batch...); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Check(ctx); err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTuned changes settings of Badger; those that the checks rely on stay.
func TestTuned(t *testing.T) {
	dir := t.TempDir()
	called := false
	tune := func(o badger.Options) badger.Options {
		called = true
		return o.WithMemTableSize(16 << 20).WithCompression(options.Snappy).WithDir("elsewhere")
	}
	for round := range 2 {
		l, err := badgerledger.OpenTuned(dir, nil, tune)
		if err != nil {
			t.Fatal(err)
		}
		var batch [][]byte
		for i := range 5000 {
			batch = append(batch, fmt.Appendf(nil, "entry %d of %d", i, round))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
		if err := l.Check(context.Background()); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if !called {
		t.Error("tune was not called")
	}
}
