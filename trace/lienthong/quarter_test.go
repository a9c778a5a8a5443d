package lienthong_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
	gocmp "github.com/google/go-cmp/cmp"
)

// quarter makes TestQuarter as long as a quarter of a year: go test -run Quarter -v ./trace/lienthong -quarter -seed 2.
var (
	quarter = flag.Bool("quarter", false, "simulate 90 days, 30,000 movements and 1,000 crashes")
	seed    = flag.Uint64("seed", 0, "of what happens in the simulated quarter")
)

// TestQuarter lets a shop, a counter and a distributor work for a quarter, each with an outbox of its own to servers of both
// generations over HTTP. The line drops before, in the middle of and after requests, the servers answer 429, 500 and 401 or
// forget what they have accepted, and the processes die at random points: when they look at the clock, before a request leaves,
// when its answer is there, and when they have heard it and nobody has written it down. In the end each server has each document once, as the ledger says it and in the order
// of time after the opening stock, and its balances are those of the ledger.
func TestQuarter(t *testing.T) {
	days, moves, crashes := 12, 720, 60
	switch {
	case *quarter:
		days, moves, crashes = 90, 30_000, 1000
	case testing.Short():
		days, moves, crashes = 12, 360, 30
	}
	lives := []func(*house, int){(*house).shopMove, (*house).counterMove, (*house).distributorMove}
	var houses []*house
	t.Run("houses", func(t *testing.T) {
		for i, name := range []string{"shop", "counter", "distributor"} {
			h := newHouse(t, name, 3**seed+uint64(i), moves*8/crashes)
			h.crashes = (crashes + 2 - i) / 3
			houses = append(houses, h)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h.t = t
				h.live(days, moves/3, lives[i])
				h.settle()
				h.check()
				if h.died != h.crashes {
					t.Errorf("%d crashes, want %d", h.died, h.crashes)
				}
			})
		}
	})
	died, requests, kinds := 0, 0, map[string]int{}
	for _, h := range houses {
		died, requests = died+h.died, requests+h.line.requests
		for kind, n := range h.kinds {
			kinds[kind] += n
		}
	}
	for _, kind := range []string{
		"purchase", "importing", "customer return", "transfer in", "transfer out", "retail sale", "wholesale", "return to the supplier", "recall",
		"destruction", "count", "other goods out", "pack", "part of a pack", "rest of a pack", "without link", "without document",
		"line more on a paper", "recorded late", "did not take place", "corrected", "corrected days later",
	} {
		if t.Logf("%6d %s", kinds[kind], kind); kinds[kind] == 0 {
			t.Errorf("no %s in the quarter", kind)
		}
	}
	t.Logf("%d movements in %d days, %d requests, %d crashes", moves, days, requests, died)
}

// house is an establishment with its outbox and the servers it reports to.
type house struct {
	*shop
	rng     *rand.Rand
	mock    *nationaltest.Server
	base    string
	line    *line
	journal *ledger.Ledger
	outbox  *lienthong.Outbox
	options lienthong.OutboxOptions
	now     time.Time
	faults  *rand.Rand  // of the server, which has goroutines of its own
	calm    atomic.Bool // the line is good

	serial  int
	shelf   []int           // packs that are there
	taken   map[int]int64   // out of them
	papers  []paper         // that were not corrected
	back    int             // how many of them ago mistakes are found
	kinds   map[string]int  // of movements
	resent  map[string]bool // that somebody had to send again, by their number
	died    int
	crashes int
}

// line carries requests, and lets the process die on the way.
type line struct {
	http.RoundTripper
	rng      *rand.Rand
	requests int
	gap      int // points between deaths, on the average; 0 is never
	left     int
}

// point is where the process may die.
func (l *line) point() {
	if l.gap > 0 {
		if l.left--; l.left <= 0 {
			l.left = 1 + l.rng.IntN(2*l.gap)
			panic(crash{})
		}
	}
}

func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.requests++
	l.point()
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil {
		defer func() {
			if p := recover(); p != nil {
				resp.Body.Close()
				panic(p)
			}
		}()
	}
	l.point()
	return resp, err
}

