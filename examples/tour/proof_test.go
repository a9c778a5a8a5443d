package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// TestProof verifies what the tour wrote without a line of this project: with Go's own transparency log packages, by the
// text of C2SP tlog-proof and tlog-checkpoint.
func TestProof(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	if err := tour(t.Context(), io.Discard, config{dir: dir}); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, "proof", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	entry, proof, vkey := read(entryFile), read(proofFile), strings.TrimSpace(string(read(keyFile)))

	head, checkpoint, ok := bytes.Cut(proof, []byte("\n\n"))
	if !ok {
		t.Fatalf("no checkpoint in the proof:\n%s", proof)
	}
	lines := strings.Split(string(head), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		t.Fatalf("the proof begins %q", lines[0])
	}
	var index int64
	if _, err := fmt.Sscanf(lines[1], "index %d", &index); err != nil {
		t.Fatal(err)
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		path = append(path, hash(t, line))
	}

	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Open(checkpoint, note.VerifierList(verifier))
	if err != nil {
		t.Fatal(err)
	}
	var origin, root string
	var size int64
	if _, err := fmt.Sscan(signed.Text, &origin, &size, &root); err != nil {
		t.Fatal(err)
	}
	if origin != verifier.Name() || size != 8 || index != 7 {
		t.Errorf("entry %d of %d in %s, want 7 of 8 in %s", index, size, origin, verifier.Name())
	}
	if err := tlog.CheckRecord(path, size, hash(t, root), index, tlog.RecordHash(entry)); err != nil {
		t.Error(err)
	}
	if err := tlog.CheckRecord(path, size, hash(t, root), index, tlog.RecordHash(append(entry, 0))); err == nil {
		t.Error("another entry is proven, too")
	}
}

func hash(t *testing.T, text string) tlog.Hash {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) != tlog.HashSize {
		t.Fatalf("%q is no hash: %v", text, err)
	}
	return tlog.Hash(data)
}

// TestExport verifies the exported directory by itself.
func TestExport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	tiles := filepath.Join(t.TempDir(), "tiles")
	var out bytes.Buffer
	if err := tour(t.Context(), &out, config{dir: dir, export: tiles}); err != nil {
		t.Fatal(err)
	}
	vkey, err := os.ReadFile(filepath.Join(dir, "proof", keyFile))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.VerifyTiles(t.Context(), os.DirFS(tiles), strings.TrimSpace(string(vkey)))
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != 8 || !strings.Contains(out.String(), strings.TrimSpace(string(vkey))) {
		t.Errorf("%d entries, want 8, and the key %s in:\n%s", c.Size, vkey, &out)
	}
}
