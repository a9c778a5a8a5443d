package ledger_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// open opens a ledger in memory and closes it with the test.
func open(t testing.TB, opts *ledger.Options) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil && !errors.Is(err, ledger.ErrClosed) {
			t.Error(err)
		}
	})
	return l
}

func fill(t testing.TB, l *ledger.Ledger, n int) {
	t.Helper()
	for first := int(l.Size()); first < n; first += 1000 {
		var batch [][]byte
		for i := first; i < min(first+1000, n); i++ {
			batch = append(batch, fmt.Appendf(nil, "entry %d", i))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestProofByHand verifies what a ledger writes with nothing but the note
// and tlog packages of golang.org/x/mod.
func TestProofByHand(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Origin: "example.com/by-hand"})
	fill(t, l, 70000)
	for _, index := range []int64{0, 1, 255, 256, 65535, 65536, 69999} {
		proof, err := l.ProveInclusion(ctx, index)
		if err != nil {
			t.Fatal(err)
		}
		head, text, ok := strings.Cut(string(proof), "\n\n")
		lines := strings.Split(head, "\n")
		if !ok || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+strconv.FormatInt(index, 10) {
			t.Fatalf("bad proof\n%s", proof)
		}
		var hashes tlog.RecordProof
		for _, line := range lines[2:] {
			h, err := tlog.ParseHash(line)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, h)
		}
		size, root := openNote(t, text, l.VerifierKey(), "example.com/by-hand")
		if err := tlog.CheckRecord(hashes, size, root, index, tlog.RecordHash(fmt.Appendf(nil, "entry %d", index))); err != nil {
			t.Errorf("entry %d: %v", index, err)
		}
	}
	seen, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 71234)
	proof, err := l.ProveConsistency(ctx, seen.Size)
	if err != nil {
		t.Fatal(err)
	}
	head, text, _ := strings.Cut(string(proof), "\n\n")
	var hashes tlog.TreeProof
	for _, line := range strings.Split(head, "\n")[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h)
	}
	size, root := openNote(t, text, l.VerifierKey(), "example.com/by-hand")
	if err := tlog.CheckTree(hashes, size, root, seen.Size, seen.Root); err != nil {
		t.Error(err)
	}
}

func openNote(t *testing.T, text, vkey, origin string) (int64, tlog.Hash) {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != origin {
		t.Fatalf("bad checkpoint %q", n.Text)
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		t.Fatal(err)
	}
	return size, root
}

// TestProofsOfSmallTrees proves everything in all trees of up to 100 entries
// and compares roots with those of tlog.
func TestProofsOfSmallTrees(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	ctx := context.Background()
	l := open(t, nil)
	vkey := l.VerifierKey()
	var hashes []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, hashes[i])
		}
		return out, nil
	})
	var seen []*ledger.Checkpoint
	for n := int64(0); n <= 100; n++ {
		c, err := l.Checkpoint(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := c.Root
		if n > 0 {
			root, err := tlog.TreeHash(n, read)
			if err != nil {
				t.Fatal(err)
			}
			want = root
		}
		if c.Size != n || c.Root != want {
			t.Fatalf("checkpoint of size %d: %+v, want root %x", n, c, want)
		}
		seen = append(seen, c)
		for _, old := range seen {
			root, err := l.RootAt(ctx, old.Size)
			if err != nil || root != old.Root {
				t.Fatalf("root at %d of %d: %x, %v; want %x", old.Size, n, root, err, old.Root)
			}
			proof, err := l.ProveConsistency(ctx, old.Size)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.VerifyConsistency(old, proof, vkey); err != nil {
				t.Fatalf("from %d to %d: %v", old.Size, n, err)
			}
		}
		for i := range n {
			proof, err := l.ProveInclusion(ctx, i)
			if err != nil {
				t.Fatal(err)
			}
			r, _, err := ledger.VerifyInclusion(proof, fmt.Appendf(nil, "entry %d", i), vkey)
			if err != nil || r.Index != i {
				t.Fatalf("entry %d of %d: %v", i, n, err)
			}
			if _, _, err := ledger.VerifyInclusion(proof, fmt.Appendf(nil, "entry %d", i+1), vkey); !errors.Is(err, ledger.ErrProof) {
				t.Fatalf("entry %d of %d with another text: %v", i, n, err)
			}
		}
		data := fmt.Appendf(nil, "entry %d", n)
		if _, err := l.Append(ctx, data); err != nil {
			t.Fatal(err)
		}
		hs, err := tlog.StoredHashes(n, data, read)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hs...)
	}
}

