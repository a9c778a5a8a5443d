package trace

import (
	"bytes"
	"errors"
	"math"

	"github.com/vmihailenco/msgpack/v5"
)

// This file is the only one that knows msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md).

var errTruncated = errors.New("truncated")

// encoder writes the map of an entry.
type encoder struct {
	buf   bytes.Buffer
	enc   *msgpack.Encoder
	pairs int
	err   error
}

func newEncoder() *encoder {
	w := &encoder{}
	w.enc = msgpack.NewEncoder(&w.buf)
	return w
}

// finish returns the version, the map's head and the pairs written so far.
func (w *encoder) finish(version byte) ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	out := bytes.NewBuffer(make([]byte, 0, w.buf.Len()+4))
	if version != 0 {
		out.WriteByte(version)
	}
	if err := msgpack.NewEncoder(out).EncodeMapLen(w.pairs); err != nil {
		return nil, err
	}
	out.Write(w.buf.Bytes())
	return out.Bytes(), nil
}

func (w *encoder) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *encoder) key(k int) {
	w.pairs++
	w.note(w.enc.EncodeUint(uint64(k)))
}

func (w *encoder) array(n int)  { w.note(w.enc.EncodeArrayLen(n)) }
func (w *encoder) int(n int64)  { w.note(w.enc.EncodeInt(n)) }
func (w *encoder) str(s string) { w.note(w.enc.EncodeString(s)) }
func (w *encoder) bin(b []byte) { w.note(w.enc.EncodeBytes(b)) }

// decoder reads the map of an entry. It is this package's own, because nine tenths of an audit are reading; the tests
// hold it against the library that writes. Of msgpack it takes what an entry has: integers, strings, binary, arrays and
// maps, each in any of its forms.
type decoder struct {
	data []byte
	at   int
	pool *pool // where texts come from; nil makes them anew
}

func newDecoder(data []byte) *decoder { return &decoder{data: data} }

// left returns how many bytes have not been read.
func (d *decoder) left() int { return len(d.data) - d.at }

// peek returns the byte that comes next, and 0xc1, which msgpack never uses, at the end.
func (d *decoder) peek() byte {
	if d.at < len(d.data) {
		return d.data[d.at]
	}
	return 0xc1
}

// isText reports whether a string comes next: fixstr, or str 8 to 32.
func (d *decoder) isText() bool {
	c := d.peek()
	return c&0xe0 == 0xa0 || 0xd9 <= c && c <= 0xdb
}

// isBinary reports whether binary comes next: bin 8 to 32.
func (d *decoder) isBinary() bool { return 0xc4 <= d.peek() && d.peek() <= 0xc6 }

// isPair reports whether an array of two comes next.
func (d *decoder) isPair() bool { return d.peek() == 0x92 }

// number reads the n bytes behind the head of a value, which hold a number in big endian order.
func (d *decoder) number(n int) (uint64, error) {
	if d.left() < 1+n {
		return 0, errTruncated
	}
	var v uint64
	for _, b := range d.data[d.at+1 : d.at+1+n] {
		v = v<<8 | uint64(b)
	}
	d.at += 1 + n
	return v, nil
}

// length reads a number as a length, which nothing that fits in an entry exceeds.
func (d *decoder) length(n int) (int, error) {
	v, err := d.number(n)
	if err == nil && v > uint64(len(d.data)) {
		err = errTruncated
	}
	return int(v), err
}

var errOtherKind = errors.New("a value of another kind")

// mapLen reads the head of a map: fixmap, map 16 or map 32.
func (d *decoder) mapLen() (int, error) {
	switch c := d.peek(); {
	case c&0xf0 == 0x80:
		d.at++
		return int(c & 0x0f), nil
	case c == 0xde:
		return d.length(2)
	case c == 0xdf:
		return d.length(4)
	}
	return 0, d.other()
}

// arrayLen reads the head of an array: fixarray, array 16 or array 32.
func (d *decoder) arrayLen() (int, error) {
	switch c := d.peek(); {
	case c&0xf0 == 0x90:
		d.at++
		return int(c & 0x0f), nil
	case c == 0xdc:
		return d.length(2)
	case c == 0xdd:
		return d.length(4)
	}
	return 0, d.other()
}

// other returns why a value is not what it should be.
func (d *decoder) other() error {
	if d.left() == 0 {
		return errTruncated
	}
	return errOtherKind
}

// signed reads an integer: fixint, uint 8 to 64 or int 8 to 64.
func (d *decoder) signed() (int64, error) {
	switch c := d.peek(); {
	case c < 0x80:
		d.at++
		return int64(c), nil
	case c >= 0xe0:
		d.at++
		return int64(int8(c)), nil
	case 0xcc <= c && c <= 0xcf:
		v, err := d.number(1 << (c - 0xcc))
		if err == nil && v > math.MaxInt64 {
			err = errNumber
		}
		return int64(v), err
	case 0xd0 <= c && c <= 0xd3:
		n := 1 << (c - 0xd0)
		v, err := d.number(n)
		shift := 64 - 8*n
		return int64(v<<shift) >> shift, err
	}
	return 0, d.other()
}

var errNumber = errors.New("number out of range")

// int reads an integer from 0 to most.
func (d *decoder) int(most int64) (int64, error) {
	n, err := d.signed()
	if err == nil && (n < 0 || n > most) {
		err = errNumber
	}
	return n, err
}

// bytes reads a string or binary. The slice aliases the entry.
func (d *decoder) bytes() ([]byte, error) {
	var n int
	var err error
	switch c := d.peek(); {
	case c&0xe0 == 0xa0:
		d.at++
		n = int(c & 0x1f)
	case c == 0xc4, c == 0xd9:
		n, err = d.length(1)
	case c == 0xc5, c == 0xda:
		n, err = d.length(2)
	case c == 0xc6, c == 0xdb:
		n, err = d.length(4)
	default:
		err = d.other()
	}
	if err != nil {
		return nil, err
	}
	if n > d.left() {
		return nil, errTruncated
	}
	d.at += n
	return d.data[d.at-n : d.at : d.at], nil
}

// tuple reads the head of an array of a known length.
func (d *decoder) tuple(want int) error {
	n, err := d.arrayLen()
	if err == nil && n != want {
		err = errors.New("array of the wrong length")
	}
	return err
}

// text reads a string of any of the vocabulary's types.
func text[T ~string](d *decoder) (T, error) {
	b, err := d.bytes()
	return T(d.pool.text(b)), err
}

// list reads an array of items that take width elements each. No item takes less than a byte for an element, which
// bounds what a claimed length can allocate.
func list[T any](d *decoder, width int, item func() (T, error)) ([]T, error) {
	n, err := d.arrayLen()
	if err != nil {
		return nil, err
	}
	if n > d.left() || n%width != 0 {
		return nil, errTruncated
	}
	if n == 0 {
		return nil, nil
	}
	out := make([]T, n/width)
	for i := range out {
		if out[i], err = item(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
