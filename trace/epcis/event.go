package epcis

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
)

// builder makes an event of the members of a JSON object. It goes on after a problem, so that an event with problems
// can be kept, and remembers the first one.
type builder struct {
	e      *trace.Event
	names  *names
	offset string     // eventTimeZoneOffset
	time   string     // eventTime
	seen   [32]string // standard fields, of which there are less
	count  int        // of seen
	err    error
}

// build returns the event of a JSON object, and the first problem with it.
func build(fields []trace.Field, n *names) (*trace.Event, error) {
	if context, ok := get(fields, "@context"); ok {
		n = n.with(context)
	}
	n = n.withXML(fields)
	b := &builder{e: &trace.Event{}, names: n}
	for _, f := range fields {
		b.once(f.Name)
		b.field(f)
	}
	return b.finish()
}

// finish returns the event when all its fields are there.
func (b *builder) finish() (*trace.Event, error) {
	b.when()
	if b.err == nil {
		b.err = b.e.Validate()
	}
	return b.e, b.err
}

// buildPlain is build for the JSON text of an event, without the detour over its fields where they only list objects:
// these are nine tenths of the text. It is false when the text has names of its own or is no object; parse and build
// then say what it is.
func buildPlain(p *parser, n *names) (*trace.Event, error, bool) {
	if p.next() != '{' {
		return nil, nil, false
	}
	b := &builder{e: &trace.Event{}, names: n}
	p.at++
	for more := p.next() != '}'; more; {
		if p.next() != '"' {
			return nil, nil, false
		}
		name, err := p.name()
		if err != nil || strings.HasPrefix(name, "@") || !b.member(p, name) {
			return nil, nil, false
		}
		switch p.next() {
		case ',':
			p.at++
		case '}':
			more = false
		default:
			return nil, nil, false
		}
	}
	p.at++
	if p.next(); p.at < len(p.data) {
		return nil, nil, false
	}
	e, err := b.finish()
	return e, err, true
}

// member takes one member of the event. It is false when the text is no JSON.
func (b *builder) member(p *parser, name string) bool {
	b.once(name)
	var list *[]trace.ID
	switch name {
	case "epcList":
		list = &b.e.EPCs
	case "childEPCs":
		list = &b.e.ChildEPCs
	case "inputEPCList":
		list = &b.e.InputEPCs
	case "outputEPCList":
		list = &b.e.OutputEPCs
	}
	if list != nil && p.next() == '[' {
		from := p.at
		if ids, ok := plainIDs(p); ok {
			*list = ids
			return true
		}
		p.at = from
	}
	v, err := p.member(name, 1)
	if err == nil {
		b.field(trace.Field{Name: name, Value: v})
	}
	return err == nil
}

// plainIDs reads an array of URIs. It is false when there is anything else in it.
func plainIDs(p *parser) ([]trace.ID, bool) {
	var out []trace.ID
	for p.at++; p.next() == '"'; p.at++ {
		text, ok := p.plain()
		if !ok {
			return nil, false
		}
		id, err := trace.ParseID(string(text))
		if err != nil {
			return nil, false
		}
		if out == nil {
			end := max(0, bytes.IndexByte(p.data[p.at:], ']'))
			out = make([]trace.ID, 0, 1+bytes.Count(p.data[p.at:p.at+end], []byte{'"'})/2)
		}
		out = append(out, id)
		if c := p.next(); c != ',' {
			p.at++
			return out, c == ']'
		}
	}
	return nil, false
}

func (b *builder) fail(field, format string, args ...any) {
	if b.err == nil {
		b.err = &trace.FieldError{Field: field, Err: fmt.Errorf(format, args...)}
	}
}

// once complains of a standard field that was there before, for nothing tells which of the two holds. Of two eventIDs,
// which an example of GS1 has and which say nothing of what happened, the last one is taken.
func (b *builder) once(name string) {
	if name == "eventID" {
		return
	}
	if slices.Contains(b.seen[:b.count], name) {
		b.fail(name, "given twice")
	} else if b.count < len(b.seen) && !strings.Contains(name, ":") {
		b.seen[b.count] = name
		b.count++
	}
}

