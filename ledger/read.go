package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"

	"golang.org/x/mod/sumdb/tlog"
)

// upperTiles holds the hashes of the tile levels from 1 on that are not in a
// tile of the store yet: of each level the right edge.
type upperTiles struct {
	base   [maxTileLevel + 1]int64 // number of the first hash held, a multiple of 256
	hashes [maxTileLevel + 1][]tlog.Hash
}

// maxTileLevel is the level of tiles that no ledger completes.
const maxTileLevel = 7

func (u *upperTiles) add(n node) {
	level := n.level / tileHeight
	u.hashes[level] = append(u.hashes[level], n.h)
}

// subtree returns the root of subtree n at the level, 8 or more, if it is held.
func (u *upperTiles) subtree(level int, n int64) (h tlog.Hash, ok bool) {
	l, r := level/tileHeight, level%tileHeight
	lo := n<<r - u.base[l]
	if lo < 0 || lo+1<<r > int64(len(u.hashes[l])) {
		return h, false
	}
	scratch := append([]tlog.Hash(nil), u.hashes[l][lo:lo+1<<r]...)
	return subtreeRoot(scratch), true
}

// bundleInfo is the verified head of a block.
type bundleInfo struct {
	at     pointer
	lens   [bundleSize]uint16               // of the entries
	starts [groupsPerBundle]uint32          // of the groups, from blockData
	groups [2*groupsPerBundle - 2]tlog.Hash // and the nodes above, for nodeAt
}

const (
	groupsPerBundle = bundleSize / groupSize
	bundleInfoBytes = 1800 // of memory, with the overhead of the cache
)

// entry returns where entry i is.
func (b *bundleInfo) entry(i int) (at blockPos, n int) {
	off := int64(b.starts[i/groupSize])
	for _, n := range b.lens[i&^(groupSize-1) : i] {
		off += int64(n)
	}
	return blockPos{b.at.file, b.at.off + blockData + off}, int(b.lens[i])
}

// groupNodes are the verified leaf hashes of a group and the nodes above them.
type groupNodes [2*groupSize - 2]tlog.Hash

// Read returns the entry with the index. Its data are verified against the
// tree and belong to the caller. The error matches ErrNotFound for an index
// that is negative or not below Size, and ErrCorrupt when what is stored is
// not what was appended.
func (l *Ledger) Read(ctx context.Context, index int64) (Record, error) {
	r, err := l.read(ctx, index)
	if err != nil {
		return Record{}, fmt.Errorf("ledger: read entry %d: %w", index, err)
	}
	return r, nil
}

func (l *Ledger) read(ctx context.Context, index int64) (Record, error) {
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return Record{}, ErrClosed
	}
	if index < 0 || index >= l.size {
		l.mu.RUnlock()
		return Record{}, ErrNotFound
	}
	if err := l.view.lost(index, index+1); err != nil {
		l.mu.RUnlock()
		return Record{}, err
	}
	if r := l.tailRec(index); r != nil {
		data := append([]byte{}, r.data...)
		l.mu.RUnlock()
		return Record{Index: index, Data: data}, nil
	}
	l.mu.RUnlock()

	b, err := l.bundle(ctx, index/bundleSize)
	if err != nil {
		return Record{}, err
	}
	i := int(index % bundleSize)
	var leaves groupNodes
	if err := l.leaves(&leaves, b, index/bundleSize, i/groupSize); err != nil {
		return Record{}, err
	}
	at, n := b.entry(i)
	data := make([]byte, n)
	if err := l.blocks.read(data, at); err != nil {
		return Record{}, blockError(at, index, index+1, err)
	}
	h := l.hasher()
	defer l.hashers.Put(h)
	if h.leaf(data) != leaves[i%groupSize] {
		return l.readRepaired(ctx, index, b.at)
	}
	return Record{Index: index, Data: data}, nil
}

// readRepaired reads an entry out of a damaged block by way of its checksum.
func (l *Ledger) readRepaired(ctx context.Context, index int64, at pointer) (Record, error) {
	bundle := index / bundleSize
	root, err := l.subtree(ctx, tileHeight, bundle)
	if err != nil {
		return Record{}, err
	}
	_, entries, _, _, err := l.loadBlock(at, bundle, root)
	if err != nil {
		return Record{}, err
	}
	return Record{Index: index, Data: append([]byte{}, entries[index%bundleSize]...)}, nil
}

// tailRec returns the record if it is not applied yet. l.mu is held.
func (l *Ledger) tailRec(index int64) *rec {
	i := sort.Search(len(l.chunks), func(i int) bool { return l.chunks[i].next() > index })
	if i == len(l.chunks) || index < l.chunks[i].first {
		return nil
	}
	return &l.chunks[i].recs[index-l.chunks[i].first]
}

// errBlock is what is wrong with a block that could be read.
type errBlock string

func (e errBlock) Error() string { return string(e) }

