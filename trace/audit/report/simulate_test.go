package report_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/google/go-cmp/cmp"
)

var (
	shops  = flag.Int("shops", 24, "shops of the simulated province")
	rounds = flag.Int("rounds", 3, "deliveries to each of them; each makes 50 records of the shop, and 5 of others")
)

// simulation is a province whose parties keep ledgers: a maker, two distributors, and shops that are offline for days and
// whose clocks are wrong by minutes. Some of them cheat, each in a way of its own.
type simulation struct {
	t        testing.TB
	seed     uint64
	dir      string
	start    time.Time
	shops    int
	rounds   int
	files    map[trace.Party]string
	keys     []audit.Key
	register *trace.Register
	kept     []*ledger.Checkpoint
	want     map[string]bool // findings, and problems, that were planted
	records  int64
}

// life is what happens around one shop.
type life struct {
	*simulation
	i        int
	party    trace.Party
	r        *rand.Rand
	own      []*trace.Event                 // in its ledger
	upstream map[trace.Party][]*trace.Event // in those of maker and distributors
	planted  []string
}

const maker trace.Party = "8936000120009"

var distributors = [...]trace.Party{"8935210000019", "8935220000016"}

// expired and recalled are the lots with a catch: the others expire in two years.
const (
	lots     = 6
	expired  = 4 // its last day is the 40th
	recalled = 5 // since the 30th day
)

func (s *simulation) shop(i int) trace.Party { return trace.Party(fmt.Sprintf("68-%05d", i)) }

func (s *simulation) lot(k int) gs1.EPC {
	return s.epc("https://id.gs1.org/01/08936000123451/10/LOT%d", k)
}

// pack returns the pack k of a delivery to a shop. Its serial number is as makers choose them: nobody guesses the next one.
func (s *simulation) pack(i, r, k int) gs1.EPC {
	const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	n := rand.New(rand.NewPCG(s.seed, uint64(i)<<32|uint64(r)<<8|uint64(k))).Uint64()
	var serial [12]byte
	for j := range serial {
		serial[j], n = letters[n%32], n/32
	}
	return s.epc("https://id.gs1.org/01/08936000123451/21/%s", serial[:])
}

