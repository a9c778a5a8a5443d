package sheet_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/sheet"
)

func ExampleWriteCSV() {
	table := sheet.Table{Name: "Bảng 4"}
	for _, c := range lienthong.Columns(lienthong.Bang4{}) {
		column := sheet.Column{Name: c.Name}
		if c.Number {
			column.Kind = sheet.Integer
		}
		table.Columns = append(table.Columns, column)
	}
	table.Rows = sheet.Rows([][]string{lienthong.Cells(lienthong.Bang4{
		TenThuoc: "TBZemitin 500", SoDangKy: "VN-12345-18", SoLo: "OB20260813", HanDung: 20271231,
		SoLuongMua: 200, SoLuongBan: 20, SoLuongTon: 180,
	})})
	if err := sheet.WriteCSV(os.Stdout, &table, &sheet.Options{Plain: true}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ten_thuoc,so_dang_ky,so_lo,han_dung,so_luong_mua,so_luong_ban,so_luong_ton
	// TBZemitin 500,VN-12345-18,OB20260813,20271231,200,20,180
}

// The rows are made while they are written, and numbers are numbers; codes are text and keep their zeros.
func ExampleWriteXLSX() {
	table := sheet.Table{
		Name: "Tồn kho",
		Columns: []sheet.Column{
			{Name: "Thuốc", Width: 30}, {Name: "Số lô"}, {Name: "Hạn dùng", Kind: sheet.Date}, {Name: "Số lượng", Kind: sheet.Integer},
		},
		Rows: func(yield func([]string, error) bool) {
			for n := range 3 {
				if !yield([]string{"TBZemitin 500", fmt.Sprintf("000%d", n), "2027-12-31", strconv.Itoa(100 * n)}, nil) {
					return
				}
			}
		},
	}
	var workbook bytes.Buffer // or a file
	err := sheet.WriteXLSX(&workbook, []*sheet.Table{&table}, nil)
	fmt.Println(err, workbook.Len() > 1000)
	// Output: <nil> true
}
