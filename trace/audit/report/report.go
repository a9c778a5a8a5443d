package report

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// Source is where events come from.
type Source struct {
	// Name is that of the file, for people.
	Name string
	// Bundle is evidence that was verified. Nil means that nobody proves the events.
	Bundle *audit.Bundle
	// Events are read when there is no Bundle, as often as needed. An event that cannot be read has an error and an Index of 0
	// or more; an error with the index -1 ends the source.
	Events iter.Seq2[trace.Recorded, error]
}

// Options say what a report is about. Nil and the zero value report on all events, by an empty register.
type Options struct {
	Register *trace.Register
	Keys     []audit.Key // registered; whose ledgers should be there
	// From and Until are the period: what is told of lies in it, what was before makes up the opening. Zero means no bound; an
	// Until of zero also takes the end of the register, if that has one.
	From, Until time.Time
	// Kept are checkpoints that were kept from before.
	Kept []*ledger.Checkpoint
	// Problems are those that were found before, such as files that could not be opened.
	Problems []*audit.Problem
	// Silence is how long an establishment may report nothing. Zero means 7 days.
	Silence time.Duration
	// Expires is how long before its end a lot is told to expire. Zero means 90 days.
	Expires time.Duration
	// Parties and Products are names for people: of establishments, and of products by GTIN. Who is in neither is told by the
	// code alone.
	Parties  map[trace.Party]string
	Products map[string]string
	// Made is when the report was made. Zero leaves it out.
	Made time.Time
}

// Report is what an audit found out. It has no order but that of its fields: the writers, WriteHTML and the others, choose.
type Report struct {
	Made        time.Time
	From, Until time.Time // the period; that of the events when nobody named one
	Sums        Sums
	Problems    []*audit.Problem // what could not be verified
	Missing     []*audit.Problem // who handed in nothing, never reported, or stopped
	Coverage    []Coverage       // of each establishment
	Days        []Day            // of the period
	Findings    []Finding        // of the period, in the order of time
	Judged      []trace.Finding  // those of any time, except for what was before the ranges of bundles
	Rules       []Rule           // how many findings of each, the most first
	Balances    []Balance
	Transit     []Transit
	Keep        []*ledger.Checkpoint // for the next time: one of each ledger; see audit.Compare

	opts  Options
	books *books
	srcs  []Source
}

// Sums are the figures that come first.
type Sums struct {
	Sources, Proven        int // files that were read; of them, evidence
	Establishments, Report int // registered; of them, with a record in the period
	Records                int64
	Events, Unreadable     int64
	Findings, Problems     int
	Missing                int
	RecalledLeft           int64 // of recalled lots, what is at places or on its way
	Claimed                int64 // of the opening, what is claimed and not proven
	Expiring               int64
	Expired                int64
}

// Day is how many events happened on a day, by UTC+7.
type Day struct {
	Day    string // YYYY-MM-DD
	Events int
}

// Rule is how many findings a rule has.
type Rule struct {
	Code  trace.Code
	Count int
}

// Finding is a finding of the rules with the records that prove what it says.
type Finding struct {
	trace.Finding
	Time     time.Time  // of the event that breaks the rule
	Evidence []Evidence // in the order of Events
	places   []int32    // of the events, in the order of time
}

// Evidence is where an event is recorded.
type Evidence struct {
	Event  string // its identifier
	Source string // name of the file
	Ledger string // origin; empty when nobody proves the event
	Index  int64  // in the ledger; of a file of events its place in it, from 0
	Time   time.Time
	Place  trace.Party
	Step   trace.BizStep
	bundle *audit.Bundle
}

// Proof returns the proof that the record is in the ledger, as a C2SP tlog-proof text; empty when there is none.
func (e *Evidence) Proof() (string, error) {
	if e.bundle == nil {
		return "", nil
	}
	text, err := e.bundle.Prove(e.Index)
	return string(text), err
}

// zone is that of Viet Nam, which has no summer time.
var zone = time.FixedZone("+07:00", 7*60*60)

// Make reads all sources and reports on them. A source that cannot be read to its end is a problem, and does not end the
// audit. Memory grows by about a hundred bytes for an event, and by its objects.
func Make(ctx context.Context, sources []Source, opts *Options) (*Report, error) {
	return NewReader(nil).Report(ctx, sources, opts)
}

// Report reads further sources and reports on them and on what was opened. It is called once.
func (rd *Reader) Report(ctx context.Context, more []Source, opts *Options) (*Report, error) {
	r := &Report{}
	if opts != nil {
		r.opts = *opts
	}
	o := &r.opts
	o.Register = cmp.Or(o.Register, &trace.Register{})
	o.Silence, o.Expires = cmp.Or(o.Silence, 7*24*time.Hour), cmp.Or(o.Expires, 90*24*time.Hour)
	r.Made, r.Problems = o.Made, slices.Clone(o.Problems)
	if err := rd.read(ctx, more); err != nil {
		return nil, err
	}
	for i := range rd.sources {
		r.srcs = append(r.srcs, rd.sources[i].Source)
	}
	if err := r.readOpenings(ctx, rd); err != nil {
		return nil, err
	}
	r.recorded(rd)
	findings := rd.auditor.Findings(o.Register)
	r.books = newBooks(rd.auditor)
	r.period()
	r.compare()
	r.cover()
	r.find(findings)
	r.count()
	return r, nil
}

