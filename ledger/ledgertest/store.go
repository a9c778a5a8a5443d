package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// Run tests the stores that open returns, each empty. It closes them.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	tests := []struct {
		name string
		run  func(*testing.T, ledger.Store)
	}{
		{"empty", testEmpty},
		{"order", testOrder},
		{"limits", testLimits},
		{"rewrite", testRewrite},
		{"scan end", testScanEnd},
		{"slices", testSlices},
		{"model", testModel},
		{"readers", testReaders},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			defer func() {
				if err := s.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			tt.run(t, s)
		})
	}
}

func write(t *testing.T, s ledger.Store, rows ...ledger.KV) {
	t.Helper()
	if err := s.Write(context.Background(), rows); err != nil {
		t.Fatalf("write of %d rows: %v", len(rows), err)
	}
}

func row(key, value string) ledger.KV { return ledger.KV{Key: []byte(key), Value: []byte(value)} }

// scan returns "key=value" for all rows of a range.
func scan(t *testing.T, s ledger.Store, from, to []byte) []string {
	t.Helper()
	var rows []string
	err := s.Scan(context.Background(), from, to, func(k, v []byte) error {
		rows = append(rows, fmt.Sprintf("%q=%q", k, v))
		return nil
	})
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	return rows
}

func testEmpty(t *testing.T, s ledger.Store) {
	if _, err := s.Get(context.Background(), []byte("k"), nil); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("get: got %v, want ErrNotFound", err)
	}
	if rows := scan(t, s, []byte{0}, nil); rows != nil {
		t.Errorf("scan: got %q of an empty store", rows)
	}
	if err := s.Sync(context.Background()); err != nil {
		t.Errorf("sync: %v", err)
	}
}

func testOrder(t *testing.T, s ledger.Store) {
	keys := []string{"a", "a\x00", "a\x00\xff", "a\x01", "aa", "b", "b\xff", "b\xff\xff", "c", "\xff", "\xff\xff"}
	for i := range keys {
		k := keys[(i*7)%len(keys)]
		write(t, s, row(k, "v"+k))
	}
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = fmt.Sprintf("%q=%q", k, "v"+k)
		v, err := s.Get(context.Background(), []byte(k), []byte("dst-"))
		if err != nil || string(v) != "dst-v"+k {
			t.Errorf("get %q: %q, %v", k, v, err)
		}
	}
	for i := range keys {
		for j := i; j <= len(keys); j++ {
			var to []byte
			if j < len(keys) {
				to = []byte(keys[j])
			}
			if got := scan(t, s, []byte(keys[i]), to); !slices.Equal(got, all[i:j]) {
				t.Errorf("scan from %q to %q: got %q", keys[i], to, got)
			}
		}
	}
}

func testLimits(t *testing.T, s ledger.Store) {
	long := bytes.Repeat([]byte{0xff}, ledger.MaxKey)
	large := bytes.Repeat([]byte("x"), ledger.MaxValue)
	write(t, s, ledger.KV{Key: long, Value: large})
	v, err := s.Get(context.Background(), long, nil)
	if err != nil || !bytes.Equal(v, large) {
		t.Errorf("longest key and value: %d bytes, %v", len(v), err)
	}
	write(t, s, row("no value", ""))
	if v, err := s.Get(context.Background(), []byte("no value"), nil); err != nil || len(v) != 0 {
		t.Errorf("empty value: %q, %v", v, err)
	}
	var rows []ledger.KV
	for i := range ledger.MaxBatchKeys {
		rows = append(rows, row(fmt.Sprintf("many %05d", i), "v"))
	}
	write(t, s, rows...)
	if got := len(scan(t, s, []byte("many "), []byte("many!"))); got != len(rows) {
		t.Errorf("largest number of rows: got %d of %d back", got, len(rows))
	}
	rows = nil
	for i := 0; (i+1)*(ledger.MaxValue+8) <= ledger.MaxBatchBytes; i++ {
		rows = append(rows, ledger.KV{Key: fmt.Appendf(nil, "large %d", i), Value: large})
	}
	write(t, s, rows...)
	if got := len(scan(t, s, []byte("large "), []byte("large!"))); got != len(rows) {
		t.Errorf("largest batch: got %d of %d rows back", got, len(rows))
	}
}