func (s *simulation) epc(format string, args ...any) gs1.EPC {
	s.t.Helper()
	e, err := gs1.ParseEPC(fmt.Sprintf(format, args...))
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

func (s *simulation) at(day int, minutes int) time.Time {
	return s.start.Add(time.Duration(day)*24*time.Hour + time.Duration(minutes)*time.Minute)
}

// planted is a line of what an audit has to find.
func planted(code trace.Code, place trace.Party, object trace.ID) string {
	return fmt.Sprintf("%s %s %s", code, place, object)
}

func (s *simulation) plant(code trace.Code, place trace.Party) {
	s.want[planted(code, place, "")] = true
}

func (l *life) plant(code trace.Code, place trace.Party, object trace.ID) {
	l.planted = append(l.planted, planted(code, place, object))
}

// event makes an event that is recorded some time after it happened.
func (s *simulation) event(h trace.Hop, late time.Duration) *trace.Event {
	e, err := h.Event()
	if err != nil {
		s.t.Fatal(err)
	}
	e.RecordTime = h.Time.Add(late).UTC()
	return e
}

// others records what maker or distributor do.
func (l *life) others(h trace.Hop) {
	l.upstream[h.By] = append(l.upstream[h.By], l.event(h, time.Minute))
}

// export writes the ledger of a party into its file, and returns the key and how many records there are.
func (s *simulation) export(p trace.Party, events []*trace.Event) (audit.Key, int64) {
	seed := sha256.Sum256([]byte(p))
	// In the order in which they were recorded: a shop that was offline records late.
	slices.SortStableFunc(events, func(a, b *trace.Event) int { return a.RecordTime.Compare(b.RecordTime) })
	l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/" + string(p), Signers: []crypto.Signer{ed25519.NewKeyFromSeed(seed[:])}})
	if err != nil {
		s.t.Fatal(err)
	}
	defer l.Close()
	repo, err := trace.Open(s.t.Context(), l, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := repo.Import(s.t.Context(), func(yield func(*trace.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}); err != nil {
		s.t.Fatal(err)
	}
	f, err := os.Create(s.file(p) + ".part")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := audit.Export(s.t.Context(), f, l, nil); err != nil {
		s.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(f.Name(), s.file(p)); err != nil {
		s.t.Fatal(err)
	}
	return audit.Key{Verifier: l.VerifierKey(), Party: p}, l.Size()
}

func (s *simulation) file(p trace.Party) string { return filepath.Join(s.dir, string(p)+".evidence") }

// ledgerOf exports the ledger of a party that is audited.
func (s *simulation) ledgerOf(p trace.Party, events []*trace.Event) {
	key, size := s.export(p, events)
	s.have(p, key, size)
}

// have takes in that a party's ledger was exported.
func (s *simulation) have(p trace.Party, key audit.Key, size int64) {
	s.records += size
	s.files[p], s.keys = s.file(p), append(s.keys, key)
}

// plan makes a province without ledgers.
func plan(t testing.TB, seed uint64, dir string, shops, rounds int) *simulation {
	s := &simulation{t: t, seed: seed, dir: dir, shops: shops, rounds: rounds,
		start: time.Date(2021, 1, 4, 0, 0, 0, 0, time.UTC), files: make(map[trace.Party]string), want: make(map[string]bool)}
	gtin, err := gs1.ParseGTIN("08936000123451")
	if err != nil {
		t.Fatal(err)
	}
	s.register = &trace.Register{End: s.at(10*rounds+30, 0),
		Establishments: []trace.Establishment{{Party: maker}, {Party: distributors[0]}, {Party: distributors[1]}},
		Products:       []trace.Product{{GTIN: gtin, MaxPrice: 100_000}},
		Lots:           []trace.Lot{{GTIN: gtin, Lot: "LOT" + strconv.Itoa(recalled), Recalled: s.at(30, 0)}}}
	for i := range shops {
		e := trace.Establishment{Party: s.shop(i)}
		if i%100 == 18 {
			e.Suspended = s.at(10*rounds+5, 0)
		}
		s.register.Establishments = append(s.register.Establishments, e)
	}
	return s
}

// simulate makes a province.
func simulate(t testing.TB, seed uint64, shops, rounds int) *simulation {
	s := plan(t, seed, t.TempDir(), shops, rounds)
	upstream := s.stock()
	for i := range shops {
		l := s.live(i)
		s.ledgerOf(l.party, l.own)
		s.took(l, upstream)
	}
	for _, p := range []trace.Party{maker, distributors[0], distributors[1]} {
		s.ledgerOf(p, upstream[p])
	}
	s.spoil()
	return s
}

// took takes in what a shop planted, and what others did for it.
func (s *simulation) took(l *life, upstream map[trace.Party][]*trace.Event) {
	for _, line := range l.planted {
		s.want[line] = true
	}
	for p, events := range l.upstream {
		upstream[p] = append(upstream[p], events...)
	}
}

// stock returns what maker and distributors do before there are shops.
func (s *simulation) stock() map[trace.Party][]*trace.Event {
	l := &life{simulation: s, upstream: make(map[trace.Party][]*trace.Event)}
	for k := range lots {
		expiry := "2028-12-31"
		if k == expired {
			expiry = s.at(40, 0).Format(time.DateOnly)
		}
		l.others(trace.Hop{Step: trace.Commissioning, Time: s.at(0, k), By: maker, Expiry: expiry, Lot: "LOT" + strconv.Itoa(k),
			Goods: []trace.Goods{{Class: s.lot(k), Count: 1_000_000_000}}})
		for i, d := range distributors {
			doc := fmt.Sprintf("G%d-%d", i, k)
			goods := []trace.Goods{{Class: s.lot(k), Count: 400_000_000}}
			l.others(trace.Hop{Step: trace.Shipping, Time: s.at(0, 60+k), By: maker, To: d, Goods: goods, Document: doc})
			l.others(trace.Hop{Step: trace.Receiving, Time: s.at(1, 60+k), By: d, From: maker, Goods: goods, Document: doc})
		}
	}
	return l.upstream
}

// live lives the life of a shop. The first 22 of each hundred cheat. It may be called by several goroutines.
func (s *simulation) live(i int) *life {
	p := s.shop(i)
	l := &life{simulation: s, i: i, party: p, r: rand.New(rand.NewPCG(s.seed, uint64(i)+2)), upstream: make(map[trace.Party][]*trace.Event)}
	wrong := time.Duration(l.r.IntN(40)-20) * time.Minute // the clock
	did := func(h trace.Hop) {
		h.By, h.Time = p, h.Time.Add(wrong+time.Duration(l.r.IntN(60_000))*time.Millisecond)
		late := time.Duration(l.r.IntN(300)) * time.Second
		if day := int(h.Time.Sub(s.start) / (24 * time.Hour)); day/3%(4+i%5) == 1 {
			late = time.Duration(1+l.r.IntN(4)) * 24 * time.Hour // no line
		}
		l.own = append(l.own, s.event(h, late))
	}
	d := distributors[i%len(distributors)]
	sold := 0
	sell := func(at time.Time, h trace.Hop) {
		sold++
		h.Step, h.Time, h.Document = trace.Dispensing, at, fmt.Sprintf("B%d", sold)
		did(h)
	}
	rounds := s.rounds
	if i%100 == 9 {
		rounds = 1 // it stops
		l.plant(audit.StoppedReports, p, "")
	}
	for r := range rounds {
		day := 2 + 10*r
		doc := fmt.Sprintf("%d-%d", i, r)
		var packs []gs1.EPC
		for k := range 6 {
			packs = append(packs, s.pack(i, r, k))
		}
		box := s.epc("https://id.gs1.org/00/%s", sscc(i*s.rounds+r+1))
		l.others(trace.Hop{Step: trace.Commissioning, Time: s.at(day, 1), By: maker, EPCs: packs, Lot: "SN1", Expiry: "281231"})
		l.others(trace.Hop{Step: trace.Shipping, Time: s.at(day, 30), By: maker, To: d, EPCs: packs, Document: "M" + doc})
		l.others(trace.Hop{Step: trace.Receiving, Time: s.at(day, 300), By: d, From: maker, EPCs: packs, Document: "M" + doc})
		l.others(trace.Hop{Step: trace.Packing, Time: s.at(day, 320), By: d, Parent: box, EPCs: packs})
		var goods []trace.Goods
		for k := range lots {
			goods = append(goods, trace.Goods{Class: s.lot(k), Count: 40})
		}
		l.others(trace.Hop{Step: trace.Shipping, Time: s.at(day, 400), By: d, To: p, EPCs: []gs1.EPC{box}, Goods: goods, Document: "D" + doc})
		did(trace.Hop{Step: trace.Receiving, Time: s.at(day+1, 100), From: d, EPCs: []gs1.EPC{box}, Goods: goods, Document: "D" + doc})
		did(trace.Hop{Step: trace.Unpacking, Time: s.at(day+1, 130), Parent: box})
		for n := range 48 {
			at := s.at(day+1+n/6, 200+40*(n%6)+l.r.IntN(30))
			if n%8 == 7 {
				sell(at, trace.Hop{EPCs: packs[n/8 : n/8+1], Price: 90_000})
				continue
			}
			k := l.r.IntN(lots)
			if k == expired && !at.Before(s.at(39, 0)) || k == recalled && !at.Before(s.at(29, 0)) {
				k = 0
			}
			// Never more than is there: forty of a lot come with each delivery, and of each at most 41 sales are of one lot.
			sell(at, trace.Hop{Goods: []trace.Goods{{Class: s.lot(k), Count: 1}}, Price: 80_000})
		}
		if r == 0 {
			l.cheat(d, packs, sell)
			l.meddle(d, did)
		}
	}
	return l
}

// cheat lets a shop do what it may not.
func (l *life) cheat(d trace.Party, packs []gs1.EPC, sell func(time.Time, trace.Hop)) {
	s, p, end := l.simulation, l.party, 10*l.rounds
	switch l.i % 100 {
	case 0: // a pack of the next shop is sold here again, long after
		copied := s.pack(l.i+1, 0, 0)
		sell(s.at(end, 5), trace.Hop{EPCs: []gs1.EPC{copied}})
		l.plant(trace.ClonedTwoPlaces, p, trace.IDOf(copied))
		l.plant(trace.DispenseByNonCustodian, p, trace.IDOf(copied))
	case 2:
		sell(s.at(end, 5), trace.Hop{EPCs: packs[:1]})
		l.plant(trace.DispensedTwice, p, trace.IDOf(packs[0]))
	case 3:
		sell(s.at(max(end, 45), 5), trace.Hop{Goods: []trace.Goods{{Class: s.lot(expired), Count: 1}}})
		l.plant(trace.ExpiredDispensed, p, trace.IDOf(s.lot(expired)))
	case 4:
		sell(s.at(max(end, 45), 5), trace.Hop{Goods: []trace.Goods{{Class: s.lot(recalled), Count: 1}}})
		l.plant(trace.DispensedAfterRecall, p, trace.IDOf(s.lot(recalled)))
	case 5:
		sell(s.at(end+12, 5), trace.Hop{Goods: []trace.Goods{{Class: s.lot(1), Count: 40 * int64(s.rounds)}}})
		l.plant(trace.BalanceNegative, p, trace.IDOf(s.lot(1)))
		l.plant(trace.MoreSoldThanReceived, p, trace.IDOf(s.lot(1)))
	case 6: // it says nothing of a delivery
		l.others(trace.Hop{Step: trace.Shipping, Time: s.at(3, 400+l.i/100), By: d, To: p, Document: "LOST" + strconv.Itoa(l.i), Goods: []trace.Goods{{Class: s.lot(2), Count: 7}}})
		l.plant(trace.ShipNeverReceived, d, trace.IDOf(s.lot(2)))
	case 7:
		fake := s.epc("https://id.gs1.org/01/08936000123451/21/FAKE%d", l.i)
		sell(s.at(end, 5), trace.Hop{EPCs: []gs1.EPC{fake}})
		l.plant(trace.NeverCommissioned, p, trace.IDOf(fake))
		l.plant(trace.DispenseByNonCustodian, p, trace.IDOf(fake))
	case 8:
		sell(s.at(end, 5), trace.Hop{Goods: []trace.Goods{{Class: s.lot(0), Count: 1}}, Price: 150_000})
		l.plant(trace.PriceAboveDeclared, p, trace.IDOf(s.lot(0)))
	}
}

// meddle lets a shop break the other rules, after all deliveries.
func (l *life) meddle(d trace.Party, did func(trace.Hop)) {
	s, p := l.simulation, l.party
	at := func(day int) time.Time { return s.at(10*l.rounds+12+day, 5) }
	extra, other := s.pack(l.i, l.rounds, 0), s.pack(l.i, l.rounds, 1)
	lot := func(k int, n int64) []trace.Goods { return []trace.Goods{{Class: s.lot(k), Count: n}} }
	made := trace.Hop{Step: trace.Commissioning, Time: at(0), By: maker, EPCs: []gs1.EPC{extra}, Lot: "SN1", Expiry: "281231"}
	sell := trace.Hop{Step: trace.Dispensing, Time: at(4), EPCs: []gs1.EPC{extra}, Document: "X1"}
	planted := func(code trace.Code) { l.plant(code, p, trace.IDOf(extra)) }
	switch l.i % 100 {
	case 10:
		did(trace.Hop{Step: trace.Receiving, Time: at(0), From: d, Goods: lot(0, 5), Document: "NONE" + strconv.Itoa(l.i)})
		l.plant(trace.ReceiveWithoutShip, p, trace.IDOf(s.lot(0)))
	case 11:
		l.others(made)
		did(trace.Hop{Step: trace.Shipping, Time: at(1), To: d, EPCs: made.EPCs})
		planted(trace.ShipByNonCustodian)
	case 12, 13, 14, 15, 16:
		did(made)
		switch l.i % 100 {
		case 12:
			did(trace.Hop{Step: trace.Destroying, Time: at(1), EPCs: made.EPCs})
			planted(trace.DispensedAfterDestroyed)
		case 13:
			sell.Lot = "SN2"
			planted(trace.LotMismatch)
		case 14:
			sell.Expiry = "290131"
			planted(trace.ExpiryMismatch)
		case 15:
			did(trace.Hop{Step: trace.Quarantining, Time: at(1), EPCs: made.EPCs})
			planted(trace.DispensedQuarantined)
		case 16:
			did(trace.Hop{Step: trace.Sampling, Time: at(1), EPCs: made.EPCs})
			planted(trace.DispensedOutOfChain)
		}
		did(sell)
	case 17: // it records what happens elsewhere
		elsewhere := trace.Party(fmt.Sprintf("69-%05d", l.i))
		l.own = append(l.own, s.event(trace.Hop{Step: trace.Counting, Time: at(0), By: elsewhere, Goods: lot(0, 0)}, 0))
		l.plant(trace.UnknownEstablishment, elsewhere, trace.IDOf(s.lot(0)))
		l.plant(audit.ForeignEvents, p, "")
	case 18: // suspended seven days before
		did(trace.Hop{Step: trace.Dispensing, Time: at(0), Goods: lot(0, 1), Document: "X1"})
		l.plant(trace.SuspendedEstablishment, p, trace.IDOf(s.lot(0)))
	case 19:
		l.others(trace.Hop{Step: trace.Shipping, Time: at(0), By: d, To: p, Goods: lot(2, 7), Document: "Q" + strconv.Itoa(l.i)})
		did(trace.Hop{Step: trace.Receiving, Time: at(1), From: d, Goods: lot(2, 6), Document: "Q" + strconv.Itoa(l.i)})
		l.plant(trace.QuantityMismatch, p, trace.IDOf(s.lot(2)))
	case 20:
		l.others(trace.Hop{Step: trace.Shipping, Time: at(1), By: d, To: p, Goods: lot(2, 7), Document: "T" + strconv.Itoa(l.i)})
		did(trace.Hop{Step: trace.Receiving, Time: at(0), From: d, Goods: lot(2, 7), Document: "T" + strconv.Itoa(l.i)})
		l.plant(trace.TimeTravel, p, trace.IDOf(s.lot(2)))
	case 21:
		made.EPCs = append(made.EPCs, other)
		box := s.epc("https://id.gs1.org/00/%s", sscc(5_000_000+l.i))
		did(made)
		did(trace.Hop{Step: trace.Packing, Time: at(1), Parent: box, EPCs: made.EPCs})
		did(trace.Hop{Step: trace.Unpacking, Time: at(2), Parent: box, EPCs: made.EPCs[:1]})
		l.plant(trace.AggregationMismatch, p, trace.IDOf(other))
	}
}

// spoil adds what is wrong with evidence itself: a shop that hands in a damaged file, one that rewrote its ledger, one whose clock
// is years off, and one that has a key and never hands in anything.
func (s *simulation) spoil() {
	for i, code := range []trace.Code{audit.EvidenceDamaged, audit.LedgerRewritten, audit.ClockWrong, audit.NoEvidence} {
		p := s.shop(s.shops + i)
		var events []*trace.Event
		for n := range 5 {
			e := s.event(trace.Hop{Step: trace.Counting, Time: s.register.End.Add(-time.Duration(n+1) * time.Hour), By: p, Goods: []trace.Goods{{Class: s.lot(0), Count: 0}}}, 0)
			events = append(events, e)
		}
		s.register.Establishments = append(s.register.Establishments, trace.Establishment{Party: p})
		switch code {
		case audit.EvidenceDamaged:
			s.ledgerOf(p, events)
			data, err := os.ReadFile(s.files[p])
			if err != nil {
				s.t.Fatal(err)
			}
			data[len(data)-3] ^= 1
			if err := os.WriteFile(s.files[p], data, 0o644); err != nil {
				s.t.Fatal(err)
			}
			s.plant(code, "")
			s.plant(audit.NoEvidence, p)
		case audit.LedgerRewritten:
			s.ledgerOf(p, events[:3])
			old := s.keys[len(s.keys)-1]
			f, err := os.ReadFile(s.files[p])
			if err != nil {
				s.t.Fatal(err)
			}
			b, err := audit.Open(bytes.NewReader(f), int64(len(f)), []audit.Key{old})
			if err != nil {
				s.t.Fatal(err)
			}
			s.kept = append(s.kept, b.Checkpoint)
			s.keys = s.keys[:len(s.keys)-1]
			s.ledgerOf(p, events[1:])
			s.plant(code, p)
		case audit.ClockWrong:
			s.ledgerOf(p, append(events, s.event(trace.Hop{Step: trace.Counting, Time: s.start.AddDate(9, 0, 0), By: p, Goods: []trace.Goods{{Class: s.lot(0), Count: 0}}}, 0)))
			s.plant(code, p)
		default:
			s.ledgerOf(p, events)
			delete(s.files, p)
			s.plant(code, p)
		}
	}
}

// sscc returns the number of a case.
func sscc(n int) string {
	s := fmt.Sprintf("0893600012%07d", n)
	sum := 0
	for i, c := range s {
		sum += int(c-'0') * (3 - 2*(i%2))
	}
	return s + strconv.Itoa((10-sum%10)%10)
}

// fileAt opens its file for each read: an audit may be of more files than a process may have open.
type fileAt string

func (f fileAt) ReadAt(b []byte, off int64) (int, error) {
	r, err := os.Open(string(f))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return r.ReadAt(b, off)
}

// report verifies all files and reports on them.
func (s *simulation) report() *report.Report {
	s.t.Helper()
	var files []report.Input
	var problems []*audit.Problem
	for _, p := range slices.Sorted(maps.Keys(s.files)) {
		info, err := os.Stat(s.files[p])
		if err != nil {
			s.t.Fatal(err)
		}
		files = append(files, report.Input{Name: filepath.Base(s.files[p]), ReaderAt: fileAt(s.files[p]), Size: info.Size()})
	}
	rd := report.NewReader(s.keys)
	_, errs := rd.Open(s.t.Context(), files)
	for _, err := range errs {
		if err != nil {
			problems = append(problems, audit.NewProblem("", err))
		}
	}
	r, err := rd.Report(s.t.Context(), nil, &report.Options{Register: s.register, Keys: s.keys, Kept: s.kept, From: s.start,
		Problems: problems, Silence: 40 * 24 * time.Hour})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// TestSimulation finds every fraud of a province, and nothing else.
func TestSimulation(t *testing.T) {
	s := simulate(t, 1, max(*shops, 10), max(*rounds, 2))
	debug.FreeOSMemory()
	built := peak()
	start := time.Now()
	r := s.report()
	if err := report.WriteHTML(io.Discard, r, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d shops, %d records, verified and reported in %.1f s", s.shops, s.records, time.Since(start).Seconds())
	got := make(map[string]bool)
	for _, f := range r.Findings {
		for _, id := range f.EPCs {
			got[fmt.Sprintf("%s %s %s", f.Code, f.Place, id)] = true
		}
	}
	for _, p := range slices.Concat(r.Problems, r.Missing) {
		got[fmt.Sprintf("%s %s ", p.Code, p.Party)] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(s.want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("(-planted +found):\n%s", diff)
	}
	for _, b := range r.Balances {
		if b.Opening+b.In-b.Out-b.Loss != b.Closing {
			t.Errorf("%+v does not add up", b)
		}
	}
	t.Logf("memory at most: %s, while the ledgers were made %s", peak(), built)
}

// peak returns the largest size of the process, where the system tells.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		if size, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(size)
		}
	}
	return "unknown"
}
