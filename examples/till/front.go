package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// front answers the requests of one shop program. It owns the ledger, or asks the process that does, and takes the
// ledger over when that one ends.
type front struct {
	dir     string
	station *station
	now     func() time.Time // nil is time.Now
	log     *slog.Logger
	// patience is how long to wait for one who has the ledger locked to say where he can be asked: he may be busy
	// repairing it. 0 is 5 s. It has an end when it was in vain once.
	patience time.Duration
	inVain   bool

	// At most one of these is set.
	owner *owner
	peer  *peer
}

// start opens a ledger that is there. What goes wrong is told with the first request that needs it.
func (f *front) start(ctx context.Context) {
	if _, err := os.Stat(filepath.Join(f.dir, "head")); err != nil {
		return // there is none, and the first request may be to restore one
	}
	if err := f.connect(ctx); err != nil {
		f.log.Warn("open ledger", "error", err)
	}
}

// answer answers a request. last is true after quit.
func (f *front) answer(ctx context.Context, line []byte) (text []byte, last bool) {
	h, err := parseHead(line)
	if err != nil {
		return refuse(h.ID, err), false
	}
	switch h.Op {
	case "quit":
		_, err := decode[plainRequest](line)
		return answerWith(h.ID, struct{}{}, err), err == nil
	case "scan":
		q, err := decode[scanRequest](line)
		if err != nil {
			return refuse(h.ID, err), false
		}
		result, err := f.station.scan(q)
		return answerWith(h.ID, result, err), false
	case "restore":
		result, err := f.restore(ctx, line)
		return answerWith(h.ID, result, err), false
	}
	op, known := operations[h.Op]
	if !known {
		return refuse(h.ID, &trace.FieldError{Field: "op", Err: errUnknownOp}), false
	}
	return f.pass(ctx, op, h, line), false
}

// pass gives a request to the owner of the ledger. One who ends without an answer is replaced, at most twice for a
// request: it may be the reason.
func (f *front) pass(ctx context.Context, op operation, h head, line []byte) []byte {
	for range 3 {
		if err := f.connect(ctx); err != nil {
			return refuse(h.ID, err)
		}
		if f.owner != nil {
			return f.owner.answer(ctx, f.station, h, line)
		}
		text, err := f.peer.ask(line)
		if err == nil {
			return text
		}
		f.peer.close()
		f.peer = nil
		if op.writes && !errors.Is(err, errNotBegun) {
			break // perhaps it was done
		}
	}
	return refuse(h.ID, errOwnerGone)
}

// connect opens the ledger, or finds who has it open.
func (f *front) connect(ctx context.Context) (err error) {
	if f.owner != nil || f.peer != nil {
		return nil
	}
	now := f.now
	if now == nil {
		now = time.Now
	}
	end := time.Now()
	if !f.inVain {
		end = end.Add(cmp.Or(f.patience, 5*time.Second))
	}
	defer func() { f.inVain = err != nil }()
	for {
		f.owner, err = own(ctx, f.dir, f.options(), now)
		if !errors.Is(err, ledger.ErrLocked) {
			return err
		}
		var unanswered error
		if f.peer, unanswered = ask(addressFile(f.dir), f.station); unanswered == nil {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w, and its owner cannot be asked: %w", err, unanswered)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (f *front) options() *ledger.Options {
	return &ledger.Options{Index: trace.Index, Logger: f.log}
}

// restore makes the ledger of a backup, and opens it.
func (f *front) restore(ctx context.Context, line []byte) (any, error) {
	q, err := decode[restoreRequest](line)
	if err != nil {
		return nil, err
	}
	if f.owner != nil || f.peer != nil {
		return nil, errNotEmpty
	}
	if err := restore(ctx, f.dir, q, f.options()); err != nil {
		return nil, err
	}
	if err := f.connect(ctx); err != nil {
		return nil, err
	}
	if f.owner == nil {
		return nil, ledger.ErrLocked // somebody was quicker
	}
	return f.owner.state(f.owner.ledger.Size()), nil
}

func (f *front) close() error {
	switch {
	case f.owner != nil:
		return f.owner.close()
	case f.peer != nil:
		f.peer.close()
	}
	return nil
}

// peer is the owner of the ledger in another process.
type peer struct {
	conn    net.Conn
	answers chan []byte // closed after err is set
	err     error
}

// errNotBegun says that the owner ended before it began the request.
var errNotBegun = errors.New("the owner of the ledger ended")

// ask greets the owner whose address is in a file.
func ask(file string, s *station) (_ *peer, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parts := strings.Fields(string(text))
	if len(parts) != 3 || !bytes.HasSuffix(text, []byte("\n")) {
		return nil, fmt.Errorf("%s: not whole", file)
	}
	if host, _, err := net.SplitHostPort(parts[0]); err != nil || host != "127.0.0.1" {
		return nil, fmt.Errorf("%s: no address of this computer", file)
	}
	c, err := net.DialTimeout("tcp4", parts[0], greeting)
	if err != nil {
		return nil, err
	}
	p := &peer{conn: c, answers: make(chan []byte, 1)}
	go p.listen()
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	first, err := json.Marshal(hello{parts[1], *s})
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Now().Add(greeting)); err != nil {
		return nil, err
	}
	reply, err := p.ask(first)
	if err != nil {
		return nil, err
	}
	if string(reply) != parts[2] {
		return nil, fmt.Errorf("%s: another program answers", file)
	}
	return p, c.SetDeadline(time.Time{})
}

// listen hears of the end of the owner also while nothing is asked.
func (p *peer) listen() {
	defer close(p.answers)
	defer p.conn.Close()
	r := bufio.NewReader(p.conn)
	for {
		text, err := r.ReadBytes('\n')
		if err != nil {
			p.err = err
			return
		}
		if text = bytes.TrimSuffix(text, []byte("\n")); string(text) == goodbye {
			p.err = errNotBegun
			return
		}
		p.answers <- text
	}
}

// ask sends a line and returns the answer.
func (p *peer) ask(line []byte) ([]byte, error) {
	_, err := p.conn.Write(append(bytes.Clone(line), '\n'))
	if errors.Is(err, net.ErrClosed) {
		return nil, errNotBegun // nothing was sent
	}
	if err != nil {
		p.conn.Close()
	}
	text, ok := <-p.answers
	if !ok {
		return nil, p.err
	}
	return text, nil
}

func (p *peer) close() {
	p.conn.Close()
	for range p.answers { // until listen has ended
	}
}
