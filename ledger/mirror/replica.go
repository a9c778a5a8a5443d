package mirror

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// replica is the copy of a log: a directory with three files that only grow, and its state. What lies behind the state is
// of a push that was not finished; it is written over.
type replica struct {
	dir    string
	origin string

	limit limiter

	mu      sync.Mutex
	state         // what is durable
	size    int64 // entries that are written, of which next are durable
	end     int64 // bytes of them
	users   int   // who need the files open
	files   replicaFiles
	forks   []Fork
	failure error // nothing is taken any more
}

// replicaFiles are the open files of a replica.
type replicaFiles struct {
	entries *os.File // as in the bundles of tlog-tiles: each after its length in two bytes
	bundles *os.File // where each bundle begins in entries, 8 bytes
	hashes  *os.File // of the tree, in the order of tlog.StoredHashIndex
	state   *os.File
}

func (f *replicaFiles) all() []**os.File {
	return []**os.File{&f.entries, &f.bundles, &f.hashes, &f.state}
}

// The names of all.
var replicaNames = []string{"entries", "bundles", "hashes", "state"}

// originHash names the directory of a log, and its prefix for those who read.
func originHash(origin string) string {
	h := sha256.Sum256([]byte(origin))
	return hex.EncodeToString(h[:])
}

// openReplica reads the state of a directory, nil when it has none yet.
func openReplica(dir string) (*replica, error) {
	r := &replica{dir: dir}
	if err := r.acquire(false); err != nil {
		if errors.Is(err, fs.ErrNotExist) && !r.hasEntries() {
			return nil, nil // making it was interrupted
		}
		return nil, err
	}
	defer r.release()
	s, err := readState(r.files.state)
	if err != nil {
		return nil, r.damaged("state", err)
	}
	if s == nil {
		if r.hasEntries() {
			return nil, r.damaged("state", errors.New("empty, but there are entries"))
		}
		return nil, nil
	}
	r.state, r.size, r.end = *s, s.next, s.bytes
	r.origin = s.latest().Origin
	if filepath.Base(dir) != originHash(r.origin) {
		return nil, r.damaged("state", fmt.Errorf("of another log, %s", r.origin))
	}
	if r.forks, err = readForks(dir); err != nil {
		return nil, err
	}
	want := []int64{s.bytes, (s.next + packageSize - 1) / packageSize * 8, tlog.StoredHashCount(s.next) * tlog.HashSize}
	for i, f := range []*os.File{r.files.entries, r.files.bundles, r.files.hashes} {
		st, err := f.Stat()
		if err != nil {
			return nil, err
		}
		if st.Size() < want[i] {
			return nil, r.damaged(replicaNames[i], fmt.Errorf("%d bytes long, not %d", st.Size(), want[i]))
		}
	}
	if c := r.mirrored; c != nil {
		if err := r.checkRoot(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *replica) hasEntries() bool {
	st, err := os.Stat(filepath.Join(r.dir, replicaNames[0]))
	return err == nil && st.Size() > 0
}

// checkRoot compares the tree with a checkpoint that it covers.
func (r *replica) checkRoot(c *ledger.Checkpoint) error {
	root, err := r.rootAt(c.Size)
	if err == nil && root != c.Root {
		err = fmt.Errorf("do not have the root of size %d", c.Size)
	}
	if err != nil {
		return r.damaged("hashes", err)
	}
	return nil
}

func (r *replica) damaged(file string, err error) error {
	return &ledger.CorruptError{File: filepath.Join(r.dir, file), Offset: -1, First: -1, Next: -1, Reason: err.Error()}
}

// makeReplica makes the directory of a log.
func makeReplica(dir, origin string) (*replica, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	r := &replica{dir: dir, origin: origin}
	if err := r.acquire(true); err != nil {
		return nil, err
	}
	defer r.release()
	if _, err := r.files.state.WriteAt(make([]byte, 2*stateSlot), 0); err != nil {
		return nil, err
	}
	for _, f := range r.files.all() {
		if err := (*f).Sync(); err != nil {
			return nil, err
		}
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	return r, syncDir(filepath.Dir(dir))
}

// acquire opens the files for a user, and makes them.
func (r *replica) acquire(create bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return r.failure
	}
	if r.users == 0 {
		flag := os.O_RDWR
		if create {
			flag |= os.O_CREATE
		}
		for i, f := range r.files.all() {
			var err error
			if *f, err = os.OpenFile(filepath.Join(r.dir, replicaNames[i]), flag, 0o600); err != nil {
				r.closeFiles()
				return err
			}
		}
	}
	r.users++
	return nil
}

// release closes them when nobody needs them.
func (r *replica) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.users--; r.users == 0 {
		r.closeFiles()
	}
}

func (r *replica) closeFiles() {
	for _, f := range r.files.all() {
		if *f != nil {
			(*f).Close()
			*f = nil
		}
	}
}

// ReadHashes implements tlog.HashReader for what is written.
func (r *replica) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if _, err := r.files.hashes.ReadAt(hashes[i][:], x*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("hash %d: %w", x, noEOF(err))
		}
	}
	return hashes, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// rootAt is the root of the tree at a size that is written.