// blockError says where err happened: damage as a CorruptError, an error of
// the system as it is.
func blockError(at blockPos, first, next int64, err error) error {
	var damage errBlock
	if !errors.As(err, &damage) {
		return fmt.Errorf("%s at byte %d: %w", blockName(at.file), at.off, err)
	}
	return &CorruptError{File: blockName(at.file), Offset: at.off, First: first, Next: next, Reason: err.Error()}
}

// pointer returns where the block of an applied bundle is.
func (l *Ledger) pointer(ctx context.Context, bundle int64) (pointer, error) {
	var buf [64]byte
	row, err := getRow(ctx, &l.store, pointerKey(bundle), buf[:0])
	if errors.Is(err, ErrNotFound) {
		return pointer{}, storeDamage(fmt.Sprintf("no pointer to bundle %d", bundle))
	}
	if err != nil {
		return pointer{}, err
	}
	p, ok := decodePointer(row)
	if !ok {
		return pointer{}, storeDamage(fmt.Sprintf("bad pointer to bundle %d", bundle))
	}
	return p, nil
}

// bundle returns the head of the block of an applied bundle, verified.
func (l *Ledger) bundle(ctx context.Context, bundle int64) (*bundleInfo, error) {
	key := cacheKey{-1, bundle}
	if b, ok := l.cache.get(key).(*bundleInfo); ok {
		return b, nil
	}
	at, err := l.pointer(ctx, bundle)
	if err != nil {
		return nil, err
	}
	root, err := l.subtree(ctx, tileHeight, bundle)
	if err != nil {
		return nil, err
	}
	var head [blockLeaves]byte
	err = l.blocks.read(head[:], at.blockPos)
	b := &bundleInfo{at: at}
	h := l.hasher()
	defer l.hashers.Put(h)
	if err == nil && !b.fill(h, head[:], root) {
		// Perhaps one bit is wrong: the slow way reads the whole block.
		var raw []byte
		if raw, _, _, _, err = l.loadBlock(at, bundle, root); err == nil && !b.fill(h, raw, root) {
			err = errBlock("lengths and hashes contradict each other")
		}
	}
	if err != nil {
		return nil, corruptBlock(err, at, bundle)
	}
	l.cache.put(key, b, bundleInfoBytes)
	return b, nil
}

func corruptBlock(err error, at pointer, bundle int64) error {
	if errors.Is(err, ErrCorrupt) {
		return err
	}
	return blockError(at.blockPos, bundle*bundleSize, (bundle+1)*bundleSize, err)
}

// fill takes the head of a block apart and verifies its hashes. The lengths
// are verified by the entries that they delimit.
func (b *bundleInfo) fill(h *hasher, head []byte, root tlog.Hash) bool {
	n := uint32(0)
	for i := range bundleSize {
		if i%groupSize == 0 {
			b.starts[i/groupSize] = n
		}
		b.lens[i] = binary.BigEndian.Uint16(head[blockLens+2*i:])
		n += uint32(b.lens[i])
	}
	for i := range groupsPerBundle {
		b.groups[i] = hashAt(head, blockGroups, i)
	}
	return int(n) == b.at.length-blockData && h.above(b.groups[:], groupsPerBundle) == root
}

// leaves reads the leaf hashes of a group and verifies them.
func (l *Ledger) leaves(nodes *groupNodes, b *bundleInfo, bundle int64, group int) error {
	var buf [groupSize * hashSize]byte
	at := blockPos{b.at.file, b.at.off + blockLeaves + int64(group)*groupSize*hashSize}
	if err := l.blocks.read(buf[:], at); err != nil {
		return blockError(at, bundle*bundleSize, (bundle+1)*bundleSize, err)
	}
	for i := range groupSize {
		nodes[i] = hashAt(buf[:], 0, i)
	}
	h := l.hasher()
	defer l.hashers.Put(h)
	if h.above(nodes[:], groupSize) == b.groups[group] {
		return nil
	}
	groups := b.groups
	_, _, all, _, err := l.loadBlock(b.at, bundle, h.above(groups[:], groupsPerBundle))
	if err != nil {
		return err
	}
	copy(nodes[:groupSize], all[group*groupSize:])
	h.above(nodes[:], groupSize)
	return nil
}

// mendBlock is checkBlock for a block in which one bit may be wrong, or
// anything but the entries and their lengths.
func mendBlock(raw []byte, bundle int64, root tlog.Hash) (entries [][]byte, leaves []tlog.Hash, repaired bool, err error) {
	before := checksum(raw[:blockHeader])
	h, ok := parseBlockHead(raw)
	if ok && (h.bundle != bundle || h.length != len(raw)-blockData) {
		return nil, nil, false, errBlock(fmt.Sprintf("block is of bundle %d with %d bytes", h.bundle, h.length))
	}
	repaired = checksum(raw[:blockHeader]) != before
	if ok = ok && h.root == root; ok && checksum(raw[blockHeader:]) != h.sum {
		repaired = true
		ok = fixBit(raw[blockHeader:], h.sum)
	}
	if ok {
		if entries, leaves, err = checkBlock(raw, root); err == nil {
			return entries, leaves, repaired, nil
		}
	}
	if !mendFromEntries(raw, bundle, root) {
		return nil, nil, false, errBlock("more than one bit is wrong")
	}
	entries, leaves, err = checkBlock(raw, root)
	return entries, leaves, true, err
}

