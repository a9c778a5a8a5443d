package trace

import "strings"

// maxExponent bounds the digits that an exponent may unfold to.
const maxExponent = 400

// isDecimal reports whether s is a decimal number as JSON and XML Schema write it, with or without exponent.
func isDecimal(s string) bool {
	_, _, _, ok := splitDecimal(s)
	return ok
}

// decimal returns the canonical text of a decimal number: no exponent, no sign but a minus, no superfluous zero. What
// is no decimal number is returned as it is. The event hash (CBV 2.0, 8.9.2) compares numbers in this form.
func decimal(s string) string {
	if isDigits(s) && (s[0] != '0' || len(s) == 1) {
		return s
	}
	negative, digits, point, ok := splitDecimal(s)
	if !ok {
		return s
	}
	// The value is 0.digits × 10^point.
	for len(digits) > 0 && digits[0] == '0' {
		digits, point = digits[1:], point-1
	}
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		if negative {
			return "-0"
		}
		return "0"
	}
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -point))
		b.WriteString(digits)
	case point >= len(digits):
		b.WriteString(digits)
		b.WriteString(strings.Repeat("0", point-len(digits)))
	default:
		b.WriteString(digits[:point])
		b.WriteByte('.')
		b.WriteString(digits[point:])
	}
	return b.String()
}

// splitDecimal takes a decimal number apart into its sign, its digits and the place of the point in them.
func splitDecimal(s string) (negative bool, digits string, point int, ok bool) {
	if s == "" || s[0] > '9' {
		return false, "", 0, false // most texts that are none are told by their first letter
	}
	if s[0] == '-' || s[0] == '+' {
		negative, s = s[0] == '-', s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exp, neg := s[i+1:], false
		if exp != "" && (exp[0] == '-' || exp[0] == '+') {
			neg, exp = exp[0] == '-', exp[1:]
		}
		if !isDigits(exp) || len(exp) > 4 {
			return false, "", 0, false
		}
		for _, c := range []byte(exp) {
			exponent = exponent*10 + int(c-'0')
		}
		if exponent > maxExponent {
			return false, "", 0, false
		}
		if neg {
			exponent = -exponent
		}
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	switch {
	case fraction == "":
		digits = whole
	case whole != "" && !isDigits(whole):
		return false, "", 0, false
	default:
		digits = whole + fraction
	}
	return negative, digits, len(whole) + exponent, isDigits(digits)
}
