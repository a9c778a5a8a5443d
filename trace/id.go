package trace

import (
	"errors"
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// ID identifies a pack, a class of packs, a place, a party or a document. It is a URI: a GS1 key is written as its
// canonical GS1 Digital Link ("https://id.gs1.org/01/…/21/…"), whatever notation it came in; any other URI is kept as
// it is. Two IDs of one thing are therefore equal strings. The zero value identifies nothing.
type ID string

// canonicalStem begins every canonical GS1 Digital Link URI (GS1 Digital Link: URI Syntax, 4.11).
const canonicalStem = "https://id.gs1.org"

// errNotURI says that an identifier has no URI scheme.
var errNotURI = errors.New("not a URI")

// ParseID returns the canonical form of a URI. An EPC URN, or a GS1 Digital Link on any domain, with or without lot and
// attributes, becomes the canonical Digital Link of its finest level; a URI that names no GS1 key is returned as it is.
func ParseID(uri string) (ID, error) {
	uri = strings.TrimSpace(uri)
	if ID(uri).plain() != "" {
		return ID(uri), nil
	}
	if id := plainID(uri); id != "" {
		return id, nil
	}
	if scheme, _, ok := strings.Cut(uri, ":"); !ok || scheme == "" || strings.ContainsAny(scheme, "/?# ") {
		return "", errNotURI
	}
	if epc, err := gs1.ParseEPC(uri); err == nil {
		return IDOf(epc), nil
	}
	return ID(uri), nil
}

// IDOf returns the identifier of an EPC, the empty ID for the zero EPC.
func IDOf(epc gs1.EPC) ID {
	if epc.IsZero() {
		return ""
	}
	return ID(epc.String())
}

// EPC returns the GS1 key that the identifier names, and an error when it names none.
func (id ID) EPC() (gs1.EPC, error) { return gs1.ParseEPC(string(id)) }

// check reports what is wrong with an identifier in canonical form, nil if nothing is.
func (id ID) check() error {
	if key := id.plain(); key != "" && hasCheckDigit(key) {
		return nil
	}
	scheme, _, ok := strings.Cut(string(id), ":")
	if !ok || scheme == "" || strings.ContainsAny(scheme, "/?# ") {
		return errNotURI
	}
	if !strings.HasPrefix(string(id), canonicalStem+"/") {
		return nil
	}
	epc, err := id.EPC()
	if err != nil {
		return err
	}
	if IDOf(epc) != id {
		return errors.New("not canonical, want " + epc.String())
	}
	// Check digits of other keys are not worth an event: even GS1's own examples have wrong ones.
	for _, key := range [...]gs1.AI{"01", "00", "414", "417"} {
		if v := epc.Value(key); v != "" {
			return gs1.Element{AI: key, Value: v}.Check()
		}
	}
	return nil
}

// plain returns the key of an identifier that is obviously canonical: a GTIN, alone or with a lot or serial number
// without escapes, an SSCC, or a GLN. Nearly all are. It is empty for any other.
func (id ID) plain() string {
	const stem = len(canonicalStem)
	s := string(id)
	if len(s) < stem+5 || s[:stem] != canonicalStem {
		return ""
	}
	switch s = s[stem:]; {
	case len(s) == 22 && s[:4] == "/00/" && isDigits(s[4:]):
		return s[4:]
	case len(s) == 18 && (s[:5] == "/414/" || s[:5] == "/417/") && isDigits(s[5:]):
		return s[5:]
	case len(s) == 18 && s[:4] == "/01/" && isDigits(s[4:]):
		return s[4:]
	case len(s) > 22 && s[:4] == "/01/" && (s[18:22] == "/21/" || s[18:22] == "/10/") && isDigits(s[4:18]) && isPlain(s[22:]):
		return s[4:18]
	}
	return ""
}

// class returns the class of a pack or of a class of packs: GTIN and, when lot is not empty, the lot. The result is
// empty for everything that has no GTIN.
func (id ID) class(lot string) ID {
	const head = canonicalStem + "/01/"
	if len(id) < len(head)+14 || id[:len(head)] != head {
		return ""
	}
	class := id[:len(head)+14]
	if lot == "" {
		return class
	}
	if isPlain(lot) {
		return class + "/10/" + ID(lot)
	}
	if c, err := ParseID(string(class) + "/10/" + escape(lot)); err == nil {
		return c
	}
	return ""
}

// product returns the GTIN of a class, and the identifier itself when it has none.
func (id ID) product() ID {
	if product := id.class(""); product != "" {
		return product
	}
	return id
}

// isClass reports whether the identifier names a class of objects and not one object, as a GTIN with or without lot.
func (id ID) isClass() bool {
	if class := id.class(""); class != "" {
		return id == class || strings.HasPrefix(string(id[len(class):]), "/10/")
	}
	if !strings.HasPrefix(string(id), canonicalStem) {
		return false
	}
	epc, err := id.EPC()
	return err == nil && epc.IsClass()
}

// escape percent-encodes every byte that RFC 3986 (2.3) does not call unreserved.
func escape(s string) string { return string(appendEscaped(nil, s)) }

func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		if c := s[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}
