package lienthong

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMaThuoc is the size of ma_thuoc (QĐ 540/QĐ-QLD, Bảng 1, 1).
const maxMaThuoc = 50

// MaThuoc returns the drug code (mã thuốc) of QĐ 540/QĐ-QLD, Bảng 1 (confidence H), for a registration number and the smallest packing:
// both as one word without hyphens, spaces and marks, so MaThuoc("VN-12345-18", "lọ 200 viên") is "VN1234518lo200vien".
// Composed and decomposed letters give the same code. The error is a *ValueError when the code would be longer than 50
// characters or would keep one that is not ASCII.
func MaThuoc(soDangKy, packing string) (string, error) {
	code := strings.Map(func(r rune) rune {
		if r == '-' || unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '−' {
			return -1
		}
		return r
	}, strip(soDangKy+packing))
	for _, r := range code {
		if r < '!' || r > '~' {
			return "", &ValueError{"ma_thuoc", code, fmt.Sprintf("character %q", r)}
		}
	}
	return code, checkLength("ma_thuoc", code, maxMaThuoc)
}

// ValueError says which field of a document has a value that may not be sent, and why.
type ValueError struct {
	Field  string // as the decision spells it
	Value  string
	Reason string
}

// Error returns field, reason and value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("lienthong: %s: %s: %q", e.Field, e.Reason, e.Value)
}

// checkLength returns an error for a value that is empty or longer than so many characters.
func checkLength(field, value string, most int) error {
	switch n := utf8.RuneCountInString(value); {
	case n == 0:
		return &ValueError{field, value, "is empty"}
	case n > most:
		return &ValueError{field, value, fmt.Sprintf("%d characters, at most %d have room", n, most)}
	}
	return nil
}
