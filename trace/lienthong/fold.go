package lienthong

import (
	"strings"
	"unicode"
)

// letters are the Latin letters with marks that Vietnamese and its neighbours write, after their plain letter.
var letters = [...]string{
	"aàáảãạăằắẳẵặâầấẩẫậäåā", "eèéẻẽẹêềếểễệëē", "iìíỉĩịîïī", "oòóỏõọôồốổỗộơờớởỡợöøō", "uùúủũụưừứửữựûüū", "yỳýỷỹỵÿ",
	"dđð", "cç", "nñ",
}

// plain returns the plain letter of a letter with marks; -1 for a mark by itself, and other characters as they are.
func plain(r rune) rune {
	if r < 0x80 {
		return r
	}
	if r >= 0x300 && r <= 0x36f {
		return -1
	}
	lower := unicode.ToLower(r)
	for _, s := range letters {
		if strings.ContainsRune(s, lower) {
			if lower != r {
				return rune(s[0]) - 'a' + 'A'
			}
			return rune(s[0])
		}
	}
	return r
}

// strip returns s without the marks of its letters, composed or decomposed: "lọ" is "lo", "Đ" is "D".
func strip(s string) string { return strings.Map(plain, s) }

// Fold returns a name for comparison: without marks, in lower case, with single spaces. Composed and decomposed text give
// the same.
func Fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(strip(s))), " ") }
