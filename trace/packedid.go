package trace

import (
	"encoding/binary"
	"errors"
	"strings"
)

// The kinds of packed identifiers: the first byte. FORMAT.md lists them.
const (
	packedPack  = 1 // GTIN and serial number
	packedLot   = 2 // GTIN and lot
	packedSSCC  = 3
	packedPlace = 4 // GLN of a location
	packedParty = 5 // GLN of a party
	packedStem  = 6 // and what follows are URNs; see packedStems
	packedDoc   = 9 // GLN of who issued a document, and its number
)

// packedStems begin the URNs that a custody trace is full of: documents by the GLN of who issued them, facilities, and
// documents of facilities.
var packedStems = [...]string{"urn:epcglobal:cbv:bt:", facilityStem, "urn:dauvet:chung-tu:"}

// appendPacked appends the packed form of an identifier, in which digits take half a byte. It appends nothing when there
// is none.
func appendPacked(b []byte, id ID) []byte {
	name, ok := strings.CutPrefix(string(id), canonicalStem)
	if !ok {
		if doc, ok := strings.CutPrefix(name, packedStems[0]); ok && len(doc) > 13 && doc[13] == ':' && isDigits(doc[:13]) {
			return append(appendGTIN(append(b, packedDoc), doc[:13]), doc[14:]...)
		}
		for i, stem := range packedStems {
			if rest, ok := strings.CutPrefix(name, stem); ok {
				return append(append(b, packedStem+byte(i)), rest...)
			}
		}
		return b
	}
	switch {
	case len(name) == 22 && name[:4] == "/00/" && isDigits(name[4:]):
		return binary.BigEndian.AppendUint64(append(b, packedSSCC), decimalValue(name[4:]))
	case len(name) == 18 && name[:5] == "/414/" && isDigits(name[5:]):
		return appendGTIN(append(b, packedPlace), name[5:])
	case len(name) == 18 && name[:5] == "/417/" && isDigits(name[5:]):
		return appendGTIN(append(b, packedParty), name[5:])
	}
	gtin, ok := cutGTIN(name)
	if !ok {
		return b
	}
	switch rest := name[len("/01/"+gtin):]; {
	case strings.HasPrefix(rest, "/21/"):
		return append(appendGTIN(append(b, packedPack), gtin), rest[4:]...)
	case strings.HasPrefix(rest, "/10/"):
		return append(appendGTIN(append(b, packedLot), gtin), rest[4:]...)
	}
	return b
}

var errPacked = errors.New("not a packed identifier")

// appendUnpacked appends the identifier that p is packed of.
func appendUnpacked(b, p []byte) ([]byte, error) {
	if len(p) == 0 {
		return b, errPacked
	}
	kind, rest := p[0], p[1:]
	number := func(before string, bytes, digits int) error {
		if len(rest) < bytes {
			return errPacked
		}
		var n uint64
		for _, c := range rest[:bytes] {
			n = n<<8 | uint64(c)
		}
		rest = rest[bytes:]
		b = append(b, before...)
		from := len(b)
		b = append(b, "000000000000000000"[:digits]...)
		for i := len(b) - 1; i >= from; i-- {
			b[i] += byte(n % 10)
			n /= 10
		}
		if n > 0 {
			return errPacked
		}
		return nil
	}
	var err error
	switch kind {
	case packedPack:
		err = number(canonicalStem+"/01/", 6, 14)
		b = append(append(b, "/21/"...), rest...)
		return b, err
	case packedLot:
		err = number(canonicalStem+"/01/", 6, 14)
		b = append(append(b, "/10/"...), rest...)
		return b, err
	case packedSSCC:
		err = number(canonicalStem+"/00/", 8, 18)
	case packedPlace:
		err = number(canonicalStem+"/414/", 6, 13)
	case packedParty:
		err = number(canonicalStem+"/417/", 6, 13)
	case packedDoc:
		err = number(packedStems[0], 6, 13)
		b = append(append(b, ':'), rest...)
		return b, err
	default:
		if int(kind) < packedStem || int(kind)-packedStem >= len(packedStems) {
			return b, errPacked
		}
		return append(append(b, packedStems[kind-packedStem]...), rest...), nil
	}
	if err == nil && len(rest) > 0 {
		err = errPacked
	}
	return b, err
}
