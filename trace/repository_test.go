package trace_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// codes returns the codes of the findings of a receipt.
func codes(findings []trace.Finding) []trace.Code {
	var out []trace.Code
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return out
}

func TestFindings(t *testing.T) {
	ship := trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{pack}, Document: "PX-1"}
	receive := trace.Hop{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{pack}, Document: "PX-1"}
	sell := trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}}
	elsewhere := sell
	elsewhere.By = kiosk
	part := sell
	part.Units = 3
	commission := trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}, Lot: "TN26AB01", Expiry: "260228"}
	otherLot := sell
	otherLot.Lot, otherLot.Expiry = "TN26AB02", "260131"
	goods := func(h trace.Hop, n int64) trace.Hop {
		h.EPCs, h.Goods = nil, []trace.Goods{{Class: lotOf, Count: n}}
		return h
	}
	void := trace.Hop{Step: trace.VoidingShipping, By: maker, EPCs: []gs1.EPC{pack}, Document: "PX-1"}
	destroy := trace.Hop{Step: trace.Destroying, By: pharmacy, EPCs: []gs1.EPC{pack}}
	recall := trace.Hop{Step: trace.Recalling, By: pharmacy, EPCs: []gs1.EPC{pack}}
	at := func(step trace.Step) trace.Hop { return trace.Hop{Step: step, By: pharmacy, EPCs: []gs1.EPC{pack}} }
	fresh := commission
	fresh.Expiry = "280300"
	tests := []struct {
		name string
		hops []trace.Hop
		want []trace.Code // of the last hop; those before it have none unless listed in the name
	}{
		{"the good way", []trace.Hop{ship, receive, sell}, nil},
		{"in parts, then the rest", []trace.Hop{receiveOnly(ship), ship, receive, part, part, sell}, nil},
		{"received, never shipped", []trace.Hop{receive}, []trace.Code{trace.ReceiveWithoutShip}},
		{"received after the shipment was voided", []trace.Hop{ship, void, receive}, []trace.Code{trace.ReceiveWithoutShip}},
		{"sold again", []trace.Hop{sell, sell}, []trace.Code{trace.DispensedTwice}},
		{"sold again elsewhere", []trace.Hop{sell, elsewhere}, []trace.Code{trace.ClonedTwoPlaces}},
		{"sold by another", []trace.Hop{ship, receive, elsewhere}, []trace.Code{trace.DispenseByNonCustodian}},
		{"shipped by another", []trace.Hop{receiveOnly(ship), {Step: trace.Shipping, By: kiosk, To: maker, EPCs: []gs1.EPC{pack}}}, []trace.Code{trace.ShipByNonCustodian}},
		{"sold after destruction", []trace.Hop{destroy, sell}, []trace.Code{trace.DispensedAfterDestroyed}},
		{"sold after recall", []trace.Hop{recall, sell}, []trace.Code{trace.DispensedAfterRecall}},
		{"sold in quarantine", []trace.Hop{at(trace.Quarantining), sell}, []trace.Code{trace.DispensedQuarantined}},
		{"sold after its release", []trace.Hop{at(trace.Quarantining), at(trace.Releasing), sell}, nil},
		{"sold though sampled", []trace.Hop{at(trace.Sampling), sell}, []trace.Code{trace.DispensedOutOfChain}},
		{"sold though stolen", []trace.Hop{at(trace.Losing), sell}, []trace.Code{trace.DispensedOutOfChain}},
		{"sold though exported", []trace.Hop{at(trace.Exporting), sell}, []trace.Code{trace.DispensedOutOfChain}},
		{"exported and returned", []trace.Hop{at(trace.Exporting), ship, {Step: trace.Receiving, By: pharmacy, EPCs: []gs1.EPC{pack}, Document: "PX-1", From: maker, Disposition: trace.DispReturned}, sell}, nil},
		{"another lot, another date, expired", []trace.Hop{commission, ship, receive, otherLot},
			[]trace.Code{trace.LotMismatch, trace.ExpiryMismatch, trace.ExpiredDispensed}},
		{"goods: more than there was", []trace.Hop{goods(trace.Hop{Step: trace.Counting, By: pharmacy}, 10), goods(sell, 11)}, []trace.Code{trace.BalanceNegative}},
		{"goods: received, never shipped", []trace.Hop{goods(receive, 5)}, []trace.Code{trace.ReceiveWithoutShip}},
		{"goods: the good way", []trace.Hop{goods(fresh, 50), goods(ship, 20), goods(receive, 20), goods(sell, 20)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := open(nil)
			for i, h := range tt.hops {
				receipt, err := repo.Record(t.Context(), h)
				if err != nil {
					t.Fatal(err)
				}
				var want []trace.Code
				if i == len(tt.hops)-1 {
					want = tt.want
				}
				if diff := cmp.Diff(want, codes(receipt.Findings)); diff != "" {
					t.Errorf("hop %d (-want +got):\n%s", i, diff)
				}
				for _, f := range receipt.Findings {
					if f.Events[0] != receipt.EventID || f.Place != h.By {
						t.Errorf("finding of another event: %+v", f)
					}
				}
			}
		})
	}
}

