package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// isEvidence reports whether a file is evidence, whatever it is called: the magic stands behind the header of the head.
func isEvidence(f io.ReaderAt) bool {
	const at, magic = 8, "dauvet.github.io/evidence@"
	b := make([]byte, len(magic))
	_, err := f.ReadAt(b, at)
	return err == nil && string(b) == magic
}

// inspector is what is known of ledgers beforehand.
type inspector struct {
	keys     []audit.Key
	kept     string           // folder of checkpoints; empty: none are kept
	problems []*audit.Problem // what could not be verified
}

// readKeys reads the file of registered keys.
func readKeys(name string) ([]audit.Key, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return audit.ReadKeys(f)
}

// capture verifies a file of evidence and records its events. What is wrong with the file is a problem, and the audit
// goes on without it.
func (in *inspector) capture(ctx context.Context, repo *trace.Repository, f *os.File, p *progress) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	b, err := audit.Open(f, info.Size(), in.keys)
	if err != nil {
		in.note("", f.Name(), err)
		return nil
	}
	if err := in.compare(b, f.Name()); err != nil {
		return err
	}
	_, err = repo.Import(ctx, in.events(ctx, b, f.Name(), p))
	return err
}

func (in *inspector) note(party trace.Party, name string, err error) {
	in.problems = append(in.problems, audit.NewProblem(party, fmt.Errorf("%s: %w", filepath.Base(name), err)))
}

// compare checks that the ledger only grew since the checkpoint that was kept, and keeps the new one. Of a ledger that
// was rewritten the old one stays, and the new one is written beside it: the two are the evidence.
func (in *inspector) compare(b *audit.Bundle, name string) error {
	if in.kept == "" {
		return nil
	}
	file := filepath.Join(in.kept, url.PathEscape(b.Checkpoint.Origin))
	note, err := os.ReadFile(file + ".checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return os.WriteFile(file+".checkpoint", b.Checkpoint.Note, 0o644)
	}
	if err != nil {
		return err
	}
	var vkeys []string
	for _, k := range in.keys {
		if strings.HasPrefix(k.Verifier, b.Checkpoint.Origin+"+") {
			vkeys = append(vkeys, k.Verifier)
		}
	}
	seen, err := ledger.VerifyCheckpoint(note, vkeys...)
	if err != nil {
		return fmt.Errorf("%s.checkpoint: %w", file, err)
	}
	if seen.Size > b.Checkpoint.Size {
		in.note(b.Party, name, audit.ErrNotCovered)
		return nil // an older file
	}
	if err := b.Continues(seen); err != nil {
		in.note(b.Party, name, err)
		var fork *audit.ForkError
		if errors.As(err, &fork) {
			return os.WriteFile(file+".rewritten", b.Checkpoint.Note, 0o644)
		}
		return nil
	}
	return os.WriteFile(file+".checkpoint", b.Checkpoint.Note, 0o644)
}

// events yields the events of a bundle. A record that is no event is a problem.
func (in *inspector) events(ctx context.Context, b *audit.Bundle, name string, p *progress) iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		for rec, err := range b.Events(ctx) {
			if err == nil {
				err = rec.Event.Validate()
			}
			if err != nil && rec.Index >= 0 {
				in.problems = append(in.problems, &audit.Problem{Code: audit.NotAnEvent, Party: b.Party,
					Err: fmt.Errorf("%s: record %d: %w", filepath.Base(name), rec.Index, err)})
				continue
			}
			p.event()
			if !yield(rec.Event, err) || err != nil {
				return
			}
		}
	}
}
