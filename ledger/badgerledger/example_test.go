package badgerledger_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dauvet/dauvet/ledger/badgerledger"
)

func Example() {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	l, err := badgerledger.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := l.Append(context.Background(), []byte("received")); err != nil {
		log.Fatal(err)
	}
	if err := l.Close(); err != nil {
		log.Fatal(err)
	}

	l, err = badgerledger.Open(dir, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	r, err := l.Read(context.Background(), 0)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d %s\n", r.Index, r.Data)
	// Output: 0 received
}
