package gs1

import "strings"

// codes is a set of three-digit codes as bits, 64 in a word, the highest bit first.
type codes [16]uint64

func (c *codes) has(s string) bool {
	if len(s) != 3 || digits(s) < 3 {
		return false
	}
	n := number(s)
	return c[n/64]&(1<<63>>(n%64)) != 0
}

// countries are the numeric-3 codes of ISO 3166-1 (249 codes).
var countries = codes{
	0x08a888898888b888, 0x8aa80a2888888888, 0x0888888a22232889, 0x88188a2221e322a2,
	0x2a2a180088888888, 0x888a888888888888, 0x888288a2622a22a2, 0x222222228808b888,
	0x8888970808222222, 0x2de102888888a222, 0x320a1b222222a203, 0xe20808c8088888a8,
	0x8888889a89002021, 0xe080222a00082102,
}

// currencies are the numeric codes of ISO 4217 (list one of 2025: with 396 XAD and 924 ZWG, without 191 and 931).
var currencies = codes{
	0x008800008808b808, 0x8880082080880808, 0x0880808800220008, 0x8010820202822000,
	0x0202000008000000, 0x8888088888888080, 0x088a88a262222002, 0x022200008800a080,
	0x88080c0008220200, 0x2022028880000020, 0x1202000000202202, 0xa200008000088888,
	0x0088880081002020, 0x2080002800002200, 0x0400000deeadbfdf, 0xfdfdfce225000000,
}

// countries2 are the alpha-2 codes of ISO 3166-1: for each first letter the second ones, in alphabetical order.
var countries2 = [26]string{
	"DEFGILMOQRSTUWXZ",            // A
	"ABDEFGHIJLMNOQRSTVWYZ",       // B
	"ACDFGHIKLMNORUVWXYZ",         // C
	"EJKMOZ", "CEGHRST", "IJKMOR", // D E F
	"ABDEFGHILMNPQRSTUWY", "KMNRTU", // G H
	"DELMNOQRST", "EMOP", "EGHIMNPRWYZ", // I J K
	"ABCIKRSTUVY", "ACDEFGHKLMNOPQRSTUVWXYZ", // L M
	"ACEFGILOPRUZ", "M", "AEFGHKLMNRSTWY", // N O P
	"A", "EOSUW", "ABCDEGHIJKLMNORSTVXYZ", // Q R S
	"CDFGHJKLMNORTVWZ", "AGMSYZ", // T U
	"ACEGINU", "FS", "", "ET", "AMW", // V W X Y Z
}

// isCountry reports whether s is an alpha-2 code of ISO 3166-1.
func isCountry(s string) bool {
	return len(s) == 2 && s[0]-'A' < 26 && strings.IndexByte(countries2[s[0]-'A'], s[1]) >= 0
}

// isMediaType reports whether s is an AIDC media type (AI 7241): 01 to 10 and 80
// to 99, both assigned by ICCBBA.
func isMediaType(s string) bool {
	return len(s) == 2 && digits(s) == 2 && (s >= "01" && s <= "10" || s >= "80")
}

// packageTypes are the codes of the GS1 code list PackageTypeCode (UN/ECE Recommendation 21 with additions of GS1): after
// each first character the rest of each code, parted by spaces.
var packageTypes = [...]string{
	"1A B D F G W", "200 01 02 03 04 05 06 10 11 12 C", "3A H", "43 4 A B C D F G H", "5H L M", "6H P", "7A B",
	"8 A B C", "9",
	"AA B C D F G H I J L M P PE T V",
	"B4 B C D E F G GE H I J K L M ME N O P Q R RI S T U V W X Y Z",
	"CA B BL C CE D E F G H I J K L M N O P Q R S T U V W X Y Z",
	"DA B C G H I J K L M N P PE R S T U V W X Y",
	"E1 2 3 C D E F G H I N",
	"FB C D E I L O OB P PE R T W X",
	"GB I L R U Y Z",
	"HA B C G N R",
	"IA B C D E F G H K L N Z",
	"JB C G R T Y",
	"KG I",
	"LAB E G T U V Z",
	"MA B C E PE R S T W X",
	"NA E F G S T U V",
	"OA B C D E F K PE T U",
	"P2 A AE B C D E F G H I J K L LP N O OP P PE R T U UE V X Y Z",
	"QA B C D F G H J K L M N P Q R S",
	"RB1 B2 B3 CB D G J K L O T Z",
	"S1 A B C D E EC H I K L M O P S T TL U V W X Y Z",
	"T1 B C D E EV G HE I K L N O R RE S T TE U V W WE Y Z",
	"UC N UE",
	"VA G I K L N O P Q R S Y",
	"WA B C D F G H J K L M N P Q R RP S T U V W X Y Z",
	"X11 12 15 16 17 18 19 20 3 A B C D F G H J K",
	"YA B C D F G H J K L M N P Q R S T V W X Y Z",
	"ZA B C D F G H J K L M N P Q R S T U V W X Y Z",
}

// isPackageType reports whether s is in packageTypes.
func isPackageType(s string) bool {
	if s == "" {
		return false
	}
	for _, list := range packageTypes {
		if list[0] != s[0] {
			continue
		}
		for rest := range strings.SplitSeq(list[1:], " ") {
			if rest == s[1:] {
				return true
			}
		}
	}
	return false
}
