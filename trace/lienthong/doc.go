// Package lienthong speaks with the national systems of Viet Nam (liên thông: interconnection) in their own words. Names
// are those of the decisions, without their accents; the accents are in the comments.
//
// So far it holds the numbers and codes that every report needs: SoDangKy reads registration numbers, MaThuoc makes the
// drug code of QĐ 540/QĐ-QLD, MaDonThuoc is a prescription code, and Codes are lists of codes that change with dates:
// provinces, signs of licences, classes of special control.
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
