package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// A block holds a bundle, which is 256 entries, and its hashes: FORMAT.md,
// "Blocks".
const (
	bundleSize  = tileWidth
	groupHeight = 4
	groupSize   = 1 << groupHeight // entries under one hash of level 4
	blockHeader = 64
	blockLens   = blockHeader               // 256 lengths, u16
	blockGroups = blockLens + 2*bundleSize  // 16 hashes of level 4
	blockLeaves = blockGroups + 16*hashSize // 256 leaf hashes
	blockData   = blockLeaves + bundleSize*hashSize
)

var blockMagic = [4]byte{1, 'd', 'v', 'B'}

// blockPos is a place in the block files.
type blockPos struct {
	file int
	off  int64
}

// pointer says where the block of a bundle is.
type pointer struct {
	blockPos
	length int
}

func (p pointer) encode() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(p.file))
	b = binary.BigEndian.AppendUint64(b, uint64(p.off))
	return binary.BigEndian.AppendUint32(b, uint32(p.length))
}

func decodePointer(b []byte) (p pointer, ok bool) {
	if len(b) != 16 {
		return p, false
	}
	p.file = int(int32(binary.BigEndian.Uint32(b)))
	p.off = int64(binary.BigEndian.Uint64(b[4:]))
	p.length = int(int32(binary.BigEndian.Uint32(b[12:])))
	return p, p.file >= 0 && p.off >= 0 && p.off < 1<<48 && p.length >= blockData && p.length <= blockData+bundleSize*MaxEntry
}

// appendBlock appends the block of a bundle.
func appendBlock(dst []byte, bundle int64, recs []rec, groups []tlog.Hash, root tlog.Hash) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, blockHeader)...)
	for _, r := range recs {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(r.data)))
	}
	for _, h := range groups {
		dst = append(dst, h[:]...)
	}
	for _, r := range recs {
		dst = append(dst, r.hash[:]...)
	}
	for _, r := range recs {
		dst = append(dst, r.data...)
	}
	b := dst[start:]
	h := blockHead{bundle: bundle, length: len(b) - blockData, sum: checksum(b[blockHeader:]), root: root}
	h.put(b)
	return dst
}

// blockHead is the header of a block.
type blockHead struct {
	bundle int64
	length int // of the entries
	sum    uint32
	root   tlog.Hash // of the 256 leaves
}

func (h *blockHead) put(p []byte) {
	p = p[:blockHeader]
	clear(p)
	copy(p, blockMagic[:])
	binary.BigEndian.PutUint64(p[8:], uint64(h.bundle))
	binary.BigEndian.PutUint32(p[16:], uint32(h.length))
	binary.BigEndian.PutUint32(p[20:], h.sum)
	copy(p[32:], h.root[:])
	binary.BigEndian.PutUint32(p[4:], checksum(p[8:]))
}

// parseBlockHead reads a header; it accepts nothing that put would not write.
// One wrong bit is repaired in p.
func parseBlockHead(p []byte) (h blockHead, ok bool) {
	q := bytes.Clone(p[:blockHeader])
	copy(q, blockMagic[:])
	if want := binary.BigEndian.Uint32(q[4:]); checksum(q[8:]) != want {
		if !fixBit(q[8:], want) {
			return h, false
		}
		binary.BigEndian.PutUint32(q[4:], checksum(q[8:]))
	}
	h.bundle = int64(binary.BigEndian.Uint64(q[8:]))
	h.length = int(int32(binary.BigEndian.Uint32(q[16:])))
	h.sum = binary.BigEndian.Uint32(q[20:])
	copy(h.root[:], q[32:])
	var again [blockHeader]byte
	h.put(again[:])
	if h.bundle < 0 || h.bundle > maxSize/bundleSize || h.length < 0 || h.length > bundleSize*MaxEntry || !bytes.Equal(again[:], q) {
		return h, false
	}
	copy(p, q)
	return h, true
}

