package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/ledger"
)

// memTarget is a Target and an fs.FS in memory, which notes what is written.
type memTarget struct {
	fstest.MapFS
	written []string
}

func (m *memTarget) ReadFile(name string) ([]byte, error) { return m.MapFS.ReadFile(name) }

func (m *memTarget) WriteFile(name string, data []byte) error {
	m.MapFS[name] = &fstest.MapFile{Data: bytes.Clone(data)}
	m.written = append(m.written, name)
	return nil
}

func newTarget() *memTarget { return &memTarget{MapFS: make(fstest.MapFS)} }

func (m *memTarget) clone() *memTarget { return &memTarget{MapFS: maps.Clone(m.MapFS)} }

// TestExport exports logs of sizes around the bounds of tiles and verifies
// and imports them.
func TestExport(t *testing.T) {
	ctx := context.Background()
	for _, n := range []int{0, 1, 255, 256, 257, 2048, 3000, 65536, 66000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			l := open(t, &ledger.Options{Origin: "example.com/export"})
			fill(t, l, n)
			to := newTarget()
			c, err := l.Export(ctx, to)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ledger.VerifyTiles(ctx, to, l.VerifierKey()); err != nil || got.Root != c.Root || got.Size != int64(n) {
				t.Fatalf("verify: %+v, %v", got, err)
			}
			m := open(t, &ledger.Options{Origin: "example.com/export"})
			if err := m.Import(ctx, to, l.VerifierKey()); err != nil {
				t.Fatal(err)
			}
			if root, err := m.RootAt(ctx, int64(n)); err != nil || root != c.Root {
				t.Errorf("root after import: %x, %v; want %x", root, err, c.Root)
			}
			if err := m.Check(ctx); err != nil {
				t.Error(err)
			}
			if n > 0 {
				if err := m.Import(ctx, to, l.VerifierKey()); err == nil {
					t.Error("imported into a ledger that is not empty")
				}
			}
		})
	}
}

// TestExportIncremental writes only what is new.
func TestExportIncremental(t *testing.T) {
	ctx := context.Background()
	l := open(t, nil)
	to := newTarget()
	for _, step := range []struct {
		size int
		want []string
	}{
		{300, []string{"tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint"}},
		{300, []string{"tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1", "checkpoint"}},
		{600, []string{"tile/entries/001", "tile/entries/002.p/88", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "checkpoint"}},
	} {
		fill(t, l, step.size)
		to.written = nil
		if _, err := l.Export(ctx, to); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, to.written); diff != "" {
			t.Errorf("files written at size %d (-want +got):\n%s", step.size, diff)
		}
	}
	other := open(t, nil)
	fill(t, other, 1000)
	if _, err := other.Export(ctx, to); err == nil {
		t.Error("exported over another log")
	}
}

// TestDamagedExport changes each file: nothing is imported.
func TestDamagedExport(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Origin: "example.com/export"})
	fill(t, l, 3000)
	whole := newTarget()
	if _, err := l.Export(ctx, whole); err != nil {
		t.Fatal(err)
	}
	m := open(t, &ledger.Options{Origin: "example.com/export"})
	for _, name := range slices.Sorted(maps.Keys(whole.MapFS)) {
		data := whole.MapFS[name].Data
		changes := map[string][]byte{"missing": nil, "short": data[:len(data)-1], "long": append(bytes.Clone(data), 0)}
		for _, i := range []int{0, 1, len(data) / 2, len(data) - 1} {
			b := bytes.Clone(data)
			b[i] ^= 1
			changes[fmt.Sprintf("bit of byte %d", i)] = b
		}
		for change, b := range changes {
			to := whole.clone()
			if to.MapFS[name] = (&fstest.MapFile{Data: b}); b == nil {
				delete(to.MapFS, name)
			}
			if err := m.Import(ctx, to, l.VerifierKey()); !errors.Is(err, ledger.ErrProof) {
				t.Errorf("%s, %s: got %v, want ErrProof", name, change, err)
			}
			if m.Size() != 0 {
				t.Fatalf("%s, %s: %d entries imported", name, change, m.Size())
			}
		}
	}
	foreign := open(t, &ledger.Options{Origin: "example.com/foreign"})
	var option *ledger.OptionError
	if err := foreign.Import(ctx, whole, l.VerifierKey()); !errors.As(err, &option) {
		t.Errorf("import into a log of another name: %v", err)
	}
}

