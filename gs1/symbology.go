package gs1

// Symbology is what an AIM symbology identifier says: its code character and its modifier, such as {'d', '2'} for a GS1
// DataMatrix (ISO/IEC 15424; General Specifications 5.1.2). The zero value means that none was given.
type Symbology [2]byte

// String returns the symbology identifier, such as "]d2", or "" for the zero value.
func (s Symbology) String() string {
	if s == (Symbology{}) {
		return ""
	}
	return string([]byte{']', s[0], s[1]})
}

// content is what the data after a symbology identifier are.
type content uint8

const (
	someData   content = iota // a Digital Link, or not GS1
	aiData                    // element strings: FNC1 stood in the first position
	ean13                     // EAN-13, UPC-A or UPC-E as 13 digits
	ean8                      //
	eanAddOn                  // 2 or 5 digits of an add-on symbol
	eanAndAdd                 // EAN-13 with its add-on
	itf14                     // ITF-14 with check digit
	undeclared                // no identifier, or one that says nothing
)

// content says how the data of the symbology are to be read.
func (s Symbology) content() content {
	switch s[0] {
	case 0, 'X':
		return undeclared
	case 'C':
		if s[1] == '1' {
			return aiData
		}
	case 'd':
		if s[1] == '2' || s[1] == '5' {
			return aiData
		}
	case 'Q':
		if s[1] == '3' || s[1] == '4' {
			return aiData
		}
	case 'J', 'z':
		if s[1] == '1' || s[1] == '4' {
			return aiData
		}
	case 'e':
		if s[1] <= '2' {
			return aiData
		}
	case 'E':
		switch s[1] {
		case '0':
			return ean13
		case '1', '2':
			return eanAddOn
		case '3':
			return eanAndAdd
		case '4':
			return ean8
		}
	case 'I':
		if s[1] == '1' {
			return itf14
		}
	}
	return someData
}

// cutSymbology takes the symbology identifier off a scan. It is the zero value when the scan begins with none.
func cutSymbology(scan string) (Symbology, string) {
	if len(scan) < 3 || scan[0] != ']' || !isSymbology(scan[1], scan[2]) {
		return Symbology{}, scan
	}
	return Symbology{scan[1], scan[2]}, scan[3:]
}

// isSymbology reports whether c and m may be a code character and a modifier: a letter, and a letter or digit.
func isSymbology(c, m byte) bool {
	return (c|0x20)-'a' <= 25 && ((m|0x20)-'a' <= 25 || m-'0' <= 9)
}
