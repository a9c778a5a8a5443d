package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"
)

// recover brings a ledger from its files to the last acknowledged entry:
// FORMAT.md, "Recovery". Nothing is exposed before it has returned.
func (l *Ledger) recover(ctx context.Context) error {
	marked, old, err := l.openStore(ctx)
	if err != nil {
		return err
	}
	m := l.head.mark
	l.applier.block, l.applier.marked = m.block, m
	l.chunks = []*chunk{{first: m.next}}
	j := l.journal
	j.at, j.seq, j.prev = m.at, m.seq, m.prev
	if err := l.replay(marked); err != nil {
		return err
	}
	l.size, l.root = l.tree.n, l.tree.root()
	l.nextPlace = j.place()
	if l.head.size > l.size || l.head.size == l.size && l.head.root != l.root {
		return &CorruptError{File: "head", Offset: -1, First: l.size, Next: l.head.size, Reason: "the head knows of entries that the journal does not have"}
	}
	if old {
		// The rest is right: what its rows can tell is not needed any more.
		if err := l.renewStore(ctx); err != nil {
			return err
		}
	}
	l.head.seq, l.head.size, l.head.root = j.seq-1, l.size, l.root
	l.head.clean = false
	// Both slots, so that the journal is needed from this mark on only.
	for range 2 {
		l.head.gen++
		if err := writeHead(l.headF, &l.head); err != nil {
			return err
		}
	}
	l.bound = m.next
	return nil
}

// openStore opens the store and restores the right edge of the tree at the
// mark. A store that is damaged or behind the mark is set aside and written
// anew, one that was not written to its end is only written anew. marked is
// how far the store says the log goes. old reports that it has the rows of an
// older version.
func (l *Ledger) openStore(ctx context.Context) (marked int64, old bool, err error) {
	unfinished, err := l.unfinished()
	if err != nil {
		return 0, false, err
	}
	if !unfinished {
		var s Store
		if s, err = l.driver.Open(l.path); err == nil {
			l.store.set(s)
			marked, old, err = l.checkStore(ctx)
		}
		if err == nil || !errors.Is(err, ErrCorrupt) {
			return marked, old, err
		}
	}
	// Before anything is given up: are the blocks whole?
	if err := (&rebuild{l: l, c: new(chunk)}).run(ctx, &l.head.mark); err != nil {
		return 0, false, err
	}
	l.store.Close()
	if !unfinished {
		l.log.Warn("store is set aside and built anew", "reason", err)
		if err := l.setAside(); err != nil {
			return 0, false, err
		}
	}
	s, tree, upper, err := l.newStore(ctx, &l.head.mark)
	if err != nil {
		return 0, false, err
	}
	l.tree, l.upper = tree, upper
	l.store.set(s)
	return marked, false, nil
}

// unfinished reports whether the process was killed while it wrote the store
// anew.
func (l *Ledger) unfinished() (bool, error) {
	f, err := l.dir.open(rebuildFile, false)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}

// checkStore checks the marks of the store and restores the right edge of the
// tree. Both are the same in old rows, but for the first letter of a mark.
func (l *Ledger) checkStore(ctx context.Context) (marked int64, old bool, err error) {
	err = l.store.Scan(ctx, []byte{oldRows}, []byte{oldRowsEnd}, func(k, v []byte) error {
		old = true
		return errStop
	})
	if err != nil && !errors.Is(err, errStop) {
		return 0, old, err
	}
	letter := byte(rowMark)
	if old {
		letter = oldRowMark
	}
	if marked, err = l.checkMarks(ctx, letter); err == nil {
		err = l.restoreEdge(ctx)
	}
	return marked, old, err
}

// renewStore writes a store with old rows anew from the blocks.
func (l *Ledger) renewStore(ctx context.Context) error {
	if err := (&rebuild{l: l, c: new(chunk)}).run(ctx, &l.head.mark); err != nil {
		return err
	}
	l.log.Info("store of an older version is built anew")
	return l.store.exchange(func() (Store, error) {
		s, _, _, err := l.newStore(ctx, &l.head.mark)
		return s, err
	})
}

