package trace

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
)

// More seeds make more histories of every kind.
var seeds = flag.Uint64("seeds", 30, "how many histories each test of properties makes up")

// histories is how many that are: fewer under -short, which the race detector and 32-bit runs have.
func histories() uint64 {
	if testing.Short() {
		return (*seeds + 5) / 6
	}
	return *seeds
}

// world makes up histories. Its packs, boxes and lots are few, so that things happen to them.
type world struct {
	rnd     *rand.Rand
	parties []Party
	packs   []gs1.EPC
	boxes   []gs1.EPC
	lots    []gs1.EPC
	now     time.Time
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		rnd:     rand.New(rand.NewPCG(seed, 20260105)),
		parties: []Party{"8935001000013", "8935210000019", "8935322000013", "79-00123"},
		now:     time.Date(2026, 1, 5, 8, 0, 0, 0, time.FixedZone("", 7*3600)),
	}
	for i := range 5 {
		w.packs = append(w.packs, mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/S%d", i)))
	}
	for _, box := range []string{"189350010000000232", "189350010000000249"} {
		w.boxes = append(w.boxes, mustEPC(t, "https://id.gs1.org/00/"+box))
	}
	for i := range 2 {
		w.lots = append(w.lots, mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/10/LOT%d", i)))
	}
	return w
}

func mustEPC(t *testing.T, uri string) gs1.EPC {
	t.Helper()
	epc, err := gs1.ParseEPC(uri)
	if err != nil {
		t.Fatal(err)
	}
	return epc
}

func pick[T any](w *world, list []T) T { return list[w.rnd.IntN(len(list))] }

// hop returns a hop that may or may not make sense. Some bear the time of the one before.
func (w *world) hop() Hop {
	if w.rnd.IntN(5) > 0 {
		w.now = w.now.Add(time.Duration(w.rnd.IntN(90)) * time.Minute)
	}
	h := Hop{
		Step: pick(w, []Step{Commissioning, Packing, Packing, Unpacking, Shipping, Shipping, Shipping, VoidingShipping,
			Receiving, Receiving, Receiving, Returning, Dispensing, Dispensing, Quarantining, Releasing, Recalling,
			Sampling, Destroying, Losing, Counting, Exporting}),
		Time: w.now,
		By:   pick(w, w.parties),
	}
	if w.rnd.IntN(2) == 0 {
		h.Document = fmt.Sprintf("PX-%d", w.rnd.IntN(8))
	}
	for _, pack := range w.packs {
		if w.rnd.IntN(3) == 0 {
			h.EPCs = append(h.EPCs, pack)
		}
	}
	for _, lot := range w.lots {
		if w.rnd.IntN(3) == 0 {
			h.Goods = append(h.Goods, Goods{lot, int64(1 + w.rnd.IntN(100))})
		}
	}
	switch h.Step {
	case Packing, Unpacking:
		h.Parent = w.boxes[0]
		if w.rnd.IntN(3) == 0 {
			h.Parent, h.EPCs, h.Goods = w.boxes[1], []gs1.EPC{w.boxes[0]}, nil
		}
	case Shipping, Returning:
		h.To = pick(w, w.parties)
	case Receiving:
		if w.rnd.IntN(2) == 0 {
			h.From = pick(w, w.parties)
		}
	case Commissioning:
		h.Lot, h.Expiry = "TN26AB01", "260300"
	}
	if h.Step != Packing && h.Step != Unpacking && w.rnd.IntN(3) == 0 {
		h.EPCs = append(h.EPCs, pick(w, w.boxes))
	}
	if len(h.EPCs)+len(h.Goods) == 0 && h.Step != Unpacking {
		h.EPCs = w.packs[:1]
	}
	return h
}

// history returns events, now and then one of them declared wrong.
func (w *world) history(t *testing.T, n int) []*Event {
	var events []*Event
	for len(events) < n {
		if len(events) > 0 && w.rnd.IntN(15) == 0 {
			wrong := *pick(w, events)
			wrong.Error = &ErrorDeclaration{Time: w.now, Reason: DidNotOccur}
			events = append(events, &wrong)
			continue
		}
		e, err := w.hop().Event()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func (w *world) objects() []gs1.EPC { return slices.Concat(w.packs, w.boxes, w.lots) }

func openTest(t *testing.T) *Repository {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Index: Index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	r, err := Open(t.Context(), l, &Options{Now: func() time.Time { return time.Unix(1767600000, 0).UTC() }})
	if err != nil {
		t.Fatal(err)
	}
	r.few = 0 // tests have few events, and facts are to answer for them
	return r
}

func captureAll(t *testing.T, r *Repository, events []*Event) {
	t.Helper()
	for _, e := range events {
		if _, err := r.Capture(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

var compareEPC = cmp.Comparer(func(a, b gs1.EPC) bool { return a == b })

// fullReplay folds all events at once, without any index, as the province does.
func fullReplay(events []*Event) *replay {
	wrong := make(map[string]bool)
	var list []*stored
	for i, e := range events {
		s := &stored{Event: e, index: int64(i)}
		if e.Error != nil {
			wrong[string(s.digest())] = true
			continue
		}
		list = append(list, s)
	}
	slices.SortFunc(list, before)
	list = slices.CompactFunc(list, (*stored).same)
	list = slices.DeleteFunc(list, func(s *stored) bool { return wrong[string(s.digest())] })
	r := newReplay(nil)
	for _, s := range list {
		r.note(s.Event)
	}
	for _, s := range list {
		r.apply(s)
	}
	return r
}

func TestLookupsEqualFullReplay(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, seed)
		events := w.history(t, 60)
		r := openTest(t)
		captureAll(t, r, events)
		full := fullReplay(events)
		for _, epc := range w.objects() {
			got, err := r.Custody(t.Context(), epc)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(full.custody(epc), got, compareEPC, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, %s: lookup differs from replay of the whole log (-want +got):\n%s", seed, epc, diff)
			}
		}
		for _, box := range w.boxes {
			packs, goods, err := r.Contents(t.Context(), box)
			if err != nil {
				t.Fatal(err)
			}
			u := full.known(IDOf(box))
			var wantPacks []ID
			for _, child := range u.packed() {
				if child.fate == inChain {
					wantPacks = append(wantPacks, child.id)
				}
			}
			slices.Sort(wantPacks)
			if !slices.Equal(packs, wantPacks) || len(goods) != len(u.goods()) {
				t.Fatalf("seed %d, %s: contents %v and %v, want %v and %v", seed, box, packs, goods, wantPacks, u.goods())
			}
		}
		for _, party := range w.parties {
			lines, err := r.Stock(t.Context(), party)
			if err != nil {
				t.Fatal(err)
			}
			var goods, packs, wantGoods, wantPacks int64
			for _, line := range lines {
				goods, packs = goods+line.Count, packs+int64(len(line.Packs))
			}
			for _, s := range full.stocks {
				wantGoods += s.held[party]
			}
			for _, u := range full.units {
				if u.holder == party && u.id.class("") != "" {
					wantPacks++
				}
			}
			if goods != wantGoods || packs != wantPacks {
				t.Fatalf("seed %d, stock of %s: %d units and %d packs, want %d and %d", seed, party, goods, packs, wantGoods, wantPacks)
			}
		}
	}
}

func TestArrivalOrderDoesNotMatter(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 1000+seed)
		events := w.history(t, 50)
		r := openTest(t)
		captureAll(t, r, events)
		shuffled := slices.Clone(events)
		w.rnd.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		late := openTest(t)
		captureAll(t, late, shuffled)
		for _, epc := range w.objects() {
			want, err := r.Custody(t.Context(), epc)
			if err != nil {
				t.Fatal(err)
			}
			got, err := late.Custody(t.Context(), epc)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, compareEPC); diff != "" {
				t.Fatalf("seed %d, %s: shuffled arrival (-want +got):\n%s", seed, epc, diff)
			}
		}
	}
}

func TestMassBalance(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 2000+seed)
		r := openTest(t)
		captureAll(t, r, w.history(t, 80))
		for _, lot := range w.lots {
			c, err := r.Custody(t.Context(), lot)
			if err != nil {
				t.Fatal(err)
			}
			in := c.Made + c.Entered + c.Adjusted
			out := c.Dispensed + c.Destroyed + c.Sampled + c.Lost + c.Consumed + c.Exported
			for _, b := range c.Balances {
				if b.Back < 0 || b.Back > max(b.Count, 0) {
					t.Errorf("seed %d: %d of %d held back", seed, b.Back, b.Count)
				}
				out += b.Count
			}
			for _, s := range c.InTransit {
				if s.Count < 0 {
					t.Errorf("seed %d: %d in transit", seed, s.Count)
				}
				out += s.Count
			}
			if in != out {
				t.Errorf("seed %d, %s: %d came in and %d is there: %+v", seed, lot, in, out, c)
			}
		}
	}
}

