package lienthong

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// Transaction is a stock-in or a stock-out as generation 2, csdlduoc.com.vn, takes it (QĐ 232/QĐ-TTYQG 1.1, 5.4.1 and
// 5.4.4; names, sizes and what is required: confidence H, of four clients and a test record): POST /transactions/stock-in and
// /transactions/stock-out. It has no way to delete: a correction is the same ReferenceNumber again (one client; M).
type Transaction struct {
	TransactionDate     string `json:"transaction_date" need:"yes"` // as TransactionDate returns it
	Reason              Reason `json:"reason" need:"yes"`
	ReferenceNumber     string `json:"reference_number" size:"50" need:"yes"`     // of the voucher; the key of idempotency
	PracticeLicenseCode string `json:"practice_license_code,omitempty" size:"50"` // số GCN ĐĐKKD, when a parent account sends for a member
	Note                string `json:"note,omitempty" size:"500"`
	SupplierID          string `json:"supplier_id,omitempty" size:"50"`     // for goods of a supplier, and back to it
	SourceStoreID       string `json:"source_store_id,omitempty" size:"50"` // for transfers
	SourceWarehouseID   string `json:"source_warehouse_id,omitempty" size:"50"`
	TargetStoreID       string `json:"target_store_id,omitempty" size:"50"`
	TargetWarehouseID   string `json:"target_warehouse_id,omitempty" size:"50"`
	Items               []Item `json:"items" need:"yes"`
}

// Item is a line of a Transaction.
type Item struct {
	DrugID                  string        `json:"drug_id" size:"20" need:"yes"`
	UnitID                  string        `json:"unit_id" size:"20" need:"yes"` // of the drug's packagings
	Quantity                int64         `json:"quantity" least:"1"`
	BatchNo                 string        `json:"batch_no" size:"50" need:"yes"` // a JSON string, though the text says integer
	PackagingSpecifications string        `json:"packaging_specifications,omitempty" size:"500"`
	ExpiryDate              string        `json:"expiry_date" need:"yes" form:"iso"`
	Manufacturer            *Manufacturer `json:"manufacturer,omitempty"`
	GTIN                    string        `json:"gtin,omitempty" size:"50"`
	Price                   *Price        `json:"price,omitempty"`
}

// Manufacturer is who made the drug of an Item.
type Manufacturer struct {
	ID      string `json:"id,omitempty" size:"20"`
	Name    string `json:"name,omitempty" size:"200"`
	Country string `json:"country,omitempty" size:"5"`
}

// Price is an amount with at most two places, a JSON number.
type Price gs1.Decimal

// MarshalJSON returns the amount as a number, exactly. More than two places, or less than nothing, are an error.
func (p Price) MarshalJSON() ([]byte, error) {
	if p.Places < 0 || p.Places > 2 || p.Units < 0 {
		return nil, fmt.Errorf("lienthong: price: want at most two places and no sign: %s", gs1.Decimal(p))
	}
	return []byte(gs1.Decimal(p).String()), nil
}

// UnmarshalJSON reads a number, or a text that is one, with at most two places.
func (p *Price) UnmarshalJSON(data []byte) error {
	whole, places, _ := strings.Cut(strings.Trim(string(data), `"`), ".")
	n, err := strconv.ParseInt(whole+places, 10, 64)
	if err != nil || len(places) > 2 || n < 0 || strings.ContainsAny(whole+places, "+-") {
		return fmt.Errorf("lienthong: price: want at most two places and no sign: %.20q", data)
	}
	*p = Price{Units: n, Places: len(places)}
	return nil
}

// Reason is why goods move, a word of the dictionaries 6.4.1.1 (in) and 6.4.2.1 (out) of QĐ 232/QĐ-TTYQG 1.1 (confidence H; a
// client that was written for 1.0 lacks three).
type Reason string

// The reasons.
const (
	InSupplier       Reason = "supplier"
	InOpeningBalance Reason = "opening-balance"
	InReturn         Reason = "return"
	InTransfer       Reason = "transfer-in"
	InManufactured   Reason = "manufactured"
	InImported       Reason = "imported"
	InOther          Reason = "other"

	OutWholesale Reason = "sale-wholesale"
	OutRetail    Reason = "sale-retail"
	OutTransfer  Reason = "transfer-out"
	OutReturn    Reason = "return"
	OutRecall    Reason = "recall"
	OutDestroy   Reason = "destroy"
	OutOther     Reason = "other"
)

