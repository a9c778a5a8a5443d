package trace_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// shared returns the path of a file of vectors beside the folder that has go.mod, and skips the test when there is none.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		t.Fatal("no go.mod above the test")
	}
	file := filepath.Join(filepath.Dir(dir), "shared", "vectors", filepath.FromSlash(name))
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skipf("shared/vectors/%s is missing", name)
	}
	return file
}

func readJSON(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// readMaster returns the register of a province.
func readMaster(t testing.TB, name string) *trace.Register {
	t.Helper()
	var master struct {
		Establishments []struct {
			GLN       trace.Party
			Suspended time.Time `json:"suspended_from"`
		}
		Products []struct {
			GTIN string
			Max  int64 `json:"declared_max_retail_vnd"`
		}
		Lots []struct {
			GTIN, Lot string
			Recalled  *time.Time `json:"recall_from"`
		}
		Period struct{ End time.Time }
	}
	readJSON(t, "province/"+name+".master.json", &master)
	reg := &trace.Register{End: master.Period.End}
	for _, e := range master.Establishments {
		reg.Establishments = append(reg.Establishments, trace.Establishment{Party: e.GLN, Suspended: e.Suspended})
	}
	for _, p := range master.Products {
		gtin, err := gs1.ParseGTIN(p.GTIN)
		if err != nil {
			t.Fatal(err)
		}
		reg.Products = append(reg.Products, trace.Product{GTIN: gtin, MaxPrice: p.Max})
	}
	for _, l := range master.Lots {
		gtin, err := gs1.ParseGTIN(l.GTIN)
		if err != nil {
			t.Fatal(err)
		}
		lot := trace.Lot{GTIN: gtin, Lot: l.Lot}
		if l.Recalled != nil {
			lot.Recalled = *l.Recalled
		}
		reg.Lots = append(reg.Lots, lot)
	}
	return reg
}

// readProvince returns the events of a province, in the order in which they arrived.
func readProvince(t testing.TB, name string) []*trace.Event {
	t.Helper()
	file := "province/" + name + ".jsonl"
	if name == "medium" {
		file += ".gz"
	}
	f, err := os.Open(shared(t, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var events []*trace.Event
	for e, err := range epcis.NewDecoder(in, nil).Events() {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

type anomaly struct {
	ID     string
	Type   trace.Code
	EPCs   []trace.ID
	Events []string
	Also   []trace.Code
}

type broken struct {
	code   trace.Code
	object string // an EPC, or the identifier of an event
}

// checkAnswers compares findings with what was planted: all of it, and nothing else.
func checkAnswers(t *testing.T, anomalies []anomaly, findings []trace.Finding) {
	t.Helper()
	found, allowed := make(map[broken]bool), make(map[broken]bool)
	for _, f := range findings {
		for _, id := range f.EPCs {
			found[broken{f.Code, string(id)}] = true
		}
	}
	for _, a := range anomalies {
		for _, code := range append([]trace.Code{a.Type}, a.Also...) {
			hit := false
			for _, id := range a.EPCs {
				allowed[broken{code, string(id)}] = true
				hit = hit || found[broken{code, string(id)}]
			}
			if !hit {
				t.Errorf("missed %s %s on %v", a.ID, code, a.EPCs)
			}
		}
	}
	extra := make(map[trace.Code]int)
	for _, f := range findings {
		if !slices.ContainsFunc(f.EPCs, func(id trace.ID) bool { return allowed[broken{f.Code, string(id)}] }) {
			if extra[f.Code]++; extra[f.Code] <= 3 {
				t.Errorf("extra %v", f)
			}
		}
	}
	if len(extra) > 0 {
		t.Errorf("extra findings: %v", extra)
	}
}

func TestAuditProvince(t *testing.T) {
	for _, name := range []string{"small", "medium"} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name == "medium" {
				t.Skip("short: one goroutine, and small follows the same code")
			}
			var answers struct{ Anomalies []anomaly }
			readJSON(t, "province/"+name+".answers.json", &answers)
			checkAnswers(t, answers.Anomalies, trace.Audit(readProvince(t, name), readMaster(t, name)))
		})
	}
}

// The same events from a ledger, in another order and some of them twice, have the same findings.
func TestAuditOfLedger(t *testing.T) {
	events, reg := readProvince(t, "small"), readMaster(t, "small")
	want := trace.Audit(events, reg)
	rnd := rand.New(rand.NewPCG(1, 2))
	events = append(events, events[:50]...)
	rnd.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	repo := open(nil)
	for _, e := range events {
		if _, err := repo.Capture(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := repo.Audit(t.Context(), reg)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A small province of one's own: one hop breaks each rule of the register.
func TestAuditRules(t *testing.T) {
	gtin, err := gs1.ParseGTIN("08935001000020")
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2026, 3, n, 8, 0, 0, 0, time.FixedZone("", 7*3600)) }
	reg := &trace.Register{
		Establishments: []trace.Establishment{{Party: maker}, {Party: distributor}, {Party: pharmacy}, {Party: kiosk, Suspended: day(10)}},
		Products:       []trace.Product{{GTIN: gtin, MaxPrice: 100_000}},
		Lots:           []trace.Lot{{GTIN: gtin, Lot: "L1", Recalled: day(20)}},
		End:            day(31),
	}
	other := epc("https://id.gs1.org/01/08935001000020/21/OTHER")
	two := []gs1.EPC{pack, other}
	made := trace.Hop{Step: trace.Commissioning, Time: day(1), By: maker, EPCs: two, Lot: "L1", Expiry: "280300"}
	ship := trace.Hop{Step: trace.Shipping, Time: day(2), By: maker, To: kiosk, EPCs: two, Document: "PX-1"}
	receive := trace.Hop{Step: trace.Receiving, Time: day(3), By: kiosk, From: maker, EPCs: two, Document: "PX-1"}
	sell := trace.Hop{Step: trace.Dispensing, Time: day(4), By: kiosk, EPCs: []gs1.EPC{pack}}
	with := func(h trace.Hop, change func(*trace.Hop)) trace.Hop {
		change(&h)
		return h
	}
	goods := func(step trace.Step, by trace.Party, at int, n int64) trace.Hop {
		h := trace.Hop{Step: step, Time: day(at), By: by, Goods: []trace.Goods{{Class: lotOf, Count: n}}}
		if step == trace.Shipping {
			h.To = pharmacy
		}
		if step == trace.Receiving {
			h.From = maker
		}
		return h
	}
	box := epc("https://id.gs1.org/00/189350010000000232")
	tests := []struct {
		name string
		hops []trace.Hop
		want []trace.Code
	}{
		{"nothing odd", []trace.Hop{made, ship, receive, sell}, nil},
		{"never commissioned", []trace.Hop{ship, receive}, []trace.Code{trace.NeverCommissioned, trace.NeverCommissioned}},
		{"nobody holds it", []trace.Hop{sell}, []trace.Code{trace.DispenseByNonCustodian, trace.NeverCommissioned}},
		{"unknown place", []trace.Hop{with(made, func(h *trace.Hop) { h.By = "79-99999" })}, []trace.Code{trace.UnknownEstablishment}},
		{"suspended", []trace.Hop{made, ship, receive, with(sell, func(h *trace.Hop) { h.Time = day(10) })}, []trace.Code{trace.SuspendedEstablishment}},
		{"recalled", []trace.Hop{made, with(ship, func(h *trace.Hop) { h.To = pharmacy }), with(receive, func(h *trace.Hop) { h.By = pharmacy }),
			with(sell, func(h *trace.Hop) { h.By, h.Time = pharmacy, day(20) })}, []trace.Code{trace.DispensedAfterRecall}},
		{"price", []trace.Hop{made, ship, receive, with(sell, func(h *trace.Hop) { h.Price = 100_001 })}, []trace.Code{trace.PriceAboveDeclared}},
		{"declared price", []trace.Hop{made, ship, receive, with(sell, func(h *trace.Hop) { h.Price = 100_000 })}, nil},
		{"never received", []trace.Hop{made, ship}, []trace.Code{trace.ShipNeverReceived}},
		{"still on its way", []trace.Hop{made, with(ship, func(h *trace.Hop) { h.Time = day(17) })}, nil},
		{"one is missing", []trace.Hop{made, ship, with(receive, func(h *trace.Hop) { h.EPCs = two[:1] })}, []trace.Code{trace.QuantityMismatch}},
		{"before it was shipped", []trace.Hop{made, with(ship, func(h *trace.Hop) { h.Time = day(5) }), receive}, []trace.Code{trace.TimeTravel}},
		{"shipped anew under the document of a voided shipment", []trace.Hop{made, with(ship, func(h *trace.Hop) { h.EPCs = two[:1] }),
			{Step: trace.VoidingShipping, Time: day(3), By: maker, EPCs: two[:1], Document: "PX-1"},
			with(ship, func(h *trace.Hop) { h.Time, h.EPCs = day(5), two[1:] }), with(receive, func(h *trace.Hop) { h.Time, h.EPCs = day(6), two[1:] })}, nil},
		{"before it was shipped, and after the voided shipment", []trace.Hop{made, ship,
			{Step: trace.VoidingShipping, Time: day(6), By: maker, EPCs: two, Document: "PX-1"},
			with(ship, func(h *trace.Hop) { h.Time = day(7) }), with(receive, func(h *trace.Hop) { h.Time = day(5) })},
			[]trace.Code{trace.TimeTravel}},
		{"voided", []trace.Hop{made, ship, {Step: trace.VoidingShipping, Time: day(3), By: maker, EPCs: two, Document: "PX-1"}}, nil},
		{"goods: sold before their receipt was recorded to be", []trace.Hop{
			goods(trace.Commissioning, maker, 1, 50), goods(trace.Shipping, maker, 2, 20), goods(trace.Dispensing, pharmacy, 3, 20), goods(trace.Receiving, pharmacy, 4, 20)},
			[]trace.Code{trace.BalanceNegative}},
		{"goods: more sold than received", []trace.Hop{
			goods(trace.Commissioning, maker, 1, 50), goods(trace.Shipping, maker, 2, 20), goods(trace.Receiving, pharmacy, 3, 20), goods(trace.Dispensing, pharmacy, 4, 12), goods(trace.Dispensing, pharmacy, 5, 12)},
			[]trace.Code{trace.BalanceNegative, trace.MoreSoldThanReceived}},
		{"goods: and hidden by a count", []trace.Hop{
			goods(trace.Counting, pharmacy, 1, 20), goods(trace.Dispensing, pharmacy, 2, 25), goods(trace.Counting, pharmacy, 3, 30), goods(trace.Dispensing, pharmacy, 4, 29)},
			[]trace.Code{trace.BalanceNegative, trace.MoreSoldThanReceived}},
		{"goods: found in a count", []trace.Hop{
			goods(trace.Counting, pharmacy, 1, 20), goods(trace.Dispensing, pharmacy, 2, 15), goods(trace.Counting, pharmacy, 3, 10), goods(trace.Dispensing, pharmacy, 4, 10)}, nil},
		{"unpacked other than packed", []trace.Hop{made, {Step: trace.Packing, Time: day(2), By: maker, EPCs: two, Parent: box},
			{Step: trace.Unpacking, Time: day(3), By: maker, EPCs: two[:1], Parent: box}}, []trace.Code{trace.AggregationMismatch}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var events []*trace.Event
			for _, h := range tt.hops {
				e, err := h.Event()
				if err != nil {
					t.Fatal(err)
				}
				events = append(events, e)
			}
			findings := trace.Audit(events, reg)
			got := codes(findings)
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, f := range findings {
				if vi := f.Text(trace.Vietnamese); vi == f.Text(trace.English) || strings.ContainsAny(vi, "{}") {
					t.Errorf("text %q", vi)
				}
			}
		})
	}
}