// splitBlock returns the entries of a whole block. They alias it.
func splitBlock(b []byte) ([][]byte, bool) {
	entries := make([][]byte, bundleSize)
	rest := b[blockData:]
	for i := range entries {
		n := int(binary.BigEndian.Uint16(b[blockLens+2*i:]))
		if n > len(rest) {
			return nil, false
		}
		entries[i], rest = rest[:n:n], rest[n:]
	}
	return entries, len(rest) == 0
}

// checkBlock verifies everything in a whole block against the root of its
// bundle and returns the entries and the leaf hashes.
func checkBlock(b []byte, root tlog.Hash) (entries [][]byte, leaves []tlog.Hash, err error) {
	entries, ok := splitBlock(b)
	if !ok {
		return nil, nil, errBlock("lengths do not add up")
	}
	leaves = make([]tlog.Hash, bundleSize)
	groups := make([]tlog.Hash, 0, bundleSize/groupSize)
	for i, e := range entries {
		leaves[i] = leafHash(e)
		if leaves[i] != hashAt(b, blockLeaves, i) {
			return nil, nil, errBlock(fmt.Sprintf("entry %d of the bundle does not have its hash", i))
		}
	}
	scratch := make([]tlog.Hash, groupSize)
	for i := 0; i < bundleSize; i += groupSize {
		copy(scratch, leaves[i:])
		groups = append(groups, subtreeRoot(scratch))
		if groups[i/groupSize] != hashAt(b, blockGroups, i/groupSize) {
			return nil, nil, errBlock(fmt.Sprintf("group %d of the bundle does not have its hash", i/groupSize))
		}
	}
	if subtreeRoot(groups) != root {
		return nil, nil, errBlock("bundle does not have its root")
	}
	return entries, leaves, nil
}

func hashAt(b []byte, region, i int) (h tlog.Hash) {
	copy(h[:], b[region+i*hashSize:])
	return h
}

// blocks is the set of block files of a ledger. Reads and syncs may come at
// any time; no two writes come at once.
type blocks struct {
	dir   layer
	mu    sync.Mutex
	files map[int]file
	dirty []file // written since they were last synced
	fresh bool   // a file was made since the last sync
}

const blockPrefix = "blocks-"

func blockName(n int) string { return fmt.Sprintf("%s%06d", blockPrefix, n) }

func (bs *blocks) file(n int, create bool) (file, error) {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if f := bs.files[n]; f != nil {
		return f, nil
	}
	f, err := bs.dir.open(blockName(n), create)
	if err != nil {
		return nil, err
	}
	if bs.files == nil {
		bs.files = make(map[int]file)
	}
	bs.files[n] = f
	bs.fresh = bs.fresh || create
	return f, nil
}

// write writes a run of blocks.
func (bs *blocks) write(at blockPos, p []byte) error {
	f, err := bs.file(at.file, true)
	if err != nil {
		return err
	}
	if _, err = f.WriteAt(p, at.off); err != nil {
		return err
	}
	// Only now: a sync under way does not count for what is written beside it.
	bs.mu.Lock()
	defer bs.mu.Unlock()
	if !slices.Contains(bs.dirty, f) {
		bs.dirty = append(bs.dirty, f)
	}
	return nil
}

// sync makes durable what was written before. After an error it is not known
// what is.
func (bs *blocks) sync() error {
	bs.mu.Lock()
	dirty, fresh := bs.dirty, bs.fresh
	bs.dirty, bs.fresh = nil, false
	bs.mu.Unlock()
	for _, f := range dirty {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if fresh {
		return bs.dir.sync()
	}
	return nil
}

// read fills p from at.
func (bs *blocks) read(p []byte, at blockPos) error {
	f, err := bs.file(at.file, false)
	if errors.Is(err, fs.ErrNotExist) {
		return errBlock("the file is missing")
	}
	if err != nil {
		return err
	}
	n, err := f.ReadAt(p, at.off)
	if n == len(p) {
		return nil
	}
	if err == io.EOF {
		return errBlock("the file ends too early")
	}
	if errors.Is(err, fs.ErrClosed) {
		return ErrClosed
	}
	return err
}

func (bs *blocks) close() error {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	var first error
	for _, f := range bs.files {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}
