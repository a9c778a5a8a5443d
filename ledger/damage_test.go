package ledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

var damages = flag.Int("damages", 2, "how many places TestDamage damages in each kind of file")

// damaged is a ledger on a FaultDir of which copies are damaged.
type damaged struct {
	dir   *ledger.FaultDir
	store *ledgertest.Unreliable
	m     *model
	opts  *ledger.Options
}

// newDamaged makes a ledger whose journal has been recycled several times,
// closed in order or left open.
func newDamaged(t *testing.T, closed bool) *damaged {
	t.Helper()
	d := &damaged{
		dir:   ledger.NewFaultDir(rand.New(rand.NewPCG(7, 7))),
		store: new(ledgertest.Unreliable),
		m:     &model{acked: make(map[int64]string)},
		opts:  &ledger.Options{Index: indexByFields, Origin: "example.com/damage"},
	}
	l, err := ledger.OpenFault(d.dir, d.store, d.opts)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	for l.Size() < 7000 {
		records, err := l.Append(context.Background(), d.m.batch(r, 1+r.IntN(30))...)
		if err != nil {
			t.Fatal(err)
		}
		d.m.ack(records)
	}
	if closed {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return d
	}
	// The copy is what a kill leaves; the original goes on to its end.
	open := d.dir
	d.dir = open.Clone()
	d.store = d.store.Clone()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return d
}

// outcome opens a damaged copy and says what came of it.
func (d *damaged) outcome(dir *ledger.FaultDir, store *ledgertest.Unreliable) (string, error) {
	m := &model{acked: make(map[int64]string)}
	for i, text := range d.m.acked {
		m.acked[i] = text
	}
	l, err := ledger.OpenFault(dir, store, d.opts)
	if err == nil {
		err = m.check(l)
		l.Close()
	}
	var option *ledger.OptionError
	switch {
	case err == nil:
		return "repaired or without effect", nil
	case errors.Is(err, ledger.ErrCorrupt), errors.As(err, &option):
		return "reported", nil
	}
	return "silent", err
}

// TestDamage flips bits all over the files of a ledger: each is repaired,
// reported or proven without effect.
func TestDamage(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		for _, kind := range []string{"journal-", "head", "blocks-", "key"} {
			counts := make(map[string]int)
			for range *damages {
				dir := d.dir.Clone()
				name, off := dir.Flip(kind)
				got, err := d.outcome(dir, d.store.Clone())
				if counts[got]++; err != nil {
					t.Errorf("closed %v: bit in %s at %d: %v", closed, name, off, err)
				}
			}
			t.Logf("closed %v: %s: %v", closed, kind, counts)
			if n := counts["reported"]; n > 0 && kind != "key" {
				t.Errorf("closed %v: %d of the bits in %s were not repaired", closed, n, kind)
			}
		}
		counts := make(map[string]int)
		r := rand.New(rand.NewPCG(9, 9))
		for range *damages {
			dir, store := d.dir.Clone(), d.store.Clone()
			if !store.Flip(r) {
				t.Fatal("empty store")
			}
			got, err := d.outcome(dir, store)
			if counts[got]++; err != nil {
				t.Errorf("closed %v: damaged row: %v", closed, err)
			}
		}
		t.Logf("closed %v: store: %v", closed, counts)
	}
}