// newHouse makes an establishment whose process dies after so many requests on the average.
func newHouse(t *testing.T, name string, seed uint64, gap int) *house {
	h := &house{
		shop: newShop(t), rng: rand.New(rand.NewPCG(seed, 9)), faults: rand.New(rand.NewPCG(seed, 10)), resent: map[string]bool{}, kinds: map[string]int{}, taken: map[int]int64{},
	}
	h.at = time.Date(2026, 8, 24, 8, 0, 0, 0, morning.Location())
	h.opts.Opening = lienthong.DayOf(h.at)
	switch name {
	case "counter":
		h.est.Party, h.est.MaCoSo, h.est.StoreID = sister, "68-00418", "S2"
		h.opts.CountPacks, h.opts.OpeningByCount = true, true
		h.opts.Partners[pharmacy] = lienthong.Partner{Name: "Nhà thuốc A", Own: true, StoreID: "S1"}
	case "distributor":
		h.est.Party, h.est.MaCoSo, h.est.Business = supplier, "01-00001", lienthong.Distributor
		h.opts.OpeningByDrug = true
		h.opts.Partners = map[trace.Party]lienthong.Partner{
			pharmacy: {Name: "Nhà thuốc A", SupplierID: "0100109107"}, abroad: {Name: "Pharma Ltd", SupplierID: "X9", Abroad: true},
			factory: {Name: "Nhà máy A", SupplierID: "0100109108"},
		}
	}
	h.mock = nationaltest.New(&nationaltest.Options{User: "u", Password: "p", TokenLife: 500, Capitals: name == "counter", Mess: name == "distributor", Fault: h.fault})
	web := httptest.NewServer(h.mock)
	t.Cleanup(web.Close)
	h.base = web.URL
	h.line = &line{RoundTripper: web.Client().Transport, rng: rand.New(rand.NewPCG(seed, 11)), gap: gap, left: gap}
	var err error
	if h.journal, err = ledger.OpenMemory(&ledger.Options{Index: lienthong.JournalIndex}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.journal.Close() })
	h.options.Now = func() time.Time { h.line.point(); return h.now }
	h.options.KeepWords = func(words string) string { h.line.point(); return words }
	h.now = h.at
	h.open()
	return h
}

// factory is where the distributor buys.
const factory = trace.Party("urn:test:factory")

// fault is what goes wrong with a request: one in fourteen.
func (h *house) fault(r *http.Request) nationaltest.Fault {
	if h.calm.Load() {
		return nationaltest.None
	}
	switch n := h.faults.IntN(140); {
	case n < 2:
		return nationaltest.DropDuring
	case n < 4:
		return nationaltest.DropBefore
	case n < 6:
		return nationaltest.DropAfter
	case n < 7:
		return nationaltest.TooMany
	case n < 8:
		return nationaltest.Broken
	case n < 9:
		return nationaltest.Expired
	case n < 10 && r.Method == http.MethodPost && (strings.Contains(r.URL.Path, "stock-") || strings.HasSuffix(r.URL.Path, "hoa_don")):
		return nationaltest.Forget // other documents of generation 1 cannot be asked for
	}
	return nationaltest.None
}

// open opens the outbox with new transports, as a process does that begins.
func (h *house) open() {
	h.t.Helper()
	login := func(context.Context) (string, string, error) { return "u", "p", nil }
	client := &http.Client{Transport: h.line}
	one, err1 := national.NewDuocQuocGia(h.est.MaCoSo, login, &national.Options{Base: h.base, Client: client, ReadBack: true})
	two, err2 := national.NewCsdlDuoc(login, &national.Options{Base: h.base + "/v2", Client: client})
	if err := errors.Join(err1, err2); err != nil {
		h.t.Fatal(err)
	}
	var err error
	if h.outbox, err = lienthong.OpenOutbox(h.t.Context(), h.journal, h.reports(), &h.options, one, two); err != nil {
		h.t.Fatal(err)
	}
}

