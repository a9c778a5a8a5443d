package mirror

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
)

// Options are the choices of who opens a mirror. nil and the zero value are good defaults, with which nothing is taken
// until SetKeys is called.
type Options struct {
	// Keys are the C2SP verifier keys of the logs that are taken, as Ledger.VerifierKey returns them; a log may have
	// several. [Mirror.SetKeys] changes them.
	Keys []string

	// Name is what the names of both cosigners begin with, a URL without schema: witness and mirror are Name/witness and
	// Name/mirror. Empty: what their key files say, or for new ones "dauvet/" and a hash of the key.
	Name string

	// Witness and Mirror sign, for two cosigners that say different things: tlog-mirror demands two keys. Their public keys
	// are Ed25519; a token or an HSM will do. nil: the keys in the files witness.key and mirror.key of the directory, which
	// are made with it.
	Witness, Mirror crypto.Signer

	// Forked is called, from the goroutine of the request, when a log is found to be rewritten: once for each evidence,
	// which is filed then. It must not call the mirror. nil: [Mirror.Forks] tells.
	Forked func(*Fork)

	// Limits bound what is taken at a time.
	Limits Limits

	// Logger hears of refusals and damage. nil: nobody does.
	Logger *slog.Logger
}

// Mirror is an open mirror and witness. All methods can be called from many goroutines.
type Mirror struct {
	dir     string
	opts    Options
	log     *slog.Logger
	unlock  io.Closer
	witness *cosigner
	mirror  *cosigner
	gate    gate

	mu       sync.Mutex
	closed   bool
	busy     sync.WaitGroup // requests; Add is called with mu held
	keys     map[string]*registration
	replicas map[string]*replica // by originHash, as is
	broken   map[string]error    // why a directory could not be read
}

// registration is what is known of a log from elsewhere.
type registration struct {
	vkeys     []string
	verifiers []note.Verifier
}

// logsDir is the directory of the copies.
const logsDir = "logs"

// Open opens the mirror in dir, and makes it when there is none. nil opts are the defaults. It gives ledger.ErrLocked when
// another process has it open. A log whose copy is damaged does not keep the others: it is refused, and [Mirror.Logs]
// tells why.
func Open(dir string, opts *Options) (*Mirror, error) {
	m, err := open(dir, opts)
	if err != nil {
		return nil, fmt.Errorf("mirror: open %s: %w", dir, err)
	}
	return m, nil
}

func open(dir string, opts *Options) (_ *Mirror, err error) {
	m := &Mirror{dir: dir, replicas: make(map[string]*replica), broken: make(map[string]error)}
	if opts != nil {
		m.opts = *opts
	}
	m.opts.Limits.setDefaults()
	m.gate.limits = m.opts.Limits
	if m.log = m.opts.Logger; m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if err := m.SetKeys(m.opts.Keys); err != nil {
		return nil, errors.Unwrap(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if m.unlock, err = lockFile(filepath.Join(dir, "lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			m.unlock.Close()
		}
	}()
	// The directory of the copies is made last: without it there is nothing that another key has cosigned.
	entries, err := os.ReadDir(filepath.Join(dir, logsDir))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	fresh := err != nil
	if m.witness, err = openCosigner(dir, "witness", m.opts.Name, m.opts.Witness, fresh); err != nil {
		return nil, err
	}
	if m.mirror, err = openCosigner(dir, "mirror", m.opts.Name, m.opts.Mirror, fresh); err != nil {
		return nil, err
	}
	if samePublic(m.witness.key, m.mirror.key) {
		return nil, errors.New("one key for witness and mirror; they say different things and need two")
	}
	if fresh {
		if err := os.Mkdir(filepath.Join(dir, logsDir), 0o700); err != nil {
			return nil, err
		}
		return m, syncDir(dir)
	}
	for _, e := range entries {
		m.load(e.Name())
	}
	return m, nil
}

func samePublic(a, b crypto.Signer) bool {
	pub, ok := a.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && pub.Equal(b.Public())
}

// load reads the copy in a directory.
func (m *Mirror) load(name string) {
	r, err := openReplica(filepath.Join(m.dir, logsDir, name))
	switch {
	case err != nil:
		m.broken[name] = err
		m.log.Error("copy of a log cannot be read", "directory", name, "error", err)
	case r != nil:
		m.replicas[name] = r
	}
}

// Close waits for the requests that are being answered and gives up the directory. Requests that come later are answered
// with 503. A second Close returns ledger.ErrClosed.
func (m *Mirror) Close() error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return ledger.ErrClosed
	}
	m.closed = true
	m.mu.Unlock()
	m.busy.Wait()
	return m.unlock.Close()
}

