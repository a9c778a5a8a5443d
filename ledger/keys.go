package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
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
	if l.opts.Index == nil {
		return &OptionError{Name: "Index", Stored: "none", Given: "a search"}
	}
	if len(prefix) > maxIndexKey {
		return nil
	}
	base, tail, err := l.tailKeys(ctx, prefix)
	if err != nil {
		return err
	}
	// Keys of the tail are put between those of the store.
	pending := slices.Sorted(maps.Keys(tail))
	var current KeyCount
	emit := func() bool {
		for len(pending) > 0 && (current.Key == nil || pending[0] <= string(current.Key)) {
			k := pending[0]
			pending = pending[1:]
			if current.Key != nil && k == string(current.Key) {
				current.Count += tail[k]
			} else if !yield(KeyCount{[]byte(k), tail[k]}) {
				return false
			}
		}
		return current.Count == 0 || yield(current)
	}
	from := appendEscaped([]byte{rowKey}, prefix)
	to := after(from)
	var page []KeyCount
	var last []byte
	for more := true; more; {
		page, more = page[:0], false
		err := l.store.Scan(ctx, from, to, func(k, v []byte) error {
			if len(page) >= pageRows {
				more = true
				return errStop
			}
			last = append(last[:0], k...)
			c, err := countPosting(k, v, base)
			page = append(page, c)
			return err
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		from = append(bytes.Clone(last), 0)
		for _, c := range page {
			if current.Key != nil && bytes.Equal(c.Key, current.Key) {
				current.Count += c.Count
				continue
			}
			if current.Key != nil && !emit() {
				return nil
			}
			current = c
		}
	}
	if current.Key != nil && !emit() {
		return nil
	}
	current = KeyCount{}
	emit()
	return l.view.damaged()
}

// countPosting counts the entries below base in one row.
func countPosting(key, sealed []byte, base int64) (c KeyCount, err error) {
	indices, err := appendPosting(nil, key, sealed)
	if err != nil {
		return c, err
	}
	k, rest, ok := unescape(key[1:])
	if !ok || len(rest) != 8 {
		return c, storeDamage("bad row of a key")
	}
	for _, i := range indices {
		if i < base {
			c.Count++
		}
	}
	c.Key = k
	return c, nil
}

// tailKeys counts the keys of the acknowledged entries that are not applied.
func (l *Ledger) tailKeys(ctx context.Context, prefix []byte) (base int64, counts map[string]int64, err error) {
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
	counts = make(map[string]int64)
	for _, c := range l.chunks {
		c.find(nil, 0) // brings the table up to date
		for k := range c.byKey {
			if !strings.HasPrefix(k, string(prefix)) {
				continue
			}
			if n := len(c.find([]byte(k), l.size)); n > 0 {
				counts[k] += int64(n)
			}
		}
	}
	return l.chunks[0].first, counts, nil
}

// unescape is the inverse of appendEscaped up to the end mark 0 1; rest is
// what follows it.
func unescape(p []byte) (key, rest []byte, ok bool) {
	key = make([]byte, 0, len(p))
	for i := 0; i < len(p); i++ {
		if p[i] != 0 {
			key = append(key, p[i])
			continue
		}
		if i++; i == len(p) {
			break
		}
		switch p[i] {
		case 255:
			key = append(key, 0)
		case 1:
			return key, p[i+1:], true
		default:
			return nil, nil, false
		}
	}
	return nil, nil, false
}
