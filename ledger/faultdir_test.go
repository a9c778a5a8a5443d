package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// This file lends the fault-injecting layer to the external tests.

// Fault is what happens at an operation of a FaultDir.
type Fault int

const (
	NoFault    Fault = iota
	PowerOff         // a write is torn; everything after it fails
	ErrorEIO         // the write fails and leaves nothing
	ErrorFull        // the write fails with ENOSPC
	ShortWrite       // a part is written
	FailedSync       // some of the data reach the disk, and the system forgets that the rest did not
	NumFaults
)

// FaultDir is a layer with a page cache that can be lost.
type FaultDir struct {
	mu     sync.Mutex
	rand   *rand.Rand
	files  map[string]*faultFile
	locked bool
	dead   bool
	ops    int // writes and syncs
	at     int // the operation with the fault
	fault  Fault
	fired  bool
	space  int64
	rot    string // files whose writes are changed now and then
	rotted int
}

// NewFaultDir returns an empty directory.
func NewFaultDir(r *rand.Rand) *FaultDir {
	return &FaultDir{rand: r, files: make(map[string]*faultFile)}
}

// RotTail flips a bit of an entry that is in memory only, of its hash, or of
// the hash of its group, and reports whether there is such an entry.
func (l *Ledger) RotTail(what string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.chunks[len(l.chunks)-1]
	if len(c.groups) == 0 {
		return false
	}
	switch what {
	case "entry":
		c.recs[7].data[0] ^= 1
	case "leaf":
		c.recs[7].hash[3] ^= 1
	case "group":
		c.groups[0][5] ^= 1
	}
	return true
}

// OpenFault opens a ledger in the directory, with a layout in which all
// bounds are reached after a few hundred entries.
func OpenFault(d *FaultDir, driver Driver, opts *Options) (*Ledger, error) {
	return openLayout(d, driver, opts, layout{
		segments: 4, segmentSize: 256 << 10, markEvery: 64 << 10, maxBody: 48 << 10, maxLag: 32 << 10,
		chunkEntries: 256, chunkBytes: 16 << 10, maxBlockFile: 128 << 10,
	})
}

// OpenTiny is OpenFault with bounds that are reached even sooner.
func OpenTiny(d *FaultDir, driver Driver, opts *Options) (*Ledger, error) {
	return openLayout(d, driver, opts, layout{
		segments: 6, segmentSize: 64 << 10, markEvery: 16 << 10, maxBody: 12 << 10, maxLag: 8 << 10,
		chunkEntries: 256, chunkBytes: 4 << 10, maxBlockFile: 32 << 10,
	})
}

func openLayout(d *FaultDir, driver Driver, opts *Options, small layout) (*Ledger, error) {
	o := *opts
	o.layout = small
	return open(d, "", driver, &o)
}

// Arm lets the fault happen after n more operations.
func (d *FaultDir) Arm(f Fault, n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.at = f, d.ops+n
}

// Ops returns how many operations there were.
func (d *FaultDir) Ops() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

const sector = 512

// Restart makes the directory usable again. With power lost, of each write
// that was not synced any sectors may be missing.
func (d *FaultDir) Restart(powerLost bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.locked, d.fired, d.fault = false, false, false, NoFault
	if !powerLost {
		return
	}
	for _, f := range d.files {
		f.lose(func() bool { return d.rand.IntN(2) == 0 })
	}
}

