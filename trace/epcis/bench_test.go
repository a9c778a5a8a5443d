package epcis_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dauvet/dauvet/trace/epcis"
)

func BenchmarkDecode(b *testing.B) {
	data, err := io.ReadAll(openProvince(b, "small.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range epcis.NewDecoder(bytes.NewReader(data), nil).Events() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
