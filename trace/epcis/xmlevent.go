package epcis

import (
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// xsi is the namespace of attributes by which a document speaks of its schema.
const xsi = "http://www.w3.org/2001/XMLSchema-instance"

// order ranks the fields that follow each other in every type of event, in EPCIS 1.2 as in 2.0.
var order = map[string]int{"eventTime": 1, "recordTime": 2, "eventTimeZoneOffset": 3, "baseExtension": 4, "eventID": 4,
	"errorDeclaration": 4, "parentID": 5, "epcList": 6, "childEPCs": 6, "inputEPCList": 6, "action": 7, "bizStep": 8,
	"disposition": 9, "readPoint": 10, "bizLocation": 11}

// element hands the event of an element of XML to the caller, or what is wrong with it.
func (d *Decoder) element(y yield, root *element) error {
	c := &converter{}
	kind, _ := eventType(root.name)
	c.add("type", trace.Value{Text: string(kind)})
	if kind == "QuantityEvent" {
		c.fail("type", "QuantityEvent is replaced by an ObjectEvent with a quantityList since EPCIS 1.1")
	}
	for _, a := range root.attrs {
		if a.Name.Space != "" && a.Name.Space != xsi {
			c.add(qualified(a.Name), trace.Value{Text: a.Value})
		}
	}
	c.members(root)
	e, err := build(c.fields, verbatim)
	if c.err != nil {
		err = c.err
	}
	line := root.line
	if bad, ok := errors.AsType[*trace.FieldError](err); ok {
		line = root.find(bad.Field).line
	}
	return d.hand(y, e, err, line)
}

// verbatim are no names: those of XML are expanded already.
var verbatim = &names{}

// converter gives an event in XML the form that it has in JSON.
type converter struct {
	fields []trace.Field
	err    error // the first problem that JSON cannot have
}

func (c *converter) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = &trace.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
	}
}

func (c *converter) add(name string, v trace.Value) {
	c.fields = append(c.fields, trace.Field{Name: name, Value: v})
}

// members converts the children of an event.
func (c *converter) members(e *element) {
	last := ""
	var more []*element // extensions, of which equal names make a list
	for _, f := range e.children {
		name := f.name.Local
		if !isStandard(f.name) {
			more = append(more, f)
			continue
		}
		if rank := order[name]; rank > 0 {
			if rank < order[last] {
				c.fail(last, "in front of %s, which is out of order", name)
			}
			last = name
		}
		switch name {
		case "extension", "baseExtension":
			c.members(f)
			continue
		case "certificationInfo":
			c.certification(f)
			continue
		}
		c.add(name, c.member(name, f))
	}
	c.fields = append(c.fields, group(nil, more)...)
}

// member converts one standard field.
func (c *converter) member(name string, f *element) trace.Value {
	switch name {
	case "epcList", "childEPCs", "inputEPCList", "outputEPCList":
		return c.items(name, f, "epc", c.text)
	case "quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList":
		return c.items(name, f, "quantityElement", c.quantity)
	case "bizTransactionList":
		return c.items(name, f, "bizTransaction", c.pair)
	case "sourceList":
		return c.items(name, f, "source", c.pair)
	case "destinationList":
		return c.items(name, f, "destination", c.pair)
	case "sensorElementList":
		return c.items(name, f, "sensorElement", c.sensor)
	case "persistentDisposition":
		return c.persistent(name, f)
	case "errorDeclaration":
		return c.declaration(name, f)
	case "readPoint", "bizLocation":
		return c.mixed(name, f, func(at string, g *element) (trace.Value, bool) { return c.text(at, g), g.name.Local == "id" })
	case "ilmd":
		return c.mixed(name, f, func(string, *element) (trace.Value, bool) { return trace.Value{}, false })
	}
	if order[name] > 0 || name == "transformationID" {
		return c.text(name, f)
	}
	return value(f) // unknown, which build refuses
}

// text returns the text of an element.
func (c *converter) text(name string, f *element) trace.Value {
	if len(f.children) > 0 {
		c.fail(name, "not a text")
	}
	return trace.Value{Text: f.text}
}

