package trace_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// What is odd about goods without serial numbers is told when it is recorded.
func TestGoodsFindings(t *testing.T) {
	gtin, err := gs1.ParseGTIN("08935001000020")
	if err != nil {
		t.Fatal(err)
	}
	of := func(step trace.Step, n int64) trace.Hop {
		return trace.Hop{Step: step, By: pharmacy, Goods: []trace.Goods{{Class: lotOf, Count: n}}}
	}
	with := func(h trace.Hop, change func(*trace.Hop)) trace.Hop {
		change(&h)
		return h
	}
	some := with(of(trace.Counting, 10), func(h *trace.Hop) { h.Expiry = "280300" })
	order := trace.Hop{Step: trace.Recalling, By: maker, Goods: []trace.Goods{{Class: lotOf}}}
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		hops []trace.Hop
		reg  *trace.Register
		want []trace.Code // of the last hop; those before it have none
	}{
		{"sold", []trace.Hop{some, of(trace.Dispensing, 10)}, nil, nil},
		{"more sold than there was", []trace.Hop{some, of(trace.Dispensing, 11)}, nil, []trace.Code{trace.BalanceNegative}},
		{"more shipped than there was", []trace.Hop{some, with(of(trace.Shipping, 11), func(h *trace.Hop) { h.To = kiosk })}, nil, []trace.Code{trace.BalanceNegative}},
		{"more destroyed than there was", []trace.Hop{some, of(trace.Destroying, 11)}, nil, []trace.Code{trace.BalanceNegative}},
		{"sold after the recall of the lot", []trace.Hop{some, order, of(trace.Dispensing, 1)}, nil, []trace.Code{trace.DispensedAfterRecall}},
		{"sold after the recall of the product", []trace.Hop{some, with(order, func(h *trace.Hop) { h.Goods = []trace.Goods{{Class: gtin.EPC()}} }), of(trace.Dispensing, 1)}, nil,
			[]trace.Code{trace.DispensedAfterRecall}},
		{"sold after a recall of the register", []trace.Hop{some, of(trace.Dispensing, 1)},
			&trace.Register{Lots: []trace.Lot{{GTIN: gtin, Lot: "TN26AB01", Recalled: march}}}, []trace.Code{trace.DispensedAfterRecall}},
		{"another lot is recalled", []trace.Hop{some, of(trace.Dispensing, 1)},
			&trace.Register{Lots: []trace.Lot{{GTIN: gtin, Lot: "TN26AB02", Recalled: march}}}, nil},
		{"recalled goods may be returned", []trace.Hop{some, order, with(of(trace.Returning, 10), func(h *trace.Hop) { h.To = maker })}, nil, nil},
		{"sold from quarantine", []trace.Hop{some, of(trace.Quarantining, 0), of(trace.Dispensing, 1)}, nil, []trace.Code{trace.DispensedQuarantined}},
		{"sold what is not in quarantine", []trace.Hop{some, of(trace.Quarantining, 4), of(trace.Dispensing, 6)}, nil, nil},
		{"sold more than that", []trace.Hop{some, of(trace.Quarantining, 4), of(trace.Dispensing, 7)}, nil, []trace.Code{trace.DispensedQuarantined}},
		{"sold after release", []trace.Hop{some, of(trace.Quarantining, 0), of(trace.Releasing, 0), of(trace.Dispensing, 10)}, nil, nil},
		{"sold after it expired", []trace.Hop{with(some, func(h *trace.Hop) { h.Expiry = "260228" }), of(trace.Dispensing, 1)}, nil, []trace.Code{trace.ExpiredDispensed}},
		{"another date read", []trace.Hop{some, with(of(trace.Dispensing, 1), func(h *trace.Hop) { h.Expiry = "280200" })}, nil, []trace.Code{trace.ExpiryMismatch}},
		{"another lot read", []trace.Hop{some, with(of(trace.Dispensing, 1), func(h *trace.Hop) { h.Lot = "TN26AB02" })}, nil, []trace.Code{trace.LotMismatch}},
		{"while suspended", []trace.Hop{some, of(trace.Dispensing, 1)},
			&trace.Register{Establishments: []trace.Establishment{{Party: pharmacy, Suspended: march}}}, []trace.Code{trace.SuspendedEstablishment}},
		{"a unit for more than the pack", []trace.Hop{some, with(of(trace.Dispensing, 1), func(h *trace.Hop) { h.Price = 100_001 })},
			&trace.Register{Products: []trace.Product{{GTIN: gtin, MaxPrice: 100_000}}}, []trace.Code{trace.PriceAboveDeclared}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := open(&trace.Options{Register: tt.reg})
			for i, h := range tt.hops {
				var want []trace.Code
				if i == len(tt.hops)-1 {
					want = tt.want
				}
				if diff := cmp.Diff(want, codes(record(repo, h).Findings)); diff != "" {
					t.Errorf("hop %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}

// A document that is used again, for a shipment to somebody else, names the parties of that later shipment.
func TestDocumentOfTwoShipments(t *testing.T) {
	repo := open(nil)
	hop := func(step trace.Step, by, from, to trace.Party, n int64) {
		t.Helper()
		h := trace.Hop{Step: step, By: by, From: from, To: to, Goods: []trace.Goods{{Class: lotOf, Count: n}}}
		if step != trace.Commissioning {
			h.Document = "PX-1"
		}
		if findings := record(repo, h).Findings; len(findings) > 0 {
			t.Errorf("%s: %v", step, findings)
		}
	}
	onWay := func(want ...trace.Shipment) {
		t.Helper()
		c, err := repo.Custody(t.Context(), lotOf)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.InTransit, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("on the way (-want +got):\n%s", diff)
		}
	}
	document := trace.ID("urn:epcglobal:cbv:bt:" + string(maker) + ":PX-1")
	hop(trace.Commissioning, maker, "", "", 20)
	hop(trace.Shipping, maker, "", pharmacy, 12)
	onWay(trace.Shipment{From: maker, To: pharmacy, Document: document, Count: 12})
	hop(trace.Receiving, pharmacy, maker, "", 12)
	onWay()
	hop(trace.Shipping, maker, "", kiosk, 5)
	onWay(trace.Shipment{From: maker, To: kiosk, Document: document, Count: 5})
	hop(trace.Receiving, kiosk, maker, "", 2)
	onWay(trace.Shipment{From: maker, To: kiosk, Document: document, Count: 3})
}

// The case is new, what is in it is not.
func TestCommissioningOfCase(t *testing.T) {
	repo := open(nil)
	goods := []trace.Goods{{Class: lotOf, Count: 24}}
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}, Goods: goods, Lot: "TN26AB01"})
	record(repo, trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}, Goods: goods, Parent: box})
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{box}, Lot: "CASE"})
	c, err := repo.Custody(t.Context(), pack)
	if err != nil || c.Lot != "TN26AB01" {
		t.Errorf("lot %q, %v", c.Lot, err)
	}
	if c, err = repo.Custody(t.Context(), lotOf); err != nil || c.Made != 24 {
		t.Errorf("%d made, %v", c.Made, err)
	}
}

