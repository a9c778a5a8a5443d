// Package lienthong speaks with the national systems of Viet Nam (liên thông: interconnection) in their own words. Names
// are those of the decisions, without their accents; the accents are in the comments.
//
// It holds the documents, field for field: HoaDon, PhieuNhap, PhieuXuat and ThuocCoSo of generation 1 (duocquocgia.com.vn),
// StockIn, StockOut and StockTaking of generation 2 (csdlduoc.com.vn), the tables Bang1, Bang2 and Bang4 of QĐ
// 540/QĐ-QLD, and CapNhatDonThuoc, the sale of a prescription. Check holds one against the sizes and required columns of
// its decision before it is sent; a Movement says which document tells it, and where a generation has none.
//
// And it holds the numbers and codes that they need: SoDangKy reads registration numbers, MaThuoc makes the drug code of
// QĐ 540/QĐ-QLD, MaDonThuoc is a prescription code, and Codes are lists of codes that change with dates: provinces, signs
// of licences, classes of special control. Documents are not yet made from the events of a ledger, nor sent.
//
//	codes := lienthong.DefaultCodes()
//	province, ok := codes.At(lienthong.Provinces, "67", sold) // Đắk Nông until 30 June 2025, nothing after it
//
// # Rules are data
//
// Every Code says from when until when it holds, where that is written, and how sure it is: H was read in the legal text
// itself, M comes from a good secondary source or from two that agree, L from one weak source. A newer list is loaded
// with LoadCodes; nothing has to be rebuilt.
package lienthong
