//go:build unix

package ledger

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// lockFile takes the lock that the system drops when the process ends.
func lockFile(name string) (io.Closer, error) {
	return lockWith(name, os.O_RDWR|os.O_CREATE, false)
}

// lockShared takes a lock that others can share, but not the one of lockFile.
func lockShared(name string) (io.Closer, error) { return lockWith(name, os.O_RDONLY, true) }

func lockWith(name string, flag int, shared bool) (io.Closer, error) {
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, shared); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EAGAIN) {
			return nil, ErrLocked
		}
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return f, nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
