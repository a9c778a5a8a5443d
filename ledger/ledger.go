package ledger

import (
	"context"
	"crypto"
	"hash/maphash"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Options are the choices of who opens a ledger. nil and the zero value are
// good defaults.
type Options struct {
	// Index says under what an entry can be found: keys for Find, and an id
	// that makes Append idempotent, nil for none. It must be a function of
	// the bytes alone, because an index is rebuilt from them. An error
	// refuses the entry. A key is at most 240 bytes. The slices may alias
	// data; they are copied. Index is called from many goroutines.
	// nil: no index; a ledger is opened with an Index always or never.
	Index func(data []byte) (keys [][]byte, id []byte, err error)

	// Origin is the name of the log, the first line of its checkpoints: a
	// URL without schema, unique, without spaces and plus signs. Empty: what
	// the ledger was made with, or for a new one "dauvet/" and a hash of the
	// first key.
	Origin string

	// Signers sign the checkpoints, each with the origin as its key name.
	// Their public keys are Ed25519; a token or an HSM will do. Empty: the
	// key in the file "key" of the ledger, which is made on first open.
	Signers []crypto.Signer

	// Witnesses verify the cosignatures given to AddCosignatures. NewWitness
	// makes those for Ed25519; for other algorithms, such as the ML-DSA-44 of
	// C2SP tlog-cosignature, it is the caller who brings a verifier.
	Witnesses []note.Verifier

	// Seen is a checkpoint of this ledger that was seen before, possibly by
	// somebody else. Open refuses a ledger that does not continue it; with
	// ReadOnly that is damage like other.
	Seen *Checkpoint

	// ReadOnly opens a ledger to be read, changes nothing on the disk, and
	// takes damage that Open refuses otherwise. Whatever still verifies is
	// served. A read of an entry that does not gives a CorruptError, as does
	// Find at its end when the damaged entries could have been among those
	// that it looked for; Check returns all damage, joined. Proofs are given
	// where the tree is whole. When hashes are lost, so that the tree cannot
	// be computed, entries are verified by the checksums and hashes of their
	// own block or frame. Export writes what is whole. Append, Import, Repair
	// and Reindex give ErrReadOnly. All blocks are read once for an index
	// in memory; the store is not looked at. Several processes can read.
	// When the head is lost, Origin is needed unless the key file is there.
	ReadOnly bool

	// CacheBytes bounds the memory for verified pieces of the tree. 0: 1 MiB.
	CacheBytes int

	// MinFree is the space in bytes that Append leaves free on the disk.
	// 0: 256 MiB. Negative: no floor.
	MinFree int64

	// Logger hears of repairs and rebuilding. nil: nobody does.
	Logger *slog.Logger

	layout layout // for tests
}

// layout holds the sizes that are constants of the format, or of good sense.
// The tests make them small.
type layout struct {
	segments     int
	segmentSize  int64
	markEvery    int64 // bytes of journal between marks
	maxBody      int   // bytes of a frame's body
	maxLag       int   // bytes of full chunks that wait to be applied
	chunkEntries int   // where a chunk ends
	chunkBytes   int
	maxBlockFile int64 // a block file is not continued beyond
}

var defaultLayout = layout{
	segments:     4,
	segmentSize:  16 << 20,
	markEvery:    8 << 20,
	maxBody:      maxBody,
	maxLag:       4 << 20,
	chunkEntries: 4096,
	chunkBytes:   1 << 20,
	maxBlockFile: 256 << 20,
}

// Record is an entry of a ledger.
type Record struct {
	Index int64  // its number, from 0
	Data  []byte // its bytes
}

// Ledger is an open ledger. All methods can be called from many goroutines.
type Ledger struct {
	opts    Options
	log     *slog.Logger
	dir     layer
	path    string // for the driver
	driver  Driver
	unlock  io.Closer
	signers []note.Signer
	vkeys   []string
	cache   cache
	blocks  *blocks
	headF   file

	store guard

	signMu      sync.Mutex
	signed      *Checkpoint // the last one
	cosigned    *Checkpoint // the largest with cosignatures
	cosignedGen uint64      // of its slot

	findMu sync.Mutex // taken before mu; guards the lookup tables of chunks

	mu        sync.RWMutex
	closed    bool
	size      int64 // acknowledged
	root      tlog.Hash
	edge      frontier // the tree at size
	chunks    []*chunk // what is not applied, oldest first; the last is open
	recent    []*chunk // the last applied ones, for their ids
	spares    []*chunk // their memory is used again
	upper     upperTiles
	places    []place // frames since the mark
	nextPlace place   // of the next frame
	written   int64   // bytes of journal since the mark
	head      headState
	bound     int64 // journal segments with entries from here on are not reused
	failure   error // poisons Append
	moved     *sync.Cond
	grown     chan struct{} // closed when size grows; nil when nobody waits

	// Of the committer.
	journal   *journal
	tree      frontier
	newLeaves []tlog.Hash // of a batch; scratch space
	newGroups []tlog.Hash // likewise
	sinceLook int64       // bytes appended since the free space was looked at
	lastLook  time.Time
	diskErr   error

	hashers sync.Pool    // of *hasher, for those who append and read
	seed    maphash.Seed // of seals

	queue   queue
	applier applier

	view *view // of a ledger that is only read; nil of any other
}

// Size returns the number of entries.
func (l *Ledger) Size() int64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.size
}

// Origin returns the name of the log, the first line of its checkpoints.
func (l *Ledger) Origin() string { return l.head.origin }

// VerifierKey returns the public key of the first signer as a C2SP
// signed-note verifier key: what [VerifyCheckpoint] and others ask for. It
// is not a secret; hand it to whoever checks proofs. It is empty for a
// ledger opened with ReadOnly whose key file is lost.
func (l *Ledger) VerifierKey() string {
	if len(l.vkeys) == 0 {
		return ""
	}
	return l.vkeys[0]
}

// fail stops all appends for good. l.mu is held.
func (l *Ledger) fail(err error) {
	if l.failure == nil {
		l.failure = err
		l.log.Error("ledger stopped", "error", err)
	}
	l.moved.Broadcast()
}

// Close writes what is left, ends all goroutines and gives up the directory.
// Appends that were begun are finished. Close is not called while an iterator
// of Find is in use. A second Close returns ErrClosed.
func (l *Ledger) Close() error {
	if !l.queue.shut() {
		return ErrClosed
	}
	<-l.queue.drained
	var err error
	if l.view == nil {
		err = l.applier.stop()
	}
	l.mu.Lock()
	l.closed = true
	l.announce()
	l.mu.Unlock()
	for _, c := range []func() error{l.store.Close, l.blocks.close, l.journal.close, l.headF.Close, l.unlock.Close} {
		if e := c(); e != nil && err == nil {
			err = e
		}
	}
	return err
}

// acknowledged returns size and root as of one moment.
func (l *Ledger) acknowledged(ctx context.Context) (int64, tlog.Hash, error) {
	if err := ctx.Err(); err != nil {
		return 0, tlog.Hash{}, err
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return 0, tlog.Hash{}, ErrClosed
	}
	return l.size, l.root, nil
}
