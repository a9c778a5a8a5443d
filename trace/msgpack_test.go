package trace

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vmihailenco/msgpack/v5"
)

// FuzzMsgpack holds the reader of msgpack against a library: what both take as a value of some kind is the same value
// and ends at the same byte. The reader takes fewer kinds of values for each other.
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
		if b, err := d.bytes(); err == nil { // the library makes room for what a head claims, up to 4 GiB
			c, merr := msgpack.NewDecoder(r).DecodeBytes()
			check("bytes", d, r, string(b), string(c), err, merr)
		}
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

// What is written are the bytes that a library writes, and they are read again.
func TestMsgpack(t *testing.T) {
	var buf bytes.Buffer
	enc := msgpack.NewEncoder(&buf)
	check := func(what string, err error, got []byte, read func(*decoder) bool) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(buf.Bytes(), got) {
			t.Errorf("%s is written as %.20x, want %.20x", what, got, buf.Bytes())
		}
		if d := newDecoder(got); !read(d) || d.left() > 0 {
			t.Errorf("%s is not read again from %.20x", what, got)
		}
		buf.Reset()
	}
	var numbers []int64
	for shift := range 64 {
		for _, n := range [...]int64{1 << shift, -1 << shift, 32 << shift, -32 << shift} {
			numbers = append(numbers, n-1, n, n+1)
		}
	}
	for _, n := range numbers {
		w := &encoder{}
		w.int(n)
		check(fmt.Sprint(n), enc.EncodeInt(n), w.buf, func(d *decoder) bool { got, err := d.signed(); return err == nil && got == n })
	}
	for _, n := range []int{0, 1, 15, 16, 31, 32, 127, 128, 255, 256, 65535, 65536} {
		read := func(d *decoder) bool { got, err := d.bytes(); return err == nil && len(got) == n }
		w := &encoder{}
		w.str(string(make([]byte, n)))
		check(fmt.Sprintf("string of %d", n), enc.EncodeString(string(make([]byte, n))), w.buf, read)
		w = &encoder{}
		w.bin(make([]byte, n))
		check(fmt.Sprintf("binary of %d", n), enc.EncodeBytes(make([]byte, n)), w.buf, read)
		w = &encoder{}
		w.array(n)
		check(fmt.Sprintf("array of %d", n), enc.EncodeArrayLen(n), w.buf, func(d *decoder) bool {
			d.data = append(d.data, make([]byte, n)...) // no length exceeds that of the data
			got, err := d.arrayLen()
			d.at += n
			return err == nil && got == n
		})
	}
	for n := range keyEnd {
		w := newEncoder()
		for range n {
			w.key(0)
		}
		whole, err := w.finish(versionWhole)
		if err != nil || whole[0] != versionWhole {
			t.Fatal(err)
		}
		check(fmt.Sprintf("map of %d", n), enc.EncodeMapLen(n), whole[1:len(whole)-n], func(d *decoder) bool {
			d.data = append(d.data, make([]byte, n)...)
			got, err := d.mapLen()
			d.at += n
			return err == nil && got == n
		})
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
