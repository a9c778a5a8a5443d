package trace

import "strings"

// The part of the event hash that deals with values whose meaning the standard does not fix: extensions and master data.

// ignored lists names that are for people and never hashed.
func ignored(name string) bool {
	switch name {
	case "comment", "rdfs:comment", "{http://www.w3.org/2000/01/rdf-schema#}comment", "#text":
		return true
	}
	return false
}

// appendFields appends name=value of each field, sorted.
func appendFields(b []byte, fields []Field) []byte {
	list := itemsAt(b)
	return list.sort(list.fields(b, fields))
}

// fields appends one item for each field, and one for each item of a list.
func (l *items) fields(b []byte, fields []Field) []byte {
	for _, f := range fields {
		if ignored(f.Name) {
			continue
		}
		if f.Value.Kind != List {
			b = appendField(b, f.Name, f.Value)
			l.end(b)
			continue
		}
		for _, v := range f.Value.List {
			b = appendField(b, f.Name, v)
			l.end(b)
		}
	}
	return b
}

func appendField(b []byte, name string, v Value) []byte {
	b = append(b, name...)
	switch v.Kind {
	case Object:
		// An element with attributes or children beside its text, as XML has them, keeps the text under "#text".
		for _, f := range v.Fields {
			if f.Name == "#text" {
				b = appendPair(b, "", canonicalValue(f.Value))
			}
		}
		b = appendFields(b, v.Fields)
	case List:
		b = appendFields(b, []Field{{Value: v}})
	default:
		b = appendPair(b, "", canonicalValue(v))
	}
	return b
}

// canonicalValue returns the text that stands for a value in the hash: numbers without superfluous zeros, CBV terms as
// web URIs, GS1 keys as canonical Digital Links.
func canonicalValue(v Value) string {
	switch v.Kind {
	case Null:
		return "None"
	case Bool:
		return v.Text
	case Number:
		return decimal(v.Text)
	}
	s := decimal(strings.TrimSpace(v.Text))
	if !strings.Contains(s, ":") {
		return s
	}
	for _, ns := range [...]struct{ prefix, uri string }{
		{"gs1:", "https://ref.gs1.org/voc/"},
		{"cbv:", cbvStem},
		{"epcis:", "https://ref.gs1.org/epcis/"},
	} {
		if rest, ok := strings.CutPrefix(s, ns.prefix); ok {
			s = ns.uri + rest
		}
	}
	for _, kind := range cbvKinds {
		s = strings.ReplaceAll(s, kind.urn, cbvStem+kind.web)
	}
	if id, err := ParseID(s); err == nil {
		return string(id)
	}
	return s
}
