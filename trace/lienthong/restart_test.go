package lienthong_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
)

// sales records sales on the days after the opening, so many a day, and reports them.
func (p *post) sales(days, aDay int) {
	p.t.Helper()
	for d := range days {
		p.at = morning.AddDate(0, 0, d)
		for i := range aDay {
			p.sale("HD"+strconv.Itoa(d)+"-"+strconv.Itoa(i), 1)
		}
		p.now = later(p.now, p.at)
		p.run()
	}
}

// TestRestart: an outbox that is opened reads what is open, and not what was reported long ago, however much came at once.
func TestRestart(t *testing.T) {
	cost := func(sales int) float64 {
		p := newPost(t)
		for day := -1; day < 2; day++ { // from that of the opening on
			for i := range sales {
				p.record(trace.Hop{
					Step: trace.Dispensing, Goods: p.goods(1), Document: fmt.Sprint("HD", day, "-", i), Lot: "L1", Expiry: "271200", Price: 1250,
					Time: morning.AddDate(0, 0, day).Add(time.Duration(i) * time.Second),
				})
			}
		}
		p.now = morning.AddDate(0, 0, 3)
		p.run()
		if waiting, blocked := p.outbox.Waiting(); waiting+blocked > 0 {
			t.Fatalf("%d documents wait, %d are blocked", waiting, blocked)
		}
		before := p.servers[0].requests + p.servers[1].requests
		n := testing.AllocsPerRun(3, func() {
			p.open()
			if _, err := p.outbox.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		if after := p.servers[0].requests + p.servers[1].requests; after != before {
			t.Errorf("%d requests though there is nothing new", after-before)
		}
		return n
	}
	few, many := cost(10), cost(200)
	t.Logf("%.0f allocations after 30 sales, %.0f after 600", few, many)
	if many > few*1.5 {
		t.Errorf("a restart after 600 sales takes %.0f allocations, after 30 %.0f", many, few)
	}
}

// TestLaterGeneration: a generation that is added later gets everything since the opening day, and one that paused what it has
// missed.
func TestLaterGeneration(t *testing.T) {
	p := newPost(t)
	only := func(servers ...lienthong.Transport) {
		t.Helper()
		o, err := lienthong.OpenOutbox(t.Context(), p.journal, p.reports(), &p.options, servers...)
		if err != nil {
			t.Fatal(err)
		}
		p.outbox = o
		p.run()
	}
	only(p.servers[0])
	p.sales(2, 3)
	only(p.servers[1])
	p.at = morning.AddDate(0, 0, 2)
	p.sale("HD9", 1)
	p.now = p.at.Add(time.Hour)
	p.run()
	only(p.servers[0], p.servers[1])
	for _, s := range p.servers {
		if want := 7 + s.generation - 1; len(s.order) != want { // generation 1 has no empty opening stock
			t.Errorf("generation %d has %d documents, want %d: %v", s.generation, len(s.order), want, s.order)
		}
	}
}

// TestCrashAtMark: what a server said is written before a mark says that nothing of its day waits, so a process that dies in
// the midst of the next batch is followed by one that knows.
func TestCrashAtMark(t *testing.T) {
	p := newPost(t)
	p.options.Batch, p.options.InFlight = 300, 1000
	p.open()
	step := func() (died bool) {
		defer func() {
			if r := recover(); r != nil {
				died = true
				p.open()
			}
		}()
		if _, err := p.outbox.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		return false
	}
	p.at = morning
	p.sale("HD1", 1)
	p.now = morning.Add(time.Hour)
	two := p.servers[1]
	for len(two.order) < 2 { // opening stock and sale, of which the latter is not finished
		step()
		p.now = p.now.Add(10 * time.Second)
	}
	two.documents[two.order[1]].polls = 1
	for i := range 300 {
		p.record(trace.Hop{
			Step: trace.Dispensing, Goods: p.goods(1), Document: fmt.Sprint("HD", 2+i), Lot: "L1", Expiry: "271200", Price: 1250,
			Time: morning.AddDate(0, 0, 1).Add(time.Duration(i) * time.Second),
		})
	}
	p.now = morning.AddDate(0, 0, 2)
	two.fault = func(what string, _ bool) error {
		if strings.HasPrefix(what, "send") {
			panic(crash{})
		}
		return nil
	}
	if !step() {
		t.Fatal("the process did not die")
	}
	two.fault = nil
	p.run()
	for _, d := range p.deliveries() {
		if d.Generation == 2 && d.State != lienthong.Completed {
			t.Errorf("%+v", d)
		}
	}
}
