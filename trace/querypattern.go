package trace

import (
	"errors"
	"slices"
	"strings"
)

// pattern selects identifiers; see Query. One of its fields is set.
type pattern struct {
	id      ID     // this one
	prefix  string // those that begin so
	company string // those of a company; see ofCompany
}

func (p pattern) matches(id ID) bool {
	switch {
	case p.id != "":
		return id == p.id
	case p.company != "":
		return ofCompany(id, p.company)
	}
	return strings.HasPrefix(string(id), p.prefix)
}

// ofCompany reports whether a pack or case has a GS1 Company Prefix. The first digit of a GTIN of 14 digits, and of an
// SSCC, stands in front of the prefix. want is the AI and the prefix, "01/8935001".
func ofCompany(id ID, want string) bool {
	rest, ok := strings.CutPrefix(string(id), canonicalStem+"/"+want[:3])
	if !ok || rest == "" || !strings.HasPrefix(rest[1:], want[3:]) {
		return false
	}
	return want[:2] == "00" || strings.Contains(rest, "/21/")
}

var errPattern = errors.New("pattern not supported")

// parsePattern reads a pattern for objects, or for classes.
func parsePattern(s string, classes bool) (pattern, error) {
	s = strings.TrimSpace(s)
	open, star := strings.CutSuffix(s, "*")
	if strings.Contains(open, "*") && !strings.HasPrefix(s, "urn:epc:idpat:") {
		return pattern{}, errors.New("\"*\" stands at the end only")
	}
	switch rest, urn := strings.CutPrefix(s, "urn:epc:idpat:"); {
	case urn:
		scheme, key, _ := strings.Cut(rest, ":")
		company, key, _ := strings.Cut(key, ".")
		switch {
		case !star:
			return parsePattern("urn:epc:id:"+rest, classes)
		case !isDigits(company) || classes && key == "*.*":
			return pattern{}, errPattern
		case scheme == "sgtin" && key == "*.*":
			return pattern{company: "01/" + company}, nil
		case scheme == "sscc" && key == "*":
			return pattern{company: "00/" + company}, nil
		case scheme != "sgtin" || strings.Count(key, "*") > 1:
			return pattern{}, errPattern
		}
	case star:
		// A GS1 Digital Link on any domain, cut behind the key of what is wanted.
		for _, qualifier := range [...]string{"/21/", "/10/"} {
			if class, ok := strings.CutSuffix(open, qualifier); ok {
				if id, err := ParseID(class); err == nil && id == id.class("") {
					return pattern{prefix: string(id) + qualifier}, nil
				}
			}
		}
		if open == "" {
			return pattern{}, errPattern
		}
		return pattern{prefix: open}, nil
	}
	id, err := ParseID(s)
	if err != nil {
		return pattern{}, err
	}
	if strings.HasPrefix(string(id), "urn:epc:idpat:") {
		return pattern{}, errPattern
	}
	if !classes && id != "" && id == id.class("") {
		return pattern{prefix: string(id) + "/21/"}, nil
	}
	return pattern{id: id}, nil
}

// matcher is a field of Query that has patterns.
type matcher struct {
	name    string
	classes bool
	field   func(*Query) *[]string
	of      func(e *Event, is func(ID) bool) bool // whether an event has what is wanted there
}

var matchers = [...]matcher{
	{"MATCH_epc", false, func(q *Query) *[]string { return &q.MatchEPC }, (*Event).hasEPC},
	{"MATCH_parentID", false, func(q *Query) *[]string { return &q.MatchParent }, (*Event).hasParent},
	{"MATCH_inputEPC", false, func(q *Query) *[]string { return &q.MatchInput }, (*Event).hasInput},
	{"MATCH_outputEPC", false, func(q *Query) *[]string { return &q.MatchOutput }, (*Event).hasOutput},
	{"MATCH_anyEPC", false, func(q *Query) *[]string { return &q.MatchAny }, func(e *Event, is func(ID) bool) bool {
		return e.hasEPC(is) || e.hasParent(is) || e.hasInput(is) || e.hasOutput(is)
	}},
	{"MATCH_epcClass", true, func(q *Query) *[]string { return &q.MatchClass }, (*Event).hasClass},
	{"MATCH_inputEPCClass", true, func(q *Query) *[]string { return &q.MatchInputClass }, (*Event).hasInputClass},
	{"MATCH_outputEPCClass", true, func(q *Query) *[]string { return &q.MatchOutputClass }, (*Event).hasOutputClass},
	{"MATCH_anyEPCClass", true, func(q *Query) *[]string { return &q.MatchAnyClass }, func(e *Event, is func(ID) bool) bool {
		return e.hasClass(is) || e.hasInputClass(is) || e.hasOutputClass(is)
	}},
}

func (e *Event) hasEPC(is func(ID) bool) bool {
	return slices.ContainsFunc(e.EPCs, is) || slices.ContainsFunc(e.ChildEPCs, is)
}

func (e *Event) hasParent(is func(ID) bool) bool { return e.Parent != "" && is(e.Parent) }
func (e *Event) hasInput(is func(ID) bool) bool  { return slices.ContainsFunc(e.InputEPCs, is) }
func (e *Event) hasOutput(is func(ID) bool) bool { return slices.ContainsFunc(e.OutputEPCs, is) }

func (e *Event) hasClass(is func(ID) bool) bool {
	return hasClass(e.Quantities, is) || hasClass(e.ChildQuantities, is)
}

func (e *Event) hasInputClass(is func(ID) bool) bool  { return hasClass(e.InputQuantities, is) }
func (e *Event) hasOutputClass(is func(ID) bool) bool { return hasClass(e.OutputQuantities, is) }

func hasClass(list []Quantity, is func(ID) bool) bool {
	return slices.ContainsFunc(list, func(q Quantity) bool { return is(q.Class) })
}
