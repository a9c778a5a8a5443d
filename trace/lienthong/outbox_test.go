package lienthong_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/google/go-cmp/cmp"
)

// server is a national server without a network: it holds a document under each number.
type server struct {
	t          testing.TB
	generation int
	documents  map[string]*held
	order      []string // numbers as they came first
	requests   int
	// fault, when not nil, is asked before and after each request is served; an error is what the line says.
	fault func(what string, served bool) error
}

// held is a document of a server.
type held struct {
	kind  lienthong.Kind
	body  string
	polls int
	id    string
}

func newServer(t testing.TB, generation int) *server {
	return &server{t: t, generation: generation, documents: map[string]*held{}}
}

func (s *server) Generation() int { return s.generation }

func (s *server) line(what string, served bool) error {
	s.requests++
	if s.fault == nil {
		return nil
	}
	return s.fault(what, served)
}

func (s *server) Send(_ context.Context, d *lienthong.Document, attempt lienthong.Attempt) (lienthong.Answer, error) {
	if err := s.line("send "+d.Number, false); err != nil {
		return lienthong.Answer{}, err
	}
	body, err := json.Marshal(d.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	old := s.documents[d.Number]
	switch {
	case old == nil && attempt == lienthong.Correction:
		s.t.Errorf("generation %d: correction of %s, which was never sent", s.generation, d.Number)
	case old != nil && attempt == lienthong.First:
		s.t.Errorf("generation %d: %s is sent twice", s.generation, d.Number)
	case old == nil:
		s.order = append(s.order, d.Number)
	}
	s.documents[d.Number] = &held{kind: d.Kind, body: string(body), id: fmt.Sprintf("T%d", s.requests)}
	if err := s.line("sent "+d.Number, true); err != nil {
		return lienthong.Answer{}, err
	}
	a := lienthong.Answer{State: lienthong.Completed, ID: s.documents[d.Number].id, Words: "ok"}
	if s.generation == 2 {
		a.State, a.Words = lienthong.Accepted, "đã nhận"
	}
	return a, nil
}

func (s *server) Status(_ context.Context, _ lienthong.Kind, id string) (lienthong.Answer, error) {
	if err := s.line("status "+id, false); err != nil {
		return lienthong.Answer{}, err
	}
	for _, h := range s.documents {
		if h.id == id {
			if h.polls++; h.polls < 2 {
				return lienthong.Answer{State: lienthong.Processing}, nil
			}
			return lienthong.Answer{State: lienthong.Completed, Words: "xong"}, nil
		}
	}
	return lienthong.Answer{}, lienthong.ErrForgotten
}

func (s *server) Withdraw(_ context.Context, _ lienthong.Kind, number string) (lienthong.Answer, error) {
	if s.generation == 2 {
		return lienthong.Answer{}, lienthong.ErrCannotWithdraw
	}
	if err := s.line("withdraw "+number, false); err != nil {
		return lienthong.Answer{}, err
	}
	delete(s.documents, number)
	if err := s.line("withdrawn "+number, true); err != nil {
		return lienthong.Answer{}, err
	}
	return lienthong.Answer{State: lienthong.Completed, Words: "đã xóa"}, nil
}

// post is a shop with an outbox to both servers.
type post struct {
	*shop
	journal *ledger.Ledger
	servers [2]*server
	outbox  *lienthong.Outbox
	now     time.Time
	options lienthong.OutboxOptions
}

func newPost(t testing.TB) *post {
	t.Helper()
	j, err := ledger.OpenMemory(&ledger.Options{Index: lienthong.JournalIndex})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	p := &post{shop: newShop(t), journal: j, servers: [2]*server{newServer(t, 1), newServer(t, 2)}, now: morning}
	p.options.Now = func() time.Time { return p.now }
	p.open()
	return p
}

// open opens the outbox, as after a crash.
func (p *post) open() {
	p.t.Helper()
	o, err := lienthong.OpenOutbox(p.t.Context(), p.journal, p.reports(), &p.options, p.servers[0], p.servers[1])
	if err != nil {
		p.t.Fatal(err)
	}
	p.outbox = o
}

// run lets the outbox do everything, as fast as it may.
func (p *post) run() {
	p.t.Helper()
	for range 100_000 {
		next, err := p.outbox.Step(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if next.IsZero() || next.After(p.now.AddDate(0, 0, 2)) || p.quiet() {
			return
		}
		p.now = later(p.now, next)
	}
	p.t.Fatal("the outbox never rests")
}

// quiet reports whether nothing waits but what somebody else has to mend.
func (p *post) quiet() bool {
	waiting, _ := p.outbox.Waiting()
	return waiting == 0
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// deliveries are all of them.
func (p *post) deliveries() []lienthong.Delivery {
	p.t.Helper()
	d, err := p.outbox.Deliveries(p.t.Context(), lienthong.DayOf(morning.AddDate(0, 0, -1)), lienthong.DayOf(p.at.AddDate(0, 0, 1)))
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// states are those of all deliveries, by movement and generation.
func (p *post) states() (out []string) {
	for _, d := range p.deliveries() {
		s := fmt.Sprintf("%d %s: %s", d.Generation, d.Movement, d.State)
		if d.Void {
			s += ", void"
		}
		if d.Reason != "" {
			s += ": " + strings.ReplaceAll(d.Reason, d.Number, "N")
		}
		out = append(out, s)
	}
	return out
}

func (p *post) want(want ...string) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.states()); diff != "" {
		p.t.Errorf("(-want +got):\n%s", diff)
	}
}

// sale records a sale of some tablets.
func (p *post) sale(document string, n int64) *trace.Receipt {
	p.t.Helper()
	return p.hop(trace.Hop{Step: trace.Dispensing, Goods: p.goods(n), Document: document, Price: 1250, Lot: "L1", Expiry: "2027-12-31"})
}

// empty are the states of an opening stock of nothing.
var empty = []string{
	"1 opening stock: needs review: lienthong: generation 1 has no document for opening stock",
	"2 opening stock: completed",
}

func TestOutbox(t *testing.T) {
	p := newPost(t)
	r := p.sale("HD1", 20)
	p.run()
	p.want(append(empty, "1 retail sale: completed", "2 retail sale: completed")...)
	if n := p.servers[0].requests + p.servers[1].requests; n == 0 || len(p.servers[1].order) != 2 || len(p.servers[0].order) != 1 {
		t.Errorf("%d requests, %v, %v", n, p.servers[0].order, p.servers[1].order)
	}
	for _, d := range p.deliveries() {
		if d.State == lienthong.Completed && (d.ID == "" || d.Words == "") {
			t.Errorf("delivery %+v", d)
		}
	}

	// Nothing is sent again, whoever opens it.
	before := p.servers[0].requests + p.servers[1].requests
	p.run()
	p.open()
	p.run()
	if n := p.servers[0].requests + p.servers[1].requests; n != before {
		t.Errorf("%d requests though there was nothing new", n-before)
	}

	// A line more is a correction under the same number; taking it back altogether is a withdrawal where there is one.
	p.sale("HD1", 5)
	p.run()
	p.want(append(empty, "1 retail sale: completed", "2 retail sale: completed")...)
	for _, s := range p.servers {
		if n := len(s.documents); n != s.generation {
			t.Errorf("generation %d has %d documents", s.generation, n)
		}
		if body := s.documents[s.order[len(s.order)-1]].body; !strings.Contains(body, `:25,`) {
			t.Errorf("generation %d has %s", s.generation, body)
		}
	}
	for _, index := range []int64{r.Index, r.Index + 1} {
		if _, err := p.repo.UndoEvent(t.Context(), index, pharmacy); err != nil {
			// The memory of the test is in the year of its events.
			p.wrong(index)
		}
	}
	p.run()
	p.want(append(empty, "1 retail sale: completed, void",
		"2 retail sale: needs review, void: the interface cannot take a document back")...)
	if len(p.servers[0].documents) != 0 {
		t.Errorf("withdrawn %v", p.servers[0].documents)
	}
	list := p.deliveries()
	last := list[len(list)-1]
	if err := p.outbox.Settle(t.Context(), last, "công văn 12"); err != nil {
		t.Fatal(err)
	}
	p.open()
	p.run()
	p.want(append(empty, "1 retail sale: completed, void", "2 retail sale: completed, void: công văn 12")...)
	last.Number = "none"
	if err := p.outbox.Settle(t.Context(), last, ""); !errors.Is(err, lienthong.ErrNoDelivery) {
		t.Errorf("error %v", err)
	}
}

// wrong declares an event wrong.
func (p *post) wrong(index int64, corrective ...string) {
	p.t.Helper()
	for rec, err := range p.repo.Query(p.t.Context(), &trace.Query{Start: index, Limit: 1}) {
		if err != nil {
			p.t.Fatal(err)
		}
		e := *rec.Event
		e.EventID, e.RecordTime = "", time.Time{}
		e.Error = &trace.ErrorDeclaration{Time: p.now, Reason: trace.IncorrectData, Corrective: corrective}
		if _, err := p.repo.Capture(p.t.Context(), &e); err != nil {
			p.t.Fatal(err)
		}
	}
}

// TestOpeningFirst: nothing is sent before the opening stock is completed, and everything in the order of time.
func TestOpeningFirst(t *testing.T) {
	p := newPost(t)
	p.at = morning.AddDate(0, 0, -5)
	p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: p.goods(500), Expiry: "271200"})
	p.at = morning
	p.sale("HD3", 3)
	p.at = morning.Add(-time.Hour)
	p.sale("HD2", 2)
	two := p.servers[1]
	two.fault = func(what string, served bool) error {
		if strings.HasPrefix(what, "send") && len(two.order) == 1 && two.documents[two.order[0]].polls < 2 {
			t.Errorf("%s before the opening stock is completed", what)
		}
		return nil
	}
	p.run()
	for _, s := range p.servers {
		if len(s.order) != 3 || !strings.HasPrefix(s.order[1], "HD2-") || !strings.HasPrefix(s.order[2], "HD3-") {
			t.Errorf("generation %d: order %v", s.generation, s.order)
		}
	}
}

