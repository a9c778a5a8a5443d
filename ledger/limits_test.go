package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

func osFS(dir string) fs.FS { return os.DirFS(dir) }

func TestTooLarge(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: func(data []byte) ([][]byte, []byte, error) {
		return [][]byte{data[:min(len(data), 300)]}, nil, nil
	}})
	largest := make([]byte, ledger.MaxEntry)
	for _, tt := range []struct {
		name    string
		entries [][]byte
	}{
		{"entry", [][]byte{make([]byte, ledger.MaxEntry+1)}},
		{"key", [][]byte{make([]byte, 241)}},
		{"batch", slicesRepeat(make([]byte, 100), 41121)},
	} {
		if _, err := l.Append(ctx, tt.entries...); !errors.Is(err, ledger.ErrTooLarge) {
			t.Errorf("%s: got %v, want ErrTooLarge", tt.name, err)
		}
	}
	if l.Size() != 0 {
		t.Errorf("size %d after refusals", l.Size())
	}
	m := open(t, nil)
	if _, err := m.Append(ctx, slicesRepeat(largest, 63)...); err != nil {
		t.Errorf("63 of the largest entries: %v", err)
	}
	if _, err := m.Append(ctx, slicesRepeat(make([]byte, 100), 41120)...); err != nil {
		t.Errorf("a frame of 4 MiB: %v", err)
	}
	if rs, err := m.Append(ctx); err != nil || len(rs) != 0 {
		t.Errorf("no entries: %v, %v", rs, err)
	}
	if rs, err := m.Append(ctx, nil); err != nil || len(rs) != 1 {
		t.Errorf("the empty entry: %v, %v", rs, err)
	}
	if err := m.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestLargestEntries fills the journal with entries of which 256 make a chunk
// larger than a segment: there is always room for the next.
func TestLargestEntries(t *testing.T) {
	ctx := context.Background()
	l := open(t, nil)
	data := make([]byte, ledger.MaxEntry)
	for i := range 2000 {
		data[0], data[1] = byte(i), byte(i>>8)
		if _, err := l.Append(ctx, data); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

func slicesRepeat(b []byte, n int) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = b
	}
	return all
}

func TestNotFound(t *testing.T) {
	ctx := context.Background()
	l := open(t, nil)
	fill(t, l, 3)
	for _, i := range []int64{-1, 3, 1 << 40} {
		if _, err := l.Read(ctx, i); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("read %d: %v", i, err)
		}
		if _, err := l.ProveInclusion(ctx, i); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("prove %d: %v", i, err)
		}
	}
	for _, n := range []int64{-1, 4} {
		if _, err := l.RootAt(ctx, n); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("root at %d: %v", n, err)
		}
		if _, err := l.ProveConsistency(ctx, n); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("consistency from %d: %v", n, err)
		}
	}
}

func TestClosed(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: indexByFields})
	if _, err := l.Append(ctx, []byte("a b")); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_, appendErr := l.Append(ctx, []byte("c"))
	_, readErr := l.Read(ctx, 0)
	_, pointErr := l.Checkpoint(ctx)
	var findErr error
	for _, err := range l.Find(ctx, []byte("b")) {
		findErr = err
	}
	for name, err := range map[string]error{"append": appendErr, "read": readErr, "checkpoint": pointErr, "find": findErr, "check": l.Check(ctx), "reindex": l.Reindex(ctx), "close": l.Close()} {
		if !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("%s: got %v, want ErrClosed", name, err)
		}
	}
}

// TestCancel cancels appends under load: each is there whole or not at all,
// and those that returned records are.
func TestCancel(t *testing.T) {
	l := open(t, nil)
	var mu sync.Mutex
	acked := make(map[int64]string)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 300 {
				ctx, cancel := context.WithCancel(context.Background())
				if i%3 == 0 {
					go cancel()
				}
				a, b := fmt.Sprintf("w%d i%d a", w, i), fmt.Sprintf("w%d i%d b", w, i)
				rs, err := l.Append(ctx, []byte(a), []byte(b))
				cancel()
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					continue
				}
				mu.Lock()
				acked[rs[0].Index], acked[rs[1].Index] = a, b
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for i, want := range acked {
		if r, err := l.Read(context.Background(), i); err != nil || string(r.Data) != want {
			t.Errorf("entry %d is %q, %v; want %q", i, r.Data, err, want)
		}
	}
	if l.Size() != int64(len(acked)) {
		t.Errorf("size %d, but %d entries were acknowledged", l.Size(), len(acked))
	}
}

