package mirror

import (
	"bytes"
	"errors"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// addCheckpoint answers add-checkpoint: C2SP tlog-witness. The comments are in the order of the text. nil limits are none.
func (m *Mirror) addCheckpoint(body []byte, limits *Limits) *answer {
	q, err := parseCheckpointRequest(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	origin, _, _ := bytes.Cut(q.note, []byte("\n"))
	keys, _ := m.registered(string(origin))
	if keys == nil {
		// "If the checkpoint origin is unknown": 404.
		return refuse(http.StatusNotFound, "unknown log %.300q", origin)
	}
	c, a := keys.verify(q.note)
	if a != nil {
		return a
	}
	if q.old > c.Size {
		// "The old size MUST be equal to or lower than the checkpoint size": 400.
		return refuse(http.StatusBadRequest, "size of before %d is above the checkpoint's %d", q.old, c.Size)
	}
	r, err := m.replica(c.Origin)
	if err != nil {
		return m.internal(c.Origin, err)
	}
	leave, a := m.enter(r, limits)
	if a != nil {
		return a
	}
	defer leave()
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := m.continues(r, q, c); a != nil {
		return a
	}
	return m.cosign(r, c)
}

// verify checks the signature of a checkpoint and returns it without the signatures of others.
func (k *registration) verify(text []byte) (*ledger.Checkpoint, *answer) {
	n, err := note.Open(text, note.VerifierList(k.verifiers...))
	var unverified *note.UnverifiedNoteError
	var invalid *note.InvalidSignatureError
	switch {
	case errors.As(err, &unverified), errors.As(err, &invalid):
		// "If none of the signatures verify against a trusted public key": 403.
		return nil, refuse(http.StatusForbidden, "no signature of a registered key: %v", err)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "%v", err)
	}
	own := []byte(n.Text + "\n")
	for _, s := range n.Sigs {
		own = append(own, "— "+s.Name+" "+s.Base64+"\n"...)
	}
	c, err := ledger.VerifyCheckpoint(own, k.vkeys...)
	switch {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "%v", err)
	case len(own) > maxNote:
		return nil, refuse(http.StatusRequestEntityTooLarge, "checkpoint of %d bytes; at most %d are kept", len(own), maxNote)
	}
	return c, nil
}

// continues checks that a checkpoint continues what was cosigned before. It returns nil, or the refusal. r.mu is held.
func (m *Mirror) continues(r *replica, q *checkpointRequest, c *ledger.Checkpoint) *answer {
	old := r.latest()
	if old == nil {
		empty, _ := tlog.TreeHash(0, nil)
		old = &ledger.Checkpoint{Origin: c.Origin, Root: empty}
	}
	// A checkpoint that is not above what is known is compared first: it may be evidence whatever size the request names.
	if a := m.contradicts(r, old, c); a != nil {
		return a
	}
	if q.old != old.Size {
		// "If it doesn't match": 409 with the size of the latest.
		return conflictSize(old.Size)
	}
	if old.Size == 0 || old.Size == c.Size {
		// "The proof MUST be empty if the old size is zero."
		if len(q.proof) > 0 {
			return refuse(http.StatusUnprocessableEntity, "%d hashes where none are needed", len(q.proof))
		}
		return nil
	}
	sub, root, err := checkSubtree(q.proof, 0, old.Size, c.Size, old.Root)
	if err == nil && root != c.Root {
		err = errors.New("consistency proof does not lead to the root of the checkpoint")
	}
	if err != nil {
		// "If the Merkle Consistency Proof doesn't verify": 422.
		return refuse(http.StatusUnprocessableEntity, "%v", err)
	}
	if sub != old.Root {
		// The proof is right, but for another log: the checkpoint has another history.
		m.keepFork(r, &Fork{Kept: old, Other: c, Size: old.Size, Root: sub, Proof: q.proof})
		return refuse(http.StatusUnprocessableEntity, "checkpoint of size %d does not continue the one of size %d", c.Size, old.Size)
	}
	return nil
}

// contradicts compares a checkpoint with the last one, or with the entries that are stored. r.mu is held.
func (m *Mirror) contradicts(r *replica, old, c *ledger.Checkpoint) *answer {
	if c.Size == old.Size {
		if c.Root == old.Root {
			return nil
		}
		if old.Note != nil {
			m.keepFork(r, &Fork{Kept: old, Other: c, Size: c.Size, Root: c.Root})
		}
		// "the witness MUST check that the root hashes are also identical": 409.
		return refuse(http.StatusConflict, "another root for size %d", c.Size)
	}
	if r.mirrored == nil || c.Size >= r.mirrored.Size {
		return nil
	}
	root, err := r.rootAt(c.Size)
	if err != nil {
		return m.internal(r.origin, err)
	}
	if root == c.Root {
		return nil
	}
	f := &Fork{Kept: r.mirrored, Other: c, Size: c.Size, Root: root}
	if c.Size > 0 {
		if f.Proof, err = proveSubtree(nil, 0, c.Size, 0, r.mirrored.Size, true, r); err != nil {
			return m.internal(r.origin, err)
		}
	}
	m.keepFork(r, f)
	return refuse(http.StatusConflict, "another root for size %d", c.Size)
}

// keepFork files the evidence and reports it. r.mu is held.
func (m *Mirror) keepFork(r *replica, f *Fork) {
	fresh, err := r.keepFork(f)
	if err != nil {
		m.log.Error("evidence of a fork cannot be filed", "log", r.origin, "error", err)
	}
	if fresh || err != nil {
		m.log.Error("a log was rewritten", "log", r.origin, "kept", f.Kept.Size, "other", f.Other.Size)
		if m.opts.Forked != nil {
			m.opts.Forked(f)
		}
	}
}

// cosign takes over a checkpoint and answers with the cosignature, which leaves when the checkpoint is durable. r.mu is
// held.
func (m *Mirror) cosign(r *replica, c *ledger.Checkpoint) *answer {
	now := time.Now()
	line, err := m.witness.sign(noteBody(c.Note), now)
	if err != nil {
		return m.internal(r.origin, err)
	}
	err = r.commit(func(s *state) {
		s.seen = now.Unix()
		var pending []*ledger.Checkpoint
		for _, p := range s.pending {
			if p.Size != c.Size && (s.mirrored == nil || p.Size >= s.mirrored.Size) {
				pending = append(pending, p)
			}
		}
		pending = append(pending, c)
		s.pending = pending[max(0, len(pending)-maxPending):]
	})
	if err != nil {
		return m.internal(r.origin, err)
	}
	return &answer{status: http.StatusOK, kind: kindText, body: line}
}

// noteBody is what the signatures of a note sign.
func noteBody(text []byte) []byte {
	return text[:bytes.LastIndex(text, []byte("\n\n"))+1]
}

// internal is an answer to a failure of this side.
func (m *Mirror) internal(origin string, err error) *answer {
	m.log.Error("request failed", "log", origin, "error", err)
	return refuse(http.StatusInternalServerError, "this log cannot be taken now; the operator has to look at it")
}
