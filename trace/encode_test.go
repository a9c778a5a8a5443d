package trace

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var ict = time.FixedZone("", 7*3600)

// fullEvent has something in every field that an encoding has a key for. No valid event does.
func fullEvent() *Event {
	return &Event{
		EventID:          "urn:uuid:4e0b5d2c-6a32-4b5e-9b1c-0b6f0c0a7b11",
		Type:             AssociationEvent,
		Action:           Delete,
		Time:             time.Date(2026, 1, 5, 9, 42, 58, 342_000_001, ict),
		RecordTime:       time.Date(2026, 1, 5, 2, 43, 59, 749_000_000, time.UTC),
		Error:            &ErrorDeclaration{time.Date(2026, 2, 4, 21, 0, 0, 0, ict), IncorrectData, []string{"ni:///x"}, []Field{NewField("by", "QA")}},
		EPCs:             []ID{"https://id.gs1.org/01/08935001000020/21/A", "urn:uuid:1"},
		Quantities:       []Quantity{{"https://id.gs1.org/01/08935001000020/10/L", "12.50", "KGM"}, {"https://id.gs1.org/01/08935001000020", "", ""}},
		Parent:           "https://id.gs1.org/00/189350010000000232",
		ChildEPCs:        []ID{"https://id.gs1.org/01/08935001000020/21/B"},
		ChildQuantities:  []Quantity{{"https://id.gs1.org/01/08935001000020/10/M", "3", ""}},
		InputEPCs:        []ID{"https://id.gs1.org/01/08935001000020/21/C"},
		InputQuantities:  []Quantity{{"https://id.gs1.org/01/08935001000020/10/N", "4", ""}},
		OutputEPCs:       []ID{"https://id.gs1.org/01/08935001000020/21/D"},
		OutputQuantities: []Quantity{{"https://id.gs1.org/01/08935001000020/10/O", "5", ""}},
		TransformationID: "urn:epc:id:gdti:0614141.12345.400",
		BizStep:          BizStepUnpacking,
		Disposition:      "https://example.vn/cbv/ok",
		PersistentSet:    []Disposition{DispRecalled},
		PersistentOff:    []Disposition{DispAvailable},
		ReadPoint:        "https://id.gs1.org/414/8935001000013",
		BizLocation:      "urn:dauvet:co-so:79-00123",
		BizTransactions:  []BizTransaction{{BTTDespatchAdvice, "urn:epcglobal:cbv:bt:8935001000013:1"}, {"", "urn:x:y"}},
		Sources:          []SourceDest{{OwningParty, "https://id.gs1.org/417/8935001000013"}},
		Destinations:     []SourceDest{{Location, "https://id.gs1.org/414/8935322000013"}},
		Certifications:   []string{"https://example.vn/cert"},
		ILMD:             []Field{{"{urn:epcglobal:cbv:mda}lotNumber", Value{Text: "0123"}}},
		Extensions: []Field{
			{"{https://example.vn/}price", Value{Kind: Number, Text: "229500.00"}},
			{"{https://example.vn/}flags", Value{Kind: List, List: []Value{{Kind: Bool, Text: "true"}, {Kind: Null}, {Text: ""}}}},
			{"{https://example.vn/}nested", Value{Kind: Object, Fields: []Field{{"a", Value{Kind: Object}}, {"b", Value{Text: "x"}}}}},
		},
		ReadPointExt:   []Field{NewField("shelf", "A1")},
		BizLocationExt: []Field{NewField("shelf", "B2")},
		Sensors: []Value{{Kind: Object, Fields: []Field{
			{"sensorMetadata", Value{Kind: Object, Fields: []Field{{"time", Value{Text: "2026-01-05T09:42:58+07:00"}}}}},
			{"sensorReport", Value{Kind: List, List: []Value{{Kind: Object, Fields: []Field{{"type", Value{Text: "Temperature"}}, {"value", Value{Kind: Number, Text: "5.0"}}, {"uom", Value{Text: "CEL"}}}}}}},
		}}},
	}
}

