package gs1

import (
	"strconv"
	"strings"
)

// scheme is how an EPC URN is made of a key (EPC Tag Data Standard 1.13, 6.3 and 7).
type scheme struct {
	name      string
	key       AI
	qualifier AI   // that holds the last component
	digits    int  // of company prefix and reference together; 0: the reference may have letters
	lead      int  // digits of the reference that go in front of the company prefix
	zero      bool // a zero is in front of the key
	check     bool // a check digit follows the digits
	serial    bool // the last component is a serial component
	pieces    bool // piece and count follow the reference
}

var schemes = [...]scheme{
	{name: "sgtin", key: "01", qualifier: "21", digits: 13, lead: 1, check: true, serial: true},
	{name: "lgtin", key: "01", qualifier: "10", digits: 13, lead: 1, check: true, serial: true},
	{name: "upui", key: "01", qualifier: "235", digits: 13, lead: 1, check: true, serial: true},
	{name: "itip", key: "8006", qualifier: "21", digits: 13, lead: 1, check: true, serial: true, pieces: true},
	{name: "sscc", key: "00", digits: 17, lead: 1, check: true},
	{name: "sgln", key: "414", qualifier: "254", digits: 12, check: true, serial: true},
	{name: "pgln", key: "417", digits: 12, check: true},
	{name: "grai", key: "8003", digits: 12, zero: true, check: true, serial: true},
	{name: "giai", key: "8004"},
	{name: "gsrn", key: "8018", digits: 17, check: true},
	{name: "gsrnp", key: "8017", digits: 17, check: true},
	{name: "gdti", key: "253", digits: 12, check: true, serial: true},
	{name: "sgcn", key: "255", digits: 12, check: true, serial: true},
	{name: "ginc", key: "401"},
	{name: "gsin", key: "402", digits: 16, check: true},
	{name: "cpi", key: "8010", qualifier: "8011", serial: true},
}

// The lengths of a GS1 Company Prefix in a URN (EPC Tag Data Standard 1.13, 14.2).
const (
	minPrefix = 6
	maxPrefix = 12
)

// parseURN parses an EPC URN.
func parseURN(uri string) (EPC, error) {
	fail := func(why reason, part string) (EPC, error) {
		at := len(uri)
		if i := strings.Index(uri, part); part != "" && i >= 0 {
			at = i
		}
		return EPC{}, &ParseError{Offset: at, Length: len(part), why: why, input: uri}
	}
	fields := strings.SplitN(uri, ":", 5)
	if len(fields) < 5 {
		return fail(notGS1, uri)
	}
	form, name := strings.ToLower(fields[2]), strings.ToLower(fields[3])
	parts := strings.Split(fields[4], ".")
	if form == "tag" {
		// urn:epc:tag:sgtin-96:filter.…
		name, _, _ = strings.Cut(name, "-")
		parts = parts[1:]
	}
	s := findScheme(name)
	switch {
	case s == nil:
		return fail(notGS1, fields[3])
	case (form == "class") != (name == "lgtin") || form != "id" && form != "class" && form != "idpat" && form != "tag":
		return fail(notGS1, fields[2])
	}
	want := 2
	if s.serial {
		want++
	}
	if s.pieces {
		want += 2
	}
	if len(parts) < want {
		return fail(badURN, fields[4])
	}
	// A serial component may hold points.
	serial := ""
	if s.serial {
		serial = strings.Join(parts[want-1:], ".")
	} else if len(parts) > want && s.digits > 0 {
		return fail(badURN, fields[4])
	}
	prefix, ref := parts[0], unescape(parts[1], false)
	if s.digits == 0 && !s.serial {
		ref = unescape(strings.Join(parts[1:], "."), false)
	}
	if digits(prefix) < len(prefix) || len(prefix) < minPrefix || len(prefix) > maxPrefix ||
		s.digits > 0 && (len(prefix)+len(ref) != s.digits || digits(ref) < len(ref) || len(ref) < s.lead) {
		return fail(badURN, fields[4])
	}
	v := ref[:s.lead] + prefix + ref[s.lead:]
	if s.zero {
		v = "0" + v
	}
	if s.check {
		v += string(checkDigit(v))
	}
	if s.pieces {
		v += parts[2] + parts[3]
	}
	class := form == "idpat" && serial == "*"
	if form == "idpat" && !class {
		return fail(badURN, fields[4])
	}
	q := unescape(serial, false)
	es := []Element{{AI: s.key, Value: v}}
	switch {
	case !s.serial || class || s.name == "sgln" && q == "0":
	case s.qualifier != "":
		es = append(es, Element{s.qualifier, q})
	default:
		es[0].Value += q
	}
	for _, e := range es {
		if !wellFormed(e.AI, e.Value) {
			return fail(badURN, fields[4])
		}
	}
	if len(es) == 1 {
		return newEPC(es[0].AI, es[0].Value, "", ""), nil
	}
	return newEPC(es[0].AI, es[0].Value, es[1].AI, es[1].Value), nil
}

