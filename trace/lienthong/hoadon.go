package lienthong

// HoaDon is a sale (hóa đơn) as generation 1, duocquocgia.com.vn, takes it: POST or PUT /api/lien_thong/hoa_don. Names and
// shapes agree over six independent clients (confidence H); sizes come from one description of the interface (M).
type HoaDon struct {
	MaHoaDon          string          `json:"ma_hoa_don" size:"50" need:"yes"`                      // mã hóa đơn: the shop's own invoice number
	MaCoSo            string          `json:"ma_co_so" size:"50" need:"yes"`                        // mã cơ sở: the establishment, as the system calls it
	MaDonThuocQuocGia string          `json:"ma_don_thuoc_quoc_gia,omitempty" size:"50"`            // mã đơn thuốc quốc gia: the prescription
	NgayBan           string          `json:"ngay_ban" size:"12" need:"yes" form:"day"`             // ngày bán: the day of the sale
	HoTenNguoiBan     string          `json:"ho_ten_nguoi_ban,omitempty" size:"50" personal:"yes"`  // họ tên người bán: the seller; from no ledger
	HoTenKhachHang    string          `json:"ho_ten_khach_hang,omitempty" size:"50" personal:"yes"` // họ tên khách hàng: the buyer; from no ledger
	ChiTiet           []HoaDonChiTiet `json:"hoa_don_chi_tiet" need:"yes"`                          // hóa đơn chi tiết: the lines
}

// HoaDonChiTiet is a line of a HoaDon. Prices and totals are đồng.
type HoaDonChiTiet struct {
	MaThuoc     string `json:"ma_thuoc" size:"50" need:"yes"`                // mã thuốc: the national code, such as DQG00001536
	TenThuoc    string `json:"ten_thuoc" size:"500" need:"yes"`              // tên thuốc: the name
	SoLo        string `json:"so_lo" size:"50" need:"yes"`                   // số lô: the lot
	NgaySanXuat string `json:"ngay_san_xuat,omitempty" size:"12" form:"day"` // ngày sản xuất: the day of production
	HanDung     string `json:"han_dung" size:"12" need:"yes" form:"day"`     // hạn dùng: the expiry
	DonViTinh   string `json:"don_vi_tinh" size:"50" need:"yes"`             // đơn vị tính: the unit that was sold, such as Hộp
	HamLuong    string `json:"ham_luong" size:"500" need:"yes"`              // hàm lượng: the strength
	DuongDung   string `json:"duong_dung,omitempty" size:"200"`              // đường dùng: the route
	LieuDung    string `json:"lieu_dung" need:"yes"`                         // liều dùng: the dose, "0" when there is none
	SoDangKy    string `json:"so_dang_ky,omitempty"`                         // số đăng ký: the registration number
	SoLuong     int64  `json:"so_luong" least:"1"`                           // số lượng: how many of the unit
	DonGia      int64  `json:"don_gia" least:"0"`                            // đơn giá: the price of one
	ThanhTien   int64  `json:"thanh_tien" least:"0"`                         // thành tiền: the total of the line
	TyLeQuyDoi  int64  `json:"ty_le_quy_doi" least:"1"`                      // tỷ lệ quy đổi: smallest units in one
}

// The kinds of PhieuNhap (loại phiếu nhập) and PhieuXuat (loại phiếu xuất), of one description and one client (confidence M).
const (
	NhapTuNhaCungCap = 1 // nhập từ nhà cung cấp: from a supplier
	KhachHangTra     = 2 // khách hàng trả lại: a customer's return
	NhapTon          = 3 // nhập tồn: opening stock

	XuatBan       = 1 // xuất bán: one client sends it by default, no description explains it (?); see Options.Wholesale
	TraNhaCungCap = 2 // trả nhà cung cấp: back to the supplier
	XuatHuy       = 3 // xuất hủy: destruction
)

// PhieuNhap are goods in (phiếu nhập): /api/lien_thong/phieu_nhap. Sources as for HoaDon.
type PhieuNhap struct {
	MaPhieu        string             `json:"ma_phieu" size:"50" need:"yes"`                          // mã phiếu: the shop's own voucher number
	MaCoSo         string             `json:"ma_co_so" size:"50" need:"yes"`                          // mã cơ sở
	NgayNhap       string             `json:"ngay_nhap" size:"12" need:"yes" form:"day"`              // ngày nhập: the day
	LoaiPhieuNhap  int                `json:"loai_phieu_nhap" least:"1"`                              // loại phiếu nhập: one of the constants
	GhiChu         string             `json:"ghi_chu,omitempty" size:"500"`                           // ghi chú: a note
	TenCoSoCungCap string             `json:"ten_co_so_cung_cap,omitempty" size:"500" personal:"yes"` // tên cơ sở cung cấp: the supplier, when from one
	ChiTiet        []PhieuNhapChiTiet `json:"chi_tiet" need:"yes"`                                    // chi tiết: the lines
}

