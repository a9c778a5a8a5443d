package lienthong_test

import (
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/google/go-cmp/cmp"
)

// crash is what a process dies of.
type crash struct{}

// TestSimulation lets a shop move goods while the line is flaky and the process dies at random points. In the end each
// server has each document once, as the ledger says it, in the order of time after the opening stock. The servers are
// functions that know what an outbox may believe of them; TestQuarter has servers and more.
func TestSimulation(t *testing.T) {
	switch {
	case testing.Short():
		simulate(t, 300, 20)
	default:
		simulate(t, 1000, 30)
	}
}

func simulate(t *testing.T, moves, crashes int) {
	rng := rand.New(rand.NewPCG(1, 9))
	p := newPost(t)
	p.at = morning.AddDate(0, 0, -2)
	p.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: p.goods(1_000_000), Lot: "L1", Expiry: "271200"})
	p.at = morning.Add(-10 * time.Hour) // late on the opening day
	died, requests := 0, 0
	every := max(1, moves*5/crashes)
	for _, s := range p.servers {
		s.fault = func(what string, served bool) error {
			requests++
			switch n := rng.IntN(100); {
			case requests%every == 0 && died < crashes:
				panic(crash{})
			case n < 3:
				return &lienthong.TemporaryError{Err: errors.New("connection reset")}
			case n < 5 && !served:
				return &lienthong.TemporaryError{Err: errors.New("429"), NotArrived: true}
			}
			return nil
		}
	}
	step := func() {
		defer func() {
			if r := recover(); r != nil {
				if _, ok := r.(crash); !ok {
					panic(r)
				}
				died++
				p.open()
			}
		}()
		next, err := p.outbox.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !next.IsZero() {
			p.now = later(p.now, next)
		}
	}
	var serial int
	for i := range moves {
		p.random(rng, i, &serial)
		if i == moves/10 {
			d := tablets()
			d.DrugID, d.Units = "kháng sinh", []lienthong.Unit{{UnitID: "U2", Name: "Gói", GTIN: unlinked, Smallest: 1}}
			if err := p.reg.Put(d, "dược sĩ", morning); err != nil {
				t.Fatal(err)
			}
		}
		if p.now = later(p.now, p.at); i%50 == 0 {
			step()
		}
	}
	for range 100 * moves {
		if p.quiet() && died >= crashes {
			break
		}
		if p.now = p.now.Add(time.Second); p.quiet() { // the last crashes come in a quiet shop
			p.random(rng, moves, &serial)
		}
		step()
	}
	for _, s := range p.servers {
		s.fault = nil
	}
	p.now = p.now.Add(time.Hour)
	p.run()
	p.check()
	t.Logf("%d movements, %d requests, %d crashes", moves, requests, died)
	if died < crashes {
		t.Errorf("%d crashes, want %d", died, crashes)
	}
}

// random records a movement.
func (p *post) random(rng *rand.Rand, i int, serial *int) {
	p.t.Helper()
	h := trace.Hop{Step: trace.Dispensing, Document: "D" + strconv.Itoa(i), Price: 1250, Lot: "L1", Expiry: "2027-12-31"}
	h.Goods = p.goods(1 + rng.Int64N(30))
	p.at = p.at.Add(time.Duration(rng.IntN(20)) * time.Second)
	switch n := rng.IntN(100); {
	case n < 5:
		h.Step, h.From = trace.Receiving, supplier
	case n < 8:
		h.Step, h.Disposition = trace.Receiving, trace.DispReturned
	case n < 10:
		h.Step, h.To = trace.Returning, supplier
	case n < 12:
		h.Step, h.To = trace.Shipping, sister
	case n < 14:
		h.Step = trace.Destroying
	case n < 16:
		*serial++
		h.EPCs, h.Goods, h.Price = []gs1.EPC{pack(p.t, box, strconv.Itoa(*serial))}, nil, 130_000
		h.Step, h.From = trace.Receiving, supplier
	case n < 20 && *serial > 0:
		h.EPCs, h.Goods, h.Price = []gs1.EPC{pack(p.t, box, strconv.Itoa(1+rng.IntN(*serial)))}, nil, 130_000
		h.Units = 10
	case n < 22:
		h.Goods = []trace.Goods{{Class: lot(p.t, unlinked, "X"), Count: 1}}
		h.Lot = "X"
	case n < 24:
		h.Document = ""
	case n < 28: // a line more on the invoice before
		h.Document = "D" + strconv.Itoa(i-1)
	}
	first := p.record(h)
	switch n := rng.IntN(100); {
	case n < 3 && h.Goods != nil: // it did not take place
		p.declare(p.now, first)
	case n < 6 && h.Goods != nil: // it was another amount
		h.Goods[0].Count++
		h.Time = first.Time
		second := p.record(h)
		p.declare(p.now, first, second.ID())
	}
}

