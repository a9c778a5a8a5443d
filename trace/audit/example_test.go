package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// A shop exports what it recorded, and an inspector reads it without trusting the shop or the line.
func Example() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index, Origin: "example.com/68-00417", Signers: testSigners()})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	clock := time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)
	repo, err := trace.Open(ctx, l, &trace.Options{Now: func() time.Time { return clock }})
	if err != nil {
		log.Fatal(err)
	}
	for i, step := range []trace.Step{trace.Receiving, trace.Dispensing} {
		pack, err := gs1.ParseEPC("https://id.gs1.org/01/08936000123451/21/K7M2Q9X4T1")
		if err != nil {
			log.Fatal(err)
		}
		clock = clock.Add(time.Duration(i) * time.Hour)
		if _, err := repo.Record(ctx, trace.Hop{Step: step, By: "68-00417", EPCs: []gs1.EPC{pack}}); err != nil {
			log.Fatal(err)
		}
	}

	// In the shop.
	var file bytes.Buffer
	november := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	first, next, err := audit.Period(ctx, l, november, november.AddDate(0, 1, 0))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := audit.Export(ctx, &file, l, &audit.ExportOptions{First: first, Next: next}); err != nil {
		log.Fatal(err)
	}

	// At the inspector, who has the key from the registration of the shop.
	keys, err := audit.ReadKeys(strings.NewReader("example.com/68-00417+e259d9d5+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop 68-00417"))
	if err != nil {
		log.Fatal(err)
	}
	b, err := audit.Open(bytes.NewReader(file.Bytes()), int64(file.Len()), keys)
	if err != nil {
		log.Fatal(err)
	}
	for rec, err := range b.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(rec.Index, rec.Event.Time.Format(time.TimeOnly), rec.Event.BizStep)
	}
	proof, err := b.Prove(1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.22s\n", proof)
	// Output:
	// 0 08:00:00 receiving
	// 1 09:00:00 dispensing
	// c2sp.org/tlog-proof@v1
}
