//go:build linux || darwin || freebsd

package ledger

import (
	"os"
	"syscall"
)

func freeSpace(dir string) (int64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, &os.PathError{Op: "free space", Path: dir, Err: err}
	}
	return int64(min(uint64(st.Bavail)*uint64(st.Bsize), 1<<62)), nil
}
