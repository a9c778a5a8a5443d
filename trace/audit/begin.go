package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// Begin says which of some bundles an audit takes the opening of: of each ledger the one that begins first, for what is
// before the others is in the bundles before them. Where records between two bundles of a ledger are in neither, that is a
// problem: what happened there is not known, and the later bundle's opening would count what the earlier one has again.
func Begin(bundles []*Bundle) (opening []bool, problems []*Problem) {
	opening = make([]bool, len(bundles))
	order := make([]int, len(bundles))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := bundles[i], bundles[j]
		return cmp.Or(cmp.Compare(a.Checkpoint.Origin, b.Checkpoint.Origin), cmp.Compare(a.First, b.First))
	})
	next := int64(0) // of the ledger at hand
	for n, i := range order {
		b := bundles[i]
		switch {
		case n == 0 || bundles[order[n-1]].Checkpoint.Origin != b.Checkpoint.Origin:
			opening[i], next = true, b.Next
		case b.First > next:
			problems = append(problems, &Problem{RecordsMissing, b.Party,
				fmt.Errorf("ledger %s: records %d to %d are in no file", b.Checkpoint.Origin, next, b.First-1)})
		}
		next = max(next, b.Next)
	}
	return opening, problems
}
