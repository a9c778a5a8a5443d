package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// KeyCount is an index key and the number of records under it.
type KeyCount struct {
	Key   []byte
	Count int64
}

// Keys returns the index keys that begin with prefix in ascending order,
// each once, as of when the loop begins. It reads rows of the index only and
// no entry, for lookups that list or count. An error ends the loop.
func (l *Ledger) Keys(ctx context.Context, prefix []byte) iter.Seq2[KeyCount, error] {
	return func(yield func(KeyCount, error) bool) {
		if err := l.keys(ctx, prefix, func(k KeyCount) bool { return yield(k, nil) }); err != nil {
			yield(KeyCount{}, fmt.Errorf("ledger: keys: %w", err))
		}
	}
}

func (l *Ledger) keys(ctx context.Context, prefix []byte, yield func(KeyCount) bool) error {
	var current KeyCount
	stopped := false
	err := l.postings(ctx, prefix, func(key []byte, indices []int64) bool {
		if current.Count > 0 && !bytes.Equal(key, current.Key) {
			if stopped = !yield(current); stopped {
				return false
			}
			current.Count = 0
		}
		current.Key = key
		current.Count += int64(len(indices))
		return true
	})
	if err == nil && !stopped && current.Count > 0 {
		yield(current)
	}
	return err
}

// Posting is a record under an index key.
type Posting struct {
	Key   []byte
	Index int64
}

// Postings returns what the index keys that begin with prefix lead to: the
// keys in ascending order, and for each the indices of its records, ascending,
// as of when the loop begins. It reads rows of the index only and no entry,
// for lookups by keys that say something themselves. An error ends the loop.
func (l *Ledger) Postings(ctx context.Context, prefix []byte) iter.Seq2[Posting, error] {
	return func(yield func(Posting, error) bool) {
		err := l.postings(ctx, prefix, func(key []byte, indices []int64) bool {
			for _, index := range indices {
				if !yield(Posting{key, index}, nil) {
					return false
				}
			}
			return true
		})
		if err != nil {
			yield(Posting{Index: -1}, fmt.Errorf("ledger: postings: %w", err))
		}
	}
}

// postings yields the keys that begin with prefix, in order, and their
// entries: a key several times, one behind the other, when it has entries in
// several chunks. Keys are the caller's, the list is not.
func (l *Ledger) postings(ctx context.Context, prefix []byte, yield func(key []byte, indices []int64) bool) error {
	if l.opts.Index == nil {
		return &OptionError{Name: "Index", Stored: "none", Given: "a search"}
	}
	if len(prefix) > maxIndexKey {
		return nil
	}
	// The tail first: what leaves it in the meantime is in the store by then
	// and is dropped there.
	base, tail, err := l.tailPostings(ctx, prefix)
	if err != nil {
		return err
	}
	from := appendEscaped([]byte{rowKey}, prefix)
	to := after(from)
	page := keyPages.Get().(*keyPage)
	defer page.free()
	for more := true; more; {
		more = false
		page.turn(base)
		err := l.store.Scan(ctx, from, to, func(k, v []byte) error {
			if more = len(page.rows) >= pageRows; more {
				from = bytes.Clone(k)
				return errStop
			}
			return page.add(k, v)
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		for _, row := range page.rows {
			for len(tail) > 0 && string(tail[0].key) < string(row.key) {
				if !yield(tail[0].key, tail[0].indices) {
					return nil
				}
				tail = tail[1:]
			}
			if len(row.indices) > 0 && !yield(row.key, row.indices) {
				return nil
			}
		}
	}
	for _, row := range tail {
		if !yield(row.key, row.indices) {
			return nil
		}
	}
	return l.view.damaged()
}

// keyRow is a key and some of its entries.
type keyRow struct {
	key     []byte
	indices []int64
}

// keyPage is what one scan of the store found: a row each, one key in several
// rows perhaps.
type keyPage struct {
	base    int64 // entries from here on do not count
	rows    []keyRow
	keys    []byte  // the bytes of their keys, which are the caller's for good
	indices []int64 // of all rows
}

// keyPages keep their memory from one search to the next, except for keys.
var keyPages = sync.Pool{New: func() any { return new(keyPage) }}

// turn makes room for the next scan.
func (p *keyPage) turn(base int64) {
	clear(p.rows)
	p.base, p.rows, p.indices, p.keys = base, p.rows[:0], p.indices[:0], make([]byte, 0, max(len(p.keys), 256))
}

// free gives the page back.
func (p *keyPage) free() {
	clear(p.rows)
	p.rows, p.keys = p.rows[:0], nil
	keyPages.Put(p)
}

// add takes in a row.
func (p *keyPage) add(key, sealed []byte) (err error) {
	from, start := len(p.indices), len(p.keys)
	if p.indices, err = appendPosting(p.indices, key, sealed); err != nil {
		return err
	}
	end := len(p.indices)
	for end > from && p.indices[end-1] >= p.base {
		end--
	}
	p.indices = p.indices[:end]
	var ok bool
	if p.keys, _, ok = appendUnescaped(p.keys, key[1:]); !ok {
		return storeDamage("bad row of a key")
	}
	p.rows = append(p.rows, keyRow{p.keys[start:len(p.keys):len(p.keys)], p.indices[from:end:end]})
	return nil
}

// tailPostings returns the keys of the acknowledged entries that are not
// applied, in order, and the first entry that is not.
func (l *Ledger) tailPostings(ctx context.Context, prefix []byte) (base int64, tail []keyRow, err error) {
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	l.findMu.Lock()
	defer l.findMu.Unlock()
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return 0, nil, ErrClosed
	}
	for _, c := range l.chunks {
		tail = c.under(tail, prefix, l.size)
	}
	// Chunks follow one another, and so do the entries of a key.
	slices.SortStableFunc(tail, func(a, b keyRow) int { return bytes.Compare(a.key, b.key) })
	return l.chunks[0].first, tail, nil
}

// appendUnescaped is the inverse of appendEscaped up to the end mark 0 1; rest
// is what follows it.
func appendUnescaped(dst, p []byte) (key, rest []byte, ok bool) {
	for {
		i := bytes.IndexByte(p, 0)
		if i < 0 || i+1 == len(p) {
			return dst, nil, false
		}
		dst = append(dst, p[:i]...)
		switch p[i+1] {
		case 255:
			dst = append(dst, 0)
		case 1:
			return dst, p[i+2:], true
		default:
			return dst, nil, false
		}
		p = p[i+2:]
	}
}