func testRewrite(t *testing.T, s ledger.Store) {
	for range 3 {
		write(t, s, row("a", "1"), row("b", "2"))
	}
	if got, want := scan(t, s, []byte("a"), nil), []string{`"a"="1"`, `"b"="2"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func testScanEnd(t *testing.T, s ledger.Store) {
	write(t, s, row("a", "1"), row("b", "2"), row("c", "3"))
	stop := errors.New("stop")
	n := 0
	err := s.Scan(context.Background(), []byte("a"), nil, func(k, v []byte) error {
		if n++; n == 2 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 2 {
		t.Errorf("got %v after %d rows, want the error of the callback after 2", err, n)
	}
}

// testSlices checks that neither side holds on to the slices of the other.
func testSlices(t *testing.T, s ledger.Store) {
	kv := row("key", "value")
	write(t, s, kv)
	copy(kv.Key, "xxx")
	copy(kv.Value, "xxxxx")
	v, err := s.Get(context.Background(), []byte("key"), nil)
	if err != nil || string(v) != "value" {
		t.Fatalf("after the batch was overwritten: %q, %v", v, err)
	}
	copy(v, "yyyyy")
	if got, want := scan(t, s, []byte("k"), nil), []string{`"key"="value"`}; !slices.Equal(got, want) {
		t.Errorf("after the result was overwritten: got %q, want %q", got, want)
	}
}

// testModel compares with a map over seeded random batches.
func testModel(t *testing.T, s ledger.Store) {
	r := rand.New(rand.NewPCG(1, 2))
	model := make(map[string]string)
	for range 200 {
		batch := make(map[string]string)
		for range 1 + r.IntN(200) {
			k := make([]byte, 1+r.IntN(6))
			for i := range k {
				k[i] = "\x00\x01ab\xff"[r.IntN(5)]
			}
			// A row that is written again has equal bytes.
			batch[string(k)] = fmt.Sprintf("%x", k)
		}
		var rows []ledger.KV
		for k, v := range batch {
			rows = append(rows, row(k, v))
			model[k] = v
		}
		write(t, s, rows...)
		if r.IntN(20) == 0 {
			if err := s.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	var want []string
	for k, v := range model {
		want = append(want, k+"="+v)
	}
	slices.Sort(want)
	var got []string
	var last []byte
	err := s.Scan(context.Background(), []byte{0}, nil, func(k, v []byte) error {
		if last != nil && bytes.Compare(last, k) >= 0 {
			t.Errorf("scan: %q after %q", k, last)
		}
		last = bytes.Clone(k)
		got = append(got, string(k)+"="+string(v))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("scan: %d rows, want %d others", len(got), len(want))
	}
}

// testReaders reads while batches are written: a batch shows whole or not at
// all, and shows once Write has returned.
func testReaders(t *testing.T, s ledger.Store) {
	const batches, width = 100, 50
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				n := 0
				err := s.Scan(context.Background(), []byte("r"), []byte("s"), func(k, v []byte) error {
					n++
					return nil
				})
				if err != nil || n%width != 0 {
					t.Errorf("scan: %d rows, %v; want whole batches of %d", n, err, width)
					return
				}
			}
		})
	}
	for b := range batches {
		var rows []ledger.KV
		for i := range width {
			rows = append(rows, row(fmt.Sprintf("r%02d-%03d", i, b), "v"))
		}
		write(t, s, rows...)
		n := 0
		for i := range width {
			if _, err := s.Get(context.Background(), fmt.Appendf(nil, "r%02d-%03d", i, b), nil); err == nil {
				n++
			}
		}
		if n != width {
			t.Errorf("batch %d: %d of %d rows visible after Write", b, n, width)
		}
	}
	close(done)
	wg.Wait()
}
