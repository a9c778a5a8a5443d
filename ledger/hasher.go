package ledger

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"

	"golang.org/x/mod/sumdb/tlog"
)

// hasher computes the hashes of RFC 6962, section 2.1, one after the other
// and a fifth faster than leafHash and nodeHash do. It is for one goroutine.
//
// Those spend much of their time on making, padding and copying digests. A
// hasher pads its messages itself (FIPS 180-4, section 5.1.1), so that the
// state after the last whole block, which a digest tells as its binary form,
// is the hash. newHasher tries this out and does without where it fails.
type hasher struct {
	digest hash.Hash
	state  encoding.BinaryAppender // digest; nil: do without
	form   [160]byte               // the binary form of digest
	pair   [2 * sha256.BlockSize]byte
	entry  [maxPadded]byte
}

const (
	maxPadded = 16 * sha256.BlockSize // longer messages are hashed in the plain way
	stateAt   = 4                     // the state follows four bytes of magic
)

func newHasher() *hasher {
	h := &hasher{digest: sha256.New()}
	h.state, _ = h.digest.(encoding.BinaryAppender)
	h.pair[0] = 1
	h.pair[1+2*hashSize] = 0x80
	binary.BigEndian.PutUint64(h.pair[len(h.pair)-8:], 8*(1+2*hashSize))
	l, r := leafHash([]byte("left")), leafHash([]byte("right"))
	if h.leaf([]byte("left")) != l || h.node(&l, &r) != nodeHash(l, r) {
		h.state = nil
	}
	return h
}

// leaf is leafHash.
func (h *hasher) leaf(data []byte) tlog.Hash {
	n := 1 + len(data)
	end := (n + 1 + 8 + sha256.BlockSize - 1) &^ (sha256.BlockSize - 1)
	if h.state == nil || end > len(h.entry) {
		return leafHash(data)
	}
	p := h.entry[:end]
	copy(p[1:], data)
	p[n] = 0x80
	clear(p[n+1 : end-8])
	binary.BigEndian.PutUint64(p[end-8:], 8*uint64(n))
	return h.blocks(p)
}

// node is nodeHash.
func (h *hasher) node(left, right *tlog.Hash) tlog.Hash {
	if h.state == nil {
		return nodeHash(*left, *right)
	}
	copy(h.pair[1:], left[:])
	copy(h.pair[1+hashSize:], right[:])
	return h.blocks(h.pair[:])
}

// blocks hashes a padded message.
func (h *hasher) blocks(p []byte) (sum tlog.Hash) {
	h.digest.Reset()
	h.digest.Write(p)
	form, err := h.state.AppendBinary(h.form[:0])
	if err == nil && len(form) >= stateAt+hashSize {
		copy(sum[:], form[stateAt:])
	}
	return sum
}

// above fills in all nodes above the width first ones but the root, which it
// returns; nodes has 2*width-2 of them, as nodeAt finds them.
func (h *hasher) above(nodes []tlog.Hash, width int) tlog.Hash {
	for i := width; i < len(nodes); i++ {
		nodes[i] = h.node(&nodes[2*(i-width)], &nodes[2*(i-width)+1])
	}
	return h.node(&nodes[len(nodes)-2], &nodes[len(nodes)-1])
}

// nodeAt returns node i of level r in what above has filled in.
func nodeAt(nodes []tlog.Hash, r int, i int64) tlog.Hash {
	width := (len(nodes) + 2) / 2
	return nodes[2*width-2*width>>r+int(i)]
}
