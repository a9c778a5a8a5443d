package ledger

import "io"

// A layer is the directory of a ledger: the only way from this package to a
// disk. The tests put one underneath that loses, tears and flips.
type layer interface {
	// open opens the file for reading and writing. A missing file is made
	// when create is set and gives fs.ErrNotExist otherwise.
	open(name string, create bool) (file, error)
	list() ([]string, error)
	remove(name string) error
	// sync makes the names of new files durable, where the system can.
	sync() error
	// lock returns ErrLocked at once when another holds it.
	lock() (io.Closer, error)
	// free returns the bytes left on the disk, or -1 when that is unknown.
	free() (int64, error)
}

// A file is written at offsets only. No two goroutines write one at once.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	size() (int64, error)
}

// preallocate makes f n bytes of real zeros, so that syncing what is written
// over them moves no metadata. It writes all of them, also over a first
// attempt whose sync may have failed.
func preallocate(f file, n int64) error {
	if m, ok := f.(*memFile); ok {
		m.truncate(n)
		return nil
	}
	zero := make([]byte, 1<<20)
	for at := int64(0); at < n; at += int64(len(zero)) {
		if _, err := f.WriteAt(zero[:min(int64(len(zero)), n-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
