package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A view is a ledger that was opened with Options.ReadOnly. It needs neither
// the store nor whole files: blocks and journal are walked once, an index is
// built in memory, and what is damaged is remembered as gaps.
//
// The methods of Ledger work on a view as on any other: all nodes of level 8
// and above are in Ledger.upper, what is not in blocks is in Ledger.chunks,
// and the store has pointers, ids and postings. What stands for lost entries
// and hashes there is never looked at, because a gap covers it.
type view struct {
	gaps    []gap
	keyErr  error         // why nothing can be signed
	guessed *CorruptError // why the head is a guess; nil when it is none
	proven  bool          // some frame has the root that was computed
}

// gap is a range of entries that are damaged, not all of them perhaps.
type gap struct {
	CorruptError
	data   bool // the entries are lost
	hashes bool // their hashes are lost as well
}

// add remembers damage to the entries from first to next.
func (v *view) add(g gap, err error) {
	var damage *CorruptError
	if errors.As(err, &damage) {
		file, off := damage.File, damage.Offset
		if g.File == "" {
			g.File, g.Offset = file, off
		}
		g.Reason = damage.Reason
	} else if err != nil {
		g.Reason = err.Error()
	}
	v.gaps = append(v.gaps, g)
}

// lost returns the damage because of which entries are not there. A nil view
// has none.
func (v *view) lost(first, next int64) error {
	return v.find(func(g *gap) bool { return g.data && g.First < next && first < g.Next })
}

// unknown returns the damage because of which the tree cannot be computed
// over the entries.
func (v *view) unknown(first, next int64) error {
	return v.find(func(g *gap) bool { return g.hashes && g.First < next && first < g.Next })
}

// damaged returns the first damage: what is found may not be all.
func (v *view) damaged() error { return v.find(func(*gap) bool { return true }) }

func (v *view) find(match func(*gap) bool) error {
	if v == nil {
		return nil
	}
	for i := range v.gaps {
		if g := &v.gaps[i]; match(g) {
			damage := g.CorruptError
			return &damage
		}
	}
	return nil
}

// all returns all damage in one error, or nil.
func (v *view) all() error {
	var errs []error
	for i := range v.gaps {
		damage := v.gaps[i].CorruptError
		errs = append(errs, &damage)
	}
	return errors.Join(errs...)
}

// whole is how many entries from the first on are undamaged.
func (v *view) whole(size int64) int64 {
	for i := range v.gaps {
		size = min(size, v.gaps[i].First)
	}
	return size
}

// openView is recover for a ledger that is only read.
func (l *Ledger) openView(ctx context.Context) error {
	l.store.set(new(MemoryStore))
	b := viewBlocks{l: l, c: new(chunk)}
	if err := b.run(ctx); err != nil {
		return err
	}
	if err := l.viewJournal(); err != nil {
		return err
	}
	if g := l.view.guessed; g != nil {
		g.First, g.Next = l.size, -1
		if l.view.gaps = append(l.view.gaps, gap{CorruptError: *g}); !l.view.proven {
			l.view.keyErr = g
		}
	}
	slices.SortStableFunc(l.view.gaps, func(a, b gap) int { return int(min(max(a.First-b.First, -1), 1)) })
	for _, g := range l.view.gaps {
		l.log.Warn("ledger is damaged", "error", g.Error())
	}
	close(l.queue.drained)
	return nil
}

// writable refuses to change a ledger that is only read.
func (l *Ledger) writable(ctx context.Context) error {
	if l.view != nil {
		return ErrReadOnly
	}
	return ctx.Err()
}

// viewSeen takes what checkSeen found for damage, if it is any.
func (l *Ledger) viewSeen(err error) error {
	var damage *CorruptError
	if !errors.As(err, &damage) {
		return err
	}
	l.view.gaps = append(l.view.gaps, gap{CorruptError: *damage})
	return nil
}

// checkView is Check for a ledger that is only read: what was damaged when it
// was opened, or else everything is read again.
func (l *Ledger) checkView(ctx context.Context, size int64) error {
	if err := l.view.all(); err != nil {
		return err
	}
	for index := l.chunks[0].first; index < size; index++ {
		if _, err := l.read(ctx, index); err != nil {
			return err
		}
	}
	for bundle := range l.chunks[0].first / bundleSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, _, err := l.wholeBundle(ctx, bundle); err != nil {
			return err
		}
	}
	return nil
}

