package trace

import "strings"

// plainID does for the notations that nearly all identifiers of events come in what gs1.ParseEPC does for all: Digital
// Links of packs on any domain, with or without lot, and EPC URNs of packs, cases, places and parties, all without
// escapes. It is empty for any other.
func plainID(uri string) ID {
	if urn, ok := strings.CutPrefix(uri, "urn:epc:id:"); ok {
		return plainURN(urn)
	}
	rest, ok := strings.CutPrefix(uri, "https://")
	if !ok {
		return ""
	}
	host, path, _ := strings.Cut(rest, "/")
	if len(path) < len("01/12345678901231/21/1") || path[:3] != "01/" || !isDigits(path[3:17]) || !isHost(host) {
		return ""
	}
	gtin, path := path[3:17], path[17:]
	if rest, ok := strings.CutPrefix(path, "/10/"); ok {
		lot, _, _ := strings.Cut(rest, "/")
		if !isPlain(lot) {
			return ""
		}
		path = rest[len(lot):]
	}
	serial, ok := strings.CutPrefix(path, "/21/")
	if !ok || !isPlain(serial) {
		return ""
	}
	return packID(gtin, serial)
}

// packID returns the canonical Digital Link of a pack.
func packID[T string | []byte](gtin T, serial string) ID {
	var buf [len(canonicalStem) + len("/01/12345678901234/21/") + 20]byte
	b := append(append(buf[:0], canonicalStem+"/01/"...), gtin...)
	return ID(append(append(b, "/21/"...), serial...))
}

// plainURN is plainID for what follows "urn:epc:id:" (EPC Tag Data Standard 1.13, 6.3).
func plainURN(urn string) ID {
	name, rest, _ := strings.Cut(urn, ":")
	prefix, rest, _ := strings.Cut(rest, ".")
	ref, serial, more := strings.Cut(rest, ".")
	if len(prefix) < 6 || len(prefix) > 12 || !isDigits(prefix) || !isDigits(ref) {
		return ""
	}
	var buf [20]byte
	switch n := len(prefix) + len(ref); {
	case name == "sgtin" && n == 13 && isPlain(serial):
		key := append(append(append(buf[:0], ref[0]), prefix...), ref[1:]...)
		return packID(append(key, checkDigit(key)), serial)
	case name == "sscc" && n == 17 && !more:
		return withCheckDigit("/00/", append(append(append(buf[:0], ref[0]), prefix...), ref[1:]...))
	case name == "sgln" && n == 12 && serial == "0":
		return withCheckDigit("/414/", append(append(buf[:0], prefix...), ref...))
	case name == "pgln" && n == 12 && !more:
		return withCheckDigit("/417/", append(append(buf[:0], prefix...), ref...))
	}
	return ""
}

// withCheckDigit returns the canonical Digital Link of a key whose last digit is missing.
func withCheckDigit(path string, digits []byte) ID {
	var buf [48]byte
	b := append(append(append(buf[:0], canonicalStem...), path...), digits...)
	return ID(append(b, checkDigit(digits)))
}

// hasCheckDigit reports whether a key of digits ends with its check digit.
func hasCheckDigit(key string) bool { return checkDigit(key[:len(key)-1]) == key[len(key)-1] }

// checkDigit returns the check digit of a key of digits (GS1 General Specifications, 7.9.1).
func checkDigit[T string | []byte](digits T) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += weight * int(digits[i]-'0')
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// isPlain reports whether a lot or serial number has no character that a URI escapes.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if !unreserved(s[i]) || s[i] == '~' { // which GS1 keys cannot have
			return false
		}
	}
	return 0 < len(s) && len(s) <= 20
}

// isHost reports whether s is a host name in lower case.
func isHost(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || (c == '-' || c == '.') && i > 0) {
			return false
		}
	}
	return s != ""
}
