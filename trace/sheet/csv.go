package sheet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
)

// WriteCSV writes a table as CSV: its header, and a line for each row. The error is a *CellError for a row of another length than
// the header, a cell that is not of the kind of its column, and one that a spreadsheet program would run as a formula: text
// that begins with "=", "+", "-", "@", a tab or a return, and is no number. Rows before it are written. Cells are written as
// they are; nothing is put in front of them unless opts says so. Nil opts mean the defaults.
func WriteCSV(w io.Writer, t *Table, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	b := bufio.NewWriter(w)
	c := csv.NewWriter(b)
	c.UseCRLF = !opts.Plain
	if opts.Comma != 0 {
		c.Comma = opts.Comma
	}
	if !opts.Plain {
		if _, err := b.WriteString("\ufeff"); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
	}
	header := make([]string, len(t.Columns))
	for i := range t.Columns {
		header[i] = t.Columns[i].Name
	}
	cells, err := opts.escape(t, 0, header)
	if err != nil {
		return err
	}
	if err := c.Write(cells); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	n := 0
	for row, err := range t.Rows {
		if err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		n++
		if err := t.check(n, row); err != nil {
			return err
		}
		if row, err = opts.escape(t, n, row); err != nil {
			return err
		}
		if err := c.Write(row); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	return nil
}

// escape returns a row in which nothing begins as a formula does, or a *CellError; row 0 is the header. The row itself stays
// as it is.
func (opts *Options) escape(t *Table, n int, row []string) ([]string, error) {
	if opts.Formulas {
		return row, nil
	}
	var out []string
	for k, cell := range row {
		kind := t.Columns[k].Kind
		if n == 0 {
			kind = Text
		}
		if !kind.formula(cell) {
			continue
		}
		if !opts.Escape {
			return nil, &CellError{n, t.Columns[k].Name, cell, "begins as a formula does"}
		}
		if out == nil {
			out = append([]string(nil), row...)
		}
		out[k] = "'" + cell
	}
	if out == nil {
		return row, nil
	}
	return out, nil
}
