package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"io"
	"os"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// capture records the events of a file. Those that cannot be read are named and left out, or with rollback none is
// recorded.
func capture(ctx context.Context, repo *trace.Repository, name string, rollback bool, p *progress) (epcis.Captured, error) {
	opts := &epcis.CaptureOptions{
		ErrorBehaviour: epcis.Proceed,
		Refused:        func(err *epcis.DecodeError) { p.complain("%s: left out: %v", name, err) },
	}
	if rollback {
		opts.ErrorBehaviour = epcis.Rollback
	}
	return epcis.Capture(ctx, repo, func() (io.ReadCloser, error) { return openInput(name, p) }, opts)
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
