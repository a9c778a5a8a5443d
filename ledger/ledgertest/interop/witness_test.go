package interop

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// statuses counts what a handler answers.
type statuses struct {
	http.Handler
	mu sync.Mutex
	n  map[int]int
}

func (s *statuses) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, q)
	s.mu.Lock()
	s.n[rec.Code]++
	s.mu.Unlock()
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	w.Write(rec.Body.Bytes())
}

// TestWitness lets a log of tessera, which publishes no checkpoint without a cosignature, push its checkpoints to our
// witness, and then to another one, which has not seen the log before. Its directory goes to our mirror like a USB stick,
// and what the mirror exports is checked by tessera.
func TestWitness(t *testing.T) {
	const origin = "example.com/tessera"
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	count := &statuses{n: make(map[int]int)}
	server := httptest.NewServer(count)
	defer server.Close()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	open := func() *mirror.Mirror {
		m, err := mirror.Open(t.TempDir(), &mirror.Options{Keys: []string{vkey}, Name: "province.example"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		return m
	}
	dir := t.TempDir()
	added := 0
	// run opens the log, adds entries one checkpoint after the other, and closes it.
	run := func(m *mirror.Mirror, sizes ...int) {
		t.Helper()
		count.Handler = m.Submission()
		theirs, err := tessera.NewWitness(m.WitnessKey(), u)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		driver, err := posix.New(ctx, posix.Config{Path: dir})
		if err != nil {
			t.Fatal(err)
		}
		log, shutdown, reader, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
			WithCheckpointSigner(signer).
			WithCheckpointInterval(100*time.Millisecond).
			WithBatching(256, 10*time.Millisecond).
			WithWitnesses(tessera.NewWitnessGroup(1, theirs), &tessera.WitnessOptions{FailOpen: false, Timeout: 10 * time.Second}))
		if err != nil {
			t.Fatal(err)
		}
		awaiter := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
		for _, n := range sizes {
			var last tessera.IndexFuture
			for range n {
				last = log.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, "entry %d", added)))
				added++
			}
			_, text, err := awaiter.Await(ctx, last)
			if err != nil {
				t.Fatal(err)
			}
			own, err := note.NewVerifier(vkey)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := ledger.NewWitness(m.WitnessKey())
			if err != nil {
				t.Fatal(err)
			}
			if n, err := note.Open(text, note.VerifierList(own, ours)); err != nil || len(n.Sigs) != 2 {
				t.Fatalf("published\n%s\n%v", text, err)
			}
		}
		if err := shutdown(ctx); err != nil {
			t.Fatal(err)
		}
	}
	first, m := open(), open()
	run(first, 1, 5, 700)
	run(first, 3)
	run(m, 1, 2)
	t.Logf("%d entries; answers by status: %v", added, count.n)
	if count.n[http.StatusOK] < 5 || count.n[http.StatusConflict] == 0 || len(count.n) != 2 {
		t.Error("tessera did not get on with the witness")
	}

	ctx := context.Background()
	c, err := m.AddTiles(ctx, os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if _, err := m.Export(ctx, origin, ledger.Dir(out)); err != nil {
		t.Fatal(err)
	}
	if c.Size != int64(added) || !bytes.Contains(c.Note, []byte("— province.example/mirror ")) {
		t.Errorf("mirrored %d of %d:\n%s", c.Size, added, c.Note)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	if err := fsck.New(origin, v, client.FileFetcher{Root: out}, hashBundle, fsck.Opts{N: 2}).Check(ctx); err != nil {
		t.Error(err)
	}
}
