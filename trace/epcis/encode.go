package epcis

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
)

// contextURI names the JSON-LD context of EPCIS 2.0.
const contextURI = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

// EncoderOptions are what an encoder can be told. Nil and the zero value are the defaults.
type EncoderOptions struct {
	// Lines writes JSON lines: a document without events, and each event in a line of its own.
	Lines bool
	// CreationDate is that of the document. Zero means now.
	CreationDate time.Time
	// Prefixes are namespaces by the prefix that stands for them in the document, beside "dauvet" for those of package
	// trace. A namespace that has none is declared by each event that needs it.
	Prefixes map[string]string
}

// Encoder writes events as an EPCIS 2.0 document. It is not safe for concurrent use.
type Encoder struct {
	w      io.Writer
	opts   EncoderOptions
	prefix map[string]string // by namespace
	buf    []byte
	begun  bool
	events bool
	err    error
}

// NewEncoder returns an encoder that writes to w. Nil opts mean the defaults. The caller has to call Close.
func NewEncoder(w io.Writer, opts *EncoderOptions) *Encoder {
	c := &Encoder{w: w}
	if opts != nil {
		c.opts = *opts
	}
	c.prefix = prefixes(c.opts.Prefixes)
	return c
}

// prefixes turns the prefixes of a document around, with those that every document has.
func prefixes(more map[string]string) map[string]string {
	out := map[string]string{trace.Namespace: "dauvet"}
	for prefix, uri := range more {
		out[uri] = prefix
	}
	for prefix, uri := range standard.prefixes {
		out[uri] = prefix
	}
	return out
}

// Encode writes one event. After an error of the writer nothing more is written.
func (c *Encoder) Encode(e *trace.Event) error {
	c.begin()
	switch {
	case c.opts.Lines:
		c.buf = append(c.buf, '\n')
	case c.events:
		c.buf = append(c.buf, ',', '\n')
	default:
		c.buf = append(c.buf, '\n')
	}
	b, err := appendEvent(c.buf, e, c.prefix)
	if err != nil {
		c.buf = c.buf[:0]
		return fmt.Errorf("epcis: encode: %w", err)
	}
	c.buf, c.events = b, true
	return c.flush()
}

// Close writes the end of the document. It does not close the writer.
func (c *Encoder) Close() error {
	c.begin()
	if !c.opts.Lines {
		c.buf = append(c.buf, "\n]}}"...)
	}
	c.buf = append(c.buf, '\n')
	return c.flush()
}

func (c *Encoder) begin() {
	if c.begun {
		return
	}
	c.begun = true
	date := c.opts.CreationDate
	if date.IsZero() {
		date = time.Now().Round(time.Second)
	}
	c.buf = append(c.buf, `{"@context":["`+contextURI+`",{`...)
	first := true
	for _, uri := range sortedKeys(c.prefix) {
		if prefix := c.prefix[uri]; standard.prefixes[prefix] != uri {
			c.buf = appendMember(c.buf, &first, prefix)
			c.buf = appendText(c.buf, uri)
		}
	}
	c.buf = append(c.buf, `}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":`...)
	c.buf = appendText(c.buf, date.Format(time.RFC3339))
	c.buf = append(c.buf, `,"epcisBody":{"eventList":[`...)
	if c.opts.Lines {
		c.buf = append(c.buf, `]}}`...)
	}
}

func (c *Encoder) flush() error {
	if c.err == nil {
		if _, err := c.w.Write(c.buf); err != nil {
			c.err = fmt.Errorf("epcis: encode: %w", err)
		}
	}
	c.buf = c.buf[:0]
	return c.err
}

// Marshal returns one event as a JSON object that stands by itself: it declares the namespaces that it needs.
func Marshal(e *trace.Event) ([]byte, error) {
	b, err := appendEvent(nil, e, prefixes(nil))
	if err != nil {
		return nil, fmt.Errorf("epcis: encode: %w", err)
	}
	return b, nil
}