// TestOneHolder follows the packs of a world in which everybody does what he may, and knows from the outside where each
// pack is.
func TestOneHolder(t *testing.T) {
	type truth struct {
		holder Party // empty: in transit, or gone
		to     Party
		gone   bool
		parent ID
	}
	for seed := range histories() {
		w := newWorld(t, 3000+seed)
		r := openTest(t)
		maker := w.parties[0]
		record := func(h Hop) {
			w.now = w.now.Add(time.Minute)
			h.Time = w.now
			receipt, err := r.Record(t.Context(), h)
			if err != nil {
				t.Fatal(err)
			}
			if len(receipt.Findings) > 0 {
				t.Fatalf("seed %d: %s of %v: %v", seed, h.Step, h.EPCs, receipt.Findings)
			}
		}
		state := make(map[gs1.EPC]*truth)
		for _, pack := range w.packs {
			record(Hop{Step: Commissioning, By: maker, EPCs: []gs1.EPC{pack}})
			state[pack] = &truth{holder: maker}
		}
		box := w.boxes[0]
		var boxed []gs1.EPC
		boxAt, boxTo := maker, Party("")
		for range 60 {
			switch action := w.rnd.IntN(6); {
			case action == 0 && boxAt != "": // pack what is here
				pack := pick(w, w.packs)
				if s := state[pack]; s.holder == boxAt && s.parent == "" && !s.gone {
					record(Hop{Step: Packing, By: boxAt, Parent: box, EPCs: []gs1.EPC{pack}})
					s.parent, boxed = IDOf(box), append(boxed, pack)
				}
			case action == 1 && boxAt != "" && len(boxed) > 0:
				record(Hop{Step: Unpacking, By: boxAt, Parent: box})
				for _, pack := range boxed {
					state[pack].parent = ""
				}
				boxed = nil
			case action == 2 && len(boxed) > 0: // the box travels
				if boxAt != "" {
					boxTo = pick(w, w.parties)
					record(Hop{Step: Shipping, By: boxAt, To: boxTo, EPCs: []gs1.EPC{box}})
					boxAt = ""
				} else {
					record(Hop{Step: Receiving, By: boxTo, EPCs: []gs1.EPC{box}})
					boxAt, boxTo = boxTo, ""
				}
				for _, pack := range boxed {
					state[pack].holder, state[pack].to = boxAt, boxTo
				}
			case action == 3: // a pack travels alone
				pack := pick(w, w.packs)
				s := state[pack]
				switch {
				case s.gone || s.parent != "":
				case s.holder != "":
					s.to = pick(w, w.parties)
					record(Hop{Step: Shipping, By: s.holder, To: s.to, EPCs: []gs1.EPC{pack}})
					s.holder = ""
				default:
					record(Hop{Step: Receiving, By: s.to, EPCs: []gs1.EPC{pack}})
					s.holder, s.to = s.to, ""
				}
			case action == 4:
				pack := pick(w, w.packs)
				if s := state[pack]; !s.gone && s.parent == "" && s.holder != "" && w.rnd.IntN(4) == 0 {
					record(Hop{Step: Dispensing, By: s.holder, EPCs: []gs1.EPC{pack}})
					s.holder, s.gone = "", true
				}
			}
			for _, pack := range w.packs {
				c, err := r.Custody(t.Context(), pack)
				if err != nil {
					t.Fatal(err)
				}
				want := *state[pack]
				got := truth{c.Holder, c.To, c.Disposition == DispDispensed, c.Parent}
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(truth{})); diff != "" {
					t.Fatalf("seed %d, %s (-want +got):\n%s", seed, pack, diff)
				}
			}
		}
	}
}
