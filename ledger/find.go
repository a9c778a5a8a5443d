package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
)

// pageRows bounds how many rows one scan of the store takes: a slow reader
// holds nothing in the store.
const pageRows = 1024

// Find returns the records that Options.Index put under key, in ascending
// order of index: all that were acknowledged when the loop begins. Each is
// read and verified as Read does. An error ends the loop.
func (l *Ledger) Find(ctx context.Context, key []byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for index, err := range l.FindIndices(ctx, key) {
			var r Record
			if err == nil {
				if r, err = l.read(ctx, index); err == nil {
					err = l.confirm(&r, key)
				}
				if err != nil {
					err = fmt.Errorf("ledger: find: entry %d: %w", index, err)
				}
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// confirm checks that the record is one of the key.
func (l *Ledger) confirm(r *Record, key []byte) error {
	keys, _, err := l.indexOf(r.Data)
	if err == nil && !hasKey(keys, key) {
		err = storeDamage("the index has an entry under a key that is not its own")
	}
	return err
}

// FindIndices is Find for those who only count: it yields the indices and
// reads no entry.
func (l *Ledger) FindIndices(ctx context.Context, key []byte) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		err := l.findIndices(ctx, key, func(index int64) bool { return yield(index, nil) })
		if err != nil {
			yield(-1, fmt.Errorf("ledger: find: %w", err))
		}
	}
}

func (l *Ledger) findIndices(ctx context.Context, key []byte, yield func(int64) bool) error {
	if l.opts.Index == nil {
		return &OptionError{Name: "Index", Stored: "none", Given: "a search"}
	}
	if len(key) > maxIndexKey {
		return nil
	}
	// The tail first: what leaves it in the meantime is in the store by then
	// and is dropped there.
	base, tail, err := l.tailIndices(ctx, key)
	if err != nil {
		return err
	}
	prefix := keyPrefix(key)
	from, to := prefix, after(prefix)
	last := int64(-1)
	var page []int64
	var row []byte
	for more := true; more; {
		page = page[:0]
		more = false
		err := l.store.Scan(ctx, from, to, func(k, v []byte) error {
			if len(page) >= pageRows {
				more = true
				return errStop
			}
			row = append(row[:0], k...)
			page, err = appendPosting(page, k, v)
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		from = append(bytes.Clone(row), 0)
		for _, index := range page {
			if index >= base {
				continue
			}
			if index <= last {
				return storeDamage("the entries of a key are out of order")
			}
			last = index
			if !yield(index) {
				return nil
			}
		}
	}
	for _, index := range tail {
		if !yield(index) {
			return nil
		}
	}
	return l.view.damaged()
}

// tailIndices returns the acknowledged entries with the key that are not
// applied, and the first entry that is not.
func (l *Ledger) tailIndices(ctx context.Context, key []byte) (base int64, tail []int64, err error) {
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
		tail = append(tail, c.find(key, l.size)...)
	}
	return l.chunks[0].first, tail, nil
}

// appendPosting appends the entries of one row.
func appendPosting(dst []int64, key, sealed []byte) ([]int64, error) {
	rest, err := unseal(key, sealed)
	if err != nil {
		return dst, err
	}
	index, ok := parseKeyEnd(key)
	if !ok {
		return dst, storeDamage("bad row of a key")
	}
	dst = append(dst, index)
	for len(rest) > 0 {
		d, n := binary.Uvarint(rest)
		if n <= 0 || d == 0 || d > maxSize {
			return dst, storeDamage("bad distances in a row of a key")
		}
		rest = rest[n:]
		index += int64(d)
		dst = append(dst, index)
	}
	if index < 0 || index > maxSize {
		return dst, storeDamage("bad index in a row of a key")
	}
	return dst, nil
}