// recorded tells what is odd about how events were recorded, whatever they say.
func (r *Report) recorded(rd *Reader) {
	type source struct {
		clock   clock
		foreign map[trace.Party]*foreignEvents
	}
	all := make([]source, len(r.srcs))
	for i := range all {
		all[i] = source{clock{end: r.end()}, make(map[trace.Party]*foreignEvents)}
	}
	rd.auditor.Recorded(func(i int, index, at int64, actor trace.Party) {
		if i < 0 {
			return
		}
		r.Sums.Events++
		b := r.srcs[i].Bundle
		if b == nil {
			return // events of many clocks, in any order
		}
		all[i].clock.see(index, time.UnixMilli(at))
		if actor != "" && actor != b.Party {
			f := all[i].foreign[actor]
			if f == nil {
				f = &foreignEvents{first: index}
				all[i].foreign[actor] = f
			}
			f.n++
		}
	})
	for i, s := range r.srcs {
		if rd.sources[i].failed {
			continue
		}
		for _, refused := range rd.sources[i].refused {
			r.unreadable(s, refused.index, refused.err)
		}
		r.Sums.Unreadable += rd.sources[i].more
		r.foreign(s, all[i].foreign)
		r.Sums.Sources++
		if s.Bundle == nil {
			continue
		}
		r.Sums.Proven++
		r.Sums.Records += s.Bundle.Next - s.Bundle.First
		if p := all[i].clock.problem(s.Name, s.Bundle.Party); p != nil {
			r.Problems = append(r.Problems, p)
		}
	}
}

// readOpenings takes in what was before the first bundle of each ledger, and checks the openings of the others.
func (r *Report) readOpenings(ctx context.Context, rd *Reader) error {
	var bundles []*audit.Bundle
	var of []int // source
	for i, s := range r.srcs {
		if s.Bundle != nil {
			bundles, of = append(bundles, s.Bundle), append(of, i)
		}
	}
	begins, missing := audit.Begin(bundles)
	differ, err := audit.CompareOpenings(ctx, bundles)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	r.Problems = slices.Concat(r.Problems, missing, differ)
	errs := make([]error, len(bundles))
	rd.parallel(len(bundles), func(k int) {
		if !begins[k] {
			return
		}
		var m trace.Moments
		for rec, err := range bundles[k].Opening(ctx) {
			if err != nil {
				errs[k] = fmt.Errorf("report: opening of %s: %w", r.srcs[of[k]].Name, err)
				return
			}
			m.Add(rec.Index, rec.Event)
		}
		rd.add(opening(of[k]), &m)
	})
	for k, b := range bundles {
		if errs[k] != nil {
			return errs[k]
		}
		if begins[k] {
			for _, c := range b.Claims {
				r.Sums.Claimed += max(c.Count, 0)
			}
		}
	}
	return nil
}

// foreignEvents are those in a ledger that are about what somebody else did.
type foreignEvents struct{ first, n int64 }

func (r *Report) foreign(s Source, found map[trace.Party]*foreignEvents) {
	for _, p := range slices.Sorted(maps.Keys(found)) {
		f := found[p]
		r.Problems = append(r.Problems, &audit.Problem{Code: audit.ForeignEvents, Party: s.Bundle.Party,
			Err: fmt.Errorf("%s: %d events of %s, the first is record %d", s.Name, f.n, p, f.first)})
	}
}

// mostUnreadable is how many records of a source are named that cannot be read; the others are counted.
const mostUnreadable = 20

func (r *Report) unreadable(s Source, index int64, err error) {
	var party trace.Party
	if s.Bundle != nil {
		party = s.Bundle.Party
	}
	p := &audit.Problem{Code: audit.NotAnEvent, Party: party, Err: fmt.Errorf("%s: record %d: %w", s.Name, index, err)}
	if index < 0 {
		p.Code, p.Err = audit.SourceBroken, fmt.Errorf("%s: %w", s.Name, err)
	} else if r.Sums.Unreadable++; r.Sums.Unreadable > mostUnreadable {
		return
	}
	r.Problems = append(r.Problems, p)
}

// end returns when no event can have happened any more: when the report was made, or else the end of the period or the register.
func (r *Report) end() time.Time {
	for _, t := range [...]time.Time{r.opts.Made, r.opts.Until} {
		if !t.IsZero() {
			return t
		}
	}
	return r.opts.Register.End
}