func (r *replica) rootAt(size int64) (tlog.Hash, error) {
	if size == 0 {
		return tlog.TreeHash(0, nil)
	}
	return tlog.TreeHash(size, r)
}

// leafHashes are those of entries that are written.
func (r *replica) leafHashes(from, to int64) ([]tlog.Hash, error) {
	var indexes []int64
	for i := from; i < to; i++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, i))
	}
	return r.ReadHashes(indexes)
}

// append writes the entries of a verified package, but for those that are there. It syncs nothing, and what a failed write
// leaves is written over. r.mu is held.
func (r *replica) append(p *entryPackage) error {
	if p.end <= r.size {
		return nil
	}
	p.skip(r.size - p.start)
	base := tlog.StoredHashCount(r.size)
	var fresh []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			if x >= base {
				hashes[i] = fresh[x-base]
				continue
			}
			h, err := r.ReadHashes([]int64{x})
			if err != nil {
				return nil, err
			}
			hashes[i] = h[0]
		}
		return hashes, nil
	})
	for i, leaf := range p.leaves {
		more, err := tlog.StoredHashesForRecordHash(p.start+int64(i), leaf, read)
		if err != nil {
			return err
		}
		fresh = append(fresh, more...)
	}
	var flat []byte
	for _, h := range fresh {
		flat = append(flat, h[:]...)
	}
	if r.size%packageSize == 0 {
		at := binary.BigEndian.AppendUint64(nil, uint64(r.end))
		if _, err := r.files.bundles.WriteAt(at, r.size/packageSize*8); err != nil {
			return err
		}
	}
	if _, err := r.files.entries.WriteAt(p.raw, r.end); err != nil {
		return err
	}
	if _, err := r.files.hashes.WriteAt(flat, base*tlog.HashSize); err != nil {
		return err
	}
	r.size, r.end = p.end, r.end+int64(len(p.raw))
	return nil
}

// commit makes all that is written durable, and then the state as change leaves it. r.mu is held.
func (r *replica) commit(change func(*state)) error {
	if r.failure != nil {
		return r.failure
	}
	s := r.state
	if r.size > s.next {
		for _, f := range []*os.File{r.files.entries, r.files.bundles, r.files.hashes} {
			if err := f.Sync(); err != nil {
				return r.fail(err)
			}
		}
		s.next, s.bytes = r.size, r.end
	}
	if change != nil {
		change(&s)
	}
	s.gen++
	if err := writeState(r.files.state, &s); err != nil {
		return r.fail(err)
	}
	r.state = s
	return nil
}

// fail stops the log: a failed write or sync is never tried again. r.mu is held.
func (r *replica) fail(err error) error {
	r.failure = fmt.Errorf("mirror of %s stopped after a failed write: %w", r.origin, err)
	return r.failure
}

// bundle returns entries [256n, 256n+width) as the bundle of tlog-tiles has them, verified by their hashes.
func (r *replica) bundle(n, width int64) ([]byte, error) {
	var at [8]byte
	if _, err := r.files.bundles.ReadAt(at[:], n*8); err != nil {
		return nil, r.damaged("bundles", noEOF(err))
	}
	off := int64(binary.BigEndian.Uint64(at[:]))
	p := entryPackage{lo: n * packageSize, start: n * packageSize, end: n*packageSize + width}
	if err := p.readEntries(bufio.NewReader(io.NewSectionReader(r.files.entries, off, 1<<62)), nil); err != nil {
		return nil, r.damaged("entries", err)
	}
	want, err := r.leafHashes(p.start, p.end)
	if err != nil {
		return nil, r.damaged("hashes", err)
	}
	for i, h := range want {
		if h != p.leaves[i] {
			return nil, r.damaged("entries", fmt.Errorf("entry %d does not have its hash", p.start+int64(i)))
		}
	}
	return p.raw, nil
}
