package mirror

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// ErrAhead is returned when the other side has cosigned a larger checkpoint than there is here: this log was rolled back, or
// there are two of it. Nothing was pushed. Restore the log from the mirror before anything is appended.
var ErrAhead = errors.New("the mirror has a larger checkpoint of this log")

// source is what a push takes from a log.
type source interface {
	tlog.HashReader
	// fill adds the entries of its range to the package.
	fill(ctx context.Context, p *entryPackage) error
}

// port is the other side.
type port interface {
	post(ctx context.Context, request string, body []byte) (*answer, error)
}

// The requests, which are the last part of their URL.
const (
	addCheckpoint = "add-checkpoint"
	addEntries    = "add-entries"
)

// laterError asks to come again.
type laterError struct {
	wait time.Duration // at least
	err  error
}

func (e *laterError) Error() string { return e.err.Error() }
func (e *laterError) Unwrap() error { return e.err }

// refusal is the error for an answer that is none of those that the text expects.
func refusal(request string, a *answer) error {
	err := &RefusedError{Request: request, Status: a.status, Reason: strings.TrimSpace(string(a.body))}
	if a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout || a.status >= 500 {
		return &laterError{a.retry, err}
	}
	return err
}

// push brings one checkpoint of a log to a mirror.
type push struct {
	from source
	c    *ledger.Checkpoint // with signatures of the log only
	to   port

	cosigned int64 // the size that the witness is believed to have
	next     int64 // the entry that the mirror is believed to miss first
}

// maxRounds bounds the answers that only correct what was believed.
const maxRounds = 5

// checkpoint sends add-checkpoint and returns the lines of the witness.
func (p *push) checkpoint(ctx context.Context) ([]byte, error) {
	for range maxRounds {
		q := checkpointRequest{old: p.cosigned, note: p.c.Note}
		if q.old > p.c.Size {
			return nil, fmt.Errorf("%w: of size %d, here it has %d", ErrAhead, q.old, p.c.Size)
		}
		if q.old > 0 && q.old < p.c.Size {
			var err error
			if q.proof, err = proveSubtree(nil, 0, q.old, 0, p.c.Size, true, p.from); err != nil {
				return nil, err
			}
		}
		a, err := p.to.post(ctx, addCheckpoint, q.encode())
		switch {
		case err != nil:
			return nil, err
		case a.status == http.StatusOK:
			p.cosigned = p.c.Size
			return a.body, nil
		case a.status == http.StatusConflict && a.kind == kindSize:
			size, err := parseSize(strings.TrimSuffix(string(a.body), "\n"))
			if err != nil {
				return nil, err
			}
			p.cosigned = size
		default:
			return nil, refusal(addCheckpoint, a)
		}
	}
	return nil, &laterError{0, errors.New("the size of the witness changes with every answer")}
}

// maxRequest is where no further package is added to a request: what a bad line loses at once.
const maxRequest = 1 << 20

// entries sends add-entries until the mirror has all of the checkpoint, and returns its lines.
func (p *push) entries(ctx context.Context) ([]byte, error) {
	var ticket []byte
	for stuck := 0; stuck < maxRounds; {
		p.next = min(p.next, p.c.Size)
		body, err := p.upload(ctx, ticket)
		if err != nil {
			return nil, err
		}
		a, err := p.to.post(ctx, addEntries, body)
		switch {
		case err != nil:
			return nil, err
		case a.status == http.StatusOK:
			p.next = p.c.Size
			return a.body, nil
		case (a.status == http.StatusAccepted || a.status == http.StatusConflict) && a.kind == kindInfo:
			i, err := parseMirrorInfo(a.body)
			switch {
			case err != nil:
				return nil, err
			case i.size > p.c.Size:
				return nil, fmt.Errorf("%w: of size %d, here it has %d", ErrAhead, i.size, p.c.Size)
			case i.size < p.c.Size:
				return nil, &laterError{0, fmt.Errorf("mirror waits for the entries of size %d, not of %d", i.size, p.c.Size)}
			}
			if a.status == http.StatusConflict || i.next <= p.next {
				stuck++
			}
			p.next, ticket = i.next, i.ticket
		default:
			return nil, refusal(addEntries, a)
		}
	}
	return nil, &laterError{0, errors.New("mirror takes no entries")}
}

// upload is the body of the next request.
func (p *push) upload(ctx context.Context, ticket []byte) ([]byte, error) {
	h := entriesHeader{origin: p.c.Origin, start: uint64(p.next), end: uint64(p.c.Size), ticket: ticket}
	body := h.encode()
	for at, n := p.next, 0; at < p.c.Size && n < maxPackages && len(body) < maxRequest; n++ {
		e := nextPackage(at, p.c.Size)
		if err := p.from.fill(ctx, &e); err != nil {
			return nil, err
		}
		var err error
		if e.proof, err = proveSubtree(nil, e.lo, e.end, 0, p.c.Size, true, p.from); err != nil {
			return nil, err
		}
		body = e.encode(body)
		at = e.end
	}
	return body, nil
}

// ownNote is a checkpoint with the signatures of its log only.
func ownNote(c *ledger.Checkpoint) []byte {
	text := noteBody(c.Note)
	own := append([]byte{}, c.Note[:len(text)+1]...)
	for line := range strings.Lines(string(c.Note[len(text)+1:])) {
		if strings.HasPrefix(line, "— "+c.Origin+" ") {
			own = append(own, line...)
		}
	}
	return own
}
