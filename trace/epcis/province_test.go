package epcis_test

import (
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// openProvince opens a set of the province, unpacked.
func openProvince(t testing.TB, name string) io.Reader {
	t.Helper()
	f, err := os.Open(shared(t, "province/"+name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The eventID of every event of the province is its hash.
func TestProvinceHashes(t *testing.T) {
	for name, want := range map[string]int{"small.jsonl": 1776, "medium.jsonl.gz": 52186} {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && want > 10_000 {
				t.Skip("short: one goroutine, and the small set follows the same code")
			}
			events := 0
			for e, err := range epcis.NewDecoder(openProvince(t, name), nil).Events() {
				if err != nil {
					t.Fatal(err)
				}
				if got := e.Hash(trace.CBV20); got != e.EventID {
					t.Fatalf("event %d: %s, want %s\n%s", events, got, e.EventID, e.PreHash(trace.CBV20))
				}
				events++
			}
			if events != want {
				t.Errorf("%d events, want %d", events, want)
			}
		})
	}
}
