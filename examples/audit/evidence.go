package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
)

// isEvidence reports whether a file is evidence, whatever it is called: the magic stands behind the header of the head.
func isEvidence(name string) bool {
	const at, magic = 8, "dauvet.github.io/evidence@"
	b := make([]byte, len(magic))
	_, err := file(name).ReadAt(b, at)
	return err == nil && string(b) == magic
}

// isEvents reports whether a name is that of a file of events: neither evidence nor a folder.
func isEvents(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir() && !isEvidence(name)
}

// inspector holds what is known of ledgers beforehand, and what is found out about their evidence.
type inspector struct {
	keys     []audit.Key
	reader   *report.Reader
	kept     string // folder of checkpoints; empty: none are kept
	bundles  []*audit.Bundle
	names    []string         // of the files of bundles
	problems []*audit.Problem // of files that could not be opened
	work     string           // folder of evidence that is made of mirrors; empty: there are none

	checkpoints []*ledger.Checkpoint // that were kept of the ledgers at hand
}

// newInspector reads the file of registered keys. An empty name is none.
func newInspector(keys, kept string) (*inspector, error) {
	in := &inspector{kept: kept}
	if keys != "" {
		f, err := os.Open(keys)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if in.keys, err = audit.ReadKeys(f); err != nil {
			return nil, err
		}
	}
	in.reader = report.NewReader(in.keys)
	return in, nil
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

// watched is a file that tells how much of it has been read.
type watched struct {
	file
	progress *progress
}

func (w watched) ReadAt(b []byte, off int64) (int, error) {
	n, err := w.file.ReadAt(b, off)
	w.progress.add(string(w.file), int64(n))
	return n, err
}

// open verifies and reads all files of evidence. What is wrong with one is a problem, and the audit goes on without it.
func (in *inspector) open(ctx context.Context, files []string, p *progress) error {
	var inputs []report.Input
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			more, err := in.folder(ctx, name)
			if err != nil {
				in.problems = append(in.problems, &audit.Problem{Code: audit.SourceBroken, Err: fmt.Errorf("%s: %w", filepath.Base(name), err)})
			}
			inputs = append(inputs, more...)
		} else if isEvidence(name) {
			inputs = append(inputs, report.Input{Name: filepath.Base(name), ReaderAt: watched{file(name), p}, Size: info.Size()})
		}
	}
	bundles, errs := in.reader.Open(ctx, inputs)
	for i, err := range errs {
		if err != nil {
			in.problems = append(in.problems, audit.NewProblem("", fmt.Errorf("%s: %w", inputs[i].Name, err)))
		} else {
			in.bundles, in.names = append(in.bundles, bundles[i]), append(in.names, inputs[i].Name)
		}
	}
	return ctx.Err()
}

// close removes what was made for the audit.
func (in *inspector) close() {
	if in.work != "" {
		os.RemoveAll(in.work)
	}
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

// summary prints how many of the registered establishments handed in how much.
func (in *inspector) summary(w io.Writer, r *report.Report) {
	if len(in.keys) == 0 {
		return
	}
	there, keyed := 0, 0
	for _, c := range r.Coverage {
		if c.Key {
			keyed++
			if c.Ledgers > 0 {
				there++
			}
		}
	}
	fmt.Fprintf(w, "%d of %d establishments handed in %d records\n", there, keyed, r.Sums.Records)
}
