package interop

import (
	"bytes"
	"context"
	"crypto/rand"
	"strings"
	"testing"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
)

// TestCosignature lets the formats package cosign and verify what the ledger
// keeps of it.
func TestCosignature(t *testing.T) {
	ctx := context.Background()
	skey, vkey, err := note.GenerateKey(rand.Reader, "witness.example.com/w1")
	if err != nil {
		t.Fatal(err)
	}
	cosigner, err := fnote.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	if vkey, err = fnote.VKeyToCosignatureV1(vkey); err != nil {
		t.Fatal(err)
	}
	theirs, err := fnote.NewVerifierForCosignatureV1(vkey)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ledger.NewWitness(vkey)
	if err != nil {
		t.Fatal(err)
	}
	if ours.Name() != theirs.Name() || ours.KeyHash() != theirs.KeyHash() {
		t.Errorf("%s %08x, want %s %08x", ours.Name(), ours.KeyHash(), theirs.Name(), theirs.KeyHash())
	}
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/interop", Witnesses: []note.Verifier{ours}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, entry(0), entry(1)); err != nil {
		t.Fatal(err)
	}
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	log, err := note.NewVerifier(l.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(c.Note, note.VerifierList(log))
	if err != nil {
		t.Fatal(err)
	}
	text, err := note.Sign(n, cosigner)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = l.AddCosignatures(ctx, text); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(c.Note, text) {
		t.Errorf("kept\n%s\nof\n%s", c.Note, text)
	}
	proof, err := l.ProveInclusion(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, checkpoint, _ := strings.Cut(string(proof), "\n\n")
	if n, err = note.Open([]byte(checkpoint), note.VerifierList(log, theirs)); err != nil || len(n.Sigs) != 2 {
		t.Fatalf("their verifier: %+v, %v", n, err)
	}
	for _, s := range n.Sigs {
		if s.Name == theirs.Name() {
			if at, err := fnote.CoSigV1Timestamp(s); err != nil || at.IsZero() {
				t.Errorf("time %v, %v", at, err)
			}
		}
	}
}
