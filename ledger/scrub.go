package ledger

import (
	"encoding/binary"

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
	if cap(s.raw) < at.length {
		s.raw = make([]byte, at.length+at.length/8)
	}
	s.raw = s.raw[:at.length]
	if s.hash == nil {
		s.hash = newHasher()
	}
	return bs.read(s.raw, at.blockPos) == nil && s.verify(bundle, root)
}

// verify is read for a block that is in s.raw.
func (s *scrubber) verify(bundle int64, root tlog.Hash) bool {
	var head [blockHeader]byte
	h := blockHead{bundle: bundle, length: len(s.raw) - blockData, sum: checksum(s.raw[blockHeader:]), root: root}
	if h.put(head[:]); [blockHeader]byte(s.raw) != head {
		return false
	}
	rest := s.raw[blockData:]
	for i := range bundleSize {
		n := int(binary.BigEndian.Uint16(s.raw[blockLens+2*i:]))
		if n > len(rest) {
			return false
		}
		s.entries[i], rest = rest[:n:n], rest[n:]
		s.leaves[i] = s.hash.leaf(s.entries[i])
		if s.leaves[i] != tlog.Hash(s.raw[blockLeaves+i*hashSize:][:hashSize]) {
			return false
		}
	}
	// The groups are four levels above the leaves, the root four more.
	level := s.leaves[:]
	for len(level) > 1 {
		next := s.scratch[:len(level)/2]
		for i := range next {
			next[i] = s.hash.node(&level[2*i], &level[2*i+1])
		}
		level = next
		if len(level) == bundleSize/groupSize {
			for i := range level {
				if level[i] != tlog.Hash(s.raw[blockGroups+i*hashSize:][:hashSize]) {
					return false
				}
			}
		}
	}
	return len(rest) == 0 && level[0] == root
}
