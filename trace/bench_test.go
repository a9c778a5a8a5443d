package trace_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// One core is to hash at least 50,000 events a second.
func BenchmarkHash(b *testing.B) {
	events := readProvince(b, "small")
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		events[i%len(events)].Hash(trace.CBV20)
		i++
	}
}

func BenchmarkAudit(b *testing.B) {
	events, reg := readProvince(b, "medium"), readMaster(b, "medium")
	b.ReportAllocs()
	for b.Loop() {
		trace.Audit(events, reg)
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}

// fill records five hops for each of some packs, twenty to a case, and returns the packs.
func fill(b *testing.B, repo *trace.Repository, n int) []gs1.EPC {
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	var all []gs1.EPC
	hop := func(h trace.Hop) {
		at = at.Add(time.Second)
		h.Time = at
		if _, err := repo.Record(b.Context(), h); err != nil {
			b.Fatal(err)
		}
	}
	for c := range n / 20 {
		var packs []gs1.EPC
		for i := range 20 {
			packs = append(packs, epc(fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/P%dX%d", c, i)))
		}
		sscc := fmt.Sprintf("18935001%09d", c)
		check, err := gs1.CheckDigit(sscc)
		if err != nil {
			b.Fatal(err)
		}
		box := epc("https://id.gs1.org/00/" + sscc + string(check))
		doc := fmt.Sprintf("PX-%d", c)
		hop(trace.Hop{Step: trace.Commissioning, By: maker, EPCs: packs, Lot: "TN26AB01", Expiry: "280300"})
		hop(trace.Hop{Step: trace.Packing, By: maker, EPCs: packs, Parent: box})
		hop(trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{box}, Document: doc})
		hop(trace.Hop{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{box}, Document: doc})
		hop(trace.Hop{Step: trace.Unpacking, By: pharmacy, Parent: box})
		all = append(all, packs...)
	}
	return all
}

func BenchmarkRepository(b *testing.B) {
	repo := open(&trace.Options{Now: time.Now})
	packs := fill(b, repo, 20_000)
	scans := make([]gs1.Message, len(packs))
	for i, p := range packs {
		scans[i] = scan("(01)08935001000020(17)280331(10)TN26AB01(21)" + p.Value("21"))
	}
	b.Run("History", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if events, err := repo.History(b.Context(), packs[i*7919%len(packs)]); err != nil || len(events) < 5 {
				b.Fatal(len(events), err)
			}
			i++
		}
	})
	b.Run("Custody", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if c, err := repo.Custody(b.Context(), packs[i*7919%len(packs)]); err != nil || c.Holder != pharmacy {
				b.Fatal(c, err)
			}
			i++
		}
	})
	b.Run("Verify", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if v, err := repo.Verify(b.Context(), scans[i*7919%len(scans)], pharmacy); err != nil || !v.Dispensable {
				b.Fatal(v, err)
			}
			i++
		}
	})
	b.Run("Record", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			h := trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: packs[i%len(packs) : i%len(packs)+1], Lot: "TN26AB01", Price: 100_000}
			if _, err := repo.Record(b.Context(), h); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
}

func BenchmarkImport(b *testing.B) {
	events := readProvince(b, "small")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := open(nil).Import(b.Context(), all(events)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