// TestChangedByte changes every byte of entry, proof, consistency proof and
// checkpoint in each bit and in several, and inserts and drops bytes everywhere.
func TestChangedByte(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Origin: "example.com/b"})
	fill(t, l, 5)
	old, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 9)
	entry := []byte("entry 3")
	inclusion, err := l.ProveInclusion(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	consistency, err := l.ProveConsistency(ctx, 5)
	if err != nil {
		t.Fatal(err)
	}
	vkey := l.VerifierKey()
	tests := []struct {
		name   string
		text   []byte
		verify func([]byte) error
	}{
		{"entry", entry, func(b []byte) error { _, _, err := ledger.VerifyInclusion(inclusion, b, vkey); return err }},
		{"inclusion", inclusion, func(b []byte) error { _, _, err := ledger.VerifyInclusion(b, entry, vkey); return err }},
		{"consistency", consistency, func(b []byte) error { _, err := ledger.VerifyConsistency(old, b, vkey); return err }},
		{"checkpoint", old.Note, func(b []byte) error { _, err := ledger.VerifyCheckpoint(b, vkey); return err }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.verify(tt.text); err != nil {
				t.Fatal(err)
			}
			refused := func(b []byte) {
				t.Helper()
				if err := tt.verify(b); !errors.Is(err, ledger.ErrProof) {
					t.Errorf("accepted with %v:\n%q", err, b)
				}
			}
			for i := range tt.text {
				for _, d := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 3, 15, 255} {
					b := bytes.Clone(tt.text)
					b[i] ^= d
					refused(b)
				}
				refused(append(bytes.Clone(tt.text[:i]), tt.text[i+1:]...))
				for _, c := range []byte("\n\r =A\x00") {
					refused(append(append(bytes.Clone(tt.text[:i]), c), tt.text[i:]...))
				}
				refused(tt.text[:i])
			}
			for _, c := range []string{"\n", " ", "=", "x", string(tt.text)} {
				refused(append(bytes.Clone(tt.text), c...))
			}
		})
	}
}

// TestOtherEncodings gives texts that a lenient reader would decode to the
// same bytes.
func TestOtherEncodings(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Origin: "example.com/b"})
	fill(t, l, 9)
	proof, err := l.ProveInclusion(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(proof), "\n")
	replaceLine := func(i int, f func(string) string) []byte {
		changed := append([]string(nil), lines...)
		changed[i] = f(strings.TrimSuffix(lines[i], "\n")) + "\n"
		return []byte(strings.Join(changed, ""))
	}
	// The last character before one "=" carries two bits that decode to
	// nothing: three other characters decode alike.
	otherBits := func(d int) func(string) string {
		return func(s string) string {
			const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
			i := strings.Index(s, "=") - 1
			if i < 0 {
				return s + "="
			}
			at := strings.IndexByte(alphabet, s[i])
			changed := s[:i] + string(alphabet[at^d]) + s[i+1:]
			f := strings.Fields(s)
			g := strings.Fields(changed)
			a, err1 := base64.StdEncoding.DecodeString(f[len(f)-1])
			b, err2 := base64.StdEncoding.DecodeString(g[len(g)-1])
			if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
				t.Fatalf("%q and %q do not decode alike: the test is wrong", s, changed)
			}
			return changed
		}
	}
	type change struct {
		name string
		text []byte
	}
	changes := []change{
		{"leading zero in index", replaceLine(1, func(s string) string { return "index 03" })},
		{"plus in index", replaceLine(1, func(s string) string { return "index +3" })},
		{"crlf", []byte(strings.ReplaceAll(string(proof), "\n", "\r\n"))},
		{"line break in base64", replaceLine(2, func(s string) string { return s[:4] + "\r" + s[4:] })},
		{"empty extra", replaceLine(0, func(s string) string { return s + "\nextra" })},
		{"second index", replaceLine(1, func(s string) string { return s + "\n" + s })},
	}
	size := -1
	for i, line := range lines {
		if strings.Contains(line, "=") {
			for d := 1; d < 4; d++ {
				changes = append(changes, change{fmt.Sprintf("unused bits %d in line %d", d, i), replaceLine(i, otherBits(d))})
			}
		}
		if line == "9\n" {
			size = i
		}
	}
	changes = append(changes, change{"leading zero in size", replaceLine(size, func(s string) string { return "0" + s })})
	for _, c := range changes {
		if _, _, err := ledger.VerifyInclusion(c.text, []byte("entry 3"), l.VerifierKey()); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("%s: got %v, want ErrProof", c.name, err)
		}
	}
	extra := replaceLine(0, func(s string) string { return s + "\nextra aGVsbG8=" })
	if _, _, err := ledger.VerifyInclusion(extra, []byte("entry 3"), l.VerifierKey()); err != nil {
		t.Errorf("extra data: %v", err)
	}
}

