package trace_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace"
)

func TestValidate(t *testing.T) {
	packID, boxID, lotID := trace.IDOf(pack), trace.IDOf(box), trace.IDOf(lotOf)
	tests := []struct {
		field string // at fault; empty: the event is valid
		event trace.Event
	}{
		{"", trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, EPCs: []trace.ID{packID, "urn:uuid:1"}}},
		{"", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, Quantities: []trace.Quantity{{Class: lotID, Amount: "1.5e3", UOM: "GRM"}, {Class: lotID}}}},
		{"", trace.Event{Type: trace.AggregationEvent, Action: trace.Delete, Parent: boxID}},
		{"", trace.Event{Type: trace.AggregationEvent, Action: trace.Observe, ChildEPCs: []trace.ID{packID}}},
		{"", trace.Event{Type: trace.TransactionEvent, Action: trace.Observe, Parent: boxID, BizTransactions: []trace.BizTransaction{{ID: "urn:x:1"}}}},
		{"", trace.Event{Type: trace.TransformationEvent, InputEPCs: []trace.ID{packID}, OutputQuantities: []trace.Quantity{{Class: lotID, Amount: "3"}}}},
		{"", trace.Event{Type: trace.TransformationEvent, InputEPCs: []trace.ID{packID}, TransformationID: "urn:x:1"}},
		{"", trace.Event{Type: trace.AssociationEvent, Action: trace.Add, Parent: boxID, ChildEPCs: []trace.ID{packID}}},
		{"", trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, EPCs: []trace.ID{packID}, BizStep: "https://example.vn/step/x", Disposition: trace.DispActive}},

		{"type", trace.Event{}},
		{"type", trace.Event{Type: "QuantityEvent"}},
		{"action", trace.Event{Type: trace.ObjectEvent}},
		{"action", trace.Event{Type: trace.ObjectEvent, Action: "add"}},
		{"action", trace.Event{Type: trace.TransformationEvent, Action: trace.Add}},
		{"eventTimeZoneOffset", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, Time: hopsAt.In(time.FixedZone("", 15*3600))}},
		{"epcList", trace.Event{Type: trace.ObjectEvent, Action: trace.Add}},
		{"epcList", trace.Event{Type: trace.AggregationEvent, Action: trace.Add, EPCs: []trace.ID{packID}}},
		{"epcList[1]", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID, "F8C753PHW3"}}},
		{"epcList[0]", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{"https://id.gs1.org/01/8935001000020/21/A"}}},
		{"quantityList[0].epcClass", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, Quantities: []trace.Quantity{{Amount: "1"}}}},
		{"quantityList[0].quantity", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, Quantities: []trace.Quantity{{Class: lotID, Amount: "1,5"}}}},
		{"quantityList[0].uom", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, Quantities: []trace.Quantity{{Class: lotID, UOM: "KGM"}}}},
		{"childQuantityList", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, ChildQuantities: []trace.Quantity{{Class: lotID}}}},
		{"parentID", trace.Event{Type: trace.AggregationEvent, Action: trace.Add, ChildEPCs: []trace.ID{packID}}},
		{"parentID", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, Parent: boxID}},
		{"childEPCs", trace.Event{Type: trace.AggregationEvent, Action: trace.Add, Parent: boxID}},
		{"childEPCs[0]", trace.Event{Type: trace.AggregationEvent, Action: trace.Add, Parent: boxID, ChildEPCs: []trace.ID{boxID}}},
		{"bizTransactionList", trace.Event{Type: trace.TransactionEvent, Action: trace.Add, EPCs: []trace.ID{packID}}},
		{"inputEPCList", trace.Event{Type: trace.TransformationEvent, OutputEPCs: []trace.ID{packID}}},
		{"outputEPCList", trace.Event{Type: trace.TransformationEvent, InputEPCs: []trace.ID{packID}}},
		{"transformationID", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, TransformationID: "urn:x:1"}},
		{"readPoint", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, ReadPoint: "kho 1"}},
		{"bizTransactionList[0]", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, BizTransactions: []trace.BizTransaction{{Type: "po", ID: "4711"}}}},
		{"sourceList[0].type", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, Sources: []trace.SourceDest{{ID: "urn:x:1"}}}},
		{"destinationList[0]", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, Destinations: []trace.SourceDest{{Type: "location"}}}},
		{"bizStep", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, BizStep: "selling"}},
		{"disposition", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, Disposition: "in transit"}},
		{"persistentDisposition.set", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, PersistentSet: []trace.Disposition{"gone"}}},
		{"errorDeclaration.declarationTime", trace.Event{Type: trace.ObjectEvent, Action: trace.Add, EPCs: []trace.ID{packID}, Error: &trace.ErrorDeclaration{}}},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprint(i, " ", tt.field), func(t *testing.T) {
			if tt.event.Time.IsZero() {
				tt.event.Time = hopsAt
			}
			err := tt.event.Validate()
			if tt.field == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			field, ok := errors.AsType[*trace.FieldError](err)
			if !ok || field.Field != tt.field || !strings.HasPrefix(err.Error(), tt.field+": ") {
				t.Errorf("error %v, want one of field %s", err, tt.field)
			}
		})
	}
	if err := (&trace.Event{Type: trace.ObjectEvent, Action: trace.Add}).Validate(); err == nil || !strings.HasPrefix(err.Error(), "eventTime: ") {
		t.Errorf("no time: %v", err)
	}
}

func TestWord(t *testing.T) {
	for in, want := range map[string]string{
		"shipping":                                "shipping",
		"urn:epcglobal:cbv:bizstep:shipping":      "shipping",
		"https://ref.gs1.org/cbv/BizStep-packing": "packing",
		"cbv:Disp-in_transit":                     "in_transit",
		"urn:epcglobal:cbv:btt:po":                "po",
		"https://example.vn/step/x":               "https://example.vn/step/x",
		"cbv:Comp-x":                              "x",
		"cbv:Comp-w":                              "https://ref.gs1.org/cbv/Comp-w",
		"gs1:Temperature":                         "Temperature",
		"https://gs1.org/voc/Temperature":         "Temperature",
		"gs1:EffectiveDoseRate":                   "gs1:EffectiveDoseRate",
		"":                                        "",
	} {
		if got := trace.Word(in); got != want {
			t.Errorf("Word(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFindingText(t *testing.T) {
	for _, code := range []trace.Code{trace.ReceiveWithoutShip, trace.DispensedTwice, trace.ClonedTwoPlaces, trace.DispenseByNonCustodian,
		trace.ShipByNonCustodian, trace.ExpiredDispensed, trace.DispensedAfterDestroyed, trace.DispensedAfterRecall, trace.LotMismatch,
		trace.ExpiryMismatch, trace.BalanceNegative} {
		f := trace.Finding{Code: code, EPCs: []trace.ID{trace.IDOf(pack), trace.IDOf(box)}, Place: pharmacy, Want: "A", Got: "B"}
		vi, en := f.Text(trace.Vietnamese), f.Text(trace.English)
		for _, text := range []string{vi, en} {
			if !strings.Contains(text, "F8C753PHW3 (+1)") || !strings.Contains(text, string(pharmacy)) || strings.ContainsAny(text, "{}%") {
				t.Errorf("%s: %q", code, text)
			}
		}
		if vi == en {
			t.Errorf("%s: one text in two languages: %q", code, vi)
		}
	}
}
