package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
)

// Coverage says what there is of a registered establishment.
type Coverage struct {
	Party   trace.Party
	Ledgers int   // with a bundle
	Records int64 // in their bundles; twice where the ranges of two overlap
	// First and Last are when its first and last event were recorded, by its clock, as far as the first and the last 256
	// records of its bundles tell. Zero when there is none.
	First, Last time.Time
}

// Cover returns what there is of each registered establishment, in the order of their names, and what is missing: an
// establishment without a bundle, and one that recorded nothing for longer than silence before end. Zero end, or silence,
// asks for nothing.
func Cover(ctx context.Context, bundles []*Bundle, keys []Key, end time.Time, silence time.Duration) ([]Coverage, []*Problem, error) {
	byParty := make(map[trace.Party]*Coverage)
	for _, k := range keys {
		byParty[k.Party] = &Coverage{Party: k.Party}
	}
	origins := make(map[string]bool)
	for _, b := range bundles {
		c := byParty[b.Party]
		if c == nil {
			c = &Coverage{Party: b.Party}
			byParty[b.Party] = c
		}
		if !origins[b.Checkpoint.Origin] {
			origins[b.Checkpoint.Origin] = true
			c.Ledgers++
		}
		c.Records += b.Next - b.First
		if err := c.add(ctx, b); err != nil {
			return nil, nil, err
		}
	}
	var list []Coverage
	var problems []*Problem
	for _, c := range byParty {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Coverage) int { return strings.Compare(string(a.Party), string(b.Party)) })
	for _, c := range list {
		switch {
		case c.Ledgers == 0:
			problems = append(problems, &Problem{NoEvidence, c.Party, errors.New("registered, and nothing handed in")})
		case !end.IsZero() && silence > 0 && end.Sub(c.Last) > silence:
			last := "nothing recorded"
			if !c.Last.IsZero() {
				last = "nothing recorded since " + c.Last.Format(time.RFC3339)
			}
			problems = append(problems, &Problem{StoppedReports, c.Party, errors.New(last)})
		}
	}
	return list, problems, nil
}

// add takes in when the first and the last event of a bundle were recorded.
func (c *Coverage) add(ctx context.Context, b *Bundle) error {
	if len(b.parts) == 0 {
		return nil
	}
	for _, i := range []int{0, len(b.parts) - 1} {
		for rec, err := range trace.DecodeRecords(b.records(ctx, i, i+1)) {
			if rec.Index < 0 {
				return fmt.Errorf("audit: cover: %w", err)
			}
			if err != nil || rec.Event.RecordTime.IsZero() {
				continue
			}
			t := rec.Event.RecordTime
			if c.First.IsZero() || t.Before(c.First) {
				c.First = t
			}
			if t.After(c.Last) {
				c.Last = t
			}
		}
	}
	return nil
}