// TestOpeningByDrug: in the opening stock, too, a drug that nobody linked holds up no other when it is a document of its own.
func TestOpeningByDrug(t *testing.T) {
	for _, by := range []bool{false, true} {
		p := newPost(t)
		p.at = morning.AddDate(0, 0, -5)
		p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: p.goods(500), Expiry: "271200"})
		p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: []trace.Goods{{Class: lot(t, unlinked, "X"), Count: 7}}, Expiry: "271200"})
		p.at = morning
		p.sale("HD1", 3)
		p.opts.OpeningByDrug = by
		p.open()
		steps := func() {
			for range 20 {
				if _, err := p.outbox.Step(t.Context()); err != nil {
					t.Fatal(err)
				}
				p.now = p.now.Add(time.Minute)
			}
		}
		steps()
		if got, want := len(p.servers[1].order), map[bool]int{false: 0, true: 2}[by]; got != want {
			t.Errorf("by drug %v: %d documents before the link, want %d", by, got, want)
		}
		d := tablets()
		d.DrugID, d.Units = "kháng sinh", []lienthong.Unit{{UnitID: "U2", Name: "Gói", GTIN: unlinked, Smallest: 1}}
		if err := p.reg.Put(d, "dược sĩ", morning); err != nil {
			t.Fatal(err)
		}
		steps()
		for _, d := range p.deliveries() {
			if d.State != lienthong.Completed {
				t.Errorf("by drug %v: %+v", by, d)
			}
		}
		if got, want := len(p.servers[1].order), map[bool]int{false: 2, true: 3}[by]; got != want {
			t.Errorf("by drug %v: %d documents, want %d", by, got, want)
		}
	}
}

