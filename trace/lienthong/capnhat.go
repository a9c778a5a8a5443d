package lienthong

import "fmt"

// CapNhatDonThuoc reports what was sold of a prescription (cập nhật đơn thuốc) to donthuocquocgia.vn: POST
// /api/v1/cap-nhat-don-thuoc. The names are those of QĐ 808/QĐ-BYT, IX (confidence M); one client in use has others. It
// names no patient.
type CapNhatDonThuoc struct {
	MaDonThuoc string       `json:"ma_don_thuoc" size:"14" need:"yes"`            // mã đơn thuốc
	Thuoc      []ThuocDaBan `json:"thong_tin_thuoc" need:"yes"`                   // thông tin thuốc: the lines
	MaCoSo     string       `json:"ma_dinh_danh_co_so_cung_ung_thuoc" need:"yes"` // mã định danh cơ sở cung ứng thuốc: the pharmacy
	TenCoSo    string       `json:"ten_co_so_cung_ung_thuoc" need:"yes"`          // its name
	DienThoai  string       `json:"so_dien_thoai_co_so_cung_ung_thuoc,omitempty"` // its telephone
	DiaChi     string       `json:"dia_chi_co_so_cung_ung_thuoc,omitempty"`       // its address
	MaHoaDon   string       `json:"ma_hoa_don" need:"yes"`                        // mã hóa đơn: the invoice
}

// ThuocDaBan is a line of CapNhatDonThuoc: a drug that was sold (thuốc đã bán), and the one that was prescribed.
type ThuocDaBan struct {
	MaThuocDaKeDon string `json:"ma_thuoc_da_ke_don" need:"yes"` // mã thuốc đã kê đơn: the code as prescribed
	MaThuoc        string `json:"ma_thuoc" need:"yes"`           // mã thuốc: the code as sold
	BietDuoc       string `json:"biet_duoc" need:"yes"`          // biệt dược: the brand
	TenThuoc       string `json:"ten_thuoc" need:"yes"`          // tên thuốc
	DonViTinh      string `json:"don_vi_tinh" need:"yes"`        // đơn vị tính
	SoLuong        int64  `json:"so_luong" least:"1"`            // số lượng: prescribed
	SoLuongBan     int64  `json:"so_luong_ban" least:"0"`        // số lượng bán: sold
	CachDung       string `json:"cach_dung,omitempty"`           // cách dùng: how it is taken
}

// faults: no more is sold than was prescribed (TT 02/2018/TT-BYT, III.2.đ; confidence H).
func (c CapNhatDonThuoc) faults() (faults []*ValueError) {
	for i, line := range c.Thuoc {
		if line.SoLuongBan > line.SoLuong {
			faults = append(faults, &ValueError{fmt.Sprintf("thong_tin_thuoc[%d].so_luong_ban", i), "", "is more than so_luong"})
		}
	}
	if _, err := ParseMaDonThuoc(c.MaDonThuoc); c.MaDonThuoc != "" && err != nil {
		faults = append(faults, err.(*ValueError))
	}
	return faults
}
