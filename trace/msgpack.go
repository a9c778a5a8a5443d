package trace

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"
)

// This file is the only one that knows msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md). It is this
// package's own because most of a capture is writing and most of an audit is reading entries; the tests hold it against
// github.com/vmihailenco/msgpack.

var errTruncated = errors.New("truncated")

// encoder writes the map of an entry, every value in its shortest form.
type encoder struct {
	buf   []byte // entryHead bytes for what goes in front, and the pairs
	pairs int
	err   error
}

// entryHead is the room for a version and the head of a map.
const entryHead = 4

func newEncoder() *encoder {
	const usual = 256 // bytes
	w := &encoder{buf: make([]byte, 0, usual)}
	w.reset()
	return w
}

// reset begins another map in the memory of the one before.
func (w *encoder) reset() {
	w.buf = append(w.buf[:0], make([]byte, entryHead)...)
	w.pairs, w.err = 0, nil
}

// finish returns the version, unless it is 0, the map's head and the pairs written so far. They are in the memory of the
// encoder.
func (w *encoder) finish(version byte) ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	from := entryHead
	if w.pairs < 16 {
		from--
		w.buf[from] = 0x80 | byte(w.pairs)
	} else {
		from -= 3
		w.buf[from] = 0xde
		binary.BigEndian.PutUint16(w.buf[from+1:], uint16(w.pairs))
	}
	if version != 0 {
		from--
		w.buf[from] = version
	}
	return w.buf[from:], nil
}

func (w *encoder) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *encoder) key(k int) {
	w.pairs++
	w.int(int64(k))
}

// int writes a fixint, uint 8 to 64 or int 8 to 64.
func (w *encoder) int(n int64) {
	switch {
	case n > math.MaxUint32:
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, 0xcf), uint64(n))
	case n > math.MaxUint16:
		w.buf = binary.BigEndian.AppendUint32(append(w.buf, 0xce), uint32(n))
	case n > math.MaxUint8:
		w.buf = binary.BigEndian.AppendUint16(append(w.buf, 0xcd), uint16(n))
	case n > math.MaxInt8:
		w.buf = append(w.buf, 0xcc, byte(n))
	case n >= -32:
		w.buf = append(w.buf, byte(n))
	case n >= math.MinInt8:
		w.buf = append(w.buf, 0xd0, byte(n))
	case n >= math.MinInt16:
		w.buf = binary.BigEndian.AppendUint16(append(w.buf, 0xd1), uint16(n))
	case n >= math.MinInt32:
		w.buf = binary.BigEndian.AppendUint32(append(w.buf, 0xd2), uint32(n))
	default:
		w.buf = binary.BigEndian.AppendUint64(append(w.buf, 0xd3), uint64(n))
	}
}

// length writes the head of what is n long. Kinds of values differ in how many lengths their short form holds, and in
// the codes of the forms with 8, 16 and 32 bits; a kind without the first of these has the code 0 for it.
func (w *encoder) length(n int, short byte, most int, code8, code16, code32 byte) {
	switch {
	case n < most:
		w.buf = append(w.buf, short|byte(n))
	case n <= math.MaxUint8 && code8 != 0:
		w.buf = append(w.buf, code8, byte(n))
	case n <= math.MaxUint16:
		w.buf = binary.BigEndian.AppendUint16(append(w.buf, code16), uint16(n))
	default:
		w.buf = binary.BigEndian.AppendUint32(append(w.buf, code32), uint32(n))
	}
}

func (w *encoder) array(n int) { w.length(n, 0x90, 16, 0, 0xdc, 0xdd) }

func (w *encoder) str(s string) {
	w.length(len(s), 0xa0, 32, 0xd9, 0xda, 0xdb)
	w.buf = append(w.buf, s...)
}

func (w *encoder) bin(b []byte) {
	w.length(len(b), 0, 0, 0xc4, 0xc5, 0xc6)
	w.buf = append(w.buf, b...)
}

// decoder reads the map of an entry. Of msgpack it takes what an entry has: integers, strings, binary, arrays and maps,
// each in any of its forms.
type decoder struct {
	data  []byte
	at    int
	pool  *pool           // where texts come from; nil makes them anew
	whole string          // data, when a text of it is needed and there is no pool
	arena strings.Builder // texts that are not in data as they are
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

// isInt reports whether an integer comes next.
func (d *decoder) isInt() bool {
	c := d.peek()
	return c < 0x80 || c >= 0xe0 || 0xcc <= c && c <= 0xd3
}

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

// text reads a string of any of the vocabulary's types. Without a pool all of them share the memory of one.
func text[T ~string](d *decoder) (T, error) {
	b, err := d.bytes()
	if d.pool != nil || len(b) == 0 {
		return T(d.pool.text(b)), err
	}
	if d.whole == "" {
		d.whole = string(d.data)
	}
	return T(d.whole[d.at-len(b) : d.at]), err
}

// keep returns b as a string. It shares memory with those before and, as far as room bytes reach, with those that follow.
func (d *decoder) keep(b []byte, room int) string {
	if d.arena.Cap()-d.arena.Len() < len(b) {
		d.arena.Reset() // which leaves its memory to those who have texts in it
		d.arena.Grow(max(len(b), room))
	}
	from := d.arena.Len()
	d.arena.Write(b)
	return d.arena.String()[from:]
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