// items converts a list whose items have one name.
func (c *converter) items(name string, f *element, item string, convert func(string, *element) trace.Value) trace.Value {
	list := trace.Value{Kind: trace.List}
	for _, g := range f.children {
		if g.name.Local != item || !isStandard(g.name) {
			c.fail(name+"."+g.name.Local, "unknown field")
			continue
		}
		list.List = append(list.List, convert(index(name, len(list.List)), g))
	}
	if f.text != "" {
		c.fail(name, "not a list: %.40q", f.text)
	}
	return list
}

func (c *converter) certification(f *element) {
	v := c.text("certificationInfo", f)
	for i := range c.fields {
		if old := &c.fields[i]; old.Name == "certificationInfo" {
			if old.Value.Kind != trace.List {
				old.Value = trace.Value{Kind: trace.List, List: []trace.Value{old.Value}}
			}
			old.Value.List = append(old.Value.List, v)
			return
		}
	}
	c.add("certificationInfo", v)
}

func (c *converter) quantity(name string, f *element) trace.Value {
	q := trace.Value{Kind: trace.Object}
	for _, g := range f.children {
		v := c.text(name+"."+g.name.Local, g)
		if g.name.Local == "quantity" {
			if g.attr(xsi, "nil") == "true" {
				continue
			}
			v = number(v.Text)
		}
		q.Fields = append(q.Fields, trace.Field{Name: g.name.Local, Value: v})
	}
	return q
}

// pair converts an element with a type and an identifier as its text.
func (c *converter) pair(name string, f *element) trace.Value {
	var fields []trace.Field
	for _, a := range f.attrs {
		if a.Name.Space != xsi {
			fields = append(fields, trace.Field{Name: qualified(a.Name), Value: trace.Value{Text: a.Value}})
		}
	}
	fields = append(fields, trace.Field{Name: f.name.Local, Value: c.text(name, f)})
	return trace.Value{Kind: trace.Object, Fields: fields}
}

func (c *converter) persistent(name string, f *element) trace.Value {
	v := trace.Value{Kind: trace.Object}
	for _, word := range [...]string{"set", "unset"} {
		list := trace.Value{Kind: trace.List}
		for _, g := range f.children {
			if g.name.Local == word {
				list.List = append(list.List, c.text(name+"."+word, g))
			}
		}
		if list.List != nil {
			v.Fields = append(v.Fields, trace.Field{Name: word, Value: list})
		}
	}
	for _, g := range f.children {
		if g.name.Local != "set" && g.name.Local != "unset" {
			c.fail(name+"."+g.name.Local, "unknown field")
		}
	}
	return v
}

func (c *converter) declaration(name string, f *element) trace.Value {
	return c.mixed(name, f, func(at string, g *element) (trace.Value, bool) {
		switch g.name.Local {
		case "declarationTime", "reason":
			return c.text(at, g), true
		case "correctiveEventIDs":
			return c.items(at, g, "correctiveEventID", c.text), true
		}
		return trace.Value{}, false
	})
}

// mixed converts an element of standard fields, for which known returns the value, and of extensions.
func (c *converter) mixed(name string, f *element, known func(string, *element) (trace.Value, bool)) trace.Value {
	v := trace.Value{Kind: trace.Object, Fields: attributes(f)}
	var more []*element
	for _, g := range f.plain() {
		if isStandard(g.name) {
			if value, ok := known(name+"."+g.name.Local, g); ok {
				v.Fields = append(v.Fields, trace.Field{Name: g.name.Local, Value: value})
				continue
			}
		}
		more = append(more, g)
	}
	if f.text != "" {
		c.fail(name, "a text where there should be elements: %.40q", f.text)
	}
	v.Fields = group(v.Fields, more)
	return v
}

// sensor converts a sensor element. Its standard values are attributes in XML.
func (c *converter) sensor(name string, f *element) trace.Value {
	v := trace.Value{Kind: trace.Object, Fields: attributes(f)}
	reports := trace.Value{Kind: trace.List}
	var more []*element
	for _, g := range f.plain() {
		switch g.name {
		case xml.Name{Space: f.name.Space, Local: "sensorReport"}:
			reports.List = append(reports.List, readings(g))
		case xml.Name{Space: f.name.Space, Local: "sensorMetadata"}:
			if _, twice := get(v.Fields, "sensorMetadata"); twice {
				c.fail(name+".sensorMetadata", "given twice")
			}
			v.Fields = append(v.Fields, trace.Field{Name: "sensorMetadata", Value: readings(g)})
		default:
			more = append(more, g)
		}
	}
	if reports.List != nil {
		v.Fields = append(v.Fields, trace.Field{Name: "sensorReport", Value: reports})
	}
	v.Fields = group(v.Fields, more)
	return v
}

