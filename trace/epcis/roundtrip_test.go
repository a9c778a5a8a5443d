package epcis_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// checkRoundTrip writes events in every form, and reads them back.
func checkRoundTrip(t *testing.T, events []*trace.Event) {
	t.Helper()
	want := make([]*trace.Event, len(events))
	for i, e := range events {
		c := *e
		c.EventID = e.ID() // is always written
		want[i] = &c
		data, err := epcis.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got, err := epcis.Decode(data)
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if diff := cmp.Diff([]*trace.Event{&c}, got); diff != "" {
			t.Fatalf("event %d alone (-want +got):\n%s\n%s", i, diff, data)
		}
	}
	for name, opts := range map[string]*epcis.EncoderOptions{
		"document":       nil,
		"query document": {QueryName: "q"},
		"lines":          {Lines: true, Prefixes: map[string]string{"vn": "https://duoc.example.vn/epcis/"}},
	} {
		var buf bytes.Buffer
		enc := epcis.NewEncoder(&buf, opts)
		for _, e := range events {
			if err := enc.Encode(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := enc.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := epcis.Decode(buf.Bytes())
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, buf.Bytes())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRoundTripVectors(t *testing.T) {
	for _, v := range jsonLines[verdict](t, shared(t, "epcis/schema_validation_json.jsonl")) {
		if v.DocType == nil || !v.Valid {
			continue
		}
		t.Run(v.File, func(t *testing.T) {
			data, err := os.ReadFile(shared(t, "epcis/"+v.File))
			if err != nil {
				t.Fatal(err)
			}
			events, err := epcis.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, events)
		})
	}
}

func TestRoundTripProvince(t *testing.T) {
	var events []*trace.Event
	for e, err := range epcis.NewDecoder(openProvince(t, "small.jsonl"), nil).Events() {
		if err != nil {
			t.Fatal(err)
		}
		if len(e.EPCs) < 50 {
			events = append(events, e)
		}
		if len(events) == 400 {
			break
		}
	}
	checkRoundTrip(t, events)
}