// PhieuNhapChiTiet is a line of a PhieuNhap, in smallest units.
type PhieuNhapChiTiet struct {
	MaThuoc     string `json:"ma_thuoc" size:"50" need:"yes"`                // mã thuốc
	TenThuoc    string `json:"ten_thuoc" size:"500" need:"yes"`              // tên thuốc
	SoLo        string `json:"so_lo" size:"50" need:"yes"`                   // số lô
	NgaySanXuat string `json:"ngay_san_xuat,omitempty" size:"12" form:"day"` // ngày sản xuất
	HanDung     string `json:"han_dung" size:"12" need:"yes" form:"day"`     // hạn dùng
	SoDKLH      string `json:"so_dklh" size:"50" need:"yes"`                 // số đăng ký lưu hành: what HoaDonChiTiet calls so_dang_ky
	SoLuong     int64  `json:"so_luong" least:"1"`                           // số lượng
	DonGia      int64  `json:"don_gia,omitempty" least:"0"`                  // đơn giá
	DonViTinh   string `json:"don_vi_tinh" size:"200" need:"yes"`            // đơn vị tính: the smallest unit
}

// PhieuXuat are goods out that are no sale (phiếu xuất): /api/lien_thong/phieu_xuat. Sources as for HoaDon.
type PhieuXuat struct {
	MaPhieu       string             `json:"ma_phieu" size:"50" need:"yes"`                      // mã phiếu
	MaCoSo        string             `json:"ma_co_so" size:"50" need:"yes"`                      // mã cơ sở
	NgayXuat      string             `json:"ngay_xuat" size:"12" need:"yes" form:"day"`          // ngày xuất
	LoaiPhieuXuat int                `json:"loai_phieu_xuat" least:"1"`                          // loại phiếu xuất: one of the constants
	GhiChu        string             `json:"ghi_chu" size:"500" need:"yes"`                      // ghi chú: the reason; one client leaves it out
	TenCoSoNhan   string             `json:"ten_co_so_nhan,omitempty" size:"500" personal:"yes"` // tên cơ sở nhận: who receives
	ChiTiet       []PhieuXuatChiTiet `json:"chi_tiet" need:"yes"`                                // chi tiết
}

// PhieuXuatChiTiet is a line of a PhieuXuat, in smallest units; the price is required.
type PhieuXuatChiTiet struct {
	MaThuoc     string `json:"ma_thuoc" size:"50" need:"yes"`                // mã thuốc
	TenThuoc    string `json:"ten_thuoc" size:"500" need:"yes"`              // tên thuốc
	SoLo        string `json:"so_lo" size:"50" need:"yes"`                   // số lô
	NgaySanXuat string `json:"ngay_san_xuat,omitempty" size:"12" form:"day"` // ngày sản xuất: four clients of six send it
	HanDung     string `json:"han_dung" size:"12" need:"yes" form:"day"`     // hạn dùng
	SoDKLH      string `json:"so_dklh" size:"50" need:"yes"`                 // số đăng ký lưu hành
	SoLuong     int64  `json:"so_luong" least:"1"`                           // số lượng
	DonGia      int64  `json:"don_gia" least:"0"`                            // đơn giá
	DonViTinh   string `json:"don_vi_tinh" size:"200" need:"yes"`            // đơn vị tính
}

// ThuocCoSo is a drug of the shop's own list (thuốc cơ sở): /api/lien_thong/thuoc_co_so/them_thuoc. All is
// required (two clients; confidence M).
type ThuocCoSo struct {
	MaCoSo      string `json:"ma_co_so" need:"yes"`      // mã cơ sở
	TenThuoc    string `json:"ten_thuoc" need:"yes"`     // tên thuốc
	SoDangKy    string `json:"so_dang_ky" need:"yes"`    // số đăng ký
	TenHoatChat string `json:"ten_hoat_chat" need:"yes"` // tên hoạt chất: the active ingredients
	HamLuong    string `json:"ham_luong" need:"yes"`     // hàm lượng
	DongGoi     string `json:"dong_goi" need:"yes"`      // đóng gói: the packing
	HangSanXuat string `json:"hang_san_xuat" need:"yes"` // hãng sản xuất: the manufacturer
	NuocSanXuat string `json:"nuoc_san_xuat" need:"yes"` // nước sản xuất: the country
	DonViTinh   string `json:"don_vi_tinh" need:"yes"`   // đơn vị tính: the unit
}

// faults are those that no single field has.
func (p PhieuNhap) faults() []*ValueError {
	if p.LoaiPhieuNhap > NhapTon {
		return []*ValueError{{"loai_phieu_nhap", "", "want 1, 2 or 3"}}
	}
	if p.LoaiPhieuNhap == NhapTuNhaCungCap && p.TenCoSoCungCap == "" {
		return []*ValueError{{"ten_co_so_cung_cap", "", "is empty though the goods come from a supplier"}}
	}
	return nil
}

func (p PhieuXuat) faults() []*ValueError {
	if p.LoaiPhieuXuat > XuatHuy {
		return []*ValueError{{"loai_phieu_xuat", "", "want 1, 2 or 3"}}
	}
	return nil
}
