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
	page := keyPage{base: base}
	var last []byte
	for more := true; more; {
		more = false
		page.begin()
		err := l.store.Scan(ctx, from, to, func(k, v []byte) error {
			if len(page.rows) >= pageRows {
				more = true
				return errStop
			}
			last = append(last[:0], k...)
			return page.add(k, v)
		})
		if err != nil && !errors.Is(err, errStop) {
			return err
		}
		from = append(bytes.Clone(last), 0)
		for _, c := range page.rows {
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

// keyPage is what one scan of the store found: a row each, one key in several
// rows perhaps.
type keyPage struct {
	base    int64 // entries from here on do not count
	rows    []KeyCount
	keys    []byte  // the bytes of their keys, which are the caller's for good
	indices []int64 // scratch space
}

func (p *keyPage) begin() {
	p.rows, p.keys = p.rows[:0], make([]byte, 0, len(p.keys))
}

// add takes in a row.
func (p *keyPage) add(key, sealed []byte) (err error) {
	if p.indices, err = appendPosting(p.indices[:0], key, sealed); err != nil {
		return err
	}
	start := len(p.keys)
	var rest []byte
	var ok bool
	if p.keys, rest, ok = appendUnescaped(p.keys, key[1:]); !ok || len(rest) != 8 {
		return storeDamage("bad row of a key")
	}
	c := KeyCount{Key: p.keys[start:len(p.keys):len(p.keys)]}
	for _, i := range p.indices {
		if i < p.base {
			c.Count++
		}
	}
	p.rows = append(p.rows, c)
	return nil
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
	first := string(prefix)
	for _, c := range l.chunks {
		c.find(nil, 0) // brings the table up to date
		for k := range c.byKey {
			if !strings.HasPrefix(k, first) {
				continue
			}
			if n := len(c.find([]byte(k), l.size)); n > 0 {
				counts[k] += int64(n)
			}
		}
	}
	return l.chunks[0].first, counts, nil
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
