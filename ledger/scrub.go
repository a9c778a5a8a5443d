package ledger

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// scrubber verifies whole blocks one after the other in the same memory. It
// is for one goroutine. A block that it does not find in order is for
// readBlock, which knows what is wrong and repairs.
type scrubber struct {
	hash    *hasher
	raw     []byte
	entries [bundleSize][]byte // of the last block, in raw
	leaves  [bundleSize]tlog.Hash
	scratch [bundleSize]tlog.Hash
}

// read reads the block of a bundle and reports whether all of it is as it was
// written: entries, leaf hashes, groups and root are those of the tree, and
// the header is the one of such a block.
func (s *scrubber) read(bs *blocks, at pointer, bundle int64, root tlog.Hash) bool {
	if !s.load(bs, at, bundle, root) {
		return false
	}
	for i, data := range s.entries {
		s.leaves[i] = s.hash.leaf(data)
		if s.leaves[i] != tlog.Hash(s.raw[blockLeaves+i*hashSize:][:hashSize]) {
			return false
		}
	}
	groups := s.above(s.leaves[:], bundleSize/groupSize)
	for i := range groups {
		if groups[i] != tlog.Hash(s.raw[blockGroups+i*hashSize:][:hashSize]) {
			return false
		}
	}
	return s.above(groups, 1)[0] == root
}

// readSealed is read for a block that was written since the ledger was
// opened. It compares entries and leaf hashes with their seal instead of
// hashing them again, in a fifth of the time.
func (s *scrubber) readSealed(l *Ledger, w *written) bool {
	if !s.load(l.blocks, w.at, w.bundle, w.root) {
		return false
	}
	var sum uint64
	for i, data := range s.entries {
		sum = addSeal(sum, l.seal(data, s.raw[blockLeaves+i*hashSize:][:hashSize]))
	}
	groups := s.leaves[:bundleSize/groupSize]
	for i := range groups {
		groups[i] = hashAt(s.raw, blockGroups, i)
	}
	return sum == w.seal && s.above(groups, 1)[0] == w.root
}

// load reads a block and reports whether its header is the one of such a
// block, and its lengths add up.
func (s *scrubber) load(bs *blocks, at pointer, bundle int64, root tlog.Hash) bool {
	if cap(s.raw) < at.length {
		s.raw = make([]byte, at.length+at.length/8)
	}
	s.raw = s.raw[:at.length]
	if s.hash == nil {
		s.hash = newHasher()
	}
	if bs.read(s.raw, at.blockPos) != nil {
		return false
	}
	var head [blockHeader]byte
	h := blockHead{bundle: bundle, length: len(s.raw) - blockData, sum: checksum(s.raw[blockHeader:]), root: root}
	if h.put(head[:]); [blockHeader]byte(s.raw) != head {
		return false
	}
	rest := s.raw[blockData:]
	for i := range s.entries {
		n := int(binary.BigEndian.Uint16(s.raw[blockLens+2*i:]))
		if n > len(rest) {
			return false
		}
		s.entries[i], rest = rest[:n:n], rest[n:]
	}
	return len(rest) == 0
}

// above returns the nodes above a full level, as many as width.
func (s *scrubber) above(level []tlog.Hash, width int) []tlog.Hash {
	for len(level) > width {
		next := s.scratch[:len(level)/2]
		for i := range next {
			next[i] = s.hash.node(&level[2*i], &level[2*i+1])
		}
		level = next
	}
	return level
}

// seal is a checksum of an entry and its leaf hash, taken when the one was
// hashed to the other. It takes a small part of that time and says, as long
// as the process runs, that neither has changed since.
func (l *Ledger) seal(data, leaf []byte) uint64 {
	return bits.RotateLeft64(maphash.Bytes(l.seed, data), 32) ^ maphash.Bytes(l.seed, leaf)
}

// addSeal returns the sum of the seals of entries in their order.
func addSeal(sum, seal uint64) uint64 { return sum*0x9e3779b97f4a7c15 + seal }