// period finds out which it is.
func (r *Report) period() {
	r.From, r.Until = r.opts.From, r.opts.Until
	if r.Until.IsZero() {
		r.Until = r.opts.Register.End
	}
	if r.From.IsZero() {
		for w := range r.books.rows {
			if !w.opening {
				r.From = time.UnixMilli(w.at)
				break
			}
		}
	}
	if n := r.books.Len(); n > 0 && r.Until.IsZero() {
		var w row
		r.books.row(2*int32(n-1), &w)
		r.Until = time.UnixMilli(w.at + 1)
	}
}

// compare checks that the ledgers only grew.
func (r *Report) compare() {
	var bundles []*audit.Bundle
	for _, s := range r.srcs {
		if s.Bundle != nil {
			bundles = append(bundles, s.Bundle)
		}
	}
	keep, problems := audit.Compare(bundles, r.opts.Kept)
	r.Keep, r.Problems = keep, append(r.Problems, problems...)
}

// patience is how long after its shipment a delivery that nobody received is a finding.
const patience = 14 * 24 * time.Hour

// find finds the records behind findings, and leaves out those that belong to another period.
func (r *Report) find(findings []trace.Finding) {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.Events...)
	}
	places := r.books.Find(ids)
	count := make(map[trace.Code]int)
	var w row
	for _, f := range findings {
		out := Finding{Finding: f}
		before := false // the event that breaks the rule is one of an opening
		for i, id := range f.Events {
			for _, place := range places[id] {
				r.books.row(2*int32(place), &w)
				out.places = append(out.places, int32(place))
				if i == 0 {
					out.Time, before = time.UnixMilli(w.at).In(zone), w.opening
				}
				if w.index >= 0 { // no claim
					out.Evidence = append(out.Evidence, r.evidence(id, &w))
				}
			}
		}
		if before && f.Code != trace.ShipNeverReceived {
			continue
		}
		r.Judged = append(r.Judged, f)
		at := out.Time
		if f.Code == trace.ShipNeverReceived {
			at = at.Add(patience)
		}
		if at.Before(r.opts.From) || !r.opts.Until.IsZero() && !at.Before(r.opts.Until) {
			continue
		}
		count[f.Code]++
		r.Findings = append(r.Findings, out)
	}
	for code, n := range count {
		r.Rules = append(r.Rules, Rule{code, n})
	}
	slices.SortFunc(r.Rules, func(a, b Rule) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Code, b.Code)) })
}

func (r *Report) evidence(id string, w *row) Evidence {
	s := &r.srcs[w.source]
	e := Evidence{Event: id, Source: s.Name, Index: w.index, Time: time.UnixMilli(w.at).In(zone),
		Place: r.books.Party(w.actor), Step: w.step, bundle: s.Bundle}
	if s.Bundle != nil {
		e.Ledger = s.Bundle.Checkpoint.Origin
	}
	return e
}

// count counts goods, days, and everything else.
func (r *Report) count() {
	f := r.books.balance(r.From.UnixMilli(), r.Until.UnixMilli())
	recalled := r.recalled()
	r.Balances, r.Transit = f.balances(recalled), f.transits(recalled)
	today, soon := r.Until.In(zone).Format(time.DateOnly), r.Until.Add(r.opts.Expires).In(zone).Format(time.DateOnly)
	for _, b := range r.Balances {
		n := max(b.Closing, 0)
		if !b.Recalled.IsZero() {
			r.Sums.RecalledLeft += n
		}
		switch {
		case b.Expiry == "" || b.Expiry >= soon:
		case b.Expiry < today:
			r.Sums.Expired += n
		default:
			r.Sums.Expiring += n
		}
	}
	for _, t := range r.Transit {
		if !t.Recalled.IsZero() {
			r.Sums.RecalledLeft += t.Count
		}
	}
	r.Sums.Findings, r.Sums.Problems, r.Sums.Missing = len(r.Findings), len(r.Problems), len(r.Missing)
}

// recalled returns what tells since when a class is recalled, before the end of the period: by the register, otherwise by
// events, the lot or the whole product.
func (r *Report) recalled() func(trace.ID) time.Time {
	since := make(map[trace.ID]time.Time)
	known := make(map[trace.ID]bool)
	for _, l := range r.opts.Register.Lots {
		if !l.Recalled.IsZero() {
			class := classOf(trace.IDOf(l.GTIN.EPC()), l.Lot)
			since[class], known[class] = l.Recalled, true
		}
	}
	for class, t := range r.books.Recalls() {
		if !known[class] {
			since[class] = t
		}
	}
	return func(class trace.ID) time.Time {
		for _, c := range [...]trace.ID{class, product(class)} {
			if t := since[c]; !t.IsZero() && t.Before(r.Until) {
				return t
			}
		}
		return time.Time{}
	}
}
