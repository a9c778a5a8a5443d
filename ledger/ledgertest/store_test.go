package ledgertest_test

import (
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

func TestMemoryStore(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store { return new(ledger.MemoryStore) })
}

func TestUnreliable(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledger.Store {
		s, err := new(ledgertest.Unreliable).Open("")
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
