package audit_test

import (
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/google/go-cmp/cmp"
)

// TestCover counts three establishments: one with two ledgers, one that stopped, and one that never began.
func TestCover(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 11, n, 9, 0, 0, 0, time.UTC) }
	var keys []audit.Key
	var bundles []*audit.Bundle
	shop := func(party trace.Party, days ...int) {
		l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		keys = append(keys, audit.Key{Verifier: l.VerifierKey(), Party: party})
		if days == nil {
			return
		}
		var clock time.Time
		repo, err := trace.Open(t.Context(), l, &trace.Options{Now: func() time.Time { return clock }})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range days {
			clock = day(n)
			e := &trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, Time: clock, EPCs: []trace.ID{"urn:x:1"}}
			if _, err := repo.Capture(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		b, err := open(export(t, l, nil), keys)
		if err != nil {
			t.Fatal(err)
		}
		bundles = append(bundles, b)
	}
	shop("68-00417", 3, 4, 29)
	shop("68-00417", 2, 5)
	shop("68-00500", 1, 20)
	shop("68-00600")
	l := newMemory(t)
	keys = append(keys, audit.Key{Verifier: l.VerifierKey(), Party: "68-00800"})
	empty, err := open(export(t, l, nil), keys)
	if err != nil {
		t.Fatal(err)
	}

	list, problems, err := audit.Cover(t.Context(), append(bundles, empty), keys, day(30), 7*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	want := []audit.Coverage{
		{Party: "68-00417", Ledgers: 2, Records: 5, First: day(2), Last: day(29)},
		{Party: "68-00500", Ledgers: 1, Records: 2, First: day(1), Last: day(20)},
		{Party: "68-00600"},
		{Party: "68-00800", Ledgers: 1},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	told := func(problems []*audit.Problem) (out []string) {
		for _, p := range problems {
			out = append(out, string(p.Code)+" "+string(p.Party))
		}
		return out
	}
	missing := []string{"stopped_reporting 68-00500", "no_evidence 68-00600", "stopped_reporting 68-00800"}
	if diff := cmp.Diff(missing, told(problems)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	_, problems, err = audit.Cover(t.Context(), bundles, keys, time.Time{}, 7*24*time.Hour)
	missing = []string{"no_evidence 68-00600", "no_evidence 68-00800"}
	if diff := cmp.Diff(missing, told(problems)); err != nil || diff != "" {
		t.Errorf("without end: %v, (-want +got):\n%s", err, diff)
	}
	for _, p := range problems {
		if p.Text(trace.Vietnamese) == p.Text(trace.English) {
			t.Errorf("%s says the same in both languages", p.Code)
		}
	}
}
