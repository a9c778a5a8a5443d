package trace_test

import (
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

var (
	scalePacks = flag.Int("scale", 0, "packs of BenchmarkScale, 200000 for a million events; 0 leaves it out")
	scaleDir   = flag.String("scaledir", "", "folder that keeps the ledger of BenchmarkScale for the next run")
)

const (
	scaleLots  = 500     // lots of goods without serial number
	scaleCache = 8 << 20 // bytes for the tree of a million entries; without, p50 is half as much again
	scaleMoves = 10_000  // movements of the first of them, scattered over the whole ledger
)

// BenchmarkScale measures lookups on a ledger on the disk with five hops of each of many packs, one event a hop, and of
// many lots of goods without serial number:
//
//	go test -run '^$' -bench Scale -benchtime 1x -timeout 1h ./trace -scale 200000 -scaledir /var/tmp/scale
//
// When the folder is empty the ledger is made, and the next run measures. The hops of a pack lie far apart, as they do in
// life.
func BenchmarkScale(b *testing.B) {
	if *scalePacks == 0 || *scaleDir == "" {
		b.Skip("without -scale and -scaledir")
	}
	dir := *scaleDir
	s := &scale{packs: *scalePacks}
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index, CacheBytes: scaleCache})
	if err != nil {
		b.Fatal(err)
	}
	if l.Size() == 0 {
		start := time.Now()
		repo, err := trace.Open(b.Context(), l, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := repo.Import(b.Context(), s.events()); err != nil {
			b.Fatal(err)
		}
		fmt.Printf("made %d entries in %.0f s\n", l.Size(), time.Since(start).Seconds())
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		// What is left to do after so many entries at once takes memory for a while, as making it does. The next run
		// measures a process that only asks.
		if l, err = badgerledger.Open(dir, &ledger.Options{Index: trace.Index}); err != nil {
			b.Fatal(err)
		}
		settle(b, dir)
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
		return
	}
	repo, err := trace.Open(b.Context(), l, &trace.Options{Now: func() time.Time { return scaleStart.AddDate(0, 6, 0) }})
	if err != nil {
		b.Fatal(err)
	}
	// Packs in an order without order, the same ones again and again: the caches of the system are warm, ours are small.
	pick := func(i int) int { return int(uint32(i*7919+i/3)*2654435761>>8) % s.packs }
	s.measure(b, "History", 20_000, func(i int) error {
		events, err := repo.History(b.Context(), s.pack(pick(i)))
		if err == nil && len(events) != 5 {
			err = fmt.Errorf("pack %d: %d events", pick(i), len(events))
		}
		return err
	})
	s.measure(b, "Custody", 20_000, func(i int) error {
		c, err := repo.Custody(b.Context(), s.pack(pick(i)))
		if err == nil && (c.Holder != s.shop(pick(i)) || len(c.Findings) > 0) {
			err = fmt.Errorf("pack %d: %+v", pick(i), c)
		}
		return err
	})
	s.measure(b, "Verify", 20_000, func(i int) error {
		n := pick(i)
		v, err := repo.Verify(b.Context(), scan("(01)08935001000020(17)280331(10)"+s.lot(n)+"(21)"+s.serial(n)), s.shop(n))
		if err == nil && !v.Dispensable {
			err = fmt.Errorf("pack %d: %+v", n, v)
		}
		return err
	})
	s.measure(b, "Lot", 20, func(int) error {
		report, err := repo.Lot(b.Context(), s.class(0))
		if err == nil && (report.Goods.Made != scaleMoves*10 || report.Goods.Dispensed != scaleMoves/10*5) {
			err = fmt.Errorf("%+v", report.Goods)
		}
		return err
	})
	fmt.Print(memory(b))
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("%d entries, %.1f bytes on the disk for each\n", l.Size(), float64(du(b, dir))/float64(l.Size()))
}

// measure runs a lookup n times, after a tenth as many to warm up, and reports how long half of the runs and all but one
// in a hundred took.
func (s *scale) measure(b *testing.B, name string, n int, lookup func(i int) error) {
	b.Run(name, func(b *testing.B) {
		took := make([]time.Duration, 0, n)
		for i := range n + n/10 {
			start := time.Now()
			if err := lookup(i); err != nil {
				b.Fatal(err)
			}
			if i >= n/10 {
				took = append(took, time.Since(start))
			}
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		b.ReportMetric(0, "ns/op")
	})
}

// scale is what the ledger holds.
type scale struct {
	packs int
	cases bool // the packs of a delivery travel in a case
}

var scaleStart = time.Date(2026, 1, 5, 8, 0, 0, 0, time.FixedZone("", 7*3600))

func (s *scale) serial(n int) string { return fmt.Sprintf("K%07dX%d", n*7919%10_000_000, n%7) }
func (s *scale) lot(n int) string    { return fmt.Sprintf("TN26%04d", n/2000) }
func (s *scale) pack(n int) gs1.EPC {
	return epc("https://id.gs1.org/01/08935001000020/21/" + s.serial(n))
}
func (s *scale) class(n int) gs1.EPC {
	return epc(fmt.Sprintf("https://id.gs1.org/01/08935001000037/10/G26%04d", n))
}

// shop is who has a pack in the end: one of 500.
func (s *scale) shop(n int) trace.Party { return trace.Party(fmt.Sprintf("79-%05d", n/20%500)) }

// events yields what happened. A delivery has 20 packs, and each of its five steps comes 2,000 deliveries behind the one
// before, or as many as a smaller ledger has room for. The movements of goods come between.
func (s *scale) events() iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		at := scaleStart
		stopped := false
		hop := func(h trace.Hop) {
			if stopped {
				return
			}
			at = at.Add(100 * time.Millisecond)
			h.Time = at
			e, err := h.Event()
			stopped = !yield(e, err) || err != nil
		}
		deliveries := s.packs / 20
		apart := min(2000, deliveries/10)
		rounds := deliveries + 4*apart
		moved := 0
		for round := 0; round < rounds && !stopped; round++ {
			for step := range 5 {
				d := round - step*apart
				if d < 0 || d >= deliveries {
					continue
				}
				if s.cases {
					hop(s.delivery(step, d))
					continue
				}
				for n := 20 * d; n < 20*d+20; n++ {
					hop(s.hop(step, n))
				}
			}
			for ; moved < scaleMoves*(round+1)/rounds; moved++ {
				s.move(hop, moved)
			}
		}
	}
}

