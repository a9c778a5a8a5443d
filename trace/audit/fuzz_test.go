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
	for _, opts := range []*ExportOptions{{}, {First: 3}, {First: 255, Next: 257, Seen: []int64{1, 100, 600}}, {First: 700}} {
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
