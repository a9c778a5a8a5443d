package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// TestManyPushes lets 10,000 pushes of 20 logs come at once, a third of them of forks and strangers, with limits and
// without: what is taken is right, and everything is answered.
func TestManyPushes(t *testing.T) {
	t.Run("limited", func(t *testing.T) { manyPushes(t, mirror.Limits{}) })
	t.Run("all taken", func(t *testing.T) {
		manyPushes(t, mirror.Limits{PerMinute: 1 << 20, InFlight: 1 << 20, PerLog: 1 << 20, Buffered: 1 << 40})
	})
}

func manyPushes(t *testing.T, limits mirror.Limits) {
	const logs = 20
	pushes := 10000
	if testing.Short() {
		pushes = 2000
	}
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: limits})
	type request struct {
		path string
		body []byte
		log  int
	}
	var keys []string
	var requests []request
	var good [logs]*ledger.Ledger
	for i := range logs {
		origin := fmt.Sprintf("example.com/shop%d", i)
		l, bad := shop(t, origin, byte(i+1), 0, ""), shop(t, origin, byte(i+1), 0, "")
		good[i] = l
		keys = append(keys, l.VerifierKey())
		old := int64(0)
		for _, size := range []int64{3, 300, 520} {
			grow(t, l, size, "good")
			grow(t, bad, size, "bad")
			requests = append(requests,
				request{"/add-checkpoint", growth(t, l, old), i},
				request{"/add-checkpoint", growth(t, l, 0), i},
				request{"/add-checkpoint", growth(t, bad, old), i},
				request{"/add-entries", upload(t, l, 0, size), i},
				request{"/add-entries", upload(t, l, old, size), i},
				request{"/add-entries", upload(t, bad, old, size), i})
			old = size
		}
	}
	stranger := shop(t, "example.com/stranger", 99, 10, "x")
	requests = append(requests, request{"/add-checkpoint", growth(t, stranger, 0), -1}, request{"/add-entries", upload(t, stranger, 0, 10), -1})
	if err := m.SetKeys(keys); err != nil {
		t.Fatal(err)
	}
	witness := witnesses(t, m)[0]
	var mu sync.Mutex
	roots := make(map[string][32]byte) // that were cosigned
	var answers [600]atomic.Int64
	var wg sync.WaitGroup
	for n := range pushes {
		wg.Go(func() {
			q := requests[n*7919%len(requests)]
			got := post(m, q.path, q.body)
			answers[got.Status].Add(1)
			if q.path != "/add-checkpoint" || got.Status != 200 {
				if q.log < 0 && got.Status != 404 && got.Status != 503 {
					t.Errorf("a stranger got %d", got.Status)
				}
				return
			}
			text := append(q.body[bytes.Index(q.body, []byte("\n\n"))+2:len(q.body):len(q.body)], got.Body...)
			if _, err := note.Open(text, note.VerifierList(witness)); err != nil {
				t.Error(err)
			}
			c, err := ledger.VerifyCheckpoint(text, keys[q.log])
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			name := fmt.Sprint(c.Origin, " ", c.Size)
			if root, ok := roots[name]; ok && root != c.Root {
				t.Errorf("two roots of %s cosigned", name)
			}
			roots[name] = c.Root
		})
	}
	wg.Wait()
	sum := int64(0)
	for status := range answers {
		if n := answers[status].Load(); n > 0 {
			t.Logf("%5d answers %d", n, status)
			sum += n
			if status == 500 {
				t.Error("the mirror failed")
			}
		}
	}
	if sum != int64(pushes) || answers[200].Load() == 0 {
		t.Errorf("%d answers", sum)
	}
	if refused := answers[429].Load() + answers[503].Load(); (refused > 0) != (limits.InFlight == 0) {
		t.Errorf("%d were to come again", refused)
	}
	// Whichever history came first, the log of it can go on.
	for _, l := range m.Logs() {
		if l.Err != nil || l.Cosigned != nil && l.Mirrored != nil && l.Mirrored.Size > l.Cosigned.Size {
			t.Errorf("%+v", l)
		}
		if l.Mirrored == nil {
			continue
		}
		tiles, err := m.Tiles(l.Origin)
		if err != nil {
			t.Fatal(err)
		}
		var i int
		fmt.Sscanf(l.Origin, "example.com/shop%d", &i)
		if _, err := ledger.VerifyTiles(context.Background(), tiles, keys[i]); err != nil {
			t.Error(err)
		}
	}
}