// hop is one step of a pack: from the maker by way of the distributor to a shop.
func (s *scale) hop(step, n int) trace.Hop {
	h := trace.Hop{EPCs: []gs1.EPC{s.pack(n)}, By: maker, Lot: s.lot(n), Expiry: "280300"}
	switch step {
	case 0:
		h.Step = trace.Commissioning
	case 1:
		h.Step, h.To, h.Document = trace.Shipping, distributor, fmt.Sprintf("PX-%06d", n/20)
	case 2:
		h.Step, h.By, h.From, h.Document = trace.Receiving, distributor, maker, fmt.Sprintf("PX-%06d", n/20)
	case 3:
		h.Step, h.By, h.To, h.Document = trace.Shipping, distributor, s.shop(n), fmt.Sprintf("XK-%06d", n/20)
	case 4:
		h.Step, h.By, h.From, h.Document = trace.Receiving, s.shop(n), distributor, fmt.Sprintf("XK-%06d", n/20)
	}
	if step > 0 {
		h.Lot, h.Expiry = "", ""
	}
	return h
}

// delivery is one step of the twenty packs of a delivery: they are made, packed in a case that is shipped to a shop, and
// unpacked there.
func (s *scale) delivery(step, d int) trace.Hop {
	h := s.hop(0, 20*d)
	for n := 20*d + 1; n < 20*d+20; n++ {
		h.EPCs = append(h.EPCs, s.pack(n))
	}
	if step == 0 {
		return h
	}
	number := fmt.Sprintf("18935001%09d", d)
	check, err := gs1.CheckDigit(number)
	if err != nil {
		panic(err)
	}
	box := epc("https://id.gs1.org/00/" + number + string(check))
	h.Lot, h.Expiry = "", ""
	switch step {
	case 1:
		h.Step, h.Parent = trace.Packing, box
	case 2:
		h.Step, h.To, h.EPCs, h.Document = trace.Shipping, s.shop(20*d), []gs1.EPC{box}, fmt.Sprintf("PX-%06d", d)
	case 3:
		h.Step, h.By, h.From, h.EPCs, h.Document = trace.Receiving, s.shop(20*d), maker, []gs1.EPC{box}, fmt.Sprintf("PX-%06d", d)
	case 4:
		h.Step, h.By, h.Parent, h.EPCs = trace.Unpacking, s.shop(20*d), box, nil
	}
	return h
}

// move is one movement of the first lot; now and then one of another lot comes along.
func (s *scale) move(hop func(trace.Hop), n int) {
	goods := func(lot int, count int64) []trace.Goods { return []trace.Goods{{Class: s.class(lot), Count: count}} }
	switch n % 10 {
	case 0: // a hundred are made, and shipped by ten
		hop(trace.Hop{Step: trace.Commissioning, By: maker, Goods: goods(0, 100), Lot: "G260000", Expiry: "280300"})
		other := 1 + n/10%(scaleLots-1)
		hop(trace.Hop{Step: trace.Commissioning, By: maker, Goods: goods(other, 100), Lot: fmt.Sprintf("G26%04d", other), Expiry: "280300"})
	case 1, 3, 5, 7:
		hop(trace.Hop{Step: trace.Shipping, By: maker, To: s.shop(n * 20), Goods: goods(0, 20), Document: fmt.Sprintf("PG-%06d", n)})
	case 2, 4, 6, 8:
		hop(trace.Hop{Step: trace.Receiving, By: s.shop((n - 1) * 20), From: maker, Goods: goods(0, 20), Document: fmt.Sprintf("PG-%06d", n-1)})
	default:
		hop(trace.Hop{Step: trace.Dispensing, By: s.shop((n - 2) * 20), Goods: goods(0, 5), Price: 60_000})
	}
}

// settle waits until the files of a ledger have not changed for a while.
func settle(b *testing.B, dir string) {
	for before := ""; ; {
		files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
		if err != nil {
			b.Fatal(err)
		}
		now := strings.Join(files, "\n")
		if now == before {
			return
		}
		before = now
		time.Sleep(2 * time.Second)
	}
}

// du returns what the files of a folder take.
func du(b *testing.B, dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// memory tells what the process takes and took, where the system says so.
func memory(b *testing.B) string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return ""
	}
	var out strings.Builder
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") || strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "Rss") {
			out.WriteString(line)
		}
	}
	return out.String()
}
