package epcis

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// errTooLong is returned when one event is longer than DecoderOptions.MaxEvent.
var errTooLong = errors.New("event too long")

// stream cuts JSON text into values without looking closely at what is in them; parse does that. It holds one value at
// a time.
type stream struct {
	r    io.Reader
	buf  []byte // buf[at:] has been read and not taken
	at   int
	gone int64 // bytes before buf
	max  int   // the longest value
	line int   // of buf[at], from 1
	err  error
}

func newStream(r io.Reader, max int) *stream {
	return &stream{r: r, buf: make([]byte, 0, 64<<10), max: max, line: 1}
}

// more reads on. It returns the error of the reader when nothing came.
func (s *stream) more() error {
	if s.err != nil {
		return s.err
	}
	if s.at > 0 && (s.at == len(s.buf) || len(s.buf) == cap(s.buf)) {
		s.gone += int64(s.at)
		n := copy(s.buf, s.buf[s.at:])
		s.buf, s.at = s.buf[:n], 0
	}
	if len(s.buf) == cap(s.buf) {
		if len(s.buf) > s.max {
			return errTooLong
		}
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		s.err = err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// offset returns how many bytes have been taken.
func (s *stream) offset() int64 { return s.gone + int64(s.at) }

// take passes over bytes that have been read.
func (s *stream) take(n int) []byte {
	b := s.buf[s.at : s.at+n]
	s.at += n
	s.line += bytes.Count(b, []byte{'\n'})
	return b
}

// peek skips white space and returns the byte that follows.
func (s *stream) peek() (byte, error) {
	for {
		for s.at < len(s.buf) {
			switch c := s.buf[s.at]; c {
			case '\n':
				s.line++
				s.at++
			case ' ', '\t', '\r':
				s.at++
			default:
				return c, nil
			}
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// accept takes one byte if it comes next.
func (s *stream) accept(want byte) (bool, error) {
	c, err := s.peek()
	if err == nil && c == want {
		s.at++
		return true, nil
	}
	return false, err
}

func (s *stream) expect(want byte) error {
	ok, err := s.accept(want)
	if err == nil && !ok {
		err = errSyntax
	}
	return err
}

// raw takes the next value. It is valid until the next call of the stream.
func (s *stream) raw() ([]byte, error) {
	n, err := s.measure(s.max)
	if err != nil {
		return nil, err
	}
	return s.take(n), nil
}

// ahead returns the next value without taking it, if it can be had and is not long.
func (s *stream) ahead() ([]byte, bool) {
	n, err := s.measure(min(s.max, cap(s.buf)/2))
	if err != nil {
		return nil, false
	}
	return s.buf[s.at : s.at+n], true
}

// measure returns the length of the next value, which then is in the buffer. One of more than max bytes is an error.
func (s *stream) measure(max int) (int, error) {
	c, err := s.peek()
	if err != nil {
		return 0, err
	}
	depth, n := 0, 0
	for {
		if n > max {
			return 0, errTooLong
		}
		if s.at+n == len(s.buf) {
			if err := s.more(); err != nil {
				if err == io.EOF && depth == 0 && c != '"' && c != '{' && c != '[' && n > 0 {
					return n, nil // a number or word at the end
				}
				return 0, err
			}
		}
		switch s.buf[s.at+n] {
		case '"':
			if n, err = s.quoted(n, max); err != nil {
				return 0, err
			}
			if depth == 0 {
				return n, nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return n + 1, nil
			}
			if depth < 0 {
				if n == 0 {
					return 0, errSyntax
				}
				return n, nil // a number or word before the end of what holds it
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				if n == 0 {
					return 0, errSyntax
				}
				return n, nil
			}
		}
		n++
	}
}

// quoted returns where the string ends that begins n bytes ahead.
func (s *stream) quoted(n, max int) (int, error) {
	n++
	quote, found := n, false // the next quotation mark; when there is none, the end of what has been read
	for {
		text := s.buf[s.at:]
		if !found || quote < n {
			from := quote
			if from < n {
				from = n
			}
			i := bytes.IndexByte(text[from:], '"')
			if found = i >= 0; !found {
				i = len(text) - from
			}
			quote = from + i
		}
		switch i := bytes.IndexByte(text[n:quote], '\\'); {
		case i >= 0 && n+i+1 < len(text):
			n += i + 2 // whatever is escaped, it does not end the string
			continue
		case i >= 0:
			n += i
		case found:
			return quote + 1, nil
		default:
			n = quote
		}
		if n > max {
			return n, errTooLong
		}
		if err := s.more(); err != nil {
			return n, err
		}
	}
}

// members takes an object. f has to take the value of each member.
func (s *stream) members(f func(name string) error) error {
	if err := s.expect('{'); err != nil {
		return err
	}
	if done, err := s.accept('}'); done || err != nil {
		return err
	}
	for {
		if c, err := s.peek(); err != nil || c != '"' {
			return orSyntax(err)
		}
		raw, err := s.raw()
		if err != nil {
			return err
		}
		p := parser{data: raw}
		name, err := p.text()
		if err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		if err := f(name); err != nil {
			return err
		}
		if done, err := s.accept('}'); done || err != nil {
			return err
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
}

// elements takes an array. f has to take each element.
func (s *stream) elements(f func() error) error {
	if err := s.expect('['); err != nil {
		return err
	}
	if done, err := s.accept(']'); done || err != nil {
		return err
	}
	for {
		if err := f(); err != nil {
			return err
		}
		if done, err := s.accept(']'); done || err != nil {
			return err
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
}

func orSyntax(err error) error {
	if err == nil {
		err = errSyntax
	}
	return err
}

// isPlain reports whether the text of a JSON string may be taken as it is: no escape, no control character, and UTF-8.
func isPlain(b []byte) bool {
	var any byte
	for _, c := range b {
		if c < 0x20 || c == '\\' {
			return false
		}
		any |= c
	}
	return any < utf8.RuneSelf || utf8.Valid(b)
}

// isNumber reports whether b is a number as JSON writes it (RFC 8259, 6).
func isNumber(b []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(b) && '0' <= b[n] && b[n] <= '9' {
			n++
		}
		b = b[n:]
		return n > 0
	}
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) > 1 && b[0] == '0' && '0' <= b[1] && b[1] <= '9' || !digits() {
		return false
	}
	if len(b) > 0 && b[0] == '.' {
		if b = b[1:]; !digits() {
			return false
		}
	}
	if len(b) > 0 && (b[0] == 'e' || b[0] == 'E') {
		if b = b[1:]; len(b) > 0 && (b[0] == '+' || b[0] == '-') {
			b = b[1:]
		}
		if !digits() {
			return false
		}
	}
	return len(b) == 0
}
