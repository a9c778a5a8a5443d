package audit_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/google/go-cmp/cmp"
)

var places = flag.Int("places", 200, "places of a file that are changed")

// newLedger returns a ledger in memory with size entries, those from fork on other than usual.
func newLedger(t testing.TB, size, fork int) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/shop", Signers: testSigners()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	grow(t, l, size, fork)
	return l
}

// grow appends entries until there are size.
func grow(t testing.TB, l *ledger.Ledger, size, fork int) {
	t.Helper()
	for at := int(l.Size()); at < size; {
		var batch [][]byte
		for ; at < size && len(batch) < 1000; at++ {
			batch = append(batch, entry(at, at >= fork))
		}
		if _, err := l.Append(t.Context(), batch...); err != nil {
			t.Fatal(err)
		}
	}
}

// entry is the entry with an index, of 0 to 200 bytes.
func entry(index int, forked bool) []byte {
	r := rand.New(rand.NewPCG(uint64(index), 1))
	if forked {
		r = rand.New(rand.NewPCG(uint64(index), 2))
	}
	b := fmt.Appendf(nil, "entry %d of %d", index, r.Uint64())
	if index%7 == 0 {
		b = nil
	}
	return append(b, bytes.Repeat([]byte{byte(index)}, r.IntN(180))...)
}

func export(t testing.TB, l *ledger.Ledger, opts *audit.ExportOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := audit.Export(t.Context(), &b, l, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(file []byte, keys []audit.Key) (*audit.Bundle, error) {
	return audit.Open(bytes.NewReader(file), int64(len(file)), keys)
}

// TestRanges exports every range of small ledgers and opens it again.
func TestRanges(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 5, 8, 13} {
		l := newLedger(t, size, size)
		for first := range size + 1 {
			for next := first; next <= size; next++ {
				if next == 0 && size > 0 {
					continue // 0 means all
				}
				checkRange(t, l, int64(first), int64(next))
			}
		}
	}
}

// TestLargeRanges does so at the edges of parts.
func TestLargeRanges(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	l := newLedger(t, 1300, 1300)
	edges := []int64{0, 1, 255, 256, 257, 511, 512, 700, 1023, 1024, 1025, 1279, 1280, 1299, 1300}
	for _, first := range edges {
		for _, next := range edges {
			if first <= next && next > 0 {
				checkRange(t, l, first, next)
			}
		}
	}
}

func checkRange(t *testing.T, l *ledger.Ledger, first, next int64) {
	t.Helper()
	name := fmt.Sprintf("%d to %d of %d", first, next, l.Size())
	file := export(t, l, &audit.ExportOptions{First: first, Next: next})
	if again := export(t, l, &audit.ExportOptions{First: first, Next: next}); !bytes.Equal(again, file) {
		t.Errorf("%s: exported again, it has other bytes", name)
	}
	read := first
	b, err := audit.Read(bytes.NewReader(file), int64(len(file)), keysOf(l), func(rec ledger.Record) {
		if rec.Index != read || !bytes.Equal(rec.Data, entry(int(read), false)) {
			t.Errorf("%s: record %d is read as %d with %q", name, read, rec.Index, rec.Data)
		}
		read++
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if read != next {
		t.Errorf("%s: reading ends at %d", name, read)
	}
	if b.First != first || b.Next != next || b.Checkpoint.Size != l.Size() {
		t.Errorf("%s: is %d to %d of %d", name, b.First, b.Next, b.Checkpoint.Size)
	}
	index := first
	for rec, err := range b.Records(t.Context()) {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if rec.Index != index || !bytes.Equal(rec.Data, entry(int(index), false)) {
			t.Errorf("%s: record %d is %d with %q", name, index, rec.Index, rec.Data)
		}
		index++
	}
	if index != next {
		t.Errorf("%s: records end at %d", name, index)
	}
	for _, index := range []int64{first, (first + next) / 2, next - 1} {
		if index < first || index >= next {
			continue
		}
		proof, err := b.Prove(index)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, err := l.ProveInclusion(t.Context(), index)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(proof)); diff != "" {
			t.Errorf("%s: proof of %d (-ledger +file):\n%s", name, index, diff)
		}
	}
	for _, index := range []int64{first - 1, next} {
		if _, err := b.Prove(index); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%s: proof of %d: %v, want ErrNotFound", name, index, err)
		}
	}
}

// TestChanged changes one byte at random places of a file of 10,000 records: each is found, and where it is.
func TestChanged(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	l := newLedger(t, 10500, 10500)
	file := export(t, l, &audit.ExportOptions{First: 500, Seen: []int64{123, 300}})
	keys := keysOf(l)
	if _, err := open(file, keys); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 1))
	for range *places {
		at := r.IntN(len(file))
		bad := slices.Clone(file)
		bad[at] ^= byte(1 + r.IntN(255))
		_, err := open(bad, keys)
		var damage *audit.DamageError
		if !errors.As(err, &damage) {
			t.Fatalf("byte %d changed: %v, want a DamageError", at, err)
		}
		if damage.Offset > int64(at) || at-int(damage.Offset) > 70000 {
			t.Errorf("byte %d changed: reported at %d", at, damage.Offset)
		}
	}
}

