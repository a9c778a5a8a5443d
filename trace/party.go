package trace

import (
	"errors"
	"net/url"
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// Party is somebody who holds packs, or the place where they do. It is a GLN of 13 digits ("8935322000013"), a facility
// code (mã cơ sở, "79-00123") for the many who have no GLN, or any URI. The zero value is nobody.
//
// Events carry identifiers, not parties: a GLN appears there as a location (AI 414) or as a party (AI 417) and a
// facility code as a URN of this package, so [PartyOf] gives one Party for both.
type Party string

// facilityStem begins the private URN of a facility that has a code but no GLN.
const facilityStem = "urn:dauvet:co-so:"

// PartyOf returns the party that an identifier names. A place within a site (a GLN with extension, AI 254) belongs to
// the party of its GLN.
func PartyOf(id ID) Party {
	s := string(id)
	if code, ok := strings.CutPrefix(s, facilityStem); ok {
		if plain, err := url.PathUnescape(code); err == nil {
			return Party(plain)
		}
		return Party(s)
	}
	rest, ok := strings.CutPrefix(s, canonicalStem+"/414/")
	if !ok {
		rest, ok = strings.CutPrefix(s, canonicalStem+"/417/")
	}
	if ok && len(rest) >= 13 && isDigits(rest[:13]) && (len(rest) == 13 || rest[13] == '/') {
		return Party(rest[:13])
	}
	return Party(s)
}

// location returns the identifier of the party as a place, owner the one as a legal party.
func (p Party) location() ID { return p.id(placeStem) }
func (p Party) owner() ID    { return p.id(ownerStem) }

func (p Party) id(stem string) ID {
	switch {
	case p == "":
		return ""
	case p.isGLN():
		return ID(stem + string(p))
	case strings.Contains(string(p), ":"):
		id, _ := ParseID(string(p))
		return id
	}
	var buf [64]byte
	return ID(appendEscaped(append(buf[:0], facilityStem...), string(p)))
}

func (p Party) isGLN() bool { return len(p) == 13 && isDigits(string(p)) }

// check reports what is wrong with a party that a caller named.
func (p Party) check() error {
	switch {
	case p == "":
		return errors.New("missing")
	case p.isGLN():
		_, err := gs1.ParseGLN(string(p))
		return err
	case strings.ContainsAny(string(p), " \t\r\n"):
		return errors.New("contains white space")
	case strings.Contains(string(p), ":"):
		return p.location().check()
	}
	return nil
}

func isDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
