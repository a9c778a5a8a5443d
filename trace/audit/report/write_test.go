package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/dauvet/dauvet/trace/sheet"
	"github.com/google/go-cmp/cmp"
)

func epc(t *testing.T, uri string) gs1.EPC {
	t.Helper()
	e, err := gs1.ParseEPC(uri)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func event(t *testing.T, h trace.Hop) *trace.Event {
	t.Helper()
	e, err := h.Event()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func day(n int) time.Time {
	return time.Date(2026, 3, n, 9, 0, 0, 0, time.FixedZone("", 7*60*60))
}

// hostile is text that does harm where it is not escaped.
const hostile = `</title><script>alert("x")</script><img src=x onerror=alert(1)>`

// TestHostile puts hostile text wherever other people have a say.
func TestHostile(t *testing.T) {
	pack := epc(t, "https://id.gs1.org/01/08936000123451/21/A")
	e := event(t, trace.Hop{Step: trace.Dispensing, Time: day(2), By: "68-00417", EPCs: []gs1.EPC{pack}, Lot: "=cmd|' /C calc'!A0"})
	e.EventID = "urn:x:" + hostile
	e.EPCs = append(e.EPCs, trace.ID("https://id.gs1.org/01/08936000123451/21/"+hostile))
	e.BizStep = trace.BizStep("urn:x:" + hostile)
	twice := event(t, trace.Hop{Step: trace.Dispensing, Time: day(3), By: "68-00417", EPCs: []gs1.EPC{pack}})
	twice.ReadPoint = trace.ID("urn:x:" + hostile)
	src := fromEvents(hostile+"\xff\x00\x1b.jsonl", []*trace.Event{e, twice})
	r, err := report.Make(t.Context(), []report.Source{src}, &report.Options{
		Parties:  map[trace.Party]string{"68-00417": hostile},
		Products: map[string]string{"08936000123451": hostile},
		Problems: []*audit.Problem{{Code: audit.EvidenceDamaged, Party: hostile, Err: errors.New(hostile)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := report.WriteHTML(&page, r, nil); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if !strings.Contains(page.String(), "&lt;script&gt;") {
		t.Error("the text is not there at all")
	}
	for _, f := range report.Tables(r, trace.Vietnamese) {
		var csv bytes.Buffer
		if err := sheet.WriteCSV(&csv, f.Table, &sheet.Options{Escape: true}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	var tables []*sheet.Table
	for _, f := range report.Tables(r, trace.English) {
		tables = append(tables, f.Table)
	}
	var book bytes.Buffer
	if err := sheet.WriteXLSX(&book, tables, nil); err != nil {
		t.Error(err)
	}
	var lines bytes.Buffer
	if err := report.WriteJSON(&lines, r, trace.English); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(lines.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

// TestMany makes more findings than a page has: it says so, and the tables have all of them.
func TestMany(t *testing.T) {
	var events []*trace.Event
	for i := range 500 {
		pack := epc(t, fmt.Sprintf("https://id.gs1.org/01/08936000123451/21/S%d", i))
		events = append(events, event(t, trace.Hop{Step: trace.Dispensing, Time: day(1).Add(time.Duration(i) * time.Minute), By: "68-00417", EPCs: []gs1.EPC{pack}}))
	}
	r, err := report.Make(t.Context(), []report.Source{fromEvents("events", events)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) < 1000 {
		t.Fatalf("%d findings", len(r.Findings))
	}
	var page bytes.Buffer
	if err := report.WriteHTML(&page, r, &report.HTMLOptions{Most: 30, Language: trace.English}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(page.String(), `<details class="finding">`); n != 30 {
		t.Errorf("%d findings on the page, want 30", n)
	}
	if want := fmt.Sprintf("This page has 30 of %d rows", len(r.Findings)); !strings.Contains(page.String(), want) {
		t.Errorf("the page does not say %q", want)
	}
	rows := map[string]int{}
	for _, f := range report.Tables(r, trace.English) {
		for range f.Table.Rows {
			rows[f.Name]++
		}
	}
	if rows["phat-hien"] != len(r.Findings) || rows["bang-chung"] != len(r.Findings) {
		t.Errorf("rows %v for %d findings", rows, len(r.Findings))
	}
}

// TestGoods follows goods without serial numbers through a month: what came, went, was lost and is still there.
func TestGoods(t *testing.T) {
	lot := epc(t, "https://id.gs1.org/01/08936000123451/10/L1")
	goods := func(n int64) []trace.Goods { return []trace.Goods{{Class: lot, Count: n}} }
	const maker, shop, kiosk trace.Party = "8936000120009", "68-00417", "68-00500"
	case1 := epc(t, "https://id.gs1.org/00/089360001200000016")
	events := []*trace.Event{
		event(t, trace.Hop{Step: trace.Commissioning, Time: day(1), By: maker, Goods: goods(100), Lot: "L1", Expiry: "2026-05-01"}),
		event(t, trace.Hop{Step: trace.Shipping, Time: day(2), By: maker, To: shop, Goods: goods(40), Document: "1"}),
		event(t, trace.Hop{Step: trace.Receiving, Time: day(3), By: shop, From: maker, Goods: goods(40), Document: "1"}),
		event(t, trace.Hop{Step: trace.Packing, Time: day(4), By: maker, Parent: case1, Goods: goods(20)}),
		event(t, trace.Hop{Step: trace.Shipping, Time: day(11), By: maker, To: kiosk, EPCs: []gs1.EPC{case1}, Document: "2"}),
		event(t, trace.Hop{Step: trace.Dispensing, Time: day(12), By: shop, Goods: goods(15), Document: "b1"}),
		event(t, trace.Hop{Step: trace.Destroying, Time: day(13), By: shop, Goods: goods(2)}),
		event(t, trace.Hop{Step: trace.Counting, Time: day(14), By: shop, Goods: goods(22)}),
		event(t, trace.Hop{Step: trace.Recalling, Time: day(15), By: maker, Goods: goods(0)}),
		event(t, trace.Hop{Step: trace.Dispensing, Time: day(25), By: shop, Goods: goods(1), Document: "b2"}),
	}
	r, err := report.Make(t.Context(), []report.Source{fromEvents("events", events)}, &report.Options{From: day(10), Until: day(20)})
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Balance{
		{Place: shop, Class: trace.IDOf(lot), Expiry: "2026-05-01", Recalled: day(15), Opening: 40, Out: 15, Loss: 3, Closing: 22},
		{Place: maker, Class: trace.IDOf(lot), Expiry: "2026-05-01", Recalled: day(15), Opening: 60, Out: 20, Closing: 40},
	}
	if diff := cmp.Diff(want, r.Balances); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
	way := []report.Transit{{From: maker, To: kiosk, Class: trace.IDOf(lot), Document: "urn:epcglobal:cbv:bt:8936000120009:2",
		Since: day(11), Count: 20, Recalled: day(15)}}
	if diff := cmp.Diff(way, r.Transit); diff != "" {
		t.Errorf("in transit (-want +got):\n%s", diff)
	}
	if r.Sums.RecalledLeft != 82 || r.Sums.Expiring != 62 {
		t.Errorf("recalled %d, expiring %d; want 82 and 62", r.Sums.RecalledLeft, r.Sums.Expiring)
	}
	for _, f := range r.Findings {
		if f.Code == trace.DispensedAfterRecall {
			t.Errorf("a finding of another period: %+v", f)
		}
	}
}
