package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

var lineSeeds = flag.Int("seeds", 2, "how many days TestBadLine lives through")

// memoryDriver gives a ledger a store that is forgotten: it is written anew from the log whenever the ledger is opened.
type memoryDriver struct{}

func (memoryDriver) Open(string) (ledger.Store, error) { return new(ledger.MemoryStore), nil }
func (memoryDriver) SetAside(string) error             { return nil }
func (memoryDriver) Remove(string) error               { return nil }

// world is a shop, a province and a line between them.
type world struct {
	t    *testing.T
	mu   sync.Mutex
	rand *rand.Rand
	m    *mirror.Mirror // nil while the province is away
	dir  string         // of m
	keys []string
	down bool // the line
	wg   sync.WaitGroup

	counts map[string]int // what the line did
}

func (w *world) chance(percent int) bool { return w.n(100) < percent }

func (w *world) n(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.IntN(n)
}

func (w *world) count(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what]++
}

var errLine = errors.New("bad line")

// RoundTrip implements http.RoundTripper for a line that is slow, and loses, cuts and repeats requests and answers.
func (w *world) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	down := w.down
	w.mu.Unlock()
	time.Sleep(time.Duration(w.n(3000)) * time.Millisecond)
	switch {
	case down:
		w.count("down")
		time.Sleep(30 * time.Second)
		return nil, errLine
	case w.chance(15):
		w.count("lost")
		return nil, errLine
	case w.chance(15):
		// The province gets a part of it, the shop nothing.
		w.count("cut")
		w.deliver(q, body[:w.n(len(body)+1)], errLine)
		return nil, errLine
	case w.chance(15):
		// Once more, much later, when others have gone before.
		w.count("repeated")
		late := time.Duration(w.n(3600)) * time.Second
		w.wg.Go(func() {
			time.Sleep(late)
			w.deliver(q, body, nil)
		})
	}
	res := w.deliver(q, body, nil)
	if res == nil || w.chance(15) {
		w.count("answer lost")
		return nil, errLine
	}
	return res, q.Context().Err()
}

// deliver brings a body to the province, piece by piece, and then the error, if there is one.
func (w *world) deliver(q *http.Request, body []byte, end error) *http.Response {
	w.mu.Lock()
	m := w.m
	w.mu.Unlock()
	if m == nil {
		w.count("away")
		return nil
	}
	r := httptest.NewRequest(q.Method, q.URL.Path, &slowly{w, body, end})
	r.Header = q.Header.Clone()
	rec := httptest.NewRecorder()
	m.Submission().ServeHTTP(rec, r)
	w.count(fmt.Sprint(q.URL.Path, " ", rec.Code))
	return rec.Result()
}

// slowly is a body on a slow line.
type slowly struct {
	w    *world
	rest []byte
	end  error
}

func (s *slowly) Read(p []byte) (int, error) {
	time.Sleep(time.Duration(s.w.n(200)) * time.Millisecond)
	if len(s.rest) == 0 {
		if s.end != nil {
			return 0, s.end
		}
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 4096)], s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// restart closes the province and opens it again after a while. A crash leaves what its files hold at that moment, in the
// middle of requests.
func (w *world) restart(crash bool) {
	dir := filepath.Join(w.t.TempDir(), "mirror")
	synctest.Wait() // nobody writes
	if crash {
		w.count("crash")
		if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
			w.t.Error(err)
		}
	} else {
		w.count("restart")
	}
	w.mu.Lock()
	old := w.m
	w.m = nil
	w.mu.Unlock()
	if err := old.Close(); err != nil {
		w.t.Error(err)
	}
	if crash {
		w.dir = dir
	}
	time.Sleep(time.Duration(w.n(1200)) * time.Second)
	m, err := mirror.Open(w.dir, &mirror.Options{Keys: w.keys})
	if err != nil {
		w.t.Error(err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.m = m
}

// TestBadLine lives through 24 hours in which a shop with a bad line sells, and either side is restarted: nothing is lost,
// and nothing is there twice.
func TestBadLine(t *testing.T) {
	seeds := *lineSeeds
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { badLine(t, uint64(seed)) })
		})
	}
}