// readings converts the attributes of a block of a sensor element to the types that they have in JSON.
func readings(f *element) trace.Value {
	v := trace.Value{Kind: trace.Object, Fields: attributes(f)}
	for i := range v.Fields {
		switch g := &v.Fields[i]; g.Name {
		case "value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue":
			g.Value = number(g.Value.Text)
		case "booleanValue":
			switch g.Value.Text {
			case "true", "false":
				g.Value.Kind = trace.Bool
			}
		}
	}
	v.Fields = group(v.Fields, f.plain())
	return v
}

// value converts an extension: an element with nothing but text to that text, any other to an object of its attributes,
// its text as "#text", and its children.
func value(f *element) trace.Value {
	if len(f.attrs)+len(f.children) == 0 {
		return trace.Value{Text: f.text}
	}
	fields := attributes(f)
	if f.text != "" {
		fields = append(fields, trace.Field{Name: "#text", Value: trace.Value{Text: f.text}})
	}
	return trace.Value{Kind: trace.Object, Fields: group(fields, f.children)}
}

// group appends elements as fields. Elements of one name become a list where the first of them stood.
func group(fields []trace.Field, elements []*element) []trace.Field {
	if len(elements) == 0 {
		return fields
	}
	at := make(map[xml.Name]int, len(elements))
	for _, f := range elements {
		v := value(f)
		i, again := at[f.name]
		if !again {
			at[f.name] = len(fields)
			fields = append(fields, trace.Field{Name: qualified(f.name), Value: v})
			continue
		}
		first := &fields[i].Value
		if first.Kind != trace.List {
			*first = trace.Value{Kind: trace.List, List: []trace.Value{*first}}
		}
		first.List = append(first.List, v)
	}
	return fields
}

func attributes(f *element) []trace.Field {
	var fields []trace.Field
	for _, a := range f.attrs {
		fields = append(fields, trace.Field{Name: qualified(a.Name), Value: trace.Value{Text: strings.TrimSpace(a.Value)}})
	}
	return fields
}

// plain returns the children of an element, and those of its extension elements in their place.
func (e *element) plain() []*element {
	var out []*element
	for _, f := range e.children {
		if f.name.Local == "extension" && isStandard(f.name) {
			out = append(out, f.plain()...)
			continue
		}
		out = append(out, f)
	}
	return out
}

func (e *element) attr(space, local string) string {
	for _, a := range e.attrs {
		if a.Name.Space == space && a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// qualified returns "{namespace}name".
func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return "{" + name.Space + "}" + name.Local
}

// number returns a decimal number as JSON writes it, and what is none as a text. XML Schema allows a plus, superfluous
// zeros, and a point without digits on either side of it.
func number(s string) trace.Value {
	sign, digits := "", s
	if digits != "" && (digits[0] == '-' || digits[0] == '+') {
		sign, digits = strings.TrimPrefix(digits[:1], "+"), digits[1:]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	for len(whole) > 1 && whole[0] == '0' {
		whole = whole[1:]
	}
	if whole == "" && fraction != "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if whole = sign + whole; isNumber([]byte(whole)) {
		return trace.Value{Kind: trace.Number, Text: whole}
	}
	return trace.Value{Text: s}
}

// find returns the element that a field such as "quantityList[1].uom" comes from, as near as it gets.
func (e *element) find(field string) *element {
	for part := range strings.SplitSeq(field, ".") {
		name, at, _ := strings.Cut(part, "[")
		next := e.child(name)
		if next == nil {
			return e
		}
		e = next
		if i, err := strconv.Atoi(strings.TrimSuffix(at, "]")); err == nil && 0 <= i && i < len(e.children) {
			e = e.children[i]
		}
	}
	return e
}

func (e *element) child(name string) *element {
	for _, f := range e.children {
		switch f.name.Local {
		case name:
			return f
		case "extension", "baseExtension":
			if g := f.child(name); g != nil {
				return g
			}
		}
	}
	return nil
}
