package trace

import (
	"bytes"
	"errors"
	"io"

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

// decoder reads the map of an entry.
type decoder struct {
	data []byte
	r    *bytes.Reader
	dec  *msgpack.Decoder
}

func newDecoder(data []byte) *decoder {
	r := bytes.NewReader(data)
	return &decoder{data, r, msgpack.NewDecoder(r)}
}

// left returns how many bytes have not been read.
func (d *decoder) left() int { return d.r.Len() }

// isText reports whether a string comes next: fixstr, or str 8 to 32.
func (d *decoder) isText() bool {
	if d.left() == 0 {
		return false
	}
	c := d.data[len(d.data)-d.left()]
	return c&0xe0 == 0xa0 || 0xd9 <= c && c <= 0xdb
}

// isPair reports whether an array of two comes next.
func (d *decoder) isPair() bool { return d.left() > 0 && d.data[len(d.data)-d.left()] == 0x92 }

func (d *decoder) mapLen() (int, error)   { return d.dec.DecodeMapLen() }
func (d *decoder) signed() (int64, error) { return d.dec.DecodeInt64() }

// int reads an integer from 0 to most.
func (d *decoder) int(most int64) (int64, error) {
	n, err := d.signed()
	if err == nil && (n < 0 || n > most) {
		err = errors.New("number out of range")
	}
	return n, err
}

// bytes reads a string or binary. The slice aliases the entry.
func (d *decoder) bytes() ([]byte, error) {
	n, err := d.dec.DecodeBytesLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > d.left() {
		return nil, errTruncated
	}
	at := len(d.data) - d.left()
	if _, err := d.r.Seek(int64(n), io.SeekCurrent); err != nil {
		return nil, err
	}
	return d.data[at : at+n : at+n], nil
}

// tuple reads the head of an array of a known length.
func (d *decoder) tuple(want int) error {
	n, err := d.dec.DecodeArrayLen()
	if err == nil && n != want {
		err = errors.New("array of the wrong length")
	}
	return err
}

// text reads a string of any of the vocabulary's types.
func text[T ~string](d *decoder) (T, error) {
	b, err := d.bytes()
	return T(b), err
}

// list reads an array of items that take width elements each. No item takes less than a byte for an element, which
// bounds what a claimed length can allocate.
func list[T any](d *decoder, width int, item func() (T, error)) ([]T, error) {
	n, err := d.dec.DecodeArrayLen()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > d.left() || n%width != 0 {
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
