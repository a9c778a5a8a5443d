package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// verify is what an inspector runs on another machine: three files, arithmetic, nothing else.
func verify(w io.Writer, dir string) error {
	var data [3][]byte
	for i, name := range []string{entryFile, proofFile, keyFile} {
		var err error
		if data[i], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	entry, proof, vkey := data[0], data[1], string(bytes.TrimSpace(data[2]))

	record, checkpoint, err := ledger.VerifyInclusion(proof, entry, vkey)
	if err != nil {
		return err
	}
	event, err := trace.Decode(record.Data)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "key        %s\n", vkey)
	fmt.Fprintf(w, "verified   entry %d is in the ledger %s as signed at %d entries\n", record.Index, checkpoint.Origin, checkpoint.Size)
	fmt.Fprintf(w, "it says    %s, %s by %s, %s\n", event.Time.Format("2006-01-02 15:04"), event.BizStep, name(event.Actor()), event.Disposition)

	forged := bytes.Clone(entry)
	forged[len(forged)/2] ^= 1
	if _, _, err := ledger.VerifyInclusion(proof, forged, vkey); err != nil {
		fmt.Fprintf(w, "forged     one bit of the entry changed: %v\n", err)
		return nil
	}
	return fmt.Errorf("a forged entry was accepted")
}
