package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"

	"golang.org/x/mod/sumdb/tlog"
)

// Check reads the whole ledger and verifies all of it: every entry against
// the tree, the tree against the acknowledged root, and the index for
// exactly the rows that the entries call for. Appends and reads can go on.
// It returns the first damage found, as a [*CorruptError].
func (l *Ledger) Check(ctx context.Context) error {
	if err := l.check(ctx); err != nil {
		return fmt.Errorf("ledger: check: %w", err)
	}
	return nil
}

func (l *Ledger) check(ctx context.Context) error {
	size, root, err := l.acknowledged(ctx)
	if err != nil {
		return err
	}
	if l.view != nil {
		return l.checkView(ctx, size)
	}
	l.mu.RLock()
	applied := min(l.chunks[0].first, size)
	l.mu.RUnlock()

	// Rows are compared as a sum of hashes, so that the order in which the
	// store has them does not matter and memory stays bounded.
	seed := maphash.MakeSeed()
	var want rowSum
	w := &walk{ctx: ctx, l: l, rows: func(rows []KV) { want.add(seed, rows...) }}
	if err := w.run(applied); err != nil {
		return err
	}
	for index := applied; index < size; index++ {
		r, err := l.read(ctx, index)
		if err != nil {
			return err
		}
		h := leafHash(r.Data)
		w.tree.push(&h, func(int, int64, *tlog.Hash) {})
	}
	if w.tree.root() != root {
		return &CorruptError{File: "blocks", Offset: -1, First: 0, Next: size, Reason: "entries do not give the acknowledged root"}
	}
	var have rowSum
	if err := l.sumRows(ctx, seed, applied, &have); err != nil {
		return err
	}
	if have != want {
		return storeDamage(fmt.Sprintf("%d rows that are not the %d that the entries call for", have.count, want.count))
	}
	return nil
}

// rowSum is a sum over rows that does not depend on their order.
type rowSum struct{ count, sum uint64 }

func (s *rowSum) add(seed maphash.Seed, rows ...KV) {
	for _, kv := range rows {
		var h maphash.Hash
		h.SetSeed(seed)
		h.Write(kv.Key)
		h.WriteByte(0)
		h.Write(kv.Value)
		s.count++
		s.sum += h.Sum64()
	}
}

// sumRows adds up the rows of the store that belong to entries below applied.
func (l *Ledger) sumRows(ctx context.Context, seed maphash.Seed, applied int64, sum *rowSum) error {
	from := []byte{0}
	for more := true; more; {
		more = false
		n := 0
		err := l.store.Scan(ctx, from, nil, func(k, v []byte) error {
			if n++; n > pageRows {
				more = true
				return errStop
			}
			from = append(bytes.Clone(k), 0)
			first, err := rowIndex(k, v)
			if err == nil && first < applied {
				sum.add(seed, KV{k, v})
			}
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
	}
	return nil
}

// rowIndex is the first entry that a row tells of; for a tile, the last.
func rowIndex(k, v []byte) (int64, error) {
	body, err := unseal(k, v)
	if err != nil {
		return 0, err
	}
	number := func(p []byte) int64 { return int64(binary.BigEndian.Uint64(p)) }
	switch {
	case k[0] == rowPointer && len(k) == 9:
		return number(k[1:]) * bundleSize, nil
	case k[0] == rowTile && len(k) == 10 && k[1] < maxTileLevel:
		return (number(k[2:])+1)<<(tileHeight*(int(k[1])+1)) - 1, nil
	case k[0] == rowKey && len(k) > 10:
		return number(k[len(k)-8:]), nil
	case k[0] == rowID && len(k) == 17 && len(body) == 8:
		return number(body), nil
	case k[0] == rowMark && len(k) == 9:
		return number(k[1:]), nil
	}
	return 0, storeDamage(fmt.Sprintf("unknown row %x", k))
}

// walk goes over all applied bundles in order and makes the rows of their
// chunks anew.
type walk struct {
	ctx  context.Context
	l    *Ledger
	tree frontier
	rows func([]KV)
}

func (w *walk) run(applied int64) error {
	l := w.l
	c := new(chunk)
	var upper upperTiles
	var pointers []pointer
	var rows rowMaker
	for w.tree.n < applied {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		bundle := w.tree.n / bundleSize
		at, err := l.pointer(w.ctx, bundle)
		if err != nil {
			return err
		}
		root, err := l.subtree(w.ctx, tileHeight, bundle)
		if err != nil {
			return err
		}
		_, entries, leaves, _, err := l.loadBlock(at, bundle, root)
		if err != nil {
			return err
		}
		for i, data := range entries {
			var keys, id []byte
			if l.opts.Index != nil {
				if keys, id, err = l.indexOf(data); err != nil {
					return fmt.Errorf("index of entry %d: %w", bundle*bundleSize+int64(i), err)
				}
			}
			nodes := len(c.nodes)
			c.add(&w.tree, data, leaves[i], keys, id)
			for _, n := range c.nodes[nodes:] {
				upper.add(n)
			}
		}
		pointers = append(pointers, at)
		if l.opts.layout.full(c) {
			w.rows(rows.of(c, pointers, &upper))
			upper.drop(w.tree.n)
			c, pointers = &chunk{first: w.tree.n}, nil
		}
	}
	return nil
}
