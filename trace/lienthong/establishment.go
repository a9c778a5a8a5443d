package lienthong

import (
	"time"

	"github.com/dauvet/dauvet/trace"
)

// Business is what an establishment does (loại hình). It decides what goods are that nobody sent.
type Business int

// The businesses. A pharmacy or counter (nhà thuốc, quầy thuốc) is the zero value.
const (
	Pharmacy Business = iota
	Distributor
	Importer
	Factory
)

// Establishment is who reports (cơ sở): its names in the ledger and in each national system. Of the codes only those are
// needed that go into the documents wanted; Check says which one is missing. No rule is known for the codes of establishments
// (?): they are taken as they are, at most 50 characters in generation 1, 12 in QĐ 540/QĐ-QLD.
type Establishment struct {
	Party    trace.Party // in the ledger
	Business Business

	MaCoSo        string // mã cơ sở of generation 1, as the system issued it
	MaCoSoBanLe   string // mã cơ sở bán lẻ of QĐ 540/QĐ-QLD
	License       string // practice_license_code: số GCN đủ điều kiện kinh doanh dược; when a parent account sends (H)
	StoreID       string // of generation 2, for counts and transfers
	WarehouseID   string
	MaDinhDanh    string // mã định danh cơ sở cung ứng thuốc of donthuocquocgia.vn
	Name          string
	Phone         string
	Address       string
	MaCoSoBanBuon string // mã cơ sở bán buôn, of a wholesaler
}

// Partner is another party that goods come from or go to, as the national systems know it.
type Partner struct {
	Name string
	// SupplierID is supplier_id of generation 2. One client sends the id of a list, others the tax code (confidence ?).
	SupplierID    string
	MaCoSoBanBuon string // mã cơ sở bán buôn of QĐ 540/QĐ-QLD
	// Own says that it is another place of the same chain: goods are transferred and not sold. StoreID and WarehouseID
	// name it in a transfer.
	Own         bool
	StoreID     string
	WarehouseID string
	// Abroad says that goods from it are imported.
	Abroad bool
}

// Options are the choices of who makes documents. Nil and the zero value are good defaults. What the sources disagree
// about, or what nobody could read, is an option here and never fixed.
type Options struct {
	// Partners are the other parties by their name in the ledger.
	Partners map[trace.Party]Partner
	// Opening is the day whose beginning the opening stock is of; nothing before it is reported. The zero Day is 1 January
	// 2026, from which on data are wanted (CV 934/TTYQG-DA, confidence M).
	Opening Day
	// OpeningByCount sends the opening stock to generation 2 as a stock-taking. Both ways are described (H); the default is the
	// stock-in that a test record shows.
	OpeningByCount bool
	// OpeningByDrug makes the opening stock a document for each product, so that one which nobody has linked holds up itself
	// only. The default is one document, which a test record shows; nothing is sent while it is blocked. Whether the servers
	// take several is not known (confidence ?).
	OpeningByDrug bool
	// CountPacks says that the ledger counts goods without serial number in packs: in the unit that bears the GTIN. The
	// default is the smallest unit, as trace has it.
	CountPacks bool
	// OpeningBefore dates the opening stock one second before its day. Only documents dated after it count (H), and no text says
	// whether those of the same day do (?).
	OpeningBefore bool
	// RecallAsReturn tells generation 1 of recalled goods as of goods that go back to the supplier, which is what is done in
	// practice (8.1; ?). The default is that generation 1 has no document for them.
	RecallAsReturn bool
	// Wholesale is the document that tells generation 1 of wholesale: KindHoaDon tells it as a sale, KindPhieuXuat as goods out of
	// the loại XuatBan. Empty tells it nothing, as QĐ 318/QĐ-QLD, which has the interface of distributors, could not be read (?).
	Wholesale Kind
	// Limits take the place of sizes and required columns that Check knows; nil keeps them. Those of generation 1 come from one
	// description only (M), and QĐ 540/QĐ-QLD has two sizes for gia_ban_le (?).
	Limits Limits
	// FirstOfMonth takes an expiry that names no day, such as 271200, for the first day of its month. The default is the last,
	// as GS1 has it (General Specifications 3.4.7; H); no rule of Viet Nam was found (?).
	FirstOfMonth bool
	// LieuDung is lieu_dung of a sale, which is required and which no ledger holds. Empty is "0", as one client sends (L).
	LieuDung string
	// ExpiryTime writes expiry_date of generation 2 as the midnight of the day, as one client does; the default is the day, which
	// a real test proved (H).
	ExpiryTime bool
	// CountReason is the reason of a StockTaking. Empty sends none: no source says whether one is wanted, nor which (?).
	CountReason Reason
	// NoOffset leaves the offset out of transaction_date: clients differ, both were taken (confidence ?).
	NoOffset bool
	// Price returns what a line cost for one pack, or for one smallest unit, when the ledger does not say it or says it for
	// what does not divide; false when that is not known. Nil knows nothing.
	Price func(m Movement, l Line, smallest bool) (dong int64, ok bool)
	// Number returns the reference number of a voucher, at most 50 characters; two vouchers must never have the same, and
	// one must keep its own. Nil is the number of the paper with twelve characters that make it unique.
	Number func(*Voucher) string
}

// Reports makes the documents of an establishment out of the events of a ledger. It keeps nothing, and is safe for
// concurrent use.
type Reports struct {
	repo *trace.Repository
	reg  *Register
	est  Establishment
	opts Options
}

// NewReports returns the reports of an establishment. A nil register knows no drug: every document is blocked. Nil opts
// mean the defaults.
func NewReports(repo *trace.Repository, reg *Register, of Establishment, opts *Options) *Reports {
	if reg == nil {
		reg = &Register{}
	}
	r := &Reports{repo: repo, reg: reg, est: of}
	if opts != nil {
		r.opts = *opts
	}
	if r.opts.Opening == (Day{}) {
		r.opts.Opening = Day{2026, time.January, 1}
	}
	return r
}

// Opening returns the day whose beginning the opening stock is of.
func (r *Reports) Opening() Day { return r.opts.Opening }

// partner returns what is known of a party.
func (r *Reports) partner(p trace.Party) Partner { return r.opts.Partners[p] }
