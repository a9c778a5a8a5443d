package badgerledger

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// makeTable returns a table that Badger wrote.
func makeTable(t testing.TB, rows int) []byte {
	t.Helper()
	dir := t.TempDir()
	s, err := driver{log: slog.New(slog.DiscardHandler)}.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		kv := ledger.KV{Key: fmt.Appendf(nil, "k%05d", i), Value: bytes.Repeat([]byte("v"), i%50)}
		if err := s.Write(context.Background(), []ledger.KV{kv}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, storeDir, "*.sst"))
	if err != nil || len(tables) != 1 {
		t.Fatal(tables, err)
	}
	p, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCheckTable flips every bit of a table.
func TestCheckTable(t *testing.T) {
	p := makeTable(t, 100)
	if err := checkTable(p); err != nil {
		t.Fatal(err)
	}
	for i := range p {
		for bit := range 8 {
			p[i] ^= 1 << bit
			if checkTable(p) == nil {
				t.Fatalf("bit %d of byte %d of %d: no error", bit, i, len(p))
			}
			p[i] ^= 1 << bit
		}
	}
}

func FuzzCheckTable(f *testing.F) {
	f.Add(makeTable(f, 3))
	f.Fuzz(func(t *testing.T, p []byte) { checkTable(p) })
}
