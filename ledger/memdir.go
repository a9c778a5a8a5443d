package ledger

import (
	"io"
	"io/fs"
	"sync"
)

// memDir is a layer in memory, for OpenMemory.
type memDir struct {
	mu     sync.Mutex
	files  map[string]*memFile
	locked bool
}

func (d *memDir) open(name string, create bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	if f == nil {
		if !create {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if d.files == nil {
			d.files = make(map[string]*memFile)
		}
		f = new(memFile)
		d.files[name] = f
	}
	return f, nil
}

func (d *memDir) list() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name := range d.files {
		names = append(names, name)
	}
	return names, nil
}

func (d *memDir) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
	return nil
}

func (d *memDir) sync() error { return nil }

func (d *memDir) lock() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, ErrLocked
	}
	d.locked = true
	return memLock{d}, nil
}

func (d *memDir) free() (int64, error) { return -1, nil }

type memLock struct{ d *memDir }

func (l memLock) Close() error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.locked = false
	return nil
}

const memPage = 1 << 14

// memFile keeps pages; one that was never written reads as zeros.
type memFile struct {
	mu    sync.RWMutex
	pages map[int64]*[memPage]byte
	n     int64
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := 0
	for n < len(p) && off < f.n {
		at := off % memPage
		k := int(min(int64(len(p)-n), memPage-at, f.n-off))
		if page := f.pages[off/memPage]; page != nil {
			copy(p[n:n+k], page[at:])
		} else {
			clear(p[n : n+k])
		}
		n += k
		off += int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pages == nil {
		f.pages = make(map[int64]*[memPage]byte)
	}
	for n := 0; n < len(p); {
		page := f.pages[off/memPage]
		if page == nil {
			page = new([memPage]byte)
			f.pages[off/memPage] = page
		}
		k := copy(page[off%memPage:], p[n:])
		n += k
		off += int64(k)
	}
	f.n = max(f.n, off)
	return len(p), nil
}

// truncate sets the length; new bytes read as zeros without being kept.
func (f *memFile) truncate(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.pages {
		if i*memPage >= n {
			delete(f.pages, i)
		}
	}
	if page := f.pages[n/memPage]; page != nil && n < f.n {
		clear(page[n%memPage:])
	}
	f.n = n
}

func (f *memFile) size() (int64, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.n, nil
}

func (f *memFile) Sync() error  { return nil }
func (f *memFile) Close() error { return nil }
