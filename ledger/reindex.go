package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Reindex sets the store aside and writes a new one from the block files. It
// is the answer to a damage of the store that [Ledger.Check] or a read
// reported; Open does the same when it finds one. Reads wait until it is
// done, appends until their bytes fill what may be in flight. A damaged block
// ends it before anything is changed. When it fails later, or ctx ends it, the
// ledger has no index: close and open it again.
func (l *Ledger) Reindex(ctx context.Context) error {
	if err := l.writable(ctx); err != nil {
		return fmt.Errorf("ledger: reindex: %w", err)
	}
	l.applier.lock.Lock()
	defer l.applier.lock.Unlock()
	l.mu.RLock()
	m := l.applier.marked
	l.mu.RUnlock()
	if err := (&rebuild{l: l, c: new(chunk)}).run(ctx, &m); err != nil {
		return fmt.Errorf("ledger: reindex: %w", err)
	}
	err := l.store.exchange(func() (Store, error) {
		if err := l.setAside(); err != nil {
			return nil, err
		}
		s, _, _, err := l.newStore(ctx, &m)
		return s, err
	})
	if err != nil {
		return fmt.Errorf("ledger: reindex: %w", err)
	}
	return nil
}

func (l *Ledger) setAside() error {
	if err := l.driver.SetAside(l.path); err != nil {
		return fmt.Errorf("set store aside: %w", err)
	}
	return nil
}

// rebuildFile is there while a store is written anew. A store beside it is
// not whole, and nothing is lost with it.
const rebuildFile = "rebuild"

// newStore removes the closed store, if it is not set aside, and writes the
// rows of all entries below the mark to a new one. It returns the tree at the
// mark as well.
func (l *Ledger) newStore(ctx context.Context, m *mark) (s Store, tree frontier, upper upperTiles, err error) {
	f, err := l.dir.open(rebuildFile, true)
	if err == nil {
		f.Close()
		err = l.dir.sync()
	}
	if err == nil {
		err = l.driver.Remove(l.path)
	}
	if err != nil {
		return nil, tree, upper, fmt.Errorf("remove store: %w", err)
	}
	if s, err = l.driver.Open(l.path); err != nil {
		return nil, tree, upper, err
	}
	b := rebuild{l: l, store: s, c: new(chunk)}
	if err = b.run(ctx, m); err == nil {
		err = s.Sync(ctx)
	}
	if err == nil {
		err = l.dir.remove(rebuildFile)
	}
	if err == nil {
		err = l.dir.sync()
	}
	if err != nil {
		s.Close()
		return nil, tree, upper, err
	}
	return s, b.tree, b.upper, nil
}

// rebuild writes the rows of a store from the blocks, without any pointer.
type rebuild struct {
	l        *Ledger
	store    Store // nil: only read the blocks
	tree     frontier
	upper    upperTiles
	at       blockPos
	c        *chunk
	pointers []pointer
	rows     rowMaker
}

func (b *rebuild) run(ctx context.Context, m *mark) error {
	for b.tree.n < m.next {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.bundle(); err != nil {
			return err
		}
	}
	if b.tree.n != m.next || b.tree.root() != m.root {
		return &CorruptError{File: "blocks", Offset: -1, First: 0, Next: m.next, Reason: "entries do not give the root of the mark"}
	}
	return nil
}

// bundle takes the next block.
func (b *rebuild) bundle() error {
	l := b.l
	found, err := l.nextBlock(b.at, b.tree.n/bundleSize)
	if err != nil {
		return err
	}
	if found.repaired {
		l.log.Warn("block repaired", "file", blockName(b.at.file), "offset", b.at.off, "first", b.tree.n)
		if err := l.blocks.write(b.at, found.raw); err != nil {
			return err
		}
	}
	for i, data := range found.entries {
		var keys, id []byte
		if l.opts.Index != nil && b.store != nil {
			if keys, id, err = l.indexOf(data); err != nil {
				return fmt.Errorf("index of entry %d: %w", b.tree.n, err)
			}
		}
		nodes := len(b.c.nodes)
		b.c.add(&b.tree, data, found.leaves[i], keys, id)
		for _, n := range b.c.nodes[nodes:] {
			b.upper.add(n)
		}
	}
	b.pointers = append(b.pointers, found.at)
	b.at.off += int64(found.at.length)
	if !l.opts.layout.full(b.c) {
		return nil
	}
	if b.store != nil {
		if err := writeRows(b.store, b.rows.of(b.c, b.pointers, &b.upper)); err != nil {
			return err
		}
	}
	b.upper.drop(b.tree.n)
	b.c, b.pointers = &chunk{first: b.tree.n}, nil
	if b.at.off = alignUp(b.at.off, frameAlign); b.at.off >= l.opts.layout.maxBlockFile {
		b.at = blockPos{b.at.file + 1, 0}
	}
	return nil
}

// nextBlock reads the block of a bundle at its place, without a pointer to
// it. Its own hashes verify it; the caller verifies the root of all. After
// an error p and root are what the block says of itself, and sure tells
// whether that is beyond doubt.
func (l *Ledger) nextBlock(at blockPos, bundle int64) (b foundBlock, err error) {
	first := bundle * bundleSize
	head := make([]byte, blockLeaves)
	if err = l.blocks.read(head, at); err == nil {
		b.claim(at, bundle, head)
		b.raw, b.entries, b.leaves, b.repaired, err = l.readBlock(b.at, bundle, b.root)
	}
	if err == nil {
		return b, nil
	}
	if !b.sure {
		// Nothing says how long it is or what root it has, but the entries.
		if raw, root, e := l.anyBlockOf(bundle); e == nil {
			b.at, b.root, b.raw, b.repaired = pointer{at, len(raw)}, root, raw, true
			b.entries, b.leaves, err = checkBlock(raw, root)
			return b, err
		}
	}
	if errors.Is(err, ErrCorrupt) {
		return b, err
	}
	return b, blockError(at, first, first+bundleSize, err)
}

// foundBlock is a block that was found without a pointer.
type foundBlock struct {
	at       pointer
	root     tlog.Hash
	sure     bool // a checksum covers length and root
	repaired bool
	raw      []byte
	entries  [][]byte
	leaves   []tlog.Hash
}

// claim takes length and root from the head of a block.
func (b *foundBlock) claim(at blockPos, bundle int64, head []byte) {
	if h, ok := parseBlockHead(head); ok && h.bundle == bundle {
		b.at, b.root, b.sure = pointer{at, blockData + h.length}, h.root, true
		return
	}
	// The lengths and the hashes of the groups say the same once more.
	groups := make([]tlog.Hash, bundleSize/groupSize)
	for i := range groups {
		groups[i] = hashAt(head, blockGroups, i)
	}
	b.at, b.root = pointer{at, blockData}, subtreeRoot(groups)
	for i := range bundleSize {
		b.at.length += int(binary.BigEndian.Uint16(head[blockLens+2*i:]))
	}
}
