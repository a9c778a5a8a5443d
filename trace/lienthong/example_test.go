package lienthong_test

import (
	"fmt"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
)

func ExampleCodes_At() {
	codes := lienthong.DefaultCodes()
	for _, day := range []time.Time{
		time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC),
		time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC),
	} {
		c, ok := codes.At(lienthong.Provinces, "15", day)
		fmt.Println(c.Name, ok, c.Source)
	}
	// Output:
	// Yên Bái true QĐ 124/2004/QĐ-TTg; NQ 202/2025/QH15
	// Lào Cai true QĐ 19/2025/QĐ-TTg
}

func ExampleParseSoDangKy() {
	numbers, err := lienthong.ParseSoDangKy("SĐK: 893110130226 (cũ: VD-12345-17)")
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, today := lienthong.DefaultCodes(), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, n := range numbers {
		class, ok := codes.Control(n, nil, today)
		fmt.Println(n, class.Name, ok)
	}
	// Output:
	// 893110130226 không kiểm soát đặc biệt true
	// VD-12345-17  false
}

func ExampleMaThuoc() {
	code, err := lienthong.MaThuoc("VN-12345-18", "lọ 200 viên")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(code)
	// Output: VN1234518lo200vien
}