// StockIn is a stock-in.
type StockIn struct{ Transaction }

// StockOut is a stock-out.
type StockOut struct{ Transaction }

// StockTaking is a count (QĐ 232/QĐ-TTYQG 1.1, 5.4.7; H): POST /transactions/stock-taking. A shop that is new sends one without items
// (one client; confidence M). That a store is required is nowhere printed (?); Limits can say that it is not.
type StockTaking struct {
	TransactionDate     string      `json:"transaction_date" need:"yes"`
	ReferenceNumber     string      `json:"reference_number" size:"50" need:"yes"`
	PracticeLicenseCode string      `json:"practice_license_code,omitempty" size:"50"`
	Note                string      `json:"note,omitempty" size:"500"`
	StoreID             string      `json:"store_id" size:"50" need:"yes"`
	WarehouseID         string      `json:"warehouse_id,omitempty" size:"50"`
	Reason              Reason      `json:"reason,omitempty"` // see Options.CountReason
	Items               []TakenItem `json:"items"`
}

// TakenItem is a line of a StockTaking.
type TakenItem struct {
	DrugID                  string        `json:"drug_id" size:"20" need:"yes"`
	UnitID                  string        `json:"unit_id" size:"20" need:"yes"`
	SystemQuantity          int64         `json:"system_quantity" least:"0"`
	ActualQuantity          int64         `json:"actual_quantity" least:"0"`
	BatchNo                 string        `json:"batch_no" size:"50" need:"yes"`
	PackagingSpecifications string        `json:"packaging_specifications,omitempty" size:"500"`
	ExpiryDate              string        `json:"expiry_date" need:"yes" form:"iso"`
	Manufacturer            *Manufacturer `json:"manufacturer,omitempty"`
	GTIN                    string        `json:"gtin,omitempty" size:"50"`
	Price                   *Price        `json:"price,omitempty"`
}

// MarshalJSON writes a list of no items as [], not as null.
func (s StockTaking) MarshalJSON() ([]byte, error) {
	type plain StockTaking
	if s.Items == nil {
		s.Items = []TakenItem{}
	}
	return json.Marshal(plain(s))
}

// TransactionDate returns a time as generation 2 writes it, in the time of Viet Nam: "2026-08-13T15:10:02+07:00" (three clients;
// H). One client leaves the offset out and was taken (a test record; H), so noOffset does the same.
func TransactionDate(t time.Time, noOffset bool) string {
	if noOffset {
		return t.In(zone).Format("2006-01-02T15:04:05")
	}
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

func (s StockIn) faults() (faults []*ValueError) {
	switch s.Reason {
	case "", InOpeningBalance, InReturn, InTransfer, InManufactured, InImported, InOther:
	case InSupplier:
		if s.SupplierID == "" {
			faults = append(faults, &ValueError{"supplier_id", "", "is empty though the goods come from a supplier"})
		}
	default:
		faults = append(faults, &ValueError{"reason", string(s.Reason), "is none of a stock-in"})
	}
	return append(faults, s.prices()...)
}

func (s StockOut) faults() (faults []*ValueError) {
	switch s.Reason {
	case "", OutWholesale, OutRetail, OutTransfer, OutRecall, OutDestroy, OutOther:
	case OutReturn:
		if s.SupplierID == "" {
			faults = append(faults, &ValueError{"supplier_id", "", "is empty though the goods go back to a supplier"})
		}
	default:
		faults = append(faults, &ValueError{"reason", string(s.Reason), "is none of a stock-out"})
	}
	return append(faults, s.prices()...)
}

// prices checks what the tags of fields cannot say.
func (t Transaction) prices() (faults []*ValueError) {
	for i, item := range t.Items {
		if item.Price == nil {
			continue
		}
		if _, err := item.Price.MarshalJSON(); err != nil {
			faults = append(faults, &ValueError{
				fmt.Sprintf("items[%d].price", i), gs1.Decimal(*item.Price).String(), "want at most two places and no sign",
			})
		}
	}
	return faults
}
