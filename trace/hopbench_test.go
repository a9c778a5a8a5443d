package trace

import (
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// benchHops are the two hops that a pharmacy records most: a sale to somebody, and what it receives.
func benchHops(tb testing.TB) []Hop {
	epc := func(uri string) gs1.EPC {
		e, err := gs1.ParseEPC(uri)
		if err != nil {
			tb.Fatal(err)
		}
		return e
	}
	at := time.Date(2026, 7, 1, 9, 30, 15, 250_000_000, ict)
	return []Hop{
		{
			Step: Dispensing, Time: at, By: "79-00123", EPCs: []gs1.EPC{epc("https://id.gs1.org/01/08935001000020/21/P17X4")},
			Lot: "TN26AB01", Expiry: "280300", Price: 100_000,
		},
		{
			Step: Receiving, Time: at, By: "8935322000013", From: "8935001000013", Document: "PX-4711",
			EPCs: []gs1.EPC{epc("https://id.gs1.org/00/189350010000000232")},
		},
	}
}

// BenchmarkHop measures what Record does with a hop apart from reading and appending to the ledger: each of its steps by
// itself, and all of them together.
func BenchmarkHop(b *testing.B) {
	for _, h := range benchHops(b) {
		e, err := h.Event()
		if err != nil {
			b.Fatal(err)
		}
		e.RecordTime = e.Time.UTC().Add(time.Second)
		entries, err := encodeEvent(e, nil)
		if err != nil {
			b.Fatal(err)
		}
		run := func(name string, step func() error) {
			b.Run(string(h.Step)+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := step(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("Event", func() error { _, err := h.Event(); return err })
		run("Validate", e.Validate)
		run("Encode", func() error { _, err := encodeEvent(e, nil); return err })
		run("Decode", func() error { _, err := decodeEntry(entries[0]); return err })
		run("Index", func() error { _, _, err := Index(entries[0]); return err })
		run("Hash", func() error { e.Hash(CBV20); return nil })
		run("all", func() error {
			e, err := h.Event()
			if err != nil {
				return err
			}
			if err := e.Validate(); err != nil {
				return err
			}
			e.RecordTime = e.Time.UTC().Add(time.Second)
			entries, err := encodeEvent(e, nil)
			if err != nil {
				return err
			}
			e.judged()
			if _, _, err := Index(entries[0]); err != nil {
				return err
			}
			e.Hash(CBV20)
			return nil
		})
	}
}
