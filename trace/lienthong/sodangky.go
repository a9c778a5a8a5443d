package lienthong

import (
	"errors"
	"strings"
	"unicode"
)

// SoDangKy is a registration number (số đăng ký, số giấy đăng ký lưu hành). The zero value is none.
type SoDangKy struct {
	// Number is the number in its canonical form: in capitals, without spaces, with plain hyphens.
	Number string

	// The parts of a number of twelve digits (TT 32/2026/TT-BYT, PL V; confidence H); empty in older forms. Their values are those of
	// the lists DrugGroups, PrescriptionStates and ControlTypes of Codes, or others: the annex says that more may arise.
	Country      string // by GS1 prefix; 893 is Viet Nam
	Group        string
	Prescription string
	Control      string
	Serial       string
	Year         string // two digits
}

// ErrNoSoDangKy is returned for a text in which no registration number is found.
var ErrNoSoDangKy = errors.New("no registration number")

// dashes are written for hyphens, and a stroke through D when it is not one letter with it.
var dashes = strings.NewReplacer("‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-", "D\u0335", "Đ")

// ParseSoDangKy returns the registration numbers that a text holds, in their order: a label may bear the new number and
// the old one. Letters may be of any case, hyphens of any kind and with spaces around them. The error is ErrNoSoDangKy
// when there is none.
//
// Twelve digits that stand alone are a registration number here; one in ten of them would pass for a GTIN-12 by its check
// digit, which proves nothing.
func ParseSoDangKy(text string) ([]SoDangKy, error) {
	s := dashes.Replace(strings.ToUpper(text))
	var numbers []SoDangKy
	for s != "" {
		var word string
		if word, s = nextWord(s); isNewNumber(word) {
			numbers = append(numbers, SoDangKy{
				Number: word, Country: word[:3], Group: word[3:4], Prescription: word[4:5], Control: word[5:6],
				Serial: word[6:10], Year: word[10:],
			})
		} else if isOlderNumber(word) || isImportOrder(word) {
			numbers = append(numbers, SoDangKy{Number: word})
		}
	}
	if numbers == nil {
		return nil, ErrNoSoDangKy
	}
	return numbers, nil
}

// nextWord takes the next run of letters and digits off s, with those that hyphens and strokes join to it.
func nextWord(s string) (word, rest string) {
	inWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !inWord(r) })
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return !inWord(r) })
		if n < 0 {
			n = len(s)
		}
		b.WriteString(s[:n])
		s = s[n:]
		next := strings.TrimLeftFunc(s, unicode.IsSpace)
		if next == "" || next[0] != '-' && next[0] != '/' {
			break
		}
		more := strings.TrimLeftFunc(next[1:], unicode.IsSpace)
		if !strings.ContainsFunc(more[:min(1, len(more))], inWord) {
			break
		}
		b.WriteByte(next[0])
		s = more
	}
	return b.String(), s
}

// isNewNumber reports whether s is a number as of TT 08/2022/TT-BYT and its successors.
func isNewNumber(s string) bool { return len(s) == 12 && areDigits(s) }

// isOlderNumber reports whether s is one of the older forms that packs still bear: a prefix, then one to three groups of
// letters and digits. The prefixes are those of the examples of QĐ 540/QĐ-QLD and of packs (confidence M).
func isOlderNumber(s string) bool {
	prefix, rest, ok := strings.Cut(s, "-")
	if !ok {
		return false
	}
	switch prefix {
	case "VD", "VN", "VN1", "VN2", "VN3", "QLSP", "QLDB", "QLĐB", "GPNK", "GC", "DP", "PB", "TN":
	default:
		if len(prefix) != 3 || prefix[:2] != "SP" || !areDigits(prefix[2:]) {
			return false
		}
	}
	groups := strings.Split(rest, "-")
	for _, g := range groups {
		if len(g) == 0 || len(g) > 8 || strings.ContainsFunc(g, func(r rune) bool { return r > 'Z' || r == '/' }) {
			return false
		}
	}
	return len(groups) <= 3
}

// isImportOrder reports whether s is the number of an order of a single import, as on packs (confidence M).
func isImportOrder(s string) bool {
	n, ok := strings.CutSuffix(s, "/QLD-KD")
	return ok && len(n) >= 3 && len(n) <= 5 && areDigits(n)
}

func areDigits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// IsNew reports whether the number is one of twelve digits.
func (n SoDangKy) IsNew() bool { return n.Country != "" }

// String returns the number.
func (n SoDangKy) String() string { return n.Number }
