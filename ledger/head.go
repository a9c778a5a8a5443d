package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// formatVersion is the version of the whole directory. FORMAT.md describes it.
const formatVersion = 1

const headSlot = 4096

var headMagic = [4]byte{formatVersion, 'd', 'v', 'H'}

// mark says up to where blocks and store were synced, and where the journal
// goes on from there.
type mark struct {
	next  int64     // the first entry that only the journal is sure to hold
	root  tlog.Hash // of the tree of that size
	seq   uint64    // of the frame that holds entry next, or will
	at    position  // of that frame, or of the end of the one before
	prev  tlog.Hash // hash of the frame before
	block blockPos  // where the next block goes
}

// headState is what a slot of the head file says.
type headState struct {
	gen         uint64 // the higher slot counts
	salt        [16]byte
	segments    int
	segmentSize int64
	clean       bool // closed in order: the journal ends with frame seq
	indexed     bool // Options.Index was set
	mark        mark
	seq         uint64 // last frame known to be synced
	size        int64  // tree size after it
	root        tlog.Hash
	origin      string
}

func (h *headState) encode() []byte {
	p := make([]byte, 8, headSlot)
	copy(p, headMagic[:])
	p = binary.BigEndian.AppendUint64(p, h.gen)
	p = append(p, h.salt[:]...)
	p = binary.BigEndian.AppendUint32(p, uint32(h.segments))
	p = binary.BigEndian.AppendUint64(p, uint64(h.segmentSize))
	var flags byte
	if h.clean {
		flags |= 1
	}
	if h.indexed {
		flags |= 2
	}
	p = append(p, flags)
	p = binary.BigEndian.AppendUint64(p, uint64(h.mark.next))
	p = append(p, h.mark.root[:]...)
	p = binary.BigEndian.AppendUint64(p, h.mark.seq)
	p = binary.BigEndian.AppendUint32(p, uint32(h.mark.at.seg))
	p = binary.BigEndian.AppendUint64(p, uint64(h.mark.at.off))
	p = append(p, h.mark.prev[:]...)
	p = binary.BigEndian.AppendUint32(p, uint32(h.mark.block.file))
	p = binary.BigEndian.AppendUint64(p, uint64(h.mark.block.off))
	p = binary.BigEndian.AppendUint64(p, h.seq)
	p = binary.BigEndian.AppendUint64(p, uint64(h.size))
	p = append(p, h.root[:]...)
	p = append(p, byte(len(h.origin)))
	p = append(p, h.origin...)
	p = p[:headSlot]
	binary.BigEndian.PutUint32(p[4:], checksum(p[8:]))
	return p
}

// decodeHead reads a slot whose checksum is right.
func decodeHead(p []byte) (h headState, ok bool) {
	r := reader{p: p[8:]}
	h.gen = r.u64()
	copy(h.salt[:], r.bytes(16))
	h.segments = int(int32(r.u32()))
	h.segmentSize = int64(r.u64())
	flags := r.bytes(1)
	h.clean, h.indexed = flags[0]&1 != 0, flags[0]&2 != 0
	h.mark.next = int64(r.u64())
	copy(h.mark.root[:], r.bytes(hashSize))
	h.mark.seq = r.u64()
	h.mark.at.seg = int(int32(r.u32()))
	h.mark.at.off = int64(r.u64())
	copy(h.mark.prev[:], r.bytes(hashSize))
	h.mark.block.file = int(int32(r.u32()))
	h.mark.block.off = int64(r.u64())
	h.seq = r.u64()
	h.size = int64(r.u64())
	copy(h.root[:], r.bytes(hashSize))
	h.origin = string(r.bytes(int(r.bytes(1)[0])))
	ok = h.segments >= 2 && h.segments <= 1024 &&
		h.segmentSize >= frameAlign && h.segmentSize <= 1<<40 && h.segmentSize%frameAlign == 0 &&
		h.mark.next >= 0 && h.mark.next <= h.size && h.size <= maxSize &&
		h.mark.at.seg >= 0 && h.mark.at.seg < h.segments &&
		h.mark.at.off >= 0 && h.mark.at.off <= h.segmentSize && h.mark.at.off%frameAlign == 0 &&
		h.mark.block.file >= 0 && h.mark.block.off >= 0 && h.mark.seq > 0 &&
		bytes.Equal(h.encode(), p)
	return h, ok
}

// reader takes fields from the front of p, which is long enough.
type reader struct{ p []byte }

func (r *reader) bytes(n int) []byte {
	b := r.p[:n]
	r.p = r.p[n:]
	return b
}
func (r *reader) u32() uint32 { return binary.BigEndian.Uint32(r.bytes(4)) }
func (r *reader) u64() uint64 { return binary.BigEndian.Uint64(r.bytes(8)) }

// readHead returns the newer of two valid slots.
func readHead(f file) (h headState, err error) {
	var slots [2 * headSlot]byte
	if _, err := f.ReadAt(slots[:], 0); err != nil && err != io.EOF {
		return h, err
	}
	found := false
	var other error
	for i := range 2 {
		p := slots[i*headSlot:][:headSlot]
		want := binary.BigEndian.Uint32(p[4:])
		if checksum(p[8:]) != want && !fixBit(p[8:], want) {
			continue
		}
		binary.BigEndian.PutUint32(p[4:], checksum(p[8:]))
		if v := p[0]; v > formatVersion && bytes.Equal(p[1:4], headMagic[1:]) {
			// Another version has both slots; in one it is a wrong bit.
			other = &OptionError{Name: "format", Stored: fmt.Sprint("version ", v), Given: fmt.Sprint("version ", formatVersion)}
			continue
		}
		copy(p, headMagic[:])
		if s, ok := decodeHead(p); ok && (!found || s.gen > h.gen) {
			h, found = s, true
		}
	}
	if !found && other != nil {
		return h, other
	}
	if !found {
		return h, &CorruptError{File: "head", Offset: 0, First: 0, Next: -1, Reason: "neither slot can be read"}
	}
	return h, nil
}

// writeHead writes the state to the slot whose turn it is, and syncs it.
func writeHead(f file, h *headState) error {
	if _, err := f.WriteAt(h.encode(), int64(h.gen%2)*headSlot); err != nil {
		return err
	}
	return f.Sync()
}
