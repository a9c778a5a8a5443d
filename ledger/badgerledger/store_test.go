package badgerledger

import (
	"log/slog"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

func TestStore(t *testing.T) {
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		s, err := driver{log: slog.New(slog.DiscardHandler)}.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
