package trace_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

var (
	pack   = epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")
	box    = epc("https://id.gs1.org/00/189350010000000232")
	lotOf  = epc("https://id.gs1.org/01/08935001000020/10/TN26AB01")
	hopsAt = time.Date(2026, 1, 11, 19, 20, 53, 600_600_000, time.FixedZone("", 7*3600))
)

func ext(name, text string) trace.Field { return trace.NewField(name, text) }

func TestHopEvent(t *testing.T) {
	at := hopsAt.Round(time.Millisecond)
	makerAt, makerIs := trace.ID("https://id.gs1.org/414/8935001000013"), trace.ID("https://id.gs1.org/417/8935001000013")
	kioskID := trace.ID("urn:dauvet:co-so:79-00123")
	packs := []trace.ID{trace.IDOf(pack)}
	tests := []struct {
		name string
		hop  trace.Hop
		want trace.Event
	}{
		{"commissioning", trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}, Lot: "TN26AB01", Expiry: "280200"},
			trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: packs, BizStep: "commissioning", Disposition: "active",
				ReadPoint: makerAt, BizLocation: makerAt, ILMD: []trace.Field{
					{Name: "{urn:epcglobal:cbv:mda}lotNumber", Value: trace.Value{Text: "TN26AB01"}},
					{Name: "{urn:epcglobal:cbv:mda}itemExpirationDate", Value: trace.Value{Text: "2028-02-29"}},
					ext("scannedExpiry", "280200")}}},
		{"packing", trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}, Goods: []trace.Goods{{Class: lotOf, Count: 20}}, Parent: box},
			trace.Event{Type: trace.AggregationEvent, Action: trace.Add, Parent: trace.IDOf(box), ChildEPCs: packs,
				ChildQuantities: []trace.Quantity{{Class: trace.IDOf(lotOf), Amount: "20"}},
				BizStep:         "packing", Disposition: "in_progress", ReadPoint: makerAt, BizLocation: makerAt}},
		{"unpacking all", trace.Hop{Step: trace.Unpacking, By: maker, Parent: box},
			trace.Event{Type: trace.AggregationEvent, Action: trace.Delete, Parent: trace.IDOf(box), ChildEPCs: []trace.ID{},
				ChildQuantities: []trace.Quantity{}, BizStep: "unpacking", Disposition: "in_progress", ReadPoint: makerAt, BizLocation: makerAt}},
		{"shipping", trace.Hop{Step: trace.Shipping, By: maker, To: kiosk, EPCs: []gs1.EPC{pack}, Document: "PX/17"},
			trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, EPCs: packs, BizStep: "shipping", Disposition: "in_transit",
				ReadPoint: makerAt, BizTransactions: []trace.BizTransaction{{Type: "desadv", ID: "urn:epcglobal:cbv:bt:8935001000013:PX%2F17"}},
				Sources:      []trace.SourceDest{{Type: "owning_party", ID: makerIs}, {Type: "location", ID: makerAt}},
				Destinations: []trace.SourceDest{{Type: "owning_party", ID: kioskID}, {Type: "location", ID: kioskID}}}},
		{"receiving", trace.Hop{Step: trace.Receiving, By: kiosk, From: maker, EPCs: []gs1.EPC{pack}, Document: "PX/17", Disposition: trace.DispReturned},
			trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, EPCs: packs, BizStep: "receiving", Disposition: "returned",
				ReadPoint: kioskID, BizLocation: kioskID,
				BizTransactions: []trace.BizTransaction{{Type: "desadv", ID: "urn:epcglobal:cbv:bt:8935001000013:PX%2F17"}},
				Sources:         []trace.SourceDest{{Type: "owning_party", ID: makerIs}, {Type: "location", ID: makerAt}},
				Destinations:    []trace.SourceDest{{Type: "owning_party", ID: kioskID}, {Type: "location", ID: kioskID}}}},
		{"part of a pack", trace.Hop{Step: trace.Dispensing, By: kiosk, EPCs: []gs1.EPC{pack}, Units: 3, Price: 7650, Lot: "TN26AB01", Expiry: "2028-03-13", Document: "HD-1"},
			trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, EPCs: packs, BizStep: "dispensing", Disposition: "partially_dispensed",
				ReadPoint: kioskID, BizLocation: kioskID, BizTransactions: []trace.BizTransaction{{Type: "inv", ID: "urn:dauvet:chung-tu:79-00123:HD-1"}},
				Extensions: []trace.Field{ext("lot", "TN26AB01"), ext("exp", "2028-03-13"), ext("units", "3"), ext("price", "7650")}}},
		{"destroying", trace.Hop{Step: trace.Destroying, By: kiosk, EPCs: []gs1.EPC{pack}, Document: "urn:uuid:1"},
			trace.Event{Type: trace.ObjectEvent, Action: trace.Delete, EPCs: packs, BizStep: "destroying", Disposition: "destroyed",
				ReadPoint: kioskID, BizLocation: kioskID, BizTransactions: []trace.BizTransaction{{ID: "urn:uuid:1"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.hop.Time, tt.want.Time = hopsAt, at
			if tt.want.Type == trace.ObjectEvent {
				tt.want.Quantities = []trace.Quantity{}
			}
			got, err := tt.hop.Event()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := got.Validate(); err != nil {
				t.Errorf("not valid: %v", err)
			}
		})
	}
}

