package audit_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace/audit"
)

// TestTiles exports ledgers as tiles, and the tiles as evidence: it is that of the ledgers.
func TestTiles(t *testing.T) {
	for _, size := range []int{0, 1, 255, 256, 257, 700} {
		l := newLedger(t, size, size)
		dir := t.TempDir()
		c, err := l.Export(t.Context(), ledger.Dir(dir))
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		again, err := audit.ExportTiles(t.Context(), &got, os.DirFS(dir), keysOf(l))
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if !bytes.Equal(again.Note, c.Note) {
			t.Errorf("size %d: another checkpoint:\n%s", size, again.Note)
		}
		b, err := open(got.Bytes(), keysOf(l))
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		if b.First != 0 || b.Next != int64(size) {
			t.Errorf("size %d: records %d to %d", size, b.First, b.Next)
		}
		if want := export(t, l, nil); !bytes.Equal(want, got.Bytes()) {
			t.Errorf("size %d: %d bytes that are not the %d of the ledger", size, got.Len(), len(want))
		}
	}
}

// TestTilesRefused exports tiles that are not whole, and those of a log that nobody registered.
func TestTilesRefused(t *testing.T) {
	l := newLedger(t, 700, 700)
	dir := t.TempDir()
	if _, err := l.Export(t.Context(), ledger.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.ExportTiles(t.Context(), io.Discard, os.DirFS(dir), nil); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("without its key: %v, want ErrProof", err)
	}
	if _, err := audit.ExportTiles(t.Context(), io.Discard, os.DirFS(t.TempDir()), keysOf(l)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty folder: %v, want ErrNotExist", err)
	}
	name := filepath.Join(dir, "tile", "entries", "001")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := audit.ExportTiles(t.Context(), &file, os.DirFS(dir), keysOf(l)); err != nil {
		t.Fatal(err)
	}
	if _, err := open(file.Bytes(), keysOf(l)); err == nil {
		t.Error("a changed record was not found")
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.ExportTiles(t.Context(), io.Discard, os.DirFS(dir), keysOf(l)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a bundle is missing: %v, want ErrNotExist", err)
	}
}
