package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// all makes the sequence of some events without error.
func all(events []*trace.Event) iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// A distributor sent a document of EPCIS events.
func ExampleRepository_Import() {
	repo := open(nil)
	document := `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
		"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-14T00:00:00Z","epcisBody":{"eventList":[
		{"type":"ObjectEvent","action":"OBSERVE","eventTime":"2026-01-10T08:00:00+07:00","eventTimeZoneOffset":"+07:00",
		 "epcList":["urn:epc:id:sgtin:8935001.000002.F8C753PHW3"],"bizStep":"shipping","disposition":"in_transit",
		 "readPoint":{"id":"urn:epc:id:sgln:8935210.00001.0"},
		 "destinationList":[{"type":"location","destination":"https://id.gs1.org/414/8935322000013"}]}]}}`
	n, err := repo.Import(context.Background(), epcis.NewDecoder(strings.NewReader(document), nil).Events())
	if err != nil {
		log.Fatal(err)
	}
	custody, err := repo.Custody(context.Background(), pack)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n, "event: on its way to", custody.To)
	// Output:
	// 1 event: on its way to 8935322000013
}

func TestImport(t *testing.T) {
	var events []*trace.Event
	for i := range 30_000 { // more than one batch
		h := trace.Hop{Step: trace.Dispensing, Time: hopsAt, By: pharmacy, EPCs: []gs1.EPC{pack}, Document: fmt.Sprint(i)}
		e, err := h.Event()
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	long := *events[0] // an event of several entries, twice
	long.EPCs = nil
	for i := range 3000 {
		long.EPCs = append(long.EPCs, trace.ID(fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/LONG%010d", i)))
	}
	again := long
	again.EPCs = slices.Clone(long.EPCs)
	slices.Reverse(again.EPCs)
	repo := open(nil)
	n, err := repo.Import(t.Context(), all(append(events, &long, &again, events[0])))
	if err != nil || n != 30_003 {
		t.Errorf("%d events, %v", n, err)
	}
	history, err := repo.History(t.Context(), epc(string(long.EPCs[2999])))
	if err != nil || len(history) != 1 {
		t.Errorf("%d events of a pack in the long one, %v", len(history), err)
	}
}

func TestImportStops(t *testing.T) {
	e, err := trace.Hop{Step: trace.Dispensing, Time: hopsAt, By: pharmacy, Goods: []trace.Goods{{Class: lotOf, Count: 1}}}.Event()
	if err != nil {
		t.Fatal(err)
	}
	bad := *e
	bad.Action = "SELL"
	repo := open(nil)
	n, err := repo.Import(t.Context(), all([]*trace.Event{e, &bad, e}))
	if field, ok := errors.AsType[*trace.FieldError](err); !ok || field.Field != "action" || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
	if n, err := repo.Import(t.Context(), epcis.NewDecoder(bytes.NewReader([]byte("{")), nil).Events()); err == nil || n != 0 {
		t.Errorf("%d events of broken JSON, %v", n, err)
	}
	c, err := repo.Custody(t.Context(), lotOf)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(int64(1), c.Dispensed); diff != "" {
		t.Errorf("what came before the error (-want +got):\n%s", diff)
	}
}
