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
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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
		pushes = 500
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

// held is a body of which the rest does not come before the end.
type held struct {
	data    []byte
	reading chan struct{} // closed when the rest is waited for
	end     chan struct{}
}

func (h *held) Read(p []byte) (int, error) {
	if len(h.data) > 0 {
		n := copy(p, h.data)
		h.data = h.data[n:]
		return n, nil
	}
	close(h.reading)
	<-h.end
	return 0, os.ErrDeadlineExceeded
}

// TestPlaces holds requests open: one log gets no more than its share, and all no more than there are places. What was
// verified until they are cut is kept.
func TestPlaces(t *testing.T) {
	m := openMirror(t, t.TempDir(), &mirror.Options{Limits: mirror.Limits{InFlight: 3, PerLog: 2}})
	a, b := shop(t, "example.com/a", 1, 600, ""), shop(t, "example.com/b", 2, 3, "")
	if err := m.SetKeys([]string{a.VerifierKey(), b.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	post(m, "/add-checkpoint", growth(t, a, 0))
	post(m, "/add-checkpoint", growth(t, b, 0))
	end := make(chan struct{})
	open := func(body []byte) chan reply {
		h := &held{body, make(chan struct{}), end}
		done := make(chan reply, 1)
		go func() {
			w := httptest.NewRecorder()
			m.Submission().ServeHTTP(w, httptest.NewRequest("POST", "/add-entries", h))
			done <- reply{w.Code, w.Header().Get("Content-Type"), w.Body.String()}
		}()
		<-h.reading
		return done
	}
	body := upload(t, a, 0, 600)
	first, second := open(body[:bytes.Index(body, []byte("512 "))]), open(body[:60])
	if got := post(m, "/add-entries", upload(t, a, 0, 0)); got.Status != 429 {
		t.Errorf("a third of one log: %+v", got)
	}
	third := open(upload(t, b, 0, 3)[:40])
	if got := post(m, "/add-entries", upload(t, b, 0, 0)); got.Status != 503 {
		t.Errorf("a fourth over all: %+v", got)
	}
	close(end)
	if got := <-first; got != (reply{202, infoKind, "600\n512\n\n"}) {
		t.Errorf("two packages: %+v", got)
	}
	for _, done := range []chan reply{second, third} {
		if got := <-done; got.Status != 400 {
			t.Errorf("half a package: %+v", got)
		}
	}
	if got := post(m, "/add-entries", upload(t, b, 0, 3)); got.Status != 200 {
		t.Errorf("afterwards: %+v", got)
	}
}

// paced is a connection that brings a piece of a body after each pause, and keeps the deadline.
type paced struct {
	*httptest.ResponseRecorder
	deadline time.Time
	data     []byte
	piece    int
	pause    time.Duration
}

func (p *paced) SetReadDeadline(t time.Time) error {
	p.deadline = t
	return nil
}

func (p *paced) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	if time.Now().Add(p.pause).After(p.deadline) {
		time.Sleep(time.Until(p.deadline))
		return 0, os.ErrDeadlineExceeded
	}
	time.Sleep(p.pause)
	n := copy(b[:min(len(b), p.piece)], p.data)
	p.data = p.data[n:]
	return n, nil
}

// TestSlowBodies cuts bodies that come too slowly, and no others.
func TestSlowBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := mirror.Open(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		l, err := ledger.OpenMemory(&ledger.Options{Origin: origin})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		fill(t, l, 2000)
		if err := m.SetKeys([]string{l.VerifierKey()}); err != nil {
			t.Fatal(err)
		}
		post(m, "/add-checkpoint", growth(t, l, 0))
		body := upload(t, l, 0, 2000)
		for _, tc := range []struct {
			name  string
			piece int
			pause time.Duration
			want  int
			least time.Duration // that it took
			most  time.Duration
		}{
			{"a byte now and then", 1, 20 * time.Second, 400, 30 * time.Second, 31 * time.Second},
			{"half a KiB a second", 512, time.Second, 202, 59 * time.Second, 61 * time.Second},
			{"pauses", 60_000, 40 * time.Second, 400, 30 * time.Second, 31 * time.Second},
			{"2 KiB a second", 2048, time.Second, 200, time.Minute, time.Hour},
		} {
			p := &paced{ResponseRecorder: httptest.NewRecorder(), data: body, piece: tc.piece, pause: tc.pause}
			begin := time.Now()
			m.Submission().ServeHTTP(p, httptest.NewRequest("POST", "/add-entries", p))
			if took := time.Since(begin); p.Code != tc.want || took < tc.least || took > tc.most {
				t.Errorf("%s: %d after %v; want %d after %v to %v", tc.name, p.Code, took, tc.want, tc.least, tc.most)
			}
		}
	})
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
	fill(t, l, 2000)
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
	for budget := int64(100); ; budget += 2000 {
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
	checkStored(t, m, l, 2000)
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