// step is what a program does every now and then, until it dies.
func (h *house) step() {
	h.t.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			if h.died++; h.died == h.crashes {
				h.line.gap = 0
			}
			h.open()
		}
	}()
	next, err := h.outbox.Step(h.t.Context())
	if err != nil && !errors.Is(err, lienthong.ErrCredentials) { // 401 twice; the generation rests for a while
		h.t.Fatal(err)
	}
	if !next.IsZero() {
		h.now = later(h.now, next)
	}
}

// steps lets the outbox work until nothing waits but what is blocked.
func (h *house) steps(most int) {
	h.t.Helper()
	for range most {
		h.step()
		if waiting, _ := h.outbox.Waiting(); waiting == 0 {
			return
		}
	}
}

// live records movements over some days, and reports them as it goes.
func (h *house) live(days, moves int, move func(*house, int)) {
	h.t.Helper()
	h.at = h.at.AddDate(0, 0, -3) // before the opening
	big := h.goods(1_000_000)
	if h.opts.CountPacks {
		big = h.goods(100_000)
	}
	h.record(trace.Hop{Step: trace.Receiving, From: h.from(), Goods: big, Lot: "L1", Expiry: "271200"})
	h.record(trace.Hop{Step: trace.Receiving, From: h.from(), Goods: []trace.Goods{{Class: lot(h.t, unlinked, "X"), Count: 100}}, Lot: "X", Expiry: "271200"})
	h.back = moves / 8
	n := 0
	for day := range days {
		h.at = h.opts.Opening.Time().AddDate(0, 0, day).Add(8 * time.Hour)
		offline := day > 0 && h.rng.IntN(15) == 0
		for ; n < moves*(day+1)/days; n++ {
			move(h, n)
			if h.now = later(h.now, h.at); n%25 == 0 && !offline {
				h.step()
			}
		}
		if day == 1 { // until then the opening stock waits, and everything behind it
			h.link()
		}
		if !offline {
			h.steps(400)
		}
	}
	// The last crashes come in a quiet shop.
	for end := n + 5*h.crashes + 100; h.died < h.crashes && n < end; n++ {
		move(h, n)
		h.now = later(h.now, h.at)
		h.steps(400)
	}
}

// from is who supplies.
func (h *house) from() trace.Party {
	if h.est.Business == lienthong.Distributor {
		return factory
	}
	return supplier
}

// link links the drug that nobody had linked.
func (h *house) link() {
	h.t.Helper()
	d := tablets()
	d.DrugID, d.Units = "kháng sinh", []lienthong.Unit{{UnitID: "U2", Name: "Gói", GTIN: unlinked, Smallest: 1}}
	if err := h.reg.Put(d, "dược sĩ", h.at); err != nil {
		h.t.Fatal(err)
	}
}

// settle mends the line, and has somebody look at what a server was made to look bad at.
func (h *house) settle() {
	h.t.Helper()
	h.calm.Store(true)
	h.line.gap = 0
	for range 3 {
		h.now = h.now.Add(time.Hour)
		h.step()
		h.steps(20_000)
		for _, d := range h.deliveries() {
			if d.State == lienthong.NeedsReview && d.Kind != "" && !d.Void {
				h.resent[d.Number] = true
				if err := h.outbox.Resend(h.t.Context(), d); err != nil {
					h.t.Fatal(err)
				}
			}
		}
	}
	if waiting, blocked := h.outbox.Waiting(); waiting+blocked > 0 {
		h.t.Errorf("%d documents wait, %d are blocked", waiting, blocked)
	}
	if len(h.resent) > 5 {
		h.t.Errorf("somebody had to look at %d documents", len(h.resent))
	}
}