func (b *builder) field(f trace.Field) {
	e, v := b.e, f.Value
	switch f.Name {
	case "type", "isA":
		e.Type = trace.EventType(b.text(f.Name, v))
	case "action":
		e.Action = trace.Action(b.text(f.Name, v))
	case "eventID":
		e.EventID = b.text(f.Name, v)
	case "eventTime":
		b.time = b.text(f.Name, v)
	case "eventTimeZoneOffset":
		b.offset = b.text(f.Name, v)
	case "recordTime":
		e.RecordTime = b.instant(f.Name, v).UTC()
	case "errorDeclaration":
		b.declaration(v)
	case "epcList":
		e.EPCs = b.ids(f.Name, v)
	case "childEPCs":
		e.ChildEPCs = b.ids(f.Name, v)
	case "inputEPCList":
		e.InputEPCs = b.ids(f.Name, v)
	case "outputEPCList":
		e.OutputEPCs = b.ids(f.Name, v)
	case "quantityList":
		e.Quantities = b.quantities(f.Name, v)
	case "childQuantityList":
		e.ChildQuantities = b.quantities(f.Name, v)
	case "inputQuantityList":
		e.InputQuantities = b.quantities(f.Name, v)
	case "outputQuantityList":
		e.OutputQuantities = b.quantities(f.Name, v)
	case "parentID":
		e.Parent = b.id(f.Name, v)
	case "transformationID":
		e.TransformationID = b.id(f.Name, v)
	case "bizStep":
		e.BizStep = trace.BizStep(b.word(f.Name, v))
	case "disposition":
		e.Disposition = trace.Disposition(b.word(f.Name, v))
	case "persistentDisposition":
		b.persistent(v)
	case "readPoint":
		e.ReadPoint, e.ReadPointExt = b.place(f.Name, v)
	case "bizLocation":
		e.BizLocation, e.BizLocationExt = b.place(f.Name, v)
	case "bizTransactionList":
		for i, item := range b.list(f.Name, v) {
			kind, id := b.pair(f.Name, i, item, "bizTransaction")
			e.BizTransactions = append(e.BizTransactions, trace.BizTransaction{Type: trace.BizTransactionType(kind), ID: id})
		}
	case "sourceList":
		e.Sources = b.parties(f.Name, v, "source")
	case "destinationList":
		e.Destinations = b.parties(f.Name, v, "destination")
	case "sensorElementList":
		for i, item := range b.list(f.Name, v) {
			if item.Kind != trace.Object {
				b.fail(index(f.Name, i), "not an object")
			}
			e.Sensors = append(e.Sensors, sensor(b.names.expandValue(item)))
		}
	case "ilmd":
		if v.Kind != trace.Object {
			b.fail(f.Name, "not an object")
		}
		for _, field := range v.Fields {
			if !strings.Contains(field.Name, ":") {
				b.fail("ilmd."+field.Name, "no namespace")
			}
		}
		e.ILMD = b.names.expandFields(v.Fields)
	case "certificationInfo":
		if v.Kind == trace.Text {
			e.Certifications = []string{v.Text}
			break
		}
		for i, item := range b.list(f.Name, v) {
			e.Certifications = append(e.Certifications, b.text(index(f.Name, i), item))
		}
	case "@context":
	default:
		if !strings.Contains(f.Name, ":") {
			b.fail(f.Name, "unknown field")
		}
		if v.Kind == trace.Object || v.Kind == trace.List || strings.HasPrefix(f.Name, "@") {
			e.Extensions = append(e.Extensions, b.names.expandFields([]trace.Field{f})...)
			break
		}
		if e.Extensions == nil {
			e.Extensions = make([]trace.Field, 0, 4)
		}
		e.Extensions = append(e.Extensions, trace.Field{Name: b.names.expand(f.Name), Value: v})
	}
}

// sensor turns the terms of a sensor element, which is changed, into bare words.
func sensor(v trace.Value) trace.Value {
	reports, _ := get(v.Fields, "sensorReport")
	for _, report := range reports.List {
		for i := range report.Fields {
			switch f := &report.Fields[i]; f.Name {
			case "type", "exception", "component":
				f.Value.Text = trace.Word(f.Value.Text)
			}
		}
	}
	return v
}

func index(name string, i int) string { return name + "[" + strconv.Itoa(i) + "]" }

func (b *builder) text(name string, v trace.Value) string {
	if v.Kind != trace.Text {
		b.fail(name, "not a string")
	}
	return v.Text
}

func (b *builder) list(name string, v trace.Value) []trace.Value {
	if v.Kind != trace.List {
		b.fail(name, "not an array")
	}
	return v.List
}

// word returns a CBV term as a bare word.
func (b *builder) word(name string, v trace.Value) string { return trace.Word(b.text(name, v)) }

// id returns an identifier in canonical form. What is no URI is kept, for events with problems.
func (b *builder) id(name string, v trace.Value) trace.ID {
	s := b.text(name, v)
	id, err := trace.ParseID(s)
	if err != nil {
		b.fail(name, "%w: %q", err, s)
		return trace.ID(s)
	}
	return id
}

func (b *builder) ids(name string, v trace.Value) []trace.ID {
	list := b.list(name, v)
	if len(list) == 0 {
		return nil
	}
	out := make([]trace.ID, len(list))
	for i, item := range list {
		if item.Kind == trace.Text {
			if id, err := trace.ParseID(item.Text); err == nil {
				out[i] = id
				continue
			}
		}
		out[i] = b.id(index(name, i), item)
	}
	return out
}

func (b *builder) quantities(name string, v trace.Value) []trace.Quantity {
	var out []trace.Quantity
	for i, item := range b.list(name, v) {
		at := index(name, i)
		if item.Kind != trace.Object {
			b.fail(at, "not an object")
			continue
		}
		var q trace.Quantity
		for _, f := range item.Fields {
			switch f.Name {
			case "epcClass":
				q.Class = b.id(at+".epcClass", f.Value)
			case "quantity":
				if f.Value.Kind != trace.Number {
					b.fail(at+".quantity", "not a number")
				}
				q.Amount = f.Value.Text
			case "uom":
				q.UOM = b.text(at+".uom", f.Value)
			default:
				b.fail(at+"."+f.Name, "unknown field")
			}
		}
		out = append(out, q)
	}
	return out
}

