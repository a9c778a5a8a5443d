package lienthong

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// one returns a document of generation 1 and what is wrong with its lines.
func (r *Reports) one(kind Kind, loai int, v *Voucher) (any, []error) {
	switch kind {
	case KindHoaDon:
		return r.hoaDon(v)
	case KindPhieuNhap:
		return r.phieuNhap(loai, v)
	}
	return r.phieuXuat(loai, v)
}

func (r *Reports) hoaDon(v *Voucher) (HoaDon, []error) {
	d := HoaDon{
		MaHoaDon: v.Number, MaCoSo: r.est.MaCoSo, MaDonThuocQuocGia: string(v.MaDonThuoc), NgayBan: Ngay(v.day()),
		ChiTiet: make([]HoaDonChiTiet, 0, len(v.Lines)),
	}
	var faults []error
	for i, l := range v.Lines {
		c, err := r.inUnit(v.Movement, l)
		if err == nil && c.unit.Smallest <= 0 {
			err = fmt.Errorf("lienthong: %s: %w %s", c.drug.DrugID, ErrUnknownUnit, c.unit.UnitID)
		}
		if err != nil {
			faults = append(faults, at("hoa_don_chi_tiet", i, err))
			continue
		}
		if c.price == 0 {
			faults = append(faults, unpriced(i, "hoa_don_chi_tiet"))
		}
		total, ok := times(c.price, c.amount)
		if !ok {
			faults = append(faults, at("hoa_don_chi_tiet", i, errors.New("a total that is too large")))
		}
		d.ChiTiet = append(d.ChiTiet, HoaDonChiTiet{
			MaThuoc: c.drug.DQG, TenThuoc: c.drug.Name, SoLo: l.Lot, HanDung: day8(l.Expiry), DonViTinh: c.unit.Name,
			HamLuong: c.drug.Strength, DuongDung: strings.Join(c.drug.Routes, ", "), LieuDung: cmp.Or(r.opts.LieuDung, "0"), SoDangKy: c.drug.SoDangKy,
			SoLuong: c.amount, DonGia: c.price, ThanhTien: total, TyLeQuyDoi: c.unit.Smallest,
		})
	}
	return d, faults
}

func (r *Reports) phieuNhap(loai int, v *Voucher) (PhieuNhap, []error) {
	d := PhieuNhap{
		MaPhieu: v.Number, MaCoSo: r.est.MaCoSo, NgayNhap: Ngay(DayOf(r.dated(v))), LoaiPhieuNhap: loai,
		ChiTiet: make([]PhieuNhapChiTiet, 0, len(v.Lines)),
	}
	if loai == NhapTuNhaCungCap {
		if d.TenCoSoCungCap = r.partner(v.Partner).Name; v.Movement == Manufacturing || v.Movement == Importing && v.Partner == "" {
			d.TenCoSoCungCap = r.est.Name // it supplies itself
		}
	}
	var faults []error
	for i, l := range v.Lines {
		c, err := r.inSmallest(v.Movement, l)
		if err != nil {
			faults = append(faults, at("chi_tiet", i, err))
			continue
		}
		d.ChiTiet = append(d.ChiTiet, PhieuNhapChiTiet{
			MaThuoc: c.drug.DQG, TenThuoc: c.drug.Name, SoLo: l.Lot, HanDung: day8(l.Expiry), SoDKLH: c.drug.SoDangKy,
			SoLuong: c.amount, DonGia: c.price, DonViTinh: c.unit.Name,
		})
	}
	return d, faults
}

func (r *Reports) phieuXuat(loai int, v *Voucher) (PhieuXuat, []error) {
	d := PhieuXuat{
		MaPhieu: v.Number, MaCoSo: r.est.MaCoSo, NgayXuat: Ngay(v.day()), LoaiPhieuXuat: loai, GhiChu: v.note(),
		TenCoSoNhan: r.partner(v.Partner).Name, ChiTiet: make([]PhieuXuatChiTiet, 0, len(v.Lines)),
	}
	if loai == XuatBan {
		d.GhiChu = v.noted("xuất bán") // which is required
	}
	var faults []error
	for i, l := range v.Lines {
		c, err := r.inSmallest(v.Movement, l)
		if err != nil {
			faults = append(faults, at("chi_tiet", i, err))
			continue
		}
		if c.price == 0 {
			faults = append(faults, unpriced(i, "chi_tiet"))
		}
		d.ChiTiet = append(d.ChiTiet, PhieuXuatChiTiet{
			MaThuoc: c.drug.DQG, TenThuoc: c.drug.Name, SoLo: l.Lot, HanDung: day8(l.Expiry), SoDKLH: c.drug.SoDangKy,
			SoLuong: c.amount, DonGia: c.price, DonViTinh: c.unit.Name,
		})
	}
	return d, faults
}

// ThuocCoSo returns a drug for the shop's own list of generation 1, in its smallest unit. The error wraps ErrUnknownDrug or
// ErrUnknownUnit, or is what Check finds.
func (r *Reports) ThuocCoSo(drugID string) (ThuocCoSo, error) {
	d, ok := r.reg.Drug(drugID)
	if !ok {
		return ThuocCoSo{}, fmt.Errorf("lienthong: %w %s", ErrUnknownDrug, drugID)
	}
	u, ok := d.smallest()
	if !ok {
		return ThuocCoSo{}, fmt.Errorf("lienthong: %s: %w: the smallest", drugID, ErrUnknownUnit)
	}
	t := ThuocCoSo{
		MaCoSo: r.est.MaCoSo, TenThuoc: d.Name, SoDangKy: d.SoDangKy, TenHoatChat: d.ActiveIngredient, HamLuong: d.Strength,
		DongGoi: d.Packing, HangSanXuat: d.Manufacturer.Name, NuocSanXuat: d.Manufacturer.Country, DonViTinh: u.Name,
	}
	return t, r.opts.Limits.Check(t)
}