func (h *house) deliveries() []lienthong.Delivery {
	h.t.Helper()
	d, err := h.outbox.Deliveries(h.t.Context(), h.opts.Opening, lienthong.DayOf(h.at).Next())
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// hop is a movement of some tablets with a paper of its own.
func (h *house) hop(i int, s trace.Step) trace.Hop {
	h.at = h.at.Add(time.Duration(1+h.rng.IntN(180)) * time.Second)
	return trace.Hop{
		Step: s, Document: "D" + strconv.Itoa(i), Price: 1250, Lot: "L1", Expiry: "2027-12-31", Goods: h.goods(1 + h.rng.Int64N(30)),
	}
}

// put records a movement, and what often goes wrong with it.
func (h *house) put(i int, m trace.Hop) {
	h.t.Helper()
	late := false
	switch n := h.rng.IntN(100); {
	case n < 3:
		m.Document = "" // a voucher of its own
		h.kinds["without document"]++
	case n < 6 && i > 0 && m.Goods != nil:
		m.Document = "D" + strconv.Itoa(i-1) // a line more on the paper before
		h.kinds["line more on a paper"]++
	case n < 8 && m.Goods != nil && h.opts.Opening.Next().Before(lienthong.DayOf(h.at)): // recorded a day late
		late = true
		m.Document = "M" + strconv.Itoa(i)
		m.Time = h.at.AddDate(0, 0, -1)
		h.kinds["recorded late"]++
	}
	first := h.record(m)
	if m.Lot == "X" {
		h.kinds["without link"]++
	}
	if m.Goods == nil {
		return
	}
	switch n := h.rng.IntN(100); {
	case n < 3:
		h.declare(h.at, first)
		h.kinds["did not take place"]++
	case n < 6:
		h.correct(m, first)
		h.kinds["corrected"]++
	case n < 8 && !late && len(h.papers) > h.back: // somebody finds a mistake of some days ago
		k := len(h.papers) - h.back
		h.correct(h.papers[k].hop, h.papers[k].event)
		h.papers = slices.Delete(h.papers, k, k+1)
		h.kinds["corrected days later"]++
	case !late:
		h.papers = append(h.papers, paper{m, first})
	}
}

// paper is a movement as it was recorded.
type paper struct {
	hop   trace.Hop
	event *trace.Event
}

// correct records that a movement was one of another amount.
func (h *house) correct(m trace.Hop, first *trace.Event) {
	h.t.Helper()
	m.Goods, m.Time = slices.Clone(m.Goods), first.Time
	m.Goods[0].Count++
	second := h.record(m)
	h.declare(h.at, first, second.ID())
}

// packs makes a movement one of a pack with a serial number.
func (h *house) packs(m trace.Hop, serial int) trace.Hop {
	m.Goods, m.EPCs, m.Price = nil, []gs1.EPC{pack(h.t, box, strconv.Itoa(serial))}, 130_000
	return m
}

// newPack makes a movement the receipt of a pack.
func (h *house) newPack(m trace.Hop, from trace.Party) trace.Hop {
	h.serial++
	h.shelf = append(h.shelf, h.serial)
	h.kinds["pack"]++
	m = h.packs(m, h.serial)
	m.Step, m.From, m.To = trace.Receiving, from, ""
	return m
}

// part makes a movement the sale of some tablets out of a pack.
func (h *house) part(m trace.Hop) trace.Hop {
	k := h.rng.IntN(min(3, len(h.shelf))) // the packs in front
	h.taken[h.shelf[k]] += 5
	h.kinds["part of a pack"]++
	m = h.packs(m, h.shelf[k])
	m.Units = 5
	return m
}

// whole makes a movement one of a whole pack, or of the rest of one.
func (h *house) whole(m trace.Hop) trace.Hop {
	serial := h.shelf[0]
	h.shelf = h.shelf[1:]
	if h.taken[serial] > 0 {
		h.kinds["rest of a pack"]++
		delete(h.taken, serial)
	}
	return h.packs(m, serial)
}

// count makes a movement a count of what is there, which is near what should be.
func (h *house) count(m trace.Hop, most int64) trace.Hop {
	m.Step, m.Price = trace.Counting, 0
	m.Goods = h.goods(most - h.rng.Int64N(most/10))
	return m
}

// unlinkedDrug makes a movement one of a drug that nobody has linked yet.
func (h *house) unlinkedDrug(m trace.Hop) trace.Hop {
	m.Goods, m.Lot = []trace.Goods{{Class: lot(h.t, unlinked, "X"), Count: 1}}, "X"
	return m
}

// shopMove is a movement of a pharmacy (nhà thuốc).
func (h *house) shopMove(i int) {
	m := h.hop(i, trace.Dispensing)
	switch n := h.rng.IntN(200); {
	case n < 10:
		m.Step, m.From = trace.Receiving, supplier
	case n < 16:
		m.Step, m.Disposition = trace.Receiving, trace.DispReturned
	case n < 20:
		m.Step, m.To = trace.Returning, supplier
	case n < 24:
		m.Step, m.To = trace.Shipping, sister
	case n < 28:
		m.Step = trace.Destroying
	case n < 34:
		m = h.newPack(m, supplier)
	case n < 44 && len(h.shelf) > 0:
		m = h.part(m)
	case n < 48 && len(h.shelf) > 0:
		m = h.whole(m)
	case n < 52:
		m = h.unlinkedDrug(m)
	case n < 54:
		m = h.count(m, 1_000_000)
	}
	h.put(i, m)
}

// counterMove is a movement of a counter (quầy thuốc), which counts in packs and gets its goods from the pharmacy.
func (h *house) counterMove(i int) {
	m := h.hop(i, trace.Dispensing)
	m.Price = 125_000
	switch n := h.rng.IntN(200); {
	case n < 20:
		m.Step, m.From = trace.Receiving, pharmacy
	case n < 26:
		m.Step, m.To = trace.Shipping, pharmacy
	case n < 32:
		m.Step, m.From = trace.Receiving, supplier
	case n < 36:
		m.Step = trace.Losing
	case n < 42:
		m = h.newPack(m, pharmacy)
	case n < 52 && len(h.shelf) > 0:
		m = h.part(m)
	case n < 56 && len(h.shelf) > 0:
		m = h.whole(m)
	case n < 60:
		m = h.unlinkedDrug(m)
	case n < 62:
		m = h.count(m, 100_000)
	}
	h.put(i, m)
}

// distributorMove is a movement of a distributor (cơ sở phân phối).
func (h *house) distributorMove(i int) {
	m := h.hop(i, trace.Shipping)
	m.To = pharmacy
	switch n := h.rng.IntN(200); {
	case n < 40:
		m.Step, m.From, m.To = trace.Receiving, factory, ""
	case n < 50:
		m.Step, m.From, m.To = trace.Receiving, abroad, ""
	case n < 60:
		m.Step, m.Disposition, m.From, m.To = trace.Receiving, trace.DispReturned, pharmacy, ""
	case n < 66:
		m.Step, m.To = trace.Returning, factory
	case n < 70:
		m.Disposition, m.To = trace.DispRecalled, factory
	case n < 76:
		m.Step, m.To = trace.Destroying, ""
	case n < 84:
		m = h.newPack(m, factory)
	case n < 90 && len(h.shelf) > 0:
		m = h.whole(m)
	case n < 94:
		m = h.unlinkedDrug(m)
	case n < 95:
		m = h.count(m, 1_000_000)
		m.To = ""
	}
	h.put(i, m)
}

// check holds what the servers have against the ledger.
func (h *house) check() {
	h.t.Helper()
	vouchers, err := h.reports().Vouchers(h.t.Context(), h.opts.Opening, lienthong.DayOf(h.at).Next())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, d := range h.deliveries() {
		if d.Generation == 2 && !d.Void {
			h.kinds[d.Movement.String()]++
		}
		var none *lienthong.NotExpressibleError
		_, _, err := d.Movement.GenerationOne()
		ok := d.State == lienthong.Completed || d.State == lienthong.NeedsReview &&
			(d.Generation == 1 && errors.As(err, &none) || d.Generation == 2 && d.Void)
		if !ok {
			h.t.Errorf("%+v", d)
		}
	}
	for generation := 1; generation <= 2; generation++ {
		want := map[string]string{}
		var order []string
		for i := range vouchers {
			v := &vouchers[i]
			d, err := h.reports().Document(generation, v)
			var none *lienthong.NotExpressibleError
			if errors.Is(err, lienthong.ErrVoid) || errors.As(err, &none) {
				continue
			}
			if err != nil {
				h.t.Fatal(err)
			}
			body, err := json.Marshal(d.Body)
			if err != nil {
				h.t.Fatal(err)
			}
			want[string(d.Kind)+" "+d.Number] = string(body)
			// What was blocked, recorded late or sent again by somebody comes late.
			if !strings.Contains(string(body), `"X"`) && !strings.HasPrefix(v.Document, "M") && !h.resent[d.Number] {
				order = append(order, d.Number)
			}
		}
		void, forgotten := map[string]bool{}, map[string]bool{}
		for _, d := range h.deliveries() {
			void[d.Number] = generation == 2 && d.Generation == 2 && d.Void && d.State == lienthong.NeedsReview
		}
		got, came := map[string]string{}, []string{}
		var held []nationaltest.Held
		for i, d := range h.mock.Documents(generation) {
			if i == 0 && !strings.Contains(string(d.Body), "opening-balance") && d.Kind != lienthong.KindStockTaking && !strings.Contains(string(d.Body), `"loai_phieu_nhap":3`) {
				h.t.Errorf("generation %d: %s came before the opening stock", generation, d.Number)
			}
			if d.State != lienthong.Completed {
				h.t.Errorf("generation %d: %s is %s: %s", generation, d.Number, d.State, d.Words)
			}
			if void[d.Number] {
				continue // it cannot be withdrawn: somebody reviews it
			}
			forgotten[d.Number] = d.Forgotten > 0 // it came in order, and again
			got[string(d.Kind)+" "+d.Number] = string(d.Body)
			came, held = append(came, d.Number), append(held, d)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			h.t.Errorf("generation %d (-want +got):\n%.4000s", generation, diff)
		}
		order = slices.DeleteFunc(order, func(n string) bool { return forgotten[n] })
		known := map[string]bool{}
		for _, n := range order {
			known[n] = true
		}
		came = slices.DeleteFunc(came, func(n string) bool { return !known[n] })
		if diff := gocmp.Diff(order, came); diff != "" {
			h.t.Errorf("generation %d: not in the order of time (-want +got):\n%.2000s", generation, diff)
		}
		if generation == 2 {
			h.balances(held)
		}
		h.t.Logf("generation %d: %d documents, %d of them in order, %d late; %d vouchers", generation, len(got), len(order), len(got)-len(order), len(vouchers))
	}
	if len(h.resent) > 0 {
		h.t.Logf("%d documents were sent again by somebody", len(h.resent))
	}
}

// balances sums the documents of generation 2 by lot, and holds them against the stock of the ledger.
func (h *house) balances(documents []nationaltest.Held) {
	h.t.Helper()
	sums := map[string]int64{}
	smallest := map[string]int64{"U1": 100, "U31": 1, "U2": 1}
	for _, d := range documents {
		if d.Kind == lienthong.KindStockTaking {
			var s lienthong.StockTaking
			if err := json.Unmarshal(d.Body, &s); err != nil {
				h.t.Fatal(err)
			}
			for _, it := range s.Items {
				sums[it.BatchNo] += (it.ActualQuantity - it.SystemQuantity) * smallest[it.UnitID]
			}
			continue
		}
		var s lienthong.Transaction
		if err := json.Unmarshal(d.Body, &s); err != nil {
			h.t.Fatal(err)
		}
		sign := int64(1)
		if d.Kind == lienthong.KindStockOut {
			sign = -1
		}
		for _, it := range s.Items {
			sums[it.BatchNo] += sign * it.Quantity * smallest[it.UnitID]
		}
	}
	lines, err := h.repo.Stock(h.t.Context(), h.est.Party)
	if err != nil {
		h.t.Fatal(err)
	}
	want := map[string]int64{}
	for _, l := range lines {
		n := l.Count
		if h.opts.CountPacks && l.Class.Value("10") == "L1" {
			n *= 100
		}
		want[l.Class.Value("10")] += n + 100*int64(len(l.Packs))
	}
	for _, units := range h.taken { // out of packs that are still there, which only the packs know
		want["L1"] -= units
	}
	if diff := gocmp.Diff(want, sums); diff != "" {
		h.t.Errorf("balances (-want +got):\n%s", diff)
	}
	for _, k := range slices.SortedFunc(maps.Keys(want), cmp.Compare[string]) {
		h.t.Logf("lot %s: %d smallest units on both sides", k, want[k])
	}
}