// TestTruncated cuts a file off at every length, and adds a byte.
func TestTruncated(t *testing.T) {
	l := newLedger(t, 300, 300)
	file := export(t, l, nil)
	keys := keysOf(l)
	for n := range len(file) {
		var damage *audit.DamageError
		if _, err := open(file[:n], keys); !errors.As(err, &damage) {
			t.Fatalf("%d of %d bytes: %v, want a DamageError", n, len(file), err)
		}
	}
	var damage *audit.DamageError
	if _, err := open(append(slices.Clone(file), 0), keys); !errors.As(err, &damage) || damage.Offset != int64(len(file)) {
		t.Errorf("a byte too many: %v", err)
	}
}

// TestGrowth opens files of a ledger, and of one that was rewritten at some point, against every older checkpoint.
func TestGrowth(t *testing.T) {
	const size, fork = 40, 23
	honest := newLedger(t, 0, size)
	var seen []*ledger.Checkpoint
	var sizes []int64
	for n := range size + 1 {
		grow(t, honest, n, size)
		c, err := honest.Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen, sizes = append(seen, c), append(sizes, int64(n))
	}
	forked := newLedger(t, size, fork)
	for _, opts := range []*audit.ExportOptions{
		{},
		{First: 17},
		{First: 30, Next: 35},
		{First: 17, Seen: sizes},
		{First: 30, Next: 35, Seen: sizes},
		{First: 40, Seen: []int64{0, 3, 22, 23, 24, 39, 40}},
	} {
		good, err := open(export(t, honest, opts), keysOf(honest))
		if err != nil {
			t.Fatal(err)
		}
		bad, err := open(export(t, forked, opts), keysOf(honest))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range seen {
			covered := slices.Contains(opts.Seen, c.Size) || opts.First <= c.Size && (opts.Next == 0 || c.Size <= opts.Next) ||
				c.Size == 0 || c.Size == size
			name := fmt.Sprintf("%+v against %d", *opts, c.Size)
			err := good.Continues(c)
			switch {
			case covered && err != nil:
				t.Errorf("%s: %v", name, err)
			case !covered && err != audit.ErrNotCovered:
				t.Errorf("%s: %v, want ErrNotCovered", name, err)
			}

			err = bad.Continues(c)
			var f *audit.ForkError
			switch {
			case !covered:
				if err != audit.ErrNotCovered {
					t.Errorf("forked, %s: %v, want ErrNotCovered", name, err)
				}
			case c.Size <= fork:
				if err != nil {
					t.Errorf("forked, %s: %v, but it was not yet", name, err)
				}
			case !errors.As(err, &f):
				t.Errorf("forked, %s: %v, want a ForkError", name, err)
			case !bytes.Equal(f.Seen.Note, c.Note) || f.New.Size != size:
				t.Errorf("forked, %s: evidence is %d and %d", name, f.Seen.Size, f.New.Size)
			}
		}
	}
}

// TestRefused opens good files with the wrong knowledge, and files that were put together by hand.
func TestRefused(t *testing.T) {
	l, other := newLedger(t, 300, 300), newLedger(t, 300, 100)
	file := export(t, l, nil)
	foreign := newMemory(t)
	c, err := foreign.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		keys []audit.Key
	}{
		{"no key", nil},
		{"another key", keysOf(foreign)},
		{"another key of the same name", rename(keysOf(foreign), "example.com/shop")},
	} {
		if _, err := open(file, tc.keys); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("%s: %v, want ErrProof", tc.name, err)
		}
	}
	b, err := open(file, append(keysOf(foreign), keysOf(l)...))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Continues(c); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("a checkpoint of another log: %v, want ErrProof", err)
	}

	// The head of one and the records of another that has the same key.
	head := 8 + int(file[2])<<8 + int(file[3])
	otherFile := export(t, other, nil)
	mixed := append(slices.Clone(file[:head]), otherFile[8+int(otherFile[2])<<8+int(otherFile[3]):]...)
	var damage *audit.DamageError
	if _, err := open(mixed, keysOf(l)); !errors.As(err, &damage) {
		t.Errorf("records of another ledger: %v, want a DamageError", err)
	}

	for _, opts := range []*audit.ExportOptions{{First: 301}, {First: 5, Next: 4}, {Next: 301}, {First: -1}, {Seen: []int64{301}}} {
		if _, err := audit.Export(t.Context(), io.Discard, l, opts); !errors.Is(err, audit.ErrRange) {
			t.Errorf("export %+v: %v, want ErrRange", *opts, err)
		}
	}
}

// TestChangedBehindOurBack changes the file after it was opened.
func TestChangedBehindOurBack(t *testing.T) {
	l := newLedger(t, 600, 600)
	file := export(t, l, nil)
	b, err := open(file, keysOf(l))
	if err != nil {
		t.Fatal(err)
	}
	file[len(file)-3] ^= 1
	n := 0
	var damage *audit.DamageError
	for _, err = range b.Records(t.Context()) {
		if err != nil {
			break
		}
		n++
	}
	if !errors.As(err, &damage) || n != 512 || damage.First != 512 || damage.Next != 600 {
		t.Errorf("%d records, then %v", n, err)
	}
	if _, err := b.Prove(555); !errors.As(err, &damage) {
		t.Errorf("proof: %v", err)
	}
}
