package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// till answers requests on an open ledger. It may be asked by several goroutines at once.
type till struct {
	ledger *ledger.Ledger
	repo   *trace.Repository
	now    func() time.Time
	clock  clock
}

// answer answers a request whose op is among operations.
func (t *till) answer(ctx context.Context, s *station, h head, line []byte) []byte {
	result, err := operations[h.Op].do(ctx, t, s, line)
	return answerWith(h.ID, result, err)
}

// owner has the ledger open and answers the tills of other processes, which find its address in a file beside the
// ledger:
//
//	127.0.0.1:PORT ASK REPLY
//
// It listens on the loopback interface only, and both sides know the file, which only its user can read: who connects
// sends ASK with its station, and the owner sends REPLY. A till that meets another program on the port of a crashed
// owner so notices. Then requests and answers go line by line. When the owner ends in good order it sends goodbye
// instead of an answer: the requests that it did not answer it did not begin.
type owner struct {
	till
	file       string
	ask, reply string
	listener   net.Listener
	ended      sync.WaitGroup // of the goroutines

	mu     sync.Mutex
	peers  map[net.Conn]bool
	ending bool
}

// hello is the first line that an asking till sends.
type hello struct {
	Ask string `json:"ask"`
	station
}

const (
	goodbye = "goodbye"
	// greeting is how long either side waits for the first line of the other.
	greeting = 5 * time.Second
)

// addressFile is where the owner of the ledger in dir says how to ask it.
func addressFile(dir string) string { return dir + ".till" }

// own opens the ledger, or makes it, and begins to listen. The error is [ledger.ErrLocked] when another has it open.
func own(ctx context.Context, dir string, opts *ledger.Options, now func() time.Time) (_ *owner, err error) {
	l, err := badgerledger.Open(dir, opts)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	repo, err := trace.Open(ctx, l, &trace.Options{Now: now})
	if err != nil {
		return nil, err
	}
	o := &owner{
		till: till{ledger: l, repo: repo, now: now},
		file: addressFile(dir), ask: rand.Text(), reply: rand.Text(), peers: make(map[net.Conn]bool),
	}
	if o.listener, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if err := o.writeAddress(); err != nil {
		return nil, errors.Join(err, o.listener.Close())
	}
	o.ended.Go(func() { o.accept(ctx) })
	return o, nil
}

// writeAddress writes the file anew: one that a crashed owner left may belong to anybody.
func (o *owner) writeAddress() error {
	os.Remove(o.file) // an error is that of the next line, or of no account
	f, err := os.OpenFile(o.file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := f.Chmod(0o600); err != nil {
		return errors.Join(err, f.Close())
	}
	_, err = f.WriteString(o.listener.Addr().String() + " " + o.ask + " " + o.reply + "\n")
	return errors.Join(err, f.Close())
}

// close says goodbye to those who ask, and closes the ledger.
func (o *owner) close() error {
	o.mu.Lock()
	o.ending = true
	for c := range o.peers {
		c.SetReadDeadline(time.Now()) // ends the wait for the next request, and no answer
	}
	o.mu.Unlock()
	err := o.listener.Close()
	o.ended.Wait()
	os.Remove(o.file) // before the ledger is free for the next owner, who writes his own
	return errors.Join(err, o.ledger.Close())
}

func (o *owner) accept(ctx context.Context) {
	for {
		c, err := o.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(greeting / 100) // too many open files: perhaps not for long
			continue
		}
		o.mu.Lock()
		if o.ending {
			c.Close()
		} else {
			o.peers[c] = true
			o.ended.Go(func() { o.meet(ctx, c) })
		}
		o.mu.Unlock()
	}
}

// meet answers one asking till until either ends.
func (o *owner) meet(ctx context.Context, c net.Conn) {
	defer func() {
		o.mu.Lock()
		delete(o.peers, c)
		o.mu.Unlock()
		c.Close()
	}()
	r, w := newLines(c), bufio.NewWriter(c)
	say := func(line []byte) error {
		c.SetWriteDeadline(time.Now().Add(greeting)) // one who does not read holds up nobody's end
		w.Write(line)
		w.WriteByte('\n')
		return w.Flush()
	}
	if !o.setDeadline(c, time.Now().Add(greeting)) {
		return
	}
	line, err := r.next()
	if err != nil {
		return
	}
	var h hello
	if json.Unmarshal(line, &h) != nil || subtle.ConstantTimeCompare([]byte(h.Ask), []byte(o.ask)) != 1 {
		return
	}
	if say([]byte(o.reply)) != nil || !o.setDeadline(c, time.Time{}) {
		return
	}
	for {
		line, err := r.next()
		if err != nil { // also of a line that is too long: no till passes one on
			if errors.Is(err, os.ErrDeadlineExceeded) && say([]byte(goodbye)) == nil {
				// Closing on a request that is not read would take back the goodbye.
				c.SetReadDeadline(time.Now().Add(greeting / 10))
				io.Copy(io.Discard, c)
			}
			return
		}
		q, err := parseHead(line)
		if _, known := operations[q.Op]; err != nil || !known {
			return // no till passes such a line on
		}
		if say(o.answer(ctx, &h.station, q, line)) != nil {
			return
		}
	}
}

// setDeadline sets until when a request is awaited, unless the owner is about to end.
func (o *owner) setDeadline(c net.Conn, t time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !o.ending && c.SetReadDeadline(t) == nil
}
