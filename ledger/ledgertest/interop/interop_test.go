package interop

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
)

var entries = flag.Int("entries", 300_000, "how many entries the exported ledger has")

func entry(i int64) []byte {
	return fmt.Appendf(nil, "entry %d %s", i, strings.Repeat("x", int(i%150)))
}

// export makes a ledger and its export.
func export(t *testing.T) (*ledger.Ledger, string) {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/interop"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := int64(0); i < int64(*entries); {
		var batch [][]byte
		for ; len(batch) < 1000 && i < int64(*entries); i++ {
			batch = append(batch, entry(i))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	if _, err := l.Export(context.Background(), ledger.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	return l, dir
}

// hashBundle gives the leaf hashes of an entry bundle, in tessera's words.
func hashBundle(bundle []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

func TestFsck(t *testing.T) {
	l, dir := export(t)
	v, err := note.NewVerifier(l.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	f := fsck.New(l.Origin(), v, client.FileFetcher{Root: dir}, hashBundle, fsck.Opts{N: 2})
	if err := f.Check(context.Background()); err != nil {
		t.Error(err)
	}
}

// hashLines reads the lines of hashes of a proof text.
func hashLines(t *testing.T, text []byte, skip int) [][]byte {
	t.Helper()
	head, _, _ := bytes.Cut(text, []byte("\n\n"))
	var hashes [][]byte
	for _, line := range strings.Split(string(head), "\n")[skip:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	return hashes
}

// TestProofs verifies our proofs with merkle, and compares them with those
// that tessera builds from the export.
func TestProofs(t *testing.T) {
	ctx := context.Background()
	l, dir := export(t)
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	size := uint64(c.Size)
	builder, err := client.NewProofBuilder(ctx, size, client.FileFetcher{Root: dir}.ReadTile)
	if err != nil {
		t.Fatal(err)
	}
	for i := uint64(0); i < size; i += 1 + size/500 {
		text, err := l.ProveInclusion(ctx, int64(i))
		if err != nil {
			t.Fatal(err)
		}
		hashes := hashLines(t, text, 2)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, i, size, rfc6962.DefaultHasher.HashLeaf(entry(int64(i))), hashes, c.Root[:]); err != nil {
			t.Errorf("entry %d: %v", i, err)
		}
		theirs, err := builder.InclusionProof(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(theirs) != fmt.Sprint(hashes) {
			t.Errorf("entry %d: our proof differs from that of tessera", i)
		}
		if i == 0 {
			continue
		}
		root, err := l.RootAt(ctx, int64(i))
		if err != nil {
			t.Fatal(err)
		}
		text, err = l.ProveConsistency(ctx, int64(i))
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, i, size, hashLines(t, text, 1), root[:], c.Root[:]); err != nil {
			t.Errorf("consistency from %d: %v", i, err)
		}
	}
}
