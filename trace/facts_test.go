package trace

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// What facts tell is what the records say: the answers are equal, and the findings of every event when it is recorded.
func TestFactsEqualRecords(t *testing.T) {
	facts, many := 0, 0
	for seed := range *seeds {
		w := newWorld(t, 11_000+seed)
		events := w.history(t, 60)
		for _, e := range events {
			// Some happen in one moment, and are ordered by their identifiers.
			if w.rnd.IntN(4) == 0 {
				e.Time = e.Time.Truncate(time.Hour)
			}
			if w.rnd.IntN(20) == 0 {
				e.EventID = fmt.Sprintf("urn:x:%d", w.rnd.IntN(1000))
			}
		}
		w.rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		wrong := *pick(w, events)
		wrong.Error = &ErrorDeclaration{Time: w.now, Reason: IncorrectData}
		quick, slow := openTest(t), openTest(t)
		slow.verified = true
		for i, e := range append(slices.Clone(events), &wrong) {
			a, err := quick.Capture(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			b, err := slow.Capture(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(b, a, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, event %d: receipt (-records +facts):\n%s", seed, i, diff)
			}
		}
		sameAnswers(t, fmt.Sprintf("seed %d: records and facts", seed), ask(t, slow, w), ask(t, quick, w))
		for row, err := range quick.ledger.Keys(t.Context(), []byte{keyKindFacts}) {
			if err != nil {
				t.Fatal(err)
			}
			if name := int(row.Key[1]); row.Key[2+name] == factEvent {
				facts++
			}
			if row.Count > 1 {
				many++
			}
		}
	}
	if facts < 60 || many < 3 {
		t.Errorf("%d facts, %d of several events: too few to tell", facts, many)
	}
}

// What a fact tells is what the event says that it was made of.
func TestFactDecodes(t *testing.T) {
	const class = "https://id.gs1.org/01/08935001000020/10/TN26AB01"
	at := time.Date(2026, 1, 11, 19, 20, 53, 1_000_000, ict)
	ship := func(change func(*Event)) *Event {
		e := &Event{
			Type: ObjectEvent, Action: Observe, Time: at, BizStep: BizStepShipping, Disposition: DispInTransit,
			Quantities: []Quantity{{class, "24", ""}}, ReadPoint: Party("8935001000013").location(),
			Sources: parties("8935001000013"), Destinations: parties("79-00123"),
			BizTransactions: []BizTransaction{{BTTDespatchAdvice, "urn:epcglobal:cbv:bt:8935001000013:PX-1"}},
		}
		change(e)
		return e
	}
	sell := func(change func(*Event)) *Event {
		return ship(func(e *Event) {
			e.BizStep, e.Disposition, e.Sources, e.Destinations = BizStepDispensing, DispDispensed, nil, nil
			change(e)
		})
	}
	for name, tt := range map[string]struct {
		event *Event
		told  bool
	}{
		"shipping":        {ship(func(*Event) {}), true},
		"receiving":       {ship(func(e *Event) { e.BizStep, e.Disposition = BizStepReceiving, DispInProgress }), true},
		"nobody":          {ship(func(e *Event) { e.ReadPoint, e.Sources = "", nil }), true},
		"at a location":   {ship(func(e *Event) { e.ReadPoint, e.BizLocation = "", Party("79-00123").location() }), true},
		"other document":  {ship(func(e *Event) { e.BizTransactions[0].ID = "urn:x:y" }), true},
		"no document":     {ship(func(e *Event) { e.BizTransactions = nil }), true},
		"all there is":    {ship(func(e *Event) { e.BizStep, e.Disposition, e.Quantities[0].Amount = BizStepHolding, DispRecalled, "" }), true},
		"sale":            {sell(func(e *Event) { e.Extensions = []Field{NewField("price", "60000"), NewField("exp", "2028-02-29")} }), true},
		"lot read":        {sell(func(e *Event) { e.Extensions = []Field{NewField("lot", "TN26AB01")} }), true},
		"another lot":     {sell(func(e *Event) { e.Extensions = []Field{NewField("lot", "TN26AB02")} }), false},
		"price with unit": {sell(func(e *Event) { e.Extensions = []Field{NewField("price", "6.0e4")} }), false},
		"no date":         {sell(func(e *Event) { e.Extensions = []Field{NewField("exp", "2028-02-30")} }), false},
		"master data": {sell(func(e *Event) {
			e.ILMD = []Field{{"{urn:epcglobal:cbv:mda}itemExpirationDate", Value{Text: "2028-02-29"}}}
		}), false},
		"made": {ship(func(e *Event) {
			e.Action, e.BizStep, e.Disposition = Add, BizStepCommissioning, DispActive
			e.ILMD = []Field{{"{urn:epcglobal:cbv:mda}itemExpirationDate", Value{Text: "2028-02-29"}}}
		}), true},
		"nanosecond":       {ship(func(e *Event) { e.Time = at.Add(1) }), false},
		"unusual step":     {ship(func(e *Event) { e.Disposition = DispDamaged }), false},
		"with packs":       {ship(func(e *Event) { e.EPCs = []ID{"https://id.gs1.org/01/08935001000020/21/A"} }), false},
		"named twice":      {ship(func(e *Event) { e.Quantities = append(e.Quantities, e.Quantities[0]) }), false},
		"weighed":          {ship(func(e *Event) { e.Quantities[0].UOM = "KGM" }), false},
		"two point nought": {ship(func(e *Event) { e.Quantities[0].Amount = "2.0" }), false},
		"declared wrong":   {ship(func(e *Event) { e.Error = &ErrorDeclaration{Time: at} }), false},
		"other type":       {ship(func(e *Event) { e.Type = TransactionEvent }), false},
		"long name":        {ship(func(e *Event) { e.Destinations[1].ID = ID("urn:x:" + string(make([]byte, 100))) }), false},
	} {
		t.Run(name, func(t *testing.T) {
			prefix := appendFactPrefix(nil, class)
			var got []byte
			for _, k := range tt.event.keys(tt.event.lot(), true, true) {
				if rest, ok := bytes.CutPrefix(k, prefix); ok {
					if got != nil {
						t.Fatalf("two keys: %x and %x", got, rest)
					}
					got = rest
				}
			}
			if !tt.told {
				if !bytes.Equal(got, []byte{factRecord}) {
					t.Fatalf("told by %x, want the record", got)
				}
				return
			}
			if len(got) == 0 || got[0] != factEvent {
				t.Fatalf("key %x, want a fact", got)
			}
			s, err := newFactDecoder(class).stored(got[1:])
			if err != nil {
				t.Fatal(err)
			}
			type said struct {
				Actor, Other             Party
				Document                 ID
				Step                     int
				Time, Expiry, Lot, Price string
				Goods                    []Quantity
			}
			say := func(e *Event) said {
				expiry, _, price := e.read()
				out := said{e.Actor(), e.other(), "", e.usual(), e.Time.Format(time.RFC3339Nano), expiry, "", price, e.Quantities}
				if e.BizStep.moves() {
					out.Document = e.Document()
				}
				return out
			}
			if diff := cmp.Diff(say(tt.event), say(s.Event)); diff != "" {
				t.Errorf("(-event +fact):\n%s", diff)
			}
			for n := range len(got) - 1 {
				if _, err := newFactDecoder(class).stored(got[1 : 1+n]); err == nil && n < 20 {
					t.Errorf("the first %d bytes are a fact, too", n)
				}
			}
		})
	}
}

// The index is not trusted with more than that its rows are whole: what is no fact is an error, whatever it is.
func FuzzFact(f *testing.F) {
	const class = "https://id.gs1.org/01/08935001000020/10/TN26AB01"
	e := Event{Type: ObjectEvent, Action: Observe, Time: time.Unix(1767600000, 0).In(ict), BizStep: BizStepShipping, Disposition: DispInTransit,
		ReadPoint: "urn:dauvet:co-so:79-00123", Destinations: parties("8935322000013"),
		BizTransactions: []BizTransaction{{"", "urn:epcglobal:cbv:bt:8935001000013:1"}}}
	seed, _ := appendFact(nil, &e, Quantity{class, "7", ""})
	f.Add(seed[1:])
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := newFactDecoder(class).stored(b)
		if err != nil {
			return
		}
		again, ok := appendFact(nil, s.Event, s.Quantities[0])
		if !ok {
			return // an amount beyond what is counted, a party that is none
		}
		twice, err := newFactDecoder(class).stored(again[1:])
		if err != nil {
			t.Fatalf("%x: what it tells is no fact: %v", b, err)
		}
		if diff := cmp.Diff(s.Event, twice.Event); diff != "" {
			t.Fatalf("%x: (-once +twice):\n%s", b, diff)
		}
	})
}
