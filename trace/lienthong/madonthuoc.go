package lienthong

import "strings"

// MaDonThuoc is the national code of a prescription (mã đơn thuốc quốc gia), as it was written: five characters of the
// medical facility, seven at random, a hyphen and the letter of its kind, such as "68001k3m9q2z-C" (TT 26/2025/TT-BYT, PL
// I, confidence H; QĐ 808/QĐ-BYT, VII, writes the letter small, M).
type MaDonThuoc string

// ParseMaDonThuoc returns the code that a text is, without spaces around it. Letters may be of either case; the kind is N
// (narcotic), H (psychotropic or precursor), C (other; TT 26/2025/TT-BYT, H), Y or T (traditional medicine; QĐ 808/QĐ-BYT and TT
// 55/2025/TT-BYT, M). The error is a *ValueError.
func ParseMaDonThuoc(s string) (MaDonThuoc, error) {
	s = strings.TrimSpace(s)
	bad := func(reason string) (MaDonThuoc, error) { return "", &ValueError{"ma_don_thuoc", s, reason} }
	if len(s) != 14 {
		return bad("is not 14 characters long")
	}
	for i := range 12 {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && s[i]-'0' > 9 {
			return bad("want letters and digits before the hyphen")
		}
	}
	if s[12] != '-' {
		return bad("want a hyphen before the last letter")
	}
	if !strings.ContainsRune("NHCYT", rune(s[13]&^0x20)) {
		return bad("want N, H, C, Y or T at the end")
	}
	return MaDonThuoc(s), nil
}

// CoSo returns the code of the medical facility (cơ sở khám bệnh, chữa bệnh) in capitals; "" for what ParseMaDonThuoc
// would not return.
func (m MaDonThuoc) CoSo() string {
	if len(m) != 14 {
		return ""
	}
	return strings.ToUpper(string(m[:5]))
}

// Loai returns the letter of the kind (loại đơn thuốc) as a capital; "" for what ParseMaDonThuoc would not return.
func (m MaDonThuoc) Loai() string {
	if len(m) != 14 {
		return ""
	}
	return strings.ToUpper(string(m[13:]))
}

// Equal reports whether both are the same code, whatever the case of their letters.
func (m MaDonThuoc) Equal(n MaDonThuoc) bool { return strings.EqualFold(string(m), string(n)) }
