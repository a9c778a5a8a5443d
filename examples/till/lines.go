package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the length in bytes beyond which a request is refused. A delivery of 40,000 packs fits.
const maxLine = 4 << 20

// serve answers the lines of in on out, in their order, until an answer is the last or the input ends. Blank lines have
// no answer.
func serve(in io.Reader, out io.Writer, answer func(line []byte) ([]byte, bool)) error {
	r, w := newLines(in), bufio.NewWriter(out)
	for first := true; ; first = false {
		line, err := r.next()
		if errors.Is(err, io.EOF) {
			return w.Flush()
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return errors.Join(err, w.Flush())
		}
		if first {
			line = bytes.TrimPrefix(line, []byte("\ufeff")) // some writers begin a stream so
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var text []byte
		var last bool
		if err != nil {
			text = refuse(nil, err)
		} else {
			text, last = answer(line)
		}
		w.Write(text)
		w.WriteByte('\n') // the error is that of Flush
		if last || !r.pending() {
			if err := w.Flush(); err != nil || last {
				return err
			}
		}
	}
}

var errLongLine = errors.New("line is too long")

// lines divides a stream into lines.
type lines struct {
	r   *bufio.Reader
	buf []byte
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 16<<10)} }

// next returns the next line without its end, valid until the next call, or errLongLine after passing over one that is
// too long. A last line without end counts.
func (l *lines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxLine; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(l.buf) == 0 && !long):
			return nil, err
		case long:
			l.buf = nil
			return nil, errLongLine
		}
		line := bytes.TrimRight(l.buf, "\r\n")
		if cap(l.buf) > 64<<10 {
			l.buf = nil // not kept for the short ones to come
		}
		return line, nil
	}
}

// pending reports whether another line has arrived already: answers to lines that come together go together.
func (l *lines) pending() bool {
	ahead, _ := l.r.Peek(l.r.Buffered())
	return bytes.IndexByte(ahead, '\n') >= 0
}
