//go:build !unix && !windows

package ledger

import (
	"errors"
	"io"
)

// lockFile refuses: without a lock two processes could fork the ledger.
// OpenMemory works on every system.
func lockFile(string) (io.Closer, error) { return nil, errors.ErrUnsupported }

func lockShared(string) (io.Closer, error) { return nil, errors.ErrUnsupported }

func syncDir(string) error { return nil }
