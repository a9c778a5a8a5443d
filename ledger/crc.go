package ledger

import (
	"hash/crc32"
	"math/bits"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C over the parts, one after the other.
func checksum(parts ...[]byte) uint32 {
	var c uint32
	for _, p := range parts {
		c = crc32.Update(c, castagnoli, p)
	}
	return c
}

// fixBit looks for the one bit that explains why data does not have the
// checksum want, flips it in data and reports whether there was one. When
// the bit is in the stored checksum itself, data is right and stays as it is.
//
// CRC-32C tells all single flips of fewer than 2³¹ bits apart, but other
// damage can look like one: what the data means must be verified after.
func fixBit(data []byte, want uint32) bool {
	diff := checksum(data) ^ want
	if bits.OnesCount32(diff) <= 1 {
		return true
	}
	// A flip in the last byte changes the checksum by s[bit]; each byte that
	// follows the flip shifts the change once more through the table.
	var s [8]uint32
	for b := range s {
		s[b] = castagnoli[1<<b]
	}
	for i := len(data) - 1; i >= 0; i-- {
		for b, v := range s {
			if v == diff {
				data[i] ^= 1 << b
				return true
			}
			s[b] = castagnoli[byte(v)] ^ v>>8
		}
	}
	return false
}
