package ledger

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// The head is written when nothing was appended for this long.
	idleAfter = 100 * time.Millisecond
	// Rows of a mark itself fit beside this many others.
	batchKeys = MaxBatchKeys - 1
)

// applier moves closed chunks from the tail to blocks and store, and makes
// marks, beside one another. Its fields are guarded by Ledger.mu where nothing
// else is said.
type applier struct {
	l       *Ledger
	hurry   bool // the journal is full: a mark is needed at once
	quit    bool
	timer   *time.Timer
	armed   bool
	seen    uint64 // journal sequence when the timer was armed
	idle    bool   // the timer has fired
	marking bool   // a mark is being made
	marks   sync.WaitGroup
	ended   chan struct{}
	marked  mark // of the last chunk applied

	lock   sync.Mutex // held while blocks, store and head are written
	unread []written  // blocks that the next mark reads back; guarded by lock

	// Of the goroutine that applies.
	block blockPos
	buf   []byte
	rows  rowMaker

	scrub scrubber // of the one that makes a mark
}

// touch is called after each commit. l.mu is held.
func (a *applier) touch() {
	if !a.armed {
		a.armed = true
		a.seen = a.l.head.seq
		if a.timer == nil {
			a.timer = time.AfterFunc(idleAfter, a.fire)
		} else {
			a.timer.Reset(idleAfter)
		}
	}
}

func (a *applier) fire() {
	a.l.mu.Lock()
	defer a.l.mu.Unlock()
	if a.quit {
		return
	}
	if a.seen != a.l.head.seq {
		a.seen = a.l.head.seq
		a.timer.Reset(idleAfter)
		return
	}
	a.armed, a.idle = false, true
	a.l.moved.Broadcast()
}

// run applies until stop is called.
func (a *applier) run() {
	defer close(a.ended)
	defer a.marks.Wait()
	l := a.l
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.failure == nil {
		var err error
		switch {
		case l.ready():
			c := l.chunks[0]
			l.mu.Unlock()
			err = a.apply(c)
			l.mu.Lock()
		case !a.marking && a.due():
			a.hurry, a.marking = false, true
			l.written = 0
			a.marks.Go(a.mark)
		case a.idle && !a.quit:
			a.idle = false
			l.mu.Unlock()
			err = a.writeHead(func(*headState) {})
			l.mu.Lock()
		case a.quit:
			return
		default:
			l.moved.Wait()
		}
		if err != nil {
			l.fail(err)
		}
	}
}

// due reports whether it is time for a mark. When the journal is full, a
// second one with the same content frees what only the older slot needs.
func (a *applier) due() bool {
	l := a.l
	moved := a.marked.next > l.head.mark.next
	return moved && (a.hurry || l.written >= l.opts.layout.markEvery) || a.hurry && l.bound < l.head.mark.next
}

// stop ends the applier when all closed chunks are applied, and writes the
// last head.
func (a *applier) stop() error {
	l := a.l
	l.mu.Lock()
	a.quit = true
	if a.timer != nil {
		a.timer.Stop()
	}
	l.moved.Broadcast()
	l.mu.Unlock()
	<-a.ended
	if l.failure != nil {
		return l.failure
	}
	m, err := a.sync()
	if err != nil {
		return err
	}
	return a.writeHead(func(h *headState) {
		l.takeMark(h, m)
		h.clean = true
	})
}

// apply writes a closed chunk to blocks and store and takes it off the tail.
func (a *applier) apply(c *chunk) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	l := a.l
	if a.block.off >= l.opts.layout.maxBlockFile {
		a.block = blockPos{a.block.file + 1, 0}
	}
	at := a.block
	a.buf = a.buf[:0]
	pointers := make([]pointer, 0, len(c.recs)/bundleSize)
	for i := 0; i < len(c.recs); i += bundleSize {
		start := len(a.buf)
		bundle := (c.first + int64(i)) / bundleSize
		root := c.nodes[slices.IndexFunc(c.nodes, func(n node) bool { return n.level == tileHeight && n.n == bundle })].h
		a.buf = appendBlock(a.buf, bundle, c.recs[i:i+bundleSize], c.groups[i/groupSize:(i+bundleSize)/groupSize], root)
		p := pointer{blockPos{at.file, at.off + int64(start)}, len(a.buf) - start}
		pointers = append(pointers, p)
		w := written{at: p, bundle: bundle, root: root}
		for k := range bundleSize {
			w.seal = addSeal(w.seal, c.recs[i+k].seal)
		}
		a.unread = append(a.unread, w)
	}
	if pad := int(alignUp(int64(len(a.buf)), frameAlign)) - len(a.buf); pad > 0 {
		a.buf = append(a.buf, make([]byte, pad)...)
	}
	if err := l.blocks.write(at, a.buf); err != nil {
		return err
	}
	a.block.off += int64(len(a.buf))
	if cap(a.buf) > 4*l.opts.layout.chunkBytes {
		a.buf = nil
	}

	l.mu.RLock()
	a.rows.begin(c.first, c.next(), &l.upper)
	l.mu.RUnlock()
	if err := writeRows(&l.store, a.rows.finish(c, pointers)); err != nil {
		return err
	}
	next := c.next()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.chunks = l.chunks[1:]
	if c.ids != nil {
		l.recent = append(l.recent, &chunk{first: c.first, ids: c.ids})
		l.recent = l.recent[max(0, len(l.recent)-2):]
	}
	l.spare(c)
	l.upper.drop(next)
	a.marked = l.markAt(next, c.root, a.block)
	l.moved.Broadcast()
	return nil
}

