package audit

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// Period returns the range of records that were made from one time on and before another, by the clock of the shop, for
// [ExportOptions]. It is the smallest range that has all of them: a clock that was set back makes it larger. A long event
// is in it with all of its records. Without any, first and next are both the size of the ledger. It reads the whole ledger.
func Period(ctx context.Context, l *ledger.Ledger, from, until time.Time) (first, next int64, err error) {
	size := l.Size()
	first, next = size, size
	ends := false // where the next event begins
	for rec, err := range trace.DecodeRecords(records(ctx, l, size)) {
		if rec.Index < 0 {
			return 0, 0, fmt.Errorf("audit: period: %w", err)
		}
		if ends {
			next, ends = rec.Index, false
		}
		if err != nil || rec.Event.RecordTime.Before(from) || !rec.Event.RecordTime.Before(until) {
			continue
		}
		first, next, ends = min(first, rec.Index), size, true
	}
	return first, next, nil
}

// records returns the records below size.
func records(ctx context.Context, l *ledger.Ledger, size int64) iter.Seq2[ledger.Record, error] {
	return between(ctx, l, 0, size)
}

// between returns the records from first on and below next.
func between(ctx context.Context, l *ledger.Ledger, first, next int64) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		for index := first; index < next; index++ {
			rec, err := l.Read(ctx, index)
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}
