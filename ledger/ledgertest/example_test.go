package ledgertest_test

import (
	"fmt"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

// A driver has one test that calls Run with a function that opens an empty
// store.
func Example() {
	test := func(t *testing.T) {
		ledgertest.Run(t, func(*testing.T) ledger.Store { return new(ledger.MemoryStore) })
	}
	fmt.Println(testing.RunTests(func(_, _ string) (bool, error) { return true, nil },
		[]testing.InternalTest{{Name: "TestStore", F: test}}))
	// Output: true
}
