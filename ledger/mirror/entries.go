package mirror

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/dauvet/dauvet/ledger"
)

// addEntries answers add-entries: C2SP tlog-mirror. The body is read as it comes, a package at a time; it is not read
// further than a refusal. nil limits are none.
func (m *Mirror) addEntries(body io.Reader, limits *Limits) *answer {
	in := bufio.NewReaderSize(body, 16<<10)
	h, err := readEntriesHeader(in)
	if err != nil {
		return refuse(http.StatusBadRequest, "header: %v", noEOF(err))
	}
	keys, r := m.registered(h.origin)
	if keys == nil {
		// "If log_origin is not a known log": 404.
		return refuse(http.StatusNotFound, "unknown log %.300q", h.origin)
	}
	if h.start > h.end {
		return refuse(http.StatusBadRequest, "upload from %d to %d", h.start, h.end)
	}
	if r == nil {
		m.mu.Lock()
		err := m.broken[originHash(h.origin)]
		m.mu.Unlock()
		if err != nil {
			return m.internal(h.origin, err)
		}
		return infoAnswer(http.StatusConflict, mirrorInfo{})
	}
	leave, a := m.enter(r, limits)
	if a != nil {
		return a
	}
	defer leave()
	c, a := r.expects(h)
	if a != nil {
		return a
	}
	u := &upload{m: m, r: r, c: c, at: int64(h.start)}
	refused := u.read(in)
	return u.finish(refused)
}

// enter opens the files of a log for a request that is within the limits.
func (m *Mirror) enter(r *replica, limits *Limits) (leave func(), refused *answer) {
	if limits != nil {
		if wait, ok := r.limit.enter(limits); !ok {
			return nil, busy(http.StatusTooManyRequests, wait, "too many requests of this log")
		}
	}
	leave = func() {
		r.release()
		if limits != nil {
			r.limit.leave()
		}
	}
	if err := r.acquire(false); err != nil {
		if limits != nil {
			r.limit.leave()
		}
		return nil, m.internal(r.origin, err)
	}
	return leave, nil
}

// expects returns the checkpoint that an upload leads to, or the refusal.
func (r *replica) expects(h *entriesHeader) (*ledger.Checkpoint, *answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.find(h.end)
	if c == nil || r.mirrored != nil && c.Size < r.mirrored.Size {
		// "If upload_end is not the tree size of a known pending checkpoint": 409.
		return nil, infoAnswer(http.StatusConflict, r.info(nil))
	}
	// "If upload_start is greater than the mirror's next entry, or too far below": 409.
	if h.start > uint64(r.size) || h.start+maxPackages*packageSize < uint64(min(r.next, c.Size)) {
		return nil, infoAnswer(http.StatusConflict, r.info(c))
	}
	return c, nil
}

// info says where an upload to c, or to the latest checkpoint, goes on. r.mu is held.
func (r *replica) info(c *ledger.Checkpoint) mirrorInfo {
	if c == nil {
		c = r.latest()
	}
	i := mirrorInfo{next: r.next}
	if c != nil {
		i.size = c.Size
	}
	return i
}

// upload is an add-entries request on its way.
type upload struct {
	m     *Mirror
	r     *replica
	c     *ledger.Checkpoint // of upload_end
	at    int64              // what comes next
	saved int                // packages
}

// read takes packages until all are there or the body ends. It returns why it ended early, nil when the body just did.
func (u *upload) read(in *bufio.Reader) *answer {
	mem := &buffer{g: &u.m.gate}
	defer mem.free()
	for u.at < u.c.Size {
		p := nextPackage(u.at, u.c.Size)
		err := p.read(in, mem.take)
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, errBuffers):
			return busy(http.StatusServiceUnavailable, time.Second, err.Error())
		case errors.Is(err, errManyHashes):
			return refuse(http.StatusBadRequest, "entries %d to %d: %v", p.start, p.end-1, err)
		case err != nil:
			// "The mirror discards any partial bytes after the last successfully authenticated entry package."
			return nil
		}
		if a := u.authenticate(&p); a != nil {
			return a
		}
		u.r.mu.Lock()
		err = u.r.append(&p)
		u.r.mu.Unlock()
		if err != nil {
			return u.m.internal(u.r.origin, err)
		}
		mem.free()
		u.at = p.end
		u.saved++
	}
	return nil
}

// authenticate verifies a package against the checkpoint.
func (u *upload) authenticate(p *entryPackage) *answer {
	leaves, err := u.r.leafHashes(p.lo, p.start)
	if err != nil {
		return u.m.internal(u.r.origin, u.r.damaged("hashes", err))
	}
	hash := leavesHash(append(leaves, p.leaves...))
	sub, root, err := checkSubtree(p.proof, p.lo, p.end, u.c.Size, hash)
	if err == nil && (sub != hash || root != u.c.Root) {
		err = fmt.Errorf("not in the tree of size %d", u.c.Size)
	}
	if err != nil {
		// "If this verification process fails": 422.
		return refuse(http.StatusUnprocessableEntity, "entries %d to %d: %v", p.start, p.end-1, err)
	}
	return nil
}

// finish makes durable what was saved, and the checkpoint when nothing is missing.
func (u *upload) finish(refused *answer) *answer {
	r := u.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if u.at < u.c.Size {
		if u.saved > 0 {
			if err := r.commit(nil); err != nil {
				return u.m.internal(r.origin, err)
			}
		}
		switch {
		case refused != nil:
			return refused
		case u.saved == 0:
			// "If no entry package was authenticated and saved before the body ended": 400.
			return refuse(http.StatusBadRequest, "the body ends before entry %d and its proof", u.at)
		}
		return infoAnswer(http.StatusAccepted, r.info(u.c))
	}
	if r.mirrored != nil && u.c.Size < r.mirrored.Size {
		return infoAnswer(http.StatusConflict, r.info(nil))
	}
	if err := r.checkRoot(u.c); err != nil {
		return u.m.internal(r.origin, err)
	}
	line, err := u.m.mirror.sign(noteBody(u.c.Note), time.Now())
	if err != nil {
		return u.m.internal(r.origin, err)
	}
	err = r.commit(func(s *state) {
		c := *u.c
		c.Note = append(bytes.Clone(c.Note), line...)
		s.mirrored = &c
		var pending []*ledger.Checkpoint
		for _, p := range s.pending {
			if p.Size >= c.Size {
				pending = append(pending, p)
			}
		}
		s.pending = pending
	})
	if err != nil {
		return u.m.internal(r.origin, err)
	}
	return &answer{status: http.StatusOK, kind: kindText, body: line}
}
