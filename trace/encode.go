package trace

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entry versions: the first byte of an entry. FORMAT.md describes all.
const (
	versionWhole1 = 1 // an event without short forms
	versionPart1  = 2 // one part of such an event
	versionWhole  = 3 // an event
	versionPart   = 4 // one part of an event that is too long for one entry
)

// Keys of the map that follows the version. Ascending in an entry; a field that is empty is left out.
const (
	keyPart = iota
	keyType
	keyAction
	keyTime
	keyBizStep
	keyDisposition
	keyReadPoint
	keyBizLocation
	keyBizTransactions
	keySources
	keyDestinations
	keyParent
	keyEPCs
	keyQuantities
	keyChildEPCs
	keyChildQuantities
	keyInputEPCs
	keyInputQuantities
	keyOutputEPCs
	keyOutputQuantities
	keyTransformationID
	keyEventID
	keyRecordTime
	keyPersistentSet
	keyPersistentOff
	keyError
	keyILMD
	keyExtensions
	keyReadPointExt
	keyBizLocationExt
	keyCertifications
	keySensors
	keyTail
	keyEnd
)

// maxDepth bounds how deep values may be nested.
const maxDepth = 32

var eventTypes = [...]EventType{1: ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent, AssociationEvent}
var actions = [...]Action{1: Add, Observe, Delete}

var errTooDeep = errors.New("values nested too deep")

// entry is what an entry of the ledger holds: a whole event, or one part of it.
type entry struct {
	event *Event
	part  *part // nil: the event is whole
}

// part is the header of one part of an event, and the piece of its tail that it carries.
type part struct {
	hash []byte // of the whole event, 32 bytes
	i, n int    // this is part i of n, from 0
	lot  string // of the whole event, so that each part can be indexed alone
	tail []byte // piece of the encoded tail: extensions and sensors
}

// id writes an identifier: packed, or as a string. The stem of a canonical Digital Link is left out of a string: what
// remains begins with a slash, which no URI does.
func (w *encoder) id(id ID) {
	var buf [64]byte
	if packed := appendPacked(buf[:0], id); len(packed) > 0 {
		w.bin(packed)
		return
	}
	if strings.HasPrefix(string(id), "/") {
		w.note(fmt.Errorf("identifier %q: %w", string(id), errNotURI))
	}
	s := string(id)
	if strings.HasPrefix(s, canonicalStem+"/") {
		s = s[len(canonicalStem):]
	}
	w.str(s)
}

func (w *encoder) single(k int, id ID) {
	if id != "" {
		w.key(k)
		w.id(id)
	}
}

func (w *encoder) ids(k int, ids []ID) {
	if len(ids) == 0 {
		return
	}
	w.key(k)
	w.array(len(ids))
	for _, id := range ids {
		w.id(id)
	}
}

func (w *encoder) quantities(k int, list []Quantity) {
	if len(list) == 0 {
		return
	}
	w.key(k)
	w.array(3 * len(list))
	for _, q := range list {
		w.id(q.Class)
		w.str(q.Amount)
		w.str(q.UOM)
	}
}

// term writes the number of a word of CBV, and any other term as a string.
func (w *encoder) term(s string, v *vocabulary) {
	if n := v.position(s); n > 0 {
		w.int(int64(n))
	} else {
		w.str(s)
	}
}

func (w *encoder) word(k int, s string, v *vocabulary) {
	if s != "" {
		w.key(k)
		w.term(s, v)
	}
}

func (w *encoder) dispositions(k int, list []Disposition) {
	if len(list) == 0 {
		return
	}
	w.key(k)
	w.array(len(list))
	for _, d := range list {
		w.term(string(d), &dispositions)
	}
}

// parties writes a list of sources or destinations, given where the event happened: see shortParties.
func (w *encoder) parties(k int, list []SourceDest, here ID) {
	if len(list) == 0 {
		return
	}
	w.key(k)
	if place, ok := shortParties(list); ok {
		if place == here {
			w.int(1)
		} else {
			w.id(place)
		}
		return
	}
	w.array(2 * len(list))
	for _, s := range list {
		w.term(string(s.Type), &partyTypes)
		w.id(s.ID)
	}
}

func (w *encoder) strings(list []string) {
	w.array(len(list))
	for _, s := range list {
		w.str(s)
	}
}

// recordTime writes the milliseconds that have passed since the event, where both times are of whole milliseconds.
func (w *encoder) recordTime(t, event time.Time) {
	ms, whole := millis(t)
	from, ok := millis(event)
	if whole && ok {
		w.int(ms - from)
	} else {
		w.time(t, false)
	}
}

// time writes a short time, or seconds since 1970, nanoseconds and, for an event's own times, the zone offset in
// minutes.
func (w *encoder) time(t time.Time, zone bool) {
	if n, ok := shortTime(t); ok && zone {
		w.int(n)
		return
	}
	if !zone {
		w.array(2)
	} else {
		w.array(3)
	}
	w.int(t.Unix())
	w.int(int64(t.Nanosecond()))
	if zone {
		_, offset := t.Zone()
		w.int(int64(offset / 60))
	}
}

func (w *encoder) fields(list []Field, depth int) {
	w.array(2 * len(list))
	for _, f := range list {
		w.name(f.Name)
		w.value(f.Value, depth)
	}
}

// knownNamespaces are written as their numbers: this package's own and that of master data.
var knownNamespaces = [...]string{Namespace, mdaNamespace}