// viewBlocks walks the blocks below the mark.
type viewBlocks struct {
	l        *Ledger
	at       blockPos
	found    map[int64]blockPos // after a search, by bundle
	c        *chunk             // collects the keys
	pointers []pointer
	rows     rowMaker
}

func (b *viewBlocks) run(ctx context.Context) error {
	l := b.l
	end := l.head.mark.next
	for l.tree.n < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.bundle(l.tree.n / bundleSize); err != nil {
			return err
		}
	}
	if err := b.flush(); err != nil {
		return err
	}
	l.chunks = []*chunk{{first: end}}
	if l.view.guessed != nil {
		l.head.mark.root = l.tree.root() // frames will tell
		l.head.root = l.head.mark.root
	}
	if l.view.unknown(0, end) == nil && l.tree.root() != l.head.mark.root {
		l.view.gaps = nil
		l.view.add(gap{CorruptError{File: "blocks", Offset: -1, First: 0, Next: end, Reason: "entries do not give the root of the mark"}, true, true}, nil)
	}
	return nil
}

// bundle takes a bundle into tree and index.
func (b *viewBlocks) bundle(n int64) error {
	l := b.l
	first := n * bundleSize
	found, err := b.locate(n)
	if errors.Is(err, ErrClosed) {
		return err
	}
	if err != nil {
		l.view.add(gap{CorruptError{File: blockName(b.at.file), Offset: b.at.off, First: first, Next: first + bundleSize}, !found.sure, !found.sure}, err)
		found.entries = make([][]byte, bundleSize)
	} else {
		b.at = found.at.blockPos
	}
	if err == nil || found.sure {
		b.at.off += int64(found.at.length)
	}
	for i, data := range found.entries {
		var r rec
		if err == nil && l.opts.Index != nil {
			keys, id, err := l.indexOf(data)
			if err != nil {
				return fmt.Errorf("index of entry %d: %w", first+int64(i), err)
			}
			r.keys = keys
			b.c.addID(id, first+int64(i))
		}
		b.c.recs = append(b.c.recs, r)
	}
	add := func(level int, n int64, h *tlog.Hash) { l.upper.add(node{level, n, *h}) }
	add(tileHeight, n, &found.root)
	l.tree.pushTree(tileHeight, &found.root, add)
	b.pointers = append(b.pointers, found.at)
	if len(b.c.recs) < l.opts.layout.chunkEntries {
		return nil
	}
	return b.flush()
}

// flush writes the rows of what was collected.
func (b *viewBlocks) flush() error {
	if len(b.c.recs) == 0 {
		return nil
	}
	b.rows.begin(0, 0, nil)
	b.rows.entries(b.c, b.pointers)
	b.c, b.pointers = &chunk{first: b.c.next()}, nil
	return writeRows(&b.l.store, b.rows.rows)
}

// locate finds the block of a bundle: behind the one before, at the start of
// the next chunk or file, or wherever its header is.
func (b *viewBlocks) locate(n int64) (foundBlock, error) {
	places := []blockPos{b.at, {b.at.file, alignUp(b.at.off, frameAlign)}, {b.at.file + 1, 0}}
	for _, at := range places {
		if b.hasHeader(at, n) {
			return b.l.nextBlock(at, n)
		}
	}
	if b.found == nil {
		if err := b.search(n); err != nil {
			return foundBlock{}, err
		}
	}
	if at, ok := b.found[n]; ok {
		return b.l.nextBlock(at, n)
	}
	// The rest of the block can tell what it is, or the journal.
	var first error
	for _, at := range places {
		found, err := b.l.nextBlock(at, n)
		if err == nil {
			return found, nil
		}
		if first == nil {
			first = err
		}
	}
	return foundBlock{}, first
}

func (b *viewBlocks) hasHeader(at blockPos, n int64) bool {
	var p [blockHeader]byte
	if b.l.blocks.read(p[:], at) != nil {
		return false
	}
	h, ok := parseBlockHead(p[:])
	return ok && h.bundle == n
}