// writer appends the members of an event.
type writer struct {
	b      []byte
	first  bool
	prefix map[string]string // of the document, by namespace
	own    []string          // namespaces that only this event declares
	err    error
}

func appendEvent(b []byte, e *trace.Event, prefix map[string]string) ([]byte, error) {
	start := len(b)
	w := &writer{b: append(b, '{'), first: true, prefix: prefix}
	w.event(e)
	w.b = append(w.b, '}')
	if len(w.own) == 0 || w.err != nil {
		return w.b, w.err
	}
	// The names are known by now; the declaration goes in front.
	context := []byte(`"@context":{`)
	first := true
	for i, uri := range w.own {
		context = appendMember(context, &first, ownPrefix(i))
		context = appendText(context, uri)
	}
	return slices.Insert(w.b, start+1, append(context, '}', ',')...), nil
}

func ownPrefix(i int) string { return "ns" + strconv.Itoa(i+1) }

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) key(name string) { w.b = appendMember(w.b, &w.first, name) }

func (w *writer) text(name, s string) {
	if s != "" {
		w.key(name)
		w.b = appendText(w.b, s)
	}
}

func (w *writer) event(e *trace.Event) {
	w.text("eventID", e.ID())
	w.text("type", string(e.Type))
	if !e.Time.IsZero() {
		w.text("eventTime", e.Time.Format(time.RFC3339Nano))
	}
	if !e.NoOffset {
		w.text("eventTimeZoneOffset", e.Time.Format("-07:00"))
	}
	if !e.RecordTime.IsZero() {
		w.text("recordTime", e.RecordTime.Format(time.RFC3339Nano))
	}
	if d := e.Error; d != nil {
		w.declaration(d)
	}
	switch len(e.Certifications) {
	case 0:
	case 1:
		w.text("certificationInfo", e.Certifications[0])
	default:
		appendList(w, "certificationInfo", e.Certifications)
	}
	w.text("parentID", string(e.Parent))
	appendList(w, "epcList", e.EPCs)
	w.quantities("quantityList", e.Quantities)
	group := e.Type == trace.AggregationEvent || e.Type == trace.AssociationEvent
	if group && e.Action == trace.Delete && len(e.ChildEPCs)+len(e.ChildQuantities) == 0 {
		w.key("childEPCs")
		w.b = append(w.b, "[]"...)
	}
	appendList(w, "childEPCs", e.ChildEPCs)
	w.quantities("childQuantityList", e.ChildQuantities)
	appendList(w, "inputEPCList", e.InputEPCs)
	w.quantities("inputQuantityList", e.InputQuantities)
	appendList(w, "outputEPCList", e.OutputEPCs)
	w.quantities("outputQuantityList", e.OutputQuantities)
	w.text("transformationID", string(e.TransformationID))
	w.text("action", string(e.Action))
	w.text("bizStep", string(e.BizStep))
	w.text("disposition", string(e.Disposition))
	if len(e.PersistentSet)+len(e.PersistentOff) > 0 {
		w.open("persistentDisposition", func() {
			appendList(w, "set", e.PersistentSet)
			appendList(w, "unset", e.PersistentOff)
		})
	}
	w.place("readPoint", e.ReadPoint, e.ReadPointExt)
	w.place("bizLocation", e.BizLocation, e.BizLocationExt)
	w.pairs("bizTransactionList", "bizTransaction", len(e.BizTransactions), func(i int) (string, trace.ID) {
		return string(e.BizTransactions[i].Type), e.BizTransactions[i].ID
	})
	w.pairs("sourceList", "source", len(e.Sources), func(i int) (string, trace.ID) {
		return string(e.Sources[i].Type), e.Sources[i].ID
	})
	w.pairs("destinationList", "destination", len(e.Destinations), func(i int) (string, trace.ID) {
		return string(e.Destinations[i].Type), e.Destinations[i].ID
	})
	if len(e.Sensors) > 0 {
		w.key("sensorElementList")
		w.value(trace.Value{Kind: trace.List, List: e.Sensors})
	}
	if len(e.ILMD) > 0 {
		w.open("ilmd", func() { w.fields(e.ILMD) })
	}
	w.fields(e.Extensions)
}

