// Audit reads the EPCIS events of many parties and prints what is odd about them.
//
//	audit -master M.json [-keys KEYS [-previous DIR]] [-html PAGE] [-csv DIR] [-xlsx BOOK] EVENTS.json[l][.gz]|SHOP.evidence|MIRROR…
//	audit SHOP.evidence…
//
// A folder is a mirror that examples/province keeps and has not open, or the tiles of one ledger (C2SP tlog-tiles).
//
// Files of evidence, which shops export from their ledgers, are verified by the registered keys first, and against the
// checkpoints that were kept in a folder the time before. FORMAT.md has the files of master data and keys.
//
// With -html, -csv and -xlsx it writes a report: one page to read or print, tables and lines for programs, and a workbook. With files alone, as
// when they are dropped on the program, it takes master.json, keys.txt and the folder previous from beside the first file, or
// else from beside the program, and writes the report beside the first file.
//
// Findings go to standard output, one JSON object a line, or as sentences with -text; a summary and the progress go to
// standard error. Events that cannot be read are named there and left out; with -rollback one of them ends the audit. A file that
// cannot be read to its end is told among the findings, and what could be read of it counts. With -dir events are also kept, in
// a ledger, and audited again the next time. The exit status is 0 whether or not there are findings, and 1 when the audit could
// not be done.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
)

func main() {
	var c config
	flag.StringVar(&c.master, "master", "", "the register: establishments, products, lots, period (JSON)")
	flag.StringVar(&c.dir, "dir", "", "keep the ledger of all events in this folder; what it holds already is audited, too")
	flag.StringVar(&c.keys, "keys", "", "the registered keys of ledgers, for files of evidence")
	flag.StringVar(&c.previous, "previous", "", "keep the checkpoints of verified ledgers in this folder")
	flag.IntVar(&c.silence, "silence", 7, "days before the end of the period without a record that are a finding")
	flag.BoolVar(&c.text, "text", false, "print sentences instead of JSON")
	flag.StringVar(&c.html, "html", "", "write the report as a page into this file")
	flag.StringVar(&c.csv, "csv", "", "write the report as tables into this folder")
	flag.StringVar(&c.xlsx, "xlsx", "", "write the report as a workbook into this file")
	flag.StringVar(&c.language, "lang", "vi", "the language: vi or en")
	flag.BoolVar(&c.rollback, "rollback", false, "end when an event cannot be read")
	flag.Parse()
	c.files, c.now = flag.Args(), time.Now()
	if flag.NFlag() == 0 && len(c.files) > 0 {
		c.dropped()
	}
	if err := run(context.Background(), os.Stdout, os.Stderr, c); err != nil {
		fmt.Fprintln(os.Stderr, "audit:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	master, dir     string
	keys, previous  string
	silence         int
	files           []string
	text, rollback  bool
	html, csv, xlsx string
	language        string
	now             time.Time
}

// lang is the language.
func (c *config) lang() trace.Language {
	if c.language == "en" {
		return trace.English
	}
	return trace.Vietnamese
}

func run(ctx context.Context, stdout, stderr io.Writer, c config) (err error) {
	if c.master == "" && c.keys == "" || len(c.files) == 0 && c.dir == "" {
		return fmt.Errorf("usage: audit -master M.json [-keys KEYS] EVENTS.json[l][.gz]|SHOP.evidence|MIRROR…")
	}
	if c.language != "" && c.language != "vi" && c.language != "en" {
		return fmt.Errorf("-lang: neither vi nor en: %q", c.language)
	}
	in, err := newInspector(c.keys, c.previous)
	if err != nil {
		return err
	}
	defer in.close()
	register := registerOf(in.keys)
	if c.master != "" {
		if register, err = readMaster(c.master); err != nil {
			return err
		}
	}
	if c.rollback {
		for _, name := range c.files {
			if isEvents(name) {
				if err := readable(name); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	start := time.Now()
	p := newProgress(stderr, c.work())
	defer p.end()
	// An audit keeps a lot and for long: to collect more often costs little, and less memory is needed.
	defer debug.SetGCPercent(debug.SetGCPercent(25))
	if err := in.open(ctx, c.files, p); err != nil {
		return err
	}
	if err := in.compare(); err != nil {
		return err
	}
	kept, err := c.collect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.close()) }()
	var more []report.Source
	for _, name := range c.files {
		if isEvents(name) {
			more = append(more, report.Source{Name: filepath.Base(name), Events: kept.capture(ctx, name, eventsOf(name, p))})
		}
	}
	if c.dir != "" {
		for i, b := range in.bundles {
			kept.all(ctx, in.names[i], b.Events(ctx))
		}
		more = append(more, report.Source{Name: c.dir, Events: kept.events(ctx)})
	}
	r, err := in.reader.Report(ctx, more, &report.Options{
		Register: &register.Register, Keys: in.keys, From: register.start, Kept: in.checkpoints, Problems: in.problems,
		Silence: time.Duration(c.silence) * 24 * time.Hour, Parties: register.parties, Products: register.products, Made: c.now,
	})
	if err != nil {
		return err
	}
	if kept != nil && kept.failed != nil {
		return kept.failed
	}
	p.say("writing …")
	if err := c.write(r); err != nil {
		return err
	}
	p.end()
	problems := c.problems(r)
	if err := c.print(stdout, problems, r.Judged); err != nil {
		return err
	}
	in.summary(stderr, r)
	return summary(stderr, r, problems, time.Since(start))
}

// problems are those of the report that are printed: events that cannot be read are named on standard error already, and
// without keys nobody has to hand in anything.
func (c *config) problems(r *report.Report) []*audit.Problem {
	list := slices.DeleteFunc(slices.Clone(r.Problems), func(p *audit.Problem) bool { return p.Code == audit.NotAnEvent && p.Party == "" })
	keyed := make(map[trace.Party]bool)
	for _, x := range r.Coverage {
		keyed[x.Party] = x.Key
	}
	for _, p := range r.Missing {
		if keyed[p.Party] && (p.Code != audit.StoppedReports || c.silence > 0) {
			list = append(list, p)
		}
	}
	return list
}

// work is how many bytes there are to read.
func (c *config) work() (n int64) {
	for _, name := range c.files {
		n += sizeOf(name)
	}
	return n
}

// dropped finds what belongs to files that were dropped on the program, and where the report goes.
func (c *config) dropped() {
	beside := filepath.Dir(c.files[0])
	folders := []string{beside}
	if program, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Dir(program))
	}
	find := func(name string) string {
		for _, folder := range folders {
			if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
				return filepath.Join(folder, name)
			}
		}
		return ""
	}
	c.master, c.keys, c.previous = find("master.json"), find("keys.txt"), find("previous")
	c.html, c.csv = filepath.Join(beside, "bao-cao.html"), filepath.Join(beside, "bao-cao")
	c.xlsx = filepath.Join(beside, "bao-cao.xlsx")
	c.text = true
}

