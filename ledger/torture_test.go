package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

var (
	tortureSeeds = flag.Int("torture", 15, "how many seeds TestTorture runs")
	tortureFrom  = flag.Uint64("torturefrom", 0, "first seed of TestTorture")
)

// model is what must be in a ledger.
type model struct {
	mu      sync.Mutex
	acked   map[int64]string
	batches [][]string // that were tried; all of a batch or none are there
	serial  int
}

// batch makes entries that no other batch has: each an id, a key of its own
// group and a common one.
func (m *model) batch(r *rand.Rand, n int) [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	var entries [][]byte
	var texts []string
	for range n {
		m.serial++
		e := fmt.Appendf(nil, "id%d g%d all %s", m.serial, m.serial%13, bytes.Repeat([]byte{'x'}, r.IntN(120)))
		entries = append(entries, e)
		texts = append(texts, string(e))
	}
	m.batches = append(m.batches, texts)
	return entries
}

func (m *model) ack(records []ledger.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		m.acked[r.Index] = string(r.Data)
	}
}

// check compares a ledger with the model and takes over what is in it.
func (m *model) check(l *ledger.Ledger) error {
	ctx := context.Background()
	all := make(map[string]int64)
	byGroup := make(map[string][]int64)
	for i := range l.Size() {
		r, err := l.Read(ctx, i)
		if err != nil {
			return err
		}
		if _, twice := all[string(r.Data)]; twice {
			return fmt.Errorf("entry %d is there twice", i)
		}
		all[string(r.Data)] = i
		keys, _, _ := indexByFields(r.Data)
		for _, k := range keys[:2] {
			byGroup[string(k)] = append(byGroup[string(k)], i)
		}
	}
	for index, want := range m.acked {
		if got, ok := all[want]; !ok || got != index {
			return fmt.Errorf("acknowledged entry %d is lost (size %d)", index, l.Size())
		}
	}
	for _, b := range m.batches {
		n := 0
		for _, text := range b {
			if index, ok := all[text]; ok {
				n++
				m.acked[index] = text
			}
		}
		if n != 0 && n != len(b) {
			return fmt.Errorf("%d of %d entries of a batch are there", n, len(b))
		}
	}
	m.batches = nil
	for k, want := range byGroup {
		var got []int64
		for i, err := range l.FindIndices(ctx, []byte(k)) {
			if err != nil {
				return err
			}
			got = append(got, i)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("find %s: got %v, want %v", k, got, want)
		}
	}
	return l.Check(ctx)
}

// TestTorture runs a ledger on a disk and a store that fail in every way they
// can, restarts it, and compares with a model. As long as the disk announces
// what it does, nothing may be lost and nothing reported. In the end a bit or
// a sector changes, and the store loses or changes a row, without a word: that
// is repaired or reported.
func TestTorture(t *testing.T) {
	counts := make(map[string]int)
	for seed := *tortureFrom; seed < *tortureFrom+uint64(*tortureSeeds); seed++ {
		if err := torture(seed, counts); err != nil {
			counts["silent"]++
			t.Errorf("seed %d: %v", seed, err)
		}
	}
	t.Logf("%d seeds: %v", *tortureSeeds, counts)
}

func torture(seed uint64, counts map[string]int) error {
	r := rand.New(rand.NewPCG(seed, 1))
	dir := ledger.NewFaultDir(rand.New(rand.NewPCG(seed, 2)))
	store := new(ledgertest.Unreliable)
	m := &model{acked: make(map[int64]string)}
	opts := &ledger.Options{Index: indexByFields, Origin: "example.com/torture"}
	for round := range 3 + r.IntN(4) {
		if r.IntN(4) > 0 {
			dir.Arm(ledger.Fault(1+r.IntN(int(ledger.NumFaults)-1)), r.IntN(1+r.IntN(300)))
		}
		l, err := ledger.OpenTiny(dir, store, opts)
		if err == nil {
			if err = m.check(l); err == nil {
				tortureRun(r, l, m)
			}
			l.Close()
		}
		// An error that the disk announced is passed on, not taken for damage.
		if err != nil && (!dir.Fired() || errors.Is(err, ledger.ErrCorrupt)) {
			return fmt.Errorf("round %d: %w", round, err)
		}
		if dir.Fired() {
			counts["faults"]++
		}
		store.Crash(r, ledgertest.Loss(r.IntN(3)))
		if r.IntN(10) == 0 {
			store.Refuse()
		}
		dir.Restart(r.IntN(2) == 0)
	}
	l, err := ledger.OpenTiny(dir, store, opts)
	if err != nil {
		return fmt.Errorf("last: %w", err)
	}
	if err = m.check(l); err != nil {
		l.Close()
		return fmt.Errorf("last: %w", err)
	}
	if err := l.Close(); err != nil {
		return err
	}
	what, outcome, err := tortureDamage(r, dir, store, m, opts)
	if err == nil && strings.HasPrefix(what, "bit of ") && !strings.HasPrefix(what, "bit of key") && !strings.HasPrefix(outcome, "repaired") {
		err = fmt.Errorf("one bit was %s", outcome)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	counts[outcome]++
	return nil
}

// tortureDamage changes something behind the back of a closed ledger.
func tortureDamage(r *rand.Rand, dir *ledger.FaultDir, store *ledgertest.Unreliable, m *model, opts *ledger.Options) (what, outcome string, err error) {
	switch r.IntN(4) {
	case 0:
		name, off := dir.Flip("")
		what = fmt.Sprintf("bit of %s at %d", name, off)
	case 1:
		name, off := dir.ZeroAny()
		what = fmt.Sprintf("sector of %s at %d", name, off)
	case 2:
		store.Flip(r)
		what = "changed row"
	case 3:
		store.Drop(r)
		what = "lost row"
	}
	l, err := ledger.OpenTiny(dir, store, opts)
	if errors.Is(err, ledger.ErrCorrupt) {
		return what, "reported by Open", nil
	}
	var option *ledger.OptionError
	if errors.As(err, &option) && option.Name == "Signers" { // the key file is empty
		return what, "reported by Open", nil
	}
	if err != nil {
		return what, "", err
	}
	defer l.Close()
	err = m.check(l)
	switch {
	case err == nil:
		return what, "repaired or without effect", nil
	case errors.Is(err, ledger.ErrCorrupt):
		return what, "reported by a read or Check", nil
	case what == "lost row" && errors.Is(l.Check(context.Background()), ledger.ErrCorrupt):
		// FORMAT.md, "What cannot be told": lookups miss it until Check.
		return what, "reported by a read or Check", nil
	}
	return what, "", err
}

// tortureRun appends from a few goroutines until enough or the first error.
func tortureRun(r *rand.Rand, l *ledger.Ledger, m *model) {
	var wg sync.WaitGroup
	n := r.IntN(300)
	for range 1 + r.IntN(3) {
		r := rand.New(rand.NewPCG(r.Uint64(), 3))
		wg.Go(func() {
			for done := 0; done < n; {
				b := m.batch(r, 1+r.IntN(1+r.IntN(40)))
				records, err := l.Append(context.Background(), b...)
				if err != nil {
					return
				}
				m.ack(records)
				done += len(b)
			}
		})
	}
	wg.Wait()
}
