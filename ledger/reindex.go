package ledger

import (
	"context"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Reindex sets the store aside and writes a new one from the block files. It
// is the answer to a damage of the store that [Ledger.Check] or a read
// reported; Open does the same when it finds one. Reads wait until it is
// done, appends until their bytes fill what may be in flight. When it fails,
// or ctx ends it, the ledger has no index: close and open it again.
func (l *Ledger) Reindex(ctx context.Context) error {
	l.applier.lock.Lock()
	defer l.applier.lock.Unlock()
	l.mu.RLock()
	m := l.applier.marked
	l.mu.RUnlock()
	err := l.store.exchange(func() (Store, error) {
		s, _, _, err := l.newStore(ctx, &m)
		return s, err
	})
	if err != nil {
		return fmt.Errorf("ledger: reindex: %w", err)
	}
	return nil
}

// newStore sets the closed store aside and writes the rows of all entries
// below the mark to a new one. It returns the tree at the mark as well.
func (l *Ledger) newStore(ctx context.Context, m *mark) (s Store, tree frontier, upper upperTiles, err error) {
	if err := l.driver.SetAside(l.path); err != nil {
		return nil, tree, upper, fmt.Errorf("set store aside: %w", err)
	}
	if s, err = l.driver.Open(l.path); err != nil {
		return nil, tree, upper, err
	}
	b := rebuild{l: l, store: s, c: new(chunk)}
	if err = b.run(ctx, m); err == nil {
		err = s.Sync(ctx)
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
	store    Store
	tree     frontier
	upper    upperTiles
	at       blockPos
	c        *chunk
	pointers []pointer
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
	p, entries, leaves, err := l.nextBlock(b.at, b.tree.n/bundleSize)
	if err != nil {
		return err
	}
	for i, data := range entries {
		var keys, id []byte
		if l.opts.Index != nil {
			if keys, id, err = l.indexOf(data); err != nil {
				return fmt.Errorf("index of entry %d: %w", b.tree.n, err)
			}
		}
		nodes := len(b.c.nodes)
		b.c.add(&b.tree, data, leaves[i], keys, id)
		for _, n := range b.c.nodes[nodes:] {
			b.upper.add(n)
		}
	}
	b.pointers = append(b.pointers, p)
	b.at.off += int64(p.length)
	if !l.opts.layout.full(b.c) {
		return nil
	}
	if err := writeRows(b.store, b.c.rows(b.pointers, &b.upper)); err != nil {
		return err
	}
	b.upper.drop(b.tree.n)
	b.c, b.pointers = &chunk{first: b.tree.n}, nil
	if b.at.off = alignUp(b.at.off, frameAlign); b.at.off >= l.opts.layout.maxBlockFile {
		b.at = blockPos{b.at.file + 1, 0}
	}
	return nil
}

// nextBlock reads the block of a bundle at its place, without a pointer to
// it. Its own hashes verify it; the caller verifies the root of all.
func (l *Ledger) nextBlock(at blockPos, bundle int64) (p pointer, entries [][]byte, leaves []tlog.Hash, err error) {
	first := bundle * bundleSize
	head := make([]byte, blockLeaves)
	if err := l.blocks.read(head, at); err != nil {
		return p, nil, nil, blockError(at, first, first+bundleSize, err)
	}
	h, ok := parseBlockHead(head)
	if !ok || h.bundle != bundle {
		// The lengths and the hashes of the groups say the same once more.
		h = blockHead{bundle: bundle}
		groups := make([]tlog.Hash, bundleSize/groupSize)
		for i := range groups {
			groups[i] = hashAt(head, blockGroups, i)
		}
		h.root = subtreeRoot(groups)
		for i := range bundleSize {
			h.length += int(binary.BigEndian.Uint16(head[blockLens+2*i:]))
		}
	}
	p = pointer{at, blockData + h.length}
	_, entries, leaves, _, err = l.loadBlock(p, bundle, h.root)
	return p, entries, leaves, err
}