// TestSameID appends the same ids from many goroutines: each is there once.
func TestSameID(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: indexByFields})
	var wg sync.WaitGroup
	var mu sync.Mutex
	at := make(map[string]int64)
	for range 8 {
		wg.Go(func() {
			for i := range 3000 {
				e := fmt.Sprintf("id%d key%d", i, i%5)
				rs, err := l.Append(ctx, []byte(e))
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if have, ok := at[e]; ok && have != rs[0].Index {
					t.Errorf("%s is at %d and %d", e, have, rs[0].Index)
				}
				at[e] = rs[0].Index
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if l.Size() != 3000 {
		t.Errorf("size %d, want 3000", l.Size())
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

// TestAppendNew has goroutines append the same entries, each when it does not
// find them: each is there once, however long ago somebody searched.
func TestAppendNew(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Index: func(data []byte) ([][]byte, []byte, error) {
		return [][]byte{data}, data, nil
	}})
	const n = 20_000 // the ids of the first are no longer in memory
	indices := make([]int64, n)
	add := func(i int, size int64) {
		data := fmt.Appendf(nil, "entry %d", i)
		r, err := l.AppendNew(ctx, ledger.NewEntry{Data: data, Keys: [][]byte{data}, ID: data, Size: size})
		if err != nil || !bytes.Equal(r.Data, data) {
			t.Errorf("%d: %q, %v", i, r.Data, err)
			return
		}
		if old := atomic.SwapInt64(&indices[i], r.Index); old != 0 && old != r.Index {
			t.Errorf("entry %d is at %d and %d", i, old, r.Index)
		}
	}
	add(0, 0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range n {
				size := l.Size()
				known := false
				for _, err := range l.FindIndices(ctx, fmt.Appendf(nil, "entry %d", i)) {
					if known = true; err != nil {
						t.Error(err)
					}
				}
				if !known {
					add(i, size)
				}
			}
		})
	}
	wg.Wait()
	for i := range n {
		if i%100 == 0 {
			add(i, 0)
		}
	}
	add(n-1, 1<<40) // nobody has searched what is not there
	if l.Size() != n {
		t.Errorf("size %d, want %d", l.Size(), n)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	if _, err := l.AppendNew(ctx, ledger.NewEntry{Data: []byte("long"), Keys: [][]byte{make([]byte, 300)}}); !errors.Is(err, ledger.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func TestIndexError(t *testing.T) {
	refused := errors.New("refused")
	l := open(t, &ledger.Options{Index: func(data []byte) ([][]byte, []byte, error) {
		if bytes.HasPrefix(data, []byte("bad")) {
			return nil, nil, refused
		}
		return nil, nil, nil
	}})
	if _, err := l.Append(context.Background(), []byte("good"), []byte("bad")); !errors.Is(err, refused) {
		t.Errorf("got %v, want the error of Index", err)
	}
	if l.Size() != 0 {
		t.Errorf("size %d", l.Size())
	}
}

// TestGoroutines checks that Close leaves none behind.
func TestGoroutines(t *testing.T) {
	for range 3 {
		l := open(t, nil)
		fill(t, l, 5000)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	left := ""
	for range 1000 { // one that has told its end may not be gone yet
		if left = running(); left == "" {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("still running:\n%s", left)
}

// running returns the stack of a goroutine of the ledger, or nothing.
func running() string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for _, g := range strings.Split(string(buf), "\n\n") {
		if strings.Contains(g, "dauvet/ledger.(*") && !strings.Contains(g, "ledger_test") {
			return g
		}
	}
	return ""
}

// TestDiskLow runs out of space: appends are refused before the disk is full,
// reads go on, and appends too once there is space.
func TestDiskLow(t *testing.T) {
	ctx := context.Background()
	dir := ledger.NewFaultDir(nil)
	dir.SetFree(300 << 20)
	l, err := ledger.OpenFault(dir, new(memDriver), &ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	dir.SetFree(255 << 20)
	for n := 0; ; n++ {
		_, err := l.Append(ctx, slicesRepeat(make([]byte, 100), 400)...)
		if errors.Is(err, ledger.ErrDiskLow) {
			break
		}
		if err != nil || n > 200 {
			t.Fatalf("append %d on a full disk: %v", n, err)
		}
	}
	if _, err := l.Append(ctx, []byte("b")); !errors.Is(err, ledger.ErrDiskLow) {
		t.Errorf("got %v, want ErrDiskLow", err)
	}
	if _, err := l.Read(ctx, 0); err != nil {
		t.Error(err)
	}
	dir.SetFree(257 << 20)
	if _, err := l.Append(ctx, []byte("c")); err != nil {
		t.Error(err)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}

type memDriver struct{}

func (*memDriver) Open(string) (ledger.Store, error) { return new(ledger.MemoryStore), nil }
func (*memDriver) SetAside(string) error             { return nil }
func (*memDriver) Remove(string) error               { return nil }

// TestCloseAmongAppends closes a ledger while others append: each of them has
// its records or ErrClosed, and what was acknowledged is what was counted.
func TestCloseAmongAppends(t *testing.T) {
	ctx := context.Background()
	for round := range 300 {
		l, err := ledger.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		var acknowledged atomic.Int64
		var wg sync.WaitGroup
		for writer := range 4 {
			wg.Go(func() {
				for i := 0; ; i++ {
					if _, err := l.Append(ctx, fmt.Appendf(nil, "%d %d", writer, i)); err != nil {
						if !errors.Is(err, ledger.ErrClosed) {
							t.Errorf("round %d: %v", round, err)
						}
						return
					}
					acknowledged.Add(1)
				}
			})
		}
		for l.Size() < int64(round%20) {
			runtime.Gosched()
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		if n := acknowledged.Load(); n != l.Size() {
			t.Fatalf("round %d: %d entries acknowledged, %d in the ledger", round, n, l.Size())
		}
	}
}
