package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxEntry is the length of the longest entry in bytes, as C2SP tlog-tiles
// has it.
const MaxEntry = 1<<16 - 1

const (
	frameAlign  = 4096    // frames start on a multiple of it
	frameHeader = 128     // bytes of a frame before its body
	maxBody     = 4 << 20 // bytes of a body: entries with their lengths
)

var frameMagic = [4]byte{1, 'd', 'v', 'F'}

// frame is the header of one frame of the journal: FORMAT.md, "Journal".
type frame struct {
	salt    [16]byte
	seq     uint64
	first   int64
	count   int
	length  int // of the body
	bodySum uint32
	prev    tlog.Hash // of the frame before
	root    tlog.Hash // of the tree with the entries of this frame
}

// put writes the header into p[:frameHeader].
func (f *frame) put(p []byte) {
	p = p[:frameHeader]
	clear(p)
	copy(p, frameMagic[:])
	copy(p[8:], f.salt[:])
	binary.BigEndian.PutUint64(p[24:], f.seq)
	binary.BigEndian.PutUint64(p[32:], uint64(f.first))
	binary.BigEndian.PutUint32(p[40:], uint32(f.count))
	binary.BigEndian.PutUint32(p[44:], uint32(f.length))
	binary.BigEndian.PutUint32(p[48:], f.bodySum)
	copy(p[64:], f.prev[:])
	copy(p[96:], f.root[:])
	binary.BigEndian.PutUint32(p[4:], checksum(p[8:]))
}

// parseFrame reads a header. It accepts nothing that put would not write.
func parseFrame(p []byte) (f frame, ok bool) {
	if len(p) < frameHeader || !bytes.Equal(p[:4], frameMagic[:]) {
		return f, false
	}
	p = p[:frameHeader]
	if checksum(p[8:]) != binary.BigEndian.Uint32(p[4:]) {
		return f, false
	}
	copy(f.salt[:], p[8:])
	f.seq = binary.BigEndian.Uint64(p[24:])
	first := binary.BigEndian.Uint64(p[32:])
	count := binary.BigEndian.Uint32(p[40:])
	length := binary.BigEndian.Uint32(p[44:])
	if first > maxSize || count == 0 || length > maxBody || length < 2*count {
		return f, false
	}
	for _, b := range p[52:64] {
		if b != 0 {
			return f, false
		}
	}
	f.first, f.count, f.length = int64(first), int(count), int(length)
	f.bodySum = binary.BigEndian.Uint32(p[48:])
	copy(f.prev[:], p[64:])
	copy(f.root[:], p[96:])
	return f, true
}

// repairFrame is parseFrame of a header in which one bit may be wrong.
// It reports whether p was changed to be right.
func repairFrame(p []byte) (f frame, ok bool) {
	p = p[:frameHeader]
	fixed := bytes.Clone(p)
	copy(fixed, frameMagic[:])
	if !fixBit(fixed[8:], binary.BigEndian.Uint32(fixed[4:])) {
		return f, false
	}
	binary.BigEndian.PutUint32(fixed[4:], checksum(fixed[8:]))
	if f, ok = parseFrame(fixed); ok {
		copy(p, fixed)
	}
	return f, ok
}

// hash is what the next frame chains to. The root covers the body.
func (f *frame) hash() tlog.Hash {
	var p [frameHeader]byte
	f.put(p[:])
	return sha256.Sum256(p[:])
}

// size is how much of the segment the frame takes.
func (f *frame) size() int64 { return alignUp(frameHeader+int64(f.length), frameAlign) }

func alignUp(n, to int64) int64 { return (n + to - 1) / to * to }

// appendEntry appends one entry to a body: its length in two bytes, big
// endian, and its bytes. A C2SP entry bundle has the same layout.
func appendEntry(body, data []byte) []byte {
	body = binary.BigEndian.AppendUint16(body, uint16(len(data)))
	return append(body, data...)
}

// splitEntries returns the count entries of a body; they alias it.
func splitEntries(body []byte, count int) ([][]byte, bool) {
	if count < 0 || count > len(body)/2 {
		return nil, false
	}
	entries := make([][]byte, 0, count)
	for range count {
		if len(body) < 2 {
			return nil, false
		}
		n := int(binary.BigEndian.Uint16(body))
		if body = body[2:]; len(body) < n {
			return nil, false
		}
		entries = append(entries, body[:n:n])
		body = body[n:]
	}
	return entries, len(body) == 0
}