// drop forgets the hashes that are in full tiles below next.
func (u *upperTiles) drop(next int64) {
	for level := 1; level < maxTileLevel; level++ {
		n := next >> (tileHeight * level) &^ (tileWidth - 1)
		if k := n - u.base[level]; k > 0 {
			u.hashes[level] = append([]tlog.Hash(nil), u.hashes[level][k:]...)
			u.base[level] = n
		}
	}
}

// markAt is the mark for the state with all entries below next applied.
// l.mu is held.
func (l *Ledger) markAt(next int64, root tlog.Hash, block blockPos) mark {
	m := mark{next: next, root: root, block: block}
	// The frame that holds entry next is the last that begins at or before it.
	i, found := slices.BinarySearchFunc(l.places, next, func(p place, n int64) int {
		switch {
		case p.first < n:
			return -1
		case p.first > n:
			return 1
		}
		return 0
	})
	var p place
	switch {
	case next == l.size:
		// All frames are applied; the next one is not written yet.
		p = l.nextPlace
	case !found:
		p = l.places[i-1]
	default:
		p = l.places[i]
	}
	m.seq, m.at, m.prev = p.seq, p.at, p.prev
	return m
}

// ready reports whether there is a chunk to apply: a full one of which all
// is acknowledged. l.mu is held.
func (l *Ledger) ready() bool {
	return len(l.chunks) > 1 && l.chunks[1].first <= l.size
}

// mark makes durable what was applied and says so in the head. Appends go on
// meanwhile, and so does applying: reading blocks back takes its time.
func (a *applier) mark() {
	l := a.l
	m, err := a.sync()
	if err == nil {
		err = a.writeHead(func(h *headState) { l.takeMark(h, m) })
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	a.marking = false
	if err != nil {
		l.fail(err)
	}
	l.moved.Broadcast()
}

// takeMark moves the mark in the head to m.
func (l *Ledger) takeMark(h *headState, m mark) {
	h.mark = m
	i := 0
	for i < len(l.places) && l.places[i].seq < m.seq {
		i++
	}
	l.places = append([]place(nil), l.places[i:]...)
}

// sync makes durable what was applied, whose mark it returns, and reads the
// blocks back.
func (a *applier) sync() (mark, error) {
	l := a.l
	a.lock.Lock()
	unread := a.unread
	a.unread = nil
	l.mu.RLock()
	m := a.marked
	l.mu.RUnlock()
	a.lock.Unlock()
	if err := l.blocks.sync(); err != nil {
		return m, err
	}
	if err := a.readBack(unread); err != nil {
		return m, err
	}
	a.lock.Lock()
	defer a.lock.Unlock()
	return m, l.store.Sync(context.Background())
}

// writeHead changes the head and writes it to the next slot. What either
// slot needs of the journal is kept: when one is lost, the other counts.
func (a *applier) writeHead(change func(*headState)) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	l := a.l
	l.mu.Lock()
	before := l.head.mark.next
	change(&l.head)
	l.head.gen++
	h := l.head
	l.mu.Unlock()
	if err := writeHead(l.headF, &h); err != nil {
		return err
	}
	l.mu.Lock()
	l.bound = before
	l.moved.Broadcast()
	l.mu.Unlock()
	return nil
}

// writeRows writes rows in ascending order, but the last, which stays last,
// in batches that every store takes.
func writeRows(s Store, rows []KV) error {
	ctx := context.Background()
	slices.SortFunc(rows[:len(rows)-1], func(a, b KV) int { return bytes.Compare(a.Key, b.Key) })
	for len(rows) > 0 {
		n, size := 0, 0
		for n < len(rows) && n < batchKeys {
			if size += len(rows[n].Key) + len(rows[n].Value); size > MaxBatchBytes && n > 0 {
				break
			}
			n++
		}
		if err := s.Write(ctx, rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
