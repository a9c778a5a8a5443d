package mirror

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// Fork is what proves that a log was rewritten: two checkpoints, both signed by its key, that no log can have both. It was
// refused; the witness stays with what it has cosigned.
type Fork struct {
	// Kept was cosigned, or stored, before.
	Kept *ledger.Checkpoint
	// Other came later.
	Other *ledger.Checkpoint
	// Size is that of the smaller of both, Root the root that the log of the larger one had at that size. It is not the
	// root of the smaller one.
	Size int64
	Root [32]byte
	// Proof is the consistency proof of RFC 6962, 2.1.2, from Size and Root to the larger one. It is empty when both have
	// the same size.
	Proof []tlog.Hash
}

// String says which sizes contradict each other.
func (f *Fork) String() string {
	return fmt.Sprintf("log %s was rewritten: its checkpoint of size %d contradicts the one of size %d", f.Kept.Origin, f.Other.Size, f.Kept.Size)
}

// Verify checks the evidence against the verifier keys of the log: both signatures, and that both checkpoints cannot be
// of one log. The error matches ledger.ErrProof.
func (f *Fork) Verify(vkeys ...string) error {
	for _, c := range []*ledger.Checkpoint{f.Kept, f.Other} {
		if _, err := ledger.VerifyCheckpoint(c.Note, vkeys...); err != nil {
			return err
		}
	}
	if err := f.check(); err != nil {
		return fmt.Errorf("mirror: verify fork: %w: %w", ledger.ErrProof, err)
	}
	return nil
}

// check is Verify without the signatures.
func (f *Fork) check() error {
	small, large := f.Kept, f.Other
	if small.Size > large.Size {
		small, large = large, small
	}
	switch {
	case f.Kept.Origin != f.Other.Origin:
		return errors.New("checkpoints of two logs")
	case f.Size != small.Size || f.Root == small.Root:
		return errors.New("checkpoints that do not contradict each other")
	case small.Size == large.Size && (f.Root != large.Root || len(f.Proof) > 0):
		return errors.New("not the root of the larger one")
	case small.Size == large.Size:
		return nil
	case small.Size == 0: // the empty log has one root only
		if empty, _ := tlog.TreeHash(0, nil); f.Root != empty {
			return errors.New("not the root of the empty log")
		}
		return nil
	}
	sub, root, err := checkSubtree(f.Proof, 0, f.Size, large.Size, f.Root)
	if err == nil && (sub != f.Root || root != large.Root) {
		err = errors.New("wrong consistency proof")
	}
	return err
}

// forkMagic is the first line of the file of a fork: FORMAT.md.
const forkMagic = "dauvet.github.io/fork@v1"

// MarshalText returns the evidence as a text to be filed: a line that says what it is, size and root, the proof, an empty
// line, and both signed checkpoints with an empty line between them.
func (f *Fork) MarshalText() ([]byte, error) {
	b := fmt.Appendf(nil, "%s\nsize %d\nroot %s\n", forkMagic, f.Size, base64.StdEncoding.EncodeToString(f.Root[:]))
	for _, h := range f.Proof {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	b = append(append(b, '\n'), f.Kept.Note...)
	return append(append(b, '\n'), f.Other.Note...), nil
}

// UnmarshalText reads the text. It verifies no signature; [Fork.Verify] does.
func (f *Fork) UnmarshalText(text []byte) error {
	fork, err := parseFork(text)
	if err != nil {
		return fmt.Errorf("mirror: read fork: %w", err)
	}
	*f = *fork
	return nil
}

func parseFork(text []byte) (*Fork, error) {
	// Head, and of each note the text and the signatures: none has an empty line in it.
	parts := strings.Split(string(text), "\n\n")
	if len(parts) != 5 {
		return nil, errors.New("not two checkpoints behind a head")
	}
	lines := strings.Split(parts[0], "\n")
	if len(lines) < 3 || len(lines) > 3+maxProofHashes || lines[0] != forkMagic {
		return nil, errors.New("not a " + forkMagic)
	}
	f := new(Fork)
	var err error
	size, ok := strings.CutPrefix(lines[1], "size ")
	root, ok2 := strings.CutPrefix(lines[2], "root ")
	if !ok || !ok2 {
		return nil, errors.New("no size and root")
	}
	if f.Size, err = parseSize(size); err != nil {
		return nil, err
	}
	for i, line := range append([]string{root}, lines[3:]...) {
		raw, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("%q is not a hash", line)
		}
		if i == 0 {
			f.Root = tlog.Hash(raw)
		} else {
			f.Proof = append(f.Proof, tlog.Hash(raw))
		}
	}
	if f.Kept, err = parseNote([]byte(parts[1] + "\n\n" + parts[2] + "\n")); err != nil {
		return nil, err
	}
	if f.Other, err = parseNote([]byte(parts[3] + "\n\n" + parts[4])); err != nil {
		return nil, err
	}
	if again, _ := f.MarshalText(); !bytes.Equal(again, text) {
		return nil, errors.New("not written as it is read")
	}
	return f, f.check()
}

// parseNote reads a checkpoint whose signatures are not verified here.
func parseNote(text []byte) (*ledger.Checkpoint, error) {
	// Only package note tells the names and hashes of keys that are not known.
	var unverified *note.UnverifiedNoteError
	_, err := note.Open(text, note.VerifierList())
	if !errors.As(err, &unverified) {
		return nil, fmt.Errorf("not a signed note: %w", err)
	}
	n := unverified.Note
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 || lines[0] == "" || len(lines[0]) > maxOrigin || strings.Contains(n.Text, "\n\n") {
		return nil, errors.New("not a checkpoint")
	}
	c := &ledger.Checkpoint{Origin: lines[0], Note: bytes.Clone(text)}
	if c.Size, err = parseSize(lines[1]); err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(raw) != tlog.HashSize || base64.StdEncoding.EncodeToString(raw) != lines[2] {
		return nil, fmt.Errorf("root %.60q is not a hash", lines[2])
	}
	c.Root = tlog.Hash(raw)
	return c, nil
}

// maxForks of a log are kept: one is enough.
const maxForks = 16

func forkName(n int) string { return fmt.Sprintf("fork-%02d", n) }

// keepFork files the evidence, once. r.mu is held.
func (r *replica) keepFork(f *Fork) (fresh bool, err error) {
	for _, old := range r.forks {
		if old.Kept.Size == f.Kept.Size && old.Kept.Root == f.Kept.Root && old.Other.Size == f.Other.Size && old.Other.Root == f.Other.Root {
			return false, nil
		}
	}
	if len(r.forks) == maxForks {
		return false, nil
	}
	text, err := f.MarshalText()
	if err != nil {
		return false, err
	}
	if err := ledger.Dir(r.dir).WriteFile(forkName(len(r.forks)), text); err != nil {
		return false, err
	}
	r.forks = append(r.forks, *f)
	return true, syncDir(r.dir)
}

// readForks reads what keepFork has filed.
func readForks(dir string) ([]Fork, error) {
	var forks []Fork
	for n := range maxForks {
		text, err := os.ReadFile(filepath.Join(dir, forkName(n)))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, err
		}
		f, err := parseFork(text)
		if err != nil {
			return nil, &ledger.CorruptError{File: filepath.Join(dir, forkName(n)), Offset: -1, First: -1, Next: -1, Reason: err.Error()}
		}
		forks = append(forks, *f)
	}
	return forks, nil
}
