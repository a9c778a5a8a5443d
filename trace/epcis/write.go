package epcis

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// writer appends the members of an event.
type writer struct {
	b      []byte
	first  bool
	alone  bool              // the event is not in a document
	prefix map[string]string // of the document, by namespace
	own    []string          // namespaces that only this event declares
	urns   *gs1.Prefixes
	err    error
}

// append appends an event to what has been written.
func (w *writer) append(e *trace.Event) ([]byte, error) {
	start := len(w.b)
	w.b, w.first = append(w.b, '{'), true
	w.event(e)
	w.b = append(w.b, '}')
	if len(w.own) == 0 && !w.alone || w.err != nil {
		return w.b, w.err
	}
	// The names are known by now; the declaration goes in front.
	context := []byte(`"@context":`)
	if w.alone {
		context = append(context, `["`+contextURI+`"`...)
	}
	if w.alone && len(w.own) > 0 {
		context = append(context, ',')
	}
	for i, uri := range w.own {
		c := byte(',')
		if i == 0 {
			c = '{'
		}
		context = appendText(append(context, c), ownPrefix(i))
		context = appendText(append(context, ':'), uri)
	}
	if len(w.own) > 0 {
		context = append(context, '}')
	}
	if w.alone {
		context = append(context, ']')
	}
	return slices.Insert(w.b, start+1, append(context, ',')...), nil
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
	w.text("parentID", w.id(e.Parent))
	appendList(w, "epcList", w.ids(e.EPCs))
	w.quantities("quantityList", e.Quantities)
	group := e.Type == trace.AggregationEvent || e.Type == trace.AssociationEvent
	if group && e.Action == trace.Delete && len(e.ChildEPCs)+len(e.ChildQuantities) == 0 {
		w.key("childEPCs")
		w.b = append(w.b, "[]"...)
	}
	appendList(w, "childEPCs", w.ids(e.ChildEPCs))
	w.quantities("childQuantityList", e.ChildQuantities)
	appendList(w, "inputEPCList", w.ids(e.InputEPCs))
	w.quantities("inputQuantityList", e.InputQuantities)
	appendList(w, "outputEPCList", w.ids(e.OutputEPCs))
	w.quantities("outputQuantityList", e.OutputQuantities)
	w.text("transformationID", w.id(e.TransformationID))
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

// id returns an identifier as it is written.
func (w *writer) id(id trace.ID) string {
	if w.urns == nil {
		return string(id)
	}
	epc, err := id.EPC()
	if err != nil {
		return string(id)
	}
	urn, err := epc.URN(w.urns.Length(epc))
	if err != nil {
		return string(id)
	}
	return urn
}

// ids returns the identifiers of a list as they are written. The schema wants the items of a list to differ as texts,
// which those of one object in two notations no longer do, and the event hash counts both: the second one gets an empty
// query, which names the same object.
func (w *writer) ids(list []trace.ID) []trace.ID {
	repeats := hasRepeats(list)
	if w.urns == nil && !repeats {
		return list
	}
	out := make([]trace.ID, len(list))
	seen := make(map[trace.ID]bool)
	for i, id := range list {
		out[i] = trace.ID(w.id(id))
		if !repeats {
			continue
		}
		for seen[out[i]] {
			other := id + "?"
			if same, err := trace.ParseID(string(other)); err != nil || same != list[i] {
				break
			}
			id, out[i] = other, other
		}
		seen[out[i]] = true
	}
	return out
}

func hasRepeats(list []trace.ID) bool {
	if len(list) > 16 {
		seen := make(map[trace.ID]bool, len(list))
		for _, id := range list {
			if seen[id] {
				return true
			}
			seen[id] = true
		}
		return false
	}
	for i, id := range list {
		if slices.Contains(list[:i], id) {
			return true
		}
	}
	return false
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
			w.text("id", w.id(id))
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
		w.text("epcClass", w.id(q.Class))
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
		w.text(key, w.id(id))
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