// Flip changes a bit of a file whose name begins with prefix, on the disk
// and in the cache. It returns where.
func (d *FaultDir) Flip(prefix string) (name string, off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for n, f := range d.files {
		if len(n) >= len(prefix) && n[:len(prefix)] == prefix && len(f.data) > 0 {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return "", -1
	}
	slices.Sort(names)
	name = names[d.rand.IntN(len(names))]
	f := d.files[name]
	i := d.rand.IntN(len(f.data))
	f.data[i] ^= 1 << d.rand.IntN(8)
	if i < len(f.disk) {
		f.disk[i] = f.data[i]
	}
	return name, int64(i)
}

// Zero clears a sector.
func (d *FaultDir) Zero(name string, off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	clear(f.data[off:][:sector])
	clear(f.disk[off:][:sector])
}

// Scribble writes random bytes over n bytes of a file.
func (d *FaultDir) Scribble(name string, off, n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[name]
	for i := off; i < off+n; i++ {
		f.data[i] = byte(d.rand.Uint32())
	}
	copy(f.disk[off:off+n], f.data[off:])
}

// Rot lets the disk lose a sector of some writes to new files whose names
// begin with prefix, and say nothing, at most twice in one place. It returns
// how many were changed so far.
func (d *FaultDir) Rot(prefix string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rot = prefix
	return d.rotted
}

// MarkNext is the first entry that only the journal is sure to hold.
func (d *FaultDir) MarkNext() int64 {
	h, err := readHead(d.files["head"])
	if err != nil {
		panic(err)
	}
	return h.mark.next
}

// ScribbleFrame writes random bytes over 32 bytes of the frame that is n
// frames behind the one of the mark.
func (d *FaultDir) ScribbleFrame(n uint64, off int64) {
	h, err := readHead(d.files["head"])
	if err != nil {
		panic(err)
	}
	j := openJournalView(d, &h)
	err = j.frames(func(at position, f *frame) error {
		if f.seq == h.mark.seq+n {
			d.Scribble(journalName(at.seg), at.off+off, 32)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
}

// ScribbleBlock writes random bytes over n bytes of the block of a bundle.
func (d *FaultDir) ScribbleBlock(bundle, off, n int64) {
	b := viewBlocks{l: &Ledger{dir: d, blocks: &blocks{dir: d}}}
	if err := b.search(bundle); err != nil {
		panic(err)
	}
	at := b.found[bundle]
	d.Scribble(blockName(at.file), at.off+off, n)
}

// Snapshot returns a hash of every file, and the number of operations.
func (d *FaultDir) Snapshot() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := map[string]string{"operations": fmt.Sprint(d.ops)}
	for n, f := range d.files {
		all[n] = fmt.Sprintf("%x", sha256.Sum256(f.data))
	}
	return all
}

// ForgetApplied clears the frames before the mark: what is in them is in the
// blocks, or lost.
func (d *FaultDir) ForgetApplied() {
	h, err := readHead(d.files["head"])
	if err != nil {
		panic(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for name, file := range d.files {
		if !strings.HasPrefix(name, "journal-") {
			continue
		}
		for off := 0; off+frameHeader <= len(file.data); off += frameAlign {
			if f, ok := parseFrame(file.data[off:]); ok && f.seq < h.mark.seq {
				n := min(off+int(f.size()), len(file.data))
				clear(file.data[off:n])
				clear(file.disk[off:n])
			}
		}
	}
}

// ZeroAny clears a sector of any file. It returns where.
func (d *FaultDir) ZeroAny() (name string, off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for n, f := range d.files {
		if len(f.data) >= sector {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	name = names[d.rand.IntN(len(names))]
	f := d.files[name]
	i := d.rand.IntN(len(f.data)/sector) * sector
	clear(f.data[i:][:sector])
	if i < len(f.disk) {
		clear(f.disk[i:min(i+sector, len(f.disk))])
	}
	return name, int64(i)
}

// Content returns the bytes of a file.
func (d *FaultDir) Content(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if f := d.files[name]; f != nil {
		return slices.Clone(f.data)
	}
	return nil
}

// Clone returns a copy with everything on the disk.
func (d *FaultDir) Clone() *FaultDir {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := NewFaultDir(d.rand)
	for n, f := range d.files {
		c.files[n] = &faultFile{d: c, data: slices.Clone(f.data), disk: slices.Clone(f.data)}
	}
	return c
}

// Names returns the files.
func (d *FaultDir) Names() []string {
	names, _ := d.list()
	slices.Sort(names)
	return names
}

var errDead = errors.New("the power is off")

// step counts an operation and says what happens at it. d.mu is held.
func (d *FaultDir) step() (Fault, error) {
	if d.dead {
		return NoFault, errDead
	}
	d.ops++
	if d.fault == NoFault || d.ops < d.at {
		return NoFault, nil
	}
	f := d.fault
	d.fault, d.fired = NoFault, true
	d.dead = f == PowerOff
	return f, nil
}

func (d *FaultDir) open(name string, create bool) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, errDead
	}
	f := d.files[name]
	if f == nil {
		if !create {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		f = &faultFile{d: d, rots: d.rot != "" && strings.HasPrefix(name, d.rot)}
		d.files[name] = f
	}
	return f, nil
}

func (d *FaultDir) list() ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for n := range d.files {
		names = append(names, n)
	}
	return names, nil
}

func (d *FaultDir) remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.files, name)
	return nil
}

func (d *FaultDir) sync() error { return nil }

func (d *FaultDir) free() (int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.space == 0 {
		return -1, nil
	}
	return d.space, nil
}

// SetFree sets what the disk says is free; 0 is unknown.
func (d *FaultDir) SetFree(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.space = n
}

func (d *FaultDir) lock() (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locked {
		return nil, ErrLocked
	}
	d.locked = true
	return faultLock{d}, nil
}

type faultLock struct{ d *FaultDir }

func (l faultLock) Close() error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.d.locked = false
	return nil
}

// faultFile has what the system shows and what is on the disk. It is guarded
// by d.mu.
type faultFile struct {
	d     *FaultDir
	data  []byte
	disk  []byte
	dirty []span
	rots  bool
	lost  map[int64]int // writes that rotted, by offset
}

type span struct{ from, to int }

// lose brings the file to what is on the disk after the power failed: of the
// sectors that were not synced, keep decides.
func (f *faultFile) lose(keep func() bool) {
	f.writeBack(keep)
	f.data = slices.Clone(f.disk)
}

// writeBack writes the dirty sectors that keep picks, and forgets the others.
func (f *faultFile) writeBack(keep func() bool) {
	for _, s := range f.dirty {
		for at := s.from &^ (sector - 1); at < s.to; at += sector {
			if end := min(at+sector, len(f.data)); keep() {
				if len(f.disk) < end {
					f.disk = append(f.disk, make([]byte, end-len(f.disk))...)
				}
				copy(f.disk[at:end], f.data[at:end])
			}
		}
	}
	f.dirty = nil
}

func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if f.d.dead {
		return 0, errDead
	}
	if off >= int64(len(f.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	fault, err := f.d.step()
	if err != nil {
		return 0, err
	}
	n := len(p)
	switch fault {
	case PowerOff, ShortWrite:
		n = f.d.rand.IntN(len(p) + 1)
		err = syscall.EIO
	case ErrorEIO:
		n, err = 0, syscall.EIO
	case ErrorFull:
		n, err = 0, syscall.ENOSPC
	}
	end := int(off) + n
	if n > 0 {
		if len(f.data) < end {
			f.data = append(f.data, make([]byte, end-len(f.data))...)
		}
		copy(f.data[off:], p[:n])
		if f.rots && f.d.rot != "" && f.lost[off] < 2 && f.d.rand.IntN(3) == 0 {
			at := int(off) + f.d.rand.IntN(n)
			clear(f.data[at:min(at+sector, end)])
			if f.lost == nil {
				f.lost = make(map[int64]int)
			}
			f.lost[off]++
			f.d.rotted++
		}
		f.dirty = append(f.dirty, span{int(off), end})
	}
	return n, err
}

func (f *faultFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	fault, err := f.d.step()
	switch {
	case err != nil:
		return err
	case fault == PowerOff:
		return errDead
	case fault != NoFault:
		f.writeBack(func() bool { return f.d.rand.IntN(2) == 0 })
		return syscall.EIO
	}
	f.writeBack(func() bool { return true })
	return nil
}

func (f *faultFile) size() (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	return int64(len(f.data)), nil
}

func (f *faultFile) Close() error { return nil }

// Fired reports whether the fault has happened since the last Restart.
func (d *FaultDir) Fired() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fired
}

// Remove removes a file.
func (d *FaultDir) Remove(name string) { d.remove(name) }

// Put adds a file.
func (d *FaultDir) Put(name string, content []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.files[name] = &faultFile{d: d, data: slices.Clone(content), disk: slices.Clone(content)}
}

// SetVersion makes a slot of the head one of another format.
func (d *FaultDir) SetVersion(slot int, version byte) {
	p := d.Content("head")
	p[slot*headSlot] = version
	d.Put("head", p)
}
