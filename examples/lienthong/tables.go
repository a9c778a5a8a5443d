package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/sheet"
)

// tables writes the tables of QĐ 540/QĐ-QLD of some days to the files that the command line names. What does not fit into
// them goes to standard error: each refusal once.
func tables(ctx context.Context, c config, stderr io.Writer, reports *lienthong.Reports, last lienthong.Day) error {
	first := last
	if c.from != "" {
		if err := first.UnmarshalText([]byte(c.from)); err != nil {
			return err
		}
	}
	say := func(blocked []*lienthong.BlockedError) {
		for _, b := range blocked {
			fmt.Fprintln(stderr, b)
		}
	}
	four, blocked, err := reports.Bang4(ctx, first, last.Next())
	if err != nil {
		return err
	}
	say(blocked)
	if c.bang4 != "" {
		err := create(c.bang4, func(w io.Writer) error { return sheet.WriteCSV(w, table("Bảng 4", four), nil) })
		if err != nil || c.xlsx == "" {
			return err
		}
	}
	one, blocked, err := reports.Bang1(ctx, first, last.Next())
	if err != nil {
		return err
	}
	say(blocked)
	two, blocked := lienthong.SumBang2(last, one)
	say(blocked)
	return create(c.xlsx, func(w io.Writer) error {
		return sheet.WriteXLSX(w, []*sheet.Table{table("Bảng 1", one), table("Bảng 2", two), table("Bảng 4", four)}, nil)
	})
}

// create writes a file.
func create(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// table returns rows for a sheet: days are numbers, as the decision prints them.
func table[T any](name string, rows []T) *sheet.Table {
	t := sheet.Table{Name: name}
	var row T
	for _, c := range lienthong.Columns(row) {
		column := sheet.Column{Name: c.Name}
		if c.Number {
			column.Kind = sheet.Integer
		}
		t.Columns = append(t.Columns, column)
	}
	t.Rows = func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(lienthong.Cells(row), nil) {
				return
			}
		}
	}
	return &t
}
