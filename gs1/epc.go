package gs1

import "strings"

// EPC is the identity of a thing, a place, a party or a document, or of a class of things, as a canonical GS1 Digital
// Link URI: https://id.gs1.org, the key and at most the one qualifier that makes it finest, so
//
//	https://id.gs1.org/01/08935000000007/21/SN1
//
// whatever host, stem, lot or query it came with (GS1 Digital Link Standard; EPC Tag Data Standard 6). EPCs are
// equal with == when they are the same identity, and may be keys of a map. The zero value is no EPC.
type EPC struct{ uri string }

// identities are the keys in order of preference, with the qualifier that makes the identity finest. Class says that it
// stands for a class; serial is the length of a value that holds no serial component, and so stands for a class, too.
var identities = [...]struct {
	key, qualifier AI
	class          bool
	serial         int
}{
	{key: "00"},
	{key: "01", qualifier: "21"},
	{key: "01", qualifier: "235"},
	{key: "8006", qualifier: "21"},
	{key: "8003", serial: 14},
	{key: "8004"},
	{key: "8010", qualifier: "8011"},
	{key: "253", serial: 13},
	{key: "255", serial: 13},
	{key: "01", qualifier: "10", class: true},
	{key: "01", class: true},
	{key: "8006", qualifier: "10", class: true},
	{key: "8006", class: true},
	{key: "8010", class: true},
	{key: "8013", class: true},
	{key: "401"},
	{key: "402"},
	{key: "414", qualifier: "254"},
	{key: "414"},
	{key: "415", qualifier: "8020"},
	{key: "415"},
	{key: "417"},
	{key: "8017"},
	{key: "8018"},
}

// EPC returns the finest identity of the message: its SSCC; else its trade item with serial number, with lot (a class) or
// alone (a class); else another key. Its error is of the kind ErrDigitalLink when the message has no key.
func (m Message) EPC() (EPC, error) {
	for i := range identities {
		id := &identities[i]
		if v, ok := m.Value(id.key); ok {
			if id.qualifier == "" {
				return newEPC(id.key, v, "", ""), nil
			}
			if q, ok := m.Value(id.qualifier); ok {
				return newEPC(id.key, v, id.qualifier, q), nil
			}
		}
	}
	return EPC{}, linkError(m.Symbology, noKey, "")
}

// Class returns the class that a trade item of the message belongs to: its GTIN with its lot, or alone. Its error is of
// the kind ErrDigitalLink when the message has no GTIN.
func (m Message) Class() (EPC, error) {
	gtin, ok := m.Value("01")
	if !ok {
		return EPC{}, linkError(m.Symbology, noKey, "01")
	}
	if lot, ok := m.Value("10"); ok {
		return newEPC("01", gtin, "10", lot), nil
	}
	return newEPC("01", gtin, "", ""), nil
}

// newEPC returns the canonical URI of a key and its qualifier, which may be "".
func newEPC(key AI, v string, qualifier AI, q string) EPC {
	b := make([]byte, 0, 96)
	b = append(append(append(append(b, resolver...), '/'), key...), '/')
	b = appendEscaped(b, v, false)
	if qualifier != "" {
		b = append(append(append(b, '/'), qualifier...), '/')
		b = appendEscaped(b, q, false)
	}
	return EPC{string(b)}
}

// String returns the canonical URI, or "" for the zero value.
func (e EPC) String() string { return e.uri }

// IsZero reports whether e is no EPC.
func (e EPC) IsZero() bool { return e.uri == "" }

// IsClass reports whether e stands for a class of things rather than for one: a GTIN alone or with a lot, a model, and
// other keys without the serial component that would tell one thing.
func (e EPC) IsClass() bool {
	key, v, qualifier, _ := e.split()
	for i := range identities {
		if id := &identities[i]; id.key == key && id.qualifier == qualifier {
			return id.class || id.serial != 0 && len(v) <= id.serial
		}
	}
	return false
}

// Value returns the value of the key or qualifier with the AI, or "" when the EPC has none.
func (e EPC) Value(ai AI) string {
	key, v, qualifier, q := e.split()
	switch {
	case ai == "":
		return ""
	case ai == key:
		return v
	case ai == qualifier:
		return q
	}
	return ""
}

// Elements returns the EPC as elements, the key first.
func (e EPC) Elements() []Element {
	key, v, qualifier, q := e.split()
	switch {
	case key == "":
		return nil
	case qualifier == "":
		return []Element{{key, v}}
	}
	return []Element{{key, v}, {qualifier, q}}
}

// split returns what newEPC was given.
func (e EPC) split() (key AI, v string, qualifier AI, q string) {
	if e.uri == "" {
		return
	}
	k, rest, _ := strings.Cut(e.uri[len(resolver)+1:], "/")
	value, rest, _ := strings.Cut(rest, "/")
	v = unescape(value, false)
	if rest != "" {
		name, value, _ := strings.Cut(rest, "/")
		qualifier = AI(name)
		q = unescape(value, false)
	}
	return AI(k), v, qualifier, q
}

// MarshalText returns what String returns.
func (e EPC) MarshalText() ([]byte, error) { return []byte(e.uri), nil }

// UnmarshalText is ParseEPC, except that empty text gives the zero value.
func (e *EPC) UnmarshalText(text []byte) (err error) {
	*e = EPC{}
	if len(text) > 0 {
		*e, err = ParseEPC(string(text))
	}
	return err
}

// ParseEPC returns the identity that a URI means: that of the path of a GS1 Digital Link on any host, with GTINs of any
// length and convenience names; or that of an EPC URN, urn:epc:id:…, urn:epc:class:…, urn:epc:idpat:… for a class, or
// urn:epc:tag:…. Characters and lengths of values are checked, check digits are not: an identity that others gave is
// taken as it is. Errors are of type *ParseError; the kind is ErrNotGS1 for a URI that identifies nothing of GS1.
func ParseEPC(uri string) (EPC, error) {
	if len(uri) >= 8 && strings.EqualFold(uri[:8], "urn:epc:") {
		return parseURN(uri)
	}
	r := &reading{t: &dictionary, p: Parser{ShortGTINs: true}, input: uri}
	r.identity()
	if r.err != nil {
		return EPC{}, r.err
	}
	return Message{Elements: r.es}.EPC()
}

// identity reads the path of a Digital Link for the sake of its EPC.
func (r *reading) identity() {
	var buf [6]pair
	var l link
	pairs, ok := r.split(&l, buf[:0], 0, false)
	if !ok || !r.outline(&l, pairs) || !r.order(&l, pairs) {
		return
	}
	for i := range pairs {
		p := &pairs[i]
		e := r.element(p, l.escaped, false)
		if f := shape(r.t.rule(p.row, string(e.AI)), e.Value); f.why != 0 {
			r.report(f.why, e.AI, p.from, p.from, p.to-p.from)
			return
		}
		r.add(p.row, e, p.at)
	}
}

// shape checks the lengths and characters of a value, and not what they mean.
func shape(rule *rule, s string) fault {
	for k := range rule.parts {
		p := &rule.parts[k]
		n := min(int(p.max), len(s))
		if n == 0 && p.opt {
			continue
		}
		if n < int(p.min) {
			return fault{why: badComponentLength}
		}
		if f := checkChars(s[:n], p.chars); f.why != 0 {
			return f
		}
		s = s[n:]
	}
	return fault{}
}
