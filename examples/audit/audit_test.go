package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/epcis"
)

var update = flag.Bool("update", false, "write the golden files anew")

// story writes the events of a small fraud: a pack is sold, and then its copy by a shop that may not sell at all, too
// dear.
func story(t *testing.T) string {
	t.Helper()
	const maker, shop, kiosk trace.Party = "8936000120009", "68-00417", "68-00500"
	pack, err := gs1.ParseEPC("https://id.gs1.org/01/08936000123451/21/K7M2Q9X4T1")
	if err != nil {
		t.Fatal(err)
	}
	packs := []gs1.EPC{pack}
	day := func(n int) time.Time {
		return time.Date(2026, 3, n, 9, 0, 0, 0, time.FixedZone("", 7*60*60))
	}
	var buf bytes.Buffer
	enc := epcis.NewEncoder(&buf, &epcis.EncoderOptions{Lines: true})
	for _, h := range []trace.Hop{
		{Step: trace.Commissioning, Time: day(2), By: maker, EPCs: packs, Lot: "DV24A07", Expiry: "280630"},
		{Step: trace.Shipping, Time: day(3), By: maker, To: shop, EPCs: packs, Document: "PX-1"},
		{Step: trace.Receiving, Time: day(4), By: shop, From: maker, EPCs: packs, Document: "PX-1"},
		{Step: trace.Dispensing, Time: day(9), By: shop, EPCs: packs, Price: 120_000},
		{Step: trace.Dispensing, Time: day(25), By: kiosk, EPCs: packs, Price: 150_000},
	} {
		e, err := h.Event()
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "story.jsonl", buf.Bytes())
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFindings(t *testing.T) {
	file := story(t)
	for _, test := range []struct {
		golden string
		c      config
	}{
		{"findings.jsonl", config{}},
		{"findings.vi.txt", config{text: true}},
		{"findings.en.txt", config{text: true, language: "en"}},
	} {
		test.c.master, test.c.files = "testdata/master.json", []string{file}
		var out, words bytes.Buffer
		if err := run(t.Context(), &out, &words, test.c); err != nil {
			t.Fatal(err)
		}
		golden(t, test.golden, out.Bytes())
		golden(t, "summary.txt", regexp.MustCompile(`[\d.]+ s\n`).ReplaceAll(words.Bytes(), []byte("N s\n")))
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The same events in two files, one of them compressed, are the same events.
func TestCompressed(t *testing.T) {
	file := story(t)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := config{master: "testdata/master.json", files: []string{write(t, "story.jsonl.gz", packed.Bytes()), file}}
	if err := run(t.Context(), &out, io.Discard, c); err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.jsonl", out.Bytes())
}

func TestBadInput(t *testing.T) {
	data, err := os.ReadFile(story(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	spoiled := write(t, "spoiled.jsonl", []byte(strings.Join(slices.Insert(slices.Clone(lines), 2, strings.Replace(lines[1], "ADD", "ODD", 1)), "")))
	cut := write(t, "cut.jsonl", data[:len(data)-20])
	broken := write(t, "broken.json", []byte(`{"products":[{"gtin":"08936000123452"}]}`))

	// One bad event among others is named and left out, and the findings stay.
	var out, words bytes.Buffer
	if err := run(t.Context(), &out, &words, config{master: "testdata/master.json", files: []string{spoiled}}); err != nil {
		t.Fatal(err)
	}
	golden(t, "findings.jsonl", out.Bytes())
	if !strings.Contains(words.String(), "left out") || !strings.Contains(words.String(), "action") {
		t.Errorf("standard error does not name the field: %s", &words)
	}

	var bad *epcis.DecodeError
	if err := run(t.Context(), io.Discard, io.Discard, config{master: "testdata/master.json", files: []string{spoiled}, rollback: true}); !errors.As(err, &bad) {
		t.Errorf("rollback: %v, want a *DecodeError", err)
	}
	for name, c := range map[string]config{
		"no file":      {master: "testdata/master.json", files: []string{"none.jsonl"}},
		"rollback":     {master: "testdata/master.json", files: []string{cut}, rollback: true},
		"no arguments": {},
	} {
		if err := run(t.Context(), io.Discard, io.Discard, c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := run(t.Context(), io.Discard, io.Discard, config{master: broken, files: []string{cut}}); !errors.Is(err, gs1.ErrCheckDigit) {
		t.Errorf("master with a wrong GTIN: %v", err)
	}
	if err := run(t.Context(), io.Discard, io.Discard, config{master: "none.json", files: []string{cut}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no master: %v", err)
	}
}

// A file that cannot be read to its end is told by name, and the rest of the audit goes on: also what stands in it before.
func TestBrokenFile(t *testing.T) {
	whole := story(t)
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	noise := bytes.Clone(packed.Bytes())
	noise[len(noise)/2] ^= 0xff
	for name, text := range map[string][]byte{
		"cut.jsonl":     data[:len(data)-20],
		"cut.jsonl.gz":  packed.Bytes()[:packed.Len()-20],
		"head.jsonl.gz": packed.Bytes()[:5],
		"noise.gz":      noise,
		"text":          []byte("hello"),
	} {
		t.Run(name, func(t *testing.T) {
			c := config{master: "testdata/master.json", files: []string{write(t, name, text), whole}, csv: t.TempDir()}
			var out bytes.Buffer
			if err := run(t.Context(), &out, io.Discard, c); err != nil {
				t.Fatal(err)
			}
			first, rest, _ := strings.Cut(out.String(), "\n")
			var f finding
			if err := json.Unmarshal([]byte(first), &f); err != nil || f.Rule != audit.SourceBroken || !strings.Contains(f.Text, name) {
				t.Errorf("%s, %v: not told by name", first, err)
			}
			golden(t, "findings.jsonl", []byte(rest))
			if table, err := os.ReadFile(filepath.Join(c.csv, "khong-xac-minh.csv")); err != nil || !strings.Contains(string(table), name) {
				t.Errorf("not in the tables: %s, %v", table, err)
			}
		})
	}
}

// What an audit kept in a folder is audited again by the next.
func TestFolder(t *testing.T) {
	data, err := os.ReadFile(story(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n")
	dir := t.TempDir()
	for _, part := range []string{strings.Join(lines[:4], ""), lines[0] + strings.Join(lines[4:], "")} {
		var out bytes.Buffer
		c := config{master: "testdata/master.json", dir: dir, files: []string{write(t, "part.jsonl", []byte(part))}}
		if err := run(t.Context(), &out, io.Discard, c); err != nil {
			t.Fatal(err)
		}
		if part != strings.Join(lines[:4], "") {
			golden(t, "findings.jsonl", out.Bytes())
		}
	}
}

// TestProvince compares the findings on a synthetic province with what was planted in it: every anomaly under its rule,
// and nothing else.
func TestProvince(t *testing.T) {
	const folder = "../../../shared/vectors/province/"
	var answers struct {
		Anomalies []struct {
			Type         trace.Code
			EPCs, Events []string
			Also         []trace.Code
		}
	}
	data, err := os.ReadFile(folder + "small.answers.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("missing shared/vectors/province/small.answers.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &answers); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, io.Discard, config{master: folder + "small.master.json", files: []string{folder + "small.jsonl"}}); err != nil {
		t.Fatal(err)
	}
	type on struct {
		rule trace.Code
		what string // EPC or event
	}
	found, allowed := map[on]bool{}, map[on]bool{}
	var findings []finding
	for line := range strings.Lines(out.String()) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		findings = append(findings, f)
		for _, what := range named(f) {
			found[on{f.Rule, what}] = true
		}
	}
	for _, a := range answers.Anomalies {
		places := slices.Concat(a.EPCs, a.Events)
		if !slices.ContainsFunc(places, func(what string) bool { return found[on{a.Type, what}] }) {
			t.Errorf("missed: %s on %v", a.Type, a.EPCs)
		}
		for _, rule := range append(a.Also, a.Type) {
			for _, what := range places {
				allowed[on{rule, what}] = true
			}
		}
	}
	for _, f := range findings {
		if !slices.ContainsFunc(named(f), func(what string) bool { return allowed[on{f.Rule, what}] }) {
			t.Errorf("not planted: %+v", f)
		}
	}
}

func named(f finding) []string {
	names := slices.Clone(f.Events)
	for _, id := range f.EPCs {
		names = append(names, string(id))
	}
	return names
}
