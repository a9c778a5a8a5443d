package scanner

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

const (
	bufferSize  = 16 << 10
	defaultIdle = 200 * time.Millisecond
)

// A Reader divides the bytes of one device into scans and interprets them. It
// is for one goroutine; several devices have a Reader each, see [Merge].
type Reader struct {
	src io.Reader
	p   *Profile
	in  interpreter

	buf       []byte
	from, to  int  // unread bytes of buf
	looked    int  // bytes behind from without the end of a scan
	ended     bool // a suffix has been seen
	skipping  bool // the rest of a scan that was too long
	err       error
	underWay  chan readResult // a Read that goes on in a goroutine, or nil
	asyncBuf  []byte
	arena     strings.Builder // where scans live, many to an allocation
	elements  []gs1.Element   // where messages live
	last      Reading         // where the scan in hand is interpreted
	idleReads int             // reads in a row without bytes
}

type readResult struct {
	n   int
	err error
}

// NewReader returns a Reader of the scans in r, which may be a serial line, a
// connection, a file or standard input. Nothing is read before the first Next.
// The profile may be nil.
func NewReader(r io.Reader, p *Profile) *Reader {
	if p == nil {
		p = &factory
	}
	return &Reader{src: r, p: p, in: interpreter{p: p}, buf: make([]byte, max(bufferSize, p.maxLength()+bufferSize/4))}
}

// Next returns the next scan. A scan of which nothing can be made is a Reading
// with Err, not an error: the error is that of the underlying reader (io.EOF at
// its end) or of ctx. After an error of ctx the Reader can go on: a Read that
// was under way is not lost. It ends with the underlying reader, which should
// be closed when the Reader is given up.
//
// Empty scans are skipped. What remains at the end of input is a scan of its
// own, or [ErrHalf] when the device has ended scans with a suffix before.
func (r *Reader) Next(ctx context.Context) (Reading, error) {
	for {
		if err := ctx.Err(); err != nil {
			return Reading{}, err
		}
		if scan, kind, ok := r.frame(); ok {
			if reading, some := r.reading(scan, kind); some {
				return reading, nil
			}
			continue
		}
		if r.err != nil {
			if rest := r.rest(); len(rest) > 0 {
				var kind error
				if (r.ended || r.p.Suffix != "") && r.p.Idle <= 0 {
					kind = ErrHalf
				}
				if reading, some := r.reading(rest, kind); some {
					return reading, nil
				}
			}
			return Reading{}, r.err
		}
		idle, err := r.fill(ctx)
		if err != nil {
			return Reading{}, err
		}
		if idle {
			if rest := r.rest(); len(rest) > 0 {
				if reading, some := r.reading(rest, nil); some {
					return reading, nil
				}
			}
		}
	}
}

// All returns the scans up to the end of input. The last pair has the error
// that ended them, unless that was io.EOF.
func (r *Reader) All(ctx context.Context) iter.Seq2[Reading, error] {
	return func(yield func(Reading, error) bool) {
		for {
			reading, err := r.Next(ctx)
			if err == io.EOF || !yield(reading, err) || err != nil {
				return
			}
		}
	}
}

