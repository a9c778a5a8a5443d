package trace

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/google/go-cmp/cmp"
)

// TestDecodeRecords reads whole events and parts in every order of mishap.
func TestDecodeRecords(t *testing.T) {
	event := func(name string, objects int) *Event {
		e := &Event{Type: ObjectEvent, Action: Observe, Time: time.Unix(1, 0).UTC(), EventID: "urn:x:" + name}
		for i := range objects {
			e.EPCs = append(e.EPCs, ID(fmt.Sprintf("urn:x:%s:%060d", name, i)))
		}
		return e
	}
	entries := func(e *Event) [][]byte {
		list, err := encodeEvent(e, nil)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	a, b := entries(event("a", 1))[0], entries(event("b", 1))[0]
	long, other := entries(event("long", 2000)), entries(event("other", 2000))
	if len(long) != 3 || len(other) != 3 {
		t.Fatalf("long events have %d and %d parts", len(long), len(other))
	}
	failed := errors.New("disk on fire")
	for _, tc := range []struct {
		name    string
		records [][]byte // nil: an error instead
		want    []string
	}{
		{"none", nil, nil},
		{"whole", [][]byte{a, b}, []string{"0 a", "1 b"}},
		{"long", [][]byte{a, long[0], long[1], long[2], b}, []string{"0 a", "1 long", "4 b"}},
		{"two long", [][]byte{long[0], long[1], long[2], other[0], other[1], other[2]}, []string{"0 long", "3 other"}},
		{"begins inside", [][]byte{long[1], long[2], a}, []string{"0 part", "1 part", "2 a"}},
		{"ends inside", [][]byte{a, long[0], long[1]}, []string{"0 a", "1 part"}},
		{"broken by a whole", [][]byte{long[0], a, b}, []string{"0 part", "1 a", "2 b"}},
		{"broken by another", [][]byte{long[0], long[1], other[0], other[1], other[2]}, []string{"0 part", "2 other"}},
		{"broken by the same", [][]byte{long[0], long[0], long[1], long[2]}, []string{"0 part", "1 long"}},
		{"part left out", [][]byte{long[0], long[2], a}, []string{"0 part", "1 part", "2 a"}},
		{"no event", [][]byte{a, []byte("x"), b}, []string{"0 a", "1 bad", "2 b"}},
		{"no event inside", [][]byte{long[0], []byte("x"), long[1]}, []string{"0 part", "1 bad", "2 part"}},
		{"error", [][]byte{a, nil}, []string{"0 a", "-1 disk on fire"}},
		{"error inside", [][]byte{long[0], nil}, []string{"0 part", "-1 disk on fire"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			seq := func(yield func(ledger.Record, error) bool) {
				for i, data := range tc.records {
					if data == nil {
						yield(ledger.Record{}, failed)
						return
					}
					if !yield(ledger.Record{Index: int64(i), Data: data}, nil) {
						return
					}
				}
			}
			var got []string
			for rec, err := range DecodeRecords(seq) {
				got = append(got, told(rec, err, failed))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for n := range tc.want {
				checkStops(t, DecodeRecords(seq), n+1)
			}
		})
	}
}

func told(rec Recorded, err, failed error) string {
	what := "bad"
	switch {
	case err == nil:
		what = strings.TrimPrefix(rec.Event.EventID, "urn:x:")
	case errors.Is(err, errPart):
		what = "part"
	case errors.Is(err, failed):
		what = err.Error()
	}
	return fmt.Sprint(rec.Index, " ", what)
}

// checkStops ends a loop after n turns: a sequence that goes on panics.
func checkStops(t *testing.T, seq iter.Seq2[Recorded, error], n int) {
	t.Helper()
	for range seq {
		if n--; n == 0 {
			break
		}
	}
	if n != 0 {
		t.Errorf("%d turns too few", n)
	}
}
