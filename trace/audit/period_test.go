package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// TestPeriod records an event an hour, one of them long and one of them by a clock that was set back.
func TestPeriod(t *testing.T) {
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var clock time.Time
	repo, err := trace.Open(t.Context(), l, &trace.Options{Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	at := func(hour int) time.Time { return day.Add(time.Duration(hour) * time.Hour) }
	starts := make(map[int]int64) // index of the event of each hour
	for _, hour := range []int{0, 1, 2, 3, 1, 5, 6} {
		e := &trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, Time: at(hour), ReadPoint: "urn:x:shop",
			BizTransactions: []trace.BizTransaction{{ID: trace.ID(fmt.Sprintf("urn:x:%d", l.Size()))}}}
		n := 1
		if hour == 3 {
			n = 9000 // takes several records
		}
		for i := range n {
			e.EPCs = append(e.EPCs, trace.ID(fmt.Sprintf("https://id.gs1.org/01/08936000123451/21/%d-%d", hour, i)))
		}
		clock = at(hour)
		r, err := repo.Capture(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := starts[hour]; !ok || hour != 1 {
			starts[hour] = r.Index
		}
	}
	if starts[5]-starts[3] < 4 {
		t.Fatal("the long event took no more than one record")
	}
	for _, tc := range []struct {
		name        string
		from, until int
		first, next int64
	}{
		{"all", 0, 7, 0, l.Size()},
		{"the first", 0, 1, 0, 1},
		{"a long event whole", 3, 4, 3, starts[5] - 1},
		{"the last", 6, 7, starts[6], l.Size()},
		{"the clock was set back", 1, 2, 1, starts[5]},
		{"nothing", 4, 5, l.Size(), l.Size()},
		{"before all", -5, 0, l.Size(), l.Size()},
	} {
		first, next, err := audit.Period(t.Context(), l, at(tc.from), at(tc.until))
		if err != nil || first != tc.first || next != tc.next {
			t.Errorf("%s: %d to %d, %v; want %d to %d", tc.name, first, next, err, tc.first, tc.next)
		}
	}

	// What is exported of the long event is the event.
	first, next, err := audit.Period(t.Context(), l, at(3), at(4))
	if err != nil {
		t.Fatal(err)
	}
	b, err := open(export(t, l, &audit.ExportOptions{First: first, Next: next}), keysOf(l))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rec, err := range b.Events(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; rec.Index != first || len(rec.Event.EPCs) != 9000 {
			t.Errorf("event %d of %d objects", rec.Index, len(rec.Event.EPCs))
		}
	}
	if n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}
