//go:build solaris || aix

package ledger

import (
	"io"
	"os"
	"syscall"
)

func flock(f *os.File) error {
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart})
}
