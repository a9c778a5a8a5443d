package ledger

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
)

// Open opens the ledger in dir with the store of the driver, and makes both
// when there are none. It is for drivers: who uses a ledger calls the Open of
// the driver's package. nil opts are the defaults.
//
// It gives ErrLocked at once when the directory is in use, an [*OptionError]
// when it was written with another format or other options, and a
// [*CorruptError] when it is damaged beyond what can be repaired;
// [Options.ReadOnly] opens it then.
func Open(dir string, driver Driver, opts *Options) (*Ledger, error) {
	if opts != nil && opts.ReadOnly {
		l, err := open(osView{osDir(dir)}, dir, driver, opts)
		if err != nil {
			return nil, fmt.Errorf("ledger: open %s: %w", dir, err)
		}
		return l, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ledger: open: %w", err)
	}
	l, err := open(osDir(dir), dir, driver, opts)
	if err != nil {
		return nil, fmt.Errorf("ledger: open %s: %w", dir, err)
	}
	return l, nil
}

// OpenMemory returns a new ledger in memory, for tests and for systems
// without files. Close forgets it. nil opts are the defaults.
func OpenMemory(opts *Options) (*Ledger, error) {
	l, err := open(new(memDir), "", memDriver{}, opts)
	if err != nil {
		return nil, fmt.Errorf("ledger: open in memory: %w", err)
	}
	return l, nil
}

type memDriver struct{}

func (memDriver) Open(string) (Store, error) { return new(MemoryStore), nil }
func (memDriver) SetAside(string) error      { return nil }
func (memDriver) Remove(string) error        { return nil }

// open is Open on any layer.
func open(dir layer, path string, driver Driver, opts *Options) (_ *Ledger, err error) {
	l := &Ledger{dir: dir, path: path, driver: driver, blocks: &blocks{dir: dir}, seed: maphash.MakeSeed()}
	if opts != nil {
		l.opts = *opts
	}
	if l.opts.ReadOnly {
		l.view = new(view)
	}
	l.setDefaults()
	if l.unlock, err = dir.lock(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.release()
		}
	}()
	fresh, err := l.readHead()
	if err != nil && l.view != nil && l.missing(err) {
		err = l.guessHead(err)
	}
	if err != nil {
		return nil, err
	}
	if fresh {
		err = l.create()
	} else {
		err = l.resume()
	}
	if err != nil {
		return nil, err
	}
	if l.view != nil {
		if err := l.openView(context.Background()); err != nil {
			return nil, err
		}
		if err := l.viewSeen(l.checkSeen()); err != nil {
			return nil, err
		}
		return l, nil
	}
	if err := l.recover(context.Background()); err != nil {
		return nil, err
	}
	l.start()
	if err := l.checkSeen(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Ledger) setDefaults() {
	o := &l.opts
	if o.layout.segments == 0 {
		o.layout = defaultLayout
	}
	if o.MinFree == 0 {
		o.MinFree = defaultMinFree
	}
	if l.cache.limit = o.CacheBytes; l.cache.limit <= 0 {
		l.cache.limit = 1 << 20
	}
	if l.log = o.Logger; l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	l.moved = sync.NewCond(&l.mu)
	l.queue.init(o.layout.maxBody)
	l.applier = applier{l: l, ended: make(chan struct{})}
}

// release gives everything back after a failed open.
func (l *Ledger) release() {
	l.store.Close()
	l.blocks.close()
	if l.journal != nil {
		l.journal.close()
	}
	if l.headF != nil {
		l.headF.Close()
	}
	l.unlock.Close()
}

