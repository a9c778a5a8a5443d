package trace

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dauvet/dauvet/gs1"
)

// What books tell is what the records say, whoever recorded them: two repositories write to one ledger, each with a memory
// of its own, and are asked in between. One that reads every record knows the answers.
func TestBooksEqualRecords(t *testing.T) {
	folded := 0
	for seed := range histories() {
		w := newWorld(t, 15_000+seed)
		events := w.history(t, 80)
		for i := range 3 { // late ones
			j := len(events) / 4 * (i + 1)
			events[j], events[j-5] = events[j-5], events[j]
		}
		recall, err := Hop{
			Step: Recalling, Time: events[40].Time.Add(time.Second), By: w.parties[0],
			Goods: []Goods{{mustEPC(t, "https://id.gs1.org/01/08935001000020/10/"+worldLot), 1}},
		}.Event()
		if err != nil {
			t.Fatal(err)
		}
		events = slices.Insert(events, 60, recall)
		slow, one := openTest(t), openTest(t)
		slow.verified = true
		two, err := Open(t.Context(), one.ledger, &Options{Now: one.now})
		if err != nil {
			t.Fatal(err)
		}
		if seed%3 == 0 {
			one.memory.most = 20 << 10 // four books or so
		}
		for i, e := range events {
			by := one
			if w.rnd.IntN(6) == 0 {
				by = two
			}
			got, err := by.Capture(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			want, err := slow.Capture(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, event %d: receipt (-records +books):\n%s", seed, i, diff)
			}
			for _, r := range []*Repository{one, two} {
				epc := pick(w, w.objects())
				a, err := slow.Custody(t.Context(), epc)
				if err != nil {
					t.Fatal(err)
				}
				b, err := r.Custody(t.Context(), epc)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(a, b, compareEPC, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("seed %d, %s after event %d: custody (-records +books):\n%s", seed, epc, i, diff)
				}
			}
			for _, b := range one.memory.books {
				if b.newest.Equal(e.Time) && by == one {
					folded++
				}
			}
			if one.memory.bytes > one.memory.most {
				t.Fatalf("seed %d: %d bytes of books", seed, one.memory.bytes)
			}
		}
		sameAnswers(t, fmt.Sprintf("seed %d: records and books", seed), ask(t, slow, w), ask(t, one, w))
		one.memory.dropAll(allBooks(one.memory))
		if m := one.memory; m.bytes != 0 || m.used.Len()+len(m.books)+len(m.within)+len(m.askers) > 0 {
			t.Fatalf("seed %d: of no book %d bytes are left, %v, %v and %v", seed, m.bytes, m.books, m.within, m.askers)
		}
	}
	if folded < 60 {
		t.Errorf("%d books with a last event: too few to tell", folded)
	}
}

func allBooks(m *memory) map[*book]bool {
	all := make(map[*book]bool)
	for _, b := range m.books {
		all[b] = true
	}
	return all
}

// A sale of a lot does not read what was sold before.
func TestSaleReadsNothing(t *testing.T) {
	r := openTest(t)
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	lot := mustEPC(t, "https://id.gs1.org/01/08935001000020/10/LOT0")
	hop := func(step Step, n int64) *Receipt {
		at = at.Add(time.Minute)
		receipt, err := r.Record(t.Context(), Hop{Step: step, Time: at, By: "79-00123", Goods: []Goods{{lot, n}}})
		if err != nil {
			t.Fatal(err)
		}
		return receipt
	}
	hop(Commissioning, 30)
	hop(Dispensing, 1)
	book := r.memory.books[IDOf(lot)]
	if book == nil {
		t.Fatal("nothing is known of the lot after a sale")
	}
	for range 29 {
		if f := hop(Dispensing, 1).Findings; len(f) > 0 {
			t.Fatal(f)
		}
		if r.memory.books[IDOf(lot)] != book {
			t.Fatal("the book of the lot was made anew")
		}
	}
	if f := hop(Dispensing, 1).Findings; len(f) != 1 || f[0].Code != BalanceNegative || f[0].Got != "-1" {
		t.Fatal(f)
	}
}

// Packs that are received one by one have one document, of which the shipments are read once.
func TestReceiptsReadOnce(t *testing.T) {
	r := openTest(t)
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	hop := func(step Step, serial int) []Finding {
		at = at.Add(time.Minute)
		h := Hop{Step: step, Time: at, By: "79-00123", From: "8935001000013", Document: "PX-1",
			EPCs: []gs1.EPC{mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/P%d", serial))}}
		if step != Receiving {
			h.By, h.From, h.To = h.From, "", h.By
		}
		receipt, err := r.Record(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		return receipt.Findings
	}
	const doc = "urn:epcglobal:cbv:bt:8935001000013:PX-1"
	for n := range 3 {
		if f := hop(Receiving, n); len(f) != 1 || f[0].Code != ReceiveWithoutShip {
			t.Fatalf("receipt %d without a shipment: %v", n, f)
		}
		if n, ok := r.memory.shipments[doc]; n != 0 || !ok {
			t.Fatalf("%d shipments are remembered, %t", n, ok)
		}
	}
	hop(Shipping, 4)
	if n, ok := r.memory.shipments[doc]; ok {
		t.Fatalf("%d shipments are remembered, though there is one more", n)
	}
	for n := 5; n < 8; n++ {
		if f := hop(Receiving, n); len(f) > 0 {
			t.Fatalf("receipt %d under a document with a shipment: %v", n, f)
		}
		if n := r.memory.shipments[doc]; n != 1 {
			t.Fatalf("%d shipments are remembered", n)
		}
	}
	hop(VoidingShipping, 4)
	if f := hop(Receiving, 8); len(f) != 1 {
		t.Fatalf("receipt after the shipment was voided: %v", f)
	}
}

// heap returns how many bytes are in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// The memory is bounded by what its books say that they take.
func TestBooksTakeWhatTheySay(t *testing.T) {
	r := openTest(t)
	r.memory.most = 1 << 30
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	const n = 1000
	id := func(i int) gs1.EPC {
		return mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/P%08d", i))
	}
	for i := range n {
		for step := range 5 {
			at = at.Add(time.Second)
			h := Hop{Time: at, EPCs: []gs1.EPC{id(i)}, By: "8935001000013"}
			switch step {
			case 0:
				h.Step, h.Lot, h.Expiry = Commissioning, "TN260001", "280300"
			case 1, 3:
				h.Step, h.To, h.Document = Shipping, "79-00123", fmt.Sprintf("PX-%d-%d", i/20, step)
			default:
				h.Step, h.By, h.From, h.Document = Receiving, "79-00123", "8935001000013", fmt.Sprintf("PX-%d-%d", i/20, step-1)
			}
			e, err := h.Event()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Import(t.Context(), func(yield func(*Event, error) bool) { yield(e, nil) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := heap()
	for i := range n {
		if _, err := r.Custody(t.Context(), id(i)); err != nil {
			t.Fatal(err)
		}
	}
	took := heap() - before
	if said := int64(r.memory.bytes); len(r.memory.books) != n || took > said || took < said/3 {
		t.Errorf("%d books take %d bytes, and say %d", len(r.memory.books), took, said)
	}
	runtime.KeepAlive(r)
}
