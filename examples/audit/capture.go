package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"sync"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// eventsOf reads the events of a file. Those that cannot be read are named.
func eventsOf(name string, p *progress) iter.Seq2[trace.Recorded, error] {
	return func(yield func(trace.Recorded, error) bool) {
		f, err := openInput(name, p)
		if err != nil {
			yield(trace.Recorded{Index: -1}, err)
			return
		}
		defer f.Close()
		n := int64(-1)
		for e, err := range epcis.NewDecoder(f, &epcis.DecoderOptions{Ahead: true}).Events() {
			n++
			rec := trace.Recorded{Index: n, Event: e}
			switch _, one := errors.AsType[*epcis.DecodeError](err); {
			case err == nil:
				if e := e.Validate(); e != nil {
					p.complain("%s: left out: event %d: %v", name, n, e)
				}
			case one:
				p.complain("%s: left out: %v", name, err)
			default:
				rec.Index = -1
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// readable returns the first error in a file of events.
func readable(name string) error {
	for rec, err := range eventsOf(name, newProgress(io.Discard, 0)) {
		if err == nil {
			err = rec.Event.Validate()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collection is a ledger of the events of many parties: of one audit, or of all with the same folder.
type collection struct {
	*ledger.Ledger
	repo   *trace.Repository
	before int64  // entries of other audits; those behind are in the files of this one
	work   string // folder to remove; empty: the ledger stays

	mu     sync.Mutex
	failed error // the first error of capture
}

// collect opens the ledger into which events are captured: that of the folder on the command line, which takes evidence too,
// or else one that lasts as long as the audit. It returns nil when there is nothing to capture: evidence is in ledgers already.
func (c *config) collect(ctx context.Context) (_ *collection, err error) {
	k := &collection{}
	dir := c.dir
	if dir == "" {
		if !slices.ContainsFunc(c.files, isEvents) {
			return nil, nil
		}
		if dir, err = os.MkdirTemp("", "audit"); err != nil {
			return nil, err
		}
		k.work = dir
	}
	if k.Ledger, err = badgerledger.Open(dir, &ledger.Options{Index: trace.Index}); err == nil {
		k.before = k.Size()
		k.repo, err = trace.Open(ctx, k.Ledger, nil)
	}
	if err != nil {
		k.close()
		return nil, err
	}
	return k, nil
}

// close closes the ledger, and removes it when it was made for one audit. Nil is none.
func (k *collection) close() (err error) {
	if k == nil {
		return nil
	}
	if k.Ledger != nil {
		err = k.Ledger.Close()
	}
	if k.work != "" {
		err = errors.Join(err, os.RemoveAll(k.work))
	}
	return err
}

// capture passes the events of a file on, and captures those that are valid meanwhile.
func (k *collection) capture(ctx context.Context, name string, events iter.Seq2[trace.Recorded, error]) iter.Seq2[trace.Recorded, error] {
	return func(yield func(trace.Recorded, error) bool) {
		const ahead = 64 // events
		valid, done := make(chan *trace.Event, ahead), make(chan struct{})
		go func() {
			defer close(done)
			_, err := k.repo.Import(ctx, func(yield func(*trace.Event, error) bool) {
				for e := range valid {
					if !yield(e, nil) {
						return
					}
				}
			})
			if err != nil {
				k.fail(fmt.Errorf("%s: %w", name, err))
			}
			for range valid { // nobody waits for a ledger that has failed
			}
		}()
		defer func() {
			close(valid)
			<-done
		}()
		for rec, err := range events {
			if err == nil && rec.Event.Validate() == nil {
				valid <- rec.Event
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// all captures events that are read elsewhere.
func (k *collection) all(ctx context.Context, name string, events iter.Seq2[trace.Recorded, error]) {
	for range k.capture(ctx, name, events) {
	}
}

func (k *collection) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed == nil {
		k.failed = err
	}
}

// events returns what other audits have put into the ledger: what this one reads is judged as it is read.
func (k *collection) events(ctx context.Context) iter.Seq2[trace.Recorded, error] {
	return trace.DecodeRecords(func(yield func(ledger.Record, error) bool) {
		for index := range k.before {
			rec, err := k.Read(ctx, index)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	})
}

// input is a file of events, unpacked.
type input struct {
	io.Reader
	file *counted
}

// Close implements io.Closer.
func (in input) Close() error { return in.file.Close() }

// openInput opens a file, and unpacks it if it is compressed, whatever it is called.
func openInput(name string, p *progress) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	in := &counted{File: f, progress: p}
	text := bufio.NewReaderSize(in, 1<<16)
	if magic, _ := text.Peek(2); string(magic) != "\x1f\x8b" {
		return input{text, in}, nil
	}
	unpacked, err := gzip.NewReader(text)
	if err != nil {
		f.Close()
		return nil, err
	}
	return input{unpacked, in}, nil
}

// counted is a file that tells how much of it has been read.
type counted struct {
	*os.File
	progress *progress
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	c.progress.add(c.Name(), int64(n))
	return n, err
}
