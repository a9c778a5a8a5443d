package report_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/google/go-cmp/cmp"
)

// TestSplit cuts the small province into two periods, and reports on the second by its evidence alone: the findings are those
// of the whole history that are of that time, except for what follows from packs that had left the chain before it.
func TestSplit(t *testing.T) {
	p := readProvince(t, "small", "small.jsonl")
	all, keys := ledgers(t, p.events)
	cut := p.start.AddDate(0, 0, 35)
	first := make(map[trace.Party]int64)
	for party, l := range all {
		at, _, err := audit.Period(t.Context(), l, cut, p.register.End.AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		first[party] = at
	}
	tail := func(bare bool) []report.Source {
		return bundles(t, all, keys, func(party trace.Party) *audit.ExportOptions {
			return &audit.ExportOptions{First: first[party], Bare: bare}
		})
	}
	opts := p.options(keys)
	opts.From = cut
	whole, err := report.Make(t.Context(), bundles(t, all, keys, nil), opts)
	if err != nil {
		t.Fatal(err)
	}
	second, err := report.Make(t.Context(), tail(false), opts)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := report.Make(t.Context(), tail(true), opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Findings) < 8 {
		t.Fatalf("%d findings in the second period: nothing to compare", len(whole.Findings))
	}
	if diff := cmp.Diff(whole.Balances, second.Balances); diff != "" {
		t.Errorf("balances (-whole +second):\n%s", diff)
	}
	if diff := cmp.Diff(list(whole), list(second)); diff != "" {
		t.Errorf("findings (-whole +second):\n%s", diff)
	}
	if len(bare.Findings) < 2*len(whole.Findings) {
		t.Errorf("%d findings without openings, %d with the whole history: the openings were not needed", len(bare.Findings), len(whole.Findings))
	}

	// Both periods at once are the whole history, and the openings follow from the first period.
	both := bundles(t, all, keys, func(party trace.Party) *audit.ExportOptions {
		if first[party] == 0 {
			return nil
		}
		return &audit.ExportOptions{Next: first[party]}
	})
	opts.From = p.start
	want, err := report.Make(t.Context(), bundles(t, all, keys, nil), opts)
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.Make(t.Context(), slices.Concat(tail(false), both), opts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list(want), list(got)); diff != "" {
		t.Errorf("both periods (-whole +both):\n%s", diff)
	}
	if diff := cmp.Diff(want.Balances, got.Balances); diff != "" {
		t.Errorf("balances of both periods (-whole +both):\n%s", diff)
	}
	for _, x := range got.Problems {
		t.Errorf("problem: %s", x.Text(trace.English))
	}
}

// list returns what the findings of a report say.
func list(r *report.Report) (out []trace.Finding) {
	for _, f := range r.Findings {
		out = append(out, f.Finding)
	}
	return out
}

// TestGoodsSplit does so with goods without serial numbers, and with an opening that is not what the period before left.
func TestGoodsSplit(t *testing.T) {
	lot := epc(t, "https://id.gs1.org/01/08936000123451/10/L1")
	goods := func(n int64) []trace.Goods { return []trace.Goods{{Class: lot, Count: n}} }
	const maker, shop trace.Party = "8936000120009", "68-00417"
	hops := map[trace.Party][]trace.Hop{
		maker: {
			{Step: trace.Commissioning, Time: day(1), By: maker, Goods: goods(100), Lot: "L1", Expiry: "2026-03-20"},
			{Step: trace.Shipping, Time: day(2), By: maker, To: shop, Goods: goods(40), Document: "1"},
			{Step: trace.Shipping, Time: day(9), By: maker, To: shop, Goods: goods(10), Document: "2"},
			// The second period.
			{Step: trace.Shipping, Time: day(12), By: maker, To: shop, Goods: goods(5), Document: "3"},
		},
		shop: {
			{Step: trace.Receiving, Time: day(3), By: shop, From: maker, Goods: goods(40), Document: "1"},
			{Step: trace.Dispensing, Time: day(4), By: shop, Goods: goods(15), Document: "b1"},
			{Step: trace.Quarantining, Time: day(5), By: shop, Goods: goods(20)},
			// The second period.
			{Step: trace.Receiving, Time: day(11), By: shop, From: maker, Goods: goods(10), Document: "2"},
			{Step: trace.Receiving, Time: day(13), By: shop, From: maker, Goods: goods(5), Document: "3"},
			{Step: trace.Dispensing, Time: day(14), By: shop, Goods: goods(30), Document: "b2"},
			{Step: trace.Dispensing, Time: day(25), By: shop, Goods: goods(9), Document: "b3"},
			{Step: trace.Dispensing, Time: day(26), By: shop, Goods: goods(9), Document: "b4"},
		},
	}
	cut := map[trace.Party]int64{maker: 3, shop: 3}
	all := make(map[trace.Party]*ledger.Ledger)
	var keys []audit.Key
	for _, party := range []trace.Party{shop, maker} {
		l := newLedger(t, "example.com/"+string(party))
		for _, h := range hops[party] {
			record(t, l, event(t, h))
		}
		all[party] = l
		keys = append(keys, audit.Key{Verifier: l.VerifierKey(), Party: party})
	}
	opts := &report.Options{Keys: keys, From: day(10), Until: day(30),
		Register: &trace.Register{Establishments: []trace.Establishment{{Party: maker}, {Party: shop}}}}
	whole, err := report.Make(t.Context(), bundles(t, all, keys, nil), opts)
	if err != nil {
		t.Fatal(err)
	}
	tail := bundles(t, all, keys, func(party trace.Party) *audit.ExportOptions { return &audit.ExportOptions{First: cut[party]} })
	second, err := report.Make(t.Context(), tail, opts)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Findings) < 4 {
		t.Fatalf("%d findings: nothing to compare", len(whole.Findings))
	}
	// How much was got in all is not known of the time before.
	same := func(x trace.Finding) trace.Finding {
		if x.Code == trace.MoreSoldThanReceived {
			x.Want, x.Got = "", ""
		}
		return x
	}
	if diff := cmp.Diff(list(whole), list(second), cmp.Transformer("same", func(x trace.Finding) any {
		x = same(x)
		return []any{x.Code, x.EPCs, x.Events, x.Place, x.Want, x.Got}
	})); diff != "" {
		t.Errorf("findings (-whole +second):\n%s", diff)
	}
	if diff := cmp.Diff(whole.Balances, second.Balances); diff != "" {
		t.Errorf("balances (-whole +second):\n%s", diff)
	}
	if diff := cmp.Diff(whole.Transit, second.Transit); diff != "" {
		t.Errorf("in transit (-whole +second):\n%s", diff)
	}
	if second.Sums.Claimed != 75 {
		t.Errorf("claimed %d, want 75", second.Sums.Claimed)
	}
	claims := tail[0].Bundle.Claims
	want := []audit.Claim{{Place: shop, Class: trace.IDOf(lot), Count: 25}}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}

	// The period before is at hand: the claims follow from it, until somebody changes them.
	before := bundles(t, all, keys, func(party trace.Party) *audit.ExportOptions { return &audit.ExportOptions{Next: cut[party]} })
	pair := []*audit.Bundle{tail[0].Bundle, before[0].Bundle}
	if problems, err := audit.CompareOpenings(t.Context(), pair); err != nil || len(problems) > 0 {
		t.Errorf("problems %v, %v", problems, err)
	}
	tail[0].Bundle.Claims[0].Count = 30
	problems, err := audit.CompareOpenings(t.Context(), pair)
	if err != nil || len(problems) != 1 || problems[0].Code != audit.OpeningDiffers || problems[0].Party != shop {
		t.Errorf("problems %v, %v", problems, err)
	}
	// A gap between two bundles is told.
	gap := bundles(t, all, keys, func(trace.Party) *audit.ExportOptions { return &audit.ExportOptions{First: 2, Next: 3} })
	if _, problems := audit.Begin([]*audit.Bundle{gap[0].Bundle, bundles(t, all, keys, func(trace.Party) *audit.ExportOptions { return &audit.ExportOptions{Next: 1} })[0].Bundle}); len(problems) != 1 || problems[0].Code != audit.RecordsMissing {
		t.Errorf("gap: %v", problems)
	}
}

