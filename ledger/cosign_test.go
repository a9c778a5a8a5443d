package ledger_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

// testWitness cosigns as C2SP tlog-cosignature has it.
type testWitness struct {
	name string
	typ  byte
	key  ed25519.PrivateKey
}

func newTestWitness(name string, seed byte) testWitness {
	return testWitness{name, 4, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))}
}

func (w testWitness) public() []byte {
	return append([]byte{w.typ}, w.key.Public().(ed25519.PublicKey)...)
}

func (w testWitness) id() []byte {
	sum := sha256.Sum256(append([]byte(w.name+"\n"), w.public()...))
	return sum[:4]
}

func (w testWitness) vkey() string {
	return fmt.Sprintf("%s+%x+%s", w.name, w.id(), base64.StdEncoding.EncodeToString(w.public()))
}

func (w testWitness) verifier() note.Verifier {
	v, err := ledger.NewWitness(w.vkey())
	if err != nil {
		panic(err)
	}
	return v
}

// line is the answer of the witness to a checkpoint.
func (w testWitness) line(text []byte, time uint64) string {
	body, _, _ := strings.Cut(string(text), "\n\n")
	sig := ed25519.Sign(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s\n", time, body))
	raw := append(w.id(), binary.BigEndian.AppendUint64(nil, time)...)
	return "— " + w.name + " " + base64.StdEncoding.EncodeToString(append(raw, sig...)) + "\n"
}

// cosign appends the cosignatures of witnesses to a note.
func cosign(text []byte, time uint64, ws ...testWitness) []byte {
	out := bytes.Clone(text)
	for _, w := range ws {
		out = append(out, w.line(text, time)...)
	}
	return out
}

func TestNewWitness(t *testing.T) {
	w := newTestWitness("witness.example.com/w1", 1)
	v, err := ledger.NewWitness(w.vkey())
	if err != nil || v.Name() != w.name || v.KeyHash() != binary.BigEndian.Uint32(w.id()) {
		t.Fatalf("%v, %v", v, err)
	}
	other := w
	other.typ = 1
	good := w.vkey()
	for name, vkey := range map[string]string{
		"empty":            "",
		"no parts":         "witness.example.com/w1",
		"signs, no cosign": other.vkey(),
		"wrong id":         strings.Replace(good, fmt.Sprintf("%x", w.id()), "00000000", 1),
		"upper case id":    strings.Replace(good, fmt.Sprintf("%x", w.id()), strings.ToUpper(fmt.Sprintf("%x", w.id())), 1),
		"space in name":    strings.Replace(good, "witness.", "wit ness.", 1),
		"short key":        good[:len(good)-4],
		"other encoding":   good + "=",
	} {
		if _, err := ledger.NewWitness(vkey); err == nil {
			t.Errorf("%s: accepted %q", name, vkey)
		}
	}
}

// TestCosignatures adds cosignatures, which are there in the checkpoint, in
// proofs and after reopening, and refuses all others.
func TestCosignatures(t *testing.T) {
	ctx := context.Background()
	a, b, stranger := newTestWitness("witness.example.com/a", 1), newTestWitness("witness.example.com/b", 2), newTestWitness("witness.example.com/a", 3)
	dir := ledger.NewFaultDir(rand.New(rand.NewPCG(1, 1)))
	store := new(ledgertest.Unreliable)
	opts := &ledger.Options{Origin: "example.com/cosigned", Witnesses: []note.Verifier{a.verifier(), b.verifier()}}
	l, err := ledger.OpenFault(dir, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 300)
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if l.Cosigned() != nil {
		t.Error("a new ledger has cosignatures")
	}
	other := open(t, &ledger.Options{Origin: opts.Origin})
	fill(t, other, 299)
	if _, err := other.Append(ctx, []byte("another history")); err != nil {
		t.Fatal(err)
	}
	foreign, err := other.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wrongTime := []byte(strings.Replace(string(cosign(c.Note, 7, a)), a.line(c.Note, 7), a.line(c.Note, 8)[:60]+a.line(c.Note, 7)[60:], 1))
	body, _, _ := strings.Cut(string(c.Note), "\n\n")
	for name, text := range map[string][]byte{
		"no cosignature":        c.Note,
		"unknown key":           cosign(c.Note, 7, a, stranger),
		"only an unknown key":   cosign(c.Note, 7, stranger),
		"another root":          cosign(foreign.Note, 7, a),
		"of another root":       append(bytes.Clone(c.Note), a.line(foreign.Note, 7)...),
		"another time":          wrongTime,
		"time beyond 63 bits":   cosign(c.Note, math.MaxInt64+1, a),
		"without the log":       []byte(body + "\n\n" + a.line(c.Note, 7)),
		"larger than the log":   cosign(bytes.Replace(c.Note, []byte("\n300\n"), []byte("\n301\n"), 1), 7, a),
		"extension line":        cosign(bytes.Replace(c.Note, []byte("\n\n"), []byte("\nmore\n\n"), 1), 7, a),
		"twice":                 cosign(c.Note, 7, a, a),
		"torn":                  cosign(c.Note, 7, a)[:len(c.Note)+50],
		"signature of the body": append(bytes.Clone(c.Note), strings.Replace(a.line(c.Note, 7), "AAAA", "AAAB", 1)...),
	} {
		if _, err := l.AddCosignatures(ctx, text); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("%s: %v, want ErrProof", name, err)
		}
		if l.Cosigned() != nil {
			t.Fatalf("%s: kept", name)
		}
	}
	// One after the other; the newer of one witness counts.
	if _, err := l.AddCosignatures(ctx, cosign(c.Note, 7, a)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.AddCosignatures(ctx, cosign(c.Note, 8, b)); err != nil {
		t.Fatal(err)
	}
	got, err := l.AddCosignatures(ctx, cosign(c.Note, 9, a))
	if err != nil {
		t.Fatal(err)
	}
	want := string(c.Note) + a.line(c.Note, 9) + b.line(c.Note, 8)
	check := func(what string, text []byte) {
		t.Helper()
		if string(text) != want {
			t.Errorf("%s:\n%s\nwant\n%s", what, text, want)
		}
	}
	check("result", got.Note)
	check("cosigned", l.Cosigned().Note)
	if c, err = l.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	check("checkpoint", c.Note)
	// Later entries: the checkpoint is a new one, proofs of the old entries
	// keep the cosigned one.
	fill(t, l, 400)
	if c, err = l.Checkpoint(ctx); err != nil || c.Size != 400 || bytes.Contains(c.Note, []byte("witness")) {
		t.Errorf("later checkpoint: %v, %v", c, err)
	}
	proofs := func(l *ledger.Ledger) {
		t.Helper()
		for index, size := range map[int64]int64{0: 300, 299: 300, 300: 400, 399: 400} {
			p, err := l.ProveInclusion(ctx, index)
			if err != nil {
				t.Fatal(err)
			}
			_, c, err := ledger.VerifyInclusion(p, fmt.Appendf(nil, "entry %d", index), l.VerifierKey())
			if err != nil || c.Size != size {
				t.Errorf("proof of entry %d: %+v, %v; want one at size %d", index, c, err, size)
			} else if size == 300 {
				check("checkpoint of a proof", c.Note)
			}
		}
	}
	proofs(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err = ledger.OpenFault(dir, store, &ledger.Options{}); err != nil {
		t.Fatal(err)
	}
	check("cosigned after reopening, witnesses or none", l.Cosigned().Note)
	proofs(l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// A bit of the file is repaired; a torn slot leaves the other.
	for range 20 {
		flipped := dir.Clone()
		flipped.Flip("cosigned")
		l, err := ledger.OpenFault(flipped, store, &ledger.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		check("after a wrong bit", l.Cosigned().Note)
		if _, err := l.AddCosignatures(ctx, []byte(want)); !errors.Is(err, ledger.ErrReadOnly) {
			t.Errorf("read-only: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if l, err = ledger.OpenFault(dir, store, opts); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if c, err = l.AddCosignatures(ctx, cosign(c.Note, 10, b)); err != nil || c.Size != 400 {
		t.Errorf("at a later size: %+v, %v", c, err)
	}
	if _, err := l.AddCosignatures(ctx, []byte(want)); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("at the size of before: %v, want ErrProof", err)
	}
}

// otherAlgorithm stands for a verifier of another algorithm, whose signatures
// are as long as those of ML-DSA-44.
type otherAlgorithm struct{}

func (otherAlgorithm) Name() string    { return "witness.example.com/pq" }
func (otherAlgorithm) KeyHash() uint32 { return 0x01020304 }
func (otherAlgorithm) Verify(msg, sig []byte) bool {
	h := sha256.Sum256(msg)
	return bytes.Equal(sig, bytes.Repeat(h[:4], (8+2420)/4))
}

// TestOtherAlgorithm takes cosignatures that only the caller can verify.
func TestOtherAlgorithm(t *testing.T) {
	ctx := context.Background()
	l := open(t, &ledger.Options{Witnesses: []note.Verifier{otherAlgorithm{}}})
	fill(t, l, 3)
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body, _, _ := strings.Cut(string(c.Note), "\n\n")
	h := sha256.Sum256([]byte(body + "\n"))
	raw := append([]byte{1, 2, 3, 4}, bytes.Repeat(h[:4], (8+2420)/4)...)
	add := func() error {
		text := append(bytes.Clone(c.Note), "— witness.example.com/pq "+base64.StdEncoding.EncodeToString(raw)+"\n"...)
		_, err := l.AddCosignatures(ctx, text)
		return err
	}
	if err := add(); err != nil {
		t.Error(err)
	}
	raw[2000] ^= 1
	if err := add(); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("wrong signature: %v, want ErrProof", err)
	}
}

// TestCosignedRollback refuses a ledger that is shorter than what witnesses
// have cosigned.
func TestCosignedRollback(t *testing.T) {
	ctx := context.Background()
	w := newTestWitness("witness.example.com/a", 1)
	dir := ledger.NewFaultDir(rand.New(rand.NewPCG(1, 1)))
	store := new(ledgertest.Unreliable)
	opts := &ledger.Options{Origin: "example.com/cosigned", Witnesses: []note.Verifier{w.verifier()}}
	l, err := ledger.OpenFault(dir, store, opts)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 10)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	before, beforeStore := dir.Clone(), store.Clone()
	if l, err = ledger.OpenFault(dir, store, opts); err != nil {
		t.Fatal(err)
	}
	fill(t, l, 20)
	c, err := l.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.AddCosignatures(ctx, cosign(c.Note, 1, w)); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	before.Put("cosigned", dir.Content("cosigned"))
	if _, err := ledger.OpenFault(before, beforeStore, opts); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

// FuzzWitness reads verifier keys that nobody made.
func FuzzWitness(f *testing.F) {
	w := newTestWitness("witness.example.com/a", 1)
	f.Add(w.vkey(), []byte("text"), make([]byte, 72))
	f.Fuzz(func(t *testing.T, vkey string, msg, sig []byte) {
		if v, err := ledger.NewWitness(vkey); err == nil {
			v.Verify(msg, sig)
		}
	})
}

// A witness answers a checkpoint with a line, and proofs carry it from then
// on.
func ExampleLedger_AddCosignatures() {
	ctx := context.Background()
	province := newTestWitness("witness.example.com/province", 1) // far away
	w, err := ledger.NewWitness(province.vkey())
	if err != nil {
		log.Fatal(err)
	}
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/shop", Witnesses: []note.Verifier{w}})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Append(ctx, []byte("received"), []byte("dispensed")); err != nil {
		log.Fatal(err)
	}
	c, err := l.Checkpoint(ctx)
	if err != nil {
		log.Fatal(err)
	}
	answer := province.line(c.Note, 1679315147)
	if _, err := l.AddCosignatures(ctx, append(c.Note, answer...)); err != nil {
		log.Fatal(err)
	}
	proof, err := l.ProveInclusion(ctx, 1)
	if err != nil {
		log.Fatal(err)
	}

	// The inspector trusts the log and the witness.
	_, c, err = ledger.VerifyInclusion(proof, []byte("dispensed"), l.VerifierKey())
	if err != nil {
		log.Fatal(err)
	}
	n, err := note.Open(c.Note, note.VerifierList(w))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.Sigs[0].Name, "has seen", c.Size, "entries")
	// Output: witness.example.com/province has seen 2 entries
}