// name writes the name of a field: a number, or a string, in which "{0}" stands for the first of the known namespaces; it
// is no namespace itself.
func (w *encoder) name(s string) {
	if n := knownName(s); n >= 0 {
		w.int(int64(n))
		return
	}
	for i, ns := range knownNamespaces {
		number := "{" + strconv.Itoa(i) + "}"
		if local, ok := strings.CutPrefix(s, "{"+ns+"}"); ok {
			w.str(number + local)
			return
		}
		if strings.HasPrefix(s, number) {
			w.note(fmt.Errorf("field %q: namespace is no URI", s))
		}
	}
	w.str(s)
}

// value writes text as a string, and every other kind as an array of the kind and its content.
func (w *encoder) value(v Value, depth int) {
	if depth > maxDepth {
		w.note(errTooDeep)
		return
	}
	if v.Kind == Text {
		w.str(v.Text)
		return
	}
	w.array(2)
	w.int(int64(v.Kind))
	switch v.Kind {
	case List:
		w.array(len(v.List))
		for _, item := range v.List {
			w.value(item, depth+1)
		}
	case Object:
		w.fields(v.Fields, depth+1)
	default:
		w.str(v.Text)
	}
}

// head writes all fields but the lists of objects, if lists is false, and the tail.
func (w *encoder) head(e *Event, lists bool) {
	w.key(keyType)
	usual := e.usual()
	if usual > 0 {
		w.int(int64(usual))
	} else if i := slices.Index(eventTypes[:], e.Type); i > 0 {
		w.int(int64(i))
	} else {
		w.str(string(e.Type))
	}
	if i := slices.Index(actions[:], e.Action); i > 0 && usual == 0 {
		w.key(keyAction)
		w.int(int64(i))
	}
	w.key(keyTime)
	w.time(e.Time, true)
	if usual == 0 {
		w.word(keyBizStep, string(e.BizStep), &bizSteps)
		w.word(keyDisposition, string(e.Disposition), &dispositions)
	}
	w.single(keyReadPoint, e.ReadPoint)
	if e.BizLocation != "" && e.BizLocation == e.ReadPoint {
		w.key(keyBizLocation)
		w.str("") // where it happened
	} else {
		w.single(keyBizLocation, e.BizLocation)
	}
	if len(e.BizTransactions) > 0 {
		w.key(keyBizTransactions)
		w.array(2 * len(e.BizTransactions))
		for _, t := range e.BizTransactions {
			w.term(string(t.Type), &documentTypes)
			w.id(t.ID)
		}
	}
	w.parties(keySources, e.Sources, e.ReadPoint)
	w.parties(keyDestinations, e.Destinations, e.ReadPoint)
	w.single(keyParent, e.Parent)
	if lists {
		w.lists(e)
	}
	w.single(keyTransformationID, e.TransformationID)
	w.eventID(e.EventID)
	if !e.RecordTime.IsZero() {
		w.key(keyRecordTime)
		w.recordTime(e.RecordTime, e.Time)
	}
	w.dispositions(keyPersistentSet, e.PersistentSet)
	w.dispositions(keyPersistentOff, e.PersistentOff)
	if d := e.Error; d != nil {
		w.key(keyError)
		w.array(4)
		w.time(d.Time, true)
		w.term(string(d.Reason), &errorReasons)
		w.strings(d.Corrective)
		w.fields(d.Extensions, 0)
	}
	if len(e.ILMD) > 0 {
		w.key(keyILMD)
		w.fields(e.ILMD, 0)
	}
}

// eventID writes an identifier that is an event hash, as nearly all are, as the 32 bytes that it tells.
func (w *encoder) eventID(id string) {
	if id == "" {
		return
	}
	w.key(keyEventID)
	if sum, ok := hashOf(id); ok {
		w.bin(sum[:])
	} else {
		w.str(id)
	}
}

func (w *encoder) lists(e *Event) {
	w.ids(keyEPCs, e.EPCs)
	w.quantities(keyQuantities, e.Quantities)
	w.ids(keyChildEPCs, e.ChildEPCs)
	w.quantities(keyChildQuantities, e.ChildQuantities)
	w.ids(keyInputEPCs, e.InputEPCs)
	w.quantities(keyInputQuantities, e.InputQuantities)
	w.ids(keyOutputEPCs, e.OutputEPCs)
	w.quantities(keyOutputQuantities, e.OutputQuantities)
}

// tail writes the fields that are not indexed and may be long.
func (w *encoder) tail(e *Event) {
	for _, f := range [...]struct {
		key  int
		list []Field
	}{{keyExtensions, e.Extensions}, {keyReadPointExt, e.ReadPointExt}, {keyBizLocationExt, e.BizLocationExt}} {
		if len(f.list) > 0 {
			w.key(f.key)
			w.fields(f.list, 0)
		}
	}
	if len(e.Certifications) > 0 {
		w.key(keyCertifications)
		w.strings(e.Certifications)
	}
	if len(e.Sensors) > 0 {
		w.key(keySensors)
		w.array(len(e.Sensors))
		for _, v := range e.Sensors {
			w.value(v, 0)
		}
	}
}

func (w *encoder) part(p *part) {
	w.key(keyPart)
	w.array(4)
	w.bin(p.hash)
	w.int(int64(p.i))
	w.int(int64(p.n))
	w.str(p.lot)
}

func (w *encoder) tailPiece(b []byte) {
	if len(b) > 0 {
		w.key(keyTail)
		w.bin(b)
	}
}