// A recall that is recorded after the sale it forbids tells of it then.
func TestRecallArrivesLate(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 8, 0, 0, 0, time.UTC) }
	goods := []trace.Goods{{Class: lotOf, Count: 2}}
	repo := open(nil)
	record(repo, trace.Hop{Step: trace.Counting, Time: day(1), By: pharmacy, Goods: goods})
	sale := record(repo, trace.Hop{Step: trace.Dispensing, Time: day(3), By: pharmacy, Goods: goods})
	late := record(repo, trace.Hop{Step: trace.Recalling, Time: day(2), By: maker, Goods: goods})
	if diff := cmp.Diff([]trace.Code{trace.DispensedAfterRecall}, codes(late.Findings)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	if got := late.Findings[0].Events[0]; got != sale.EventID {
		t.Errorf("finding of event %s, want the sale", got)
	}
	// And a recall that was declared wrong does not count.
	events, err := repo.History(t.Context(), lotOf)
	if err != nil {
		t.Fatal(err)
	}
	wrong := *events[1]
	wrong.Error = &trace.ErrorDeclaration{Time: day(4), Reason: trace.DidNotOccur}
	if _, err := repo.Capture(t.Context(), &wrong); err != nil {
		t.Fatal(err)
	}
	c, err := repo.Custody(t.Context(), lotOf)
	if err != nil || len(c.Findings) > 0 {
		t.Errorf("findings %v, %v", c.Findings, err)
	}
}
