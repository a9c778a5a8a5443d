// Package interop holds exports and proofs of a ledger against other
// implementations of the same standards: tessera (C2SP tlog-tiles) and
// transparency-dev/merkle (RFC 6962). It is a module of its own, is never
// released, and has tests only.
package interop
