package ledger

import (
	"fmt"
	"time"
)

const (
	defaultMinFree = 256 << 20
	diskStep       = 4 << 20     // bytes appended between two looks at the disk
	diskPause      = time.Second // or the time between them
)

// checkDisk refuses to append n bytes when the disk is nearly full. The
// journal is preallocated, but blocks and store grow behind it, and Badger
// ends the process when it cannot extend a file that it has mapped.
func (l *Ledger) checkDisk(n int64) error {
	if l.opts.MinFree < 0 {
		return nil
	}
	now := time.Now()
	if l.sinceLook += n; l.sinceLook < diskStep && now.Sub(l.lastLook) < diskPause && l.diskErr == nil {
		return nil
	}
	free, err := l.dir.free()
	if err != nil {
		return fmt.Errorf("free space: %w", err)
	}
	l.sinceLook, l.lastLook, l.diskErr = 0, now, nil
	if floor := max(l.opts.MinFree, 1); free >= 0 && free < floor {
		l.diskErr = fmt.Errorf("%w: %d bytes left, the floor is %d", ErrDiskLow, free, floor)
	}
	return l.diskErr
}