// readHead opens and reads the head file. fresh reports that there is no
// ledger yet, perhaps because making it was interrupted.
func (l *Ledger) readHead() (fresh bool, err error) {
	l.headF, err = l.dir.open("head", false)
	if err == nil {
		l.head, err = readHead(l.headF)
		if err == nil || !errors.Is(err, ErrCorrupt) {
			return false, err
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrCorrupt) {
		return false, err
	}
	// The head is what a new ledger writes last. Without one there can be
	// only what is written before it.
	reason := err
	names, err := l.dir.list()
	if err != nil {
		return false, err
	}
	slices.Sort(names)
	for _, name := range names {
		switch {
		case name == "lock", name == "head", name == keyFile:
		case strings.HasPrefix(name, "journal-"):
			used, err := l.used(name)
			if err != nil {
				return false, err
			}
			if used && errors.Is(reason, ErrCorrupt) {
				return false, reason
			}
			if used {
				return false, &CorruptError{File: "head", Offset: -1, First: 0, Next: -1, Reason: "missing, but " + name + " was written"}
			}
		case strings.HasPrefix(name, blockPrefix), name == cosignedFile:
			return false, &CorruptError{File: "head", Offset: -1, First: 0, Next: -1, Reason: "missing or damaged, but there is " + name}
		default:
			return false, &OptionError{Name: "format", Stored: "other files, such as " + name, Given: "an empty directory or a ledger"}
		}
	}
	if l.view != nil {
		return false, &fs.PathError{Op: "open", Path: "head", Err: fs.ErrNotExist}
	}
	if l.headF == nil {
		l.headF, err = l.dir.open("head", true)
	}
	return true, err
}

// used reports whether a segment has anything but zeros.
func (l *Ledger) used(name string) (bool, error) {
	f, err := l.dir.open(name, false)
	if err != nil {
		return false, err
	}
	defer f.Close()
	buf := make([]byte, 1<<20)
	for off := int64(0); ; off += int64(len(buf)) {
		n, err := f.ReadAt(buf, off)
		if bytes.ContainsFunc(buf[:n], func(r rune) bool { return r != 0 }) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// create makes a new ledger. The head is written last.
func (l *Ledger) create() error {
	h := &l.head
	*h = headState{segments: l.opts.layout.segments, segmentSize: l.opts.layout.segmentSize, indexed: l.opts.Index != nil, root: emptyRoot, clean: true}
	h.mark = mark{root: emptyRoot, seq: 1}
	if _, err := rand.Read(h.salt[:]); err != nil {
		return err
	}
	signers := l.opts.Signers
	if len(signers) == 0 {
		key, _, err := loadKey(l.dir)
		if err != nil && !errors.Is(err, errTornKey) {
			return err
		}
		if key == nil {
			if _, key, err = ed25519.GenerateKey(rand.Reader); err != nil {
				return err
			}
		}
		name := l.opts.Origin
		if name == "" {
			name = ownOrigin(key.Public().(ed25519.PublicKey))
		}
		// Also a key that was found: the sync of its file may have failed.
		if err := saveKey(l.dir, name, key); err != nil {
			return err
		}
		signers = []crypto.Signer{key}
	}
	if h.origin = l.opts.Origin; h.origin == "" {
		pub, ok := signers[0].Public().(ed25519.PublicKey)
		if !ok {
			return fmt.Errorf("signer with a public key of type %T; only Ed25519 is supported", signers[0].Public())
		}
		h.origin = ownOrigin(pub)
	}
	if err := l.setSigners(signers); err != nil {
		return err
	}
	var err error
	if l.journal, err = openJournal(l.dir, h, true); err != nil {
		return err
	}
	if err := l.dir.sync(); err != nil {
		return err
	}
	h.gen = 1
	if err := writeHead(l.headF, h); err != nil {
		return err
	}
	return l.dir.sync()
}

// resume compares the options with those of an existing ledger.
func (l *Ledger) resume() error {
	h := &l.head
	if o := l.opts.Origin; o != "" && o != h.origin {
		return &OptionError{Name: "Origin", Stored: h.origin, Given: o}
	}
	if h.indexed != (l.opts.Index != nil) {
		had := map[bool]string{true: "one", false: "none"}
		return &OptionError{Name: "Index", Stored: had[h.indexed], Given: had[!h.indexed]}
	}
	signers := l.opts.Signers
	if len(signers) == 0 {
		key, name, err := loadKey(l.dir)
		switch {
		case err != nil:
		case key == nil:
			err = &OptionError{Name: "Signers", Stored: "no key file", Given: "none"}
		case name != h.origin:
			err = &OptionError{Name: "Signers", Stored: "origin " + h.origin, Given: "the key file of " + name}
		}
		if err != nil && l.view == nil {
			return err
		}
		if signers = []crypto.Signer{key}; err != nil {
			l.view.keyErr, signers = err, nil
		}
	}
	if err := l.setSigners(signers); err != nil {
		return err
	}
	if l.view != nil {
		l.journal = openJournalView(l.dir, h)
		return nil
	}
	for i := range h.segments {
		f, err := l.dir.open(journalName(i), false)
		var n int64 = -1
		if err == nil {
			n, err = f.size()
			f.Close()
		}
		if errors.Is(err, fs.ErrNotExist) || err == nil && n != h.segmentSize {
			return &CorruptError{File: journalName(i), Offset: -1, First: h.mark.next, Next: -1, Reason: fmt.Sprintf("%d bytes long, not %d", n, h.segmentSize)}
		}
		if err != nil {
			return err
		}
	}
	var err error
	l.journal, err = openJournal(l.dir, h, false)
	return err
}

func (l *Ledger) setSigners(keys []crypto.Signer) error {
	if !validOrigin(l.head.origin) {
		return fmt.Errorf("origin %q is not a C2SP key name", l.head.origin)
	}
	l.signers, l.vkeys = []note.Signer{}, nil
	for _, k := range keys {
		s, vkey, err := newSigner(l.head.origin, k)
		if err != nil {
			return err
		}
		l.signers = append(l.signers, s)
		l.vkeys = append(l.vkeys, vkey)
	}
	return nil
}

// start lets appends in.
func (l *Ledger) start() {
	l.edge = l.tree
	go l.runCommitter()
	go l.applier.run()
}

// checkSeen refuses a ledger that does not continue Options.Seen, or what
// witnesses have cosigned.
func (l *Ledger) checkSeen() error {
	if err := l.loadCosigned(); err != nil {
		return err
	}
	for _, seen := range []*Checkpoint{l.opts.Seen, l.cosigned} {
		if seen == nil {
			continue
		}
		if err := l.continues(seen); err != nil {
			return err
		}
	}
	return nil
}

// continues checks that the ledger has the entries of a checkpoint.
func (l *Ledger) continues(seen *Checkpoint) error {
	if seen.Origin != l.Origin() {
		return &OptionError{Name: "Seen", Stored: l.Origin(), Given: "a checkpoint of " + seen.Origin}
	}
	if seen.Size > l.size {
		return &CorruptError{File: "journal", Offset: -1, First: l.size, Next: seen.Size, Reason: "the ledger was rolled back: a checkpoint of more entries was seen"}
	}
	root, err := l.RootAt(context.Background(), seen.Size)
	if err == nil && root != seen.Root {
		err = &CorruptError{File: "journal", Offset: -1, First: 0, Next: seen.Size, Reason: "another history than that of the checkpoint that was seen"}
	}
	return err
}
