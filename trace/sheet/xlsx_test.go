package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/trace/sheet"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// written writes tables and opens the workbook again.
func written(t *testing.T, tables ...*sheet.Table) (*excelize.File, []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, tables, nil); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, b.Bytes()
}

// TestWriteXLSX: each cell is of the type of its column, and what it holds is what was given.
func TestWriteXLSX(t *testing.T) {
	long := strings.Repeat("ệ", 32767)
	f, _ := written(t, drugs(
		[]string{"Thuốc ho, lọ", "20", "2027-12-31", "2026-11-21 08:30"},
		[]string{"0000123", "-999999999999999", "1900-03-01", "2026-11-21 00:00"},
		[]string{"89311013022600000001", "0", "", ""},
		[]string{"", "", "", ""},
		[]string{"=1+2", "1", "", ""},
		[]string{"+84", "1", "", ""},
		[]string{"-1+cmd|' /C calc'!A0", "1", "", ""},
		[]string{"@SUM(A1)", "1", "", ""},
		[]string{" <a> & _x0041_\n", "1", "", ""},
		[]string{long, "1", "", ""},
	))
	rows, err := f.GetRows("Thuốc")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"ten_thuoc", "so_luong", "han_dung", "ngay_ban"},
		{"Thuốc ho, lọ", "20", "46752", "46347.354166666664"},
		{"0000123", "-999999999999999", "61", "46347"},
		{"89311013022600000001", "0"},
		nil,
		{"=1+2", "1"}, {"+84", "1"}, {"-1+cmd|' /C calc'!A0", "1"}, {"@SUM(A1)", "1"}, {" <a> & _x0041_\n", "1"}, {long, "1"},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	shown, err := f.GetRows("Thuốc", excelize.Options{RawCellValue: false})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(shown[1], "|"); got != "Thuốc ho, lọ|20|31/12/2027|21/11/2026 08:30" {
		t.Errorf("shows %s", got)
	}
	for row := 1; row <= len(want); row++ {
		for col, kind := range map[string]excelize.CellType{"A": excelize.CellTypeInlineString, "B": excelize.CellTypeUnset, "C": excelize.CellTypeUnset} {
			cell := col + strconv.Itoa(row)
			if row == 1 {
				kind = excelize.CellTypeInlineString
			}
			value, err1 := f.GetCellValue("Thuốc", cell)
			got, err2 := f.GetCellType("Thuốc", cell)
			formula, err3 := f.GetCellFormula("Thuốc", cell)
			if err := errors.Join(err1, err2, err3); err != nil {
				t.Fatal(err)
			}
			if formula != "" || value != "" && got != kind {
				t.Errorf("%s: type %v, formula %q", cell, got, formula)
			}
		}
	}
	panes, err := f.GetPanes("Thuốc")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v, error %v", panes, err)
	}
	if width, err := f.GetColWidth("Thuốc", "A"); err != nil || width != 16 {
		t.Errorf("width %v, error %v", width, err)
	}
	if layout, err := f.GetPageLayout("Thuốc"); err != nil || *layout.Orientation != "landscape" || *layout.FitToHeight != 0 {
		t.Errorf("page %+v, error %v", layout, err)
	}
	if names := f.GetDefinedName(); len(names) != 1 || names[0].RefersTo != "'Thuốc'!$1:$1" {
		t.Errorf("names %+v", names)
	}
}

// TestXLSXSame: the same tables give the same bytes, without a time and without a formula, and CSV the same figures.
func TestXLSXSame(t *testing.T) {
	tables := func() (list []*sheet.Table) {
		for _, name := range []string{"Bảng 1", "Bảng 2", "", "It's"} {
			table := drugs([]string{"A " + name, "1", "2027-12-31", "2026-11-21 08:30"}, []string{"=2", "2", "", ""})
			table.Name = name
			list = append(list, table)
		}
		return list
	}
	f, first := written(t, tables()...)
	if diff := cmp.Diff([]string{"Bảng 1", "Bảng 2", "Sheet3", "It's"}, f.GetSheetList()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for range 10 { // the library keeps its sheets in a map
		if _, again := written(t, tables()...); !bytes.Equal(first, again) {
			t.Fatal("the same tables give other bytes")
		}
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r) // checks the sum
		if err != nil {
			t.Fatalf("%s: %v", part.Name, err)
		}
		if bytes.Contains(data, []byte("<f>")) || bytes.Contains(data, []byte("<f ")) || part.Modified.Year() > 1980 {
			t.Errorf("%s of %v has a formula or a time", part.Name, part.Modified)
		}
	}
	var text bytes.Buffer
	if err := sheet.WriteCSV(&text, tables()[0], &sheet.Options{Plain: true, Formulas: true}); err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows("Bảng 1", excelize.Options{RawCellValue: false})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(text.String()), "\n") {
		line = strings.NewReplacer("2027-12-31", "31/12/2027", "2026-11-21 08:30", "21/11/2026 08:30").Replace(line)
		if got := strings.Join(rows[i], ","); got != strings.TrimRight(line, ",") {
			t.Errorf("row %d: %s, in the CSV %s", i, got, line)
		}
	}
}

func TestXLSXRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		row  []string
		err  string
	}{
		{"a long number", []string{"A", "1000000000000000", "", ""}, `sheet: row 1, so_luong: has more digits than a sheet keeps of a number: "1000000000000000"`},
		{"an old day", []string{"A", "1", "1900-02-28", ""}, `sheet: row 1, han_dung: is before 1900-03-01: "1900-02-28"`},
		{"a control character", []string{"A\x01", "1", "", ""}, `sheet: row 1, ten_thuoc: has a character that a sheet cannot hold: "A\x01"`},
		{"a long text", []string{strings.Repeat("𝒜", 16384), "1", "", ""},
			`sheet: row 1, ten_thuoc: is longer than a cell can be: "` + strings.Repeat("𝒜", 60) + `"`},
		{"no number", []string{"A", "=1", "", ""}, `sheet: row 1, so_luong: is no whole number: "=1"`},
		{"too short", []string{"A"}, `sheet: row 1, : 1 cells for 4 columns: ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			err := sheet.WriteXLSX(&b, []*sheet.Table{drugs(c.row)}, nil)
			var cell *sheet.CellError
			if !errors.As(err, &cell) || b.Len() > 0 {
				t.Fatalf("error %v, wrote %d bytes", err, b.Len())
			}
			if diff := cmp.Diff(c.err, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	for _, names := range [][]string{{"a/b"}, {strings.Repeat("ệ", 32)}, {"A", "a"}, {"'A"}} {
		var tables []*sheet.Table
		for _, name := range names {
			tables = append(tables, &sheet.Table{Name: name, Rows: sheet.Rows(nil)})
		}
		if err := sheet.WriteXLSX(io.Discard, tables, nil); err == nil {
			t.Errorf("sheets of the names %q are written", names)
		}
	}
	if err := sheet.WriteXLSX(io.Discard, nil, nil); err == nil {
		t.Error("a workbook without a sheet is written")
	}
	broken := errors.New("broken")
	table := drugs()
	table.Rows = func(yield func([]string, error) bool) { yield(nil, broken) }
	if err := sheet.WriteXLSX(io.Discard, []*sheet.Table{table}, nil); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if err := sheet.WriteXLSX(full{}, []*sheet.Table{drugs()}, nil); err == nil || err.Error() != "sheet: no space" {
		t.Errorf("error %v", err)
	}
}

// TestXLSXMemory: a table of 100,000 rows is never in memory as a whole.
func TestXLSXMemory(t *testing.T) {
	rows := 100_000
	if testing.Short() {
		rows = 20_000
	}
	const columns = 7
	table := &sheet.Table{Name: "Bảng 4"}
	for k := range columns {
		table.Columns = append(table.Columns, sheet.Column{Name: fmt.Sprint("cột ", k), Kind: sheet.Kind(k % 2)})
	}
	var before, most uint64
	table.Rows = func(yield func([]string, error) bool) {
		row := make([]string, columns)
		for i := range rows {
			if i%(rows/5) == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				if before == 0 {
					before = m.HeapAlloc
				}
				most = max(most, m.HeapAlloc)
			}
			for k := range row {
				if row[k] = strconv.Itoa(i * k); k%2 == 0 {
					row[k] = "Thuốc số " + row[k]
				}
			}
			if !yield(row, nil) {
				return
			}
		}
	}
	var size counter
	if err := sheet.WriteXLSX(&size, []*sheet.Table{table}, nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows: %.1f MB, %.1f MB in memory on the way", rows, float64(size)/1e6, float64(most-before)/1e6)
	if most-before > 48<<20 {
		t.Errorf("%d bytes in memory", most-before)
	}
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// BenchmarkXLSX writes 10,000 rows of Bảng 4.
func BenchmarkXLSX(b *testing.B) {
	rows := make([][]string, 10_000)
	for i := range rows {
		rows[i] = []string{"Thuốc số " + strconv.Itoa(i), strconv.Itoa(i), "2027-12-31", "2026-11-21 08:30"}
	}
	for b.Loop() {
		if err := sheet.WriteXLSX(io.Discard, []*sheet.Table{drugs(rows...)}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