func TestForeignProof(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Origin: "example.com/a"})
	m := open(t, &ledger.Options{Origin: "example.com/b"})
	fill(t, l, 3)
	fill(t, m, 3)
	proof, err := l.ProveInclusion(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := ledger.VerifyInclusion(proof, []byte("entry 1"), m.VerifierKey()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("proof of another log: %v", err)
	}
	if _, _, err := ledger.VerifyInclusion(proof, []byte("entry 1")); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("no key: %v", err)
	}
	old, err := m.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	consistency, err := l.ProveConsistency(ctx, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.VerifyConsistency(old, consistency, l.VerifierKey()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("continuing another log: %v", err)
	}
	if _, err := ledger.VerifyConsistency(nil, consistency, l.VerifierKey()); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("continuing nothing: %v", err)
	}
}

// TestRotation signs with two keys; either verifies.
func TestRotation(t *testing.T) {
	ctx := context.Background()
	_, a, _ := ed25519.GenerateKey(nil)
	_, b, _ := ed25519.GenerateKey(nil)
	origin := "example.com/rotation"
	l := open(t, &ledger.Options{Origin: origin, Signers: signers(a, b)})
	fill(t, l, 3)
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range []ed25519.PrivateKey{a, b} {
		vkey, err := note.NewEd25519VerifierKey(origin, k.Public().(ed25519.PublicKey))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 && vkey != l.VerifierKey() {
			t.Errorf("VerifierKey is %s, want that of the first signer %s", l.VerifierKey(), vkey)
		}
		got, err := ledger.VerifyCheckpoint(c.Note, vkey)
		if err != nil || got.Root != c.Root || got.Size != 3 || got.Origin != origin {
			t.Errorf("key %d: %+v, %v", i, got, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	l := open(f, &ledger.Options{Origin: "example.com/b"})
	fill(f, l, 9)
	inclusion, err := l.ProveInclusion(context.Background(), 3)
	if err != nil {
		f.Fatal(err)
	}
	consistency, err := l.ProveConsistency(context.Background(), 5)
	if err != nil {
		f.Fatal(err)
	}
	old, err := l.Checkpoint(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(inclusion)
	f.Add(consistency)
	f.Add(old.Note)
	vkey := l.VerifierKey()
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, _, err := ledger.VerifyInclusion(text, []byte("entry 3"), vkey); err == nil && !bytes.Equal(text, inclusion) && !bytes.Contains(text, []byte("\nextra ")) {
			t.Error("accepted another proof")
		}
		ledger.VerifyConsistency(old, text, vkey)
		ledger.VerifyCheckpoint(text, vkey)
	})
}
func signers(keys ...ed25519.PrivateKey) []crypto.Signer {
	var s []crypto.Signer
	for _, k := range keys {
		s = append(s, k)
	}
	return s
}