// Every step makes an event that EPCIS allows.
func TestStepsAreValid(t *testing.T) {
	for _, step := range []trace.Step{trace.Commissioning, trace.Packing, trace.Unpacking, trace.Shipping, trace.VoidingShipping,
		trace.Receiving, trace.Returning, trace.Dispensing, trace.Quarantining, trace.Releasing, trace.Recalling, trace.Sampling,
		trace.Destroying, trace.Losing, trace.Counting, trace.Decommissioning} {
		h := trace.Hop{Step: step, Time: hopsAt, By: pharmacy, To: kiosk, EPCs: []gs1.EPC{pack}}
		if step == trace.Packing || step == trace.Unpacking {
			h.Parent = box
		}
		e, err := h.Event()
		if err != nil {
			t.Errorf("%s: %v", step, err)
			continue
		}
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", step, err)
		}
	}
}

func TestHopRefuses(t *testing.T) {
	tests := []struct {
		field string
		hop   trace.Hop
	}{
		{"Step", trace.Hop{Step: "selling", By: pharmacy, EPCs: []gs1.EPC{pack}}},
		{"Step", trace.Hop{By: pharmacy, EPCs: []gs1.EPC{pack}}},
		{"By", trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{pack}}},
		{"By", trace.Hop{Step: trace.Dispensing, By: "Nhà thuốc 1", EPCs: []gs1.EPC{pack}}},
		{"By", trace.Hop{Step: trace.Dispensing, By: "8935322000014", EPCs: []gs1.EPC{pack}}},
		{"To", trace.Hop{Step: trace.Shipping, By: pharmacy, EPCs: []gs1.EPC{pack}}},
		{"From", trace.Hop{Step: trace.Receiving, By: pharmacy, From: "a b", EPCs: []gs1.EPC{pack}}},
		{"Parent", trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}}},
		{"Parent", trace.Hop{Step: trace.Shipping, By: maker, To: kiosk, EPCs: []gs1.EPC{pack}, Parent: box}},
		{"EPCs", trace.Hop{Step: trace.Dispensing, By: pharmacy}},
		{"EPCs[1]", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack, {}}}},
		{"EPCs[0]", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{lotOf}}},
		{"EPCs[2]", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack, box, pack}}}, // scanned twice
		{"Goods[0].Count", trace.Hop{Step: trace.Dispensing, By: pharmacy, Goods: []trace.Goods{{Class: lotOf, Count: 1e12 + 1}}}},
		{"Goods[0].Count", trace.Hop{Step: trace.Recalling, By: pharmacy, Goods: []trace.Goods{{Class: lotOf, Count: -1}}}},
		{"Goods[0].Class", trace.Hop{Step: trace.Dispensing, By: pharmacy, Goods: []trace.Goods{{Class: pack, Count: 1}}}},
		{"Goods[0].Count", trace.Hop{Step: trace.Dispensing, By: pharmacy, Goods: []trace.Goods{{Class: lotOf}}}},
		{"Units", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack, box}, Units: 2}},
		{"Units", trace.Hop{Step: trace.Sampling, By: pharmacy, EPCs: []gs1.EPC{pack}, Units: 2}},
		{"Price", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Price: -1}},
		{"Expiry", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Expiry: "261301"}},
		{"Expiry", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Expiry: "260230"}},
		{"Expiry", trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Expiry: "13/03/2028"}},
	}
	repo := open(nil)
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, " ", tt.field), func(t *testing.T) {
			_, err := repo.Record(t.Context(), tt.hop)
			field, ok := errors.AsType[*trace.FieldError](err)
			if !ok || field.Field != tt.field {
				t.Errorf("error %v, want one of field %s", err, tt.field)
			}
		})
	}
}

func TestPartyOf(t *testing.T) {
	for id, want := range map[trace.ID]trace.Party{
		"":                                     "",
		"https://id.gs1.org/414/8935322000013": "8935322000013",
		"https://id.gs1.org/417/8935322000013": "8935322000013",
		"https://id.gs1.org/414/8935322000013/254/12": "8935322000013",
		"urn:dauvet:co-so:79-00123":                   "79-00123",
		"urn:dauvet:co-so:a%20b":                      "a b",
		"https://example.vn/kho/1":                    "https://example.vn/kho/1",
	} {
		if got := trace.PartyOf(id); got != want {
			t.Errorf("PartyOf(%q) = %q, want %q", id, got, want)
		}
	}
}
