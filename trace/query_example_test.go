package trace_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// What a pharmacy received of a product in March.
func ExampleRepository_Query() {
	repo := open(nil)
	other := epc("https://id.gs1.org/01/08935001000037/21/OTHER")
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{pack}, Document: "PX-1"})
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{other}, Document: "PX-2"})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})

	query := &trace.Query{
		BizSteps: []trace.BizStep{trace.BizStepReceiving},
		Parties:  []trace.Party{pharmacy},
		MatchEPC: []string{"https://id.gs1.org/01/08935001000020"},
		From:     time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Until:    time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	}
	for found, err := range repo.Query(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(found.Index, found.Event.EPCs[0], found.Event.Document())
	}
	// Output:
	// 0 https://id.gs1.org/01/08935001000020/21/F8C753PHW3 urn:epcglobal:cbv:bt:8935001000013:PX-1
}

// The parameters are those of EPCIS.
func ExampleParseQuery() {
	query, err := trace.ParseQuery(map[string][]string{
		"EQ_bizStep":   {"shipping|receiving"},
		"MATCH_anyEPC": {"urn:epc:id:sgtin:8935001.000002.F8C753PHW3"},
		"perPage":      {"30"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(query.BizSteps, query.MatchAny, query.Limit)
	_, err = trace.ParseQuery(map[string][]string{"WD_readPoint": {"urn:epc:id:sgln:8935001.00001.0"}})
	fmt.Println(err)
	// Output:
	// [shipping receiving] [urn:epc:id:sgtin:8935001.000002.F8C753PHW3] 30
	// WD_readPoint: parameter not supported
}
