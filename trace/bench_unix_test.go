//go:build unix

package trace_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// BenchmarkRecordCPU measures what Record takes of the processor beyond what the ledger takes to append the same bytes, and
// how much of the latter is Index: 20,000 packs of five hops each are dispensed, one after the other. Of the kinds first and
// case nothing was asked about the packs before; those of the kind case came in cases of twenty. Of the kind again they are
// parts of a thousand packs that were asked about, twenty of each, as a till verifies what it scans before it records the
// sale. Of the kind class they are a thousand sales of one lot without serial numbers, which 10,000 events moved before and
// which was asked about once.
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
		for _, kind := range []string{"first", "case", "again", "class"} {
			b.Run(store.name+"/"+kind, func(b *testing.B) {
				recordCPU(b, kind, func() *ledger.Ledger {
					l, err := store.open(b, &ledger.Options{Index: trace.Index, MinFree: -1})
					if err != nil {
						b.Fatal(err)
					}
					return l
				})
			})
		}
	}
}

func recordCPU(b *testing.B, kind string, open func() *ledger.Ledger) {
	s, sales := &scale{packs: 20_000, cases: kind == "case"}, 20_000
	if kind == "class" {
		sales = 1000
	}
	later := scaleStart.AddDate(0, 1, 0)
	full := func() (*ledger.Ledger, *trace.Repository) {
		l := open()
		repo, err := trace.Open(b.Context(), l, &trace.Options{Now: func() time.Time { return later }})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := repo.Import(b.Context(), s.events()); err != nil {
			b.Fatal(err)
		}
		idle(b)
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
	l, repo := full()
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
	entries := closeWith(b, l, first)

	l, _ = full()
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
	used = cpu(b)
	for _, data := range entries {
		if _, _, err := trace.Index(data); err != nil {
			b.Fatal(err)
		}
	}
	indexed := cpu(b) - used
	b.ReportMetric(0, "ns/op")
	for what, t := range map[string]time.Duration{"record": recorded, "append": appended, "added": recorded - appended, "index": indexed} {
		b.ReportMetric(float64(t.Nanoseconds())/1000/float64(sales), what+"-µs")
	}
}

// BenchmarkScaleRecord measures the same on copies of the ledger of BenchmarkScale, which has to be in its folder: packs in
// an order without order are dispensed, of which nothing was asked before. By turns, some sales are recorded in one copy,
// and the entries of as many appended to another, so that both find the computer in one state: the time that a sync takes
// changes by more than what is measured. added is the median of the turns, because what Badger does in the background for
// both copies falls into some turns by chance, and into those of Record more often, which take longer. mean is with it.
func BenchmarkScaleRecord(b *testing.B) {
	if *scalePacks == 0 || *scaleDir == "" {
		b.Skip("without -scale and -scaledir")
	}
	s := &scale{packs: *scalePacks}
	later := scaleStart.AddDate(0, 6, 0)
	const turn = 200
	turns := min(100, s.packs/turn)
	type side struct {
		l    *ledger.Ledger
		repo *trace.Repository
	}
	open := func() (c side) {
		dir := filepath.Join(b.TempDir(), "copy")
		if err := os.CopyFS(dir, os.DirFS(*scaleDir)); err != nil {
			b.Fatal(err)
		}
		var err error
		if c.l, err = badgerledger.Open(dir, &ledger.Options{Index: trace.Index, CacheBytes: scaleCache}); err != nil {
			b.Fatal(err)
		}
		if c.repo, err = trace.Open(b.Context(), c.l, &trace.Options{Now: func() time.Time { return later }}); err != nil {
			b.Fatal(err)
		}
		if c.l.Size() == 0 {
			b.Skip("no ledger in the folder yet")
		}
		return c
	}
	record := func(c side, i int) {
		n := i * 7919 % s.packs
		receipt, err := c.repo.Record(b.Context(), trace.Hop{Step: trace.Dispensing, Time: later.Add(time.Duration(i) * time.Second),
			By: s.shop(n), EPCs: []gs1.EPC{s.pack(n)}, Lot: s.lot(n), Expiry: "280300", Price: 100_000})
		if err != nil || len(receipt.Findings) > 0 {
			b.Fatal(receipt, err)
		}
	}
	c := open()
	first := c.l.Size()
	for i := range turns * turn {
		record(c, i)
	}
	entries := closeWith(b, c.l, first)

	c, bare := open(), open()
	idle(b)
	var recorded, appended time.Duration
	added := make([]time.Duration, turns)
	for t := range turns {
		start := cpu(b)
		for i := t * turn; i < (t+1)*turn; i++ {
			record(c, i)
		}
		between := cpu(b)
		for _, data := range entries[t*turn : (t+1)*turn] {
			if _, err := bare.l.Append(b.Context(), data); err != nil {
				b.Fatal(err)
			}
		}
		end := cpu(b)
		recorded, appended = recorded+between-start, appended+end-between
		added[t] = between - start - (end - between)
	}
	closeWith(b, c.l, c.l.Size())
	closeWith(b, bare.l, bare.l.Size())
	slices.Sort(added)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(added[turns/2].Nanoseconds())/1000/turn, "added-µs")
	for what, t := range map[string]time.Duration{"record": recorded, "append": appended, "mean-added": recorded - appended} {
		b.ReportMetric(float64(t.Nanoseconds())/1000/turn/float64(turns), what+"-µs")
	}
}

// closeWith closes a ledger and returns its entries from first on.
func closeWith(b *testing.B, l *ledger.Ledger, first int64) (entries [][]byte) {
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
	return entries
}

// idle waits until what goes on in the background has ended.
func idle(b *testing.B) {
	runtime.GC()
	for used := time.Duration(-1); ; {
		now := cpu(b)
		if used >= 0 && now-used < 2*time.Millisecond {
			return
		}
		used = now
		time.Sleep(100 * time.Millisecond)
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