func encodeOne(t testing.TB, e *Event) []byte {
	t.Helper()
	entries, err := encodeEvent(e, e.sum(CBV20))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	return entries[0]
}

func TestEncodeRoundTrip(t *testing.T) {
	want := fullEvent()
	data := encodeOne(t, want)
	en, err := decodeEntry(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, en.event); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, offset := en.event.Time.Zone(); offset != 7*3600 {
		t.Errorf("zone offset %d s", offset)
	}
	if again := encodeOne(t, en.event); !bytes.Equal(data, again) {
		t.Errorf("decoded event encodes to other bytes:\n%x\n%x", data, again)
	}
}

// FORMAT.md lists the words of CBV in the order of their numbers.
func TestFormatListsWords(t *testing.T) {
	format, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(format)), " ")
	for _, v := range []*vocabulary{&bizSteps, &dispositions, &documentTypes, &partyTypes, &errorReasons} {
		if list := ": " + strings.Join(v.words, ", "); !strings.Contains(text, list) {
			t.Errorf("FORMAT.md does not have %s", list)
		}
		for i, word := range v.words {
			if v.position(word) != i+1 || v.at(i+1) != word {
				t.Errorf("%s is number %d, and %d is %s", word, v.position(word), i+1, v.at(i+1))
			}
		}
	}
	if bizSteps.position("") != 0 || bizSteps.position("king") != 0 || bizSteps.at(0) != "" || bizSteps.at(99) != "" {
		t.Error("a word that is none has a number")
	}
}