func TestDirTarget(t *testing.T) {
	ctx := context.Background()
	l := open(t, nil)
	fill(t, l, 500)
	dir := t.TempDir()
	if _, err := l.Export(ctx, ledger.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Export(ctx, ledger.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyTiles(ctx, osFS(dir), l.VerifierKey()); err != nil {
		t.Error(err)
	}
	err := fs.WalkDir(osFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if strings.Contains(path, "tmp") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTail reads a log while it grows.
func TestTail(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l := open(t, nil)
	const n = 3000
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < n && err == nil; i++ {
			_, err = l.Append(ctx, fmt.Appendf(nil, "entry %d", i))
		}
		done <- err
	}()
	next := int64(0)
	for r, err := range l.Tail(ctx, 0) {
		if next == n {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("after the end: %+v, %v", r, err)
			}
			break
		}
		if err != nil || r.Index != next || string(r.Data) != fmt.Sprintf("entry %d", next) {
			t.Fatalf("record %d: %+v, %v", next, r, err)
		}
		if next++; next == n {
			cancel()
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	go l.Close()
	for _, err := range l.Tail(context.Background(), n) {
		if !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// TestKeys compares with a count, over keys with bytes that are escaped.
func TestKeys(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: func(data []byte) ([][]byte, []byte, error) {
		return bytes.Split(data, []byte("|")), nil, nil
	}})
	keys := []string{"", "\x00", "\x00\x00", "\x00\xff", "\x01", "a", "a\x00", "a\x00b", "a\x01", "ab", "\xff", "\xff\xff"}
	want := make(map[string]int64)
	var batch [][]byte
	for i := range 6000 {
		a, b := keys[i%len(keys)], keys[i*i%7]
		batch = append(batch, []byte(a+"|"+b))
		want[a]++
		if b != a {
			want[b]++
		}
		if len(batch) == 100 {
			if _, err := l.Append(ctx, batch...); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	for _, prefix := range append(keys, "b", "a\x00c") {
		got := make(map[string]int64)
		var last []byte
		for k, err := range l.Keys(ctx, []byte(prefix)) {
			if err != nil {
				t.Fatal(err)
			}
			if last != nil && bytes.Compare(last, k.Key) >= 0 {
				t.Errorf("prefix %q: %q after %q", prefix, k.Key, last)
			}
			last = k.Key
			got[string(k.Key)] = k.Count
		}
		expect := make(map[string]int64)
		for k, n := range want {
			if strings.HasPrefix(k, prefix) {
				expect[k] = n
			}
		}
		if diff := cmp.Diff(expect, got); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
	for _, k := range keys {
		n := int64(0)
		for _, err := range l.Find(ctx, []byte(k)) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != want[k] {
			t.Errorf("find %q: %d records, want %d", k, n, want[k])
		}
	}
}

// TestPostings compares with all pairs of key and entry, over prefixes shorter
// and longer than those by which the tail is searched.
func TestPostings(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: func(data []byte) ([][]byte, []byte, error) {
		return bytes.Split(data, []byte("|")), nil, nil
	}})
	type pair struct {
		Key   string
		Index int64
	}
	var all []pair
	var batch [][]byte
	for i := range int64(9000) {
		pack := fmt.Sprintf("pack\x00with serial %03d", i%700)
		a, b := fmt.Sprintf("%s step %d", pack, i/700), []string{"place 1", "place 2", pack}[i*i%3]
		batch = append(batch, []byte(a+"|"+b+"|"+a))
		all = append(all, pair{a, i}, pair{b, i})
		if len(batch) == 100 {
			if _, err := l.Append(ctx, batch...); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
		if i%500 != 499 {
			continue
		}
		pairs, rows := make(map[pair]bool), 0 // the tail is searched as it grows, and after it has begun anew
		for _, p := range all {
			if strings.HasPrefix(p.Key, "pack\x00with serial 1") {
				pairs[p] = true
			}
		}
		for p, err := range l.Postings(ctx, []byte("pack\x00with serial 1")) {
			if err != nil || !pairs[pair{string(p.Key), p.Index}] {
				t.Fatal(p, err)
			}
			rows++
		}
		if rows != len(pairs) {
			t.Fatalf("of %d entries, %d keys found, want %d", i+1, rows, len(pairs))
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return strings.Compare(a.Key, b.Key) })
	for _, prefix := range []string{"", "p", "place", "place 2", "pack\x00", "pack\x00with serial", "pack\x00with serial 0", "pack\x00with serial 321",
		"pack\x00with serial 321 step 12", "pack\x00with serial 321 step 13", "pack\x00with serial 9", "zzz"} {
		var want, got []pair
		for _, p := range all {
			if strings.HasPrefix(p.Key, prefix) {
				want = append(want, p)
			}
		}
		for p, err := range l.Postings(ctx, []byte(prefix)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, pair{string(p.Key), p.Index})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("prefix %q (-want +got):\n%s", prefix, diff)
		}
	}
	n := 0
	for range l.Postings(ctx, []byte("pack")) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d turns of a loop that ends after 3", n)
	}
}

func ExampleLedger_Export() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("received"), []byte("dispensed")); err != nil {
		fmt.Println(err)
		return
	}
	to := newTarget() // ledger.Dir("/media/usb") writes to a directory
	if _, err := l.Export(ctx, to); err != nil {
		fmt.Println(err)
		return
	}
	c, err := ledger.VerifyTiles(ctx, to, l.VerifierKey())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Origin, c.Size)
	// Output: example.com/shop 2
}
