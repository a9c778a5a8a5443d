package gs1

// The sets of characters, as bits of class. The first four are those of components (General Specifications 7.11: figures
// 7.11-1, 7.11-2 and 7.11-3), the others those of URIs (RFC 3986).
const (
	numeric    uint8 = 1 << iota
	cset82           // GS1 AI encodable character set 82
	cset39           // character set 39
	cset64           // character set 64, file-safe and URI-safe base64
	cset32           // of check character pairs (General Specifications 7.9.5)
	unreserved       // needs no escape in a URI
	inLink           // may be in a URI
	inDomain         // may be in the host of a URI
)

// digits returns how many digits s begins with.
func digits(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return i
		}
	}
	return len(s)
}

// span returns how many characters of a class s begins with.
func span(s string, chars uint8) int {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&chars == 0 {
			return i
		}
	}
	return len(s)
}
