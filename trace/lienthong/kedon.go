package lienthong

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// ThuocKeDon is a line of a prescription (thuốc kê đơn) as donthuocquocgia.vn shows it, and the drug that the pharmacist sold
// for it.
type ThuocKeDon struct {
	MaThuoc    string // mã thuốc: the code as prescribed
	BietDuoc   string // biệt dược: the brand
	TenThuoc   string // tên thuốc
	DonViTinh  string // đơn vị tính: the unit that SoLuong counts
	SoLuong    int64  // số lượng: prescribed
	CachDung   string // cách dùng: how it is taken
	DrugID     string // of the Register: what is sold for it; another brand of the same substance may be
	MaThuocBan string // mã thuốc of what was sold; empty when it is the one prescribed
}

// CapNhatDonThuoc returns the report of what a voucher sold of a prescription. ke are the lines of the prescription, which
// no ledger holds; before is what earlier sales reported of each, by place, nil for none. A line of which nothing was sold
// is reported with 0, and a drug that two lines have is sold for the first. The error is a *BlockedError: a drug that was not prescribed, more than was prescribed, a unit that does
// not divide.
func (r *Reports) CapNhatDonThuoc(v *Voucher, ke []ThuocKeDon, before []int64) (CapNhatDonThuoc, error) {
	d := CapNhatDonThuoc{
		MaDonThuoc: string(v.MaDonThuoc), MaCoSo: r.est.MaDinhDanh, TenCoSo: r.est.Name, DienThoai: r.est.Phone,
		DiaChi: r.est.Address, MaHoaDon: v.Document,
	}
	if d.MaHoaDon == "" {
		d.MaHoaDon = v.Number
	}
	if v.Movement != RetailSale || v.Void {
		return d, &BlockedError{v.Number, errors.New("lienthong: is no sale")}
	}
	sold, faults := r.soldOf(v)
	for i, k := range ke {
		line := ThuocDaBan{
			MaThuocDaKeDon: k.MaThuoc, MaThuoc: k.MaThuocBan, BietDuoc: k.BietDuoc, TenThuoc: k.TenThuoc, DonViTinh: k.DonViTinh,
			SoLuong: k.SoLuong, CachDung: k.CachDung,
		}
		if line.MaThuoc == "" {
			line.MaThuoc = k.MaThuoc
		}
		if n, ok := sold[k.DrugID]; ok {
			drug, _ := r.reg.Drug(k.DrugID)
			amount, err := drug.inNamed(k.DonViTinh, n)
			if err != nil {
				faults = append(faults, at("thong_tin_thuoc", i, err))
			}
			line.SoLuongBan = amount
			delete(sold, k.DrugID)
		}
		if i < len(before) && before[i]+line.SoLuongBan > k.SoLuong {
			faults = append(faults, at("thong_tin_thuoc", i, errors.New("with the sales before, more than was prescribed")))
		}
		d.Thuoc = append(d.Thuoc, line)
	}
	for _, id := range slices.Sorted(maps.Keys(sold)) {
		faults = append(faults, fmt.Errorf("lienthong: %s was sold and not prescribed", id))
	}
	if err := r.opts.Limits.Check(d); err != nil {
		faults = append(faults, err)
	}
	if len(faults) > 0 {
		return d, &BlockedError{v.Number, errors.Join(faults...)}
	}
	return d, nil
}

// soldOf returns how many smallest units of each drug a voucher sold.
func (r *Reports) soldOf(v *Voucher) (map[string]int64, []error) {
	sold, faults := map[string]int64{}, v.Faults
	for _, l := range v.Lines {
		c, err := r.inUnit(v.Movement, l)
		n := c.amount
		if err == nil {
			n, err = c.drug.Smallest(c.unit.UnitID, c.amount)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		sold[c.drug.DrugID] += n
	}
	return sold, faults
}

// inNamed returns how many of the unit with a name an amount of smallest units is.
func (d *Drug) inNamed(name string, smallest int64) (int64, error) {
	for _, u := range d.Units {
		if Fold(u.Name) == Fold(name) {
			return d.InUnit(u.UnitID, smallest)
		}
	}
	return 0, fmt.Errorf("lienthong: %s: %w %q", d.DrugID, ErrUnknownUnit, name)
}
