package sheet_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/dauvet/dauvet/trace/sheet"
	"github.com/google/go-cmp/cmp"
)

func TestWriteCSV(t *testing.T) {
	columns := []string{"ten_thuoc", "so_luong"}
	for _, c := range []struct {
		name string
		rows [][]string
		opts *sheet.Options
		want string
		err  string
	}{
		{"Vietnamese", [][]string{{"Thuốc ho, lọ", "20"}}, nil, "\ufefften_thuoc,so_luong\r\n\"Thuốc ho, lọ\",20\r\n", ""},
		{"plain", [][]string{{`"A"`, "-1"}}, &sheet.Options{Plain: true}, "ten_thuoc,so_luong\n\"\"\"A\"\"\",-1\n", ""},
		{"semicolons", [][]string{{"a;b", "1"}}, &sheet.Options{Plain: true, Comma: ';'}, "ten_thuoc;so_luong\n\"a;b\";1\n", ""},
		{"no rows", nil, &sheet.Options{Plain: true}, "ten_thuoc,so_luong\n", ""},
		{"leading zeros stay", [][]string{{"0000123", "1"}}, &sheet.Options{Plain: true}, "ten_thuoc,so_luong\n0000123,1\n", ""},
		{"a formula", [][]string{{"A", "1"}, {"=1+2", "1"}}, nil, "", `sheet: row 2, ten_thuoc: begins as a formula does: "=1+2"`},
		{"minus and more", [][]string{{"A", "-1+2"}}, nil, "", `sheet: row 1, so_luong: begins as a formula does: "-1+2"`},
		{"a formula that is wanted", [][]string{{"=1", "1"}}, &sheet.Options{Plain: true, Formulas: true}, "ten_thuoc,so_luong\n=1,1\n", ""},
		{"too short", [][]string{{"A"}}, nil, "", `sheet: row 1, : 1 cells for 2 columns: ""`},
		{"no comma", nil, &sheet.Options{Comma: '"'}, "", "sheet: csv: invalid field or comment delimiter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			err := sheet.WriteCSV(&b, columns, c.rows, c.opts)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.err || b.String() != c.want {
				t.Errorf("error %q, wrote %s", got, cmp.Diff(c.want, b.String()))
			}
		})
	}
}

// full is a disk that is.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestFull(t *testing.T) {
	if err := sheet.WriteCSV(full{}, []string{"a"}, nil, nil); err == nil || err.Error() != "sheet: no space" {
		t.Errorf("error %v", err)
	}
}
