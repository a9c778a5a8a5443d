package lienthong

import (
	"reflect"
	"strconv"
)

// Thuoc is what Bảng 1 and Bảng 2 of QĐ 540/QĐ-QLD (4.1 and 4.2) both say of a drug (thuốc) and its lot; everything is
// required. Quantities are smallest units. The decision was read itself (confidence H).
type Thuoc struct {
	MaThuoc        string `json:"ma_thuoc" size:"50" need:"yes"`           // mã thuốc: what MaThuoc returns
	TenThuoc       string `json:"ten_thuoc" size:"50" need:"yes"`          // tên thuốc: the registered name
	SoDangKy       string `json:"so_dang_ky" size:"20" need:"yes"`         // số đăng ký
	TenHoatChat    string `json:"ten_hoat_chat" size:"50" need:"yes"`      // tên hoạt chất: active ingredients, when no more than three
	NongDoHamLuong string `json:"nong_do_ham_luong" size:"20" need:"yes"`  // nồng độ, hàm lượng: the strength
	NhaSanXuat     string `json:"nha_san_xuat" size:"100" need:"yes"`      // nhà sản xuất: the manufacturer
	NuocSanXuat    string `json:"nuoc_san_xuat" size:"20" need:"yes"`      // nước sản xuất: the country
	NhaNhapKhau    string `json:"nha_nhap_khau" size:"100" need:"yes"`     // nhà nhập khẩu: the importer
	QuyCachDongGoi string `json:"quy_cach_dong_goi" size:"20" need:"yes"`  // quy cách đóng gói: the packing
	DangBaoChe     string `json:"dang_bao_che" size:"20" need:"yes"`       // dạng bào chế: the dosage form
	DonViDongGoiNN string `json:"don_vi_dong_goi_nn" size:"20" need:"yes"` // đơn vị đóng gói nhỏ nhất: the smallest unit
}

// Lo is the lot (lô) of a drug, and what became of it.
type Lo struct {
	SoLo        string `json:"so_lo" size:"20" need:"yes"` // số lô: the lot
	HanDung     int64  `json:"han_dung" form:"day"`        // hạn dùng: the expiry, 20181215
	SoLuongNhap int64  `json:"so_luong_nhap" least:"0"`    // số lượng nhập: how many came in
	SoLuongBan  int64  `json:"so_luong_ban" least:"0"`     // số lượng bán: how many were sold
	SoLuongTon  int64  `json:"so_luong_ton" least:"0"`     // số lượng tồn: how many are left
}

// Bang1 is a row of Bảng 1: what an establishment gives to the Ministry and to its Sở Y tế (QĐ 540/QĐ-QLD, 23 columns; H).
type Bang1 struct {
	Thuoc
	GiaBanLe int64 `json:"gia_ban_le" digits:"10" least:"0"` // giá bán lẻ: the retail price of a smallest unit, đồng
	Lo
	DonViBThuocChoCSBL string `json:"don_vi_bthuoc_cho_csbl" size:"100" need:"yes"` // đơn vị bán thuốc cho cơ sở bán lẻ: the supplier
	SoHoaDonMThuoc     string `json:"so_hoa_don_mthuoc" size:"20" need:"yes"`       // số hóa đơn mua thuốc: the invoice of the purchase
	NgayNhap           int64  `json:"ngay_nhap" form:"minute"`                      // ngày nhập: 201808081030
	NgayBan            int64  `json:"ngay_ban" form:"minute"`                       // ngày bán
	MaCoSoBanLe        string `json:"Ma_co_so_ban_le" size:"12" need:"yes"`         // mã cơ sở bán lẻ, with the decision's capital
	MaCoSoBanBuon      string `json:"Ma_co_so_ban_buon" size:"12" need:"yes"`       // mã cơ sở bán buôn
}

// Bang2 is a row of Bảng 2: what a province sums up (QĐ 540/QĐ-QLD, 18 columns; H). Its price has two digits less than that of
// Bảng 1: the decision disagrees with itself (?), each table is held to what is printed there, and Limits can say otherwise.
// What it explains of so_luong_ban and so_luong_ton repeats "nhập", a misprint.
type Bang2 struct {
	Thuoc
	GiaBanLe int64 `json:"gia_ban_le" digits:"8" least:"0"` // giá bán lẻ
	Lo
	NgayTongHop int64 `json:"ngay_tong_hop" form:"day"` // ngày tổng hợp: the day of the summing up
}

// Bang4 is a row of the statistics of Bảng 4: the drugs of an establishment, or of the province, over some days (QĐ
// 540/QĐ-QLD; H). The decision has the columns in words only: their names here are made like those of the other tables (?), and
// who prints them writes what he likes above them.
type Bang4 struct {
	TenThuoc string `json:"ten_thuoc" need:"yes"`
	SoDangKy string `json:"so_dang_ky" need:"yes"`
	SoLo     string `json:"so_lo" need:"yes"`
	HanDung  int64  `json:"han_dung" form:"day"`
	// SoLuongMua are bought (số lượng mua), SoLuongBan sold, SoLuongTon left.
	SoLuongMua int64 `json:"so_luong_mua" least:"0"`
	SoLuongBan int64 `json:"so_luong_ban" least:"0"`
	SoLuongTon int64 `json:"so_luong_ton" least:"0"`
}

// Column is a column of a table of QĐ 540/QĐ-QLD.
type Column struct {
	Name   string // as the decision spells it
	Number bool   // "Số"; otherwise "Chuỗi", text
	Size   int    // how many characters or digits have room; 0 is not said
}

// Columns returns the columns of a row, such as Bang1{}, in the order of its decision.
func Columns(row any) []Column {
	var columns []Column
	eachColumn(reflect.ValueOf(row), func(f reflect.StructField, v reflect.Value) {
		size, ok := limit(f.Tag, "size")
		if !ok {
			size, _ = limit(f.Tag, "digits")
		}
		columns = append(columns, Column{Name: column(&f), Number: v.CanInt(), Size: int(size)})
	})
	return columns
}

// Cells returns the values of a row as text, in the order of Columns: what a sheet holds.
func Cells(row any) []string {
	var cells []string
	eachColumn(reflect.ValueOf(row), func(_ reflect.StructField, v reflect.Value) {
		if v.CanInt() {
			cells = append(cells, strconv.FormatInt(v.Int(), 10))
			return
		}
		cells = append(cells, v.String())
	})
	return cells
}

func eachColumn(v reflect.Value, f func(reflect.StructField, reflect.Value)) {
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.Anonymous {
			eachColumn(v.Field(i), f)
		} else {
			f(field, v.Field(i))
		}
	}
}
