package ledger

import (
	"crypto/sha256"

	"golang.org/x/mod/sumdb/tlog"
)

// maxSize bounds sizes and indices, so that arithmetic on them cannot
// overflow.
const maxSize = 1 << 56

// A tile holds 256 hashes of one level: level 0 the leaves of a bundle,
// level n the roots of 256 tiles of level n-1 (C2SP tlog-tiles).
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

const hashSize = tlog.HashSize

// leafHash is the hash of an entry: RFC 6962, section 2.1, with prefix 0.
func leafHash(data []byte) tlog.Hash {
	var buf [1 + 512]byte
	if len(data) < len(buf) {
		return sha256.Sum256(buf[:1+copy(buf[1:], data)])
	}
	return tlog.RecordHash(data)
}

// nodeHash is the hash of two subtrees: RFC 6962, section 2.1, with prefix 1.
func nodeHash(left, right tlog.Hash) tlog.Hash {
	var buf [1 + 2*hashSize]byte
	buf[0] = 1
	copy(buf[1:], left[:])
	copy(buf[1+hashSize:], right[:])
	return sha256.Sum256(buf[:])
}

// emptyRoot is the root of the tree without leaves: RFC 6962, section 2.1.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// frontier is the right edge of a tree: for each bit of n that is set, the
// root of the full subtree of that size. The zero value is the empty tree.
type frontier struct {
	n      int64
	peaks  [57]tlog.Hash
	hasher *hasher // made when it is needed
}

// push adds a leaf. Each subtree of a level that is kept, a group or a node
// of a tile, is given to f when it becomes full, lowest first: the one at
// level (2^level leaves) with number n.
func (t *frontier) push(leaf *tlog.Hash, f func(level int, n int64, h *tlog.Hash)) {
	t.pushTree(0, leaf, f)
}

// pushTree is push for the root of a full subtree: its 2^level leaves. The
// number of leaves so far is a multiple of that.
func (t *frontier) pushTree(level int, root *tlog.Hash, f func(level int, n int64, h *tlog.Hash)) {
	if t.hasher == nil {
		t.hasher = newHasher()
	}
	next := t.n + 1<<level
	h := *root
	for n := t.n >> level; n&1 == 1; n >>= 1 {
		h = t.hasher.node(&t.peaks[level], &h)
		if level++; level == groupHeight || level%tileHeight == 0 {
			f(level, n>>1, &h)
		}
	}
	t.peaks[level] = h
	t.n = next
}

// root is the root of the tree.
func (t *frontier) root() tlog.Hash {
	if t.n == 0 {
		return emptyRoot
	}
	var h tlog.Hash
	have := false
	for level := 0; t.n>>level != 0; level++ {
		switch {
		case t.n>>level&1 == 0:
		case have:
			h = nodeHash(t.peaks[level], h)
		default:
			h, have = t.peaks[level], true
		}
	}
	return h
}

// peak returns the subtree n at the level if it is one of those that make up
// the right edge.
func (t *frontier) peak(level int, n int64) (h tlog.Hash, ok bool) {
	if t.n>>level&1 == 0 || t.n>>level-1 != n {
		return h, false
	}
	return t.peaks[level], true
}

// subtreeRoot is the root over hashes, whose number is a power of two.
// It uses hashes as scratch space.
func subtreeRoot(hashes []tlog.Hash) tlog.Hash {
	for n := len(hashes); n > 1; n /= 2 {
		for i := range n / 2 {
			hashes[i] = nodeHash(hashes[2*i], hashes[2*i+1])
		}
	}
	return hashes[0]
}
