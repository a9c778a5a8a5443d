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

// collection is a ledger of everything that audits with the same folder have read.
type collection struct {
	*ledger.Ledger
	before int64 // entries of other audits; those behind are in the files of this one
}

// collect records all events in the ledger of the folder that the command line names; nil when it names none.
func (c *config) collect(ctx context.Context, in *inspector, p *progress) (_ *collection, err error) {
	if c.dir == "" {
		return nil, nil
	}
	l, err := badgerledger.Open(c.dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	before := l.Size()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		return nil, err
	}
	record := func(name string, events iter.Seq2[trace.Recorded, error]) error {
		_, err := repo.Import(ctx, func(yield func(*trace.Event, error) bool) {
			for rec, err := range events {
				if err == nil && rec.Event.Validate() == nil && !yield(rec.Event, nil) {
					return
				}
			}
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	for i, b := range in.bundles {
		if err := record(in.names[i], b.Events(ctx)); err != nil {
			return nil, err
		}
	}
	for _, name := range c.files {
		if isEvents(name) {
			if err := record(name, eventsOf(name, newProgress(io.Discard, 0))); err != nil {
				return nil, err
			}
		}
	}
	return &collection{l, before}, nil
}

// events returns what other audits have put into the ledger: what this one reads is judged as it is read.
func (c *collection) events(ctx context.Context) iter.Seq2[trace.Recorded, error] {
	return trace.DecodeRecords(func(yield func(ledger.Record, error) bool) {
		for index := range c.before {
			rec, err := c.Read(ctx, index)
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
