package ledger

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// maxSpares is how many chunks are kept for their memory.
const maxSpares = 2

// commitUntil commits in the goroutine of the caller until batch b is done,
// unless somebody else commits just now: who is alone does not wait until the
// committer wakes up, and then for the committer to wake it.
func (l *Ledger) commitUntil(b *batch) {
	if !l.queue.turn.TryLock() {
		return // who has the turn looks for b afterwards
	}
	if l.queue.callers.Load() > 1 {
		runtime.Gosched() // others join the batch
	}
	for !b.isDone() {
		l.commitNext()
	}
	l.queue.turn.Unlock()
	l.queue.call()
}

// runCommitter commits what arrived while another did.
func (l *Ledger) runCommitter() {
	defer close(l.queue.drained)
	for open := true; open; {
		select {
		case <-l.queue.called:
		case <-l.queue.shutting:
			open = false
		}
		l.queue.turn.Lock()
		for l.commitNext() {
			runtime.Gosched()
		}
		l.queue.turn.Unlock()
		l.queue.call()
	}
}

// commitNext makes a frame of whatever arrived during the last sync, and
// reports whether there was anything. There is no timer, but callers let those
// who are awake run first: they come back with their next entries, and frames
// grow instead of syncs. The turn is held.
func (l *Ledger) commitNext() bool {
	b := l.queue.take()
	if b == nil {
		return false
	}
	b.err = l.commit(b)
	close(b.done)
	return true
}

// commit appends the batch. After an error nothing of it is in the ledger,
// or the ledger has failed and what is in the journal shows on reopening.
func (l *Ledger) commit(b *batch) error {
	if err := l.settle(b); err != nil {
		return err
	}
	j := l.journal
	j.begin()
	count := 0
	for _, r := range b.requests {
		for i := range r.entries {
			if e := &r.entries[i]; !e.known {
				j.buf = appendEntry(j.buf, e.data)
				count++
			}
		}
	}
	if count == 0 {
		return nil
	}
	at, err := l.makeRoom(int64(len(j.buf)))
	if err != nil {
		return err
	}
	first := l.tree.n
	closed := l.grow(b, l.groupRoots(b, count))
	root := l.tree.root()
	p, err := j.commit(at, first, count, root)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		// The frame may or may not be on the disk, and a sync that failed
		// once says nothing when it is tried again.
		l.fail(err)
		return fmt.Errorf("%w: %w", ErrFailed, err)
	}
	l.size, l.root, l.edge = l.tree.n, root, l.tree
	l.places = append(l.places, p)
	l.nextPlace = j.place()
	l.written += j.at.off - at.off
	l.head.seq, l.head.size, l.head.root = p.seq, l.size, root
	if closed {
		l.moved.Broadcast()
	}
	l.announce()
	l.applier.touch()
	return nil
}

// settle finds out which entries have an id that is in the ledger.
func (l *Ledger) settle(b *batch) error {
	if l.opts.Index == nil {
		return nil
	}
	var inBatch map[string]*pending
	for _, r := range b.requests {
		for i := range r.entries {
			e := &r.entries[i]
			if e.known || e.id == nil {
				continue
			}
			l.mu.RLock()
			at, found, covered := l.tailID(e.id)
			l.mu.RUnlock()
			if !found && r.base < covered {
				var err error
				if at, found, err = l.findID(context.Background(), e.id); err != nil {
					return err
				}
			}
			if found {
				e.at, e.known = at, true
				continue
			}
			if inBatch == nil {
				inBatch = make(map[string]*pending)
			}
			if inBatch[string(e.id)] == nil {
				inBatch[string(e.id)] = e
			}
		}
	}
	// Entries take their indices in this order; only now is it known which
	// do, so that those who repeat an id of the batch can follow it.
	next := l.tree.n
	for _, r := range b.requests {
		for i := range r.entries {
			e := &r.entries[i]
			if e.known {
				continue
			}
			if e.id != nil {
				if first := inBatch[string(e.id)]; first != e {
					e.at, e.known = first.at, true
					continue
				}
			}
			e.at = next
			next++
		}
	}
	return nil
}

// tailID looks for an id among the entries that are not applied or were
// applied last; covered is the first of them. l.mu is held.
func (l *Ledger) tailID(id []byte) (at int64, found bool, covered int64) {
	covered = l.chunks[0].first
	for _, cs := range [][]*chunk{l.chunks, l.recent} {
		for _, c := range cs {
			if at, ok := c.ids[string(id)]; ok {
				return at, true, 0
			}
			covered = min(covered, c.first)
		}
	}
	return 0, false, covered
}

