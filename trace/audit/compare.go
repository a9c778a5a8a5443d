package audit

import (
	"cmp"
	"errors"
	"slices"

	"github.com/dauvet/dauvet/ledger"
)

// Compare checks that ledgers only grew: whether of each ledger all bundles, and the checkpoints that were kept from before,
// are of one history. It returns what to keep for the next time, one checkpoint of each ledger that has a bundle, and what
// is wrong: a ledger that was rewritten, or one of which a bundle that covers the growth between two checkpoints is missing.
// Those of which something is wrong keep what was kept, or the smallest checkpoint.
func Compare(bundles []*Bundle, kept []*ledger.Checkpoint) (keep []*ledger.Checkpoint, problems []*Problem) {
	byOrigin := make(map[string]*history)
	var origins []string
	for _, b := range bundles {
		h := byOrigin[b.Checkpoint.Origin]
		if h == nil {
			h = &history{}
			byOrigin[b.Checkpoint.Origin] = h
			origins = append(origins, b.Checkpoint.Origin)
		}
		h.bundles = append(h.bundles, b)
	}
	for _, c := range kept {
		if h := byOrigin[c.Origin]; h != nil {
			h.kept = append(h.kept, c)
		}
	}
	slices.Sort(origins)
	for _, origin := range origins {
		c, p := byOrigin[origin].compare()
		keep, problems = append(keep, c), append(problems, p...)
	}
	return keep, problems
}

// history is what is there of one ledger.
type history struct {
	bundles []*Bundle
	kept    []*ledger.Checkpoint
}

// signedHead is a checkpoint and the bundle that it is of, nil for one that was kept.
type signedHead struct {
	*ledger.Checkpoint
	of *Bundle
}

// compare looks, for each head but the largest, for a bundle as large that continues it: then all are prefixes of the
// largest.
func (h *history) compare() (keep *ledger.Checkpoint, problems []*Problem) {
	var heads []signedHead
	for _, c := range h.kept {
		heads = append(heads, signedHead{c, nil})
	}
	for _, b := range h.bundles {
		heads = append(heads, signedHead{b.Checkpoint, b})
	}
	keep = heads[0].Checkpoint
	slices.SortStableFunc(heads, func(a, b signedHead) int { return cmp.Compare(a.Size, b.Size) })
	for _, c := range heads[:len(heads)-1] {
		if err := h.continued(c); err != nil {
			problems = append(problems, NewProblem(h.bundles[0].Party, err))
		}
	}
	switch {
	case len(problems) == 0:
		keep = heads[len(heads)-1].Checkpoint
	case len(h.kept) == 0:
		keep = heads[0].Checkpoint
	}
	return keep, problems
}

// continued checks that a bundle, and every other that can tell, continues a head.
func (h *history) continued(c signedHead) error {
	missing := error(ErrNotCovered)
	for _, b := range h.bundles {
		if b == c.of || b.Checkpoint.Size < c.Size {
			continue
		}
		switch err := b.Continues(c.Checkpoint); {
		case err == nil:
			missing = nil
		case !errors.Is(err, ErrNotCovered):
			return err
		}
	}
	return missing
}