// receiveOnly returns the hop by which the shipper of another came to hold its packs.
func receiveOnly(h trace.Hop) trace.Hop {
	return trace.Hop{Step: trace.Commissioning, By: h.By, EPCs: h.EPCs}
}

func TestRecordTwice(t *testing.T) {
	repo := open(nil)
	h := trace.Hop{Step: trace.Dispensing, Time: hopsAt, By: pharmacy, EPCs: []gs1.EPC{pack}, Document: "HD-1"}
	first := record(repo, h)
	second := record(repo, h)
	if first.Index != second.Index || first.EventID != second.EventID || len(second.Findings) > 0 {
		t.Errorf("first %+v, second %+v", first, second)
	}
	events, err := repo.History(t.Context(), pack)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || events[0].EventID != first.EventID || events[0].EventID != events[0].Hash(trace.CBV20) {
		t.Errorf("history %+v", events)
	}
	// The declaration that it is wrong has the same hash, and is another event.
	wrong := *events[0]
	wrong.Error = &trace.ErrorDeclaration{Time: hopsAt.Add(time.Hour), Reason: trace.DidNotOccur}
	declared, err := repo.Capture(t.Context(), &wrong)
	if err != nil {
		t.Fatal(err)
	}
	if declared.Index == first.Index || declared.EventID != first.EventID {
		t.Errorf("declaration %+v", declared)
	}
	if again, err := repo.Capture(t.Context(), &wrong); err != nil || again.Index != declared.Index {
		t.Errorf("declared twice: %+v, %v", again, err)
	}
	c, err := repo.Custody(t.Context(), pack)
	if err != nil {
		t.Fatal(err)
	}
	if c.Disposition != "" || c.Holder != "" {
		t.Errorf("custody %+v by an event that was declared wrong", c)
	}
}

func TestRejectRecordsNothing(t *testing.T) {
	repo := open(&trace.Options{Reject: []trace.Code{trace.ClonedTwoPlaces}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})
	_, err := repo.Record(t.Context(), trace.Hop{Step: trace.Dispensing, By: kiosk, EPCs: []gs1.EPC{pack}})
	rejected, ok := errors.AsType[*trace.RejectedError](err)
	if !ok || len(rejected.Findings) != 1 || rejected.Findings[0].Code != trace.ClonedTwoPlaces {
		t.Fatalf("error %v", err)
	}
	if receipt := record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}}); len(receipt.Findings) != 1 {
		t.Errorf("a finding that is not to be rejected: %+v", receipt)
	}
	events, err := repo.History(t.Context(), pack)
	if err != nil || len(events) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func TestUnknownObject(t *testing.T) {
	repo := open(nil)
	events, err := repo.History(t.Context(), pack)
	if err != nil || len(events) != 0 {
		t.Errorf("history %v, %v", events, err)
	}
	c, err := repo.Custody(t.Context(), lotOf)
	if err != nil || c.EPC != lotOf || len(c.Balances) != 0 {
		t.Errorf("custody %+v, %v", c, err)
	}
}

func TestCanceled(t *testing.T) {
	repo := open(nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := repo.Record(ctx, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// Of many tills that dispense one pack at once, exactly one has no finding; lookups go on meanwhile.
func TestConcurrentTills(t *testing.T) {
	const tills, packs = 8, 12
	repo := open(&trace.Options{Now: time.Now, Reject: []trace.Code{trace.DispensedTwice, trace.ClonedTwoPlaces}})
	sold := make([]int, packs)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for till := range tills {
		wg.Go(func() {
			for i := range packs {
				one := epc(fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/P%d", i))
				_, err := repo.Record(t.Context(), trace.Hop{Step: trace.Dispensing, By: trace.Party(fmt.Sprintf("79-%05d", till)), EPCs: []gs1.EPC{one}})
				if err == nil {
					mu.Lock()
					sold[i]++
					mu.Unlock()
				} else if _, ok := errors.AsType[*trace.RejectedError](err); !ok {
					t.Error(err)
				}
				if _, err := repo.History(t.Context(), one); err != nil {
					t.Error(err)
				}
				if c, err := repo.Custody(t.Context(), one); err != nil || c.Disposition != trace.DispDispensed {
					t.Errorf("custody %+v, %v", c, err)
				}
			}
		})
	}
	wg.Wait()
	for i, n := range sold {
		if n != 1 {
			t.Errorf("pack %d was sold %d times", i, n)
		}
	}
}
