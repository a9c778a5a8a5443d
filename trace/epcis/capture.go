package epcis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/dauvet/dauvet/trace"
)

// ErrorBehaviour says what becomes of the good events of a stream that has bad ones. The values are those of the header
// GS1-Capture-Error-Behaviour (EPCIS 2.0, 8.2.6).
type ErrorBehaviour string

const (
	// Rollback captures all events of a stream or none. It is the default.
	Rollback ErrorBehaviour = "rollback"
	// Proceed captures the good events, and leaves out those that are not valid.
	Proceed ErrorBehaviour = "proceed"
)

// CaptureOptions are what Capture can be told. Nil and the zero value are the defaults.
type CaptureOptions struct {
	// ErrorBehaviour is Rollback or Proceed. Empty means Rollback.
	ErrorBehaviour ErrorBehaviour
	// MaxEvent bounds one event; see DecoderOptions.
	MaxEvent int
	// Refused is told of each event that Proceed leaves out. Nil means that they are only counted.
	Refused func(*DecodeError)
}

// Captured counts the events of a stream.
type Captured struct {
	Events  int // that are recorded now, some perhaps before
	Refused int // that Proceed left out
}

// Capture records the events of a stream in a repository, as [trace.Repository.Import] does, in memory that does not
// depend on the length of the stream: reading, decoding and recording go on at the same time. The function open opens the
// stream; Rollback opens it twice, and reads it to its end before anything is recorded, so both have to give the same
// text. Capture closes what it opened.
//
// The error is a *[DecodeError] when Rollback met an event that is not valid, an error of the Decoder when the stream is
// broken or cut off, and otherwise one of the ledger or of open. After Proceed the events in front of the broken place are
// recorded. A ledger that fails, a full disk say, may leave part of a stream recorded under either behaviour: capturing
// the stream again records the rest, and nothing twice.
func Capture(ctx context.Context, repo *trace.Repository, open func() (io.ReadCloser, error), opts *CaptureOptions) (Captured, error) {
	c := &capture{ctx: ctx, open: open}
	if opts != nil {
		c.opts = *opts
	}
	switch c.opts.ErrorBehaviour {
	case Proceed:
	case Rollback, "":
		for _, err := range c.events() {
			if err != nil {
				return Captured{}, err
			}
		}
	default:
		return Captured{}, fmt.Errorf("epcis: capture: neither rollback nor proceed: %q", c.opts.ErrorBehaviour)
	}
	var err error
	c.count.Events, err = repo.Import(ctx, func(yield func(*trace.Event, error) bool) {
		for e, err := range c.events() {
			if err != nil {
				c.failed = err
				return // Import records what came before
			}
			if !yield(e, nil) {
				return
			}
		}
	})
	if err == nil {
		err = c.failed
	}
	return c.count, err
}

// capture is a Capture under way.
type capture struct {
	ctx    context.Context
	open   func() (io.ReadCloser, error)
	opts   CaptureOptions
	count  Captured
	failed error // that ended the stream
}

// events yields the events that are to be recorded. The first error is the last.
func (c *capture) events() iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		in, err := c.open()
		if err != nil {
			yield(nil, fmt.Errorf("epcis: capture: %w", err))
			return
		}
		defer in.Close() // reading it has told what there is to tell
		for e, err := range NewDecoder(in, &DecoderOptions{MaxEvent: c.opts.MaxEvent, Ahead: true}).Events() {
			if bad, ok := errors.AsType[*DecodeError](err); ok && c.opts.ErrorBehaviour == Proceed {
				c.count.Refused++
				if c.opts.Refused != nil {
					c.opts.Refused(bad)
				}
				continue
			}
			if err == nil {
				err = c.ctx.Err()
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
