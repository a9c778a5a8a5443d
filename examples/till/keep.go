package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

// plainRequest is one without fields of its own.
type plainRequest struct{ head }

// state says what ledger this is, and how much is in it.
type state struct {
	Size   int64  `json:"size"`
	Origin string `json:"origin"`
	VKey   string `json:"vkey"`           // the verifier key; not a secret
	Note   string `json:"note,omitempty"` // the signed checkpoint
}

func (t *till) state(size int64) *state {
	return &state{Size: size, Origin: t.ledger.Origin(), VKey: t.ledger.VerifierKey()}
}

func (t *till) status(_ context.Context, _ *station, _ *plainRequest) (*state, error) {
	return t.state(t.ledger.Size()), nil
}

func (t *till) checkpoint(ctx context.Context, _ *station, _ *plainRequest) (*state, error) {
	c, err := t.ledger.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	out := t.state(c.Size)
	out.Note = string(c.Note)
	return out, nil
}

func (t *till) check(ctx context.Context, _ *station, _ *plainRequest) (*state, error) {
	size := t.ledger.Size()
	if err := t.ledger.Check(ctx); err != nil {
		return nil, err
	}
	return t.state(size), nil
}

// proveRequest asks for the proof that an entry is in the ledger.
type proveRequest struct {
	head
	Entry *int64 `json:"entry"`
}

// proof is what an inspector needs to check that an event was recorded.
type proof struct {
	Entry int64  `json:"entry"`
	VKey  string `json:"vkey"`
	Data  []byte `json:"data"`  // the entry, in base64
	Proof string `json:"proof"` // C2SP tlog-proof
}

func (t *till) prove(ctx context.Context, _ *station, q *proveRequest) (*proof, error) {
	if q.Entry == nil {
		return nil, badField("entry", "missing")
	}
	r, err := t.ledger.Read(ctx, *q.Entry)
	if err != nil {
		return nil, err
	}
	text, err := t.ledger.ProveInclusion(ctx, r.Index)
	if err != nil {
		return nil, err
	}
	return &proof{Entry: r.Index, VKey: t.ledger.VerifierKey(), Data: r.Data, Proof: string(text)}, nil
}

// exportRequest backs the ledger up. The same folder can be used each time: only what is new is written.
type exportRequest struct {
	head
	To string `json:"to"` // a folder, best with its whole path
}

func (t *till) export(ctx context.Context, _ *station, q *exportRequest) (*state, error) {
	if q.To == "" {
		return nil, badField("to", "missing")
	}
	c, err := t.ledger.Export(ctx, ledger.Dir(q.To))
	if err != nil {
		return nil, err
	}
	return t.state(c.Size), nil
}

// restoreRequest makes a ledger of a backup.
type restoreRequest struct {
	head
	From string `json:"from"` // the folder of the backup
	VKey string `json:"vkey"` // the verifier key that export told
	Key  string `json:"key"`  // a copy of the file "key" of the lost ledger; without one, a new key signs from now on
}

// restore makes the ledger in dir, which must be empty or missing, of a backup. It is there whole or not at all: it is
// made in a folder beside, which is renamed at the end and may be deleted where a crash left it.
func restore(ctx context.Context, dir string, q *restoreRequest, opts *ledger.Options) (err error) {
	switch {
	case q.From == "":
		return badField("from", "missing")
	case q.VKey == "":
		return badField("vkey", "missing")
	}
	if list, err := os.ReadDir(dir); len(list) > 0 {
		return errNotEmpty
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	note, err := os.ReadFile(filepath.Join(q.From, "checkpoint"))
	if err != nil {
		return err
	}
	c, err := ledger.VerifyCheckpoint(note, q.VKey)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	made, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".restoring-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	if q.Key != "" {
		key, err := os.ReadFile(q.Key)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(made, "key"), key, 0o600); err != nil {
			return err
		}
	}
	opts.Origin = c.Origin
	if err := fill(ctx, made, q, opts); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(made, dir)
}

// fill imports the backup into a new ledger.
func fill(ctx context.Context, dir string, q *restoreRequest, opts *ledger.Options) (err error) {
	l, err := badgerledger.Open(dir, opts)
	if q.Key != "" && errors.Is(err, ledger.ErrCorrupt) {
		return badField("key", err.Error()) // nothing else is there yet
	}
	if err != nil {
		return err
	}
	defer func() {
		if e := l.Close(); err == nil {
			err = e
		}
	}()
	if q.Key != "" && keyOf(l.VerifierKey()) != keyOf(q.VKey) {
		return badField("key", "not the key of the backup")
	}
	return l.Import(ctx, os.DirFS(q.From), q.VKey)
}

// keyOf is a verifier key without the name in front.
func keyOf(vkey string) string {
	parts := strings.SplitN(vkey, "+", 3)
	return parts[len(parts)-1]
}