// search looks through all block files for the headers of bundle n and of
// those after it.
func (b *viewBlocks) search(n int64) error {
	names, err := b.l.dir.list()
	if err != nil {
		return err
	}
	b.found = make(map[int64]blockPos)
	for _, name := range names {
		var i int
		if _, err := fmt.Sscanf(name, blockPrefix+"%06d", &i); err != nil || name != blockName(i) {
			continue
		}
		f, err := b.l.blocks.file(i, false)
		if err != nil {
			return err
		}
		size, err := f.size()
		if err != nil {
			return err
		}
		buf := make([]byte, 1<<20)
		for off := int64(0); off+blockHeader <= size; off += int64(len(buf) - blockHeader) {
			k, _ := f.ReadAt(buf[:min(int64(len(buf)), size-off)], off)
			for p := buf[:k]; ; p = p[1:] {
				at := bytes.Index(p, blockMagic[:])
				if at < 0 || len(p)-at < blockHeader {
					break
				}
				p = p[at:]
				if h, ok := parseBlockHead(p); ok && h.bundle >= n {
					b.found[h.bundle] = blockPos{i, off + int64(k-len(p))}
				}
			}
		}
	}
	return nil
}

// viewJournal takes what follows the mark from the journal.
func (l *Ledger) viewJournal() error {
	j, m := l.journal, l.head.mark
	j.at, j.seq, j.prev = m.at, m.seq, m.prev
	l.root = m.root
	for {
		at, f, raw, _, ok, err := l.peekFrame()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := l.viewFrame(at, &f, raw[frameHeader:][:f.length]); err != nil {
			return err
		}
		j.advance(at, &f)
	}
	if err := l.viewLater(); err != nil {
		return err
	}
	if n := l.head.size - l.tree.n; n > 0 {
		l.viewLost(position{j.at.seg, j.at.off}, l.head.size, "the head knows of entries that the journal does not have")
	}
	l.size = l.tree.n
	if l.head.size == l.size {
		l.root = l.head.root
	}
	return nil
}

// viewLater takes the frames behind one that is damaged. What they hold is
// covered by their checksums; the tree cannot be computed over the gap.
func (l *Ledger) viewLater() error {
	j := l.journal
	if l.head.clean && l.head.seq == j.seq-1 {
		return nil
	}
	later := make(map[uint64]position)
	err := j.frames(func(at position, f *frame) error {
		if f.seq >= j.seq {
			later[f.seq] = at
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, seq := range slices.Sorted(maps.Keys(later)) {
		at := later[seq]
		j.seq = seq
		f, raw, _, ok, err := j.readAny(at, true)
		if err != nil {
			return err
		}
		if !ok || f.first+int64(f.count) <= l.tree.n || f.first-l.tree.n > j.size*int64(len(j.segs))/2 {
			continue
		}
		if f.first > l.tree.n {
			l.viewLost(j.at, f.first, "damaged frame: a later one is in "+journalName(at.seg))
		}
		if err := l.viewFrame(at, &f, raw[frameHeader:][:f.length]); err != nil {
			return err
		}
		j.advance(at, &f)
	}
	return nil
}

// viewLost puts lost entries into the tail up to next.
func (l *Ledger) viewLost(at position, next int64, reason string) {
	l.view.add(gap{CorruptError{File: journalName(at.seg), Offset: at.off, First: l.tree.n, Next: next, Reason: reason}, true, true}, nil)
	for l.tree.n < next {
		l.addEntry(new(pending))
	}
}

// viewFrame takes the entries of a frame into the tail.
func (l *Ledger) viewFrame(at position, f *frame, body []byte) error {
	first, next := l.tree.n, f.first+int64(f.count)
	entries, ok := splitEntries(body, f.count)
	if !ok || f.first > first || next < first {
		l.viewLost(at, max(first, next), "frame does not continue the log")
		return nil
	}
	for _, data := range entries[first-f.first:] {
		e := pending{data: data, hash: leafHash(data)}
		if l.opts.Index != nil {
			var err error
			if e.keys, e.id, err = l.indexOf(data); err != nil {
				return fmt.Errorf("index of entry %d: %w", l.tree.n, err)
			}
		}
		l.addEntry(&e)
	}
	l.root = f.root
	switch {
	case l.view.unknown(0, next) != nil:
	case l.tree.root() == f.root:
		l.view.proven = true
	default:
		l.view.add(gap{CorruptError{File: journalName(at.seg), Offset: at.off, First: first, Next: next, Reason: "entries do not give the root of the frame"}, true, true}, nil)
	}
	return nil
}
