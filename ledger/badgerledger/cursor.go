package badgerledger

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	// A Scan keeps its iterator when so many came before it since the last
	// Write: for the few between two Writes of a busy ledger it does not pay.
	scansToKeep = 8
	// So many iterators are kept, for readers beside one another.
	maxKept = 4
	// Iterators are kept for so long.
	keptFor = time.Second
)

// cursors keeps iterators of Badger from one Scan to the next, because making
// one takes as long as a short Scan. What an iterator has open Badger can
// neither free nor delete, so none is kept beyond the next Write, or for more
// than a moment. The zero value is ready.
type cursors struct {
	scans atomic.Int32 // since the last Write, up to scansToKeep

	mu    sync.Mutex
	round uint64 // grows when what is kept is closed
	kept  []*cursor
	timer *time.Timer // runs while one is kept
}

// cursor is an iterator over the rows of a version. It is used by one
// goroutine at a time.
type cursor struct {
	version uint64
	round   uint64 // in which it is kept
	txn     *badger.Txn
	it      *badger.Iterator
}

func (c *cursor) close() {
	c.it.Close()
	c.txn.Discard()
}

// newCursor makes a cursor for the rows that begin with prefix.
func (s *store) newCursor(prefix []byte, version, round uint64) *cursor {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false
	o.Prefix = prefix
	txn := s.db.NewTransactionAt(version, false)
	return &cursor{version, round, txn, txn.NewIterator(o)}
}

// Scan implements ledger.Store.
func (s *store) Scan(ctx context.Context, from, to []byte, f func(key, value []byte) error) error {
	var c *cursor
	if s.cursors.scans.Load() < scansToKeep {
		s.cursors.scans.Add(1)
		c = s.newCursor(commonPrefix(from, to), s.version.Load(), 0)
		defer c.close()
	} else {
		c = s.keptCursor()
		defer s.cursors.give(c)
	}
	var item *badger.Item
	row := func(value []byte) error { return f(item.Key(), value) }
	n := 0
	for c.it.Seek(from); c.it.Valid(); c.it.Next() {
		if n++; n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		item = c.it.Item()
		if to != nil && string(item.Key()) >= string(to) {
			return nil
		}
		if err := item.Value(row); err != nil {
			return err
		}
	}
	return nil
}

// keptCursor returns a cursor for all rows of the last finished Write, one that
// was kept or a new one. There are others between the end of a Write and its
// return.
func (s *store) keptCursor() (c *cursor) {
	k := &s.cursors
	k.mu.Lock()
	version, round := s.version.Load(), k.round
	i := slices.IndexFunc(k.kept, func(c *cursor) bool { return c.version == version })
	if i >= 0 {
		c = k.kept[i]
		k.kept = slices.Delete(k.kept, i, i+1)
	}
	k.mu.Unlock()
	if c == nil {
		c = s.newCursor(nil, version, round)
	}
	return c
}

// give keeps a cursor of this round, and closes others.
func (k *cursors) give(c *cursor) {
	k.mu.Lock()
	keep := c.round == k.round && len(k.kept) < maxKept
	if keep {
		k.kept = append(k.kept, c)
		if k.timer == nil {
			k.timer = time.AfterFunc(keptFor, k.close)
		}
	}
	k.mu.Unlock()
	if !keep {
		c.close()
	}
}

// written closes what is kept, after the version has changed.
func (k *cursors) written() {
	k.scans.Store(0)
	k.close()
}

// close closes what is kept, and what is in use when it is given back.
func (k *cursors) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.round++
	for _, c := range k.kept {
		c.close()
	}
	k.kept = nil
	if k.timer != nil {
		k.timer.Stop()
		k.timer = nil
	}
}
