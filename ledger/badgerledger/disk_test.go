package badgerledger_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var fullDisk = flag.String("fulldisk", "", "a directory on a disk of some 200 MB that TestFullDisk fills")

// TestFullDisk appends until the disk is nearly full: appends are refused,
// the process lives, and everything acknowledged is there afterwards.
func TestFullDisk(t *testing.T) {
	if *fullDisk == "" {
		t.Skip("without -fulldisk DIR, a directory on a small disk")
	}
	ctx := context.Background()
	dir, err := os.MkdirTemp(*fullDisk, "ledger")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	opts := &ledger.Options{Index: benchKeys, MinFree: 64 << 20}
	l, err := badgerledger.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(0)
	batch := make([][]byte, 100)
	for err == nil && n < 2_000_000 {
		for i := range batch {
			batch[i] = make([]byte, benchEntry)
			fillEntry(batch[i], n+int64(i))
		}
		if _, err = l.Append(ctx, batch...); err == nil {
			n += int64(len(batch))
		}
	}
	if !errors.Is(err, ledger.ErrDiskLow) {
		t.Fatalf("after %d entries: %v, want ErrDiskLow", n, err)
	}
	t.Logf("refused after %d entries", n)
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = badgerledger.Open(dir, opts); err != nil {
		t.Fatal(err)
	}
	if l.Size() != n {
		t.Errorf("size %d after reopening, want %d", l.Size(), n)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}
