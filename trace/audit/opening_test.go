package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// shopLedger returns the ledger of a shop that got packs and goods and sold some, with an event that takes several records.
func shopLedger(t testing.TB, events int) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index, Origin: "example.com/shop", Signers: testSigners()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	clock := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	repo, err := trace.Open(t.Context(), l, &trace.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	var stock []gs1.EPC
	parse := func(format string, args ...any) gs1.EPC {
		epc, err := gs1.ParseEPC(fmt.Sprintf(format, args...))
		if err != nil {
			t.Fatal(err)
		}
		return epc
	}
	for i := range events {
		clock = clock.Add(time.Hour)
		h := trace.Hop{By: "68-00417", Document: fmt.Sprint(i)}
		switch {
		case i%10 == 0:
			h.Step, h.From = trace.Receiving, "8936000120009"
			n := 8
			if i == 100 {
				n = 9000
			}
			for j := range n {
				h.EPCs = append(h.EPCs, parse("https://id.gs1.org/01/08936000123451/21/%d-%d", i, j))
			}
			stock = append(stock, h.EPCs[:8]...)
			h.Goods = []trace.Goods{{Class: parse("https://id.gs1.org/01/08936000123451/10/L%d", i/100), Count: 20}}
		case i%3 == 0:
			h.Step = trace.Dispensing
			h.Goods = []trace.Goods{{Class: parse("https://id.gs1.org/01/08936000123451/10/L%d", i/100), Count: 3}}
		default:
			k := r.IntN(len(stock))
			h.Step, h.EPCs = trace.Dispensing, stock[k:k+1]
			if stock = slices.Delete(slices.Clone(stock), k, k+1); len(stock) == 0 {
				stock = append(stock, parse("https://id.gs1.org/01/08936000123451/21/again-%d", i))
			}
		}
		if _, err := repo.Record(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// TestOpening exports ranges of a shop and checks each record from before: that it is the ledger's, and has a proof.
func TestOpening(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	l := shopLedger(t, 700)
	for _, first := range []int64{1, 2, 99, 120, 255, 256, 257, 300, 512, 640, l.Size() - 1, l.Size()} {
		opts := &audit.ExportOptions{First: first, Next: min(first+90, l.Size()), Seen: []int64{first / 2}}
		file := export(t, l, opts)
		if !bytes.Equal(file, export(t, l, opts)) {
			t.Errorf("%d: exported again, it has other bytes", first)
		}
		b, err := open(file, keysOf(l))
		if err != nil {
			t.Fatalf("%d: %v", first, err)
		}
		n := int64(0)
		for rec, err := range b.RecordsBefore(t.Context()) {
			if err != nil {
				t.Fatalf("%d: %v", first, err)
			}
			n++
			own, err := l.Read(t.Context(), rec.Index)
			if err != nil || rec.Index >= first || !bytes.Equal(own.Data, rec.Data) {
				t.Fatalf("%d: record %d: %v", first, rec.Index, err)
			}
			if n%17 != 1 {
				continue
			}
			proof, err := b.Prove(rec.Index)
			if err != nil {
				t.Fatalf("%d: prove %d: %v", first, rec.Index, err)
			}
			if _, _, err := ledger.VerifyInclusion(proof, rec.Data, l.VerifierKey()); err != nil {
				t.Errorf("%d: proof of %d: %v", first, rec.Index, err)
			}
		}
		if n != b.Before || n == 0 {
			t.Errorf("%d: %d records before, the bundle says %d", first, n, b.Before)
		}
		for rec, err := range b.Opening(t.Context()) {
			if err != nil || rec.Event.Validate() != nil {
				t.Errorf("%d: record %d: %v", first, rec.Index, err)
			}
		}
		if _, err := b.Prove(first - 1); first > 130 && first < 255 && err != nil && !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%d: %v", first, err)
		}
	}
}

// TestOpeningDamage changes bytes of a bundle with an opening: each is found.
func TestOpeningDamage(t *testing.T) {
	l := shopLedger(t, 400)
	file := export(t, l, &audit.ExportOptions{First: 300})
	r := rand.New(rand.NewPCG(3, 4))
	for range *places {
		at, bit := r.IntN(len(file)), byte(1)<<r.IntN(8)
		file[at] ^= bit
		_, err := open(file, keysOf(l))
		var damage *audit.DamageError
		if !errors.As(err, &damage) && !errors.Is(err, ledger.ErrProof) {
			t.Errorf("byte %d: %v", at, err)
		}
		file[at] ^= bit
	}
	for _, cut := range []int{0, 7, 8, 100, len(file) / 2, len(file) - 1} {
		if _, err := open(file[:cut], keysOf(l)); err == nil {
			t.Errorf("cut at %d: no error", cut)
		}
	}
}
