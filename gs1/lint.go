package gs1

import "strings"

// lint is a check of a component, by the name that the Syntax Dictionary gives it in lower case.
type lint uint8

const (
	noLint lint = iota
	lintCSum
	lintCSumAlpha
	lintGCPPos1
	lintGCPPos2
	lintHasNonDigit
	lintYYMMD0
	lintYYMMDD
	lintYYYYMMDD
	lintHH
	lintMI
	lintSS
	lintHHMI
	lintHHMIOr9999
	lintISO3166
	lintISO3166Or999
	lintISO3166Alpha2
	lintISO4217
	lintISO5218
	lintIBAN
	lintLatitude
	lintLongitude
	lintMediaType
	lintPackageType
	lintImporterIndex
	lintPieceOfTotal
	lintPositionInSequence
	lintPercentEncoded
	lintNonZero
	lintNoZeroPrefix
	lintZero
	lintYesNo
	lintWinding
	lintHyphen
	lintCouponCode
	lintCouponPosOffer
)

// fault is what a check finds: why, and which characters of the component. Its zero value means nothing.
type fault struct {
	why    reason
	at, of int
}

// apply runs one check.
func (l lint) apply(s string) fault {
	switch l {
	case lintCSum:
		return checkCSum(s)
	case lintYYMMD0:
		return checkDate(s, 2, true)
	case lintYYMMDD:
		return checkDate(s, 2, false)
	case lintCSumAlpha:
		return checkCSumAlpha(s)
	case lintGCPPos1:
		return checkPrefix(s, 0)
	case lintGCPPos2:
		return checkPrefix(s, 1)
	case lintHasNonDigit:
		if digits(s) == len(s) {
			return fault{needsNonDigit, 0, len(s)}
		}
	case lintYYYYMMDD:
		return checkDate(s, 4, false)
	case lintHH:
		return checkTwoDigits(s, 24, badHour)
	case lintMI:
		return checkTwoDigits(s, 60, badMinute)
	case lintSS:
		return checkTwoDigits(s, 60, badSecond)
	case lintHHMI:
		return checkHHMI(s)
	case lintHHMIOr9999:
		if s != "9999" {
			return checkHHMI(s)
		}
	case lintISO3166:
		if !countries.has(s) {
			return fault{notCountry, 0, len(s)}
		}
	case lintISO3166Or999:
		if s != "999" && !countries.has(s) {
			return fault{notCountryOr999, 0, len(s)}
		}
	case lintISO3166Alpha2:
		if !isCountry(s) {
			return fault{notCountry2, 0, len(s)}
		}
	case lintISO4217:
		if !currencies.has(s) {
			return fault{notCurrency, 0, len(s)}
		}
	case lintISO5218:
		if s != "0" && s != "1" && s != "2" && s != "9" {
			return fault{notSex, 0, len(s)}
		}
	case lintIBAN:
		return checkIBAN(s)
	case lintLatitude:
		return checkAngle(s, "1800000000", badLatitude)
	case lintLongitude:
		return checkAngle(s, "3600000000", badLongitude)
	case lintMediaType:
		if !isMediaType(s) {
			return fault{notMediaType, 0, len(s)}
		}
	case lintPackageType:
		if !isPackageType(s) {
			return fault{notPackageType, 0, len(s)}
		}
	case lintImporterIndex:
		if len(s) != 1 || class[s[0]]&cset64 == 0 || s[0] == '=' {
			return fault{badImporterIndex, 0, len(s)}
		}
	case lintPieceOfTotal:
		return checkPieceOfTotal(s)
	case lintPositionInSequence:
		return checkPositionInSequence(s)
	case lintPercentEncoded:
		return checkPercentEncoded(s)
	case lintNonZero:
		if zeros(s) == len(s) {
			return fault{isZero, 0, len(s)}
		}
		return checkChars(s, numeric)
	case lintNoZeroPrefix:
		if zeros(s) > 0 {
			return fault{zeroPrefix, 0, 1}
		}
		return checkChars(s, numeric)
	case lintZero:
		if s == "" || zeros(s) < len(s) {
			return fault{notZero, 0, len(s)}
		}
	case lintYesNo:
		if s != "0" && s != "1" {
			return fault{notYesNo, 0, len(s)}
		}
	case lintWinding:
		if s != "0" && s != "1" && s != "9" {
			return fault{badWinding, 0, len(s)}
		}
	case lintHyphen:
		if s == "" || strings.Trim(s, "-") != "" {
			return fault{notHyphen, 0, len(s)}
		}
	case lintCouponCode:
		return checkCouponCode(s)
	case lintCouponPosOffer:
		return checkCouponPosOffer(s)
	}
	return fault{}
}

// checkChars checks the character set of a component.
func checkChars(s string, chars uint8) fault {
	if chars == cset64 {
		return checkBase64(s)
	}
	if i := span(s, chars); i < len(s) {
		switch chars {
		case numeric:
			return fault{notDigit, i, 1}
		case cset39:
			return fault{notCSet39, i, 1}
		default:
			return fault{notCSet82, i, 1}
		}
	}
	return fault{}
}

// checkBase64 checks characters and padding of character set 64; the engine counts padding in groups of three.
func checkBase64(s string) fault {
	n := len(s)
	for n > 0 && s[n-1] == '=' {
		n--
	}
	if pads := len(s) - n; pads > 2 || pads > 0 && len(s)%3 != 0 {
		return fault{badPadding, n, pads}
	}
	if i := span(s[:n], cset64); i < n {
		return fault{notCSet64, i, 1}
	}
	return fault{}
}

func zeros(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '0' {
			return i
		}
	}
	return len(s)
}
