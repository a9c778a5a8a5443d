package gs1

import (
	"errors"
	"strconv"
	"strings"
)

// Tag is what the EPC memory of an RFID tag holds: SGTIN-96, SGTIN-198, SSCC-96, SGLN-96 or SGLN-195 (EPC Tag Data
// Standard 1.13, 14).
type Tag struct {
	EPC    EPC // a GTIN with serial number, an SSCC or a GLN
	Filter int // 0 to 7 (EPC Tag Data Standard 1.13, 10)
	Prefix int // digits of the GS1 Company Prefix, 6 to 12; Prefixes know it
	Bits   int // 96, 195 or 198; 0 to encode means the fewest that hold the serial number or extension
}

var errTag = errors.New("gs1: not the EPC binary of a tag that is supported")

// tagScheme is how one key is coded, with a numeric serial component in 96 bits or with any in more.
type tagScheme struct {
	name       string
	short      byte // header of 96 bits
	long       byte // header of more bits, or 0
	longBits   int
	refBits    int // of company prefix and reference together
	digits     int // of company prefix and reference together
	serialBits int // of a numeric serial component, or of what is reserved
}

var tagSchemes = [...]tagScheme{
	{name: "sgtin", short: 0x30, long: 0x36, longBits: 198, refBits: 44, digits: 13, serialBits: 38},
	{name: "sscc", short: 0x31, refBits: 58, digits: 17, serialBits: 24},
	{name: "sgln", short: 0x32, long: 0x39, longBits: 195, refBits: 41, digits: 12, serialBits: 41},
}

// prefixBits are the bits of a company prefix by partition: 12 digits in partition 0, 6 in partition 6 (section 14.5).
var prefixBits = [...]int{40, 37, 34, 30, 27, 24, 20}

// longSerial is how many characters of seven bits a serial component has in the long forms.
const longSerial = 20

// bits reads or writes bits from the left.
type bits struct {
	b  []byte
	at int
}

func (x *bits) read(n int) (v uint64) {
	for ; n > 0; n-- {
		v = v<<1 | uint64(x.b[x.at/8]>>(7-x.at%8)&1)
		x.at++
	}
	return v
}

func (x *bits) write(v uint64, n int) {
	for n--; n >= 0; n-- {
		if v>>n&1 != 0 {
			x.b[x.at/8] |= 1 << (7 - x.at%8)
		}
		x.at++
	}
}

// UnmarshalBinary decodes EPC memory from its header on; bytes after the code must be zero.
func (t *Tag) UnmarshalBinary(data []byte) error {
	*t = Tag{}
	if len(data) < 12 {
		return errTag
	}
	for i := range tagSchemes {
		s := &tagSchemes[i]
		size := 0
		switch {
		case data[0] == s.short:
			size = 96
		case s.long != 0 && data[0] == s.long:
			size = s.longBits
		}
		if size == 0 {
			continue
		}
		if len(data) < (size+7)/8 {
			return errTag
		}
		return t.decode(s, size, data)
	}
	return errTag
}

func (t *Tag) decode(s *tagScheme, size int, data []byte) error {
	x := bits{data, 8}
	filter := int(x.read(3))
	partition := int(x.read(3))
	if partition >= len(prefixBits) {
		return errTag
	}
	digits := maxPrefix - partition
	prefix, ok1 := decimal(x.read(prefixBits[partition]), digits)
	ref, ok2 := decimal(x.read(s.refBits-prefixBits[partition]), s.digits-digits)
	if !ok1 || !ok2 {
		return errTag
	}
	urn := "urn:epc:id:" + s.name + ":" + prefix + "." + ref
	switch {
	case s.long == 0: // reserved bits
	case size == 96:
		urn += "." + strconv.FormatUint(x.read(s.serialBits), 10)
	default:
		serial := make([]byte, 0, longSerial)
		end := false
		for range longSerial {
			c := byte(x.read(7))
			if end = end || c == 0; end && c != 0 {
				return errTag
			}
			if !end {
				serial = append(serial, c)
			}
		}
		if len(serial) == 0 {
			return errTag
		}
		urn = string(appendURN([]byte(urn+"."), string(serial)))
	}
	for x.at < 8*len(data) {
		if x.read(1) != 0 {
			return errTag
		}
	}
	epc, err := parseURN(urn)
	if err != nil {
		return errTag
	}
	*t = Tag{EPC: epc, Filter: filter, Prefix: digits, Bits: size}
	return nil
}

