package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// openMirror opens a mirror that is closed at the end of the test.
func openMirror(t *testing.T, dir string, opts *mirror.Options) *mirror.Mirror {
	t.Helper()
	m, err := mirror.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil && !errors.Is(err, ledger.ErrClosed) {
			t.Error(err)
		}
	})
	return m
}

// witnesses are the verifiers of both cosigners.
func witnesses(t *testing.T, m *mirror.Mirror) []note.Verifier {
	t.Helper()
	var all []note.Verifier
	for _, vkey := range []string{m.WitnessKey(), m.MirrorKey()} {
		v, err := ledger.NewWitness(vkey)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// openLedger makes a ledger in memory, whose key is registered.
func openLedger(t *testing.T, m *mirror.Mirror, origin string) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: origin, Witnesses: witnesses(t, m)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := m.SetKeys([]string{l.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	return l
}

// entry is an entry of a test.
func entry(i int64) []byte {
	return fmt.Appendf(nil, "entry %d %s", i, strings.Repeat("x", int(i%100)))
}

// fill appends up to size.
func fill(t *testing.T, l *ledger.Ledger, size int64) {
	t.Helper()
	for l.Size() < size {
		var batch [][]byte
		for i := l.Size(); i < size && len(batch) < 1000; i++ {
			batch = append(batch, entry(i))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
}

// checkStored verifies all that the mirror has of a log.
func checkStored(t *testing.T, m *mirror.Mirror, l *ledger.Ledger, size int64) {
	t.Helper()
	tiles, err := m.Tiles(l.Origin())
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.VerifyTiles(context.Background(), tiles, l.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	root, err := l.RootAt(context.Background(), size)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size != size || c.Root != root {
		t.Errorf("mirrored size %d, want %d of the same root", c.Size, size)
	}
	if n, err := note.Open(c.Note, note.VerifierList(witnesses(t, m)[1])); err != nil {
		t.Errorf("checkpoint without the cosignature of the mirror: %v, %v", n, err)
	}
}

// TestPush pushes a ledger as it grows over all kinds of sizes; the mirror is closed and opened in between.
func TestPush(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	m := openMirror(t, dir, nil)
	l := openLedger(t, m, "example.com/shop")
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	defer server.Close()
	c := mirror.NewClient(l, server.URL+"/", &mirror.ClientOptions{Witnesses: witnesses(t, m)})
	if p, err := c.Push(ctx); err != nil || p.Size != 0 {
		t.Fatalf("empty ledger: %v, %v", p, err)
	}
	for _, size := range []int64{1, 2, 255, 256, 257, 511, 512, 700, 700, 20000, 66000} {
		fill(t, l, size)
		handler = m.Submission()
		p, err := c.Push(ctx)
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		n, err := note.Open(p.Note, note.VerifierList(witnesses(t, m)...))
		if err != nil || len(n.Sigs) != 2 || p.Size != size {
			t.Fatalf("size %d: pushed %d, %v", size, p.Size, err)
		}
		if !bytes.Equal(l.Cosigned().Note, p.Note) {
			t.Errorf("size %d: the ledger keeps\n%s\nof\n%s", size, l.Cosigned().Note, p.Note)
		}
		proof, err := l.ProveInclusion(ctx, size-1)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(proof, p.Note) {
			t.Errorf("size %d: proof without the cosignatures:\n%s", size, proof)
		}
		checkStored(t, m, l, size)
		logs := m.Logs()
		if len(logs) != 1 || logs[0].Next != size || logs[0].Cosigned.Size != size || logs[0].Err != nil || logs[0].Seen.IsZero() {
			t.Errorf("size %d: %+v", size, logs)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		m = openMirror(t, dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
		checkStored(t, m, l, size)
	}
}

// TestStick carries exports instead of pushing, and the answer back.
func TestStick(t *testing.T) {
	ctx := context.Background()
	m := openMirror(t, t.TempDir(), nil)
	l := openLedger(t, m, "example.com/shop")
	stick := t.TempDir()
	for _, size := range []int64{1, 300, 9000, 9000, 70000} {
		fill(t, l, size)
		if _, err := l.Export(ctx, ledger.Dir(stick)); err != nil {
			t.Fatal(err)
		}
		c, err := m.AddTiles(ctx, os.DirFS(stick))
		if err != nil {
			t.Fatal(err)
		}
		checkStored(t, m, l, size)
		if c, err = l.AddCosignatures(ctx, c.Note); err != nil || c.Size != size {
			t.Errorf("size %d: cosignatures of the stick: %v, %v", size, c, err)
		}
	}
	// What the mirror exports is the same, but for the cosignature.
	out := t.TempDir()
	if _, err := m.Export(ctx, l.Origin(), ledger.Dir(out)); err != nil {
		t.Fatal(err)
	}
	c, err := ledger.VerifyTiles(ctx, os.DirFS(out), l.VerifierKey())
	if err != nil || c.Size != 70000 {
		t.Fatalf("%v, %v", c, err)
	}
	if _, err := m.Export(ctx, "example.com/other", ledger.Dir(out)); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("another log: %v", err)
	}
}
