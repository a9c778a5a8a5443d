//go:build solaris || aix

package ledger

import (
	"io"
	"os"
	"syscall"
)

func flock(f *os.File, shared bool) error {
	how := int16(syscall.F_WRLCK)
	if shared {
		how = syscall.F_RDLCK
	}
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: how, Whence: io.SeekStart})
}
