package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/dauvet/dauvet/ledger"
)

// Loss is what a crash does to the batches written since the last Sync.
type Loss int

const (
	LoseNothing Loss = iota // all of them are there
	LoseAll                 // none is there
	LoseSome                // any of them are missing, also from the middle
)

// Unreliable is a [ledger.Driver] that keeps its rows in memory from one
// Open to the next and can be made to misbehave between them. The zero value
// holds nothing. It serves one ledger.
type Unreliable struct {
	mu      sync.Mutex
	refuse  bool
	asides  int
	synced  map[string][]byte
	pending [][]ledger.KV
	open    *unreliableStore
}

// Open implements [ledger.Driver].
func (u *Unreliable) Open(string) (ledger.Store, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.refuse {
		return nil, &ledger.CorruptError{File: "store", Offset: -1, First: -1, Next: -1, Reason: "it refuses to open"}
	}
	s := &unreliableStore{u: u, rows: new(ledger.MemoryStore)}
	var rows []ledger.KV
	for k, v := range u.synced {
		rows = append(rows, ledger.KV{Key: []byte(k), Value: v})
	}
	if err := s.rows.Write(context.Background(), rows); err != nil {
		return nil, err
	}
	for _, batch := range u.pending {
		if err := s.rows.Write(context.Background(), batch); err != nil {
			return nil, err
		}
	}
	u.open = s
	return s, nil
}

// SetAside implements [ledger.Driver].
func (u *Unreliable) SetAside(string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.synced, u.pending, u.refuse = nil, nil, false
	u.asides++
	return nil
}

// Remove implements [ledger.Driver].
func (u *Unreliable) Remove(string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.synced, u.pending, u.refuse = nil, nil, false
	return nil
}

// Asides returns how often the store was set aside.
func (u *Unreliable) Asides() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asides
}

// Crash ends the use of the open store, as a loss of power does.
func (u *Unreliable) Crash(r *rand.Rand, loss Loss) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open != nil {
		u.open.gone = true
		u.open = nil
	}
	if loss == LoseAll {
		u.pending = nil
	}
	if loss == LoseSome {
		u.pending = slices.DeleteFunc(u.pending, func([]ledger.KV) bool { return r.IntN(2) == 0 })
	}
}

// Refuse makes Open give an error that matches [ledger.ErrCorrupt] until
// SetAside or Remove.
func (u *Unreliable) Refuse() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.refuse = true
}

// Flip changes a bit in the value of a row that was synced. It reports
// whether there was one.
func (u *Unreliable) Flip(r *rand.Rand) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	keys := slices.Sorted(maps.Keys(u.synced))
	if len(keys) == 0 {
		return false
	}
	k := keys[r.IntN(len(keys))]
	v := bytes.Clone(u.synced[k])
	v[r.IntN(len(v))] ^= 1 << r.IntN(8)
	u.synced[k] = v
	return true
}

// Drop removes a row that was synced. It reports whether there was one.
func (u *Unreliable) Drop(r *rand.Rand) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	keys := slices.Sorted(maps.Keys(u.synced))
	if len(keys) == 0 {
		return false
	}
	delete(u.synced, keys[r.IntN(len(keys))])
	return true
}

// Clone returns a driver with a copy of the rows and no open store.
func (u *Unreliable) Clone() *Unreliable {
	u.mu.Lock()
	defer u.mu.Unlock()
	return &Unreliable{refuse: u.refuse, synced: maps.Clone(u.synced), pending: slices.Clone(u.pending)}
}

// errGone is what a store says after the crash.
var errGone = errors.New("store is gone")

// unreliableStore is a store of Unreliable.
type unreliableStore struct {
	u    *Unreliable
	rows *ledger.MemoryStore
	gone bool // guarded by u.mu
}

func (s *unreliableStore) Get(ctx context.Context, key, dst []byte) ([]byte, error) {
	return s.rows.Get(ctx, key, dst)
}

func (s *unreliableStore) Scan(ctx context.Context, from, to []byte, f func(key, value []byte) error) error {
	return s.rows.Scan(ctx, from, to, f)
}

func (s *unreliableStore) Write(ctx context.Context, batch []ledger.KV) error {
	s.u.mu.Lock()
	defer s.u.mu.Unlock()
	if s.gone {
		return errGone
	}
	own := make([]ledger.KV, len(batch))
	for i, kv := range batch {
		own[i] = ledger.KV{Key: bytes.Clone(kv.Key), Value: bytes.Clone(kv.Value)}
	}
	s.u.pending = append(s.u.pending, own)
	return s.rows.Write(ctx, batch)
}

func (s *unreliableStore) Sync(ctx context.Context) error {
	s.u.mu.Lock()
	defer s.u.mu.Unlock()
	if s.gone {
		return errGone
	}
	if s.u.synced == nil {
		s.u.synced = make(map[string][]byte)
	}
	for _, batch := range s.u.pending {
		for _, kv := range batch {
			s.u.synced[string(kv.Key)] = kv.Value
		}
	}
	s.u.pending = nil
	return nil
}

func (s *unreliableStore) Close() error { return s.rows.Close() }
