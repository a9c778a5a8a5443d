package lienthong

import "fmt"

// Movement is why goods move, in a word of neither generation.
type Movement int

// The movements.
const (
	OpeningStock Movement = iota + 1
	Purchase
	Importing     // by the importer
	Manufacturing // by the manufacturer
	CustomerReturn
	TransferIn
	TransferOut
	RetailSale
	Wholesale
	SupplierReturn
	RecallReturn
	Destruction
	Count
	OtherIn
	OtherOut
)

// Kind is a kind of document, by the last part of its path.
type Kind string

// The documents of both generations.
const (
	KindHoaDon      Kind = "hoa_don"
	KindPhieuNhap   Kind = "phieu_nhap"
	KindPhieuXuat   Kind = "phieu_xuat"
	KindStockIn     Kind = "stock-in"
	KindStockOut    Kind = "stock-out"
	KindStockTaking Kind = "stock-taking"
)

// movements are the crosswalk: of generation 1 as its clients do (the family of QĐ 777/QĐ-QLD, whose annex could not be read;
// confidence M), of generation 2 by its dictionaries (QĐ 232/QĐ-TTYQG 1.1, 6.4.1.1 and 6.4.2.1; H). Loai is the loại phiếu of
// generation 1, where its document has one. What generation 1 has
// no document for is empty and never bent into another: transfers, counts, and what QĐ 318/QĐ-QLD, which could not be read,
// says of wholesale (?; see Options.Wholesale); recalled goods go as type 2 in practice, which no text allows (see
// Options.RecallAsReturn).
var movements = [...]struct {
	name   string
	one    Kind
	loai   int
	two    Kind
	reason Reason
}{
	OpeningStock:   {"opening stock", KindPhieuNhap, NhapTon, KindStockIn, InOpeningBalance},
	Purchase:       {"purchase", KindPhieuNhap, NhapTuNhaCungCap, KindStockIn, InSupplier},
	Importing:      {"importing", KindPhieuNhap, NhapTuNhaCungCap, KindStockIn, InImported},
	Manufacturing:  {"manufacturing", KindPhieuNhap, NhapTuNhaCungCap, KindStockIn, InManufactured},
	CustomerReturn: {"customer return", KindPhieuNhap, KhachHangTra, KindStockIn, InReturn},
	TransferIn:     {"transfer in", "", 0, KindStockIn, InTransfer},
	TransferOut:    {"transfer out", "", 0, KindStockOut, OutTransfer},
	RetailSale:     {"retail sale", KindHoaDon, 0, KindStockOut, OutRetail},
	Wholesale:      {"wholesale", "", 0, KindStockOut, OutWholesale},
	SupplierReturn: {"return to the supplier", KindPhieuXuat, TraNhaCungCap, KindStockOut, OutReturn},
	RecallReturn:   {"recall", "", 0, KindStockOut, OutRecall},
	Destruction:    {"destruction", KindPhieuXuat, XuatHuy, KindStockOut, OutDestroy},
	Count:          {"count", "", 0, KindStockTaking, ""},
	OtherIn:        {"other goods in", "", 0, KindStockIn, InOther},
	OtherOut:       {"other goods out", "", 0, KindStockOut, OutOther},
}

// NotExpressibleError says that a generation has no document for a movement. The vendor has to say to the authority what the
// interface cannot.
type NotExpressibleError struct {
	Movement   Movement
	Generation int
}

// Error names the movement and the generation.
func (e *NotExpressibleError) Error() string {
	return fmt.Sprintf("lienthong: generation %d has no document for %s", e.Generation, e.Movement)
}

// String returns the movement in words.
func (m Movement) String() string {
	if m < 1 || int(m) >= len(movements) {
		return fmt.Sprintf("Movement(%d)", int(m))
	}
	return movements[m].name
}

// GenerationOne returns the document of duocquocgia.com.vn and its loại phiếu, 0 for a HoaDon. The error is an
// *NotExpressibleError where there is none.
func (m Movement) GenerationOne() (kind Kind, loai int, err error) {
	if m < 1 || int(m) >= len(movements) || movements[m].one == "" {
		return "", 0, &NotExpressibleError{m, 1}
	}
	return movements[m].one, movements[m].loai, nil
}

// GenerationTwo returns the document of csdlduoc.com.vn and its reason, "" for a StockTaking. Every movement has one; the
// error, an *NotExpressibleError, is for what is no Movement.
func (m Movement) GenerationTwo() (kind Kind, reason Reason, err error) {
	if m < 1 || int(m) >= len(movements) {
		return "", "", &NotExpressibleError{m, 2}
	}
	return movements[m].two, movements[m].reason, nil
}

// way is what a movement does to the goods that are there.
type way int

// The ways: into the establishment, out of it, or to what was counted.
const (
	in way = iota
	out
	set
)

func (m Movement) way() way {
	switch {
	case m == Count:
		return set
	case m >= 1 && int(m) < len(movements) && movements[m].two == KindStockOut:
		return out
	}
	return in
}
