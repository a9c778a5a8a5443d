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
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// progress tells once a second how far the work is.
type progress struct {
	w           io.Writer
	last        time.Time
	events, bad int
}

func (p *progress) event() {
	p.events++
	if p.events%1024 == 0 && time.Since(p.last) > time.Second {
		p.last = time.Now()
		fmt.Fprintf(p.w, "%d events …\n", p.events)
	}
}

// capture records the events of a file.
func capture(ctx context.Context, repo *trace.Repository, name string, rollback bool, p *progress) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := plain(f)
	if err != nil {
		return err
	}
	_, err = repo.Import(ctx, events(in, name, rollback, p))
	return err
}

// plain unpacks what is compressed, whatever the file is called.
func plain(f io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(f, 1<<16)
	if magic, _ := in.Peek(2); string(magic) == "\x1f\x8b" {
		return gzip.NewReader(in)
	}
	return in, nil
}

// events yields the events of a stream. One that cannot be read is reported and left out, or ends the stream.
func events(in io.Reader, name string, rollback bool, p *progress) iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		for e, err := range epcis.NewDecoder(in, nil).Events() {
			var bad *epcis.DecodeError
			if errors.As(err, &bad) && !rollback {
				p.bad++
				fmt.Fprintf(p.w, "%s: left out: %v\n", name, err)
				continue
			}
			p.event()
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
