package ledger

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound is returned for an index that the ledger does not hold
	// yet, and by a [Store] for a key that it does not hold.
	ErrNotFound = errors.New("not found")

	// ErrTooLarge is returned for an entry, an index key or a batch beyond
	// the limits. Nothing was appended; split the batch.
	ErrTooLarge = errors.New("too large")

	// ErrClosed is returned after Close.
	ErrClosed = errors.New("ledger is closed")

	// ErrLocked is returned when another process, or another Ledger of this
	// one, has the directory open.
	ErrLocked = errors.New("directory is in use")

	// ErrCorrupt is what every [*CorruptError] matches with errors.Is.
	ErrCorrupt = errors.New("corrupt")

	// ErrFailed is returned by every Append after a write or a sync failed.
	// What was acknowledged before stands; close the ledger and open it
	// again to go on.
	ErrFailed = errors.New("ledger stopped after a failed write")

	// ErrDiskLow is returned by Append when the disk has less space left
	// than [Options.MinFree]. Nothing was appended.
	ErrDiskLow = errors.New("disk is nearly full")

	// ErrReadOnly is returned by what would change a ledger that was opened
	// with [Options.ReadOnly]. Nothing was changed.
	ErrReadOnly = errors.New("ledger is open for reading only")

	// ErrProof is what every refusal by [VerifyCheckpoint],
	// [VerifyInclusion] and [VerifyConsistency] matches with errors.Is.
	ErrProof = errors.New("proof refused")
)

// CorruptError reports bytes that are not what was written. It matches
// [ErrCorrupt] with errors.Is.
type CorruptError struct {
	File   string // file in the directory of the ledger, or "store"
	Offset int64  // byte in the file where the damage was noticed; -1 when unknown
	First  int64  // first entry that may be affected; -1 when unknown
	Next   int64  // entry after the last that may be affected; -1 when unknown
	Reason string // what is wrong
}

// Error says where and what.
func (e *CorruptError) Error() string {
	s := "corrupt: " + e.File
	if e.Offset >= 0 {
		s += fmt.Sprintf(" at byte %d", e.Offset)
	}
	if e.First >= 0 {
		if e.Next > e.First {
			s += fmt.Sprintf(", entries %d to %d", e.First, e.Next-1)
		} else {
			s += fmt.Sprintf(", entries from %d", e.First)
		}
	}
	return s + ": " + e.Reason
}

// Is reports whether target is ErrCorrupt.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// OptionError reports a directory that was written with another format or
// other options than those it is being opened with. Nothing was changed.
type OptionError struct {
	Name   string // "format", "Origin", "Index", "Signers"
	Stored string // what the directory says
	Given  string // what Open was called with
}

// Error names the option and both values.
func (e *OptionError) Error() string {
	return fmt.Sprintf("option %s: the ledger has %s, opened with %s", e.Name, e.Stored, e.Given)
}