// Merge returns the scans of several devices as they come; Reading.Device tells
// them apart. It ends when all have ended, or with ctx. A device that fails
// yields its error once.
func Merge(ctx context.Context, readers ...*Reader) iter.Seq2[Reading, error] {
	type item struct {
		reading Reading
		err     error
	}
	return func(yield func(Reading, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		items := make(chan item)
		var running sync.WaitGroup
		for _, r := range readers {
			running.Go(func() {
				for reading, err := range r.All(ctx) {
					select {
					case items <- item{reading, err}:
					case <-ctx.Done():
						return
					}
				}
			})
		}
		go func() {
			running.Wait()
			close(items)
		}()
		defer running.Wait()
		defer cancel()
		for i := range items {
			if !yield(i.reading, i.err) {
				return
			}
		}
	}
}

// frame takes one scan off the buffer. The kind is ErrTooLong or ErrHalf when
// the bytes are no whole scan.
func (r *Reader) frame() (scan []byte, kind error, ok bool) {
	data := r.buf[r.from:r.to]
	end, after := r.endOf(data)
	if end < 0 {
		r.looked = max(0, len(data)-len(r.p.Suffix))
		if r.skipping {
			r.from, r.looked = r.to-min(len(data), len(r.p.Suffix)), 0
			return nil, nil, false
		}
		if len(data) <= r.p.maxLength() {
			return nil, nil, false
		}
		r.skipping = true
		r.from, r.looked = r.to, 0
		return data[:r.p.shown()], ErrTooLong, true
	}
	scan = data[:end]
	if !r.skipping {
		if start := r.startOf(scan); start > 0 { // another scan began before this one ended
			r.from += start
			r.looked = 0
			return scan[:start], ErrHalf, true
		}
	}
	r.from += after
	r.looked = 0
	r.ended = true
	if r.skipping {
		r.skipping = false
		return nil, nil, true
	}
	if len(scan) > r.p.maxLength() {
		return scan[:r.p.shown()], ErrTooLong, true
	}
	return scan, nil, true
}

// endOf returns the length of the first scan and the offset of the next one.
func (r *Reader) endOf(data []byte) (end, after int) {
	if s := r.p.Suffix; s != "" {
		if i := bytes.Index(data[r.looked:], []byte(s)); i >= 0 {
			return r.looked + i, r.looked + i + len(s)
		}
		return -1, 0
	}
	for i := r.looked; i < len(data); i++ {
		if c := data[i]; c <= '\r' && endsScan(c) {
			return i, i + 1
		}
	}
	return -1, 0
}

// endsScan reports whether a character ends scans in factory settings.
func endsScan(c byte) bool {
	switch c {
	case '\r', '\n', '\t', 0x03, 0x04:
		return true
	}
	return false
}

// startOf returns the offset of a prefix within a scan, 0 when there is none.
func (r *Reader) startOf(scan []byte) int {
	prefix := r.p.Prefix
	if prefix == "" {
		prefix = "\x02"
	} else if len(prefix) == 1 && prefix[0] > ' ' {
		return 0 // may be data
	}
	if i := bytes.LastIndex(scan, []byte(prefix)); i > 0 && !allBlank(scan[:i]) {
		return i
	}
	return 0
}

// rest takes everything off the buffer.
func (r *Reader) rest() []byte {
	rest := r.buf[r.from:r.to]
	r.from, r.looked = r.to, 0
	if r.skipping {
		r.skipping = false
		return nil
	}
	return rest
}

// reading interprets a scan, and reports false when it is empty.
func (r *Reader) reading(scan []byte, kind error) (Reading, bool) {
	scan = bytes.TrimPrefix(scan, []byte(r.p.Prefix))
	if allBlank(scan) {
		return Reading{}, false
	}
	raw := r.keep(scan)
	if kind != nil {
		return Reading{Raw: raw, Device: r.p.Device, Err: &Error{Kind: kind}}, true
	}
	if cap(r.elements)-len(r.elements) < 8 {
		r.elements = make([]gs1.Element, 0, 64)
	}
	n := len(r.elements)
	reading := &r.last
	*reading = Reading{Raw: raw, Device: r.p.Device}
	reading.Message.Elements = r.elements[n:]
	r.in.interpret(raw, reading)
	if m := len(reading.Message.Elements); reading.Certain && m <= cap(r.elements)-n {
		r.elements = r.elements[:n+m]
		reading.Message.Elements = reading.Message.Elements[:m:m]
	}
	return *reading, true
}

// keep returns the bytes as a string. Strings share allocations of a few
// kilobytes, which live as long as one of them.
func (r *Reader) keep(scan []byte) string {
	if r.arena.Cap()-r.arena.Len() < len(scan) {
		r.arena = strings.Builder{}
		r.arena.Grow(max(4096, len(scan)))
	}
	n := r.arena.Len()
	r.arena.Write(scan)
	return r.arena.String()[n:]
}

// fill reads more bytes. It reports idle when the silence was long enough to
// end a scan; r.err keeps an error of the reader, the returned error is that of
// ctx.
func (r *Reader) fill(ctx context.Context) (idle bool, err error) {
	if r.from == r.to {
		r.from, r.to = 0, 0
	} else if len(r.buf)-r.to < bufferSize/8 {
		r.to = copy(r.buf, r.buf[r.from:r.to])
		r.from = 0
	}
	wait := r.silence()
	if r.underWay == nil && wait == 0 && ctx.Done() == nil {
		n, err := r.src.Read(r.buf[r.to:])
		r.take(n, err)
		return false, nil
	}
	if r.underWay == nil {
		if r.asyncBuf == nil {
			r.asyncBuf = make([]byte, bufferSize/8)
		}
		results := make(chan readResult, 1)
		r.underWay = results
		go func(b []byte) {
			n, err := r.src.Read(b)
			results <- readResult{n, err}
		}(r.asyncBuf)
	}
	var silent <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		silent = timer.C
	}
	select {
	case res := <-r.underWay:
		r.underWay = nil
		r.take(copy(r.buf[r.to:], r.asyncBuf[:max(0, res.n)]), res.err)
		return false, nil
	case <-silent:
		return true, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// take accounts for bytes that were read. A reader that returns neither bytes
// nor an error a hundred times is broken.
func (r *Reader) take(n int, err error) {
	r.to += max(0, n)
	r.err = err
	if n > 0 || err != nil {
		r.idleReads = 0
	} else if r.idleReads++; r.idleReads >= 100 {
		r.err = io.ErrNoProgress
	}
}

// silence returns the silence that ends the scan in the buffer, 0 for none.
func (r *Reader) silence() time.Duration {
	switch {
	case r.from == r.to && !r.skipping || r.p.Idle < 0:
		return 0
	case r.p.Idle > 0:
		return r.p.Idle
	case r.ended || r.p.Suffix != "":
		return 0
	}
	return defaultIdle
}
