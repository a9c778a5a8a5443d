package badgerledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

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
