package gs1

import "errors"

// CheckDigit returns the check digit that follows the digits of a GTIN, SSCC, GLN or another numeric key, which are given
// without it (General Specifications 7.9.1). It returns an error when s is empty or holds anything but digits.
func CheckDigit(s string) (byte, error) {
	if s == "" || digits(s) < len(s) {
		return 0, errors.New("gs1: check digit: want digits")
	}
	return checkDigit(s), nil
}

// checkDigit is CheckDigit for what is known to be digits: weights 3 and 1 in turn from the right, modulo 10.
func checkDigit(s string) byte {
	const bytes = 0x000f000f000f000f
	var odd, even uint64 // sums of the digits in odd and even places from the right
	i := len(s)
	for ; i >= 8; i -= 8 {
		x := word(s[i-8:])
		odd += (x >> 8 & bytes) * 0x0001000100010001 >> 48
		even += (x & bytes) * 0x0001000100010001 >> 48
	}
	for ; i >= 2; i -= 2 {
		odd += uint64(s[i-1] - '0')
		even += uint64(s[i-2] - '0')
	}
	if i == 1 {
		odd += uint64(s[0] - '0')
	}
	return byte((10-(3*odd+even)%10)%10) + '0'
}

// csum reports whether s, which has eight characters or more, is digits, and whether the last is the check digit of the
// others. It is what digits and checkDigit find, eight characters at a time.
func csum(s string) (areDigits, agree bool) {
	const (
		zeros = 0x3030303030303030
		high  = 0xf0f0f0f0f0f0f0f0
		sixes = 0x0606060606060606
		lanes = 0x000f000f000f000f
		sum   = 0x0001000100010001 // its product with four lanes has their sum in the highest
	)
	var bad, one, three uint64 // lanes of the digits of each weight
	i := len(s)
	for ; i >= 8; i -= 8 {
		x := word(s[i-8:])
		bad |= (x&high ^ zeros) | ((x+sixes)&high ^ zeros)
		one += x >> 8 & lanes
		three += x & lanes
	}
	if i > 0 { // the first i characters, after zeros
		x := word(s)<<(64-8*i) | zeros>>(8*i)
		bad |= (x&high ^ zeros) | ((x+sixes)&high ^ zeros)
		one += x >> 8 & lanes
		three += x & lanes
	}
	return bad == 0, (one*sum>>48+three*sum>>48*3)%10 == 0
}

// alphabet32 is the alphabet of check character pairs in the order of their values.
const alphabet32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// alphabet82 is character set 82 in the order of the values (General Specifications 7.9.5).
const alphabet82 = `!"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz`

// primes are the weights of a check character pair from the right: enough for any AI, whose longest value has 90
// characters, and for the 99 that a dictionary can express.
var primes = [...]uint16{
	2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
	113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
	241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311, 313, 317, 331, 337, 347, 349, 353, 359, 367, 373, 379,
	383, 389, 397, 401, 409, 419, 421, 431, 433, 439, 443, 449, 457, 461, 463, 467, 479, 487, 491, 499, 503, 509,
}

// CheckPair returns the two check characters that follow the rest of a Global Model Number, which is given without them
// (General Specifications 7.9.5). It returns an error when s is longer than 97 characters or has one outside of
// character set 82.
func CheckPair(s string) (string, error) {
	if len(s) > len(primes) || span(s, cset82) < len(s) {
		return "", errors.New("gs1: check pair: want at most 97 characters of set 82")
	}
	sum := checkPair(s)
	return string([]byte{alphabet32[sum>>5], alphabet32[sum&31]}), nil
}

// checkPair is the sum that the check characters of s express in two halves of five bits.
func checkPair(s string) uint {
	var sum uint
	for i := 0; i < len(s); i++ {
		sum += weight82(s[i]) * uint(primes[len(s)-1-i])
	}
	return sum % 1021
}

// weight82 is the place of a character in alphabet82.
func weight82(c byte) uint {
	for i := 0; i < len(alphabet82); i++ {
		if alphabet82[i] == c {
			return uint(i)
		}
	}
	return 0
}