// TestBlockedWaits: a drug that nobody linked holds up no other, and is reported when somebody links it.
func TestBlockedWaits(t *testing.T) {
	p := newPost(t)
	p.hop(trace.Hop{Step: trace.Dispensing, Goods: []trace.Goods{{Class: lot(t, unlinked, "X"), Count: 1}}, Document: "HD1", Price: 5000, Expiry: "2027-12-31"})
	p.sale("HD2", 2)
	p.run()
	reason := "lienthong: N is blocked: %s[0]: lienthong: 08935001000020: GTIN is linked with no drug"
	p.want(append(empty, "1 retail sale: blocked: "+fmt.Sprintf(reason, "hoa_don_chi_tiet"), "2 retail sale: blocked: "+fmt.Sprintf(reason, "items"),
		"1 retail sale: completed", "2 retail sale: completed")...)
	p.open()
	d := tablets()
	d.DrugID, d.Units = "kháng sinh", []lienthong.Unit{{UnitID: "U2", Name: "Gói", GTIN: unlinked, Smallest: 1}}
	if err := p.reg.Put(d, "dược sĩ", morning); err != nil {
		t.Fatal(err)
	}
	p.now = p.now.Add(2 * time.Minute)
	for range 20 {
		if _, err := p.outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(time.Minute)
	}
	p.want(append(empty, "1 retail sale: completed", "2 retail sale: completed", "1 retail sale: completed", "2 retail sale: completed")...)
}

