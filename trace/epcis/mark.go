package epcis

import (
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// unmarked reads a stream without the byte order mark that editors on Windows put in front of a text. A mark of UTF-16
// turns what follows into UTF-8.
type unmarked struct {
	r     io.Reader
	begun bool
	text  []byte           // read, and not given yet
	order binary.ByteOrder // of UTF-16, nil for UTF-8
	raw   []byte           // UTF-16 that ends within a character
	err   error            // of r, when text has been given
}

// Read implements io.Reader.
func (u *unmarked) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		u.begin()
	}
	for len(u.text) == 0 && u.err == nil && u.order != nil && len(p) > 0 {
		u.wide()
	}
	switch {
	case len(u.text) > 0:
		n := copy(p, u.text)
		u.text = u.text[n:]
		return n, nil
	case u.err != nil:
		return 0, u.err
	}
	return u.r.Read(p)
}

// begin looks for a mark.
func (u *unmarked) begin() {
	b := make([]byte, 3)
	n, err := io.ReadFull(u.r, b)
	if u.err = err; errors.Is(err, io.ErrUnexpectedEOF) {
		u.err = io.EOF
	}
	switch b = b[:n]; {
	case string(b) == "\xef\xbb\xbf":
		return
	case n >= 2 && string(b[:2]) == "\xff\xfe":
		u.order, u.raw = binary.LittleEndian, b[2:]
	case n >= 2 && string(b[:2]) == "\xfe\xff":
		u.order, u.raw = binary.BigEndian, b[2:]
	default:
		u.text = b
	}
}

// wide reads some UTF-16. What is no character becomes U+FFFD.
func (u *unmarked) wide() {
	in := make([]byte, 8<<10)
	n := copy(in, u.raw) // three bytes at most
	m, err := u.r.Read(in[n:])
	in, u.err = in[:n+m], err
	for len(in) >= 2 {
		c, size := rune(u.order.Uint16(in)), 2
		if utf16.IsSurrogate(c) {
			if len(in) < 4 && err == nil {
				break
			}
			if len(in) >= 4 {
				if pair := utf16.DecodeRune(c, rune(u.order.Uint16(in[2:]))); pair != utf8.RuneError {
					c, size = pair, 4
				}
			}
		}
		u.text = utf8.AppendRune(u.text, c)
		in = in[size:]
	}
	if u.raw = in; err == io.EOF && len(in) > 0 {
		u.err = io.ErrUnexpectedEOF
	}
}
