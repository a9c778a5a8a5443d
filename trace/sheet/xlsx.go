package sheet

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The limits of a sheet (Excel specifications and limits).
const (
	maxRows  = 1 << 20
	maxText  = 32767               // characters of a cell, as UTF-16 counts them
	maxExact = 999_999_999_999_999 // Excel keeps 15 digits of a number
	maxName  = 31                  // characters of the name of a sheet
)

// WriteXLSX writes tables as an Office Open XML workbook (ECMA-376), a sheet each: numbers and times as such, with a header that
// stays in view and is printed on each page, for A4 across. Text is text, whatever it begins with. There is at least one table.
//
// The error is a *CellError for a row of another length than the header, a cell that is not of the kind of its column, and one
// that a sheet cannot hold: a number of more than 15 digits, which belongs into a column of Text, a time before 1900-03-01,
// text of more than 32,767 characters or with characters that XML does not have, row 1,048,576. Nothing is written then.
//
// What is in memory is the workbook as it is written, compressed; rows on their way to it are in a temporary file where they
// are more than 16 MiB. The same tables give the same bytes. Options are for CSV only, and may be nil.
func WriteXLSX(w io.Writer, tables []*Table, _ *Options) (err error) {
	if len(tables) == 0 {
		return errors.New("sheet: a workbook has at least one table")
	}
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil && e != nil { // takes temporary files away
			err = fmt.Errorf("sheet: %w", e)
		}
	}()
	parts := &parts{}
	f.ZipWriter = func(io.Writer) excelize.ZipWriter { return parts }
	b := book{file: f}
	if err := b.styles(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	for i, t := range tables {
		if err := b.add(i, t); err != nil {
			return err
		}
	}
	if err := b.properties(); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	if _, err := f.WriteTo(io.Discard); err != nil { // into parts
		return fmt.Errorf("sheet: %w", err)
	}
	if err := parts.write(w); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	return nil
}

// book is a workbook in the making.
type book struct {
	file   *excelize.File
	header int
	cells  [Minute + 1]int // styles by kind
}

// styles makes those of the header and the kinds.
func (b *book) styles() (err error) {
	b.header, err = b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7EEF5"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
	})
	if err != nil {
		return err
	}
	date, minute := "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
	for kind, style := range [...]excelize.Style{
		Text:    {NumFmt: 49}, // "@": stays text when somebody edits it
		Integer: {NumFmt: 1},  // "0": a day of QĐ 540/QĐ-QLD is a number, too
		Date:    {CustomNumFmt: &date},
		Minute:  {CustomNumFmt: &minute},
	} {
		if b.cells[kind], err = b.file.NewStyle(&style); err != nil {
			return err
		}
	}
	return nil
}

// properties are those of the workbook: nobody made it at no time, so that it depends on its tables only.
func (b *book) properties() error {
	return b.file.SetDocProps(&excelize.DocProperties{Creator: "dauvet", Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"})
}

// add adds a table as the sheet with an index.
func (b *book) add(i int, t *Table) error {
	name := cmp.Or(t.Name, "Sheet"+strconv.Itoa(i+1))
	if utf8.RuneCountInString(name) > maxName || strings.ContainsAny(name, `:\/?*[]`) || strings.Trim(name, "'") != name {
		return fmt.Errorf(`sheet: %q: want at most %d characters, without : \ / ? * [ ]`, name, maxName)
	}
	if k, err := b.file.GetSheetIndex(name); err != nil || k >= 0 && (i > 0 || name != "Sheet1") {
		return fmt.Errorf("sheet: %q: two tables of one name", name)
	}
	var err error
	if i == 0 {
		err = b.file.SetSheetName("Sheet1", name) // the one that a new file has
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err == nil {
		err = b.page(name)
	}
	var s *excelize.StreamWriter
	if err == nil {
		s, err = b.file.NewStreamWriter(name)
	}
	if err == nil {
		err = b.head(s, t)
	}
	if err != nil {
		return fmt.Errorf("sheet: %q: %w", name, err)
	}
	if err := b.rows(s, t); err != nil {
		return err
	}
	if err := s.Flush(); err != nil {
		return fmt.Errorf("sheet: %q: %w", name, err)
	}
	return nil
}

// page sets how a sheet is printed.
func (b *book) page(name string) error {
	landscape, a4, wide, tall, fit := "landscape", 9, 1, 0, true
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{
		Orientation: &landscape, Size: &a4, FitToWidth: &wide, FitToHeight: &tall,
	}); err != nil {
		return err
	}
	return b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: "'" + strings.ReplaceAll(name, "'", "''") + "'!$1:$1", Scope: name,
	})
}

