package epcis

import (
	"io"
	"iter"

	"github.com/dauvet/dauvet/trace"
)

// result is an event of a stream, or what is wrong with it.
type result struct {
	e   *trace.Event
	err error
}

// eventsAhead is events, in a goroutine of its own and some events ahead. The goroutine has ended when the loop has.
func (d *Decoder) eventsAhead() iter.Seq2[*trace.Event, error] {
	const some, someText = 32, 64 << 10
	return func(yield func(*trace.Event, error) bool) {
		batches, stop := make(chan []result, 1), make(chan struct{})
		go func() {
			defer close(batches)
			var batch []result
			var begin int64
			send := func() bool {
				select {
				case batches <- batch:
					batch, begin = nil, d.in.offset()
					return true
				case <-stop:
					return false
				}
			}
			for e, err := range d.events() {
				batch = append(batch, result{e, err})
				if (len(batch) == some || err != nil || d.in.offset()-begin > someText) && !send() {
					return
				}
			}
			send()
		}()
		defer func() {
			close(stop)
			for range batches { // until the goroutine has ended
			}
			d.text.close()
		}()
		for batch := range batches {
			for _, r := range batch {
				if !yield(r.e, r.err) {
					return
				}
			}
		}
	}
}

// readerAhead reads from a stream in a goroutine of its own, some blocks ahead: unpacking takes about as long as
// decoding what was packed.
type readerAhead struct {
	r      io.Reader
	blocks chan block // nil before the first Read
	free   chan []byte
	stop   chan struct{}
	now    block
}

// block is a piece of a stream, and the error that came with it.
type block struct {
	p   []byte // what is left of it
	buf []byte
	err error
}

func newReaderAhead(r io.Reader) *readerAhead { return &readerAhead{r: r} }

// start begins to read.
func (a *readerAhead) start() {
	const some, size = 4, 64 << 10
	blocks, free, stop := make(chan block, some), make(chan []byte, some), make(chan struct{})
	for range some {
		free <- make([]byte, size)
	}
	go func() {
		defer close(blocks)
		for {
			select {
			case buf := <-free:
				n, err := a.r.Read(buf)
				blocks <- block{p: buf[:n], buf: buf, err: err}
				if err != nil {
					return
				}
			case <-stop:
				return
			}
		}
	}()
	a.blocks, a.free, a.stop = blocks, free, stop
}

// Read implements io.Reader. After close there is nothing to read.
func (a *readerAhead) Read(p []byte) (int, error) {
	if a.blocks == nil {
		a.start()
	}
	if len(a.now.p) == 0 && a.now.err == nil {
		if a.now.buf != nil {
			a.free <- a.now.buf
		}
		next, ok := <-a.blocks
		if !ok {
			next.err = io.EOF
		}
		a.now = next
	}
	n := copy(p, a.now.p)
	if a.now.p = a.now.p[n:]; len(a.now.p) == 0 {
		return n, a.now.err
	}
	return n, nil
}

// close ends the goroutine, which may have to wait for its Read.
func (a *readerAhead) close() {
	switch {
	case a.blocks == nil:
		a.blocks = make(chan block)
		close(a.blocks)
	case a.stop != nil:
		close(a.stop)
		a.stop = nil
	}
	for range a.blocks {
	}
}