// finding is a line of the output.
type finding struct {
	Rule   trace.Code  `json:"rule"`
	EPCs   []trace.ID  `json:"epcs"`
	Events []string    `json:"events"`
	Place  trace.Party `json:"place"`
	Text   string      `json:"text"`
}

// print writes what is wrong with the evidence, and then what is odd about the events.
func (c *config) print(stdout io.Writer, problems []*audit.Problem, findings []trace.Finding) error {
	lang := c.lang()
	out := bufio.NewWriter(stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, p := range problems {
		if c.text {
			fmt.Fprintln(out, p.Text(lang))
			continue
		}
		if err := enc.Encode(finding{p.Code, []trace.ID{}, []string{}, p.Party, p.Text(lang)}); err != nil {
			return err
		}
	}
	for _, f := range findings {
		if c.text {
			fmt.Fprintln(out, f.Text(lang))
			continue
		}
		if err := enc.Encode(finding{f.Code, f.EPCs, f.Events, f.Place, f.Text(lang)}); err != nil {
			return err
		}
	}
	return out.Flush()
}

// summary prints how many findings there are of each rule, the most frequent first.
func summary(w io.Writer, r *report.Report, problems []*audit.Problem, took time.Duration) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events read, %d unreadable, %d findings, %.1f s\n", r.Sums.Events, r.Sums.Unreadable, len(r.Judged), took.Seconds())
	count := map[trace.Code]int{}
	for _, p := range problems {
		count[p.Code]++
	}
	for _, f := range r.Judged {
		count[f.Code]++
	}
	var rules []trace.Code
	for r := range count {
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b trace.Code) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(string(a), string(b))
	})
	for _, r := range rules {
		fmt.Fprintf(&b, "%7d  %s\n", count[r], r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
