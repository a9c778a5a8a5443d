// Package ledger is an append-only, tamper-evident log of opaque entries that
// can be found again by keys taken from their bytes.
//
// An entry is at most [MaxEntry] bytes. Entries are leaves of an RFC 6962
// Merkle tree; the head of the tree is signed as a C2SP tlog-checkpoint, and
// inclusion proofs are C2SP tlog-proof texts. [VerifyCheckpoint],
// [VerifyInclusion] and [VerifyConsistency] need no ledger and no database.
//
// # Where the truth is
//
// A ledger lives in a directory of plain files that this package owns:
//
//	lock       held while the ledger is open
//	key        the signing key that was made when no other was given; back it up
//	head       two slots that say how far the ledger has been written through
//	journal-N  preallocated segments: the commit point, one frame and one
//	           sync for each batch of entries
//	blocks-N   the history: bundles of 256 entries with their hashes
//	cosigned   the last checkpoint that witnesses have cosigned
//	store/     an index that a [Driver] keeps; it can be thrown away
//
// [Ledger.Append] returns when its frame is synced. Behind it, entries move
// to the block files, and pointers, upper tiles of the tree and index keys to
// the store. Whatever is read back is checked against the tree first, so
// that damage is repaired or reported as a [*CorruptError].
//
// FORMAT.md holds the bytes of all files and the rules of recovery.
//
// # Who must be trusted
//
// The journal and the blocks are covered by the tree. The store is trusted
// for completeness of [Ledger.Find] only: a record that it names wrongly is
// refused, a record that it fails to name is missed until [Ledger.Check]
// finds the gap. Whoever owns the directory and the key can rewrite a ledger
// of which nothing was seen outside; a checkpoint kept elsewhere and
// [VerifyConsistency] expose it.
package ledger
