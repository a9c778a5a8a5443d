package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/dauvet/dauvet/trace/sheet"
)

// write writes what was found out as a page and as tables, where the command line asks for them.
func (c *config) write(r *report.Report) error {
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