func findScheme(name string) *scheme {
	for i := range schemes {
		if schemes[i].name == name {
			return &schemes[i]
		}
	}
	return nil
}

// wellFormed reports whether a value has the length and the characters that its AI wants.
func wellFormed(ai AI, v string) bool {
	row, _ := dictionary.exact(string(ai))
	rule := &dictionary.rules[row]
	return len(v) >= int(rule.min) && len(v) <= int(rule.max) && shape(rule, v).why == 0
}

// URN returns the EPC as an EPC URN: urn:epc:id:… for a thing, urn:epc:class:lgtin:… for a lot, and urn:epc:idpat:… for
// another class (EPC Tag Data Standard 1.13, 6 to 8). It needs the number of digits of the GS1 Company Prefix, 6 to 12,
// which an EPC does not show; Prefixes know it. The error is of type *ParseError, of the kind ErrCheckDigit when the
// check digit, which a URN does not have, is wrong.
func (e EPC) URN(prefix int) (string, error) {
	key, v, qualifier, q := e.split()
	fail := func(why reason) (string, error) {
		return "", &ParseError{AI: key, why: why, input: e.uri}
	}
	var s *scheme
	for i := range schemes {
		if x := &schemes[i]; x.key == key && (x.qualifier == qualifier || s == nil && qualifier == "") {
			s = x
			if x.qualifier == qualifier {
				break
			}
		}
	}
	if s == nil || prefix < minPrefix || prefix > maxPrefix {
		return fail(noURN)
	}
	if s.name == "sgln" && q == "0" {
		return fail(noURN) // in a URN it means that there is none
	}
	if !wellFormed(key, v) || q != "" && !wellFormed(qualifier, q) {
		return fail(noURN) // of a message that was not parsed
	}
	if s.zero {
		v = v[1:]
	}
	b := make([]byte, 0, 96)
	serial, pieces := q, ""
	ref := v
	if s.digits > 0 {
		n := s.digits + 1
		ref = v[:n]
		if s.pieces {
			pieces = "." + v[n:n+2] + "." + v[n+2:]
		} else if s.serial && s.qualifier == "" {
			serial = v[n:]
		}
		number := ref
		if s.zero {
			number = "0" + ref
		}
		if checkDigit(number[:len(number)-1]) != ref[n-1] {
			return fail(badCheckDigit)
		}
		ref = ref[:n-1]
	}
	if len(ref) < s.lead+prefix || digits(ref[:s.lead+prefix]) < s.lead+prefix {
		return fail(noURN)
	}
	form := "id"
	switch {
	case s.name == "lgtin":
		form = "class"
	case !s.serial || serial != "":
	case s.name == "sgln":
		serial = "0"
	default:
		form, serial = "idpat", "*"
	}
	b = append(append(append(append(append(b, "urn:epc:"...), form...), ':'), s.name...), ':')
	b = append(append(append(b, ref[s.lead:s.lead+prefix]...), '.'), ref[:s.lead]...)
	b = appendURN(b, ref[s.lead+prefix:])
	b = append(b, pieces...)
	if s.serial {
		b = append(b, '.')
		if form == "idpat" {
			b = append(b, serial...)
		} else {
			b = appendURN(b, serial)
		}
	}
	return string(b), nil
}

// appendURN appends a component with the characters escaped that a URN must not have (EPC Tag Data Standard 1.13, table
//
func appendURN(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if strings.IndexByte(`"%&/<>?#`, s[i]) >= 0 {
			b = append(append(b, '%'), strings.ToUpper(strconv.FormatUint(uint64(s[i]), 16))...)
			continue
		}
		b = append(b, s[i])
	}
	return b
}
