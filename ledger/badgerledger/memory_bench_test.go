package badgerledger_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

// BenchmarkMemory appends to a new ledger and to one of a million entries, and
// reports the most anonymous memory that the process had meanwhile, the code
// of the test included: anon-MB. The runs with keys have the memory limit
// of a small PC, as GOMEMLIMIT=112MiB would set it.
func BenchmarkMemory(b *testing.B) {
	if _, err := anonymous(); err != nil {
		b.Skipf("the system does not tell: %v", err)
	}
	for _, run := range []struct {
		writers, n int
		opts       ledger.Options
		keys       int
		limit      int64
	}{
		{writers: 1, n: 28_000},
		{writers: 16, n: 240_000},
		{writers: 256, n: 1_000_000},
		{writers: 256, n: 1_000_000, opts: ledger.Options{Index: benchKeys}, keys: 3, limit: 112 << 20},
	} {
		for _, before := range []int{0, 1_000_000} {
			b.Run(fmt.Sprintf("writers=%d/keys=%d/before=%d", run.writers, run.keys, before), func(b *testing.B) {
				if run.limit > 0 {
					defer debug.SetMemoryLimit(debug.SetMemoryLimit(run.limit))
				}
				var peak int64
				for b.Loop() {
					dir := b.TempDir()
					if before > 0 {
						fillLedger(b, dir, &run.opts, before)
					}
					debug.FreeOSMemory()
					stop := watchMemory(b)
					appendFrom(b, dir, &run.opts, run.writers, int64(before), int64(before+run.n))
					peak = max(peak, stop())
				}
				b.ReportMetric(float64(peak)/1e6, "anon-MB")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// fillLedger makes a ledger of n entries.
func fillLedger(b *testing.B, dir string, opts *ledger.Options, n int) {
	l, err := badgerledger.Open(dir, opts)
	if err != nil {
		b.Fatal(err)
	}
	batch := make([][]byte, 250)
	for k := range batch {
		batch[k] = make([]byte, benchEntry)
	}
	for i := 0; i < n; i += len(batch) {
		for k := range batch {
			fillEntry(batch[k], int64(i+k))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

// appendFrom opens the ledger and appends the entries from first to next, each
// writer one after the other.
func appendFrom(b *testing.B, dir string, opts *ledger.Options, writers int, first, next int64) {
	l, err := badgerledger.Open(dir, opts)
	if err != nil {
		b.Fatal(err)
	}
	var at atomic.Int64
	at.Store(first)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			buf := make([]byte, benchEntry)
			for i := at.Add(1) - 1; i < next; i = at.Add(1) - 1 {
				fillEntry(buf, i)
				if _, err := l.Append(context.Background(), buf); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

// watchMemory looks at the memory of the process until stop is called, which
// returns the most there was.
func watchMemory(b *testing.B) (stop func() int64) {
	quit, peak := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			n, err := anonymous()
			if err != nil {
				b.Error(err)
			}
			most = max(most, n)
			select {
			case <-tick.C:
			case <-quit:
				peak <- most
				return
			}
		}
	}()
	return func() int64 { close(quit); return <-peak }
}

// anonymous returns the bytes of memory that the process has of its own, no
// files among them, as Linux tells them.
func anonymous() (int64, error) {
	p, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := bytes.Cut(p, []byte("RssAnon:"))
	f := bytes.Fields(rest)
	if len(f) < 2 || string(f[1]) != "kB" {
		return 0, fmt.Errorf("no RssAnon in /proc/self/status")
	}
	kb, err := strconv.ParseInt(string(f[0]), 10, 64)
	return kb << 10, err
}
