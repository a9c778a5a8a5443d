package report

import (
	"fmt"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// clock finds events of a ledger whose time cannot be right: from after the end of the audit, or long before one that was
// recorded ahead of them. Events that were recorded late are weeks old at most.
type clock struct {
	end    time.Time // zero: none is known
	latest time.Time
	n      int64
	first  int64     // record
	at     time.Time // of the first
}

// longAgo and early bound what a clock that runs, and a shop that records late, may do.
const (
	longAgo = 366 * 24 * time.Hour
	early   = 24 * time.Hour
)

// see takes in the next event.
func (c *clock) see(index int64, t time.Time) {
	future := !c.end.IsZero() && t.After(c.end.Add(early))
	if future || c.latest.Sub(t) > longAgo {
		if c.n++; c.n == 1 {
			c.first, c.at = index, t
		}
		return
	}
	if t.After(c.latest) {
		c.latest = t
	}
}

// problem returns what was found, nil when nothing was.
func (c *clock) problem(name string, party trace.Party) *audit.Problem {
	if c.n == 0 {
		return nil
	}
	return &audit.Problem{Code: audit.ClockWrong, Party: party,
		Err: fmt.Errorf("%s: %d events, the first is record %d of %s", name, c.n, c.first, c.at.Format(time.RFC3339))}
}
