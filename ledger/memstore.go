package ledger

import (
	"bytes"
	"context"
	"slices"
	"sort"
	"sync"
)

// MemoryStore is a [Store] in memory. Nothing survives Close. The zero value
// is empty and ready.
type MemoryStore struct {
	mu     sync.RWMutex
	runs   [][]KV // each sorted; sizes fall by half or more; later runs win
	closed bool
}

// Get implements [Store].
func (s *MemoryStore) Get(ctx context.Context, key, dst []byte) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	for i := len(s.runs) - 1; i >= 0; i-- {
		if at, ok := find(s.runs[i], key); ok {
			return append(dst, s.runs[i][at].Value...), nil
		}
	}
	return nil, ErrNotFound
}

func find(run []KV, key []byte) (int, bool) {
	return sort.Find(len(run), func(i int) int { return bytes.Compare(key, run[i].Key) })
}

// Scan implements [Store].
func (s *MemoryStore) Scan(ctx context.Context, from, to []byte, f func(key, value []byte) error) error {
	s.mu.RLock()
	if s.closed {
		s.mu.RUnlock()
		return ErrClosed
	}
	runs := make([][]KV, 0, len(s.runs))
	for _, run := range s.runs {
		lo, _ := find(run, from)
		hi := len(run)
		if to != nil {
			hi, _ = find(run, to)
		}
		if lo < hi {
			runs = append(runs, run[lo:hi])
		}
	}
	s.mu.RUnlock()
	for n := 0; len(runs) > 0; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		least := runs[0][0]
		for _, run := range runs[1:] {
			if bytes.Compare(run[0].Key, least.Key) <= 0 {
				least = run[0]
			}
		}
		if err := f(least.Key, least.Value); err != nil {
			return err
		}
		for i, run := range runs {
			if bytes.Equal(run[0].Key, least.Key) {
				runs[i] = run[1:]
			}
		}
		runs = slices.DeleteFunc(runs, func(run []KV) bool { return len(run) == 0 })
	}
	return nil
}

// Write implements [Store].
func (s *MemoryStore) Write(ctx context.Context, batch []KV) error {
	run := make([]KV, len(batch))
	for i, kv := range batch {
		run[i] = KV{bytes.Clone(kv.Key), bytes.Clone(kv.Value)}
	}
	slices.SortStableFunc(run, func(a, b KV) int { return bytes.Compare(a.Key, b.Key) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	// Runs are replaced, never changed: a Scan may be in the middle of one.
	for n := len(s.runs); n > 0 && len(s.runs[n-1]) <= 2*len(run); n-- {
		run = merge(s.runs[n-1], run)
		s.runs = slices.Clone(s.runs[:n-1])
	}
	s.runs = append(s.runs, run)
	return nil
}

// merge merges two sorted runs; b wins where keys are equal.
func merge(a, b []KV) []KV {
	out := make([]KV, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := bytes.Compare(a[0].Key, b[0].Key); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			a = a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// Sync implements [Store].
func (s *MemoryStore) Sync(ctx context.Context) error { return nil }

// Close implements [Store].
func (s *MemoryStore) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs, s.closed = nil, true
	return nil
}