// TestRate refuses the requests of one log that come too often, and of nobody else.
func TestRate(t *testing.T) {
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: mirror.Limits{PerMinute: 3}})
	a, b := shop(t, "example.com/a", 1, 3, ""), shop(t, "example.com/b", 2, 3, "")
	if err := m.SetKeys([]string{a.VerifierKey(), b.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	var got []int
	for range 5 {
		got = append(got, post(m, "/add-checkpoint", growth(t, a, 0)).Status)
	}
	if fmt.Sprint(got) != "[200 409 409 429 429]" {
		t.Error(got)
	}
	q, w := httptest.NewRequest("POST", "/add-entries", bytes.NewReader(upload(t, a, 0, 3))), httptest.NewRecorder()
	m.Submission().ServeHTTP(w, q)
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
	if got := post(m, "/add-checkpoint", growth(t, b, 0)); got.Status != 200 {
		t.Error(got)
	}
}

// TestSlowBodies holds requests open: of one log no more than its share, over all no more than there are places, and each
// no longer than a stall. What was verified by then is kept.
func TestSlowBodies(t *testing.T) {
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: mirror.Limits{InFlight: 3, PerLog: 2, PerMinute: 1 << 20, Stall: time.Second}})
	a, b := shop(t, "example.com/a", 1, 600, ""), shop(t, "example.com/b", 2, 3, "")
	if err := m.SetKeys([]string{a.VerifierKey(), b.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	post(m, "/add-checkpoint", growth(t, a, 0))
	post(m, "/add-checkpoint", growth(t, b, 0))
	server := httptest.NewServer(m.Submission())
	defer server.Close()
	var pipes []*io.PipeWriter
	defer func() {
		for _, w := range pipes {
			w.Close()
		}
	}()
	open := func(l *ledger.Ledger, body []byte) chan reply {
		r, w := io.Pipe()
		pipes = append(pipes, w)
		done := make(chan reply, 1)
		go func() {
			res, err := http.Post(server.URL+"/add-entries", "application/octet-stream", r)
			if err != nil {
				done <- reply{0, "", err.Error()}
				return
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			done <- reply{res.StatusCode, res.Header.Get("Content-Type"), string(text)}
		}()
		w.Write(body)
		return done
	}
	body := upload(t, a, 0, 600)
	whole := bytes.Index(body, []byte("512 "))
	first, second := open(a, body[:whole]), open(a, body[:60])
	// The places of the log are taken when it says so.
	waitFor(t, func() bool { return post(m, "/add-entries", upload(t, a, 0, 0)).Status == 429 })
	third := open(b, upload(t, b, 0, 3)[:40])
	waitFor(t, func() bool { return post(m, "/add-entries", upload(t, b, 0, 0)).Status == 503 })
	// They are cut.
	if got := <-first; got != (reply{202, infoKind, "600\n512\n\n"}) {
		t.Errorf("two packages and a pause: %+v", got)
	}
	for _, s := range []chan reply{second, third} {
		if got := <-s; got.Status != 400 {
			t.Errorf("half a package and a pause: %+v", got)
		}
	}
	if got := post(m, "/add-entries", upload(t, b, 0, 3)); got.Status != 200 {
		t.Errorf("afterwards: %+v", got)
	}
}

// waitFor polls what other goroutines bring about.
func waitFor(t *testing.T, f func() bool) {
	t.Helper()
	for range 1000 {
		if f() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("did not happen")
}

// TestBuffers refuses entries for which there is no memory.
func TestBuffers(t *testing.T) {
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: mirror.Limits{Buffered: 100 << 10}})
	l := shop(t, origin, 1, 0, "")
	if err := m.SetKeys([]string{l.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{60000, 50000} {
		if _, err := l.Append(context.Background(), make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	post(m, "/add-checkpoint", growth(t, l, 0))
	for range 2 {
		if got := post(m, "/add-entries", upload(t, l, 0, 2)); got.Status != 503 || !strings.Contains(got.Body, "too many entries") {
			t.Errorf("%+v", got)
		}
	}
}

// TestBrokenLine breaks the connection in the middle of a body: the client goes on from there.
func TestBrokenLine(t *testing.T) {
	ctx := context.Background()
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: mirror.Limits{PerMinute: 1 << 20}})
	l := openLedger(t, m, origin)
	fill(t, l, 5000)
	server := httptest.NewServer(m.Submission())
	defer server.Close()
	// A line that breaks after a number of bytes that grows.
	left := atomic.Int64{}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &breakingConn{c, &left}, err
	}}
	c := mirror.NewClient(l, server.URL, &mirror.ClientOptions{HTTP: &http.Client{Transport: transport}, Witnesses: witnesses(t, m)})
	var next []int64
	for budget := int64(100); ; budget += 4000 {
		left.Store(budget)
		_, err := c.Push(ctx)
		if logs := m.Logs(); len(next) == 0 || next[len(next)-1] != logs[0].Next {
			next = append(next, logs[0].Next)
		}
		if err == nil {
			break
		}
		if budget > 1<<20 {
			t.Fatal(err)
		}
		var refused *mirror.RefusedError
		if errors.As(err, &refused) {
			t.Fatal(err)
		}
	}
	t.Logf("next entry after each break: %v", next)
	if len(next) < 3 {
		t.Error("nothing was kept of a broken push")
	}
	checkStored(t, m, l, 5000)
}

// breakingConn breaks when the bytes are spent.
type breakingConn struct {
	net.Conn
	left *atomic.Int64
}

func (c *breakingConn) Write(p []byte) (int, error) {
	n := min(int64(len(p)), max(0, c.left.Load()))
	c.left.Add(-n)
	if k, err := c.Conn.Write(p[:n]); err != nil {
		return k, err
	}
	if n < int64(len(p)) {
		c.Conn.Close()
		return int(n), errors.New("the line broke")
	}
	return len(p), nil
}