func badLine(t *testing.T, seed uint64) {
	ctx := context.Background()
	w := &world{t: t, rand: rand.New(rand.NewPCG(seed, 1)), dir: filepath.Join(t.TempDir(), "mirror"), counts: make(map[string]int)}
	var err error
	if w.m, err = mirror.Open(w.dir, nil); err != nil {
		t.Fatal(err)
	}
	var known []note.Verifier
	for _, vkey := range []string{w.m.WitnessKey(), w.m.MirrorKey()} {
		v, err := ledger.NewWitness(vkey)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, v)
	}
	shopDir := filepath.Join(t.TempDir(), "shop")
	openShop := func() *ledger.Ledger {
		l, err := ledger.Open(shopDir, memoryDriver{}, &ledger.Options{Origin: origin, Witnesses: known, MinFree: -1})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := openShop()
	w.keys = []string{l.VerifierKey()}
	if err := w.m.SetKeys(w.keys); err != nil {
		t.Fatal(err)
	}
	pushes, failures := 0, 0
	cosigned := int64(0)
	client := func() *mirror.Client {
		return mirror.NewClient(l, "http://province.example", &mirror.ClientOptions{
			HTTP: &http.Client{Transport: w, Timeout: 5 * time.Minute}, Witnesses: known,
			Pushed: func(c *ledger.Checkpoint, err error) {
				var refused *mirror.RefusedError
				if err != nil {
					failures++
					if errors.As(err, &refused) && refused.Status < 429 || errors.Is(err, mirror.ErrAhead) {
						t.Errorf("after %d pushes: %v", pushes, err)
					}
					return
				}
				pushes++
				if c.Size < cosigned {
					t.Errorf("size %d cosigned after %d", c.Size, cosigned)
				}
				cosigned = c.Size
			},
		})
	}
	run := func(c *mirror.Client) (stop func()) {
		ctx, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := c.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Run ended with %v", err)
			}
		}()
		return func() { cancel(); <-done }
	}
	stop := run(client())
	sold := 0
	shopRestarts := 0
	begin := time.Now()
	for time.Since(begin) < 24*time.Hour {
		time.Sleep(time.Duration(w.n(300)) * time.Second)
		var batch [][]byte
		for range 1 + w.n(30) {
			batch = append(batch, fmt.Appendf(nil, "sale %d of day %d", sold, seed))
			sold++
		}
		if _, err := l.Append(ctx, batch...); err != nil {
			t.Fatal(err)
		}
		switch w.n(60) {
		case 0, 1:
			w.restart(false)
		case 2, 3:
			w.restart(true)
		case 4:
			stop()
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = openShop()
			shopRestarts++
			stop = run(client())
		case 5, 6:
			w.mu.Lock()
			w.down = !w.down
			w.mu.Unlock()
		}
	}
	stop()
	// The next day the line is good, and late requests have come.
	time.Sleep(2 * time.Hour)
	w.wg.Wait()
	good := mirror.NewClient(l, "http://province.example", &mirror.ClientOptions{HTTP: &http.Client{Transport: direct{w.m}}, Witnesses: known})
	if _, err := good.Push(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %d pushes went through and %d failed, %d restarts of the shop; %v", sold, pushes, failures, shopRestarts, w.counts)
	if pushes == 0 || failures == 0 || w.counts["crash"] == 0 || w.counts["restart"] == 0 || shopRestarts == 0 {
		t.Error("a quiet day")
	}
	if l.Size() != int64(sold) {
		t.Errorf("the shop has %d entries of %d", l.Size(), sold)
	}
	tiles, err := w.m.Tiles(origin)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.VerifyTiles(ctx, tiles, w.keys...)
	if err != nil || c.Size != int64(sold) {
		t.Fatalf("%+v, %v", c, err)
	}
	// What the province has is a ledger with all sales in order, each once.
	copied, err := ledger.OpenMemory(&ledger.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	if err := copied.Import(ctx, tiles, w.keys...); err != nil {
		t.Fatal(err)
	}
	for i := range int64(sold) {
		r, err := copied.Read(ctx, i)
		if want := fmt.Sprintf("sale %d of day %d", i, seed); err != nil || string(r.Data) != want {
			t.Fatalf("entry %d: %q, %v", i, r.Data, err)
		}
	}
	if n, err := note.Open(l.Cosigned().Note, note.VerifierList(known...)); err != nil || len(n.Sigs) != 2 || l.Cosigned().Size != int64(sold) {
		t.Errorf("the shop keeps %s, %v", l.Cosigned().Note, err)
	}
	if forks := w.m.Forks(); len(forks) > 0 {
		t.Errorf("%v", forks)
	}
	for _, close := range []func() error{copied.Close, l.Close, w.m.Close} {
		if err := close(); err != nil {
			t.Error(err)
		}
	}
}

// direct is a good line.
type direct struct{ m *mirror.Mirror }

func (d direct) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	r := httptest.NewRequest(q.Method, q.URL.Path, bytes.NewReader(body))
	r.Header = q.Header.Clone()
	rec := httptest.NewRecorder()
	d.m.Submission().ServeHTTP(rec, r)
	return rec.Result(), nil
}
