package epcis

import (
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// names are the prefixes that a "@context" declares, by prefix.
type names struct {
	prefixes map[string]string
	outer    *names
	full     map[string]string // what expand returned; nil keeps nothing
}

// standard are the prefixes of the EPCIS 2.0 JSON-LD context.
var standard = &names{prefixes: map[string]string{
	"gs1":    "https://ref.gs1.org/voc/",
	"cbv":    "https://ref.gs1.org/cbv/",
	"epcis":  "https://ref.gs1.org/epcis/",
	"cbvmda": "urn:epcglobal:cbv:mda",
}}

// with returns the names of a context within n. A context that is only a reference to a document declares nothing: the
// standard's own is known, and nothing is fetched.
func (n *names) with(context trace.Value) *names {
	switch context.Kind {
	case trace.List:
		for _, v := range context.List {
			n = n.with(v)
		}
	case trace.Object:
		inner := &names{prefixes: make(map[string]string), outer: n, full: make(map[string]string)}
		for _, f := range context.Fields {
			uri := f.Value
			if uri.Kind == trace.Object {
				uri, _ = get(uri.Fields, "@id")
			}
			if uri.Kind == trace.Text && uri.Text != "" && !strings.HasPrefix(f.Name, "@") {
				inner.prefixes[f.Name] = uri.Text
			}
		}
		if len(inner.prefixes) > 0 {
			return inner
		}
	}
	return n
}

// withXML returns the names that an object declares as JSON made from XML does, with members "@xmlns:prefix".
func (n *names) withXML(fields []trace.Field) *names {
	var inner *names
	for _, f := range fields {
		if prefix, ok := strings.CutPrefix(f.Name, "@xmlns:"); ok && f.Value.Kind == trace.Text {
			if inner == nil {
				inner = &names{prefixes: make(map[string]string), outer: n}
			}
			inner.prefixes[prefix] = f.Value.Text
		}
	}
	if inner != nil {
		return inner
	}
	return n
}

func (n *names) namespace(prefix string) (string, bool) {
	for ; n != nil; n = n.outer {
		if uri, ok := n.prefixes[prefix]; ok {
			return uri, true
		}
	}
	return "", false
}

// expand returns "{namespace}name" for "prefix:name", and any other name as it is.
func (n *names) expand(name string) string {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		return name
	}
	if full, ok := n.full[name]; ok {
		return full
	}
	uri, ok := n.namespace(prefix)
	if !ok {
		return name
	}
	full := "{" + uri + "}" + local
	if n.full != nil && len(n.full) < maxKnown && len(full) < 4*maxKnown {
		n.full[name] = full
	}
	return full
}

// expandFields expands the names of fields, at whatever depth. It leaves out declarations of namespaces, which the
// expanded names make superfluous.
func (n *names) expandFields(fields []trace.Field) []trace.Field {
	if len(fields) == 0 {
		return nil
	}
	n = n.withXML(fields)
	out := make([]trace.Field, 0, len(fields))
	for _, f := range fields {
		if strings.HasPrefix(f.Name, "@xmlns:") {
			continue
		}
		scope := n
		if f.Value.Kind == trace.Object {
			scope = n.withXML(f.Value.Fields)
		}
		out = append(out, trace.Field{Name: scope.expand(f.Name), Value: n.expandValue(f.Value)})
	}
	return out
}

func (n *names) expandValue(v trace.Value) trace.Value {
	switch v.Kind {
	case trace.Object:
		v.Fields = n.expandFields(v.Fields)
	case trace.List:
		list := make([]trace.Value, len(v.List))
		for i, item := range v.List {
			list[i] = n.expandValue(item)
		}
		v.List = list
	}
	return v
}

// get returns the value of the first field with a name.
func get(fields []trace.Field, name string) (trace.Value, bool) {
	for _, f := range fields {
		if f.Name == name {
			return f.Value, true
		}
	}
	return trace.Value{}, false
}
