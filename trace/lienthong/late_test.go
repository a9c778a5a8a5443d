package lienthong_test

import (
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
)

// body is the document of generation 2 that has a text in its number.
func (p *post) body(number string) string {
	p.t.Helper()
	for n, h := range p.servers[1].documents {
		if strings.HasPrefix(n, number) {
			return h.body
		}
	}
	p.t.Fatalf("no document %s among %v", number, p.servers[1].order)
	return ""
}

// TestLate: what is recorded late changes the documents of later days that say what was there before, under their numbers: a
// count has what the books had by all that is known, and the rest of a pack is less when it was opened earlier than anybody
// knew. It is so whether the outbox remembers those days or a new process reads them.
func TestLate(t *testing.T) {
	for _, again := range []bool{false, true} {
		p := newPost(t)
		serial := pack(t, box, "A")
		p.at = morning
		p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: p.goods(500), Lot: "L1", Expiry: "271200", Document: "PN1"})
		p.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: []gs1.EPC{serial}, Lot: "L1", Expiry: "271200", Document: "PN2"})
		sold := p.sale("HD1", 20)
		p.at = morning.AddDate(0, 0, 2)
		p.hop(trace.Hop{Step: trace.Counting, Goods: p.goods(470), Lot: "L1", Expiry: "271200", Document: "KK1"})
		p.hop(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{serial}, Lot: "L1", Expiry: "271200", Document: "HD2", Price: 125_000})
		p.now = p.at
		p.run()
		want := func(count, rest string) {
			t.Helper()
			if body := p.body("KK1-"); !strings.Contains(body, count) {
				t.Errorf("process anew %v: the count says %s, want %s", again, body, count)
			}
			if body := p.body("HD2-"); !strings.Contains(body, rest) {
				t.Errorf("process anew %v: the rest says %s, want %s", again, body, rest)
			}
		}
		want(`"system_quantity":480,"actual_quantity":470`, `"unit_id":"U1","quantity":1`)
		documents := len(p.servers[1].order)

		// The sale was of 25, somebody forgot another of 3, and out of the pack 40 tablets were sold before.
		if again {
			p.open()
		}
		p.now = p.now.AddDate(0, 0, 1)
		right := p.record(trace.Hop{Step: trace.Dispensing, Goods: p.goods(25), Document: "HD1", Price: 1250, Lot: "L1", Expiry: "2027-12-31", Time: morning.Add(3 * 60e9)})
		p.wrong(sold.Index, right.ID())
		p.record(trace.Hop{Step: trace.Dispensing, Goods: p.goods(3), Document: "HD3", Price: 1250, Lot: "L1", Expiry: "2027-12-31", Time: morning.AddDate(0, 0, 1)})
		p.record(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{serial}, Units: 40, Lot: "L1", Expiry: "2027-12-31", Document: "HD4", Price: 125_000, Time: morning.AddDate(0, 0, 1)})
		p.run()
		want(`"system_quantity":472,"actual_quantity":470`, `"unit_id":"U31","quantity":60`)
		if n := len(p.servers[1].order); n != documents+2 {
			t.Errorf("%d documents, want %d: %v", n, documents+2, p.servers[1].order)
		}
		for _, d := range p.deliveries() {
			if d.Generation == 2 && d.State != lienthong.Completed {
				t.Errorf("%+v", d)
			}
		}

		// What was sent is what a new reading of everything says.
		before := p.servers[1].requests
		p.open()
		p.run()
		if n := p.servers[1].requests - before; n != 0 {
			t.Errorf("%d requests though nothing is new", n)
		}
	}
}