// TestReindex loses or changes a row of the store: Check reports it, unless
// Open did and repaired it, and Reindex puts it right.
func TestReindex(t *testing.T) {
	d := newDamaged(t, true)
	r := rand.New(rand.NewPCG(9, 9))
	for i := range max(8, *damages) {
		dir, store := d.dir.Clone(), d.store.Clone()
		change := store.Flip
		if i%2 == 0 {
			change = store.Drop
		}
		if !change(r) {
			t.Fatal("empty store")
		}
		l, err := ledger.OpenFault(dir, store, d.opts)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Check(context.Background()); store.Asides() == 0 && !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("check of a damaged store: %v, want ErrCorrupt", err)
		}
		if err := l.Reindex(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := d.m.check(l); err != nil {
			t.Error(err)
		}
		if _, err := l.Append(context.Background(), fmt.Appendf(nil, "after%d", i)); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLostSector clears whole sectors, which is more than can be repaired
// from one copy: it is reported with file and entries, or was without effect.
func TestLostSector(t *testing.T) {
	r := rand.New(rand.NewPCG(10, 10))
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		counts := make(map[string]int)
		for range *damages {
			dir := d.dir.Clone()
			names := dir.Names()
			name := names[r.IntN(len(names))]
			n := len(dir.Content(name)) / 512
			if n == 0 {
				continue
			}
			off := int64(r.IntN(n)) * 512
			dir.Zero(name, off)
			got, err := d.outcome(dir, d.store.Clone())
			if counts[got]++; err != nil {
				t.Errorf("closed %v: sector of %s at %d: %v", closed, name, off, err)
			}
		}
		t.Logf("closed %v: %v", closed, counts)
	}
}

// TestLostFiles removes each file.
func TestLostFiles(t *testing.T) {
	d := newDamaged(t, true)
	for _, name := range d.dir.Names() {
		t.Run(name, func(t *testing.T) {
			dir := d.dir.Clone()
			dir.Remove(name)
			got, err := d.outcome(dir, d.store.Clone())
			if err != nil || got != "reported" {
				t.Errorf("%s: %v; want a report", got, err)
			}
		})
	}
	t.Run("store", func(t *testing.T) {
		if got, err := d.outcome(d.dir.Clone(), new(ledgertest.Unreliable)); err != nil || got == "reported" {
			t.Errorf("%s: %v; want repair", got, err)
		}
	})
}

// TestSeen refuses a ledger that was rolled back as a whole.
func TestSeen(t *testing.T) {
	ctx := context.Background()
	dir := ledger.NewFaultDir(rand.New(rand.NewPCG(1, 1)))
	store := new(ledgertest.Unreliable)
	opts := ledger.Options{Index: indexByFields, Origin: "example.com/seen"}
	appendOne := func(dir *ledger.FaultDir, store *ledgertest.Unreliable, text string) *ledger.Checkpoint {
		t.Helper()
		l, err := ledger.OpenFault(dir, store, &opts)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if _, err := l.Append(ctx, []byte(text)); err != nil {
			t.Fatal(err)
		}
		c, err := l.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	appendOne(dir, store, "a")
	oldDir, oldStore := dir.Clone(), store.Clone()
	opts.Seen = appendOne(dir, store, "b")
	if l, err := ledger.OpenFault(dir.Clone(), store.Clone(), &opts); err != nil {
		t.Errorf("the ledger that was seen: %v", err)
	} else {
		l.Close()
	}
	if _, err := ledger.OpenFault(oldDir.Clone(), oldStore.Clone(), &opts); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("rolled back: got %v, want ErrCorrupt", err)
	}
	seen := opts.Seen
	opts.Seen = nil
	appendOne(oldDir, oldStore, "c")
	opts.Seen = seen
	if _, err := ledger.OpenFault(oldDir, oldStore, &opts); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("another history: got %v, want ErrCorrupt", err)
	}
}

// TestOptions refuses by name what a ledger was not made with.
func TestOptions(t *testing.T) {
	d := newDamaged(t, true)
	tests := []struct {
		name string
		want string
		opts ledger.Options
	}{
		{"another origin", "Origin", ledger.Options{Index: indexByFields, Origin: "example.com/other"}},
		{"no index", "Index", ledger.Options{}},
		{"seen of another log", "Seen", ledger.Options{Index: indexByFields, Seen: &ledger.Checkpoint{Origin: "example.com/other"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ledger.OpenFault(d.dir.Clone(), d.store.Clone(), &tt.opts)
			var option *ledger.OptionError
			if !errors.As(err, &option) || option.Name != tt.want {
				t.Errorf("got %v, want an OptionError of %s", err, tt.want)
			}
		})
	}
	t.Run("foreign directory", func(t *testing.T) {
		dir := ledger.NewFaultDir(rand.New(rand.NewPCG(1, 1)))
		dir.Put("letter.txt", []byte("hello"))
		_, err := ledger.OpenFault(dir, new(ledgertest.Unreliable), d.opts)
		var option *ledger.OptionError
		if !errors.As(err, &option) || option.Name != "format" {
			t.Errorf("got %v, want an OptionError of format", err)
		}
		if got := fmt.Sprint(dir.Names()); got != "[letter.txt]" {
			t.Errorf("files after the refusal: %s", got)
		}
	})
	t.Run("future format in one slot", func(t *testing.T) {
		for slot := range 2 {
			dir := d.dir.Clone()
			dir.SetVersion(slot, 1|1<<7)
			if got, err := d.outcome(dir, d.store.Clone()); err != nil || got == "reported" {
				t.Errorf("slot %d: %s, %v; want a bit to be repaired", slot, got, err)
			}
		}
	})
	t.Run("future format", func(t *testing.T) {
		dir := d.dir.Clone()
		for slot := range 2 {
			dir.SetVersion(slot, 2)
		}
		_, err := ledger.OpenFault(dir, d.store.Clone(), d.opts)
		var option *ledger.OptionError
		if !errors.As(err, &option) || option.Name != "format" {
			t.Errorf("got %v, want an OptionError of format", err)
		}
	})
}