// begin keeps Close from returning until the function it returns is called.
func (m *Mirror) begin() (end func(), ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, false
	}
	m.busy.Add(1)
	return m.busy.Done, true
}

// SetKeys replaces the verifier keys of the logs that are taken, as after a shop was registered or a key was lost. What was
// stored under other keys stays. An error names the key, and nothing is changed.
func (m *Mirror) SetKeys(vkeys []string) error {
	keys := make(map[string]*registration)
	for _, vkey := range vkeys {
		v, err := note.NewVerifier(vkey)
		if err == nil && len(v.Name()) > maxOrigin {
			err = fmt.Errorf("name of %d bytes", len(v.Name()))
		}
		if err != nil {
			return fmt.Errorf("mirror: set keys: %w", fmt.Errorf("%.100q: %w", vkey, err))
		}
		k := keys[v.Name()]
		if k == nil {
			k = new(registration)
			keys[v.Name()] = k
		}
		if !slices.Contains(k.vkeys, vkey) {
			k.vkeys, k.verifiers = append(k.vkeys, vkey), append(k.verifiers, v)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keys = keys
	return nil
}

// WitnessKey returns the verifier key of the witness, for ledger.NewWitness. It cosigns what continues all that it has
// cosigned before.
func (m *Mirror) WitnessKey() string { return m.witness.vkey }

// MirrorKey returns the verifier key of the mirror, for ledger.NewWitness. It cosigns what is stored here.
func (m *Mirror) MirrorKey() string { return m.mirror.vkey }

// registered returns the registration of a log, nil when it is not known, and its copy, nil when there is none.
func (m *Mirror) registered(origin string) (*registration, *replica) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.keys[origin], m.replicas[originHash(origin)]
}

// replica returns the copy of a log, and makes it.
func (m *Mirror) replica(origin string) (*replica, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := originHash(origin)
	if r := m.replicas[name]; r != nil {
		return r, nil
	}
	if err := m.broken[name]; err != nil {
		return nil, err
	}
	r, err := makeReplica(filepath.Join(m.dir, logsDir, name), origin)
	if err != nil {
		return nil, err
	}
	m.replicas[name] = r
	return r, nil
}

// Log is what a mirror has of a log.
type Log struct {
	Origin     string
	Registered bool               // a key is registered now
	Cosigned   *ledger.Checkpoint // the largest that the witness has cosigned; nil: none
	Mirrored   *ledger.Checkpoint // the largest of which everything is stored, with the cosignature of the mirror; nil: none
	Next       int64              // the first entry that is missing
	Seen       time.Time          // when a checkpoint was cosigned last, to the second; zero: never
	Forks      []Fork             // evidence that the log was rewritten
	Err        error              // why nothing is taken of it any more; nil otherwise
}

// Logs returns what is known of all logs, by origin: those that are registered and those of which something is stored. A
// log whose copy cannot be read, and is not registered, has the name of its directory as origin.
func (m *Mirror) Logs() []Log {
	m.mu.Lock()
	keys, replicas, broken := m.keys, maps.Clone(m.replicas), maps.Clone(m.broken)
	m.mu.Unlock()
	all := make(map[string]Log)
	for origin := range keys {
		name := originHash(origin)
		all[origin] = Log{Origin: origin, Registered: true, Err: broken[name]}
		delete(broken, name)
	}
	for name, err := range broken {
		all[name] = Log{Origin: name, Err: err}
	}
	for _, r := range replicas {
		all[r.origin] = r.describe(keys[r.origin] != nil)
	}
	return slices.SortedFunc(maps.Values(all), func(a, b Log) int {
		if a.Origin < b.Origin {
			return -1
		}
		return 1
	})
}

func (r *replica) describe(registered bool) Log {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := Log{Origin: r.origin, Registered: registered, Cosigned: r.latest(), Mirrored: r.mirrored, Next: r.next, Forks: slices.Clone(r.forks), Err: r.failure}
	if r.seen > 0 {
		l.Seen = time.Unix(r.seen, 0)
	}
	return l
}

// Forks returns the evidence of all logs that were rewritten.
func (m *Mirror) Forks() []Fork {
	var forks []Fork
	for _, l := range m.Logs() {
		forks = append(forks, l.Forks...)
	}
	return forks
}
