package ledger

import (
	"bytes"
	"encoding/binary"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A chunk is what is applied to blocks and store in one go. Where it ends
// depends on the entries alone, so that applying it again after a crash, or
// rebuilding the store, writes the same rows: at the first multiple of 256
// entries with layout.chunkEntries entries or layout.chunkBytes bytes of them.

// rec is an entry that is not in the blocks yet.
type rec struct {
	data []byte
	hash tlog.Hash
	keys []byte // index keys, each after its length in two bytes
	seal uint64 // see Ledger.seal
}

// node is the root of a full subtree.
type node struct {
	level int
	n     int64
	h     tlog.Hash
}

// chunk collects entries from first on. What was appended never changes.
type chunk struct {
	first  int64
	recs   []rec
	bytes  int
	ids    map[string]int64
	groups []tlog.Hash // of level 4
	nodes  []node      // of level 8, 16, 24 …
	page   []byte      // where copies of entries go
	pages  [][]byte    // all of the usual size
	turned int         // of these, how many are in use

	root tlog.Hash // of the tree up to the end of the chunk, once it is full

	// Built by the first lookup, extended by later ones.
	keys    []tailKey
	byKey   map[string]int32 // number in keys
	byStart map[string]int32 // number of the last key with the first bytes
	indexed int
}

func (c *chunk) next() int64 { return c.first + int64(len(c.recs)) }

// full reports whether the chunk ends here.
func (l *layout) full(c *chunk) bool { return l.fullAt(len(c.recs), c.bytes) }

// fullAt is full for a chunk of so many entries with so many bytes.
func (l *layout) fullAt(entries, bytes int) bool {
	return entries > 0 && entries%bundleSize == 0 && (entries >= l.chunkEntries || bytes >= l.chunkBytes)
}

const chunkPage = 64 << 10 // bytes

// keep copies an entry and its keys to the memory of the chunk.
func (c *chunk) keep(data, keys []byte) (d, k []byte) {
	if n := len(data) + len(keys); cap(c.page)-len(c.page) < n {
		c.turn(n)
	}
	at := len(c.page)
	c.page = append(append(c.page, data...), keys...)
	mid, end := at+len(data), len(c.page)
	return c.page[at:mid:mid], c.page[mid:end:end]
}

// turn takes a page with room for n bytes.
func (c *chunk) turn(n int) {
	switch {
	case n > chunkPage:
		c.page = make([]byte, 0, n)
	case c.turned < len(c.pages):
		c.page = c.pages[c.turned]
		c.turned++
	default:
		c.page = make([]byte, 0, chunkPage)
		c.pages = append(c.pages, c.page)
		c.turned++
	}
}

// reuse makes the chunk a new one in the same memory. Nobody holds anything
// of it any more.
func (c *chunk) reuse(first int64) {
	*c = chunk{first: first, recs: c.recs[:0], groups: c.groups[:0], nodes: c.nodes[:0], pages: c.pages}
}

// add appends an entry and moves the tree along.
func (c *chunk) add(t *frontier, data []byte, hash tlog.Hash, keys []byte, id []byte) {
	t.push(&hash, c.addNode)
	c.addData(data, hash, keys, id, 0)
}

// addNode keeps a node of the tree that became full.
func (c *chunk) addNode(level int, n int64, h *tlog.Hash) {
	if level == groupHeight {
		c.groups = append(c.groups, *h)
	} else {
		c.nodes = append(c.nodes, node{level, n, *h})
	}
}

// addData appends an entry whose leaf is in the tree.
func (c *chunk) addData(data []byte, hash tlog.Hash, keys []byte, id []byte, seal uint64) {
	data, keys = c.keep(data, keys)
	c.addID(id, c.next())
	c.recs = append(c.recs, rec{data, hash, keys, seal})
	c.bytes += len(data)
}

// addID notes the id of an entry; nil is none, and the first entry counts.
func (c *chunk) addID(id []byte, index int64) {
	if id == nil {
		return
	}
	if c.ids == nil {
		c.ids = make(map[string]int64)
	}
	if _, dup := c.ids[string(id)]; !dup {
		c.ids[string(id)] = index
	}
}

// tailKey is an index key of a chunk and its entries.
type tailKey struct {
	key    string
	first  int64
	more   []int64
	before int32 // number of the key before it that begins alike; -1 is none
}

func (k *tailKey) last() int64 {
	if n := len(k.more); n > 0 {
		return k.more[n-1]
	}
	return k.first
}

// appendBelow appends the entries below size.
func (k *tailKey) appendBelow(dst []int64, size int64) []int64 {
	if k.first < size {
		dst = append(dst, k.first)
	}
	for _, index := range k.more {
		if index < size {
			dst = append(dst, index)
		}
	}
	return dst
}

// startBytes is how many bytes of a prefix lead to the keys that begin so.
const startBytes = 16

// index brings the keys up to date.
func (c *chunk) index() {
	if c.byKey == nil {
		c.byKey, c.byStart = make(map[string]int32), make(map[string]int32)
	}
	for ; c.indexed < len(c.recs); c.indexed++ {
		for k := range eachKey(c.recs[c.indexed].keys) {
			c.addKey(k, c.first+int64(c.indexed))
		}
	}
}

func (c *chunk) addKey(key []byte, index int64) {
	if n, ok := c.byKey[string(key)]; ok {
		k := &c.keys[n]
		if index > k.last() {
			k.more = append(k.more, index)
		}
		return
	}
	n := int32(len(c.keys))
	k := tailKey{key: string(key), first: index, before: -1}
	c.byKey[k.key] = n
	if len(key) >= startBytes {
		start := k.key[:startBytes]
		if before, ok := c.byStart[start]; ok {
			k.before = before
		}
		c.byStart[start] = n
	}
	c.keys = append(c.keys, k)
}

// find appends the entries of the chunk with the key, below size.
func (c *chunk) find(dst []int64, key []byte, size int64) []int64 {
	c.index()
	if n, ok := c.byKey[string(key)]; ok {
		dst = c.keys[n].appendBelow(dst, size)
	}
	return dst
}

// under appends the keys of the chunk that begin with prefix, in no order, and
// their entries below size.
func (c *chunk) under(dst []keyRow, prefix []byte, size int64) []keyRow {
	c.index()
	add := func(k *tailKey) {
		if !strings.HasPrefix(k.key, string(prefix)) {
			return
		}
		if indices := k.appendBelow(nil, size); len(indices) > 0 {
			dst = append(dst, keyRow{[]byte(k.key), indices})
		}
	}
	if len(prefix) < startBytes {
		for i := range c.keys {
			add(&c.keys[i])
		}
		return dst
	}
	n, ok := c.byStart[string(prefix[:startBytes])]
	for ; ok && n >= 0; n = c.keys[n].before {
		add(&c.keys[n])
	}
	return dst
}

// packKeys puts keys behind one another, each after its length.
func packKeys(keys [][]byte) []byte {
	n := 0
	for _, k := range keys {
		n += 2 + len(k)
	}
	if n == 0 {
		return nil
	}
	p := make([]byte, 0, n)
	for _, k := range keys {
		p = binary.BigEndian.AppendUint16(p, uint16(len(k)))
		p = append(p, k...)
	}
	return p
}

// eachKey is the inverse of packKeys.
func eachKey(packed []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(packed) > 0 {
			n := int(binary.BigEndian.Uint16(packed))
			if !yield(packed[2 : 2+n]) {
				return
			}
			packed = packed[2+n:]
		}
	}
}

func hasKey(packed, key []byte) bool {
	for k := range eachKey(packed) {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}
