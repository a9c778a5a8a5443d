package mirror

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// ClientOptions are the choices of who pushes. nil and the zero value are good defaults.
type ClientOptions struct {
	// HTTP makes the requests. nil: a client that gives up one after five minutes.
	HTTP *http.Client

	// Witnesses verify the cosignatures that come back, which are kept in the ledger: the same that are in its
	// Options.Witnesses. Lines of other keys are not looked at. Empty: nothing is kept.
	Witnesses []note.Verifier

	// Every is the time between two pushes of [Client.Run]. 0: 5 minutes.
	Every time.Duration

	// Pushed is called by [Client.Run] after each push with its result. nil: nobody is told.
	Pushed func(*ledger.Checkpoint, error)
}

// Client pushes a ledger to a mirror. It needs nothing but that requests get out: it works behind NAT, over a line that
// breaks, and after weeks without one. All methods can be called from many goroutines; one push is on its way at a time.
type Client struct {
	l    *ledger.Ledger
	url  string
	opts ClientOptions
	turn chan struct{} // holds a token while nobody pushes

	// Of who has the turn.
	cosigned, next int64
}

// NewClient returns a client that pushes l to the submission prefix, a URL. nil opts are the defaults. It needs no Close.
func NewClient(l *ledger.Ledger, submission string, opts *ClientOptions) *Client {
	c := &Client{l: l, url: strings.TrimSuffix(submission, "/"), turn: make(chan struct{}, 1)}
	if opts != nil {
		c.opts = *opts
	}
	if c.opts.HTTP == nil {
		c.opts.HTTP = &http.Client{Timeout: 5 * time.Minute}
	}
	if c.opts.Every <= 0 {
		c.opts.Every = 5 * time.Minute
	}
	c.turn <- struct{}{}
	return c
}

// Push brings all entries that the ledger has now to the mirror, and the cosignatures of witness and mirror into the
// ledger, whose proofs carry them from then on. It returns the checkpoint with those that came back. A push that failed is
// continued by the next one, from what the mirror has verified and stored. An empty ledger is not pushed.
//
// The error matches [ErrAhead] when the mirror knows more of the ledger than there is, and is or wraps a [*RefusedError]
// when the mirror refused.
func (c *Client) Push(ctx context.Context) (*ledger.Checkpoint, error) {
	select {
	case <-c.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { c.turn <- struct{}{} }()
	point, err := c.push(ctx)
	if err != nil {
		return nil, fmt.Errorf("mirror: push %s: %w", c.l.Origin(), err)
	}
	return point, nil
}

func (c *Client) push(ctx context.Context) (*ledger.Checkpoint, error) {
	point, err := c.l.Checkpoint(ctx)
	if err != nil || point.Size == 0 {
		return point, err
	}
	point.Note = ownNote(point)
	p := &push{from: ledgerSource{c.l, c.l.HashReader(ctx)}, c: point, to: httpPort{c}, cosigned: c.cosigned, next: c.next}
	defer func() { c.cosigned, c.next = min(p.cosigned, point.Size), min(p.next, point.Size) }()
	witnessed, err := p.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	// They are good even when the entries do not get through.
	result, err := c.keep(ctx, point, witnessed)
	if err != nil {
		return nil, err
	}
	mirrored, err := p.entries(ctx)
	if err != nil {
		return nil, err
	}
	if r, err := c.keep(ctx, point, mirrored); r != nil || err != nil {
		result = r
		if err != nil {
			return nil, err
		}
	}
	switch {
	case result != nil:
		return result, nil
	case len(c.opts.Witnesses) > 0:
		return nil, errNoCosignature
	}
	return point, nil
}

// errNoCosignature says that all went well, but not with the province that is known.
var errNoCosignature = errors.New("no cosignature of a known witness in the answers")

// keep puts the signature lines of an answer into the ledger. It returns nil when there are no witnesses to verify them.
func (c *Client) keep(ctx context.Context, point *ledger.Checkpoint, lines []byte) (*ledger.Checkpoint, error) {
	if len(c.opts.Witnesses) == 0 || len(lines) == 0 {
		return nil, nil
	}
	n, err := note.Open(append(bytes.Clone(point.Note), lines...), note.VerifierList(c.opts.Witnesses...))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		// tlog-witness: "The client MUST ignore any cosignatures from unknown keys." Perhaps only one of both is known.
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	text := bytes.Clone(point.Note)
	for _, s := range n.Sigs {
		text = append(text, "— "+s.Name+" "+s.Base64+"\n"...)
	}
	return c.l.AddCosignatures(ctx, text)
}

// The pauses after a push that failed.
const (
	minPause = time.Second
	maxPause = 15 * time.Minute
)

// Run pushes at once and then every ClientOptions.Every, also when nothing was appended, so that the province knows the
// shop to be there. After a failure it comes again after a second, and after longer and longer pauses up to 15 minutes. It
// returns when ctx ends, with its error, or when the ledger is closed, with ledger.ErrClosed.
func (c *Client) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for failed := 0; ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		point, err := c.Push(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, ledger.ErrClosed) {
			return ledger.ErrClosed
		}
		if c.opts.Pushed != nil {
			c.opts.Pushed(point, err)
		}
		pause := c.opts.Every
		if err != nil {
			pause = backOff(failed, err)
			failed++
		} else {
			failed = 0
		}
		timer.Reset(pause)
	}
}

// backOff is the pause after a number of failures before this one: between half and all of a time that doubles, so that
// shops do not come back together.
func backOff(failures int, err error) time.Duration {
	pause := min(maxPause, minPause<<min(failures, 20))
	pause = pause/2 + rand.N(pause/2)
	var later *laterError
	if errors.As(err, &later) {
		pause = max(pause, min(later.wait, maxPause))
	}
	return pause
}

// ledgerSource is a ledger as source.
type ledgerSource struct {
	l *ledger.Ledger
	tlog.HashReader
}

func (s ledgerSource) fill(ctx context.Context, p *entryPackage) error {
	for i := p.start; i < p.end; i++ {
		r, err := s.l.Read(ctx, i)
		if err != nil {
			return err
		}
		p.add(r.Data)
	}
	return nil
}

// httpPort sends requests over the line.
type httpPort struct{ c *Client }

// maxAnswer is more than any answer has.
const maxAnswer = 64 << 10

func (h httpPort) post(ctx context.Context, request string, body []byte) (*answer, error) {
	kind := kindText
	var encoding string
	if request == addEntries {
		// tlog-mirror: "Clients MAY send Content-Encoding: gzip without prior knowledge of the mirror's capabilities."
		kind, encoding = "application/octet-stream", "gzip"
		var z bytes.Buffer
		w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err = w.Write(body); err == nil {
			err = w.Close()
		}
		if err != nil {
			return nil, err
		}
		body = z.Bytes()
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, h.c.url+"/"+request, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", kind)
	q.Header.Set("User-Agent", "dauvet")
	if encoding != "" {
		q.Header.Set("Content-Encoding", encoding)
	}
	res, err := h.c.opts.HTTP.Do(q)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode, kind: res.Header.Get("Content-Type")}
	if a.body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer)); err != nil {
		return nil, err
	}
	if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && n > 0 {
		a.retry = time.Duration(min(n, 86400)) * time.Second
	}
	return a, nil
}