// makeRoom waits until the applier is near enough and the journal has a
// place for n bytes.
func (l *Ledger) makeRoom(n int64) (position, error) {
	if err := l.checkDisk(n); err != nil {
		return position{}, err
	}
	n = alignUp(n, frameAlign)
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		if l.failure != nil {
			return position{}, fmt.Errorf("%w: %w", ErrFailed, l.failure)
		}
		at, ok := l.journal.target(n, l.bound)
		lag := 0
		for _, c := range l.chunks[:len(l.chunks)-1] {
			lag += c.bytes
		}
		if ok && lag <= l.opts.layout.maxLag {
			return at, nil
		}
		if !ok {
			l.applier.hurry = true
			l.moved.Broadcast()
		}
		l.moved.Wait()
	}
}

// groupRoots returns the roots of all groups that the batch fills alone, in
// order. They are most of what the tree needs, and many are worth more than
// one goroutine.
func (l *Ledger) groupRoots(b *batch, count int) []tlog.Hash {
	skip := int(-l.tree.n & (groupSize - 1))
	n := (count - skip) / groupSize
	if n < 1 {
		return nil
	}
	const keep = 1 << 14 // hashes of scratch space
	if cap(l.newLeaves) > keep {
		l.newLeaves, l.newGroups = nil, nil
	}
	leaves := l.newLeaves[:0]
	for _, r := range b.requests {
		for i := range r.entries {
			if e := &r.entries[i]; !e.known {
				leaves = append(leaves, e.hash)
			}
		}
	}
	roots := slices.Grow(l.newGroups[:0], n)[:n]
	l.newLeaves, l.newGroups = leaves, roots
	l.inShares(n, 64, func(h *hasher, from, to int) {
		for i := from; i < to; i++ {
			var nodes groupNodes
			copy(nodes[:], leaves[skip+i*groupSize:][:groupSize])
			roots[i] = h.above(nodes[:], groupSize)
		}
	})
	return roots
}

// grow puts the new entries of the batch into the tail; they are beyond
// size until the frame is synced. It reports whether a chunk was closed.
func (l *Ledger) grow(b *batch, groups []tlog.Hash) (closed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := 0 // entries to come whose group is in the tree
	for _, r := range b.requests {
		for i := range r.entries {
			e := &r.entries[i]
			if e.known {
				continue
			}
			e.at = l.chunks[len(l.chunks)-1].next()
			if known == 0 && len(groups) > 0 && e.at%groupSize == 0 {
				l.addGroup(&groups[0])
				known, groups = groupSize, groups[1:]
			}
			if known > 0 {
				known--
				closed = l.addData(e) || closed
			} else {
				closed = l.addEntry(e) || closed
			}
		}
	}
	return closed
}

// addEntry puts an entry at the end of tree and tail. l.mu is held.
func (l *Ledger) addEntry(e *pending) (closed bool) {
	l.tree.push(&e.hash, l.addNode)
	return l.addData(e)
}

// addGroup puts the leaves of a group at the end of the tree; the caller adds
// their data. l.mu is held.
func (l *Ledger) addGroup(root *tlog.Hash) {
	l.addNode(groupHeight, l.tree.n/groupSize, root)
	l.tree.pushTree(groupHeight, root, l.addNode)
}

// addNode is for push: it keeps a node of the tree. l.mu is held.
func (l *Ledger) addNode(level int, n int64, h *tlog.Hash) {
	l.chunks[len(l.chunks)-1].addNode(level, n, h)
	if level >= tileHeight {
		l.upper.add(node{level, n, *h})
	}
}

// addData puts an entry that is in the tree at the end of the tail. l.mu is
// held.
func (l *Ledger) addData(e *pending) (closed bool) {
	c := l.chunks[len(l.chunks)-1]
	c.addData(e.data, e.hash, e.keys, e.id, e.seal)
	if !l.opts.layout.full(c) {
		return false
	}
	// A chunk ends with a group: what is in the tree is in the chunk.
	c.root = l.tree.root()
	l.chunks = append(l.chunks, l.newChunk())
	return true
}

// newChunk returns the chunk that continues the tree. l.mu is held.
func (l *Ledger) newChunk() *chunk {
	c := new(chunk)
	if n := len(l.spares); n > 0 {
		c, l.spares = l.spares[n-1], l.spares[:n-1]
	}
	c.reuse(l.tree.n)
	return c
}

// spare keeps the memory of a chunk that has left the tail. l.mu is held.
func (l *Ledger) spare(c *chunk) {
	if len(l.spares) < maxSpares {
		l.spares = append(l.spares, c)
	}
}
