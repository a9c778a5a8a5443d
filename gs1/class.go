package gs1

// The sets of characters, as bits of class. The first four are those of components (General Specifications
// 7.11), the others those of URIs (RFC 3986).
const (
	numeric    uint8 = 1 << iota
	cset82           // GS1 AI encodable character set 82
	cset39           // character set 39
	cset64           // character set 64, file-safe and URI-safe base64
	unreserved       // needs no escape in a URI
	inLink           // may be in a URI
	inDomain         // may be in the host of a URI
	plainValue       // of set 82, and needs no escape in a URI
)

// digits returns how many digits s begins with.
func digits(s string) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		// Bytes are 0x30 to 0x39 when neither they nor they + 6 leave 0x30 to 0x3f.
		const high, three = 0xf0f0f0f0f0f0f0f0, 0x3030303030303030
		if x := word(s[n:]); x&high != three || (x+0x0606060606060606)&high != three {
			break
		}
	}
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}

// word returns the first eight bytes of s, the first as the lowest.
func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// all reports whether all characters of s are of a class.
func all(s string, chars uint8) bool {
	if len(s) < 4 {
		return span(s, chars) == len(s)
	}
	for i := 0; i+4 <= len(s); i += 4 {
		if !four(s[i:i+4], chars) {
			return false
		}
	}
	return four(s[len(s)-4:], chars)
}

// four reports whether four characters are of a class.
func four(s string, chars uint8) bool {
	return class[s[0]]&class[s[1]]&class[s[2]]&class[s[3]]&chars != 0
}

// span returns how many characters of a class s begins with.
func span(s string, chars uint8) int {
	n := 0
	for len(s)-n >= 4 && four(s[n:n+4], chars) {
		n += 4
	}
	for n < len(s) && class[s[n]]&chars != 0 {
		n++
	}
	return n
}
