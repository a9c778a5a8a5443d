package ledger_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

// rowsOf returns the rows of a closed store.
func rowsOf(t *testing.T, store *ledgertest.Unreliable) (rows []ledger.KV) {
	t.Helper()
	s, err := store.Clone().Open("")
	if err == nil {
		err = s.Scan(context.Background(), []byte{0}, nil, func(k, v []byte) error {
			rows = append(rows, ledger.KV{Key: slices.Clone(k), Value: slices.Clone(v)})
			return nil
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// oldStore returns a store with the rows as older versions wrote them: FORMAT.md,
// "Rows of the store".
func oldStore(t *testing.T, rows []ledger.KV) *ledgertest.Unreliable {
	t.Helper()
	store := new(ledgertest.Unreliable)
	s, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		key, value := slices.Clone(row.Key), slices.Clone(row.Value[:len(row.Value)-4])
		switch key[0] {
		case 'x':
			key[0] = 'k'
			end := bytes.Index(key, []byte{0, 1}) + 2
			key = append(key[:end], fixed(key[end+1:])...)
		case 'd':
			key[0] = 'i'
			value = fixed(value)
		case 'c':
			key[0] = 'm'
		}
		sum := crc32.Checksum(slices.Concat(key, value), crc32.MakeTable(crc32.Castagnoli))
		value = binary.BigEndian.AppendUint32(value, sum)
		if err := s.Write(context.Background(), []ledger.KV{{Key: key, Value: value}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Sync(context.Background()), s.Close()); err != nil {
		t.Fatal(err)
	}
	return store
}

// fixed returns an index in eight bytes.
func fixed(index []byte) []byte { return append(make([]byte, 8-len(index)), index...) }

func hasOldRows(rows []ledger.KV) bool {
	return slices.ContainsFunc(rows, func(row ledger.KV) bool { return row.Key[0] >= 'i' && row.Key[0] <= 'm' })
}

// dying is a driver of a process that is killed after so many steps.
type dying struct {
	*ledgertest.Unreliable
	steps int
}

var errKilled = errors.New("killed")

func (d *dying) step() error {
	if d.steps--; d.steps < 0 {
		return errKilled
	}
	return nil
}

func (d *dying) Open(dir string) (ledger.Store, error) {
	if err := d.step(); err != nil {
		return nil, err
	}
	s, err := d.Unreliable.Open(dir)
	return &dyingStore{s, d}, err
}

func (d *dying) SetAside(dir string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.Unreliable.SetAside(dir)
}

func (d *dying) Remove(dir string) error {
	if err := d.step(); err != nil {
		return err
	}
	return d.Unreliable.Remove(dir)
}

type dyingStore struct {
	ledger.Store
	d *dying
}

func (s *dyingStore) Write(ctx context.Context, batch []ledger.KV) error {
	if err := s.d.step(); err != nil {
		return err
	}
	return s.Store.Write(ctx, batch)
}

func (s *dyingStore) Sync(ctx context.Context) error {
	if err := s.d.step(); err != nil {
		return err
	}
	return s.Store.Sync(ctx)
}

// TestOldRows opens ledgers whose store was written by an older version, in
// processes that are killed in the middle of it. None of them calls the store
// damaged, and nothing is left of it.
func TestOldRows(t *testing.T) {
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		old := oldStore(t, rowsOf(t, d.store))
		kills := 0
		for steps := 0; ; steps += 1 + steps/3 {
			dir, store := d.dir.Clone(), old.Clone()
			l, err := ledger.OpenFault(dir, &dying{store, steps}, d.opts)
			if err == nil {
				if err := errors.Join(d.m.check(l), l.Close()); err != nil {
					t.Error(err)
				}
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatalf("killed after %d steps: %v", steps, err)
			}
			kills++
			store.Crash(nil, ledgertest.Loss(kills%2))
			dir = dir.Clone()
			if got, err := d.outcome(dir, store); err != nil || got == "reported" {
				t.Fatalf("killed after %d steps: %s, %v", steps, got, err)
			}
			if n := store.Asides(); n != 0 {
				t.Errorf("killed after %d steps: the store was set aside", steps)
			}
			if slices.Contains(dir.Names(), "rebuild") || hasOldRows(rowsOf(t, store)) {
				t.Errorf("killed after %d steps: not all of the old store is gone", steps)
			}
			// It is written anew once.
			if l, err = ledger.OpenFault(dir, &dying{store, 2}, d.opts); err != nil {
				t.Fatalf("killed after %d steps: opened again: %v", steps, err)
			}
			l.Close()
		}
		if kills < 8 {
			t.Errorf("closed %v: killed %d times only", closed, kills)
		}
	}
}

// TestOldRowsDamaged keeps a store with old rows for as long as the blocks
// cannot replace it.
func TestOldRowsDamaged(t *testing.T) {
	d := newDamaged(t, true)
	store := oldStore(t, rowsOf(t, d.store))
	before := rowsOf(t, store)
	dir := d.dir.Clone()
	for i := range int64(8) {
		dir.Zero("blocks-000000", 9728+512*i) // entries
	}
	for range 2 {
		_, err := ledger.OpenFault(dir, store, d.opts)
		var damage *ledger.CorruptError
		if !errors.As(err, &damage) || damage.File != "blocks-000000" {
			t.Fatalf("got %v, want the damage to the block", err)
		}
		if store.Asides() != 0 || len(rowsOf(t, store)) != len(before) {
			t.Error("the store did not stay")
		}
	}
}

// TestOldRowsLostSector clears sectors of the journal and the head: what the
// marks know of lost entries is reported as with the rows of this version, and
// reported again.
func TestOldRowsLostSector(t *testing.T) {
	d := newDamaged(t, false)
	old := oldStore(t, rowsOf(t, d.store))
	r := rand.New(rand.NewPCG(11, 11))
	var names []string
	for _, name := range d.dir.Names() {
		if name == "head" || strings.HasPrefix(name, "journal-") {
			names = append(names, name)
		}
	}
	counts := make(map[string]int)
	for range max(12, *damages) {
		dir := d.dir.Clone()
		for range 60 {
			name := names[r.IntN(len(names))]
			dir.Zero(name, int64(r.IntN(len(dir.Content(name))/512))*512)
		}
		want, err := d.outcome(dir.Clone(), d.store.Clone())
		if err != nil {
			t.Fatal(err)
		}
		counts[want]++
		store := old.Clone()
		for range 2 {
			if got, err := d.outcome(dir, store); err != nil || got != want {
				t.Errorf("%s, %v; want it %s", got, err, want)
			}
		}
	}
	t.Log(counts)
}

// TestKilledReindex kills processes that write a damaged store anew: it is set
// aside once, and what was written after it is not taken for damage.
func TestKilledReindex(t *testing.T) {
	d := newDamaged(t, true)
	for steps := 2; ; steps += 1 + steps/2 {
		dir, store := d.dir.Clone(), d.store.Clone()
		store.Refuse()
		l, err := ledger.OpenFault(dir, &dying{store, steps}, d.opts)
		if err == nil {
			l.Close()
			break
		}
		store.Crash(nil, ledgertest.LoseNothing)
		if got, err := d.outcome(dir.Clone(), store); err != nil || got == "reported" {
			t.Fatalf("killed after %d steps: %s, %v", steps, got, err)
		}
		if n := store.Asides(); n != 1 {
			t.Errorf("killed after %d steps: the store was set aside %d times", steps, n)
		}
	}
}