// TestGoldenEntry keeps the bytes of version 3 as they were released.
func TestGoldenEntry(t *testing.T) {
	for name, e := range map[string]*Event{
		"full": fullEvent(),
		"dispensing": {
			Type: ObjectEvent, Action: Observe, Time: time.Date(2026, 1, 11, 19, 20, 53, 0, ict),
			EPCs:    []ID{"https://id.gs1.org/01/08935001000020/21/F8C753PHW3"},
			BizStep: BizStepDispensing, Disposition: DispDispensed,
			ReadPoint: "https://id.gs1.org/414/8935322000013", BizLocation: "https://id.gs1.org/414/8935322000013",
			Extensions: []Field{NewField("lot", "TN26AB01")},
		},
		"shipping": {
			Type: ObjectEvent, Action: Observe, Time: time.Date(2026, 1, 11, 19, 20, 53, 1_000_000, ict),
			RecordTime: time.Date(2026, 1, 11, 12, 20, 53, 250_000_000, time.UTC),
			EPCs:       []ID{"https://id.gs1.org/01/08935001000020/21/F8C753PHW3"},
			BizStep:    BizStepShipping, Disposition: DispInTransit,
			ReadPoint:       "https://id.gs1.org/414/8935001000013",
			BizTransactions: []BizTransaction{{BTTDespatchAdvice, "urn:epcglobal:cbv:bt:8935001000013:PX-1"}},
			Sources:         parties("8935001000013"),
			Destinations:    parties("79-00123"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", "entry-"+name+".hex")
			data := encodeOne(t, e)
			if *update {
				if err := os.WriteFile(file, []byte(hex.EncodeToString(data)+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := hex.DecodeString(strings.TrimSpace(string(golden)))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, data) {
				t.Errorf("\nwant %x\ngot  %x", want, data)
			}
			en, err := decodeEntry(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, en.event, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Entries of version 1, also those in which no identifier is packed, which say the same, are read as before.
func TestGoldenVersion1(t *testing.T) {
	for file, now := range map[string]string{
		"full-v1": "full", "full-v1-spelt": "full", "dispensing-v1": "dispensing", "dispensing-v1-spelt": "dispensing", "shipping-v1": "shipping",
	} {
		var events []*Event
		for _, file := range []string{"entry-" + now + ".hex", "entry-" + file + ".hex"} {
			text, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			data, err := hex.DecodeString(strings.TrimSpace(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			en, err := decodeEntry(data)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			events = append(events, en.event)
		}
		if diff := cmp.Diff(events[0], events[1]); diff != "" {
			t.Errorf("%s: (-now +then):\n%s", file, diff)
		}
	}
}

// What is packed comes back, and there is one way to pack it.
func TestPackedID(t *testing.T) {
	for _, id := range []ID{
		"https://id.gs1.org/01/08935001000020/21/F8C753PHW3", "https://id.gs1.org/01/00000000000000/21/", "https://id.gs1.org/01/99999999999999/21/%2F",
		"https://id.gs1.org/01/08935001000020/10/L1", "https://id.gs1.org/00/999999999999999999", "https://id.gs1.org/00/000000000000000000",
		"https://id.gs1.org/414/8935001000013", "https://id.gs1.org/417/9999999999999",
		"urn:epcglobal:cbv:bt:8935001000013:1", "urn:dauvet:co-so:79-00123", "urn:dauvet:chung-tu:79-00123:7", "urn:dauvet:co-so:",
	} {
		packed := appendPacked(nil, id)
		if got, err := appendUnpacked(nil, packed); err != nil || ID(got) != id || len(packed) == 0 || len(packed) >= len(id) {
			t.Errorf("%s: packed as %x, comes back as %s, %v", id, packed, got, err)
		}
	}
	for _, id := range []ID{"", "urn:x:y", "https://id.gs1.org", "https://id.gs1.org/00/1", "https://id.gs1.org/01/08935001000020",
		"https://id.gs1.org/01/0893500100002x/21/A", "https://id.gs1.org/414/8935001000013/254/1", "https://example.vn/01/08935001000020/21/A"} {
		if packed := appendPacked(nil, id); len(packed) > 0 {
			t.Errorf("%s: packed as %x", id, packed)
		}
	}
	for _, bad := range []string{"", "\x00", "\x09x", "\x01\x00\x00", "\x01\xff\xff\xff\xff\xff\xffA", "\x03\xff\xff\xff\xff\xff\xff\xff\xff",
		"\x04\x00\x00\x00\x00\x00\x01x", "\x05\xff\xff\xff\xff\xff\xff"} {
		if id, err := appendUnpacked(nil, []byte(bad)); err == nil {
			t.Errorf("%x comes back as %s", bad, id)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := encodeOne(t, fullEvent())
	for i := range good {
		if en, err := decodeEntry(good[:i]); err == nil {
			t.Errorf("%d of %d bytes decode to %+v", i, len(good), en.event)
		}
	}
	for name, data := range map[string]string{
		"empty":                  "",
		"unknown version":        "0580",
		"no type":                "0180",
		"bytes after the end":    "018101010" + "0",
		"fields out of order":    "018202010101",
		"unknown field":          "0181ccff01",
		"list longer than entry": "018201010cdd7fffffff",
		"text longer than entry": "0182010104db7fffffff",
		"part without header":    "02810101",
		"header in a whole":      "01820094c42000000000000000000000000000000000000000000000000000000000000000000001a00101",
		"event type 0":           "01810109",
		"no such bizStep":        "0182010104" + "63",
		"bizStep spelt out":      "0182010104" + "a7" + hex.EncodeToString([]byte("packing")),
	} {
		t.Run(name, func(t *testing.T) {
			b, err := hex.DecodeString(data)
			if err != nil {
				t.Fatal(err)
			}
			if en, err := decodeEntry(b); err == nil {
				t.Errorf("decodes to %+v", en)
			}
		})
	}
	deep := fullEvent()
	v := Value{Text: "x"}
	for range maxDepth + 1 {
		v = Value{Kind: List, List: []Value{v}}
	}
	deep.Extensions = []Field{{"deep", v}}
	if _, err := encodeEvent(deep, deep.sum(CBV20)); !errors.Is(err, errTooDeep) {
		t.Errorf("nested too deep: %v", err)
	}
	odd := fullEvent()
	odd.Extensions = []Field{{"{0}lot", Value{}}}
	if _, err := encodeEvent(odd, odd.sum(CBV20)); err == nil {
		t.Error("a number taken for a namespace")
	}
}

// bigEvent is too long for one entry.
func bigEvent(n int) *Event {
	e := &Event{
		Type: ObjectEvent, Action: Add, Time: time.Date(2026, 1, 5, 9, 42, 58, 0, ict),
		BizStep: BizStepCommissioning, Disposition: DispActive, ReadPoint: "https://id.gs1.org/414/8935001000013",
		ILMD: []Field{{"{urn:epcglobal:cbv:mda}lotNumber", Value{Text: "TN26AB01"}}},
	}
	for i := range n {
		e.EPCs = append(e.EPCs, ID(fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/SERIAL%06d", i)))
	}
	return e
}

func TestChain(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	tests := map[string]*Event{
		"20,000 packs": bigEvent(20_000),
		"packs and a long extension": func() *Event {
			e := bigEvent(3_000)
			e.Extensions = []Field{NewField("note", long)}
			return e
		}(),
		"a long extension": func() *Event {
			e := bigEvent(1)
			e.Extensions = []Field{NewField("note", long)}
			return e
		}(),
		"children and quantities": func() *Event {
			e := bigEvent(2_500)
			e.Type, e.Parent, e.ChildEPCs, e.EPCs = AggregationEvent, "https://id.gs1.org/00/189350010000000232", e.EPCs, nil
			for i := range 2_500 {
				e.ChildQuantities = append(e.ChildQuantities, Quantity{ID(fmt.Sprintf("https://id.gs1.org/01/08935001000020/10/LOT%06d", i)), "7", ""})
			}
			return e
		}(),
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			data, err := encodeEvent(e, e.sum(CBV20))
			if err != nil {
				t.Fatal(err)
			}
			if len(data) < 2 {
				t.Fatalf("%d entries", len(data))
			}
			var parts []*entry
			keys := make(map[string]bool)
			ids := make(map[string]bool)
			for _, d := range data {
				if len(d) > maxEntry {
					t.Errorf("part of %d bytes", len(d))
				}
				en, err := decodeEntry(d)
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, en)
				ks, id, err := Index(d)
				if err != nil {
					t.Fatal(err)
				}
				ids[string(id)] = true
				for _, k := range ks {
					keys[string(k)] = true
				}
			}
			if len(ids) != len(data) {
				t.Errorf("%d entries have %d identities", len(data), len(ids))
			}
			got, err := joinChain(parts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(e, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, k := range e.keys(e.lot(), false, true) {
				if !keys[string(k)] {
					t.Errorf("no part has key %s", k)
				}
			}
			if _, err := joinChain(parts[1:]); err == nil {
				t.Error("joined without the first part")
			}
			if _, err := joinChain(parts[:len(parts)-1]); err == nil {
				t.Error("joined without the last part")
			}
		})
	}
	huge := bigEvent(1)
	huge.ILMD = []Field{NewField("note", long)}
	if _, err := encodeEvent(huge, huge.sum(CBV20)); !errors.Is(err, ErrTooLong) {
		t.Errorf("master data of %d bytes: %v", len(long), err)
	}
}

func TestChainInLedger(t *testing.T) {
	r := openTest(t)
	e := bigEvent(20_000)
	first, err := r.Capture(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1, 9_999, 19_999} {
		events, err := r.History(t.Context(), mustEPC(t, string(e.EPCs[i])))
		if err != nil {
			t.Fatal(err)
		}
		if len(events) != 1 || len(events[0].EPCs) != len(e.EPCs) || events[0].EventID != first.EventID {
			t.Errorf("pack %d: %d events", i, len(events))
		}
	}
	// The same event once more, with its list in another order.
	again := *e
	again.EPCs = append(append([]ID{}, e.EPCs[10_000:]...), e.EPCs[:10_000]...)
	second, err := r.Capture(t.Context(), &again)
	if err != nil {
		t.Fatal(err)
	}
	if second.Index != first.Index || second.EventID != first.EventID {
		t.Errorf("recorded twice: %+v, then %+v", first, second)
	}
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(encodeOne(f, fullEvent()))
	e := bigEvent(4_000)
	parts, err := encodeEvent(e, e.sum(CBV20))
	if err != nil {
		f.Fatal(err)
	}
	small := bigEvent(3)
	f.Add(encodeOne(f, small))
	f.Add(parts[len(parts)-1][:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, err := Index(data)
		en, derr := decodeEntry(data)
		if (err == nil) != (derr == nil) && derr != nil {
			t.Fatalf("indexed what does not decode: %v", derr)
		}
		if derr != nil || en.part != nil {
			return
		}
		en.event.PreHash(CBV21)
		entries, err := encodeEvent(en.event, en.event.sum(CBV20))
		if err != nil || len(entries) != 1 {
			return
		}
		again, err := decodeEntry(entries[0])
		if err != nil {
			t.Fatalf("what was decoded does not decode again: %v", err)
		}
		third, err := encodeEvent(again.event, again.event.sum(CBV20))
		if err != nil || !bytes.Equal(entries[0], third[0]) {
			t.Fatalf("not canonical: %v\n%x\n%x", err, entries[0], third)
		}
		sameIndex(t, en.event)
	})
}

// sameIndex checks that an event has the keys and the identity that Index makes of its entry: Record appends with them.
func sameIndex(t *testing.T, e *Event) {
	t.Helper()
	entries, err := encodeEvent(e, nil)
	if err != nil || len(entries) != 1 {
		return
	}
	keys, id, err := Index(entries[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(keys, e.keys(e.lot(), true, true)); diff != "" {
		t.Errorf("keys (-of the entry +of the event):\n%s", diff)
	}
	if own := identity(e, e.sum(CBV20)); !bytes.Equal(id, own) {
		t.Errorf("identity %x of the entry, %x of the event", id, own)
	}
}

func TestSameIndex(t *testing.T) {
	sameIndex(t, fullEvent())
	sameIndex(t, bigEvent(3))
	for seed := range *seeds {
		r := openTest(t)
		packHistory(t, r, rand.New(rand.NewPCG(uint64(seed), 33)), 60, seed%2 > 0, func(e *Event) { sameIndex(t, e) })
	}
}

// A shipment of many packs is judged in one go.
func TestJudgeManyPacks(t *testing.T) {
	r := openTest(t)
	made := bigEvent(20_000)
	if _, err := r.Capture(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	ship := *made
	ship.Action, ship.BizStep, ship.Disposition, ship.ILMD = Observe, BizStepShipping, DispInTransit, nil
	ship.Time, ship.ReadPoint = made.Time.Add(time.Hour), "https://id.gs1.org/414/8935322000013"
	receipt, err := r.Capture(t.Context(), &ship)
	if err != nil {
		t.Fatal(err)
	}
	if len(receipt.Findings) != len(made.EPCs) || receipt.Findings[0].Code != ShipByNonCustodian {
		t.Errorf("%d findings", len(receipt.Findings))
	}
}

// A part whose first part is not where it should be belongs to no event, and hides none.
func TestStrayPart(t *testing.T) {
	r := openTest(t)
	e := bigEvent(3_000)
	first, err := r.Capture(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	again := *e
	again.EPCs = append(append([]ID{}, e.EPCs[1_000:]...), e.EPCs[:1_000]...)
	parts, err := encodeEvent(&again, again.sum(CBV20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ledger.Append(t.Context(), parts[len(parts)-1]); err != nil {
		t.Fatal(err)
	}
	events, err := r.History(t.Context(), mustEPC(t, string(again.EPCs[2_999])))
	if err != nil || len(events) != 1 || events[0].EventID != first.EventID {
		t.Errorf("%d events, %v", len(events), err)
	}
	if _, err := r.Audit(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