// TestToldLater: what another event tells later, of whatever day, frees a document that was blocked for it.
func TestToldLater(t *testing.T) {
	p := newPost(t)
	sscc := parsed(t, "00089350010000000013", gs1.Message.EPC)
	other := []trace.Goods{{Class: lot(t, box, "L9"), Count: 1}}
	p.hop(trace.Hop{Step: trace.Dispensing, Goods: other, Document: "HD1", Price: 1250})
	p.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: []gs1.EPC{sscc}, Document: "PN1"})
	p.sale("HD2", 2)
	p.now = p.at
	p.run()
	if waiting, blocked := p.outbox.Waiting(); waiting != 0 || blocked != 4 {
		t.Fatalf("%d wait, %d are blocked: %v", waiting, blocked, p.states())
	}
	p.at = morning.AddDate(0, 0, 3)
	p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: other, Lot: "L9", Expiry: "271200", Document: "PN2"})
	p.hop(trace.Hop{By: supplier, Step: trace.Packing, Parent: sscc, Goods: p.goods(40), Time: morning.Add(-time.Hour)})
	for range 20 {
		p.now = later(p.now, p.at).Add(time.Minute)
		if _, err := p.outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range p.deliveries() {
		if d.State != lienthong.Completed && d.Movement != lienthong.OpeningStock {
			t.Errorf("%+v", d)
		}
	}
}

// TestServers are what servers and lines do.
func TestServers(t *testing.T) {
	gone := errors.New("connection reset")
	for _, c := range []struct {
		name  string
		fault func(n int, what string, served bool) error
		want  []string
	}{
		{"the answer is lost", func(n int, _ string, served bool) error {
			if served && n < 5 {
				return &lienthong.TemporaryError{Err: gone}
			}
			return nil
		}, []string{"1 retail sale: completed", "2 retail sale: completed"}},
		{"too many requests", func(n int, _ string, served bool) error {
			if !served && n < 5 {
				return &lienthong.TemporaryError{Err: gone, Words: "quá nhiều", After: time.Hour, NotArrived: true}
			}
			return nil
		}, []string{"1 retail sale: completed", "2 retail sale: completed"}},
		{"an error of no kind", func(n int, _ string, served bool) error {
			if n < 3 {
				return gone
			}
			return nil
		}, []string{"1 retail sale: completed", "2 retail sale: completed"}},
		{"the server forgets", func(n int, what string, _ bool) error {
			if n < 8 && strings.HasPrefix(what, "status") {
				return lienthong.ErrForgotten
			}
			return nil
		}, []string{"1 retail sale: completed", "2 retail sale: completed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPost(t)
			for _, s := range p.servers {
				n := 0
				s.fault = func(what string, served bool) error {
					n++
					return c.fault(n, what, served)
				}
			}
			p.sale("HD1", 20)
			p.run()
			p.want(append(slices.Clone(empty), c.want...)...)
		})
	}
}

