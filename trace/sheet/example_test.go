package sheet_test

import (
	"fmt"
	"os"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/sheet"
)

func ExampleWriteCSV() {
	rows := []lienthong.Bang4{{
		TenThuoc: "TBZemitin 500", SoDangKy: "VN-12345-18", SoLo: "OB20260813", HanDung: 20271231,
		SoLuongMua: 200, SoLuongBan: 20, SoLuongTon: 180,
	}}
	var cells [][]string
	for _, row := range rows {
		cells = append(cells, lienthong.Cells(row))
	}
	err := sheet.WriteCSV(os.Stdout, lienthong.Columns(lienthong.Bang4{}), cells, &sheet.Options{Plain: true})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ten_thuoc,so_dang_ky,so_lo,han_dung,so_luong_mua,so_luong_ban,so_luong_ton
	// TBZemitin 500,VN-12345-18,OB20260813,20271231,200,20,180
}
