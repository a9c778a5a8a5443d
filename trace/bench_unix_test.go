//go:build unix

package trace_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// BenchmarkRecordCPU measures what Record takes of the processor beyond what the ledger takes to append the same bytes
// under the same keys: 20,000 packs of five hops each are dispensed, one after the other. Of the first kind, nothing was
// asked about the packs before. The second are parts of a thousand packs that were asked about, twenty of each, as a till
// verifies what it scans before it records the sale. The third are a thousand sales of one lot without serial numbers,
// which 10,000 events moved before and which was asked about once.
func BenchmarkRecordCPU(b *testing.B) {
	for _, store := range []struct {
		name string
		open func(b *testing.B, opts *ledger.Options) (*ledger.Ledger, error)
	}{
		{"memory", func(_ *testing.B, opts *ledger.Options) (*ledger.Ledger, error) { return ledger.OpenMemory(opts) }},
		{"badger", func(b *testing.B, opts *ledger.Options) (*ledger.Ledger, error) {
			opts.CacheBytes = scaleCache
			return badgerledger.Open(b.TempDir(), opts)
		}},
	} {
		for _, kind := range []string{"first", "again", "class"} {
			b.Run(store.name+"/"+kind, func(b *testing.B) {
				recordCPU(b, kind, func(index func([]byte) ([][]byte, []byte, error)) *ledger.Ledger {
					l, err := store.open(b, &ledger.Options{Index: index, MinFree: -1})
					if err != nil {
						b.Fatal(err)
					}
					return l
				})
			})
		}
	}
}

func recordCPU(b *testing.B, kind string, open func(index func([]byte) ([][]byte, []byte, error)) *ledger.Ledger) {
	s, sales := &scale{packs: 20_000}, 20_000
	if kind == "class" {
		sales = 1000
	}
	later := scaleStart.AddDate(0, 1, 0)
	full := func(index func([]byte) ([][]byte, []byte, error)) (*ledger.Ledger, *trace.Repository) {
		l := open(index)
		repo, err := trace.Open(b.Context(), l, &trace.Options{Now: func() time.Time { return later }})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := repo.Import(b.Context(), s.events()); err != nil {
			b.Fatal(err)
		}
		return l, repo
	}
	hop := func(n int) trace.Hop {
		h := trace.Hop{Step: trace.Dispensing, Time: later.Add(time.Duration(n) * time.Second), By: s.shop(n), Expiry: "280300", Price: 100_000}
		if kind == "class" {
			h.By, h.Goods = maker, []trace.Goods{{Class: s.class(0), Count: 1}}
		} else {
			if kind == "again" {
				n, h.Units = n%1000, 1
				h.By = s.shop(n)
			}
			h.EPCs, h.Lot = []gs1.EPC{s.pack(n)}, s.lot(n)
		}
		return h
	}
	l, repo := full(trace.Index)
	first := l.Size()
	switch kind {
	case "again":
		for n := range 1000 {
			if _, err := repo.Custody(b.Context(), s.pack(n)); err != nil {
				b.Fatal(err)
			}
		}
	case "class":
		if _, err := repo.Custody(b.Context(), s.class(0)); err != nil {
			b.Fatal(err)
		}
	}
	hops := make([]trace.Hop, sales)
	for n := range hops {
		hops[n] = hop(n)
	}
	used := cpu(b)
	for _, h := range hops {
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

	type indexed struct {
		keys [][]byte
		id   []byte
	}
	known := make(map[string]indexed)
	l, _ = full(func(data []byte) ([][]byte, []byte, error) {
		if k, ok := known[string(data)]; ok {
			return k.keys, k.id, nil
		}
		return trace.Index(data)
	})
	for _, data := range entries {
		keys, id, err := trace.Index(data)
		if err != nil {
			b.Fatal(err)
		}
		known[string(data)] = indexed{keys, id}
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
	b.ReportMetric(0, "ns/op")
	for what, t := range map[string]time.Duration{"record": recorded, "append": appended, "added": recorded - appended} {
		b.ReportMetric(float64(t.Nanoseconds())/1000/float64(sales), what+"-µs")
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
