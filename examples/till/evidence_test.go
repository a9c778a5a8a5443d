package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// TestEvidence hands two months to an inspector, the second as what the first one grew to.
func TestEvidence(t *testing.T) {
	f := newFront(t, filepath.Join(t.TempDir(), "ledger"))
	clock := noon()
	f.now = func() time.Time { return clock }
	out := filepath.Join(t.TempDir(), "new", "shop.evidence")
	hand := func(request map[string]any) *audit.Bundle {
		t.Helper()
		request["op"], request["to"] = "evidence", out
		q, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := f.answer(t.Context(), q)
		var answer struct{ Result handed }
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		a := answer.Result
		b, err := audit.Open(bytes.NewReader(file), int64(len(file)), []audit.Key{{Verifier: a.VKey, Party: "68-00417"}})
		if err != nil {
			t.Fatal(err)
		}
		if b.First != a.First || b.Next != a.Next || b.Checkpoint.Size != a.Size {
			t.Errorf("%v: answered %+v, the file has %d to %d of %d", request, a, b.First, b.Next, b.Checkpoint.Size)
		}
		return b
	}
	record := func(serials ...string) {
		t.Helper()
		for _, s := range serials {
			f.answer(t.Context(), []byte(receiving(s)))
		}
	}

	record("P0", "P1")
	march := hand(map[string]any{"from": "2026-03-01", "until": "2026-04-01"})
	clock = clock.AddDate(0, 1, 0)
	record("P2")
	april := hand(map[string]any{"from": "2026-04-01", "until": "2026-05-01"})
	whole := hand(map[string]any{})
	none := hand(map[string]any{"from": "2026-05-01", "seen": []int{2}})
	for _, tc := range []struct {
		name        string
		b           *audit.Bundle
		first, next int64
	}{{"March", march, 0, 2}, {"April", april, 2, 3}, {"all", whole, 0, 3}, {"May", none, 3, 3}} {
		if tc.b.First != tc.first || tc.b.Next != tc.next {
			t.Errorf("%s: %d to %d, want %d to %d", tc.name, tc.b.First, tc.b.Next, tc.first, tc.next)
		}
		if err := tc.b.Continues(march.Checkpoint); err != nil {
			t.Errorf("%s does not continue March: %v", tc.name, err)
		}
	}
	n := 0
	for rec, err := range whole.Events(t.Context()) {
		if err != nil || rec.Index != int64(n) || rec.Event.BizStep != trace.BizStepReceiving {
			t.Errorf("event %d: %+v, %v", n, rec, err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d events, want 3", n)
	}
	if list, err := os.ReadDir(filepath.Dir(out)); len(list) != 1 {
		t.Errorf("%d files, %v; want the evidence alone", len(list), err)
	}
}
