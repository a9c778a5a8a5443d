package gs1

// checkCSum checks the check digit of a numeric key (General Specifications 7.9.1).
func checkCSum(s string) fault {
	if i := digits(s); i < len(s) {
		return fault{notDigit, i, 1}
	}
	if last := len(s) - 1; last < 0 || checkDigit(s[:last]) != s[last] {
		return fault{badCheckDigit, max(last, 0), min(len(s), 1)}
	}
	return fault{}
}

// checkCSumAlpha checks the check character pair of a GMN (General Specifications 7.9.5).
func checkCSumAlpha(s string) fault {
	n := len(s) - 2
	switch {
	case n < 0:
		return fault{tooShortForPair, 0, len(s)}
	case n > len(primes):
		return fault{tooLongForPair, 0, len(s)}
	}
	if i := span(s[:n], cset82); i < n {
		return fault{notCSet82, i, 1}
	}
	if sum := checkPair(s[:n]); s[n] != alphabet32[sum>>5] || s[n+1] != alphabet32[sum&31] {
		return fault{badCheckPair, n, 2}
	}
	return fault{}
}

// checkPrefix checks that a company prefix can begin at a position: the shortest has four digits (General
// Specifications 1.4).
func checkPrefix(s string, at int) fault {
	if len(s) < at+4 {
		at = min(at, max(len(s)-1, 0))
		return fault{tooShortForPrefix, at, len(s) - at}
	}
	if n := digits(s[at : at+4]); n < 4 {
		return fault{badPrefix, at + n, 1}
	}
	return fault{}
}

// checkDate checks YYMMDD or YYYYMMDD. A day of 00 means that the day is not specified.
func checkDate(s string, year int, day0 bool) fault {
	if len(s) < year+4 {
		return fault{dateTooShort, 0, len(s)}
	}
	if len(s) > year+4 {
		return fault{dateTooLong, 0, len(s)}
	}
	if i := digits(s); i < len(s) {
		return fault{notDigit, i, 1}
	}
	y, m, d := number(s[:year]), number(s[year:year+2]), number(s[year+2:])
	if m < 1 || m > 12 {
		return fault{badMonth, year, 2}
	}
	if d > daysIn(y, m) || d == 0 && !day0 {
		return fault{badDay, year + 2, 2}
	}
	return fault{}
}

// isDate reports whether six characters are a date, or YYMM00, of any year; checkDate has to be asked when it says no, as
// of 29 February.
func isDate(s string) bool {
	const high, zeros, sixes = 0xf0f0f0f0f0f0, 0x303030303030, 0x060606060606
	x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40
	if x&high != zeros || (x+sixes)&high != zeros {
		return false
	}
	x &^= zeros
	x = x*10 + x>>8 // the value of two digits in every other byte
	m, d := uint8(x>>16), uint8(x>>32)
	return m-1 < 12 && d <= days[m]
}

// days are the days that every month has, by its number.
var days = [...]uint8{1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}

// daysIn returns the number of days of a month. A year of two digits is taken to be in 2000 to 2099, as leap years of the
// window of General Specifications 7.12 do not depend on the century.
func daysIn(y, m int) int {
	switch m {
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// number is the value of a few digits.
func number(s string) int {
	n := 0
	for i := 0; i < len(s); i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// checkTwoDigits checks an hour, a minute or a second.
func checkTwoDigits(s string, limit int, why reason) fault {
	if len(s) != 2 {
		return fault{timeLength, 0, len(s)}
	}
	if i := digits(s); i < 2 {
		return fault{notDigit, i, 1}
	}
	if number(s) >= limit {
		return fault{why, 0, 2}
	}
	return fault{}
}

func checkHHMI(s string) fault {
	if len(s) != 4 {
		return fault{timeLength, 0, len(s)}
	}
	if i := digits(s); i < 4 {
		return fault{notDigit, i, 1}
	}
	if f := checkTwoDigits(s[:2], 24, badHour); f.why != 0 {
		return f
	}
	if number(s[2:]) >= 60 {
		return fault{badMinute, 2, 2}
	}
	return fault{}
}

// checkAngle checks ten digits of a latitude or longitude (AI 4309).
func checkAngle(s, limit string, why reason) fault {
	if len(s) != len(limit) {
		return fault{angleLength, 0, len(s)}
	}
	if i := digits(s); i < len(s) {
		return fault{notDigit, i, 1}
	}
	if s > limit {
		return fault{why, 0, len(s)}
	}
	return fault{}
}

// checkIBAN checks an International Bank Account Number (ISO 13616-1): remainder 1 modulo 97 when the first four
// characters stand last and letters count from A = 10.
func checkIBAN(s string) fault {
	switch {
	case len(s) < 4:
		return fault{ibanLength, 0, len(s)}
	case !isCountry(s[:2]):
		return fault{notIBANCountry, 0, 2}
	case len(s) > 34 || len(s) <= 10:
		return fault{ibanLength, 0, len(s)}
	}
	rest := 0
	for i := range len(s) {
		at := (i + 4) % len(s)
		switch c := s[at]; {
		case c-'0' <= 9:
			rest = (rest*10 + int(c-'0')) % 97
		case c-'A' <= 25:
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return fault{notIBANCharacter, at, 1}
		}
	}
	if rest != 1 {
		return fault{badIBAN, 2, 2}
	}
	return fault{}
}

// checkPieceOfTotal checks the number of a piece and the count of pieces, both of the same width (AIs 8006
// and 8026).
func checkPieceOfTotal(s string) fault {
	if i := digits(s); i < len(s) {
		return fault{notDigit, i, 1}
	}
	half := len(s) / 2
	switch piece, total := s[:half], s[half:]; {
	case half == 0 || len(s)%2 != 0:
		return fault{oddPieces, 0, len(s)}
	case zeros(piece) == half:
		return fault{zeroPiece, 0, half}
	case zeros(total) == half:
		return fault{zeroPieces, half, half}
	case piece > total:
		return fault{pieceBeyondTotal, 0, len(s)}
	}
	return fault{}
}

// checkPositionInSequence checks "position/end" (AI 7258).
func checkPositionInSequence(s string) fault {
	slash := digits(s)
	if slash == 0 || slash >= len(s)-1 || s[slash] != '/' || digits(s[slash+1:]) < len(s)-slash-1 {
		return fault{badSequence, 0, len(s)}
	}
	pos, end := s[:slash], s[slash+1:]
	switch {
	case pos[0] == '0':
		return fault{zeroPrefix, 0, len(pos)}
	case end[0] == '0':
		return fault{zeroPrefix, slash + 1, len(end)}
	case len(pos) > len(end) || len(pos) == len(end) && pos > end:
		return fault{positionBeyondEnd, 0, len(s)}
	}
	return fault{}
}

// checkPercentEncoded checks that every "%" begins an escape of two hexadecimal digits (RFC 3986 2.1).
func checkPercentEncoded(s string) fault {
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		if i+2 >= len(s) || unhex(s[i+1]) > 15 || unhex(s[i+2]) > 15 {
			return fault{badPercent, i, min(3, len(s)-i)}
		}
		i += 2
	}
	return fault{}
}

// unhex is the value of a hexadecimal digit, or more than 15.
func unhex(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case (c|0x20)-'a' <= 5:
		return (c | 0x20) - 'a' + 10
	}
	return 0xff
}
