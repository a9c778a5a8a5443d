package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
)

// folder makes evidence of the logs in a folder, which is a mirror of the province or the tiles of one log. What is wrong with a
// log is a problem, and the audit goes on without it.
func (in *inspector) folder(ctx context.Context, name string) ([]report.Input, error) {
	if in.work == "" {
		dir, err := os.MkdirTemp("", "dauvet-audit-")
		if err != nil {
			return nil, err
		}
		in.work = dir
	}
	if _, err := os.Stat(filepath.Join(name, "checkpoint")); err == nil {
		return in.tiles(ctx, filepath.Base(name), os.DirFS(name))
	}
	if _, err := os.Stat(filepath.Join(name, "logs")); err != nil {
		return nil, errors.New("a folder that is neither a mirror nor has a checkpoint")
	}
	opts := &mirror.Options{}
	for _, k := range in.keys {
		opts.Keys = append(opts.Keys, k.Verifier)
	}
	m, err := mirror.Open(name, opts)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	var inputs []report.Input
	for _, l := range m.Logs() {
		for _, f := range l.Forks {
			in.problems = append(in.problems, &audit.Problem{Code: audit.LedgerRewritten, Party: in.party(l.Origin), Err: errors.New(f.String())})
		}
		if l.Err != nil {
			in.problems = append(in.problems, audit.NewProblem(in.party(l.Origin), fmt.Errorf("%s: %w", l.Origin, l.Err)))
			continue
		}
		if l.Mirrored == nil {
			continue // registered, and nothing is there yet
		}
		tiles, err := m.Tiles(l.Origin)
		if err != nil {
			return nil, err
		}
		more, err := in.tiles(ctx, l.Origin, tiles)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, more...)
	}
	return inputs, nil
}

// party is to whom a ledger is registered.
func (in *inspector) party(origin string) (p trace.Party) {
	for _, k := range in.keys {
		if key, _, _ := strings.Cut(k.Verifier, "+"); key == origin {
			p = k.Party
		}
	}
	return p
}

// tiles makes evidence of a log. It is verified as any other when it is read.
func (in *inspector) tiles(ctx context.Context, name string, from fs.FS) ([]report.Input, error) {
	f, err := os.CreateTemp(in.work, "*.evidence")
	if err != nil {
		return nil, err
	}
	_, err = audit.ExportTiles(ctx, f, from, in.keys)
	if e := f.Close(); e != nil {
		return nil, e
	}
	if err != nil {
		in.problems = append(in.problems, audit.NewProblem("", fmt.Errorf("%s: %w", name, err)))
		return nil, ctx.Err()
	}
	return []report.Input{{Name: name, ReaderAt: file(f.Name()), Size: sizeOf(f.Name())}}, nil
}
