package audit

import (
	"errors"
	"fmt"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// ErrNotCovered is returned by [Bundle.Continues] when a file is good but says nothing about the growth of the ledger since
// the checkpoint. Ask for one that was exported with its size in [ExportOptions.Seen], or for one of a larger range.
var ErrNotCovered = errors.New("growth since the checkpoint seen is not proven")

// DamageError says where a file is not what was exported.
type DamageError struct {
	Offset      int64 // of the part of the file that is wrong, in bytes
	First, Next int64 // the records in it; -1 when it holds none
	Reason      string
}

// Error says where and why.
func (e *DamageError) Error() string {
	if e.First < 0 {
		return fmt.Sprintf("audit: damaged at byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("audit: damaged at byte %d, records %d to %d: %s", e.Offset, e.First, e.Next-1, e.Reason)
}

// ForkError says that a ledger was rewritten: both checkpoints are signed by its key, and no log can have both. They are
// the evidence; keep their notes.
type ForkError struct {
	Seen *ledger.Checkpoint // the one kept from before
	New  *ledger.Checkpoint // that of the file
	Root [32]byte           // which the log of New had at the size of Seen
}

// Error says which sizes contradict each other.
func (e *ForkError) Error() string {
	return fmt.Sprintf("audit: log %s was rewritten: its checkpoint of size %d does not continue the one of size %d",
		e.New.Origin, e.New.Size, e.Seen.Size)
}

// KeyError says that the checkpoint of a registered ledger is not signed by a key that is registered for it, but well by
// the one that the file claims: its owner lost the key and has another, or somebody else made the file. It matches
// ledger.ErrProof.
type KeyError struct {
	Origin  string
	Party   trace.Party // to whom the ledger is registered
	Claimed string      // C2SP verifier key
}

// Error says which key.
func (e *KeyError) Error() string {
	return fmt.Sprintf("audit: ledger %s is signed by %s, which is not registered", e.Origin, e.Claimed)
}

// Unwrap returns ledger.ErrProof.
func (e *KeyError) Unwrap() error { return ledger.ErrProof }
