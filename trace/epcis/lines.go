package epcis

import (
	"errors"
	"io"
	"slices"
)

// errTooLong is returned when one event is longer than DecoderOptions.MaxEvent.
var errTooLong = errors.New("event too long")

// lines counts the lines of what is read through it, and stops at a limit.
type lines struct {
	r      io.Reader
	offset int64
	limit  int64
	done   int     // lines that ended before the first of breaks
	breaks []int64 // offsets behind the line ends that the decoder has not passed yet
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	if l.offset >= l.limit {
		return 0, errTooLong
	}
	if room := l.limit - l.offset; int64(len(p)) > room {
		p = p[:room]
	}
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\n' {
			l.breaks = append(l.breaks, l.offset+int64(i)+1)
		}
	}
	l.offset += int64(n)
	return n, err
}

// line returns the number of the line that an offset is in, from 1. Offsets have to ascend.
func (l *lines) line(offset int64) int {
	n := 0
	for n < len(l.breaks) && l.breaks[n] <= offset {
		n++
	}
	l.done += n
	l.breaks = slices.Delete(l.breaks, 0, n)
	return l.done + 1
}
