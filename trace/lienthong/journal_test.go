package lienthong

import (
	"testing"
	"time"
)

// FuzzJournal: an entry that the journal takes is one that it can read.
func FuzzJournal(f *testing.F) {
	at := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	for _, v := range []any{
		&record{Delivery: Delivery{Generation: 2, Number: "HD1", Time: at, State: Sending}, Sent: "x"},
		&mark{Read: 7, Event: "ni:///sha-256;00", Days: []Day{DayOf(at)}},
	} {
		data, err := entryOf(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, id, err := JournalIndex(data)
		kind, day, key, _, splitErr := splitEntry(data)
		if (err == nil) != (splitErr == nil) {
			t.Fatalf("index %v, split %v", err, splitErr)
		}
		if err != nil {
			return
		}
		if id != nil || len(keys) != 1 || len(keys[0]) != 1+len(day) || kind == kindRecord && len(day) != 10 || len(key) > len(data) {
			t.Errorf("keys %q", keys)
		}
	})
}

// FuzzPrice: what is read as a price is written as the same one.
func FuzzPrice(f *testing.F) {
	for _, s := range []string{"1", "1250.50", `"7"`, "1e3", "-1", "0.001", "."} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p, q Price
		if p.UnmarshalJSON(data) != nil {
			return
		}
		text, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := q.UnmarshalJSON(text); err != nil || p != q {
			t.Errorf("%q is %v, then %q, then %v, %v", data, p, text, q, err)
		}
	})
}