// checkMarks checks that the marks of the chunks, with that letter, follow one
// another without a gap up to the mark of the head at least.
func (l *Ledger) checkMarks(ctx context.Context, letter byte) (next int64, err error) {
	from, to := []byte{letter}, []byte{letter + 1}
	for more := true; more; {
		more = false
		n := 0
		err := l.store.Scan(ctx, from, to, func(k, v []byte) error {
			if n++; n > pageRows {
				more = true
				return errStop
			}
			from = append(bytes.Clone(k), 0)
			v, err := unseal(k, v)
			if err != nil {
				return err
			}
			if len(k) != 9 || len(v) != 12 || int64(binary.BigEndian.Uint64(k[1:])) != next {
				// Rows above the mark are written again; a gap there is no harm.
				if next >= l.head.mark.next {
					return errStop
				}
				return storeDamage(fmt.Sprintf("no mark for entry %d", next))
			}
			next = int64(binary.BigEndian.Uint64(v))
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			return next, err
		}
	}
	if next < l.head.mark.next {
		return next, storeDamage(fmt.Sprintf("it ends at entry %d, before %d", next, l.head.mark.next))
	}
	return next, nil
}

// restoreEdge fills the tree at the mark from block headers and tiles, and
// checks it against the root in the head.
func (l *Ledger) restoreEdge(ctx context.Context) error {
	m := l.head.mark
	l.upper, l.tree = upperTiles{}, frontier{n: m.next}
	for level := 1; level < maxTileLevel; level++ {
		count := m.next >> (tileHeight * level)
		l.upper.base[level] = count &^ (tileWidth - 1)
		for n := l.upper.base[level]; n < count; n++ {
			h, err := l.storedRoot(ctx, level, n)
			if err != nil {
				return err
			}
			l.upper.hashes[level] = append(l.upper.hashes[level], h)
		}
	}
	for level := tileHeight; m.next>>level != 0; level++ {
		if n := m.next >> level; n&1 == 1 {
			h, ok := l.upper.subtree(level, n-1)
			if !ok {
				return storeDamage("no right edge of the tree")
			}
			l.tree.peaks[level] = h
		}
	}
	if l.tree.root() != m.root {
		return storeDamage("the right edge of the tree does not have its root")
	}
	return nil
}

// storedRoot is the hash n of tile level 1 or more as the files say it.
func (l *Ledger) storedRoot(ctx context.Context, level int, n int64) (h tlog.Hash, err error) {
	if level == 1 {
		at, err := l.pointer(ctx, n)
		if err != nil {
			return h, err
		}
		var p [blockHeader]byte
		err = l.blocks.read(p[:], at.blockPos)
		if b, ok := parseBlockHead(p[:]); err == nil && ok && b.bundle == n {
			return b.root, nil
		}
		// The header is damaged; the rest of the block may tell, or the journal.
		b, err := l.nextBlock(at.blockPos, n)
		return b.root, err
	}
	row, err := getRow(ctx, &l.store, tileKey(level-1, n), nil)
	if errors.Is(err, ErrNotFound) || err == nil && len(row) != tileWidth*hashSize {
		return h, storeDamage(fmt.Sprintf("no tile %d of level %d", n, level-1))
	}
	if err != nil {
		return h, err
	}
	hashes := make([]tlog.Hash, tileWidth)
	for i := range hashes {
		hashes[i] = hashAt(row, 0, i)
	}
	return subtreeRoot(hashes), nil
}

// replay follows the journal from the mark to its end.
func (l *Ledger) replay(marked int64) error {
	j := l.journal
	var last position
	var raw []byte
	for {
		at, f, r, ok, err := l.nextFrame()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := l.replayFrame(at, &f, r); err != nil {
			return err
		}
		last, raw = at, r
	}
	if !l.head.clean || l.head.seq != j.seq-1 {
		if err := l.mustBeEnd(marked); err != nil {
			return err
		}
	}
	if raw == nil {
		return nil
	}
	return j.rewrite(last, raw)
}

// nextFrame reads the frame that follows. A frame with one wrong bit is
// repaired on the disk.
func (l *Ledger) nextFrame() (at position, f frame, raw []byte, ok bool, err error) {
	at, f, raw, repaired, ok, err := l.peekFrame()
	if err == nil && repaired {
		l.log.Warn("one bit of the journal repaired", "file", journalName(at.seg), "offset", at.off)
		err = l.journal.rewrite(at, raw)
	}
	return at, f, raw, ok && err == nil, err
}

// peekFrame looks for the frame that follows: at the place, or at the start
// of the next segment when it did not fit.
func (l *Ledger) peekFrame() (at position, f frame, raw []byte, repaired, ok bool, err error) {
	j := l.journal
	places := []position{j.at, {(j.at.seg + 1) % len(j.segs), 0}}
	for _, repair := range []bool{false, true} {
		if repair && l.head.clean && l.head.seq == j.seq-1 {
			break
		}
		for _, at := range places {
			f, raw, repaired, ok, err := j.read(at, repair)
			if err != nil || ok {
				return at, f, raw, repaired, ok && err == nil, err
			}
		}
	}
	return at, f, nil, false, false, nil
}

// replayFrame takes the entries of a frame into the tail.
func (l *Ledger) replayFrame(at position, f *frame, raw []byte) error {
	bad := func(reason string) error {
		return &CorruptError{File: journalName(at.seg), Offset: at.off, First: f.first, Next: f.first + int64(f.count), Reason: reason}
	}
	entries, ok := splitEntries(raw[frameHeader:][:f.length], f.count)
	if !ok {
		return bad("lengths of entries do not add up")
	}
	if f.first > l.tree.n || f.first+int64(f.count) < l.tree.n {
		return bad(fmt.Sprintf("frame does not continue the log at entry %d", l.tree.n))
	}
	for i, data := range entries {
		if f.first+int64(i) < l.head.mark.next {
			continue
		}
		e := pending{data: data, hash: leafHash(data)}
		e.seal = l.seal(data, e.hash[:])
		if l.opts.Index != nil {
			var err error
			if e.keys, e.id, err = l.indexOf(data); err != nil {
				return fmt.Errorf("index of entry %d: %w", f.first+int64(i), err)
			}
		}
		l.addEntry(&e)
	}
	if l.tree.root() != f.root {
		return bad("entries do not give the root of the frame")
	}
	l.places = append(l.places, l.journal.advance(at, f))
	l.written += f.size()
	return nil
}

// mustBeEnd decides whether the journal ends here, perhaps with a frame that
// was never acknowledged, or whether a frame is damaged: the one expected was
// synced if anything that was written after it is there.
func (l *Ledger) mustBeEnd(marked int64) error {
	j := l.journal
	bad := &CorruptError{File: journalName(j.at.seg), Offset: j.at.off, First: l.tree.n, Next: -1}
	later, found, err := j.later()
	switch {
	case err != nil:
		return err
	case found:
		bad.Reason = fmt.Sprintf("damaged frame: a later one is in %s at byte %d", journalName(later.seg), later.off)
	case l.head.seq >= j.seq:
		bad.Reason, bad.Next = "damaged frame: the head knows that it was written", l.head.size
	case marked > l.tree.n:
		bad.Reason, bad.Next = "damaged frame: the store has later entries", marked
	default:
		return nil
	}
	return bad
}
