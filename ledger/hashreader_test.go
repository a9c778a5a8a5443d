package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// TestHashReader gives every hash of a tree to the functions of tlog, and none beyond it.
func TestHashReader(t *testing.T) {
	l, err := ledger.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const size = 700
	var want []tlog.Hash // in the order of tlog.StoredHashIndex
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, x := range indexes {
			out = append(out, want[x])
		}
		return out, nil
	})
	r := l.HashReader(t.Context())
	for n := range int64(size) {
		data := fmt.Appendf(nil, "entry %d", n)
		if _, err := l.Append(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		hashes, err := tlog.StoredHashes(n, data, read)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, hashes...)
	}
	for x := range want {
		got, err := r.ReadHashes([]int64{int64(x)})
		if err != nil || got[0] != want[x] {
			t.Fatalf("hash %d: %v, %v, want %v", x, got, err, want[x])
		}
	}
	for _, x := range []int64{-1, int64(len(want)), tlog.StoredHashIndex(9, 1), tlog.StoredHashIndex(0, size), math.MaxInt64} {
		if got, err := r.ReadHashes([]int64{0, x}); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("hash %d: %v, %v, want ErrNotFound", x, got, err)
		}
	}
}