// TestOpeningSize measures what the opening of a period takes in evidence, beside the period itself, for each pack that was
// in the chain when it began: FORMAT.md of package audit has the figures.
func TestOpeningSize(t *testing.T) {
	name, file, most := "small", "small.jsonl", 70.0
	if *full {
		name, file, most = "medium", "medium.jsonl.gz", 45.0
	}
	p := readProvince(t, name, file)
	all, keys := ledgers(t, p.events)
	cut := p.start.AddDate(0, 0, 35)
	var with, bare, records, before, next int64
	for party, l := range all {
		first, _, err := audit.Period(t.Context(), l, cut, p.register.End.AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range []audit.ExportOptions{{First: first}, {First: first, Bare: true}} {
			var file bytes.Buffer
			if _, err := audit.Export(t.Context(), &file, l, &o); err != nil {
				t.Fatal(err)
			}
			b, err := audit.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), keys)
			if err != nil {
				t.Fatalf("%s: %v", party, err)
			}
			if o.Bare {
				bare += int64(file.Len())
				continue
			}
			with += int64(file.Len())
			records, before, next = records+b.Before, before+b.First, next+b.Next-b.First
		}
	}
	r, err := report.Make(t.Context(), bundles(t, all, keys, nil), &report.Options{Register: p.register, Keys: keys, From: cut})
	if err != nil {
		t.Fatal(err)
	}
	var packs int64
	for _, b := range r.Balances {
		packs += max(b.Opening, 0)
	}
	each := float64(with-bare) / float64(packs)
	t.Logf("%s: %d packs at places; %d of %d records from before, %d bytes: %.1f a pack; the period has %d records in %d bytes",
		name, packs, records, before, with-bare, each, next, bare)
	if each > most {
		t.Errorf("%.1f bytes a pack, want at most %.0f", each, most)
	}
}