// check holds the documents of the servers against the ledger.
func (p *post) check() {
	p.t.Helper()
	vouchers := p.between(-1, 60)
	for _, s := range p.servers {
		want := map[string]string{}
		var order []string
		for i := range vouchers {
			v := &vouchers[i]
			d, err := p.reports().Document(s.generation, v)
			var none *lienthong.NotExpressibleError
			if errors.Is(err, lienthong.ErrVoid) || errors.As(err, &none) {
				continue
			}
			if err != nil {
				p.t.Fatal(err)
			}
			body, err := json.Marshal(d.Body)
			if err != nil {
				p.t.Fatal(err)
			}
			want[d.Number] = string(body)
			if !strings.Contains(string(body), `"X"`) { // what was blocked is late
				order = append(order, d.Number)
			}
		}
		got := map[string]string{}
		for number, h := range s.documents {
			got[number] = h.body
		}
		if s.generation == 2 { // it cannot forget what did not take place: somebody reviews it
			for _, d := range p.deliveries() {
				if d.Void && d.State == lienthong.NeedsReview {
					delete(got, d.Number)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			p.t.Errorf("generation %d (-want +got):\n%.4000s", s.generation, diff)
		}
		known := map[string]bool{}
		for _, n := range order {
			known[n] = true
		}
		came := slices.DeleteFunc(slices.Clone(s.order), func(n string) bool { return !known[n] })
		if diff := cmp.Diff(order, came); diff != "" {
			p.t.Errorf("generation %d: not in the order of time (-want +got):\n%.2000s", s.generation, diff)
		}
		if s.generation == 2 {
			p.balances(got)
		}
	}
	states := map[string]int{}
	for _, s := range p.states() {
		s, _, _ = strings.Cut(s, ": lienthong")
		states[s]++
	}
	for _, s := range slices.Sorted(maps.Keys(states)) {
		p.t.Logf("%6d %s", states[s], s)
	}
}

// balances sums the documents of generation 2 and holds them against the stock of the ledger.
func (p *post) balances(documents map[string]string) {
	p.t.Helper()
	sums := map[string]int64{}
	for _, body := range documents {
		var d lienthong.Transaction
		if err := json.Unmarshal([]byte(strings.ReplaceAll(body, `"price"`, `"-"`)), &d); err != nil {
			p.t.Fatal(err)
		}
		sign := int64(1)
		switch d.Reason {
		case lienthong.OutRetail, lienthong.OutTransfer, lienthong.OutDestroy:
			sign = -1
		case lienthong.OutReturn: // the same word for both ways
			if d.SupplierID != "" {
				sign = -1
			}
		}
		for _, item := range d.Items {
			n := item.Quantity
			if item.UnitID == "U1" {
				n *= 100
			}
			sums[item.BatchNo] += sign * n
		}
	}
	lines, err := p.repo.Stock(p.t.Context(), pharmacy)
	if err != nil {
		p.t.Fatal(err)
	}
	want := map[string]int64{}
	for _, l := range lines {
		want[l.Class.Value("10")] += l.Count + 100*int64(len(l.Packs))
	}
	// What was taken out of opened packs is known to the packs only.
	for rec, err := range p.repo.Query(p.t.Context(), &trace.Query{Dispositions: []trace.Disposition{trace.DispPartiallyDispensed}}) {
		if err != nil {
			p.t.Fatal(err)
		}
		sign := int64(10)
		if rec.Event.Error != nil {
			sign = -10
		}
		want["L1"] -= sign
	}
	if diff := cmp.Diff(want, sums); diff != "" {
		p.t.Errorf("balances (-want +got):\n%s", diff)
	}
}
