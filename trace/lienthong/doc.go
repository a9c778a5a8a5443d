// Package lienthong speaks with the national systems of Viet Nam (liên thông: interconnection) in their own words. Names
// are those of the decisions, without their accents; the accents are in the comments.
//
// It holds the documents, field for field: HoaDon, PhieuNhap, PhieuXuat and ThuocCoSo of generation 1 (duocquocgia.com.vn),
// StockIn, StockOut and StockTaking of generation 2 (csdlduoc.com.vn), the tables Bang1, Bang2 and Bang4 of QĐ
// 540/QĐ-QLD, and CapNhatDonThuoc, the sale of a prescription. Check holds one against the sizes and required columns of
// its decision before it is sent; a Movement says which document tells it, and where a generation has none.
//
// [Reports] makes them of the events of a ledger. A till records hops as it does anyway; what the national systems want beside
// them is in a [Register] of drugs, an [Establishment] and its [Options]:
//
//	reports := lienthong.NewReports(repo, register, shop, nil)
//	vouchers, err := reports.Vouchers(ctx, day, next) // what moved that day
//	document, err := reports.Document(2, &vouchers[0])
//
// A [Voucher] is a movement with its paper. What one generation cannot say is a [NotExpressibleError], and what somebody has
// to supply first, such as the link of a GTIN with a drug, is a [BlockedError] with every reason: neither stops a sale, or
// another report. Reference numbers depend on nothing but the events, so a correction, and a second attempt after a lost
// answer, have the number of the first.
//
// [Outbox] sends them: the opening stock first, then everything in the order of time, a correction under the number of the
// first, and nothing twice however often the line drops or the process dies. It has no goroutine and no network of its own; a
// [Transport] has that.
//
//	outbox, err := lienthong.OpenOutbox(ctx, journal, reports, nil, transport)
//	next, err := outbox.Step(ctx) // again when something was sold, and at next
//
// And it holds the numbers and codes that they need: SoDangKy reads registration numbers, MaThuoc makes the drug code of
// QĐ 540/QĐ-QLD, MaDonThuoc is a prescription code, and Codes are lists of codes that change with dates: provinces, signs
// of licences, classes of special control.
//
//	codes := lienthong.DefaultCodes()
//	province, ok := codes.At(lienthong.Provinces, "67", sold) // Đắk Nông until 30 June 2025, nothing after it
//
// # How the ledger counts
//
// Goods without serial numbers are counted in the smallest unit of their drug, or in packs when Options.CountPacks says so; a
// pack with a serial number is the unit that bears its GTIN. Price in a hop is that of a pack, or of a smallest unit of
// goods. Lot and expiry are those that the event read, else those recorded elsewhere.
//
// # Where the outbox keeps its state
//
// In a ledger of its own, opened with [JournalIndex]. The ledger of the shop holds events and nothing else, and what a server
// answered is no hop of a medicine; a file of its own would need its own torn writes and syncs, which a ledger has proven. So
// what was reported, and what became of it, can be shown to an inspector with the same proofs. Everything else is read
// again from the events: a journal that is lost costs requests and doubles nothing, as the numbers come out the same.
//
// Generation 2 cannot be asked for a number and has no way to delete: after a lost answer the document is sent again under its
// number, which the specification calls a correction, and a document whose events were all declared wrong needs review.
//
// What is recorded late, or corrected, also changes documents of later days: the system_quantity of a count, and the rest of a
// pack that was opened earlier than anybody knew. They are sent again under their numbers. No text says that they have to be;
// but a document is what the events say, so that everything can be made again out of the ledger, and with the old
// quantity the sum of all documents would not be the stock.
//
// # Rules are data
//
// Tables and rules name their source and how sure it is at the place where they are. What no source says (?) is an option with
// the default that loses nothing: see [Options], [OutboxOptions], and the options of package national.
//
// Every Code says from when until when it holds, where that is written, and how sure it is: H was read in the legal text
// itself, M comes from a good secondary source or from two that agree, L from one weak source. A newer list is loaded
// with LoadCodes; nothing has to be rebuilt.
package lienthong
