package ledger

import (
	"fmt"
	"io"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// A block that is damaged in more than one bit is written anew from the
// journal while that still has its entries: FORMAT.md, "Recovery", rule 7.

// written is a block that was written since the last mark and not read back.
type written struct {
	at     pointer
	bundle int64
	root   tlog.Hash
	seal   uint64 // of its entries, see Ledger.seal
}

// readBack reads the blocks that were written since the last mark, and sees
// to it that each is what was acknowledged, before a mark lets the journal
// forget their entries. What does not come back is verified against the tree
// and written again from the journal.
func (a *applier) readBack(unread []written) error {
	l := a.l
	const tries = 5
	for range tries {
		var bad []written
		for _, w := range unread {
			if a.scrub.readSealed(l, &w) {
				continue
			}
			raw, _, _, repaired, err := l.readBlock(w.at, w.bundle, w.root)
			if err != nil {
				return fmt.Errorf("block does not read as it was written: %w", err)
			}
			if !repaired {
				continue
			}
			l.log.Warn("block does not read as it was written", "file", blockName(w.at.file), "offset", w.at.off)
			if err := a.mend(w.at.blockPos, raw); err != nil {
				return err
			}
			bad = append(bad, w)
		}
		if unread = bad; len(bad) == 0 {
			return nil
		}
		if err := l.blocks.sync(); err != nil {
			return err
		}
	}
	w := unread[0]
	return blockError(w.at.blockPos, w.bundle*bundleSize, (w.bundle+1)*bundleSize, errBlock("it does not read as it was written"))
}

// journalEntries returns the entries [first, next) as the frames of the
// journal have them. They are not verified: frames that recycling is about to
// write over are among those read. The whole journal is looked through only
// when it had entries as old when that was done last.
func (j *journal) journalEntries(first, next int64) ([][]byte, error) {
	if first < j.oldest.Load() {
		return nil, fmt.Errorf("the journal does not have entry %d any more", first)
	}
	oldest := int64(maxSize)
	entries := make([][]byte, next-first)
	seqs := make([]uint64, next-first)
	err := j.frames(func(at position, f *frame) error {
		oldest = min(oldest, f.first)
		end := f.first + int64(f.count)
		if f.first >= next || end <= first || at.off+f.size() > j.size {
			return nil
		}
		body := make([]byte, f.length)
		if _, err := j.segs[at.seg].ReadAt(body, at.off+frameHeader); err != nil && err != io.EOF {
			return err
		}
		if checksum(body) != f.bodySum && !fixBit(body, f.bodySum) {
			return nil
		}
		all, ok := splitEntries(body, f.count)
		if !ok {
			return nil
		}
		for i := max(first, f.first); i < min(next, end); i++ {
			if f.seq >= seqs[i-first] {
				entries[i-first], seqs[i-first] = all[i-f.first], f.seq
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Frames only leave the journal.
	j.oldest.Store(oldest)
	if i := slices.Index(seqs, 0); i >= 0 {
		return nil, fmt.Errorf("the journal does not have entry %d any more", first+int64(i))
	}
	return entries, nil
}

// frames calls f for every frame header of this ledger in the journal, in
// the order of their places; for those of any ledger while j has no salt.
func (j *journal) frames(f func(at position, h *frame) error) error {
	buf := make([]byte, 1<<20)
	for seg, s := range j.segs {
		for off := int64(0); off < j.size; off += int64(len(buf)) {
			n, err := s.ReadAt(buf[:min(int64(len(buf)), j.size-off)], off)
			if err != nil && err != io.EOF {
				return err
			}
			for i := 0; i+frameHeader <= n; i += frameAlign {
				h, ok := parseFrame(buf[i:n])
				if !ok || h.salt != j.salt && j.salt != [16]byte{} {
					continue
				}
				if err := f(position{seg, off + int64(i)}, &h); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// blockOf makes the block of a bundle from the entries in the journal. It has
// the root and the length, or there is an error.
func (l *Ledger) blockOf(bundle int64, root tlog.Hash, length int) ([]byte, error) {
	raw, have, err := l.anyBlockOf(bundle)
	if err == nil && (have != root || len(raw) != length) {
		err = fmt.Errorf("the journal has other entries")
	}
	return raw, err
}

// anyBlockOf is blockOf for a bundle whose root is not known yet.
func (l *Ledger) anyBlockOf(bundle int64) (raw []byte, root tlog.Hash, err error) {
	first := bundle * bundleSize
	entries, err := l.journal.journalEntries(first, first+bundleSize)
	if err != nil {
		return nil, root, err
	}
	raw, root = makeBlock(bundle, entries)
	return raw, root, nil
}

// makeBlock returns the block of a bundle with the entries, and its root.
func makeBlock(bundle int64, entries [][]byte) ([]byte, tlog.Hash) {
	var c chunk
	var tree frontier
	for _, data := range entries {
		c.add(&tree, data, leafHash(data), nil, nil)
	}
	return appendBlock(nil, bundle, c.recs, c.groups, tree.root()), tree.root()
}

// mendFromEntries puts right what a block says beside its entries, when they
// have the root. It needs their lengths.
func mendFromEntries(raw []byte, bundle int64, root tlog.Hash) bool {
	entries, ok := splitBlock(raw)
	if !ok {
		return false
	}
	again, have := makeBlock(bundle, entries)
	if have != root || len(again) != len(raw) {
		return false
	}
	copy(raw, again)
	return true
}

// loadBlock is readBlock, and writes a block that it repaired back.
func (l *Ledger) loadBlock(at pointer, bundle int64, root tlog.Hash) (raw []byte, entries [][]byte, leaves []tlog.Hash, repaired bool, err error) {
	raw, entries, leaves, repaired, err = l.readBlock(at, bundle, root)
	if err == nil && repaired && l.view == nil {
		l.log.Warn("block repaired", "file", blockName(at.file), "offset", at.off, "first", bundle*bundleSize)
		err = l.applier.mend(at.blockPos, raw)
	}
	return raw, entries, leaves, repaired, err
}

// readBlock reads a whole block and verifies all of it. What is damaged is
// repaired in raw, and repaired set: one wrong bit by the checksum, anything
// beside the entries by the entries, and everything while the journal has
// the entries.
func (l *Ledger) readBlock(at pointer, bundle int64, root tlog.Hash) (raw []byte, entries [][]byte, leaves []tlog.Hash, repaired bool, err error) {
	raw = make([]byte, at.length)
	if err = l.blocks.read(raw, at.blockPos); err == nil {
		entries, leaves, repaired, err = mendBlock(raw, bundle, root)
	}
	if err == nil {
		return raw, entries, leaves, repaired, nil
	}
	again, e := l.blockOf(bundle, root, at.length)
	if e != nil {
		return nil, nil, nil, false, corruptBlock(err, at, bundle)
	}
	entries, leaves, err = checkBlock(again, root)
	return again, entries, leaves, true, err
}

// mend writes a repaired block back. It is synced with the next mark.
func (a *applier) mend(at blockPos, raw []byte) error {
	a.lock.Lock()
	defer a.lock.Unlock()
	return a.l.blocks.write(at, raw)
}
