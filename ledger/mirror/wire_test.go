package mirror_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace"
)

var bits = flag.Int("bits", 0, "bits per second of the line of TestBacklog; 0 is any number")

// The line to meet.
const (
	backlog        = 30_000      // hops in a month
	maxHopBytes    = 200         // of each on the line, both ways, with all that HTTP adds
	slowLine       = 1_000_000   // bits per second
	maxBacklogTime = time.Minute // on it
)

// month records a month of a pharmacy whose packs all have serial numbers: half of the hops are receipts, of one pack each,
// half sales. It returns a pack of the stock.
func month(t *testing.T, l *ledger.Ledger) (*trace.Repository, gs1.EPC) {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2026, 3, 1, 7, 30, 0, 0, time.FixedZone("", 7*3600))
	repo, err := trace.Open(ctx, l, &trace.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 2))
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var stock []trace.Hop
	for n := range backlog {
		now = now.Add(time.Duration(r.IntN(170_000)) * time.Millisecond)
		var h trace.Hop
		if len(stock) < 500 || n%2 == 0 {
			product := r.IntN(300)
			gtin := fmt.Sprintf("08935001%05d", product)
			check, err := gs1.CheckDigit(gtin)
			if err != nil {
				t.Fatal(err)
			}
			serial := make([]byte, 12)
			for i := range serial {
				serial[i] = letters[r.IntN(len(letters))]
			}
			pack, err := gs1.ParseEPC("https://id.gs1.org/01/" + gtin + string(check) + "/21/" + string(serial))
			if err != nil {
				t.Fatal(err)
			}
			lot := product*3 + r.IntN(3)
			h = trace.Hop{Step: trace.Receiving, By: "8935322000013", From: "8935210000019", EPCs: []gs1.EPC{pack},
				Lot: fmt.Sprintf("TN26A%04d", lot), Expiry: fmt.Sprintf("28%02d00", 1+lot%12), Document: fmt.Sprintf("PX-2026-%06d", n/8)}
			stock = append(stock, h)
		} else {
			i := r.IntN(len(stock))
			h = stock[i]
			stock[i] = stock[len(stock)-1]
			stock = stock[:len(stock)-1]
			h = trace.Hop{Step: trace.Dispensing, By: h.By, EPCs: h.EPCs, Lot: h.Lot, Expiry: h.Expiry}
		}
		h.Time = now
		if _, err := repo.Record(ctx, h); err != nil {
			t.Fatal(err)
		}
	}
	return repo, stock[0].EPCs[0]
}

// TestBacklog pushes a month of hops at once, and counts what is on the line.
func TestBacklog(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, long")
	}
	m := openMirror(t, t.TempDir(), nil)
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index, Origin: origin, Witnesses: witnesses(t, m)})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := m.SetKeys([]string{l.VerifierKey()}); err != nil {
		t.Fatal(err)
	}
	repo, pack := month(t, l)
	hops := l.Size()
	plain := 0
	for i := range hops {
		r, err := l.Read(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		plain += len(r.Data)
	}
	server := httptest.NewServer(m.Submission())
	defer server.Close()
	var sent, received atomic.Int64
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &countingConn{c, &sent, &received}, err
	}}
	defer transport.CloseIdleConnections()
	c := mirror.NewClient(l, server.URL, &mirror.ClientOptions{HTTP: &http.Client{Transport: transport}, Witnesses: witnesses(t, m)})
	begin := time.Now()
	p, err := c.Push(t.Context())
	took := time.Since(begin)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(p.Note, note.VerifierList(witnesses(t, m)...)); err != nil || len(n.Sigs) != 2 || p.Size != hops {
		t.Fatalf("%+v, %v", p, err)
	}
	all := sent.Load() + received.Load()
	each := float64(all) / float64(hops)
	if *bits == 0 {
		took += time.Duration(all) * 8 * time.Second / slowLine
	}
	t.Logf("%d hops of %d bytes: %.1f bytes of each on the line, %d sent and %d received; %v at %d bit/s",
		hops, plain/int(hops), each, sent.Load(), received.Load(), took.Round(100*time.Millisecond), max(*bits, slowLine))
	if hops < backlog || each > maxHopBytes || took > maxBacklogTime {
		t.Errorf("the line to meet is %d hops, %d bytes of each, %v", backlog, maxHopBytes, maxBacklogTime)
	}
	checkStored(t, m, l, hops)
	// What a push costs that brings one hop, and one that brings none.
	for _, n := range []int{1, 0} {
		sent.Store(0)
		received.Store(0)
		if n > 0 {
			if _, err := repo.Record(t.Context(), trace.Hop{Step: trace.Counting, By: "8935322000013", EPCs: []gs1.EPC{pack}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("a push of %d hops: %d bytes sent, %d received", n, sent.Load(), received.Load())
	}
}

// countingConn counts what is on the line, and slows it down to -bits.
type countingConn struct {
	net.Conn
	sent, received *atomic.Int64
}

func (c *countingConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent.Add(int64(n))
	c.pace(n)
	return n, err
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	c.pace(n)
	return n, err
}

func (c *countingConn) pace(n int) {
	if *bits > 0 {
		time.Sleep(time.Duration(n) * 8 * time.Second / time.Duration(*bits))
	}
}