// tileNodes are all nodes of a full tile below its root, for nodeAt.
type tileNodes []tlog.Hash

// tile returns a full tile of the store of level 1 or more, verified.
func (l *Ledger) tile(ctx context.Context, level int, n int64) (tileNodes, error) {
	key := cacheKey{level, n}
	if t, ok := l.cache.get(key).(tileNodes); ok {
		return t, nil
	}
	row, err := getRow(ctx, &l.store, tileKey(level, n), nil)
	if errors.Is(err, ErrNotFound) || err == nil && len(row) != tileWidth*hashSize {
		return nil, storeDamage(fmt.Sprintf("no tile %d of level %d", n, level))
	}
	if err != nil {
		return nil, err
	}
	want, err := l.subtree(ctx, (level+1)*tileHeight, n)
	if err != nil {
		return nil, err
	}
	t := make(tileNodes, 2*tileWidth-2)
	for i := range tileWidth {
		t[i] = hashAt(row, 0, i)
	}
	h := l.hasher()
	defer l.hashers.Put(h)
	if h.above(t, tileWidth) != want {
		return nil, storeDamage(fmt.Sprintf("tile %d of level %d does not have its root", n, level))
	}
	l.cache.put(key, t, cap(t)*hashSize+200)
	return t, nil
}

// hashReader gives stored hashes to the functions of tlog.
func (l *Ledger) hashReader(ctx context.Context) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		r := nodeReader{l: l}
		for i, x := range indexes {
			level, n := tlog.SplitStoredHashIndex(x)
			h, err := r.node(ctx, level, n)
			if err != nil {
				return nil, err
			}
			hashes[i] = h
		}
		return hashes, nil
	}
}

// subtree returns the root of the full subtree n at a level: of the leaves
// from n<<level to (n+1)<<level. All of them are below Size.
func (l *Ledger) subtree(ctx context.Context, level int, n int64) (tlog.Hash, error) {
	return (&nodeReader{l: l}).node(ctx, level, n)
}

// nodeReader finds nodes of the tree and keeps the bundle and the group that
// it read last: the nodes of a proof are neighbours.
type nodeReader struct {
	l      *Ledger
	bundle *bundleInfo
	number int64 // of bundle
	group  int64 // of nodes, plus one; 0 is none
	nodes  groupNodes
}

// node is Ledger.subtree.
func (r *nodeReader) node(ctx context.Context, level int, n int64) (tlog.Hash, error) {
	if err := r.l.view.unknown(n<<level, (n+1)<<level); err != nil {
		return tlog.Hash{}, err
	}
	if h, ok := r.l.recentNode(level, n); ok {
		return h, nil
	}
	if level >= tileHeight {
		above := level % tileHeight
		t, err := r.l.tile(ctx, level/tileHeight, n<<above/tileWidth)
		if err != nil {
			return tlog.Hash{}, err
		}
		return nodeAt(t, above, n%(tileWidth>>above)), nil
	}
	first := n << level
	if r.bundle == nil || r.number != first/bundleSize {
		b, err := r.l.bundle(ctx, first/bundleSize)
		if err != nil {
			return tlog.Hash{}, err
		}
		r.bundle, r.number, r.group = b, first/bundleSize, 0
	}
	if 1<<level >= groupSize {
		return nodeAt(r.bundle.groups[:], level-groupHeight, n%(bundleSize>>level)), nil
	}
	if group := first / groupSize; r.group != group+1 {
		r.group = 0
		if err := r.l.leaves(&r.nodes, r.bundle, r.number, int(group%groupsPerBundle)); err != nil {
			return tlog.Hash{}, err
		}
		r.group = group + 1
	}
	return nodeAt(r.nodes[:], level, n%(groupSize>>level)), nil
}

// recentNode is node for what is not in blocks and tiles yet, or at the right
// edge of the tree.
func (l *Ledger) recentNode(level int, n int64) (h tlog.Hash, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if h, ok := l.edge.peak(level, n); ok {
		return h, true
	}
	if level >= tileHeight {
		return l.upper.subtree(level, n)
	}
	first := n << level
	if l.tailRec(first) == nil {
		return h, false
	}
	var hashes [bundleSize]tlog.Hash
	for i := range 1 << level {
		hashes[i] = l.tailRec(first + int64(i)).hash
	}
	return subtreeRoot(hashes[:1<<level]), true
}
