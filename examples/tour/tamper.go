package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// tamper changes one byte of the proven entry, wherever it stands in a copy of the ledger, and opens the copy.
func tamper(ctx context.Context, w io.Writer, dir, proof string) error {
	entry, err := os.ReadFile(filepath.Join(proof, entryFile))
	if err != nil {
		return err
	}
	copied, err := os.MkdirTemp("", "dauvet-tampered-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied)
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(copied, "*-*")) // journal and blocks, which are the truth
	if err != nil {
		return err
	}
	changed := 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		at := bytes.Index(data, entry)
		if at < 0 {
			continue
		}
		at += len(entry) / 2
		data[at] ^= 0x2a
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return err
		}
		changed++
		fmt.Fprintf(w, "changed   byte %d of %s, in a copy of the ledger\n", at, filepath.Base(name))
	}
	if changed == 0 {
		return errors.New("the proven entry stands in no file of the ledger")
	}

	err = check(ctx, copied)
	if !errors.Is(err, ledger.ErrCorrupt) {
		return fmt.Errorf("a changed ledger was accepted: %v", err)
	}
	fmt.Fprintf(w, "opened    %v\n", err)
	return nil
}

func check(ctx context.Context, dir string) error {
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		return err
	}
	defer l.Close()
	return l.Check(ctx)
}
