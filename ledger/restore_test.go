package ledger_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

// TestBlockFromJournal damages blocks beyond their checksum. Those of which
// the journal still has the entries are repaired by a read or by Check,
// whether the store is there or not, and stay repaired.
func TestBlockFromJournal(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		last := d.lastBlockFile()
		size := int64(len(d.dir.Content(last)))
		tests := []struct {
			name  string
			from  int64 // of the last block file
			store bool
		}{
			{"last sectors", size - 8192, true},
			{"last sectors without store", size - 8192, false},
			{"half", size / 2, true},
			{"half without store", size / 2, false},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				dir, store := d.dir.Clone(), d.store.Clone()
				if !tt.store {
					store = new(ledgertest.Unreliable)
				}
				for off := tt.from &^ 511; off < size; off += 512 {
					dir.Zero(last, off)
				}
				for range 2 { // the second time from the blocks alone
					l, err := ledger.OpenFault(dir, store, d.opts)
					if err != nil {
						t.Fatal(err)
					}
					if err := d.m.check(l); err != nil {
						t.Error(err)
					}
					if err := l.Close(); err != nil {
						t.Fatal(err)
					}
					dir.ForgetApplied()
				}
			})
		}
	}
}

// lastBlockFile is the name of the newest block file with a block or more.
func (d *damaged) lastBlockFile() string {
	last := ""
	for _, name := range d.dir.Names() {
		if strings.HasPrefix(name, "blocks-") && len(d.dir.Content(name)) > 0 {
			last = name
		}
	}
	return last
}

// TestHashesFromEntries damages what a block says beside its entries: that is
// computed anew although the journal has them no more.
func TestHashesFromEntries(t *testing.T) {
	d := newDamaged(t, true)
	for _, tt := range []struct {
		name string
		off  int64
		n    int64
	}{
		{"header", 0, 64},
		{"groups", 576, 512},
		{"leaf hashes", 1088, 8192},
		{"all hashes", 576, 8704},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := d.dir.Clone()
			dir.Scribble("blocks-000000", tt.off, tt.n)
			l, err := ledger.OpenFault(dir, d.store.Clone(), d.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if err := d.m.check(l); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOldBlock damages a block that the journal has no more: its entries are
// reported with their range and the others are read. Nothing is given up: the
// store stays, and what is lost without it is reported in the same way.
func TestOldBlock(t *testing.T) {
	ctx := context.Background()
	d := newDamaged(t, true)
	dir, store := d.dir.Clone(), d.store.Clone()
	dir.Scribble("blocks-000000", 64, 512) // lengths of the entries
	l, err := ledger.OpenFault(dir, store, d.opts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.Size() {
		_, err := l.Read(ctx, i)
		var damage *ledger.CorruptError
		switch {
		case i >= 256 && err != nil:
			t.Fatalf("entry %d: %v", i, err)
		case i < 256 && (!errors.As(err, &damage) || damage.File != "blocks-000000" || damage.First != 0 || damage.Next != 256):
			t.Fatalf("entry %d: %v, want a report of entries 0 to 255", i, err)
		}
	}
	if err := l.Reindex(ctx); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("reindex: %v, want ErrCorrupt", err)
	}
	if _, err := l.Read(ctx, 300); err != nil {
		t.Errorf("after the reindex that was refused: %v", err)
	}
	if _, err := l.Append(ctx, []byte("later x")); err != nil {
		t.Errorf("append: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	empty := new(ledgertest.Unreliable)
	for range 2 {
		_, err = ledger.OpenFault(dir, empty, d.opts)
		var damage *ledger.CorruptError
		if !errors.As(err, &damage) || damage.File != "blocks-000000" || damage.First != 0 || damage.Next != 256 {
			t.Errorf("open without a store: %v, want a report of entries 0 to 255", err)
		}
	}
	if empty.Asides() != 0 {
		t.Errorf("a store was set aside %d times and nothing could take its place", empty.Asides())
	}
}

// TestReadBack lets the disk take blocks and change them: they are written
// again from the journal before it forgets their entries.
func TestReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	dir := ledger.NewFaultDir(rand.New(rand.NewPCG(12, 12)))
	store := new(ledgertest.Unreliable)
	m := &model{acked: make(map[int64]string)}
	opts := &ledger.Options{Index: indexByFields, Origin: "example.com/readback"}
	dir.Rot("blocks-")
	l, err := ledger.OpenFault(dir, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	for l.Size() < 7000 {
		records, err := l.Append(context.Background(), m.batch(r, 1+r.IntN(30))...)
		if err != nil {
			t.Fatal(err)
		}
		m.ack(records)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n := dir.Rot(""); n < 10 {
		t.Fatalf("%d writes were changed", n)
	}
	// All of it without the help of the journal.
	dir.ForgetApplied()
	if l, err = ledger.OpenFault(dir, store, opts); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := m.check(l); err != nil {
		t.Error(err)
	}
}

// TestRotInMemory changes what waits in memory for its block: the block is
// written from the journal.
func TestRotInMemory(t *testing.T) {
	for _, what := range []string{"entry", "leaf", "group"} {
		t.Run(what, func(t *testing.T) {
			r := rand.New(rand.NewPCG(13, 13))
			dir := ledger.NewFaultDir(rand.New(rand.NewPCG(14, 14)))
			store := new(ledgertest.Unreliable)
			m := &model{acked: make(map[int64]string)}
			opts := &ledger.Options{Index: indexByFields, Origin: "example.com/rot"}
			l, err := ledger.OpenFault(dir, store, opts)
			if err != nil {
				t.Fatal(err)
			}
			rotten := false
			for l.Size() < 600 {
				records, err := l.Append(context.Background(), m.batch(r, 20)...)
				if err != nil {
					t.Fatal(err)
				}
				m.ack(records)
				if l.Size() > 100 && !rotten {
					rotten = l.RotTail(what)
				}
			}
			if err := l.Close(); err != nil || !rotten {
				t.Fatalf("close: %v, rotten: %t", err, rotten)
			}
			dir.ForgetApplied()
			if l, err = ledger.OpenFault(dir, store, opts); err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if err := m.check(l); err != nil {
				t.Error(err)
			}
		})
	}
}
