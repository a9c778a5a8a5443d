package lienthong

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dauvet/dauvet/trace"
)

// lotStats is what the tables of QĐ 540/QĐ-QLD say of a lot, in smallest units.
type lotStats struct {
	got, bought, sold int64 // in the days asked for; bought is what of got was purchased
	from              trace.Party
	invoice           string
	gotAt, soldAt     time.Time // last, up to the end of the days
	price             int64     // of a smallest unit, at the last retail sale
}

// stats folds all that happened before a day, and returns what it holds of each lot at its beginning and what moved since
// another day.
func (r *Reports) stats(ctx context.Context, from, until Day) (book, map[lotKey]*lotStats, error) {
	all := map[lotKey]*lotStats{}
	b, err := r.fold(ctx, until.Time(), func(b book, m *move) {
		for k := range m.items {
			it := &m.items[k]
			s := all[it.key()]
			if s == nil {
				s = &lotStats{}
				all[it.key()] = s
			}
			_, u, _ := r.reg.Find(it.GTIN)
			n := it.Count
			if !it.Loose {
				n *= u.Smallest
			}
			if it.all && m.movement.way() == out {
				n -= b.of(it).packs[it.pack]
			}
			within := !DayOf(m.event.Time).Before(from)
			switch {
			case m.movement == RetailSale, m.movement == Wholesale:
				s.soldAt = m.event.Time
				if m.movement == RetailSale {
					s.price = r.loosePrice(RetailSale, it.Line, u)
				}
				if within {
					s.sold += n
				}
			case m.movement.way() == in:
				if m.movement != CustomerReturn {
					s.gotAt, s.from, s.invoice = m.event.Time, m.partner, paper(m.event.Document())
				}
				if within {
					s.got += n
				}
				if within && m.movement == Purchase {
					s.bought += n
				}
			}
		}
	})
	return b, all, err
}

// lots calls f for each lot that moved in the days, or of which something is there, and returns the refusals of f and of
// what the register does not know.
func (r *Reports) lots(ctx context.Context, from, until Day, f func(lotKey, *Drug, Lo, *lotStats) error) ([]*BlockedError, error) {
	b, all, err := r.stats(ctx, from, until)
	if err != nil {
		return nil, err
	}
	var blocked []*BlockedError
	for _, k := range b.keys() {
		s, l := all[k], b[k]
		refuse := func(err error) {
			blocked = append(blocked, &BlockedError{string(k.gtin) + " " + k.lot, err})
		}
		d, u, err := r.reg.Find(k.gtin)
		if err != nil {
			refuse(err)
			continue
		}
		left, ok := l.smallest(u.Smallest)
		if !ok || u.Smallest <= 0 && s.got+s.sold > 0 {
			refuse(fmt.Errorf("lienthong: %s: %w %s", k.gtin, ErrUnknownUnit, u.UnitID))
			continue
		}
		if left == 0 && s.got == 0 && s.sold == 0 {
			continue
		}
		expires, _ := strconv.ParseInt(day8(l.expiry), 10, 64)
		lo := Lo{SoLo: k.lot, HanDung: expires, SoLuongNhap: s.got, SoLuongBan: s.sold, SoLuongTon: left}
		if err := f(k, &d, lo, s); err != nil {
			refuse(err)
		}
	}
	return blocked, nil
}

// Bang1 returns the rows of Bảng 1 for the days from the first to the one before the last: a row for each lot that came or
// went in them, or that is there at their end. Supplier, invoice and day are those of the last receipt, price and day of sale
// those of the last sale. A row that lacks something or has something too long is not returned but among the refusals, as
// every column is required: that is so of a lot of which nothing was sold yet.
func (r *Reports) Bang1(ctx context.Context, from, until Day) (rows []Bang1, blocked []*BlockedError, err error) {
	blocked, err = r.lots(ctx, from, until, func(k lotKey, d *Drug, lo Lo, s *lotStats) error {
		t, err := d.thuoc()
		if err != nil {
			return err
		}
		supplier := r.partner(s.from)
		row := Bang1{
			Thuoc: t, GiaBanLe: s.price, Lo: lo, DonViBThuocChoCSBL: supplier.Name, SoHoaDonMThuoc: s.invoice,
			NgayNhap: minute(s.gotAt), NgayBan: minute(s.soldAt), MaCoSoBanLe: r.est.MaCoSoBanLe, MaCoSoBanBuon: supplier.MaCoSoBanBuon,
		}
		if err := r.opts.Limits.Check(row); err != nil {
			return err
		}
		if row.GiaBanLe == 0 {
			return &ValueError{"gia_ban_le", "", "is not known for the smallest unit"}
		}
		rows = append(rows, row)
		return nil
	})
	return rows, blocked, err
}

