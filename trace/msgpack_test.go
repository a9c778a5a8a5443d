package trace

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"
)

// FuzzMsgpack holds the reader of msgpack against the library that writes: what both take as a value of some kind is
// the same value and ends at the same byte. The reader takes fewer kinds of values for each other.
func FuzzMsgpack(f *testing.F) {
	var buf bytes.Buffer
	enc := msgpack.NewEncoder(&buf)
	seed := func(err error) {
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Clone(buf.Bytes()))
		buf.Reset()
	}
	for _, n := range []int64{0, 127, 128, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, -1, -32, -33, -128, -129, -32769, math.MinInt32 - 1, math.MinInt64} {
		seed(enc.EncodeInt(n))
	}
	for _, n := range []int{0, 15, 16, 31, 32, 255, 256, 65535, 65536} {
		seed(enc.EncodeString(string(make([]byte, n))))
		seed(enc.EncodeBytes(make([]byte, n)))
		seed(enc.EncodeArrayLen(n))
		seed(enc.EncodeMapLen(n))
	}
	f.Add([]byte{0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		check := func(what string, d *decoder, r *bytes.Reader, got, want any, err, wantErr error) {
			t.Helper()
			if err != nil {
				return
			}
			if wantErr != nil || !cmp.Equal(got, want) || d.left() != r.Len() {
				t.Errorf("%s of %x: %v with %d bytes left, want %v with %d, %v", what, data, got, d.left(), want, r.Len(), wantErr)
			}
		}
		d, r := newDecoder(data), bytes.NewReader(data)
		n, err := d.signed()
		m, merr := msgpack.NewDecoder(r).DecodeInt64()
		check("integer", d, r, n, m, err, merr)
		d, r = newDecoder(data), bytes.NewReader(data)
		b, err := d.bytes()
		c, merr := msgpack.NewDecoder(r).DecodeBytes()
		check("bytes", d, r, string(b), string(c), err, merr)
		d, r = newDecoder(data), bytes.NewReader(data)
		i, err := d.arrayLen()
		j, merr := msgpack.NewDecoder(r).DecodeArrayLen()
		check("array", d, r, i, j, err, merr)
		d, r = newDecoder(data), bytes.NewReader(data)
		i, err = d.mapLen()
		j, merr = msgpack.NewDecoder(r).DecodeMapLen()
		check("map", d, r, i, j, err, merr)
	})
}

// Everything that the library writes of what an entry has is read.
func TestMsgpack(t *testing.T) {
	for _, n := range []int64{0, 127, 128, 65536, math.MaxInt64, -1, -33, math.MinInt64} {
		var buf bytes.Buffer
		w := &encoder{enc: msgpack.NewEncoder(&buf)}
		w.int(n)
		if got, err := newDecoder(buf.Bytes()).signed(); err != nil || got != n {
			t.Errorf("%d is read as %d, %v", n, got, err)
		}
	}
	for _, n := range []int{0, 31, 32, 256, 65536} {
		var buf bytes.Buffer
		w := &encoder{enc: msgpack.NewEncoder(&buf)}
		w.str(string(make([]byte, n)))
		w.bin(make([]byte, n))
		d := newDecoder(buf.Bytes())
		for range 2 {
			if got, err := d.bytes(); err != nil || len(got) != n {
				t.Errorf("%d bytes are read as %d, %v", n, len(got), err)
			}
		}
	}
}

// An identifier that is an event hash takes 32 bytes, and nothing else is taken for one.
func TestEncodeEventID(t *testing.T) {
	e := bigEvent(1)
	hash := e.Hash(CBV20)
	for _, id := range []string{"", hash, e.Hash(CBV21), hash[:len(hash)-1], "x" + hash[1:], hash[:20] + "A" + hash[21:], hash + "0", "urn:uuid:1"} {
		e.EventID = id
		en, err := decodeEntry(encodeOne(t, e))
		if err != nil || en.event.EventID != id {
			t.Errorf("%q comes back as %q, %v", id, en.event.EventID, err)
		}
	}
	e.EventID = ""
	short := len(encodeOne(t, e))
	e.EventID = hash
	if n := len(encodeOne(t, e)) - short; n != 1+2+32 {
		t.Errorf("an event hash takes %d bytes", n)
	}
}
