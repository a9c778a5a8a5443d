package ledger

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestHasher(t *testing.T) {
	fast, slow := newHasher(), newHasher()
	if fast.state == nil {
		t.Error("the binary form of a digest is not what newHasher expects")
	}
	slow.state = nil
	for _, h := range []*hasher{fast, slow} {
		for n := range 2 * maxPadded {
			data := bytes.Repeat([]byte{byte(n), 0xff}, n)[:n]
			if got, want := h.leaf(data), tlog.RecordHash(data); got != want {
				t.Fatalf("leaf of %d bytes: %v, want %v", n, got, want)
			}
			left, right := tlog.RecordHash(data), tlog.RecordHash(nil)
			if got, want := h.node(&left, &right), tlog.NodeHash(left, right); got != want {
				t.Fatalf("node %d: %v, want %v", n, got, want)
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	data := make([]byte, 183)
	h := newHasher()
	sum := leafHash(data)
	b.Run("leaf", func(b *testing.B) {
		for b.Loop() {
			h.leaf(data)
		}
	})
	b.Run("node", func(b *testing.B) {
		for b.Loop() {
			h.node(&sum, &sum)
		}
	})
	b.Run("plainleaf", func(b *testing.B) {
		for b.Loop() {
			leafHash(data)
		}
	})
	b.Run("plainnode", func(b *testing.B) {
		for b.Loop() {
			nodeHash(sum, sum)
		}
	})
}
