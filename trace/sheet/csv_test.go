package sheet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/dauvet/dauvet/trace/sheet"
	"github.com/google/go-cmp/cmp"
)

// drugs is a table with a column of each kind.
func drugs(rows ...[]string) *sheet.Table {
	return &sheet.Table{Name: "Thuốc", Rows: sheet.Rows(rows), Columns: []sheet.Column{
		{Name: "ten_thuoc"}, {Name: "so_luong", Kind: sheet.Integer}, {Name: "han_dung", Kind: sheet.Date},
		{Name: "ngay_ban", Kind: sheet.Minute},
	}}
}

const header = "ten_thuoc,so_luong,han_dung,ngay_ban\n"

func TestWriteCSV(t *testing.T) {
	plain := &sheet.Options{Plain: true}
	for _, c := range []struct {
		name string
		row  []string
		opts *sheet.Options
		want string
		err  string
	}{
		{"Vietnamese", []string{"Thuốc ho, lọ", "20", "2027-12-31", "2026-11-21 08:30"}, nil,
			"\ufefften_thuoc,so_luong,han_dung,ngay_ban\r\n\"Thuốc ho, lọ\",20,2027-12-31,2026-11-21 08:30\r\n", ""},
		{"plain", []string{`"A"`, "-1", "", ""}, plain, header + "\"\"\"A\"\"\",-1,,\n", ""},
		{"semicolons", []string{"a;b", "1", "", ""}, &sheet.Options{Plain: true, Comma: ';'}, "ten_thuoc;so_luong;han_dung;ngay_ban\n\"a;b\";1;;\n", ""},
		{"no rows", nil, plain, header, ""},
		{"leading zeros stay", []string{"0000123", "1", "", ""}, plain, header + "0000123,1,,\n", ""},
		{"a number as text", []string{"-1", "1", "", ""}, plain, header + "-1,1,,\n", ""},
		{"a formula", []string{"=1+2", "1", "", ""}, nil, "", `sheet: row 1, ten_thuoc: begins as a formula does: "=1+2"`},
		{"minus and more", []string{"-1+2", "1", "", ""}, nil, "", `sheet: row 1, ten_thuoc: begins as a formula does: "-1+2"`},
		{"a formula that is wanted", []string{"=1", "1", "", ""}, &sheet.Options{Plain: true, Formulas: true}, header + "=1,1,,\n", ""},
		{"a formula made text", []string{"@A", "-1", "", ""}, &sheet.Options{Plain: true, Escape: true}, header + "'@A,-1,,\n", ""},
		{"too short", []string{"A"}, nil, "", `sheet: row 1, : 1 cells for 4 columns: ""`},
		{"no number", []string{"A", "1.0", "", ""}, nil, "", `sheet: row 1, so_luong: is no whole number: "1.0"`},
		{"zeros before a number", []string{"A", "01", "", ""}, nil, "", `sheet: row 1, so_luong: is no whole number: "01"`},
		{"no day", []string{"A", "1", "2027-02-29", ""}, nil, "", `sheet: row 1, han_dung: is no day: "2027-02-29"`},
		{"no minute", []string{"A", "1", "", "2027-02-28"}, nil, "", `sheet: row 1, ngay_ban: is no minute: "2027-02-28"`},
		{"not UTF-8", []string{"A\xff", "1", "", ""}, nil, "", `sheet: row 1, ten_thuoc: is not UTF-8: "A\xff"`},
		{"no comma", nil, &sheet.Options{Comma: '"'}, "", "sheet: csv: invalid field or comment delimiter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rows [][]string
			if c.row != nil {
				rows = append(rows, c.row)
			}
			var b bytes.Buffer
			err := sheet.WriteCSV(&b, drugs(rows...), c.opts)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.err || err == nil && b.String() != c.want {
				t.Errorf("error %q, wrote %s", got, cmp.Diff(c.want, b.String()))
			}
			var cell *sheet.CellError
			if c.row != nil && err != nil && !errors.As(err, &cell) {
				t.Errorf("error %T", err)
			}
		})
	}
}

// TestEscape: the row of the caller stays as it is.
func TestEscape(t *testing.T) {
	row := []string{"=1", "1", "", ""}
	if err := sheet.WriteCSV(&bytes.Buffer{}, drugs(row), &sheet.Options{Escape: true}); err != nil || row[0] != "=1" {
		t.Errorf("error %v, row %q", err, row)
	}
}

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestFull(t *testing.T) {
	if err := sheet.WriteCSV(full{}, drugs(), nil); err == nil || err.Error() != "sheet: no space" {
		t.Errorf("error %v", err)
	}
}

// TestRowsFail: what the rows say went wrong is returned.
func TestRowsFail(t *testing.T) {
	broken := errors.New("broken")
	table := drugs()
	table.Rows = func(yield func([]string, error) bool) { yield(nil, broken) }
	if err := sheet.WriteCSV(&bytes.Buffer{}, table, nil); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
