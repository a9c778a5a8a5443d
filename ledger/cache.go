package ledger

import (
	"container/list"
	"sync"
)

// cache keeps verified pieces of the tree, least recently used out first.
type cache struct {
	mu    sync.Mutex
	limit int
	used  int
	order list.List // of *cached, most recent in front
	items map[cacheKey]*list.Element
}

// cacheKey names a tile, or a bundle at level -1.
type cacheKey struct {
	level int
	n     int64
}

type cached struct {
	key   cacheKey
	value any
	bytes int
}

func (c *cache) get(k cacheKey) any {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.items[k]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).value
}

func (c *cache) put(k cacheKey, value any, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items = make(map[cacheKey]*list.Element)
	}
	if e := c.items[k]; e != nil {
		c.drop(e)
	}
	c.items[k] = c.order.PushFront(&cached{k, value, bytes})
	for c.used += bytes; c.used > c.limit; {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	v := c.order.Remove(e).(*cached)
	delete(c.items, v.key)
	c.used -= v.bytes
}
