package trace

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
)

// packHistory records what happens to some packs by parties that mostly keep to the order of things, and calls check before
// each event. With cases, packs come and go in two cases with an SSCC and one with a serial number, and cases in one another.
func packHistory(t *testing.T, r *Repository, rnd *rand.Rand, n int, cases bool, check func(*Event)) {
	t.Helper()
	boxes := []gs1.EPC{mustEPC(t, "https://id.gs1.org/00/189350010000000232"), mustEPC(t, "https://id.gs1.org/00/189350010000000249"),
		mustEPC(t, "https://id.gs1.org/01/18935001000027/21/C")}
	parties := []Party{"8935001000013", "8935322000013", "79-00123", "79-00124", "https://example.vn/nha-thuoc"}
	lots := []string{"", "TN26AB01", "TN26AB02"}
	one := func(list []Party) Party { return list[rnd.IntN(len(list))] }
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, ict)
	at0 := at
	holders := make(map[int]Party)
	docs := make(map[int]string)
	for range n {
		if at = at.Add(time.Duration(rnd.IntN(5000)) * time.Millisecond); rnd.IntN(20) == 0 {
			at = at.Add(time.Hour)
		}
		pack := rnd.IntN(8)
		by := holders[pack]
		if by == "" || rnd.IntN(8) == 0 {
			by = one(parties)
		}
		h := Hop{By: by, Time: at, EPCs: []gs1.EPC{mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/S%d", pack))}}
		if other := (pack + 1) % 8; rnd.IntN(6) == 0 {
			h.EPCs = append(h.EPCs, mustEPC(t, fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/S%d", other)))
		}
		if box := rnd.IntN(len(boxes)); cases && rnd.IntN(5) < 2 {
			switch rnd.IntN(5) {
			case 0:
				h.EPCs = []gs1.EPC{boxes[box]}
			case 1:
				if rnd.IntN(4) > 0 {
					h.EPCs = nil
				}
				h.EPCs = append(h.EPCs, boxes[box])
			case 2:
				h.Parent = boxes[box]
			case 3:
				h.Parent = boxes[box]
				if rnd.IntN(4) > 0 {
					h.EPCs = nil
				}
				h.EPCs = append(h.EPCs, boxes[(box+1)%len(boxes)])
			case 4:
				h.Parent, h.EPCs = boxes[box], nil
			}
		}
		calm := cases && rnd.IntN(9) > 0 // what happens to a case is told of all that it ever held
		if calm {
			at = at.Add(time.Second)
			h.Time = at
		}
		if !calm && rnd.IntN(15) == 0 {
			h.Time = at0.Add(time.Duration(rnd.Int64N(int64(at.Sub(at0)) + 1))) // it comes late
		}
		steps := []Step{Commissioning, Shipping, Receiving, Shipping, Receiving, Dispensing, Dispensing, Quarantining, Releasing,
			VoidingShipping, Returning, Sampling, Destroying, Losing}
		switch {
		case h.EPCs == nil:
			steps = []Step{Unpacking}
		case !h.Parent.IsZero():
			steps = []Step{Packing, Unpacking}
		}
		switch steps[rnd.IntN(len(steps))] {
		case Packing:
			h.Step = Packing
		case Unpacking:
			h.Step = Unpacking
		case Commissioning:
			h.Step, h.Lot, h.Expiry = Commissioning, lots[1], "280300"
		case Shipping:
			h.Step, h.To, h.Document = Shipping, one(parties), fmt.Sprintf("D%d", rnd.IntN(40))
			docs[pack], holders[pack] = h.Document, h.To
		case Receiving:
			h.Step, h.Document, h.From = Receiving, docs[pack], one(parties)
			if rnd.IntN(10) == 0 {
				h.Document = fmt.Sprintf("D%d", rnd.IntN(40))
			}
			if rnd.IntN(4) == 0 {
				h.Lot, h.Expiry = lots[rnd.IntN(len(lots))], "2028-03-31"
			}
		case Dispensing:
			h.Step, h.Lot, h.Price = Dispensing, lots[rnd.IntN(len(lots))], int64(rnd.IntN(3))*1000
			if len(h.EPCs) == 1 {
				h.Units = int64(rnd.IntN(2))
			}
			if rnd.IntN(2) == 0 {
				h.Expiry = []string{"280300", "2028-03-30", "251231"}[rnd.IntN(3)]
			}
		case Returning:
			h.Step, h.To, h.Document = Returning, one(parties), docs[pack]
		case VoidingShipping:
			h.Step, h.Document = VoidingShipping, docs[pack]
		case Quarantining:
			h.Step = Quarantining
		case Releasing:
			h.Step = Releasing
		case Sampling:
			h.Step = Sampling
		case Destroying:
			h.Step = Destroying
		case Losing:
			h.Step = Losing
		}
		e, err := h.Event()
		if err != nil {
			t.Fatal(err)
		}
		if rnd.IntN(40) == 0 {
			recall := Hop{Step: Recalling, Time: at, By: parties[0], Goods: []Goods{{mustEPC(t, "https://id.gs1.org/01/08935001000020/10/"+lots[1+rnd.IntN(2)]), 1}}}
			if _, err := r.Record(t.Context(), recall); err != nil {
				t.Fatal(err)
			}
		}
		check(e)
		receipt, err := r.Capture(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if !calm && rnd.IntN(60) == 0 {
			if _, err := r.UndoEvent(t.Context(), receipt.Index, e.Actor()); err == nil {
				holders[pack] = ""
			}
		}
	}
}

// What trails call in order has no findings by the records, and most of what has none is told by trails.
func TestTrailsEqualRecords(t *testing.T) {
	clean, told, odd, inCases := 0, 0, 0, 0
	for seed := range *seeds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 31))
		r := openTest(t)
		r.verified = true // the findings are those of the records
		if seed%2 == 0 {
			r.known = (&Register{
				Establishments: []Establishment{{Party: "79-00124", Suspended: time.Date(2026, 1, 5, 8, 2, 0, 0, ict)}},
				Products:       []Product{{GTIN: "08935001000020", MaxPrice: 1000}},
			}).index()
		}
		packHistory(t, r, rnd, 120, seed%4 > 1, func(e *Event) {
			s := &stored{Event: e, index: -1}
			objects := e.judged()
			if len(objects) == 0 || !s.foldable(objects) {
				return
			}
			findings, _, _, err := r.judge(t.Context(), s, objects)
			if err != nil {
				t.Fatal(err)
			}
			r.verified = false
			defer func() { r.verified = true }()
			ok, err := r.inOrder(t.Context(), s)
			switch {
			case err != nil:
				t.Fatal(err)
			case ok && len(findings) > 0:
				t.Fatalf("seed %d: %s at %s is in order by the trails, and by the records there is\n%v", seed, e.BizStep, e.Time, findings)
			case len(findings) > 0:
				odd++
			case ok:
				clean, told = clean+1, told+1
				st, err := r.reader(s).story(t.Context(), objects...)
				if err != nil {
					t.Fatal(err)
				}
				if len(st.scope) > len(objects) {
					inCases++
				}
			default:
				clean++
			}
		})
	}
	t.Logf("%d events with findings, %d without, of which trails tell %d, %d of them of packs that were in cases", odd, clean, told, inCases)
	if n := int(*seeds); odd < 5*n || told < 5*n || inCases < n {
		t.Errorf("%d events with findings, %d in order by trails, %d in cases: too few to tell", odd, told, inCases)
	}
}

// A repository says of the events of packs what one says that reads every record.
func TestTrailsReceipts(t *testing.T) {
	for seed := range *seeds {
		slow, quick := openTest(t), openTest(t)
		slow.verified = true
		var want, got []*Receipt
		for _, one := range []struct {
			*Repository
			receipts *[]*Receipt
		}{{slow, &want}, {quick, &got}} {
			var events []*Event
			packHistory(t, one.Repository, rand.New(rand.NewPCG(uint64(seed), 32)), 60, seed%2 > 0, func(e *Event) { events = append(events, e) })
			for _, e := range events { // again: each has its receipt already
				receipt, err := one.Capture(t.Context(), e)
				if err != nil {
					t.Fatal(err)
				}
				*one.receipts = append(*one.receipts, receipt)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: receipts (-records +trails):\n%s", seed, diff)
		}
	}
}

// Whether the last hop, after the others, is seen to be in order by trails. Hops come at the minutes that they have, or one
// after the other.
func TestTrailsOfCases(t *testing.T) {
	pack, other := mustEPC(t, "https://id.gs1.org/01/08935001000020/21/A"), mustEPC(t, "https://id.gs1.org/01/08935001000020/21/B")
	box, pallet := mustEPC(t, "https://id.gs1.org/00/189350010000000232"), mustEPC(t, "https://id.gs1.org/00/189350010000000249")
	list := func(epcs ...gs1.EPC) []gs1.EPC { return epcs }
	const maker, shop = Party("8935001000013"), Party("79-00123")
	made := Hop{Step: Commissioning, By: maker, EPCs: list(pack, other), Lot: "L1", Expiry: "280300"}
	packed := Hop{Step: Packing, By: maker, EPCs: list(pack, other), Parent: box}
	stacked := Hop{Step: Packing, By: maker, EPCs: list(box), Parent: pallet}
	shipped := func(epcs ...gs1.EPC) Hop {
		return Hop{Step: Shipping, By: maker, To: shop, EPCs: epcs, Document: "PX-1"}
	}
	received := func(epcs ...gs1.EPC) Hop {
		return Hop{Step: Receiving, By: shop, From: maker, EPCs: epcs, Document: "PX-1"}
	}
	unpacked := func(parent gs1.EPC, epcs ...gs1.EPC) Hop {
		return Hop{Step: Unpacking, By: shop, Parent: parent, EPCs: epcs}
	}
	sold := Hop{Step: Dispensing, By: shop, EPCs: list(pack)}
	asset := packed
	asset.Parent = mustEPC(t, "https://id.gs1.org/8003/08935001000013A1")
	at := func(h Hop, minutes int) Hop {
		h.Time = time.Date(2026, 1, 5, 8, minutes, 0, 0, ict)
		return h
	}
	for _, tt := range []struct {
		name string
		hops []Hop
		want bool
	}{
		{"a case is shipped", []Hop{made, packed, shipped(box)}, true},
		{"a case is received", []Hop{made, packed, shipped(box), received(box)}, true},
		{"a pack of an unpacked case", []Hop{made, packed, shipped(box), received(box), unpacked(box), sold}, true},
		{"a pack taken out of its case", []Hop{made, packed, shipped(box), received(box), unpacked(box, pack), sold}, true},
		{"a pack that is still in its case", []Hop{made, packed, shipped(box), received(box), unpacked(box, other), sold}, true},
		{"a case on a pallet", []Hop{made, packed, stacked, shipped(pallet), received(pallet), unpacked(pallet), unpacked(box), sold}, true},
		{"a case that did not arrive", []Hop{made, packed, shipped(box), unpacked(box), sold}, false},
		{"another case was shipped", []Hop{made, packed, shipped(pallet), received(pallet), sold}, false},
		{"taken out before it was shipped", []Hop{made, packed, unpacked(box, pack), shipped(box), received(box), sold}, false},
		{"an asset with a number", []Hop{made, asset, sold}, false},
		{"a case and a pack in it", []Hop{made, packed, shipped(box, pack), received(box), sold}, false},
		{"two events of a case at one time", []Hop{at(made, 0), at(shipped(box), 1), at(packed, 1), at(received(box), 2), at(sold, 3)}, false},
		{"a case is unpacked when its pack is released", []Hop{at(made, 0), at(packed, 1), at(shipped(box), 2), at(received(box), 3),
			at(unpacked(box), 4), at(Hop{Step: Releasing, By: shop, EPCs: list(pack)}, 4), at(sold, 5)}, false},
		{"one that comes late", []Hop{at(made, 0), at(shipped(box), 2), at(received(box), 3), at(packed, 1), at(sold, 4)}, true},
	} {
		r := openTest(t)
		for i, h := range tt.hops {
			if h.Time.IsZero() {
				h = at(h, i)
			}
			e, err := h.Event()
			if err != nil {
				t.Fatal(tt.name, err)
			}
			if i < len(tt.hops)-1 {
				if _, err := r.Capture(t.Context(), e); err != nil {
					t.Fatal(tt.name, err)
				}
				continue
			}
			if ok, err := r.inOrder(t.Context(), &stored{Event: e, index: -1}); err != nil || ok != tt.want {
				t.Errorf("%s: %t, %v, want %t", tt.name, ok, err, tt.want)
			}
		}
	}
}

// The trail of FORMAT.md, and those of events that have none.
func TestTrail(t *testing.T) {
	pack := []gs1.EPC{mustEPC(t, "https://id.gs1.org/01/08935001000020/21/A")}
	at := time.Date(2026, 1, 5, 8, 0, 0, 0, ict)
	for _, tt := range []struct {
		name   string
		hop    Hop
		change func(*Event)
		want   string
	}{
		{"commissioning", Hop{Step: Commissioning, EPCs: pack, Lot: "L1", Expiry: "280300"}, nil, "695b0d10431acadc251f60d900531a"},
		{"receiving", Hop{Step: Receiving, EPCs: pack, Document: "PX-1"}, nil, "695b0d10541acadc253982417e"},
		{"between two seconds", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Time = e.Time.Add(time.Microsecond) }, "695b0d105c1acadc25"},
		{"before 1970", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Time = time.Unix(-1, 0) }, "-"},
		{"wrong", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Error = &ErrorDeclaration{Time: at} }, "-"},
		{"no usual step", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Disposition = DispDamaged }, "-"},
		{"no date", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Extensions = []Field{NewField("exp", "soon")} }, "-"},
		{"with a parent", Hop{Step: Dispensing, EPCs: pack}, func(e *Event) { e.Parent = "urn:x:1" }, "-"},
	} {
		tt.hop.By, tt.hop.Time = "79-00123", at
		e, err := tt.hop.Event()
		if err != nil {
			t.Fatal(err)
		}
		if tt.change != nil {
			tt.change(e)
		}
		got := fmt.Sprintf("%x", e.trail(nil, listed))
		if tt.want == "-" && got != "" || tt.want != "-" && got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	box := mustEPC(t, "https://id.gs1.org/00/189350010000000232")
	for _, tt := range []struct {
		name string
		hop  Hop
		as   role
		want string
	}{
		{"packed", Hop{Step: Packing, EPCs: pack, Parent: box}, content, "02a0b4d4b44444e8"},
		{"packing", Hop{Step: Packing, EPCs: pack, Parent: box}, container, "695b0d10441acadc25"},
		{"unpacked", Hop{Step: Unpacking, EPCs: pack, Parent: box}, content, "02a0b4d4b44444e8"},
		{"unpacking", Hop{Step: Unpacking, EPCs: pack, Parent: box}, container, "695b0d10481acadc25"},
		{"unpacking all", Hop{Step: Unpacking, Parent: box}, container, "695b0d104a1acadc25"},
		{"in a pack", Hop{Step: Packing, EPCs: pack, Parent: mustEPC(t, "https://id.gs1.org/01/08935001000020/21/A")}, content, "0820578f8854bb372d3a7a3caab6"},
		{"in what has no trail", Hop{Step: Packing, EPCs: pack, Parent: mustEPC(t, "https://id.gs1.org/8003/08935001000013A1")}, content, ""},
	} {
		tt.hop.By, tt.hop.Time = "79-00123", at
		e, err := tt.hop.Event()
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", e.trail(nil, tt.as)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzTrail reads any bytes, and holds what it understands against itself.
func FuzzTrail(f *testing.F) {
	e := Event{Type: ObjectEvent, Action: Observe, Time: time.Unix(1767600000, 0), BizStep: BizStepShipping, Disposition: DispInTransit,
		ReadPoint: "urn:dauvet:co-so:79-00123", BizTransactions: []BizTransaction{{"", "urn:epcglobal:cbv:bt:8935001000013:1"}},
		Extensions: []Field{NewField("lot", "L1"), NewField("exp", "2028-03-31")}}
	f.Add(e.trail(nil, listed))
	packing := Event{Type: AggregationEvent, Action: Delete, Time: e.Time, BizStep: BizStepUnpacking, Disposition: DispInProgress,
		ReadPoint: e.ReadPoint, Parent: canonicalStem + "/00/189350010000000232"}
	f.Add(packing.trail(nil, container))
	f.Add(packing.trail(nil, content))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, ok := parseTrail(slices.Clone(b))
		if len(b) > maxTrail && ok {
			t.Fatalf("%x: longer than any trail", b)
		}
		if ok && s.as != content && (s.as == listed) != (s.how.kind == ObjectEvent) || s.document != noName && !s.how.step.moves() {
			t.Fatalf("%x: %+v", b, s)
		}
	})
}
