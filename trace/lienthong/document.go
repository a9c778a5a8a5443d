package lienthong

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// Document is what one generation is sent of a voucher.
type Document struct {
	Generation int    // 1 is duocquocgia.com.vn, 2 csdlduoc.com.vn
	Kind       Kind   // which says the path
	Number     string // of the voucher: ma_hoa_don, ma_phieu or reference_number
	// Body is a HoaDon, PhieuNhap or PhieuXuat, or a StockIn, StockOut or StockTaking, and has passed Check.
	Body any
}

// Document returns the document of a voucher in a generation, 1 or 2. The error is a *NotExpressibleError when the generation
// has none for it, ErrVoid for a voucher that is to be withdrawn, and a *BlockedError with every reason when something is
// missing that somebody can supply.
func (r *Reports) Document(generation int, v *Voucher) (*Document, error) {
	if v.Void {
		return nil, fmt.Errorf("lienthong: %s: %w", v.Number, ErrVoid)
	}
	d := &Document{Generation: generation, Number: v.Number}
	var faults []error
	switch generation {
	case 1:
		kind, loai, err := r.generationOne(v.Movement)
		if err != nil {
			return nil, err
		}
		if v.Movement == OpeningStock && len(v.Lines) == 0 {
			return nil, &NotExpressibleError{v.Movement, 1} // no document of generation 1 is without lines
		}
		d.Kind = kind
		d.Body, faults = r.one(kind, loai, v)
	case 2:
		kind, reason, err := v.Movement.GenerationTwo()
		if err != nil {
			return nil, err
		}
		// Only a count may be empty: that of a new shop.
		if v.Movement == OpeningStock && (r.opts.OpeningByCount || len(v.Lines) == 0) {
			kind, reason = KindStockTaking, ""
		}
		d.Kind = kind
		d.Body, faults = r.two(kind, reason, v)
	default:
		return nil, fmt.Errorf("lienthong: no generation %d", generation)
	}
	faults = append(faults, v.Faults...)
	if err := r.opts.Limits.Check(d.Body); err != nil && len(faults) == 0 {
		faults = append(faults, err) // of a document with holes they would be said twice
	}
	if len(faults) > 0 {
		return nil, &BlockedError{v.Number, errors.Join(faults...)}
	}
	return d, nil
}

// generationOne is GenerationOne of a movement, with what the options say of those that no text has.
func (r *Reports) generationOne(m Movement) (kind Kind, loai int, err error) {
	switch {
	case m == RecallReturn && r.opts.RecallAsReturn:
		return KindPhieuXuat, TraNhaCungCap, nil
	case m == Wholesale && r.opts.Wholesale == KindHoaDon:
		return KindHoaDon, 0, nil
	case m == Wholesale && r.opts.Wholesale == KindPhieuXuat:
		return KindPhieuXuat, XuatBan, nil
	}
	return m.GenerationOne()
}

// ghiChu are the notes of movements whose reason generation 2 calls "other", and of each PhieuXuat, which one description wants to
// have one (M). The words are free.
var ghiChu = map[Movement]string{
	SupplierReturn: "trả nhà cung cấp",
	RecallReturn:   "thu hồi",
	Destruction:    "xuất hủy",
	OtherIn:        "nhập khác",
	OtherOut:       "xuất khác",
}

// note returns why a voucher was made, with the number of its paper.
func (v *Voucher) note() string { return v.noted(ghiChu[v.Movement]) }

// noted returns words with the number of the paper.
func (v *Voucher) noted(words string) string {
	if words != "" && v.Document != "" {
		words += ", " + v.Document
	}
	return words
}

// counted is a line in a unit of its drug.
type counted struct {
	drug   Drug
	unit   Unit
	amount int64 // of the unit
	system int64
	price  int64 // of one; 0 when it is not known, or is no whole number of đồng
}

// inUnit returns a line in the unit that it is sold in: that of the GTIN for packs, the smallest for loose ones. Where the
// drug has no smallest unit, loose ones must make whole packs.
func (r *Reports) inUnit(m Movement, l Line) (c counted, err error) {
	d, u, err := r.reg.Find(l.GTIN)
	if err != nil {
		return c, err
	}
	c = counted{drug: d, unit: u, amount: l.Count, system: l.System}
	if !l.Loose {
		c.price = l.Price
		if c.price == 0 {
			c.price = r.price(m, l, false)
		}
		return c, nil
	}
	if smallest, ok := d.smallest(); ok {
		c.unit, c.price = smallest, r.loosePrice(m, l, u)
		return c, nil
	}
	if c.amount, err = d.InUnit(u.UnitID, l.Count); err != nil {
		return c, err
	}
	if c.system, err = d.InUnit(u.UnitID, l.System); err != nil {
		return c, err
	}
	if c.price = l.Price; !l.Opened {
		c.price, _ = times(l.Price, u.Smallest)
	}
	if c.price == 0 {
		c.price = r.price(m, l, false)
	}
	return c, nil
}

// inSmallest returns a line in smallest units, as the vouchers of generation 1 want it.
func (r *Reports) inSmallest(m Movement, l Line) (c counted, err error) {
	d, u, err := r.reg.Find(l.GTIN)
	if err != nil {
		return c, err
	}
	smallest, ok := d.smallest()
	if !ok {
		return c, fmt.Errorf("lienthong: %s: %w: the smallest", d.DrugID, ErrUnknownUnit)
	}
	c = counted{drug: d, unit: smallest, amount: l.Count, system: l.System, price: r.loosePrice(m, l, u)}
	if !l.Loose {
		if c.amount, err = d.Smallest(u.UnitID, l.Count); err != nil {
			return c, err
		}
	}
	return c, nil
}

// loosePrice returns the price of a smallest unit, 0 when it is not known.
func (r *Reports) loosePrice(m Movement, l Line, pack Unit) int64 {
	switch {
	case l.Price > 0 && l.Loose && !l.Opened:
		return l.Price
	case l.Price > 0 && pack.Smallest > 0 && l.Price%pack.Smallest == 0:
		return l.Price / pack.Smallest
	}
	return r.price(m, l, true)
}

// price asks the vendor.
func (r *Reports) price(m Movement, l Line, smallest bool) int64 {
	if r.opts.Price == nil {
		return 0
	}
	dong, ok := r.opts.Price(m, l, smallest)
	if !ok || dong < 0 {
		return 0
	}
	return dong
}

// smallest returns the smallest unit of a drug.
func (d *Drug) smallest() (Unit, bool) {
	for _, u := range d.Units {
		if u.Smallest == 1 {
			return u, true
		}
	}
	return Unit{}, false
}

// times multiplies what is not negative.
func times(a, b int64) (int64, bool) {
	if a < 0 || b < 0 || b > 0 && a > math.MaxInt64/b {
		return 0, false
	}
	return a * b, true
}

// day8 returns a day such as 2027-12-31 as generation 1 writes it; what is no day stays as it is for Check to find.
func day8(day string) string { return strings.ReplaceAll(day, "-", "") }

// unpriced says that a document needs a price which the ledger does not have.
func unpriced(line int, list string) error {
	return &ValueError{fmt.Sprintf("%s[%d].don_gia", list, line), "", "is not known for this unit"}
}

// at says in which line an error is.
func at(list string, line int, err error) error { return fmt.Errorf("%s[%d]: %w", list, line, err) }
