package trace_test

import (
	"context"
	"fmt"
	"log"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

func scan(hri string) gs1.Message {
	m, err := gs1.ParseHRI(hri)
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func ExampleRepository_Verify() {
	repo := open(nil)
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, EPCs: []gs1.EPC{pack}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})

	verdict, err := repo.Verify(context.Background(), scan("(01)08935001000020(17)280300(10)TN26AB01(21)F8C753PHW3"), pharmacy)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verdict.Dispensable)
	for _, reason := range verdict.Reasons {
		fmt.Println(reason.Text(trace.Vietnamese))
	}
	// Output:
	// false
	// 01/08935001000020/21/F8C753PHW3 đã được bán tại 8935322000013.
}

func ExampleRepository_Stock() {
	repo := open(nil)
	opening := func(lot, expiry string, n int64) {
		record(repo, trace.Hop{Step: trace.Counting, By: kiosk, Expiry: expiry,
			Goods: []trace.Goods{{Class: epc("https://id.gs1.org/01/08935001000020/10/" + lot), Count: n}}})
	}
	opening("L1", "280300", 40)
	opening("L2", "270600", 12)

	// First expired, first out.
	lines, err := repo.Stock(context.Background(), kiosk)
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range lines {
		fmt.Println(line.Expiry, line.Class.Value("10"), line.Count)
	}
	// Output:
	// 2027-06-30 L2 12
	// 2028-03-31 L1 40
}

// What has to leave the shelf within three months.
func ExampleRepository_Expiring() {
	repo := open(nil)
	for lot, expiry := range map[string]string{"L1": "260531", "L2": "260400", "L3": "280300"} {
		record(repo, trace.Hop{Step: trace.Counting, By: kiosk, Expiry: expiry,
			Goods: []trace.Goods{{Class: epc("https://id.gs1.org/01/08935001000020/10/" + lot), Count: 12}}})
	}
	lines, err := repo.Expiring(context.Background(), kiosk, time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	for _, line := range lines {
		fmt.Println(line.Expiry, line.Class.Value("10"), line.Count)
	}
	// Output:
	// 2026-04-30 L2 12
	// 2026-05-31 L1 12
}

func ExampleRepository_Lot() {
	repo := open(nil)
	other := epc("https://id.gs1.org/01/08935001000020/21/OTHER")
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack, other}, Lot: "TN26AB01"})
	record(repo, trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack, other}, Parent: box})
	record(repo, trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{box}})
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, EPCs: []gs1.EPC{box}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})

	report, err := repo.Lot(context.Background(), lotOf)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("dispensed", report.Dispensed)
	for _, place := range report.Places {
		fmt.Println("held by", place.Party, place.Count)
	}
	for _, flow := range report.Flows {
		fmt.Println(flow.From, "shipped", flow.Count, "to", flow.To)
	}
	// Output:
	// dispensed 1
	// held by 8935322000013 1
	// 8935001000013 shipped 2 to 8935322000013
}

func ExampleRepository_Contents() {
	repo := open(nil)
	record(repo, trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}, Goods: []trace.Goods{{Class: lotOf, Count: 24}}, Parent: box})
	packs, goods, err := repo.Contents(context.Background(), box)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(packs)
	fmt.Println(goods)
	// Output:
	// [https://id.gs1.org/01/08935001000020/21/F8C753PHW3]
	// [{https://id.gs1.org/01/08935001000020/10/TN26AB01 24 }]
}

