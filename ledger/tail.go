package ledger

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
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
	*c = chunk{first: first, recs: c.recs[:0], groups: c.groups[:0], nodes: c.nodes[:0], pages: c.pages, starts: c.starts.reuse()}
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
	seed    maphash.Seed
	heads   []int32 // by hash of the first bytes: the last use of such a key, plus one
	uses    []startUse
	indexed int // entries in it
}

// startUse is an entry with a key.
type startUse struct {
	entry  int32 // number in the chunk
	at     int32 // where the key begins in the keys of the entry
	before int32 // the use before it with the same hash, plus one; 0 is none
}

// key returns the key of a use.
func (c *chunk) key(u *startUse) []byte { return firstKey(c.recs[u.entry].keys[u.at:]) }

// head returns where the uses of keys that begin as k are found.
func (x *startIndex) head(k []byte) *int32 {
	return &x.heads[maphash.Bytes(x.seed, k[:startBytes])&uint64(len(x.heads)-1)]
}

func (x *startIndex) under(dst []keyRow, c *chunk, prefix []byte, size int64) []keyRow {
	x.extend(c)
	from := len(dst)
	for n := *x.head(prefix); n > 0; n = x.uses[n-1].before {
		u := &x.uses[n-1]
		if index := c.first + int64(u.entry); index < size {
			if key := c.key(u); bytes.HasPrefix(key, prefix) {
				dst = append(dst, keyRow{bytes.Clone(key), []int64{index}})
			}
		}
	}
	slices.Reverse(dst[from:])
	return dst
}

// extend takes in the entries that came since.
func (x *startIndex) extend(c *chunk) {
	if x.heads == nil {
		x.seed, x.heads = maphash.MakeSeed(), make([]int32, 256)
	}
	for ; x.indexed < len(c.recs); x.indexed++ {
		at := int32(0)
		for k := range eachKey(c.recs[x.indexed].keys) {
			if len(k) >= startBytes && !x.has(c, k) {
				x.uses = append(x.uses, startUse{entry: int32(x.indexed), at: at})
				x.link(c, len(x.uses)-1)
			}
			at += keyHead + int32(len(k))
		}
	}
}

// link makes a use one that is found.
func (x *startIndex) link(c *chunk, n int) {
	if n >= len(x.heads) {
		x.heads = make([]int32, 2*len(x.heads))
		for i := range n {
			x.link(c, i)
		}
	}
	u := &x.uses[n]
	head := x.head(c.key(u))
	u.before, *head = *head, int32(n+1)
}

// has reports whether the entry that is taken in has the key already.
func (x *startIndex) has(c *chunk, key []byte) bool {
	for n := *x.head(key); n > 0; n = x.uses[n-1].before {
		u := &x.uses[n-1]
		if int(u.entry) != x.indexed {
			break
		}
		if bytes.Equal(c.key(u), key) {
			return true
		}
	}
	return false
}

// reuse returns an empty index with the same memory.
func (x *startIndex) reuse() startIndex {
	clear(x.heads)
	return startIndex{seed: x.seed, heads: x.heads, uses: x.uses[:0]}
}

// keyHead is how many bytes of packed keys stand before each: its length.
const keyHead = 2

// packKeys puts keys behind one another, each after its length.
func packKeys(keys [][]byte) []byte {
	n := 0
	for _, k := range keys {
		n += keyHead + len(k)
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
			k := firstKey(packed)
			if !yield(k) {
				return
			}
			packed = packed[keyHead+len(k):]
		}
	}
}

// firstKey returns the first of packed keys.
func firstKey(packed []byte) []byte {
	return packed[keyHead : keyHead+int(binary.BigEndian.Uint16(packed))]
}

func hasKey(packed, key []byte) bool {
	for k := range eachKey(packed) {
		if bytes.Equal(k, key) {
			return true
		}
	}
	return false
}
