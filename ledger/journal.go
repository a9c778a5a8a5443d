package ledger

import (
	"fmt"
	"io"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"
)

// position is a place in the journal.
type position struct {
	seg int
	off int64
}

// place is where a frame begins and what it chains to.
type place struct {
	seq   uint64
	first int64
	at    position
	prev  tlog.Hash
}

// journal is a ring of preallocated segments. Its methods are for one
// goroutine at a time.
type journal struct {
	segs []file
	size int64 // of each segment
	salt [16]byte
	at   position  // where the next frame goes, when it fits
	seq  uint64    // of the next frame
	prev tlog.Hash // hash of the last frame
	next []int64   // of each segment, the entry after its last
	buf  []byte

	oldest atomic.Int64 // no frame has an entry before, as far as is known
}

func journalName(seg int) string { return fmt.Sprintf("journal-%d", seg) }

// openJournal opens all segments, or makes them.
func openJournal(dir layer, h *headState, create bool) (*journal, error) {
	j := &journal{size: h.segmentSize, salt: h.salt, next: make([]int64, h.segments)}
	for i := range h.segments {
		f, err := dir.open(journalName(i), create)
		if err == nil {
			j.segs = append(j.segs, f)
			if create {
				err = preallocate(f, j.size)
			}
		}
		if err != nil {
			j.close()
			return nil, err
		}
	}
	return j, nil
}

// openJournalView opens the segments that can be opened; the others read as
// empty.
func openJournalView(dir layer, h *headState) *journal {
	j := &journal{size: h.segmentSize, salt: h.salt, next: make([]int64, h.segments)}
	for i := range h.segments {
		f, err := dir.open(journalName(i), false)
		if err != nil {
			f = new(memFile)
		}
		j.segs = append(j.segs, f)
	}
	return j
}

func (j *journal) close() error {
	var first error
	for _, f := range j.segs {
		if err := f.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// target is where a frame of n bytes goes. A segment is entered again only
// when all its entries are below bound, and those of the segment after it as
// well: so much of the journal stays to repair blocks from.
func (j *journal) target(n, bound int64) (at position, ok bool) {
	if j.at.off+n <= j.size {
		return j.at, true
	}
	seg := (j.at.seg + 1) % len(j.segs)
	ok = j.next[seg] <= bound
	if len(j.segs) > 2 {
		ok = ok && j.next[(seg+1)%len(j.segs)] <= bound
	}
	return position{seg, 0}, ok
}

// begin starts a frame in j.buf; the caller appends entries to it.
func (j *journal) begin() { j.buf = append(j.buf[:0], make([]byte, frameHeader)...) }

// commit writes the frame that was begun to at and syncs it: from then on
// its entries are acknowledged.
func (j *journal) commit(at position, first int64, count int, root tlog.Hash) (place, error) {
	body := j.buf[frameHeader:]
	f := frame{salt: j.salt, seq: j.seq, first: first, count: count, length: len(body), bodySum: checksum(body), prev: j.prev, root: root}
	f.put(j.buf)
	if pad := int(f.size()) - len(j.buf); pad > 0 {
		j.buf = append(j.buf, make([]byte, pad)...)
	}
	if _, err := j.segs[at.seg].WriteAt(j.buf, at.off); err != nil {
		return place{}, err
	}
	if err := j.segs[at.seg].Sync(); err != nil {
		return place{}, err
	}
	return j.advance(at, &f), nil
}

// advance moves the journal behind a frame that stands at at.
func (j *journal) advance(at position, f *frame) place {
	p := place{seq: f.seq, first: f.first, at: at, prev: f.prev}
	j.at = position{at.seg, at.off + f.size()}
	j.seq = f.seq + 1
	j.prev = f.hash()
	j.next[at.seg] = f.first + int64(f.count)
	return p
}

// place is where the next frame will be, or in the segment after.
func (j *journal) place() place { return place{seq: j.seq, at: j.at, prev: j.prev} }

// read returns the next frame of the chain if it stands at at and is whole.
// With repair set, one wrong bit in header or body is tolerated; repaired
// reports that there was one.
func (j *journal) read(at position, repair bool) (f frame, raw []byte, repaired, ok bool, err error) {
	f, raw, repaired, ok, err = j.readAny(at, repair)
	return f, raw, repaired, ok && f.prev == j.prev, err
}

// readAny is read for a frame of which the one before may be unknown.
func (j *journal) readAny(at position, repair bool) (f frame, raw []byte, repaired, ok bool, err error) {
	if at.off+frameHeader > j.size {
		return f, nil, false, false, nil
	}
	var head [frameHeader]byte
	if _, err := j.segs[at.seg].ReadAt(head[:], at.off); err != nil {
		if err == io.EOF {
			err = nil
		}
		return f, nil, false, false, err
	}
	f, ok = parseFrame(head[:])
	if !ok && repair {
		f, ok = repairFrame(head[:])
		repaired = ok
	}
	if !ok || f.salt != j.salt || f.seq != j.seq || at.off+f.size() > j.size {
		return f, nil, false, false, nil
	}
	raw = make([]byte, f.size())
	if _, err := j.segs[at.seg].ReadAt(raw, at.off); err != nil {
		if err == io.EOF {
			err = nil
		}
		return f, nil, false, false, err
	}
	copy(raw, head[:])
	body := raw[frameHeader:][:f.length]
	if checksum(body) != f.bodySum {
		if !repair || !fixBit(body, f.bodySum) || checksum(body) != f.bodySum {
			return f, nil, false, false, nil
		}
		repaired = true
	}
	clear(raw[frameHeader+f.length:])
	return f, raw, repaired, true, nil
}

// later looks through the whole journal for a frame that was written after
// the one expected: its being there means that the expected one was synced.
func (j *journal) later() (at position, found bool, err error) {
	buf := make([]byte, 1<<20)
	for seg, s := range j.segs {
		for off := int64(0); off < j.size; off += int64(len(buf)) {
			n, err := s.ReadAt(buf[:min(int64(len(buf)), j.size-off)], off)
			if err != nil && err != io.EOF {
				return at, false, err
			}
			for i := 0; i+frameHeader <= n; i += frameAlign {
				if f, ok := parseFrame(buf[i:n]); ok && f.salt == j.salt && f.seq > j.seq {
					return position{seg, off + int64(i)}, true, nil
				}
			}
		}
	}
	return at, false, nil
}

// rewrite writes a frame that was read once more and syncs it: after a kill
// or a failed sync it may be in the page cache only.
func (j *journal) rewrite(at position, raw []byte) error {
	if _, err := j.segs[at.seg].WriteAt(raw, at.off); err != nil {
		return err
	}
	return j.segs[at.seg].Sync()
}
