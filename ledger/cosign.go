package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A witness cosigns a checkpoint when it continues all that it has cosigned
// of the log before: C2SP tlog-cosignature.

// witness verifies Ed25519 cosignatures.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

// cosignatureEd25519 is the type of an Ed25519 key that cosigns.
const cosignatureEd25519 = 0x04

// NewWitness returns what verifies the Ed25519 cosignatures of a witness
// with the C2SP verifier key, for Options.Witnesses and for
// [golang.org/x/mod/sumdb/note.Open]. The type of the key is 0x04.
func NewWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 || !validOrigin(parts[0]) {
		return nil, fmt.Errorf("ledger: witness key %q: not a verifier key", vkey)
	}
	raw, err := parseBase64(parts[2])
	if err != nil {
		return nil, fmt.Errorf("ledger: witness key %q: %w", vkey, err)
	}
	if len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignatureEd25519 {
		return nil, fmt.Errorf("ledger: witness key %q: not an Ed25519 key that cosigns", vkey)
	}
	w := &witness{name: parts[0], key: raw[1:]}
	// tlog-cosignature, "Format": the hash of name, type and key.
	sum := sha256.Sum256(append([]byte(w.name+"\n"), raw...))
	if w.hash = binary.BigEndian.Uint32(sum[:]); fmt.Sprintf("%08x", w.hash) != parts[1] {
		return nil, fmt.Errorf("ledger: witness key %q: wrong key ID", vkey)
	}
	return w, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

// Verify checks a timestamped signature: tlog-cosignature, "Ed25519 signed
// message".
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	t := binary.BigEndian.Uint64(sig)
	if t > math.MaxInt64 {
		return false
	}
	signed := append([]byte("cosignature/v1\ntime "+strconv.FormatUint(t, 10)+"\n"), msg...)
	return ed25519.Verify(w.key, signed, sig[8:])
}

// AddCosignatures keeps the cosignatures of a checkpoint: text is what
// [Ledger.Checkpoint] returned, with the lines that witnesses answered with
// behind it. It returns the checkpoint with all cosignatures that are known
// of it, when they survive a loss of power.
//
// The checkpoint must be one of this ledger, signed by it, with the root that
// the ledger has at that size, and every other signature must be right and of
// one of Options.Witnesses; the error matches ErrProof otherwise and nothing
// is kept. Of checkpoints of several sizes the largest is kept: ask all
// witnesses before the answers are added.
func (l *Ledger) AddCosignatures(ctx context.Context, text []byte) (*Checkpoint, error) {
	if err := l.writable(ctx); err != nil {
		return nil, fmt.Errorf("ledger: add cosignatures: %w", err)
	}
	c, sigs, err := l.verifyCosigned(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("ledger: add cosignatures: %w", err)
	}
	l.signMu.Lock()
	defer l.signMu.Unlock()
	if old := l.cosigned; old != nil && old.Size >= c.Size {
		if old.Size > c.Size {
			return nil, fmt.Errorf("ledger: add cosignatures: %w: a checkpoint of %d entries is cosigned, this one has %d", ErrProof, old.Size, c.Size)
		}
		_, known, err := parseCheckpoint(old.Note)
		if err != nil {
			return nil, fmt.Errorf("ledger: add cosignatures: %w", err)
		}
		sigs = mergeSigs(known, sigs)
	}
	c.Note = noteText(c, sigs)
	if err := l.saveCosigned(c); err != nil {
		return nil, fmt.Errorf("ledger: add cosignatures: %w", err)
	}
	return c.clone(), nil
}

// Cosigned returns the largest checkpoint with cosignatures, or nil. It is
// the one that [Ledger.ProveInclusion] puts into proofs of the entries that
// it covers.
func (l *Ledger) Cosigned() *Checkpoint {
	l.signMu.Lock()
	defer l.signMu.Unlock()
	return l.cosigned.clone()
}

func (c *Checkpoint) clone() *Checkpoint {
	if c == nil {
		return nil
	}
	other := *c
	other.Note = bytes.Clone(c.Note)
	return &other
}

// verifyCosigned checks all signatures of a cosigned checkpoint.
func (l *Ledger) verifyCosigned(ctx context.Context, text []byte) (*Checkpoint, []noteSig, error) {
	no := func(format string, a ...any) error {
		return fmt.Errorf("%w: %s", ErrProof, fmt.Sprintf(format, a...))
	}
	c, sigs, err := parseCheckpoint(text)
	if err != nil {
		return nil, nil, no("%v", err)
	}
	if c.Origin != l.Origin() || !bytes.HasPrefix(text, []byte(c.text()+"\n")) {
		return nil, nil, no("not a checkpoint of %s", l.Origin())
	}
	root, err := l.RootAt(ctx, c.Size)
	if errors.Is(err, ErrNotFound) || err == nil && root != c.Root {
		return nil, nil, no("not the root of this log at size %d", c.Size)
	}
	if err != nil {
		return nil, nil, err
	}
	verifiers := make(map[[2]any]note.Verifier)
	for _, w := range l.opts.Witnesses {
		verifiers[[2]any{w.Name(), w.KeyHash()}] = w
	}
	own, foreign := 0, 0
	for _, vkey := range l.vkeys {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, nil, err
		}
		verifiers[[2]any{v.Name(), v.KeyHash()}] = v
	}
	for _, s := range sigs {
		v := verifiers[[2]any{s.name, s.hash}]
		switch {
		case v == nil:
			return nil, nil, no("signature of the unknown key %08x of %s", s.hash, s.name)
		case !v.Verify([]byte(c.text()), s.sig):
			return nil, nil, no("wrong signature of %s", s.name)
		case l.isOwn(s):
			own++
		default:
			foreign++
		}
	}
	if own == 0 || foreign == 0 {
		return nil, nil, no("%d signatures of the log and %d of witnesses", own, foreign)
	}
	return c, sigs, nil
}

