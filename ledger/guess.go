package ledger

import (
	"errors"
	"strings"
)

// guessHead makes a head for a view when neither slot can be read: from the
// frames in the journal, and the headers of the blocks. reason is why there
// is none; it is reported as damage, because the last frames may be missing.
func (l *Ledger) guessHead(reason error) error {
	h := headState{indexed: l.opts.Index != nil, origin: l.opts.Origin, mark: mark{root: emptyRoot, seq: 1}}
	if h.origin == "" {
		// The key file has the name of the log.
		_, name, err := loadKey(l.dir)
		if err != nil || name == "" {
			return errors.Join(reason, err)
		}
		h.origin = name
	}
	for ; ; h.segments++ {
		f, err := l.dir.open(journalName(h.segments), false)
		if err != nil {
			break
		}
		n, err := f.size()
		f.Close()
		if err != nil {
			return err
		}
		h.segmentSize = max(h.segmentSize, n)
	}
	if h.segments < 2 {
		return reason
	}
	b := viewBlocks{l: l}
	if err := b.search(0); err != nil {
		return err
	}
	for bundle := range b.found {
		h.mark.next = max(h.mark.next, (bundle+1)*bundleSize)
	}
	if err := l.guessFrame(&h); err != nil {
		return err
	}
	if h.size = h.mark.next; l.headF == nil {
		l.headF = new(memFile)
	}
	l.head = h
	var damage *CorruptError
	if !errors.As(reason, &damage) {
		damage = &CorruptError{File: "head", Offset: -1, Reason: "missing"}
	}
	l.view.guessed = damage
	return nil
}

// guessFrame finds the frame with the first entry that is in no block, or
// else the last frame that ends where the blocks do.
func (l *Ledger) guessFrame(h *headState) error {
	j := openJournalView(l.dir, h)
	defer j.close()
	// All frames but what entries may hold are of this ledger.
	salts := make(map[[16]byte]int)
	err := j.frames(func(_ position, f *frame) error {
		if salts[f.salt]++; salts[f.salt] > salts[h.salt] {
			h.salt = f.salt
		}
		return nil
	})
	if err != nil {
		return err
	}
	j.salt = h.salt
	next, inside := h.mark.next, false
	return j.frames(func(at position, f *frame) error {
		end := f.first + int64(f.count)
		if f.first > next || end < next || end == next && (inside || f.seq < h.mark.seq) {
			return nil
		}
		inside = end > next
		h.mark.seq, h.mark.at, h.mark.prev = f.seq, at, f.prev
		return nil
	})
}

// missing reports whether the error says that there is no readable head, of a
// directory that has been a ledger.
func (l *Ledger) missing(err error) bool {
	if errors.Is(err, ErrCorrupt) {
		return true
	}
	names, e := l.dir.list()
	for _, name := range names {
		if e == nil && strings.HasPrefix(name, "journal-") {
			return true
		}
	}
	return false
}
