package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// indexByFields finds an entry "id key key …" by its words.
func indexByFields(data []byte) (keys [][]byte, id []byte, err error) {
	start := 0
	for i := 0; i <= len(data); i++ {
		if i < len(data) && data[i] != ' ' {
			continue
		}
		word := data[start:i]
		if start == 0 {
			id = word
		} else {
			keys = append(keys, word)
		}
		start = i + 1
	}
	return keys, id, nil
}

func TestMemory(t *testing.T) {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: indexByFields})
	if err != nil {
		t.Fatal(err)
	}
	const n = 10000
	entry := func(i int) []byte { return fmt.Appendf(nil, "id%d k%d m%d", i, i%7, i%1000) }
	for i := 0; i < n; {
		var batch [][]byte
		for k := 0; k < 1+i%50 && i < n; k++ {
			batch = append(batch, entry(i))
			i++
		}
		rs, err := l.Append(ctx, batch...)
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range rs {
			if want := int64(i - len(batch) + k); r.Index != want {
				t.Fatalf("got index %d, want %d", r.Index, want)
			}
		}
	}
	for i := range int64(n) {
		r, err := l.Read(ctx, i)
		if err != nil || string(r.Data) != string(entry(int(i))) {
			t.Fatalf("read %d: %q %v", i, r.Data, err)
		}
	}
	for _, k := range []int{3, 500, 999} {
		var got []int64
		for r, err := range l.Find(ctx, fmt.Appendf(nil, "m%d", k)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Index)
		}
		if len(got) != n/1000 || got[0] != int64(k) {
			t.Fatalf("m%d: %v", k, got)
		}
	}
	rs, err := l.Append(ctx, entry(5), []byte("new x"), []byte("new x"), entry(n-1))
	if err != nil {
		t.Fatal(err)
	}
	if rs[0].Index != 5 || rs[1].Index != n || rs[2].Index != n || rs[3].Index != n-1 {
		t.Fatal(rs)
	}
	if err := l.Check(ctx); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int64{0, 1, 255, 256, 8191, 9999, n} {
		p, err := l.ProveInclusion(ctx, i)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := l.Read(ctx, i)
		if _, _, err := ledger.VerifyInclusion(p, r.Data, l.VerifierKey()); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, ledger.ErrClosed) {
		t.Fatal(err)
	}
}
