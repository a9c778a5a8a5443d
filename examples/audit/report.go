package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/dauvet/dauvet/trace/epcis"
	"github.com/dauvet/dauvet/trace/sheet"
)

// report writes what was found out as a page and as tables, where the command line asks for them. Refused are the problems
// of files that could not be opened.
func (c *config) report(ctx context.Context, m *register, in *inspector, refused []*audit.Problem, findings []trace.Finding, p *progress) error {
	if c.html == "" && c.csv == "" && c.xlsx == "" {
		return nil
	}
	var sources []report.Source
	for i, b := range in.bundles {
		sources = append(sources, report.Source{Name: filepath.Base(in.names[i]), Bundle: b})
	}
	for _, name := range c.files {
		if !isEvidence(name) {
			sources = append(sources, report.Source{Name: filepath.Base(name), Events: eventsOf(name, p)})
		}
	}
	r, err := report.Make(ctx, sources, &report.Options{
		Register: &m.Register, Keys: in.keys, From: m.start, Kept: in.checkpoints, Problems: refused,
		Silence: time.Duration(c.silence) * 24 * time.Hour, Parties: m.parties, Products: m.products, Made: c.now,
		Judge: func(context.Context, *trace.Register) ([]trace.Finding, error) { return findings, nil },
	})
	if err != nil {
		return err
	}
	if c.html != "" {
		page := func(w io.Writer) error { return report.WriteHTML(w, r, &report.HTMLOptions{Language: c.lang()}) }
		if err := create(c.html, page); err != nil {
			return err
		}
	}
	if c.xlsx != "" {
		var tables []*sheet.Table
		for _, f := range report.Tables(r, c.lang()) {
			tables = append(tables, f.Table)
		}
		if err := create(c.xlsx, func(w io.Writer) error { return sheet.WriteXLSX(w, tables, nil) }); err != nil {
			return err
		}
	}
	if c.csv == "" {
		return nil
	}
	if err := os.MkdirAll(c.csv, 0o755); err != nil {
		return err
	}
	for _, f := range report.Tables(r, c.lang()) {
		table := func(w io.Writer) error { return sheet.WriteCSV(w, f.Table, &sheet.Options{Escape: true}) }
		if err := create(filepath.Join(c.csv, f.Name+".csv"), table); err != nil {
			return err
		}
	}
	lines := func(w io.Writer) error { return report.WriteJSON(w, r, c.lang()) }
	return create(filepath.Join(c.csv, "phat-hien.jsonl"), lines)
}

// create writes a file. When that fails, it is not there half.
func create(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".audit-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it has another name when all went well
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// eventsOf reads the events of a file again.
func eventsOf(name string, p *progress) iter.Seq2[trace.Recorded, error] {
	return func(yield func(trace.Recorded, error) bool) {
		f, err := openInput(name, p)
		if err != nil {
			yield(trace.Recorded{Index: -1}, err)
			return
		}
		defer f.Close()
		n := int64(-1)
		for e, err := range epcis.NewDecoder(f, nil).Events() {
			n++
			rec := trace.Recorded{Index: n, Event: e}
			if _, one := errors.AsType[*epcis.DecodeError](err); err != nil && !one {
				rec.Index = -1
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}
