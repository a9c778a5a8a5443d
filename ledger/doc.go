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
// # What it needs
//
// The journal takes 64 MiB from the start and never more. Append stops with
// [ErrDiskLow] when [Options.MinFree] would not stay free, 256 MiB unless set
// otherwise: a driver may need room to merge its files, and a process must
// not die of a full disk. A small ledger on a small disk does with 64 MiB.
// Every open ledger has its own journal: one for each year and shop is
// better than one for each counter.
//
// # When something is damaged
//
// Open repairs what it can and refuses the rest with a [*CorruptError];
// [Options.ReadOnly] opens what still verifies. [Ledger.Check] looks for
// damage, [Ledger.Repair] takes blocks from an export, [Ledger.Reindex]
// writes the store anew. When Open refuses although there is an export,
// import that into a new directory with the same key file, and append what
// the damaged ledger, opened read-only, has beyond it.
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