// isOwn reports whether the signature has a key of the ledger.
func (l *Ledger) isOwn(s noteSig) bool {
	for _, own := range l.signers {
		if own.Name() == s.name && own.KeyHash() == s.hash {
			return true
		}
	}
	return false
}

// mergeSigs returns the signatures of both; of those of one key the newer.
func mergeSigs(known, fresh []noteSig) []noteSig {
	all := append([]noteSig(nil), fresh...)
	var merged []noteSig
	for _, k := range known {
		for i, f := range all {
			if f.name == k.name && f.hash == k.hash {
				k = f
				all = append(all[:i], all[i+1:]...)
				break
			}
		}
		merged = append(merged, k)
	}
	return append(merged, all...)
}

// noteText is a C2SP signed-note.
func noteText(c *Checkpoint, sigs []noteSig) []byte {
	b := []byte(c.text() + "\n")
	for _, s := range sigs {
		raw := append(binary.BigEndian.AppendUint32(nil, s.hash), s.sig...)
		b = append(b, "— "+s.name+" "+base64.StdEncoding.EncodeToString(raw)+"\n"...)
	}
	return b
}

// proofPoint is the checkpoint for a proof of an entry: one that witnesses
// have cosigned, if it covers the entry.
func (l *Ledger) proofPoint(ctx context.Context, index int64) (*Checkpoint, error) {
	if c := l.Cosigned(); c != nil && index < c.Size {
		return c, nil
	}
	return l.Checkpoint(ctx)
}

// The file of the cosigned checkpoint has two slots that are written in turn:
// FORMAT.md, "Cosigned checkpoint".
const (
	cosignedFile   = "cosigned"
	cosignedSlot   = 64 << 10
	cosignedHeader = 20
)

var cosignedMagic = [4]byte{formatVersion, 'd', 'v', 'C'}

// saveCosigned writes a slot and takes the checkpoint over. l.signMu is held.
func (l *Ledger) saveCosigned(c *Checkpoint) error {
	if len(c.Note) > cosignedSlot-cosignedHeader || bytes.Count(c.Note, []byte("\n")) > maxNoteSigs {
		return fmt.Errorf("checkpoint of %d bytes: %w", len(c.Note), ErrTooLarge)
	}
	gen := l.cosignedGen + 1
	p := make([]byte, 8, cosignedSlot)
	copy(p, cosignedMagic[:])
	p = binary.BigEndian.AppendUint64(p, gen)
	p = binary.BigEndian.AppendUint32(p, uint32(len(c.Note)))
	p = append(p, c.Note...)[:cosignedSlot]
	binary.BigEndian.PutUint32(p[4:], checksum(p[8:]))
	f, err := l.dir.open(cosignedFile, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(p, int64(gen%2)*cosignedSlot); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := l.dir.sync(); err != nil {
		return err
	}
	l.cosigned, l.cosignedGen = c, gen
	return nil
}

// loadCosigned reads the newer slot that can be read. Its signatures were
// verified before it was written.
func (l *Ledger) loadCosigned() error {
	f, err := l.dir.open(cosignedFile, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for i := range int64(2) {
		p := make([]byte, cosignedSlot)
		n, err := f.ReadAt(p, i*cosignedSlot)
		if err != nil && err != io.EOF {
			return err
		}
		if n == 0 || !bytes.ContainsFunc(p, func(r rune) bool { return r != 0 }) {
			continue
		}
		c, gen, ok := decodeCosigned(p)
		if !ok {
			l.log.Warn("a slot of the cosigned checkpoint cannot be read", "file", cosignedFile, "offset", i*cosignedSlot)
			continue
		}
		if c.Origin == l.Origin() && gen > l.cosignedGen {
			l.cosigned, l.cosignedGen = c, gen
		}
	}
	return nil
}

// decodeCosigned reads a slot, in which one bit may be wrong.
func decodeCosigned(p []byte) (c *Checkpoint, gen uint64, ok bool) {
	if want := binary.BigEndian.Uint32(p[4:]); checksum(p[8:]) != want && !fixBit(p[8:], want) {
		return nil, 0, false
	}
	n := binary.BigEndian.Uint32(p[16:])
	if n > cosignedSlot-cosignedHeader {
		return nil, 0, false
	}
	c, _, err := parseCheckpoint(p[cosignedHeader:][:n])
	return c, binary.BigEndian.Uint64(p[8:]), err == nil
}
