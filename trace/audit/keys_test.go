package audit_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

// testSigners is a fixed key, so that files are the same in every run.
func testSigners() []crypto.Signer {
	return []crypto.Signer{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
}

// keysOf registers the key of a ledger.
func keysOf(l *ledger.Ledger) []audit.Key {
	return []audit.Key{{Verifier: l.VerifierKey(), Party: "68-00417"}}
}

// rename returns the same public keys under another name.
func rename(keys []audit.Key, origin string) []audit.Key {
	var out []audit.Key
	for _, k := range keys {
		parts := strings.Split(k.Verifier, "+")
		raw, err := base64.StdEncoding.DecodeString(strings.Join(parts[2:], "+"))
		if err != nil {
			panic(err)
		}
		vkey, err := note.NewEd25519VerifierKey(origin, raw[1:])
		if err != nil {
			panic(err)
		}
		out = append(out, audit.Key{Verifier: vkey, Party: k.Party})
	}
	return out
}

func TestReadKeys(t *testing.T) {
	l, other := newLedger(t, 0, 0), newMemory(t)
	one, two := l.VerifierKey(), other.VerifierKey()
	got, err := audit.ReadKeys(strings.NewReader("\ufeff# khóa\r\n\r\n" + one + " 68-00417\r\n  " + two + "  Quầy thuốc số 3 \n"))
	want := []audit.Key{{Verifier: one, Party: "68-00417"}, {Verifier: two, Party: "Quầy thuốc số 3"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, tc := range []struct{ name, text, want string }{
		{"no key", "68-00417\n", "line 1"},
		{"damaged key", one + " 1\n" + one[:len(one)-1] + "! 1\n", "line 2"},
		{"no establishment", one + "\n", "line 1: no establishment"},
		{"two establishments", one + " 1\n\n" + one + " 2\n", "line 3: ledger example.com/shop is that of 1"},
	} {
		if _, err := audit.ReadKeys(strings.NewReader(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.want)
		}
	}
}

// newMemory returns a ledger with a key of its own.
func newMemory(t testing.TB) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestUnknownKey opens a bundle of a registered ledger that is signed by another key: its owner's new one, for all we know.
func TestUnknownKey(t *testing.T) {
	seal := func(seed string) *ledger.Ledger {
		sum := sha256.Sum256([]byte(seed))
		l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/68-00417", Signers: []crypto.Signer{ed25519.NewKeyFromSeed(sum[:])}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	old, now := seal("old"), seal("new")
	_, err := open(export(t, now, nil), []audit.Key{{Verifier: old.VerifierKey(), Party: "68-00417"}})
	var key *audit.KeyError
	if !errors.As(err, &key) || !errors.Is(err, ledger.ErrProof) {
		t.Fatalf("error %v", err)
	}
	if key.Party != "68-00417" || key.Claimed != now.VerifierKey() || key.Origin != "example.com/68-00417" {
		t.Errorf("got %+v", key)
	}
	p := audit.NewProblem("", err)
	if p.Code != audit.KeyUnknown || p.Party != "68-00417" {
		t.Errorf("problem %+v", p)
	}
}
