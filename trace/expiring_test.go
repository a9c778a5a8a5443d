package trace

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
)

// shelf is what is on the shelf of one place, kept by hand.
type shelf struct {
	count  int64
	packs  map[ID]bool
	expiry string
}

// What expires is what a clerk finds who keeps his own book of what came and went, lot by lot.
func TestExpiring(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 6000+seed)
		r := openTest(t)
		place := w.parties[0]
		record := func(h Hop) {
			w.now = w.now.Add(time.Minute)
			h.Time, h.By = w.now, place
			if _, err := r.Record(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
		book := make(map[ID]*shelf)
		for i := range 6 {
			lot := fmt.Sprintf("LOT%d", i)
			class := mustEPC(t, "https://id.gs1.org/01/08935001000020/10/"+lot)
			s := &shelf{packs: make(map[ID]bool)}
			if i < 5 { // the last one has no date
				s.expiry = w.now.AddDate(0, 0, w.rnd.IntN(60)).Format(time.DateOnly)
			}
			book[IDOf(class)] = s
			var packs []gs1.EPC
			for k := range w.rnd.IntN(4) {
				packs = append(packs, mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/%s-%d", lot, k)))
				s.packs[IDOf(packs[k])] = true
			}
			s.count = int64(w.rnd.IntN(50))
			record(Hop{Step: Commissioning, EPCs: packs, Goods: []Goods{{class, s.count + 1}}, Lot: lot, Expiry: s.expiry})
			record(Hop{Step: Dispensing, Goods: []Goods{{class, 1}}})
			for _, pack := range packs {
				if step := pick(w, []Step{Dispensing, Destroying, Quarantining, Counting}); step == Dispensing || step == Destroying {
					record(Hop{Step: step, EPCs: []gs1.EPC{pack}})
					delete(s.packs, IDOf(pack))
				} else {
					record(Hop{Step: step, EPCs: []gs1.EPC{pack}})
				}
			}
			if n := int64(w.rnd.IntN(30)); n > 0 {
				record(Hop{Step: Shipping, To: w.parties[1], Goods: []Goods{{class, n}}}) // perhaps more than there is
				s.count -= n
			}
		}
		for days := range 62 {
			until := w.now.AddDate(0, 0, days)
			type row struct {
				Class  ID
				Expiry string
				Count  int64
				Packs  int
			}
			var want []row
			for class, s := range book {
				if left, err := time.Parse(time.DateOnly, s.expiry); err != nil || !left.Before(until.Truncate(24*time.Hour)) {
					continue
				}
				if s.count > 0 || len(s.packs) > 0 {
					want = append(want, row{class, s.expiry, s.count, len(s.packs)})
				}
			}
			slices.SortFunc(want, func(a, b row) int { return cmp.Or(cmp.Compare(a.Expiry, b.Expiry), cmp.Compare(a.Class, b.Class)) })
			lines, err := r.Expiring(t.Context(), place, until)
			if err != nil {
				t.Fatal(err)
			}
			var got []row
			for _, l := range lines {
				for _, id := range l.Packs {
					if !book[IDOf(l.Class)].packs[id] {
						t.Errorf("seed %d: %s has %s", seed, l.Class, id)
					}
				}
				got = append(got, row{IDOf(l.Class), l.Expiry, l.Count, len(l.Packs)})
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("seed %d, until %s (-want +got):\n%s", seed, until, diff)
			}
		}
	}
}

// A shop's own ledger begins with the receiving: what was read there tells lot and expiry, until a commissioning does.
func TestExpiringAsRead(t *testing.T) {
	r := openTest(t)
	shop, day := Party("68-00417"), time.Date(2026, 3, 17, 13, 0, 0, 0, time.UTC)
	pack := mustEPC(t, "https://id.gs1.org/01/08935001000020/21/S1")
	record := func(h Hop, codes ...Code) {
		t.Helper()
		day = day.Add(time.Hour)
		h.Time, h.EPCs = day, []gs1.EPC{pack}
		receipt, err := r.Record(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		var got []Code
		for _, f := range receipt.Findings {
			got = append(got, f.Code)
		}
		if diff := gocmp.Diff(codes, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", h.Step, diff)
		}
	}
	want := func(lot, expiry string) {
		t.Helper()
		c, err := r.Custody(t.Context(), pack)
		if err != nil || c.Lot != lot || c.Expiry != expiry {
			t.Errorf("lot %q, expiry %q, %v, want %q, %q", c.Lot, c.Expiry, err, lot, expiry)
		}
		lines, err := r.Expiring(t.Context(), shop, day.AddDate(1, 0, 0))
		if err != nil || len(lines) != 1 || lines[0].Class.Value("10") != lot || lines[0].Expiry != expiry || len(lines[0].Packs) != 1 {
			t.Errorf("expiring %v, %v", lines, err)
		}
	}
	record(Hop{Step: Receiving, By: shop, From: "8936000560003", Lot: "L1", Expiry: "260531"}, ReceiveWithoutShip)
	want("L1", "2026-05-31")
	record(Hop{Step: Counting, By: shop, Lot: "L2", Expiry: "260630"})
	want("L1", "2026-05-31") // the first reading stands
	day = day.AddDate(-1, 0, 0)
	record(Hop{Step: Commissioning, By: "8936000120009", Lot: "L3", Expiry: "260731"})
	day = day.AddDate(1, 0, 0)
	want("L3", "2026-07-31")
	day = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	record(Hop{Step: Dispensing, By: shop}, ExpiredDispensed)
}