func TestVerify(t *testing.T) {
	const code = "(01)08935001000020(17)260331(10)TN26AB01(21)F8C753PHW3"
	made := trace.Hop{Step: trace.Commissioning, By: pharmacy, EPCs: []gs1.EPC{pack}, Lot: "TN26AB01", Expiry: "260331"}
	by := func(step trace.Step) trace.Hop {
		return trace.Hop{Step: step, By: pharmacy, To: kiosk, EPCs: []gs1.EPC{pack}}
	}
	goods := func(n int64) []trace.Goods { return []trace.Goods{{Class: lotOf, Count: n}} }
	gtin, err := gs1.ParseGTIN("08935001000037")
	if err != nil {
		t.Fatal(err)
	}
	mine, err := gs1.ParseGTIN("08935001000020")
	if err != nil {
		t.Fatal(err)
	}
	const noSerial = "(01)08935001000020(10)TN26AB01"
	with := func(h trace.Hop, change func(*trace.Hop)) trace.Hop {
		change(&h)
		return h
	}
	some := trace.Hop{Step: trace.Counting, By: pharmacy, Goods: goods(10), Expiry: "280300"}
	of := func(step trace.Step, n int64) trace.Hop { return trace.Hop{Step: step, By: pharmacy, Goods: goods(n)} }
	before := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		hops []trace.Hop
		scan string
		reg  *trace.Register
		want []trace.Code
	}{
		{"fine", []trace.Hop{made}, code, nil, nil},
		{"opened pack", []trace.Hop{made, {Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Units: 2}}, code, nil, nil},
		{"released again", []trace.Hop{made, by(trace.Quarantining), by(trace.Releasing)}, code, nil, nil},
		{"unknown serial", nil, code, nil, []trace.Code{trace.UnknownSerial}},
		{"dispensed", []trace.Hop{made, by(trace.Dispensing)}, code, nil, []trace.Code{trace.AlreadyDispensed}},
		{"destroyed", []trace.Hop{made, by(trace.Destroying)}, code, nil, []trace.Code{trace.AlreadyDestroyed}},
		{"exported", []trace.Hop{made, by(trace.Exporting)}, code, nil, []trace.Code{trace.AlreadyExported}},
		{"code withdrawn", []trace.Hop{made, by(trace.Decommissioning)}, code, nil, []trace.Code{trace.AlreadyDestroyed}},
		{"sampled", []trace.Hop{made, by(trace.Sampling)}, code, nil, []trace.Code{trace.AlreadySampled}},
		{"stolen", []trace.Hop{made, by(trace.Losing)}, code, nil, []trace.Code{trace.ReportedLost}},
		{"shipped away", []trace.Hop{made, by(trace.Shipping)}, code, nil, []trace.Code{trace.HeldElsewhere}},
		{"quarantined", []trace.Hop{made, by(trace.Quarantining)}, code, nil, []trace.Code{trace.Quarantined}},
		{"recalled by name", []trace.Hop{made, by(trace.Recalling)}, code, nil, []trace.Code{trace.Recalled}},
		{"recalled with its lot", []trace.Hop{made, {Step: trace.Recalling, By: maker, Goods: goods(1)}}, code, nil, []trace.Code{trace.Recalled}},
		{"recalled by the register", []trace.Hop{made}, code, &trace.Register{Lots: []trace.Lot{{GTIN: mine, Lot: "TN26AB01", Recalled: before}}}, []trace.Code{trace.Recalled}},
		{"suspended, unknown product", []trace.Hop{made}, code,
			&trace.Register{Establishments: []trace.Establishment{{Party: pharmacy, Suspended: before}}, Products: []trace.Product{{GTIN: gtin}}},
			[]trace.Code{trace.SuspendedEstablishment, trace.UnknownProduct}},
		{"other lot and date, expired", []trace.Hop{{Step: trace.Commissioning, By: pharmacy, EPCs: []gs1.EPC{pack}, Lot: "L9", Expiry: "260228"}}, code, nil,
			[]trace.Code{trace.LotMismatch, trace.ExpiryMismatch, trace.Expired}},
		{"no serial: in stock", []trace.Hop{{Step: trace.Counting, By: pharmacy, Goods: goods(3)}}, noSerial, nil, nil},
		{"no serial: none left", []trace.Hop{{Step: trace.Counting, By: pharmacy, Goods: goods(3)}, {Step: trace.Dispensing, By: pharmacy, Goods: goods(3)}},
			noSerial, nil, []trace.Code{trace.NotInStock}},
		{"recalled with its product", []trace.Hop{made, {Step: trace.Recalling, By: maker, Goods: []trace.Goods{{Class: mine.EPC()}}}}, code, nil, []trace.Code{trace.Recalled}},
		{"product recalled by the register", []trace.Hop{made}, code, &trace.Register{Lots: []trace.Lot{{GTIN: mine, Recalled: before}}}, []trace.Code{trace.Recalled}},
		{"no serial: lot recalled", []trace.Hop{some, {Step: trace.Recalling, By: maker, Goods: goods(0)}}, noSerial, nil, []trace.Code{trace.Recalled}},
		{"no serial: recalled by the register", []trace.Hop{some}, noSerial, &trace.Register{Lots: []trace.Lot{{GTIN: mine, Lot: "TN26AB01", Recalled: before}}}, []trace.Code{trace.Recalled}},
		{"no serial: all in quarantine", []trace.Hop{some, of(trace.Quarantining, 0)}, noSerial, nil, []trace.Code{trace.Quarantined}},
		{"no serial: all of it in quarantine", []trace.Hop{some, of(trace.Quarantining, 10)}, noSerial, nil, []trace.Code{trace.Quarantined}},
		{"no serial: some in quarantine", []trace.Hop{some, of(trace.Quarantining, 9)}, noSerial, nil, nil},
		{"no serial: in quarantine elsewhere", []trace.Hop{some, with(of(trace.Quarantining, 0), func(h *trace.Hop) { h.By = kiosk })}, noSerial, nil, nil},
		{"no serial: the rest sold", []trace.Hop{some, of(trace.Quarantining, 9), of(trace.Dispensing, 1)}, noSerial, nil, []trace.Code{trace.Quarantined}},
		{"no serial: released", []trace.Hop{some, of(trace.Quarantining, 0), of(trace.Releasing, 0)}, noSerial, nil, nil},
		{"no serial: some released", []trace.Hop{some, of(trace.Quarantining, 0), of(trace.Releasing, 1)}, noSerial, nil, nil},
		{"no serial: destroyed from quarantine", []trace.Hop{some, of(trace.Quarantining, 9), of(trace.Destroying, 9)}, noSerial, nil, nil},
		{"no serial: returned from quarantine", []trace.Hop{some, of(trace.Quarantining, 9), with(of(trace.Returning, 9), func(h *trace.Hop) { h.To = maker })}, noSerial, nil, nil},
		{"no serial: more arrives in quarantine", []trace.Hop{some, of(trace.Quarantining, 0), with(of(trace.Receiving, 5), func(h *trace.Hop) { h.From = maker })}, noSerial, nil, []trace.Code{trace.Quarantined}},
		{"no serial: exported", []trace.Hop{some, of(trace.Exporting, 10)}, noSerial, nil, []trace.Code{trace.NotInStock}},
		{"no serial: expired", []trace.Hop{with(some, func(h *trace.Hop) { h.Expiry = "260228" })}, noSerial, nil, []trace.Code{trace.Expired}},
		{"no serial: other date", []trace.Hop{some}, noSerial + "(17)280200", nil, []trace.Code{trace.ExpiryMismatch}},
		{"no serial: unknown lot", nil, noSerial, nil, []trace.Code{trace.UnknownLot}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			repo := open(&trace.Options{Register: tt.reg})
			for _, h := range tt.hops {
				record(repo, h)
			}
			v, err := repo.Verify(t.Context(), scan(tt.scan), pharmacy)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, codes(v.Reasons)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if v.Dispensable != (len(tt.want) == 0) {
				t.Errorf("dispensable %t with %v", v.Dispensable, v.Reasons)
			}
			for _, f := range v.Reasons {
				if f.Text(trace.Vietnamese) == f.Text(trace.English) {
					t.Errorf("one text for two languages: %s", f.Text(trace.English))
				}
			}
		})
	}
	if _, err := open(nil).Verify(t.Context(), scan("(00)189350010000000232"), pharmacy); err == nil {
		t.Error("a case may be dispensed")
	}
}

