//go:build unix

package trace_test

import (
	"fmt"
	"iter"
	"syscall"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// BenchmarkRecordCPU measures what Record takes of the processor beyond what the ledger takes to append the same bytes
// under the same keys: 20,000 packs of five hops each are dispensed, one after the other.
func BenchmarkRecordCPU(b *testing.B) {
	s := &scale{packs: 20_000}
	for name, open := range map[string]func(b *testing.B, opts *ledger.Options) *ledger.Ledger{
		"memory": func(b *testing.B, opts *ledger.Options) *ledger.Ledger {
			l, err := ledger.OpenMemory(opts)
			if err != nil {
				b.Fatal(err)
			}
			return l
		},
		"badger": func(b *testing.B, opts *ledger.Options) *ledger.Ledger {
			opts.CacheBytes = scaleCache
			l, err := badgerledger.Open(b.TempDir(), opts)
			if err != nil {
				b.Fatal(err)
			}
			return l
		},
	} {
		b.Run(name, func(b *testing.B) {
			known := make(map[string][][]byte)
			ids := make(map[string][]byte)
			index := func(data []byte) ([][]byte, []byte, error) {
				if keys, ok := known[string(data)]; ok {
					return keys, ids[string(data)], nil
				}
				return trace.Index(data)
			}
			full := func(index func([]byte) ([][]byte, []byte, error)) (*ledger.Ledger, *trace.Repository) {
				l := open(b, &ledger.Options{Index: index, MinFree: -1})
				repo, err := trace.Open(b.Context(), l, &trace.Options{Now: func() time.Time { return scaleStart.AddDate(0, 1, 0) }})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := repo.Import(b.Context(), s.events()); err != nil {
					b.Fatal(err)
				}
				return l, repo
			}
			hops := func() iter.Seq[trace.Hop] {
				return func(yield func(trace.Hop) bool) {
					for n := range s.packs {
						h := trace.Hop{
							Step: trace.Dispensing, Time: scaleStart.AddDate(0, 1, 0).Add(time.Duration(n) * time.Second), By: s.shop(n),
							EPCs: []gs1.EPC{s.pack(n)}, Lot: s.lot(n), Expiry: "280300", Price: 100_000,
						}
						if !yield(h) {
							return
						}
					}
				}
			}
			l, repo := full(trace.Index)
			first := l.Size()
			used := cpu(b)
			for h := range hops() {
				if receipt, err := repo.Record(b.Context(), h); err != nil || len(receipt.Findings) > 0 {
					b.Fatal(receipt, err)
				}
			}
			recorded := cpu(b) - used

			var entries [][]byte
			for i := first; i < l.Size(); i++ {
				r, err := l.Read(b.Context(), i)
				if err != nil {
					b.Fatal(err)
				}
				entries = append(entries, r.Data)
			}
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			l, _ = full(index)
			for _, data := range entries {
				keys, id, err := trace.Index(data)
				if err != nil {
					b.Fatal(err)
				}
				known[string(data)], ids[string(data)] = keys, id
			}
			used = cpu(b)
			for i, data := range entries {
				if r, err := l.Append(b.Context(), data); err != nil || r[0].Index != first+int64(i) {
					b.Fatal(r, err)
				}
			}
			appended := cpu(b) - used
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			n := float64(len(entries))
			b.ReportMetric(0, "ns/op")
			for what, t := range map[string]time.Duration{"record": recorded, "append": appended, "added": recorded - appended} {
				b.ReportMetric(float64(t.Nanoseconds())/1000/n, fmt.Sprintf("%s-µs", what))
			}
		})
	}
}

// cpu returns how long the process has kept a processor busy.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