// TestPoison: a document at which the server always fails holds up no other for ever.
func TestPoison(t *testing.T) {
	p := newPost(t)
	p.sale("HD1", 20)
	p.sale("HD2", 20)
	for _, s := range p.servers {
		s.fault = func(what string, served bool) error {
			if strings.HasPrefix(what, "send HD1") {
				return &lienthong.TemporaryError{Err: errors.New("500"), Words: "NullReferenceException"}
			}
			return nil
		}
	}
	p.run()
	why := ": needs review: the server fails at it and takes others: 500"
	p.want(append(slices.Clone(empty), "1 retail sale"+why, "2 retail sale"+why, "1 retail sale: completed", "2 retail sale: completed")...)
	p.open()
	p.servers[0].fault, p.servers[1].fault = nil, nil
	for _, d := range p.deliveries() {
		if d.Reason != "" && d.Movement == lienthong.RetailSale {
			if err := p.outbox.Resend(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.run()
	p.want(append(slices.Clone(empty), "1 retail sale: completed", "2 retail sale: completed", "1 retail sale: completed", "2 retail sale: completed")...)
}

// TestPoisonAlone: a document at which the server fails again and again is tried again also when there is no other.
func TestPoisonAlone(t *testing.T) {
	p := newPost(t)
	p.sale("HD1", 20)
	for _, s := range p.servers {
		n := 0
		s.fault = func(what string, _ bool) error {
			if strings.HasPrefix(what, "send HD1") {
				if n++; n <= 7 {
					return &lienthong.TemporaryError{Err: errors.New("500")}
				}
			}
			return nil
		}
	}
	for p.now = morning.Add(time.Hour); ; {
		next, err := p.outbox.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if next.IsZero() && !p.quiet() {
			t.Fatalf("nothing is due though something waits: %+v", p.deliveries())
		}
		if p.quiet() {
			break
		}
		p.now = later(p.now, next)
	}
	p.want(append(slices.Clone(empty), "1 retail sale: completed", "2 retail sale: completed")...)
}

// TestCredentials: a refused password stops one generation and is told.
func TestCredentials(t *testing.T) {
	p := newPost(t)
	p.sale("HD1", 20)
	p.servers[0].fault = func(string, bool) error { return lienthong.ErrCredentials }
	if _, err := p.outbox.Step(t.Context()); !errors.Is(err, lienthong.ErrCredentials) {
		t.Fatalf("error %v", err)
	}
	for range 20 {
		if _, err := p.outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.now = p.now.Add(10 * time.Second)
	}
	p.want(append(slices.Clone(empty), "1 retail sale: pending: the server refuses the credentials", "2 retail sale: completed")...)
	if n := p.servers[0].requests; n > 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestOtherJournal(t *testing.T) {
	p := newPost(t)
	p.est.Party = sister
	_, err := lienthong.OpenOutbox(t.Context(), p.journal, p.reports(), nil)
	if want := `lienthong: journal of something else: "68-00417", want "68-00418"`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	p.est.Party = pharmacy
	if _, err := p.journal.Append(t.Context(), []byte("x")); err == nil {
		t.Error("an entry of no journal is taken")
	}
	if _, err := lienthong.OpenOutbox(t.Context(), p.journal, p.reports(), nil, p.servers[0], p.servers[0]); err == nil {
		t.Error("two transports of one generation")
	}
}

// BenchmarkOutbox reports a day of 1,000 sales to both generations, all that the outbox does with it: reading, documents,
// journal, and no network. It is to take at most 1 ms for each of the 2,000 documents; a disk adds one sync for each batch of
// 16, before it is sent and after.
func BenchmarkOutbox(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		p := newPost(b)
		p.options.InFlight = 1000
		p.open()
		for i := range 1000 {
			p.record(trace.Hop{
				Step: trace.Dispensing, Goods: p.goods(20), Document: "HD" + strconv.Itoa(i), Price: 1250, Lot: "L1", Expiry: "2027-12-31",
				Time: morning.Add(time.Duration(i) * 30 * time.Second),
			})
		}
		b.StartTimer()
		p.run()
		if n := len(p.servers[0].order) + len(p.servers[1].order); n != 2001 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2000, "µs/document")
}
