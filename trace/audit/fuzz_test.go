package audit

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/binary"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// FuzzOpen opens any head in front of any records, with good checksums around them. What opens gives the records that
// it says it has, and is what Export writes of them.
func FuzzOpen(f *testing.F) {
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "x", Signers: []crypto.Signer{ed25519.NewKeyFromSeed(make([]byte, 32))}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { l.Close() })
	for i := range 700 {
		if _, err := l.Append(context.Background(), binary.AppendVarint(nil, int64(i))); err != nil {
			f.Fatal(err)
		}
	}
	for _, opts := range []*ExportOptions{{}, {First: 3, Bare: true}, {First: 255, Next: 257, Seen: []int64{1, 100, 600}, Bare: true}, {First: 700, Bare: true}, {First: 700}} {
		var b bytes.Buffer
		if _, err := Export(context.Background(), &b, l, opts); err != nil {
			f.Fatal(err)
		}
		file := b.Bytes()
		n := 8 + binary.BigEndian.Uint32(file)
		if n == uint32(len(file)) {
			f.Add(file[8:n], []byte(nil), false)
			continue
		}
		f.Add(file[8:n], file[n+8:n+8+binary.BigEndian.Uint32(file[n:])], false)
		f.Add(file[8:n], []byte("\x00\x01a\x00\x01b"), true)
	}
	key := l.VerifierKey()
	f.Fuzz(func(t *testing.T, head, body []byte, pack bool) {
		if pack {
			var b bytes.Buffer
			z, _ := flate.NewWriter(&b, flate.BestSpeed)
			z.Write(body)
			z.Close()
			body = b.Bytes()
		}
		var file bytes.Buffer
		writePart(&file, head)
		if len(body) > 0 {
			writePart(&file, body)
		}
		b, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), []Key{{key, "1"}})
		if err != nil {
			return
		}
		n := b.First
		for rec, err := range b.Records(context.Background()) {
			if err != nil || rec.Index != n {
				t.Fatalf("record %d: %d, %v", n, rec.Index, err)
			}
			proof, err := b.Prove(rec.Index)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := ledger.VerifyInclusion(proof, rec.Data, key); err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != b.Next {
			t.Fatalf("records end at %d, not %d", n, b.Next)
		}
	})
}

// FuzzBefore reads any part of an opening. What it has has all hashes that its bundle needs.
func FuzzBefore(f *testing.F) {
	set := make([]byte, partSize/8)
	set[0] = 0x80
	f.Add(append(append(set, make([]byte, 8*32)...), 0, 1, 'a'), int64(0), int64(256), int64(300))
	f.Add(append(bytes.Repeat([]byte{0xff}, partSize/8), make([]byte, 2*partSize)...), int64(1), int64(512), int64(512))
	f.Fuzz(func(t *testing.T, raw []byte, number, first, size int64) {
		if number < 0 || number > 1<<40 || first <= number*partSize || size < first || size > 1<<50 {
			return
		}
		var file bytes.Buffer
		p, err := newPacker(&file)
		if err != nil {
			t.Fatal(err)
		}
		if p.write(raw) != nil {
			return
		}
		r := &partReader{file: bytes.NewReader(file.Bytes()), size: int64(file.Len())}
		o, next, err := r.opened(beforePart{number, 0}, first, size)
		if err != nil {
			return
		}
		if next != int64(file.Len()) || len(o.entries) != len(o.indices) || len(o.entries) == 0 {
			t.Fatalf("%d entries of %d, next %d", len(o.entries), len(o.indices), next)
		}
		if whole := (span{number * partSize, (number + 1) * partSize}); whole.hi <= first {
			if _, err := o.known.root(whole, nil); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzClaims reads any claims. What it takes is written as it was.
func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"place":"68-00417","class":"https://id.gs1.org/01/08936000123451","count":25,"expiry":"2028-06-30"}` + "\n"))
	f.Add([]byte(`{"place":"a","class":"b","count":0}` + "\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		claims, err := parseClaims(text)
		if err != nil {
			return
		}
		again, err := appendClaims(nil, claims)
		if err != nil || !bytes.Equal(again, text) {
			t.Fatalf("%q again is %q, %v", text, again, err)
		}
	})
}
