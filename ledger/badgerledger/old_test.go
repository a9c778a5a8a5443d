package badgerledger

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"log/slog"
	"os"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// TestOldStore opens a ledger whose store has the marks of an older version:
// FORMAT.md, "Rows of the store". It is written anew and nothing of it stays.
func TestOldStore(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	check := func() {
		t.Helper()
		l, err := Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l.Size() == 0 {
			var entries [][]byte
			for i := range 9000 {
				entries = append(entries, fmt.Appendf(nil, "entry %d", i))
			}
			if _, err := l.Append(ctx, entries...); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	check()
	d := driver{log: slog.New(slog.DiscardHandler)}
	s, err := d.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var rows []ledger.KV
	marks := 0
	err = s.Scan(ctx, []byte{0}, nil, func(k, v []byte) error {
		row := ledger.KV{Key: append([]byte(nil), k...), Value: append([]byte(nil), v...)}
		if k[0] == 'c' {
			marks++
			row.Key[0] = 'm'
			body := row.Value[:len(v)-4]
			binary.BigEndian.PutUint32(row.Value[len(body):], crc32.Update(crc32.Checksum(row.Key, castagnoli), castagnoli, body))
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil || marks < 2 {
		t.Fatalf("%d marks, %v", marks, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to remove
		if err := d.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
	if s, err = d.Open(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Write(ctx, rows); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		check()
	}
	if s, err = d.Open(dir); err != nil {
		t.Fatal(err)
	}
	err = s.Scan(ctx, []byte("i"), []byte("n"), func(k, v []byte) error { return fmt.Errorf("row %x is still there", k) })
	if err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != storeDir || e.Name() == "rebuild" {
			t.Errorf("%s was left", e.Name())
		}
	}
}
