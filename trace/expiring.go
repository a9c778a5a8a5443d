package trace

import (
	"context"
	"slices"
	"time"
)

// Expiring returns the part of a party's stock that will have expired at a time, first expired first: what has to be
// sold, returned or destroyed before it. A pack expires with the end of its day, in the zone of the time. Stock of
// unknown expiry is left out, and so is a line of which nothing is there.
func (r *Repository) Expiring(ctx context.Context, of Party, until time.Time) ([]StockLine, error) {
	lines, err := r.Stock(ctx, of)
	if err != nil {
		return nil, err
	}
	day := until.Format(time.DateOnly)
	return slices.DeleteFunc(lines, func(l StockLine) bool {
		return l.Expiry == "" || l.Expiry >= day || l.Count <= 0 && len(l.Packs) == 0
	}), nil
}
