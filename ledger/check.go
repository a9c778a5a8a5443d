package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"runtime"
	"sync"

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
	var want, have rowSum
	seed := maphash.MakeSeed()
	scanning, stop := context.WithCancel(ctx)
	var scanned error
	var wg sync.WaitGroup
	wg.Go(func() { scanned = l.sumRows(scanning, seed, applied, &have) })
	defer wg.Wait()
	defer stop()

	w := &walk{l: l, seed: seed, sum: &want}
	if err := w.run(ctx, applied); err != nil {
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
	if wg.Wait(); scanned != nil {
		return scanned
	}
	if have != want {
		return storeDamage(fmt.Sprintf("%d rows that are not the %d that the entries call for", have.count, want.count))
	}
	return nil
}

// rowSum is a sum over rows that does not depend on their order.
type rowSum struct{ count, sum uint64 }

func (s *rowSum) add(seed maphash.Seed, key, value []byte) {
	s.count++
	s.sum += bits.RotateLeft64(maphash.Bytes(seed, key), 32) ^ maphash.Bytes(seed, value)
}

// sumRows adds up the rows of the store that belong to entries below applied.
func (l *Ledger) sumRows(ctx context.Context, seed maphash.Seed, applied int64, sum *rowSum) error {
	from := []byte{0}
	for more := true; more; {
		more = false
		n := 0
		var last []byte
		err := l.store.Scan(ctx, from, nil, func(k, v []byte) error {
			if n++; n > pageRows {
				more = true
				return errStop
			}
			last = append(last[:0], k...)
			first, err := rowIndex(k, v)
			if err == nil && first < applied {
				sum.add(seed, k, v)
			}
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		from = append(last, 0)
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
	case k[0] == rowKey:
		if first, ok := parseKeyEnd(k); ok {
			return first, nil
		}
	case k[0] == rowID && len(k) == 17:
		if index, ok := parseIndex(body); ok {
			return index, nil
		}
	case k[0] == rowMark && len(k) == 9:
		return number(k[1:]), nil
	}
	return 0, storeDamage(fmt.Sprintf("unknown row %x", k))
}

// walk goes over all applied bundles and makes the rows of their chunks anew.
// Chunks are verified by as many goroutines as there are processors; what
// depends on their order is done by one.
type walk struct {
	l     *Ledger
	seed  maphash.Seed
	sum   *rowSum
	tree  frontier
	upper upperTiles
	rows  rowMaker
}

// stretch is a chunk as its pointers tell it.
type stretch struct {
	first    int64
	pointers []pointer
	whole    bool // it ends where a chunk ends
	done     chan struct{}

	// By verify.
	err   error
	roots []tlog.Hash
	rows  rowSum
}

func (s *stretch) next() int64 { return s.first + int64(len(s.pointers))*bundleSize }

func (w *walk) run(ctx context.Context, applied int64) error {
	ctx, stop := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan *stretch)
	order := make(chan *stretch, 2*workers)
	var failed error // of the pointers; read when order is closed
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(order)
		defer close(todo)
		failed = w.l.stretches(ctx, applied, func(s *stretch) error {
			for _, to := range []chan *stretch{order, todo} {
				select {
				case to <- s:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range workers {
		wg.Go(func() {
			v := verifier{l: w.l, seed: w.seed}
			for s := range todo {
				s.err = v.verify(ctx, s)
				close(s.done)
			}
		})
	}
	defer wg.Wait()
	defer stop()
	for s := range order {
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.err != nil {
			return s.err
		}
		w.take(s)
	}
	return failed
}

// take adds a verified chunk to the tree and to the sum.
func (w *walk) take(s *stretch) {
	add := func(level int, n int64, h *tlog.Hash) { w.upper.add(node{level, n, *h}) }
	for i := range s.roots {
		add(tileHeight, s.first/bundleSize+int64(i), &s.roots[i])
		w.tree.pushTree(tileHeight, &s.roots[i], add)
	}
	if !s.whole {
		return
	}
	m := &w.rows
	m.begin(s.first, s.next(), &w.upper)
	m.mark(s.first, s.next(), len(m.rows)+int(s.rows.count))
	for _, row := range m.rows {
		w.sum.add(w.seed, row.Key, row.Value)
	}
	w.sum.count += s.rows.count
	w.sum.sum += s.rows.sum
	w.upper.drop(w.tree.n)
}

// stretches gives the chunks below applied to f, in order.
func (l *Ledger) stretches(ctx context.Context, applied int64, f func(*stretch) error) error {
	s := &stretch{done: make(chan struct{})}
	length := 0
	for bundle := int64(0); bundle < applied/bundleSize; {
		page, err := l.pointers(ctx, bundle, min(bundle+pageRows, applied/bundleSize))
		if err != nil {
			return err
		}
		for _, p := range page {
			s.pointers = append(s.pointers, p)
			length += p.length - blockData
			if bundle++; !l.opts.layout.fullAt(len(s.pointers)*bundleSize, length) {
				continue
			}
			s.whole = true
			if err := f(s); err != nil {
				return err
			}
			s, length = &stretch{first: s.next(), done: make(chan struct{})}, 0
		}
	}
	if len(s.pointers) > 0 {
		return f(s)
	}
	return nil
}

// pointers returns those to the applied bundles from first to next.
func (l *Ledger) pointers(ctx context.Context, first, next int64) ([]pointer, error) {
	page := make([]pointer, 0, next-first)
	err := l.store.Scan(ctx, pointerKey(first), pointerKey(next), func(k, v []byte) error {
		bundle := first + int64(len(page))
		if !bytes.Equal(k, pointerKey(bundle)) {
			return errStop
		}
		row, err := unseal(k, v)
		if err != nil {
			return err
		}
		p, ok := decodePointer(row)
		if !ok {
			return storeDamage(fmt.Sprintf("bad pointer to bundle %d", bundle))
		}
		page = append(page, p)
		return nil
	})
	if err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	if bundle := first + int64(len(page)); bundle < next {
		return nil, storeDamage(fmt.Sprintf("no pointer to bundle %d", bundle))
	}
	return page, nil
}

// verifier verifies chunks, one after the other.
type verifier struct {
	l     *Ledger
	seed  maphash.Seed
	scrub scrubber
	chunk chunk // for its rows
	rows  rowMaker
}

// verify verifies the blocks of a chunk and adds up the rows that its entries
// call for.
func (v *verifier) verify(ctx context.Context, s *stretch) error {
	v.chunk.reuse(s.first)
	for i, at := range s.pointers {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.bundle(ctx, s, s.first/bundleSize+int64(i), at); err != nil {
			return err
		}
	}
	if !s.whole {
		return nil
	}
	v.rows.begin(0, 0, nil)
	v.rows.entries(&v.chunk, s.pointers)
	for _, row := range v.rows.rows {
		s.rows.add(v.seed, row.Key, row.Value)
	}
	return nil
}

func (v *verifier) bundle(ctx context.Context, s *stretch, bundle int64, at pointer) error {
	l := v.l
	root, err := l.subtree(ctx, tileHeight, bundle)
	if err != nil {
		return err
	}
	s.roots = append(s.roots, root)
	entries := v.scrub.entries[:]
	if !v.scrub.read(l.blocks, at, bundle, root) {
		// The slow way says what is wrong, and repairs it where that is possible.
		if _, entries, _, _, err = l.loadBlock(at, bundle, root); err != nil {
			return err
		}
	}
	if l.opts.Index == nil {
		return nil
	}
	for i, data := range entries {
		index := bundle*bundleSize + int64(i)
		keys, id, err := l.indexOf(data)
		if err != nil {
			return fmt.Errorf("index of entry %d: %w", index, err)
		}
		v.chunk.addID(id, index)
		v.chunk.recs = append(v.chunk.recs, rec{keys: keys})
	}
	return nil
}
