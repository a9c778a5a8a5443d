package report_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit/report"
)

// A shop sold more of a lot than it got.
func Example() {
	lot, err := gs1.ParseEPC("https://id.gs1.org/01/08936000123451/10/DV24A07")
	if err != nil {
		log.Fatal(err)
	}
	var events []*trace.Event
	for i, h := range []trace.Hop{
		{Step: trace.Receiving, By: "68-00417", From: "8936000120009", Goods: []trace.Goods{{Class: lot, Count: 20}}},
		{Step: trace.Dispensing, By: "68-00417", Goods: []trace.Goods{{Class: lot, Count: 24}}},
	} {
		h.Time = time.Date(2026, 11, 3+i, 9, 0, 0, 0, time.UTC)
		e, err := h.Event()
		if err != nil {
			log.Fatal(err)
		}
		events = append(events, e)
	}
	source := report.Source{Name: "shop.jsonl", Events: func(yield func(trace.Recorded, error) bool) {
		for i, e := range events {
			if !yield(trace.Recorded{Index: int64(i), Event: e}, nil) {
				return
			}
		}
	}}
	register := &trace.Register{Establishments: []trace.Establishment{{Party: "68-00417"}}}
	r, err := report.Make(context.Background(), []report.Source{source}, &report.Options{Register: register})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range r.Findings {
		fmt.Println(f.Code, f.Place, f.Evidence[0].Source, f.Evidence[0].Index)
	}
	for _, b := range r.Balances {
		fmt.Println(b.Place, b.Opening, "+", b.In, "-", b.Out, "-", b.Loss, "=", b.Closing)
	}
	// Output:
	// receive_without_ship 68-00417 shop.jsonl 0
	// balance_negative 68-00417 shop.jsonl 1
	// more_sold_than_received 68-00417 shop.jsonl 1
	// 68-00417 0 + 20 - 24 - 0 = -4
}
