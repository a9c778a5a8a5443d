package report

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// Coverage says what an establishment reported. It is by the time of events, as the establishment's clock had it.
type Coverage struct {
	Party   trace.Party
	Known   bool // it is in the register, or has a registered key
	Key     bool // it has a registered key
	Ledgers int  // of which there is evidence
	Events  int  // in the period
	// First and Last are the times of its first and last event in the period; zero when there is none.
	First, Last time.Time
	Gaps        []Gap // longer than it may be silent
}

// Gap is a time without an event: from an event, or the beginning of the period, to the next one, or its end.
type Gap struct{ From, Until time.Time }

// Days returns how many days a gap has, rounded down.
func (g Gap) Days() int { return int(g.Until.Sub(g.From) / (24 * time.Hour)) }

// mostGaps is how many gaps of an establishment are told; the longest stay.
const mostGaps = 10

// cover finds out who reported, since when, and who did not.
func (r *Report) cover() {
	byParty := make(map[trace.Party]*Coverage)
	of := func(p trace.Party) *Coverage {
		c := byParty[p]
		if c == nil {
			c = &Coverage{Party: p}
			byParty[p] = c
		}
		return c
	}
	for _, e := range r.opts.Register.Establishments {
		of(e.Party).Known = true
	}
	for _, k := range r.opts.Keys {
		c := of(k.Party)
		c.Known, c.Key = true, true
	}
	signers := make(map[string]map[string]bool) // of each ledger, who signed
	for _, s := range r.srcs {
		if s.Bundle == nil {
			continue
		}
		origin := s.Bundle.Checkpoint.Origin
		if signers[origin] == nil {
			signers[origin] = make(map[string]bool)
			of(s.Bundle.Party).Ledgers++
		}
		r.signedBy(signers[origin], s.Bundle)
	}
	days := make(map[string]int)
	from, until := r.From.UnixMilli(), r.Until.UnixMilli()
	last := struct { // most events are of the day of the one before
		from, until int64
		name        string
	}{}
	for w := range r.books.rows {
		if w.opening || w.at < from || w.at >= until || w.n%2 == 1 {
			continue
		}
		t := time.UnixMilli(w.at).In(zone)
		if w.at < last.from || w.at >= last.until {
			y, m, d := t.Date()
			midnight := time.Date(y, m, d, 0, 0, 0, 0, zone)
			last.from, last.until, last.name = midnight.UnixMilli(), midnight.AddDate(0, 0, 1).UnixMilli(), t.Format(time.DateOnly)
		}
		days[last.name]++
		party := r.books.Party(w.actor)
		if s := r.srcs[w.source]; s.Bundle != nil {
			party = s.Bundle.Party
		}
		if party == "" {
			continue
		}
		c := of(party)
		c.Events++
		if c.First.IsZero() {
			c.First = t
			c.gap(r.From, t, r.opts.Silence)
		} else {
			c.gap(c.Last, t, r.opts.Silence)
		}
		c.Last = t
	}
	for _, c := range byParty {
		if !c.Last.IsZero() {
			c.gap(c.Last, r.Until, r.opts.Silence)
		}
		slices.SortFunc(c.Gaps, func(a, b Gap) int { return a.From.Compare(b.From) })
		r.Coverage = append(r.Coverage, *c)
	}
	slices.SortFunc(r.Coverage, func(a, b Coverage) int { return cmp.Compare(a.Party, b.Party) })
	r.days(days)
	r.missing(signers)
}

// gap notes a gap that is too long.
func (c *Coverage) gap(from, until time.Time, silence time.Duration) {
	if until.Sub(from) <= silence {
		return
	}
	c.Gaps = append(c.Gaps, Gap{from, until})
	if len(c.Gaps) > mostGaps {
		short := 0
		for i, g := range c.Gaps {
			if g.Until.Sub(g.From) < c.Gaps[short].Until.Sub(c.Gaps[short].From) {
				short = i
			}
		}
		c.Gaps = slices.Delete(c.Gaps, short, short+1)
	}
}

// signedBy notes which of the registered keys signed a bundle.
func (r *Report) signedBy(signers map[string]bool, b *audit.Bundle) {
	for _, k := range r.opts.Keys {
		if name, _, _ := strings.Cut(k.Verifier, "+"); name == b.Checkpoint.Origin {
			if _, _, err := audit.VerifyCheckpoint(b.Checkpoint.Note, []audit.Key{k}); err == nil {
				signers[k.Verifier] = true
			}
		}
	}
}

// mostDays bounds the days of the report.
const mostDays = 3700

func (r *Report) days(count map[string]int) {
	for t := r.From.In(zone); len(count) > 0 && len(r.Days) < mostDays && t.Before(r.Until.Add(24*time.Hour)); t = t.AddDate(0, 0, 1) {
		day := t.Format(time.DateOnly)
		if day > r.Until.In(zone).Format(time.DateOnly) {
			break
		}
		r.Days = append(r.Days, Day{day, count[day]})
	}
}

// missing reports who should be there and is not, who stopped, and whose key was replaced.
func (r *Report) missing(signers map[string]map[string]bool) {
	missing := func(code trace.Code, p trace.Party, err error) {
		r.Missing = append(r.Missing, &audit.Problem{Code: code, Party: p, Err: err})
	}
	for _, c := range r.Coverage {
		if !c.Known {
			continue
		}
		r.Sums.Establishments++
		if c.Events > 0 {
			r.Sums.Report++
		}
		switch {
		case c.Key && c.Ledgers == 0:
			missing(audit.NoEvidence, c.Party, errors.New("registered, and nothing handed in"))
		case c.Events == 0:
			missing(audit.NeverReported, c.Party, errors.New("no event in the period"))
		case r.Until.Sub(c.Last) > r.opts.Silence:
			missing(audit.StoppedReports, c.Party, fmt.Errorf("nothing recorded since %s", c.Last.Format(time.RFC3339)))
		}
	}
	registered := make(map[string][]audit.Key)
	for _, k := range r.opts.Keys {
		name, _, _ := strings.Cut(k.Verifier, "+")
		registered[name] = append(registered[name], k)
	}
	for _, origin := range slices.Sorted(maps.Keys(signers)) {
		if keys := registered[origin]; len(keys) > 1 {
			r.Problems = append(r.Problems, &audit.Problem{Code: audit.KeyReplaced, Party: keys[0].Party,
				Err: fmt.Errorf("ledger %s has %d registered keys, %d of them signed", origin, len(keys), len(signers[origin]))})
		}
	}
}