// decimal returns v with so many digits, and whether it has no more.
func decimal(v uint64, digits int) (string, bool) {
	s := strconv.FormatUint(v, 10)
	if digits == 0 {
		return "", v == 0
	}
	if len(s) > digits {
		return "", false
	}
	return strings.Repeat("0", digits-len(s)) + s, true
}

// parts returns the scheme of the tag, the components of its URN and its size in bits.
func (t Tag) parts() (s *tagScheme, prefix, ref, serial string, size int, err error) {
	urn, err := t.EPC.URN(t.Prefix)
	if err != nil {
		return nil, "", "", "", 0, err
	}
	name, rest, _ := strings.Cut(strings.TrimPrefix(urn, "urn:epc:id:"), ":")
	for i := range tagSchemes {
		if tagSchemes[i].name == name {
			s = &tagSchemes[i]
		}
	}
	if s == nil || t.Filter < 0 || t.Filter > 7 {
		return nil, "", "", "", 0, errTag
	}
	prefix, rest, _ = strings.Cut(rest, ".")
	ref, serial, _ = strings.Cut(rest, ".")
	serial = unescape(serial, false)
	short := s.long == 0 || isSerial(serial, s.serialBits)
	switch size = t.Bits; {
	case size == 0 && short:
		size = 96
	case size == 0:
		size = s.longBits
	}
	if size != 96 && (s.long == 0 || size != s.longBits) || size == 96 && !short {
		return nil, "", "", "", 0, errTag
	}
	return s, prefix, ref, serial, size, nil
}

// isSerial reports whether s is a number without leading zeros that so many bits hold.
func isSerial(s string, bits int) bool {
	n, err := strconv.ParseUint(s, 10, bits)
	return err == nil && strconv.FormatUint(n, 10) == s
}

// MarshalBinary encodes the tag as EPC memory of whole words of 16 bits.
func (t Tag) MarshalBinary() ([]byte, error) {
	s, prefix, ref, serial, size, err := t.parts()
	if err != nil {
		return nil, err
	}
	x := bits{b: make([]byte, (size+15)/16*2)}
	header := s.short
	if size != 96 {
		header = s.long
	}
	partition := maxPrefix - t.Prefix
	x.write(uint64(header), 8)
	x.write(uint64(t.Filter), 3)
	x.write(uint64(partition), 3)
	x.write(integer(prefix), prefixBits[partition])
	x.write(integer(ref), s.refBits-prefixBits[partition])
	switch {
	case s.long == 0:
	case size == 96:
		x.write(integer(serial), s.serialBits)
	default:
		for i := 0; i < len(serial); i++ {
			x.write(uint64(serial[i]), 7)
		}
	}
	return x.b, nil
}

// integer is the value of digits.
func integer(s string) (v uint64) {
	for i := 0; i < len(s); i++ {
		v = v*10 + uint64(s[i]-'0')
	}
	return v
}

// URI returns the EPC Tag URI, such as urn:epc:tag:sgtin-96:3.0614141.812345.6789 (EPC Tag Data Standard 1.13, 12).
// ParseEPC reads the EPC of it.
func (t Tag) URI() (string, error) {
	s, prefix, ref, serial, size, err := t.parts()
	if err != nil {
		return "", err
	}
	b := []byte("urn:epc:tag:" + s.name + "-" + strconv.Itoa(size) + ":" + strconv.Itoa(t.Filter) + "." + prefix + "." + ref)
	if s.long != 0 {
		b = appendURN(append(b, '.'), serial)
	}
	return string(b), nil
}