// open writes an object whose members inner writes.
func (w *writer) open(name string, inner func()) {
	w.key(name)
	w.b = append(w.b, '{')
	w.first = true
	inner()
	w.b = append(w.b, '}')
	w.first = false
}

func (w *writer) declaration(d *trace.ErrorDeclaration) {
	w.open("errorDeclaration", func() {
		w.text("declarationTime", d.Time.Format(time.RFC3339Nano))
		w.text("reason", string(d.Reason))
		appendList(w, "correctiveEventIDs", d.Corrective)
		w.fields(d.Extensions)
	})
}

func (w *writer) place(name string, id trace.ID, ext []trace.Field) {
	if id != "" {
		w.open(name, func() {
			w.text("id", string(id))
			w.fields(ext)
		})
	}
}

// appendList appends a list of strings, unless it is empty.
func appendList[T ~string](w *writer, name string, list []T) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i, s := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = appendText(w.b, string(s))
	}
	w.b = append(w.b, ']')
}

func (w *writer) quantities(name string, list []trace.Quantity) {
	if len(list) == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i, q := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, '{')
		w.first = true
		w.text("epcClass", string(q.Class))
		if q.Amount != "" {
			w.key("quantity")
			w.number(q.Amount)
		}
		w.text("uom", q.UOM)
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
	w.first = false
}

func (w *writer) pairs(name, key string, n int, pair func(int) (string, trace.ID)) {
	if n == 0 {
		return
	}
	w.key(name)
	w.b = append(w.b, '[')
	for i := range n {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		kind, id := pair(i)
		w.b = append(w.b, '{')
		w.first = true
		w.text("type", kind)
		w.text(key, string(id))
		w.b = append(w.b, '}')
	}
	w.b = append(w.b, ']')
	w.first = false
}

func (w *writer) number(s string) {
	if !json.Valid([]byte(s)) || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		w.fail(fmt.Errorf("%q is no JSON number", s))
	}
	w.b = append(w.b, s...)
}

func (w *writer) fields(list []trace.Field) {
	for _, f := range list {
		w.key(w.name(f.Name))
		w.value(f.Value)
	}
}

func (w *writer) value(v trace.Value) {
	switch v.Kind {
	case trace.Text:
		w.b = appendText(w.b, v.Text)
	case trace.Number:
		w.number(v.Text)
	case trace.Bool:
		if v.Text != "true" && v.Text != "false" {
			w.fail(fmt.Errorf("%q is neither true nor false", v.Text))
		}
		w.b = append(w.b, v.Text...)
	case trace.Null:
		w.b = append(w.b, "null"...)
	case trace.List:
		w.b = append(w.b, '[')
		for i, item := range v.List {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			w.value(item)
		}
		w.b = append(w.b, ']')
	case trace.Object:
		w.b = append(w.b, '{')
		w.first = true
		w.fields(v.Fields)
		w.b = append(w.b, '}')
		w.first = false
	default:
		w.fail(errors.New("a value of no kind"))
	}
}

// name returns "prefix:name" for "{namespace}name".
func (w *writer) name(s string) string {
	if !strings.HasPrefix(s, "{") {
		return s
	}
	uri, local, ok := strings.Cut(s[1:], "}")
	if !ok {
		return s
	}
	prefix, ok := w.prefix[uri]
	if !ok {
		i := slices.Index(w.own, uri)
		if i < 0 {
			i = len(w.own)
			w.own = append(w.own, uri)
		}
		prefix = ownPrefix(i)
	}
	return prefix + ":" + local
}

func appendMember(b []byte, first *bool, name string) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(appendText(b, name), ':')
}

// appendText appends a JSON string.
func appendText(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // a string cannot fail
				return append(b, `""`...)
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