// Bang4 returns the drugs of the establishment over some days: the rows of Bảng 4. A sum over a province is SumBang4.
func (r *Reports) Bang4(ctx context.Context, from, until Day) (rows []Bang4, blocked []*BlockedError, err error) {
	blocked, err = r.lots(ctx, from, until, func(k lotKey, d *Drug, lo Lo, s *lotStats) error {
		row := Bang4{d.Name, d.SoDangKy, lo.SoLo, lo.HanDung, s.bought, lo.SoLuongBan, lo.SoLuongTon}
		if err := r.opts.Limits.Check(row); err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	return rows, blocked, err
}

// minute returns a time as the number 201808081030; 0 for none.
func minute(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	n, _ := strconv.ParseInt(NgayGio(t), 10, 64)
	return n
}

// thuoc returns what QĐ 540/QĐ-QLD says of a drug.
func (d *Drug) thuoc() (Thuoc, error) {
	u, ok := d.smallest()
	if !ok {
		return Thuoc{}, fmt.Errorf("lienthong: %s: %w: the smallest", d.DrugID, ErrUnknownUnit)
	}
	t := Thuoc{
		TenThuoc: d.Name, SoDangKy: d.SoDangKy, TenHoatChat: d.ActiveIngredient, NongDoHamLuong: d.Strength,
		NhaSanXuat: d.Manufacturer.Name, NuocSanXuat: d.Manufacturer.Country, NhaNhapKhau: d.Importer,
		QuyCachDongGoi: d.Packing, DangBaoChe: d.DosageForm, DonViDongGoiNN: u.Name,
	}
	var err error
	t.MaThuoc, err = MaThuoc(d.SoDangKy, d.Packing)
	return t, err
}

// SumBang2 sums the rows of establishments to those of Bảng 2, on the day of the summing up: one for each drug, lot and
// price. Rows that do not pass Check are left out and are among the refusals.
func SumBang2(on Day, establishments ...[]Bang1) (rows []Bang2, blocked []*BlockedError) {
	return Limits(nil).SumBang2(on, establishments...)
}

// SumBang2 is SumBang2 with the limits in place of those that they name.
func (limits Limits) SumBang2(on Day, establishments ...[]Bang1) (rows []Bang2, blocked []*BlockedError) {
	day, _ := strconv.ParseInt(Ngay(on), 10, 64)
	sums := map[Bang2]*Lo{}
	for _, list := range establishments {
		for _, b := range list {
			key := Bang2{Thuoc: b.Thuoc, GiaBanLe: b.GiaBanLe, Lo: Lo{SoLo: b.SoLo, HanDung: b.HanDung}, NgayTongHop: day}
			if sums[key] == nil {
				sums[key] = &Lo{SoLo: b.SoLo, HanDung: b.HanDung}
			}
			sums[key].SoLuongNhap += b.SoLuongNhap
			sums[key].SoLuongBan += b.SoLuongBan
			sums[key].SoLuongTon += b.SoLuongTon
		}
	}
	for row, lo := range sums {
		row.Lo = *lo
		if err := limits.Check(row); err != nil {
			blocked = append(blocked, &BlockedError{row.MaThuoc + " " + row.SoLo, err})
			continue
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b Bang2) int {
		return cmp.Or(cmp.Compare(a.MaThuoc, b.MaThuoc), cmp.Compare(a.SoLo, b.SoLo), cmp.Compare(a.GiaBanLe, b.GiaBanLe),
			slices.Compare(Cells(a), Cells(b)))
	})
	slices.SortFunc(blocked, func(a, b *BlockedError) int { return cmp.Compare(a.Number, b.Number) })
	return rows, blocked
}

// SumBang4 sums the rows of establishments to those of a province.
func SumBang4(establishments ...[]Bang4) []Bang4 {
	sums := map[Bang4]*Bang4{}
	for _, list := range establishments {
		for _, b := range list {
			key := Bang4{TenThuoc: b.TenThuoc, SoDangKy: b.SoDangKy, SoLo: b.SoLo, HanDung: b.HanDung}
			if sums[key] == nil {
				sums[key] = &Bang4{TenThuoc: b.TenThuoc, SoDangKy: b.SoDangKy, SoLo: b.SoLo, HanDung: b.HanDung}
			}
			sums[key].SoLuongMua += b.SoLuongMua
			sums[key].SoLuongBan += b.SoLuongBan
			sums[key].SoLuongTon += b.SoLuongTon
		}
	}
	rows := make([]Bang4, 0, len(sums))
	for _, row := range sums {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Bang4) int {
		return cmp.Or(cmp.Compare(a.TenThuoc, b.TenThuoc), cmp.Compare(a.SoDangKy, b.SoDangKy), cmp.Compare(a.SoLo, b.SoLo),
			cmp.Compare(a.HanDung, b.HanDung))
	})
	return rows
}