// A till that knows the register is told of prices and suspensions when it records.
func TestRegisterAtTheTill(t *testing.T) {
	gtin, err := gs1.ParseGTIN("08935001000020")
	if err != nil {
		t.Fatal(err)
	}
	repo := open(&trace.Options{Register: &trace.Register{
		Products:       []trace.Product{{GTIN: gtin, MaxPrice: 100_000}},
		Establishments: []trace.Establishment{{Party: pharmacy, Suspended: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}},
	}})
	receipt := record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Price: 120_000})
	if diff := cmp.Diff([]trace.Code{trace.SuspendedEstablishment, trace.PriceAboveDeclared}, codes(receipt.Findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStockFollowsCases(t *testing.T) {
	repo := open(nil)
	other := epc("https://id.gs1.org/01/08935001000020/21/OTHER")
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack, other}, Lot: "TN26AB01", Expiry: "280300"})
	record(repo, trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack, other}, Goods: []trace.Goods{{Class: lotOf, Count: 5}}, Parent: box})
	record(repo, trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{box}})
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, EPCs: []gs1.EPC{box}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{other}})
	record(repo, trace.Hop{Step: trace.Recalling, By: maker, Goods: []trace.Goods{{Class: lotOf, Count: 1}}})
	got, err := repo.Stock(t.Context(), pharmacy)
	if err != nil {
		t.Fatal(err)
	}
	want := []trace.StockLine{{Class: lotOf, Expiry: "2028-03-31", Count: 5, Packs: []trace.ID{trace.IDOf(pack)}, Recalled: true}}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b gs1.EPC) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	packs, goods, err := repo.Contents(t.Context(), box)
	if err != nil || !slices.Equal(packs, []trace.ID{trace.IDOf(pack)}) || len(goods) != 1 {
		t.Errorf("contents %v, %v, %v", packs, goods, err)
	}
	if _, err := repo.Lot(t.Context(), pack); err == nil {
		t.Error("a pack is no lot")
	}
}
