package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// progress tells how far the work is, from several goroutines.
type progress struct {
	mu   sync.Mutex
	w    io.Writer
	last time.Time
}

// tell writes a line, unless it wrote another one less than a second ago.
func (p *progress) tell(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.last) > time.Second {
		p.last = time.Now()
		fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// complain writes a line.
func (p *progress) complain(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, format+"\n", args...)
}

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
	if info, err := f.Stat(); err == nil {
		in.size = info.Size()
	}
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
	size, read int64
	progress   *progress
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.File.Read(b)
	if c.read += int64(n); c.size > 0 {
		c.progress.tell("%s: %d %% …", c.Name(), 100*c.read/c.size)
	}
	return n, err
}
