package badgerledger_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var benchSize = flag.Int("benchsize", 1000000, "entries of the ledger of BenchmarkLedger")

// BenchmarkLedger reads, finds, proves, checks and opens a ledger of many entries
// without keys, and with three keys each. Check uses all processors; -cpu 1
// tells what one of them does.
func BenchmarkLedger(b *testing.B) {
	b.Run("keys=0", func(b *testing.B) { benchLedger(b, &ledger.Options{}) })
	b.Run("keys=3", func(b *testing.B) { benchLedger(b, &ledger.Options{Index: benchKeys}) })
}

func benchLedger(b *testing.B, opts *ledger.Options) {
	ctx := context.Background()
	dir := b.TempDir()
	l, err := badgerledger.Open(dir, opts)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	batch := make([][]byte, 256)
	for i := 0; i < *benchSize; i += len(batch) {
		for k := range batch {
			batch[k] = make([]byte, benchEntry)
			fillEntry(batch[k], int64(i+k))
		}
		if _, err := l.Append(ctx, batch...); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d entries in batches of 256: %.0f entries/s", l.Size(), float64(l.Size())/time.Since(start).Seconds())
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if l, err = badgerledger.Open(dir, opts); err != nil {
				b.Fatal(err)
			}
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	if l, err = badgerledger.Open(dir, opts); err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	b.Run("read", func(b *testing.B) {
		median(b, func() error { _, err := l.Read(ctx, r.Int64N(l.Size())); return err })
	})
	if opts.Index != nil {
		b.Run("find", func(b *testing.B) {
			data := make([]byte, benchEntry)
			median(b, func() error {
				fillEntry(data, r.Int64N(l.Size()))
				keys, _, _ := benchKeys(data)
				for _, err := range l.FindIndices(ctx, keys[0]) {
					if err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	b.Run("prove", func(b *testing.B) {
		median(b, func() error { _, err := l.ProveInclusion(ctx, r.Int64N(l.Size())); return err })
	})
	b.Run("root", func(b *testing.B) {
		median(b, func() error { _, err := l.RootAt(ctx, r.Int64N(l.Size())); return err })
	})
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if err := l.Check(ctx); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(l.Size())*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
}

func median(b *testing.B, f func() error) {
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
}