// head writes widths and the header, which stays in view.
func (b *book) head(s *excelize.StreamWriter, t *Table) error {
	header := make([]any, len(t.Columns))
	for k, c := range t.Columns {
		if reason := unfit(Text, c.Name); reason != "" {
			return &CellError{0, c.Name, c.Name, reason}
		}
		header[k] = excelize.Cell{StyleID: b.header, Value: c.Name}
		if err := s.SetColWidth(k+1, k+1, float64(c.width())); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return s.SetRow("A1", header)
}

// width returns how many characters a column shows.
func (c *Column) width() int {
	if c.Width > 0 {
		return min(c.Width, 255)
	}
	least := [...]int{Text: 16, Integer: 11, Date: 11, Minute: 17}[c.Kind]
	return min(max(least, utf8.RuneCountInString(c.Name)+2), 40)
}

// rows writes the rows of a table.
func (b *book) rows(s *excelize.StreamWriter, t *Table) error {
	cells := make([]any, len(t.Columns))
	n := 0
	for row, err := range t.Rows {
		if err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		n++
		if err := t.check(n, row); err != nil {
			return err
		}
		if n == maxRows {
			return &CellError{n, "", "", "a sheet has no more rows"}
		}
		for k, cell := range row {
			c := &t.Columns[k]
			if reason := unfit(c.Kind, cell); reason != "" {
				return &CellError{n, c.Name, cell, reason}
			}
			cells[k] = nil
			if cell != "" {
				cells[k] = excelize.Cell{StyleID: b.cells[c.Kind], Value: value(c.Kind, cell)}
			}
		}
		if err := s.SetRow("A"+strconv.Itoa(n+1), cells); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
	}
	return nil
}

// unfit returns why a sheet cannot hold a cell that is of its kind; "" when it can.
func unfit(k Kind, cell string) string {
	switch {
	case cell == "":
	case k == Text && len(cell) > maxText && len(utf16.Encode([]rune(cell))) > maxText: // the library would cut it
		return "is longer than a cell can be"
	case k == Text && strings.ContainsFunc(cell, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
	}):
		return "has a character that a sheet cannot hold"
	case k == Integer:
		if n, _ := strconv.ParseInt(cell, 10, 64); n > maxExact || n < -maxExact {
			return "has more digits than a sheet keeps of a number"
		}
	case k == Date || k == Minute:
		if t, _ := time.Parse(layouts[k], cell); t.Before(firstDay) {
			return "is before 1900-03-01"
		}
	}
	return ""
}

// Days are numbered from 1 on 1900-01-01, with a 29 February 1900 that never was: before March they are one off. Nothing
// before is written.
var (
	firstDay = time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)
	dayZero  = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
)

// value returns what a cell of a workbook holds.
func value(k Kind, cell string) any {
	switch k {
	case Integer:
		n, _ := strconv.ParseInt(cell, 10, 64)
		return n
	case Date, Minute:
		t, _ := time.Parse(layouts[k], cell)
		minutes := int64(t.Sub(dayZero) / time.Minute)
		if minutes%1440 == 0 {
			return minutes / 1440
		}
		return float64(minutes) / 1440 // a time is a fraction of a day, and nothing to count with
	}
	return cell
}
