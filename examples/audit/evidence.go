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
	"slices"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// isEvidence reports whether a file is evidence, whatever it is called: the magic stands behind the header of the head.
func isEvidence(name string) bool {
	const at, magic = 8, "dauvet.github.io/evidence@"
	b := make([]byte, len(magic))
	_, err := file(name).ReadAt(b, at)
	return err == nil && string(b) == magic
}

// inspector holds what is known of ledgers beforehand, and what is found out about their evidence.
type inspector struct {
	keys     []audit.Key
	kept     string // folder of checkpoints; empty: none are kept
	bundles  []*audit.Bundle
	names    []string // of the files of bundles
	problems []*audit.Problem
	coverage []audit.Coverage
	before   map[string]bool // events from before the bundles

	checkpoints []*ledger.Checkpoint // that were kept of the ledgers at hand
}

// newInspector reads the file of registered keys. An empty name is none.
func newInspector(keys, kept string) (*inspector, error) {
	in := &inspector{kept: kept}
	if keys == "" {
		return in, nil
	}
	f, err := os.Open(keys)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in.keys, err = audit.ReadKeys(f)
	return in, err
}

// file opens its file for each read: an audit may be of more files than a process may have open.
type file string

func (f file) ReadAt(b []byte, off int64) (int, error) {
	r, err := os.Open(string(f))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return r.ReadAt(b, off)
}

// open verifies a file of evidence. What is wrong with it is a problem, and the audit goes on without it.
func (in *inspector) open(name string, p *progress) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	b, err := audit.Open(file(name), info.Size(), in.keys)
	p.add(name, info.Size())
	if err != nil {
		in.problems = append(in.problems, audit.NewProblem("", fmt.Errorf("%s: %w", filepath.Base(name), err)))
		return nil
	}
	in.bundles, in.names = append(in.bundles, b), append(in.names, name)
	return nil
}

// compare checks that the ledgers only grew, also since the checkpoints that were kept, and keeps the new ones. The two
// checkpoints of a ledger that was rewritten are kept beside each other: they are the evidence.
func (in *inspector) compare() error {
	kept, err := in.read()
	if err != nil {
		return err
	}
	in.checkpoints = kept
	keep, problems := audit.Compare(in.bundles, kept)
	in.problems = append(in.problems, problems...)
	if in.kept == "" {
		return nil
	}
	for _, c := range keep {
		if err := os.WriteFile(in.name(c.Origin)+".checkpoint", c.Note, 0o644); err != nil {
			return err
		}
	}
	for _, p := range problems {
		var fork *audit.ForkError
		if !errors.As(p.Err, &fork) {
			continue
		}
		name := in.name(fork.New.Origin)
		if err := os.WriteFile(name+".rewritten-1", fork.Seen.Note, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(name+".rewritten-2", fork.New.Note, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// name is where the checkpoint of a ledger is kept, without the extension.
func (in *inspector) name(origin string) string {
	return filepath.Join(in.kept, url.PathEscape(origin))
}

// read returns the checkpoints that were kept of the ledgers at hand.
func (in *inspector) read() (kept []*ledger.Checkpoint, err error) {
	if in.kept == "" {
		return nil, nil
	}
	done := make(map[string]bool)
	for _, b := range in.bundles {
		origin := b.Checkpoint.Origin
		note, err := os.ReadFile(in.name(origin) + ".checkpoint")
		if done[origin] || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		done[origin] = true
		if err != nil {
			return nil, err
		}
		c, _, err := audit.VerifyCheckpoint(note, in.keys)
		if err != nil {
			return nil, fmt.Errorf("%s.checkpoint: %w", in.name(origin), err)
		}
		kept = append(kept, c)
	}
	return kept, nil
}

// cover finds out who handed in nothing, and who stopped recording.
func (in *inspector) cover(ctx context.Context, end time.Time, silence time.Duration) error {
	list, problems, err := audit.Cover(ctx, in.bundles, in.keys, end, silence)
	in.coverage, in.problems = list, append(in.problems, problems...)
	return err
}

// summary prints how many of the registered establishments handed in how much.
func (in *inspector) summary(w io.Writer) {
	if len(in.keys) == 0 {
		return
	}
	there, records := 0, int64(0)
	for _, c := range in.coverage {
		if c.Ledgers > 0 {
			there++
		}
		records += c.Records
	}
	fmt.Fprintf(w, "%d of %d establishments handed in %d records\n", there, len(in.coverage), records)
}

// capture records the events of all files that were verified, and what was before the first of each ledger, and returns how
// many they are.
func (in *inspector) capture(ctx context.Context, repo *trace.Repository, p *progress) (events int, err error) {
	opening, missing := audit.Begin(in.bundles)
	differ, err := audit.CompareOpenings(ctx, in.bundles)
	if err != nil {
		return 0, err
	}
	in.problems = slices.Concat(in.problems, missing, differ)
	in.before = make(map[string]bool)
	for i, b := range in.bundles {
		if opening[i] {
			if _, err := repo.Import(ctx, in.opening(ctx, b)); err != nil {
				return events, fmt.Errorf("%s: %w", in.names[i], err)
			}
		}
		n, err := repo.Import(ctx, in.events(ctx, b, in.names[i]))
		p.add(in.names[i], sizeOf(in.names[i]))
		if events += n; err != nil {
			return events, fmt.Errorf("%s: %w", in.names[i], err)
		}
	}
	return events, nil
}

// opening yields what was before a bundle, and notes it.
func (in *inspector) opening(ctx context.Context, b *audit.Bundle) iter.Seq2[*trace.Event, error] {
	return func(yield func(*trace.Event, error) bool) {
		for rec, err := range b.Opening(ctx) {
			if err == nil {
				in.before[rec.Event.EventID] = true
				if rec.Event.Validate() != nil {
					continue
				}
			}
			if !yield(rec.Event, err) || err != nil {
				return
			}
		}
	}
}

// ofPeriod leaves out findings about events from before the bundles: they are for the audit of that time.
func (in *inspector) ofPeriod(findings []trace.Finding) []trace.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f trace.Finding) bool {
		return in.before[f.Events[0]] && f.Code != trace.ShipNeverReceived
	})
}

// events yields the events of a bundle. A record that is no event is a problem.
func (in *inspector) events(ctx context.Context, b *audit.Bundle, name string) iter.Seq2[*trace.Event, error] {
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
			if !yield(rec.Event, err) || err != nil {
				return
			}
		}
	}
}