// pair reads an item of a list: an object of "type" and an identifier.
func (b *builder) pair(list string, i int, v trace.Value, key string) (kind string, id trace.ID) {
	if v.Kind != trace.Object {
		b.fail(index(list, i), "not an object")
		return "", ""
	}
	for _, f := range v.Fields {
		switch f.Name {
		case "type":
			if f.Value.Kind != trace.Text {
				b.fail(index(list, i)+".type", "not a string")
			}
			kind = trace.Word(f.Value.Text)
		case key:
			parsed, err := trace.ParseID(f.Value.Text)
			if err != nil || f.Value.Kind != trace.Text {
				parsed = b.id(index(list, i)+"."+key, f.Value)
			}
			id = parsed
		default:
			b.fail(index(list, i)+"."+f.Name, "unknown field")
		}
	}
	return kind, id
}

func (b *builder) parties(name string, v trace.Value, key string) []trace.SourceDest {
	var out []trace.SourceDest
	for i, item := range b.list(name, v) {
		kind, id := b.pair(name, i, item, key)
		out = append(out, trace.SourceDest{Type: trace.PartyType(kind), ID: id})
	}
	return out
}

// place reads readPoint or bizLocation: an object with an id, or the id alone as early documents have it.
func (b *builder) place(name string, v trace.Value) (id trace.ID, ext []trace.Field) {
	if v.Kind == trace.Text {
		return b.id(name, v), nil
	}
	if v.Kind != trace.Object {
		b.fail(name, "not an object")
		return "", nil
	}
	for _, f := range v.Fields {
		if f.Name == "id" {
			id = b.id(name+".id", f.Value)
		} else {
			ext = append(ext, f)
		}
	}
	if id == "" {
		b.fail(name+".id", "missing")
	}
	return id, b.names.expandFields(ext)
}

func (b *builder) persistent(v trace.Value) {
	if v.Kind != trace.Object {
		b.fail("persistentDisposition", "not an object")
	}
	for _, f := range v.Fields {
		name := "persistentDisposition." + f.Name
		var out []trace.Disposition
		for i, item := range b.list(name, f.Value) {
			out = append(out, trace.Disposition(b.word(index(name, i), item)))
		}
		switch f.Name {
		case "set":
			b.e.PersistentSet = out
		case "unset":
			b.e.PersistentOff = out
		default:
			b.fail(name, "unknown field")
		}
	}
}

func (b *builder) declaration(v trace.Value) {
	const name = "errorDeclaration"
	if v.Kind != trace.Object {
		b.fail(name, "not an object")
		return
	}
	d := &trace.ErrorDeclaration{}
	var ext []trace.Field
	for _, f := range v.Fields {
		switch f.Name {
		case "declarationTime":
			d.Time = b.instant(name+".declarationTime", f.Value)
		case "reason":
			d.Reason = trace.ErrorReason(b.word(name+".reason", f.Value))
		case "correctiveEventIDs":
			for i, item := range b.list(name+".correctiveEventIDs", f.Value) {
				d.Corrective = append(d.Corrective, b.text(index(name+".correctiveEventIDs", i), item))
			}
		default:
			ext = append(ext, f)
		}
	}
	d.Extensions = b.names.expandFields(ext)
	b.e.Error = d
}

var offsetForm = regexp.MustCompile(`^[+-](0\d|1[0-4]):[0-5]\d$`)

// instant reads a date and time, which has to have a zone.
func (b *builder) instant(name string, v trace.Value) time.Time {
	s := b.text(name, v)
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		b.fail(name, "%w", timeError(s))
		return time.Time{}
	}
	return t
}

func timeError(s string) error {
	if _, err := time.Parse("2006-01-02T15:04:05.999999999", s); err == nil {
		return errors.New("time without a zone: " + strconv.Quote(s))
	}
	return errors.New("not a date and time: " + strconv.Quote(s))
}

// when sets the event's time in the zone of eventTimeZoneOffset.
func (b *builder) when() {
	if b.time == "" {
		b.fail("eventTime", "missing")
	} else {
		b.e.Time = b.instant("eventTime", trace.Value{Text: b.time})
	}
	switch {
	case b.offset == "":
		b.fail("eventTimeZoneOffset", "missing")
		b.e.NoOffset = true
	case !offsetForm.MatchString(b.offset):
		b.fail("eventTimeZoneOffset", "want ±hh:mm, not %q", b.offset)
	default:
		hours, _ := strconv.Atoi(b.offset[1:3])
		minutes, _ := strconv.Atoi(b.offset[4:])
		seconds := hours*3600 + minutes*60
		if b.offset[0] == '-' {
			seconds = -seconds
		}
		b.e.Time = b.e.Time.In(time.FixedZone("", seconds))
	}
}
