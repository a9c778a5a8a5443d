package ledger_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dauvet/dauvet/ledger"
)

// An entry is found under the words in it.
func Example() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: indexByFields, Origin: "example.com/shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	// Appended in one go: all or none, durable when Append returns.
	_, err = l.Append(ctx,
		[]byte("e1 box-7 received"),
		[]byte("e2 box-8 received"),
		[]byte("e3 box-7 dispensed"))
	if err != nil {
		log.Fatal(err)
	}
	for r, err := range l.Find(ctx, []byte("box-7")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %s\n", r.Index, r.Data)
	}
	// Output:
	// 0 e1 box-7 received
	// 2 e3 box-7 dispensed
}

// A till reads what happened to a box before it records what comes next, and so knows that this is not recorded yet.
func ExampleLedger_AppendNew() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: indexByFields, Origin: "example.com/shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("e1 box-7 received")); err != nil {
		log.Fatal(err)
	}

	size := l.Size() // before the search
	for r, err := range l.Find(ctx, []byte("box-7")) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d %s\n", r.Index, r.Data)
	}
	sale := []byte("e2 box-7 dispensed")
	keys, id, err := indexByFields(sale)
	if err != nil {
		log.Fatal(err)
	}
	r, err := l.AppendNew(ctx, ledger.NewEntry{Data: sale, Keys: keys, ID: id, Size: size})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d %s\n", r.Index, r.Data)
	// Output:
	// 0 e1 box-7 received
	// 1 e2 box-7 dispensed
}

// A proof is checked by somebody who has no ledger.
func ExampleVerifyInclusion() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("received"), []byte("dispensed")); err != nil {
		log.Fatal(err)
	}
	proof, err := l.ProveInclusion(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}
	vkey := l.VerifierKey()

	// The inspector has the proof, the entry and the key of the log.
	r, c, err := ledger.VerifyInclusion(proof, []byte("dispensed"), vkey)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("entry %d of the %d of %s\n", r.Index, c.Size, c.Origin)

	_, _, err = ledger.VerifyInclusion(proof, []byte("destroyed"), vkey)
	fmt.Println("another text:", err != nil)
	// Output:
	// entry 1 of the 2 of example.com/shop
	// another text: true
}

// A later checkpoint is checked against one that was seen before.
func ExampleVerifyConsistency() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/shop"})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("received")); err != nil {
		log.Fatal(err)
	}
	seen, err := l.Checkpoint(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := l.Append(ctx, []byte("dispensed")); err != nil {
		log.Fatal(err)
	}
	proof, err := l.ProveConsistency(ctx, seen.Size)
	if err != nil {
		log.Fatal(err)
	}
	now, err := ledger.VerifyConsistency(seen, proof, l.VerifierKey())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("from", seen.Size, "to", now.Size)
	// Output: from 1 to 2
}
