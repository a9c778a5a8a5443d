package ledger

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// osDir is a layer in a directory of the operating system.
type osDir string

func (d osDir) open(name string, create bool) (file, error) {
	flag := os.O_RDWR
	if create {
		flag |= os.O_CREATE
	}
	f, err := os.OpenFile(filepath.Join(string(d), name), flag, 0o600)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (d osDir) list() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (d osDir) remove(name string) error { return os.Remove(filepath.Join(string(d), name)) }

func (d osDir) sync() error { return syncDir(string(d)) }

func (d osDir) lock() (io.Closer, error) { return lockFile(filepath.Join(string(d), "lock")) }

func (d osDir) free() (int64, error) { return freeSpace(string(d)) }

// osView is an osDir of which nothing is changed.
type osView struct{ osDir }

func (d osView) open(name string, _ bool) (file, error) {
	f, err := os.Open(filepath.Join(string(d.osDir), name))
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// lock keeps out who would write. Without a lock file there is nobody to.
func (d osView) lock() (io.Closer, error) {
	f, err := lockShared(filepath.Join(string(d.osDir), "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(nil), nil
	}
	return f, err
}

type osFile struct{ *os.File }

func (f osFile) size() (int64, error) {
	st, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
