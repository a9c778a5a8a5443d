package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dauvet/dauvet/ledger"
)

// The files of a proof: what was recorded, that it was recorded, and whose word that is. The key must reach the
// inspector by another way than the proof, once.
const (
	entryFile = "entry"
	proofFile = "entry.tlog-proof"
	keyFile   = "ledger.vkey"
)

// prove writes an entry, its proof and the verifier key into dir.
func prove(ctx context.Context, w io.Writer, l *ledger.Ledger, index int64, dir string) error {
	entry, err := l.Read(ctx, index)
	if err != nil {
		return err
	}
	proof, err := l.ProveInclusion(ctx, index)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{entryFile, entry.Data}, {proofFile, proof}, {keyFile, []byte(l.VerifierKey() + "\n")}} {
		name := filepath.Join(dir, f.name)
		if err := os.WriteFile(name, f.data, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(w, "wrote %s, %d bytes\n", name, len(f.data))
	}
	return nil
}

// export writes the whole ledger in the form of C2SP tlog-tiles, which any client of transparency logs reads.
func export(ctx context.Context, w io.Writer, l *ledger.Ledger, dir string) error {
	c, err := l.Export(ctx, ledger.Dir(dir))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "exported %d entries to %s, verifier key %s\n", c.Size, dir, l.VerifierKey())
	return nil
}
