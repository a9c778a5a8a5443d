package sheet

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Table is what is written: columns, and rows of cells.
type Table struct {
	// Name is that of the sheet in a workbook. Empty is "Sheet" with the number of the table; a CSV has none.
	Name    string
	Columns []Column
	// Rows are the rows, each as long as Columns. They are read once, one at a time, and not kept: a row may be used again for the
	// next. An error ends the writing and is returned. See Rows for those that are in memory.
	Rows iter.Seq2[[]string, error]
}

// Column is a column of a Table.
type Column struct {
	Name string // what the header says
	Kind Kind
	// Width is how many characters it shows in a workbook; 0 is one that suits the kind and the name.
	Width int
}

// Kind is what the cells of a column are. A cell is text in any case, in the form that its kind asks for; an empty one is
// empty in any column.
type Kind int

// The kinds. A number that is none to count with is Text: it keeps its leading zeros and all its digits.
const (
	Text    Kind = iota
	Integer      // a whole number as strconv.FormatInt writes it
	Date         // a day such as 2027-12-31
	Minute       // a day and time such as 2027-12-31 08:30, of whatever zone the table is in
)

// String returns the kind in words.
func (k Kind) String() string {
	if k < Text || k > Minute {
		return "Kind(" + strconv.Itoa(int(k)) + ")"
	}
	return [...]string{"text", "whole number", "day", "minute"}[k]
}

// layouts of the kinds that are times.
var layouts = [...]string{Date: time.DateOnly, Minute: "2006-01-02 15:04"}

// Rows returns the rows of a table that is in memory.
func Rows(rows [][]string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// CellError says which cell cannot be written, and why.
type CellError struct {
	Row    int // from 1, behind the header; 0 is the header
	Column string
	Value  string
	Reason string
}

// Error says where and why.
func (e *CellError) Error() string {
	return fmt.Sprintf("sheet: row %d, %s: %s: %.60q", e.Row, e.Column, e.Reason, e.Value)
}

// Options are the choices of who writes. Nil and the zero value are good defaults.
type Options struct {
	// Comma separates the cells of a CSV; 0 is ",". Spreadsheet programs in Vietnamese want ";" or a tab when their decimal sign
	// is ",".
	Comma rune
	// Plain leaves out the mark of UTF-8 in front of a CSV, without which some programs take the letters for others, and ends
	// lines with LF. It is for programs that read the file.
	Plain bool
	// Formulas lets cells of a CSV begin as formulas do. In a workbook they are text anyway.
	Formulas bool
	// Escape puts an apostrophe in front of a cell of a CSV that begins as a formula does, as spreadsheet programs do
	// themselves. Otherwise such a cell is an error.
	Escape bool
}

// check returns what is wrong with a row, nil when nothing is.
func (t *Table) check(n int, row []string) error {
	if len(row) != len(t.Columns) {
		return &CellError{n, "", "", fmt.Sprintf("%d cells for %d columns", len(row), len(t.Columns))}
	}
	for k, cell := range row {
		c := &t.Columns[k]
		if !utf8.ValidString(cell) {
			return &CellError{n, c.Name, cell, "is not UTF-8"}
		}
		if cell != "" && !c.Kind.holds(cell) {
			return &CellError{n, c.Name, cell, "is no " + c.Kind.String()}
		}
	}
	return nil
}

// holds reports whether a cell is of the kind.
func (k Kind) holds(cell string) bool {
	switch k {
	case Text:
		return true
	case Integer:
		n, err := strconv.ParseInt(cell, 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == cell
	case Date, Minute:
		_, err := time.Parse(layouts[k], cell)
		return err == nil
	}
	return false
}

// formula reports whether a spreadsheet program may take a cell for a formula.
func (k Kind) formula(cell string) bool {
	if k != Text || cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return false
	}
	_, err := strconv.ParseInt(cell, 10, 64)
	return err != nil
}
