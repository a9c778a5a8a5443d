package trace_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// An inspector who was given an entry and its proof needs no repository to read it.
func ExampleDecode() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	repo, err := trace.Open(ctx, l, &trace.Options{Now: clock()})
	if err != nil {
		log.Fatal(err)
	}
	receipt := record(repo, trace.Hop{
		Step: trace.Dispensing,
		By:   kiosk,
		EPCs: []gs1.EPC{epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")},
	})
	proof, err := l.ProveInclusion(ctx, receipt.Index)
	if err != nil {
		log.Fatal(err)
	}
	entry, err := l.Read(ctx, receipt.Index)
	if err != nil {
		log.Fatal(err)
	}

	proven, _, err := ledger.VerifyInclusion(proof, entry.Data, l.VerifierKey())
	if err != nil {
		log.Fatal(err)
	}
	e, err := trace.Decode(proven.Data)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.BizStep, e.Actor(), e.EPCs[0])
	// Output:
	// dispensing 79-00123 https://id.gs1.org/01/08935001000020/21/F8C753PHW3
}
