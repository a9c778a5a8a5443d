package audit_test

import (
	"crypto"
	"crypto/ed25519"
)

// testSigners is a fixed key, so that files are the same in every run.
func testSigners() []crypto.Signer {
	return []crypto.Signer{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
}
