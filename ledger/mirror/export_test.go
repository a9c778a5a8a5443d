package mirror

import (
	"context"
	"time"

	"github.com/dauvet/dauvet/ledger"
)

// UploadBody is the body of an add-entries request that Client would send: at most 32 packages.
func UploadBody(ctx context.Context, l *ledger.Ledger, start, end int64) ([]byte, error) {
	p := &push{from: ledgerSource{l, l.HashReader(ctx)}, c: &ledger.Checkpoint{Origin: l.Origin(), Size: end}, next: start}
	return p.upload(ctx, nil)
}

// BackOff is the pause of Client.Run.
func BackOff(failures int, err error) time.Duration { return backOff(failures, err) }
