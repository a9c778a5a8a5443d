package sheet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Options are the choices of who writes. Nil and the zero value are good defaults.
type Options struct {
	// Comma separates cells; 0 is ",". Spreadsheet programs in Vietnamese want ";" or a tab when their decimal sign is ",".
	Comma rune
	// Plain leaves out the mark of UTF-8 in front, without which some programs take the letters for others, and ends lines
	// with LF. It is for programs that read the file.
	Plain bool
	// Formulas lets cells begin as formulas do.
	Formulas bool
}

// CellError says which cell cannot be written, and why.
type CellError struct {
	Row    int // from 1, behind the header
	Column string
	Value  string
	Reason string
}

// Error says where and why.
func (e *CellError) Error() string {
	return fmt.Sprintf("sheet: row %d, %s: %s: %.60q", e.Row, e.Column, e.Reason, e.Value)
}

// WriteCSV writes a header and rows, each as long as the header. The error is a *CellError, and nothing is written, for a row of
// another length, or for a cell that a spreadsheet program would run as a formula: one that begins with "=", "+", "-", "@",
// a tab or a return, and is no number. Cells are written as they are; nothing is put in front of them.
func WriteCSV(w io.Writer, columns []string, rows [][]string, opts *Options) error {
	if opts == nil {
		opts = &Options{}
	}
	for i, row := range rows {
		if len(row) != len(columns) {
			return &CellError{i + 1, "", "", fmt.Sprintf("%d cells for %d columns", len(row), len(columns))}
		}
		for k, cell := range row {
			if !opts.Formulas && formula(cell) {
				return &CellError{i + 1, columns[k], cell, "begins as a formula does"}
			}
		}
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
	if err := c.Write(columns); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	if err := c.WriteAll(rows); err != nil { // flushes
		return fmt.Errorf("sheet: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	return nil
}

// formula reports whether a spreadsheet program may take a cell for a formula.
func formula(cell string) bool {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return false
	}
	_, err := strconv.ParseInt(cell, 10, 64)
	return err != nil
}
