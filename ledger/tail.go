package ledger

import (
	"bytes"
	"encoding/binary"
	"slices"
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
	byKey   map[string][]int64
	indexed int // entries in it
	starts  startIndex
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

// index brings byKey up to date.
func (c *chunk) index() {
	if c.byKey == nil {
		c.byKey = make(map[string][]int64)
	}
	for ; c.indexed < len(c.recs); c.indexed++ {
		for k := range eachKey(c.recs[c.indexed].keys) {
			index := c.first + int64(c.indexed)
			if have := c.byKey[string(k)]; len(have) == 0 || have[len(have)-1] != index {
				c.byKey[string(k)] = append(have, index)
			}
		}
	}
}

// find returns the entries of the chunk with the key, below size.
func (c *chunk) find(key []byte, size int64) []int64 {
	c.index()
	return below(c.byKey[string(key)], size)
}

func below(indices []int64, size int64) []int64 {
	for len(indices) > 0 && indices[len(indices)-1] >= size {
		indices = indices[:len(indices)-1]
	}
	return indices
}

// under appends the keys of the chunk that begin with prefix, in no order, and
// their entries below size.
func (c *chunk) under(dst []keyRow, prefix []byte, size int64) []keyRow {
	if len(prefix) >= startBytes {
		return c.starts.under(dst, c, prefix, size)
	}
	c.index()
	for k, indices := range c.byKey {
		if indices = below(indices, size); len(indices) > 0 && strings.HasPrefix(k, string(prefix)) {
			dst = append(dst, keyRow{[]byte(k), indices})
		}
	}
	return dst
}

// startBytes is how many bytes of a prefix lead to the keys that begin so.
const startBytes = 16

// startIndex finds the longer keys of a chunk by their first bytes.
type startIndex struct {
	last    map[[startBytes]byte]int32 // number of the last use of such a key
	uses    []startUse
	indexed int // entries in it
}

// startUse is an entry with a key.
type startUse struct {
	key    []byte // of the chunk
	index  int64
	before int32 // number of the use before it of a key that begins alike; -1 is none
}

func (x *startIndex) under(dst []keyRow, c *chunk, prefix []byte, size int64) []keyRow {
	x.extend(c)
	n, ok := x.last[[startBytes]byte(prefix)]
	from := len(dst)
	for ; ok && n >= 0; n = x.uses[n].before {
		if u := &x.uses[n]; u.index < size && bytes.HasPrefix(u.key, prefix) {
			dst = append(dst, keyRow{bytes.Clone(u.key), []int64{u.index}})
		}
	}
	slices.Reverse(dst[from:])
	return dst
}

// extend takes in the entries that came since.
func (x *startIndex) extend(c *chunk) {
	if x.last == nil {
		x.last = make(map[[startBytes]byte]int32)
	}
	for ; x.indexed < len(c.recs); x.indexed++ {
		keys := c.recs[x.indexed].keys
		for k := range eachKey(keys) {
			if len(k) < startBytes {
				continue
			}
			start, index := [startBytes]byte(k), c.first+int64(x.indexed)
			before, ok := x.last[start]
			if !ok {
				before = -1
			}
			if !x.has(before, k, index) {
				x.last[start] = int32(len(x.uses))
				x.uses = append(x.uses, startUse{k, index, before})
			}
		}
	}
}

// has reports whether the entry has the key already. n is the last use of a
// key that begins alike.
func (x *startIndex) has(n int32, key []byte, index int64) bool {
	for ; n >= 0 && x.uses[n].index == index; n = x.uses[n].before {
		if bytes.Equal(x.uses[n].key, key) {
			return true
		}
	}
	return false
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
