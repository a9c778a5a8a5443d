package ledger

import (
	"context"
	"sync"
)

// guard is a store that can be closed or exchanged under its readers: they
// get ErrClosed instead of whatever the driver does after Close.
type guard struct {
	mu sync.RWMutex
	s  Store
}

func (g *guard) set(s Store) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.s = s
}

func (g *guard) Get(ctx context.Context, key, dst []byte) ([]byte, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.s == nil {
		return nil, ErrClosed
	}
	return g.s.Get(ctx, key, dst)
}

func (g *guard) Scan(ctx context.Context, from, to []byte, f func(key, value []byte) error) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.s == nil {
		return ErrClosed
	}
	return g.s.Scan(ctx, from, to, f)
}

func (g *guard) Write(ctx context.Context, batch []KV) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.s == nil {
		return ErrClosed
	}
	return g.s.Write(ctx, batch)
}

func (g *guard) Sync(ctx context.Context) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.s == nil {
		return ErrClosed
	}
	return g.s.Sync(ctx)
}

// exchange closes the store and takes the one that open returns. Readers
// wait meanwhile; after an error there is no store any more.
func (g *guard) exchange(open func() (Store, error)) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.s == nil {
		return ErrClosed
	}
	err := g.s.Close()
	g.s = nil
	if err != nil {
		return err
	}
	g.s, err = open()
	return err
}

// Close closes the store once its last reader is gone.
func (g *guard) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.s == nil {
		return nil
	}
	s := g.s
	g.s = nil
	return s.Close()
}
