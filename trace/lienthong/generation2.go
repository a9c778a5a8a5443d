package lienthong

import "time"

// two returns a document of generation 2 and what is wrong with its lines.
func (r *Reports) two(kind Kind, reason Reason, v *Voucher) (any, []error) {
	if kind == KindStockTaking {
		return r.stockTaking(v)
	}
	t := Transaction{
		TransactionDate: TransactionDate(r.dated(v), r.opts.NoOffset), Reason: reason, ReferenceNumber: v.Number,
		PracticeLicenseCode: r.est.License, Note: v.note(), Items: make([]Item, 0, len(v.Lines)),
	}
	partner := r.partner(v.Partner)
	switch v.Movement {
	case RecallReturn:
		t.Note = "" // the reason says it
	case Purchase, Importing, SupplierReturn:
		t.SupplierID = partner.SupplierID
	case TransferIn:
		t.SourceStoreID, t.SourceWarehouseID = partner.StoreID, partner.WarehouseID
		t.TargetStoreID, t.TargetWarehouseID = r.est.StoreID, r.est.WarehouseID
	case TransferOut:
		t.SourceStoreID, t.SourceWarehouseID = r.est.StoreID, r.est.WarehouseID
		t.TargetStoreID, t.TargetWarehouseID = partner.StoreID, partner.WarehouseID
	}
	var faults []error
	for i, l := range v.Lines {
		c, err := r.inUnit(v.Movement, l)
		if err != nil {
			faults = append(faults, at("items", i, err))
			continue
		}
		item := Item{
			DrugID: c.drug.NationalID, UnitID: c.unit.UnitID, Quantity: c.amount, BatchNo: l.Lot,
			PackagingSpecifications: c.drug.Packing, ExpiryDate: r.expiryDate(l.Expiry), GTIN: string(c.unit.GTIN),
		}
		if id := c.drug.Manufacturer.ID; id != "" {
			item.Manufacturer = &Manufacturer{ID: id} // name and country are those of the list
		}
		if c.price > 0 {
			item.Price = &Price{Units: c.price}
		}
		t.Items = append(t.Items, item)
	}
	if kind == KindStockIn {
		return StockIn{t}, faults
	}
	return StockOut{t}, faults
}

func (r *Reports) stockTaking(v *Voucher) (StockTaking, []error) {
	t := StockTaking{
		TransactionDate: TransactionDate(r.dated(v), r.opts.NoOffset), ReferenceNumber: v.Number, PracticeLicenseCode: r.est.License,
		StoreID: r.est.StoreID, WarehouseID: r.est.WarehouseID, Reason: r.opts.CountReason,
	}
	var faults []error
	for i, l := range v.Lines {
		c, err := r.inUnit(v.Movement, l)
		if err != nil {
			faults = append(faults, at("items", i, err))
			continue
		}
		t.Items = append(t.Items, TakenItem{
			DrugID: c.drug.NationalID, UnitID: c.unit.UnitID, SystemQuantity: c.system, ActualQuantity: c.amount, BatchNo: l.Lot,
			PackagingSpecifications: c.drug.Packing, ExpiryDate: r.expiryDate(l.Expiry), GTIN: string(c.unit.GTIN),
		})
	}
	return t, faults
}

// dated returns the time that the document of a voucher bears.
func (r *Reports) dated(v *Voucher) time.Time {
	if v.Movement == OpeningStock && r.opts.OpeningBefore {
		return v.Time.Add(-time.Second)
	}
	return v.Time
}

// expiryDate returns a day as generation 2 is to get it; what is no day stays as it is for Check to find.
func (r *Reports) expiryDate(day string) string {
	if t, err := time.ParseInLocation(time.DateOnly, day, zone); err == nil && r.opts.ExpiryTime {
		return TransactionDate(t, r.opts.NoOffset)
	}
	return day
}
