package trace

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"
)

// Profile is a version of the event hash algorithm.
type Profile uint8

const (
	// CBV20 is section 8.9 of CBV 2.0 with the corrections that its reference implementation has carried since pull
	// request 123: sources before destinations, epcList before parentID, no certificationInfo, exact decimals, times
	// rounded half up, extensions of standard fields after the standard fields.
	CBV20 Profile = iota
	// CBV21 is the draft of CBV 2.1: it names sensorElementList, and has extensions of standard fields in their place.
	CBV21
)

// String returns the version as it stands in an event hash.
func (p Profile) String() string {
	if p == CBV21 {
		return "CBV2.1"
	}
	return "CBV2.0"
}

// Hash returns the EPCIS event hash, "ni:///sha-256;…?ver=CBV2.0". Two events have the same hash when they say the same
// thing, whatever the order of their lists; EventID, RecordTime and Error do not count, so an error declaration has the
// hash of the event that it declares wrong.
func (e *Event) Hash(p Profile) string { return hashURI(p, e.sum(p)) }

// PreHash returns the string that is hashed, for finding out why two hashes differ.
func (e *Event) PreHash(p Profile) string { return string(e.appendPreHash(nil, p)) }

func (e *Event) sum(p Profile) []byte {
	buf := preHashes.Get().(*[]byte)
	b := slices.Grow((*buf)[:0], 1500+60*(len(e.EPCs)+len(e.ChildEPCs)+len(e.InputEPCs)+len(e.OutputEPCs)))
	b = e.appendPreHash(b, p)
	sum := sha256.Sum256(b)
	if len(b) <= maxEntry {
		*buf = b
	}
	preHashes.Put(buf)
	return sum[:]
}

// preHashes is memory for pre-hash strings.
var preHashes = sync.Pool{New: func() any { return new([]byte) }}

// The event hash of CBV 2.0 as a URI (RFC 6920) is this, 64 hexadecimal digits, and that.
const (
	hashStem = "ni:///sha-256;"
	hashTail = "?ver="
)

func hashURI(p Profile, sum []byte) string {
	b := make([]byte, 0, 96)
	b = append(b, hashStem...)
	b = hex.AppendEncode(b, sum)
	b = append(b, hashTail...)
	return string(append(b, p.String()...))
}

// hashOf is the inverse of hashURI for CBV20. It is false for every other string.
func hashOf(id string) (sum [sha256.Size]byte, ok bool) {
	const tail = hashTail + "CBV2.0"
	if len(id) != len(hashStem)+2*len(sum)+len(tail) || id[:len(hashStem)] != hashStem || id[len(id)-len(tail):] != tail {
		return sum, false
	}
	for i := range sum {
		hi, lo := hexDigit(id[len(hashStem)+2*i]), hexDigit(id[len(hashStem)+2*i+1])
		if hi > 15 || lo > 15 {
			return sum, false
		}
		sum[i] = hi<<4 | lo
	}
	return sum, true
}

// hexDigit returns the value of a lower-case hexadecimal digit, and 255 for any other byte.
func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// appendPreHash appends the fields in the order of CBV 2.0 section 8.9.2: key=value without separators, lists sorted.
func (e *Event) appendPreHash(b []byte, p Profile) []byte {
	b = append(b, "eventType="...)
	b = append(b, e.Type...)
	if !e.Time.IsZero() {
		b = append(b, "eventTime="...)
		b = appendTime(b, e.Time)
	}
	if !e.NoOffset {
		b = appendOffset(append(b, "eventTimeZoneOffset="...), e.Time)
	}
	b = appendIDs(b, "epcList", e.EPCs)
	b = appendPair(b, "parentID", string(e.Parent))
	b = appendIDs(b, "inputEPCList", e.InputEPCs)
	b = appendIDs(b, "childEPCs", e.ChildEPCs)
	b = appendQuantities(b, "quantityList", e.Quantities)
	b = appendQuantities(b, "childQuantityList", e.ChildQuantities)
	b = appendQuantities(b, "inputQuantityList", e.InputQuantities)
	b = appendIDs(b, "outputEPCList", e.OutputEPCs)
	b = appendQuantities(b, "outputQuantityList", e.OutputQuantities)
	b = appendPair(b, "action", string(e.Action))
	b = appendPair(b, "transformationID", string(e.TransformationID))
	b = appendTerm(b, "bizStep", &bizSteps, string(e.BizStep))
	b = appendTerm(b, "disposition", &dispositions, string(e.Disposition))
	if len(e.PersistentSet)+len(e.PersistentOff) > 0 {
		b = append(b, "persistentDisposition"...)
		b = appendDispositions(b, "set", e.PersistentSet)
		b = appendDispositions(b, "unset", e.PersistentOff)
	}
	b = appendPlace(b, "readPoint", e.ReadPoint, e.ReadPointExt, p)
	b = appendPlace(b, "bizLocation", e.BizLocation, e.BizLocationExt, p)
	b = e.appendDocuments(b)
	b = appendParties(b, "source", e.Sources)
	b = appendParties(b, "destination", e.Destinations)
	b = appendSensors(b, e.Sensors, p)
	return e.appendTrailing(b, p)
}

// appendTrailing appends what is no standard field: in CBV 2.0 master data, the extensions of standard fields behind
// the name of their field, and the extensions of the event; in CBV 2.1 master data and extensions of the event, sorted.
func (e *Event) appendTrailing(b []byte, p Profile) []byte {
	var holders []holder
	if len(e.ReadPointExt)+len(e.BizLocationExt) > 0 {
		holders = []holder{
			{name: "readPoint", fields: e.ReadPointExt, hasID: true},
			{name: "bizLocation", fields: e.BizLocationExt, hasID: true},
		}
	}
	if p == CBV20 {
		if len(e.ILMD) > 0 {
			b = appendFields(append(b, "ilmd"...), e.ILMD)
		}
		for _, h := range holders {
			if direct := h.direct(); len(direct) > 0 {
				b = appendFields(append(b, h.name...), direct)
			}
		}
		b = appendSensorExtensions(b, e.Sensors)
	}
	list := itemsAt(b)
	b = list.fields(b, e.Extensions)
	if p == CBV21 && len(e.ILMD) > 0 {
		b = appendFields(append(b, "ilmd"...), e.ILMD)
		list.end(b)
	}
	for _, h := range holders {
		if left := h.left(p); len(left) > 0 {
			b = appendFields(append(b, h.name...), left)
			list.end(b)
		}
	}
	if left := sensorLeft(e.Sensors, p); left != "" {
		b = append(b, left...)
		list.end(b)
	}
	return list.sort(b)
}

func appendPair(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, key...)
	b = append(b, '=')
	return append(b, value...)
}

// appendTerm is appendPair for a word of a vocabulary.
func appendTerm(b []byte, key string, v *vocabulary, term string) []byte {
	if v.position(term) == 0 {
		return appendPair(b, key, term)
	}
	b = append(append(b, key...), '=')
	return append(append(b, v.stem...), term...)
}

// appendTime appends a time in UTC with exactly three decimals, rounded half up.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC().Round(time.Millisecond)
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	}
	hour, minute, second := t.Clock()
	ms := t.Nanosecond() / 1e6
	b = append(appendDate(b, year, month, day), 'T')
	b = append(appendPairOfDigits(b, hour), ':')
	b = append(appendPairOfDigits(b, minute), ':')
	b = append(appendPairOfDigits(b, second), '.', byte('0'+ms/100))
	return append(appendPairOfDigits(b, ms%100), 'Z')
}

// appendDate appends a day of the years 0 to 9999, as in "2026-01-05".
func appendDate(b []byte, year int, month time.Month, day int) []byte {
	b = append(appendPairOfDigits(appendPairOfDigits(b, year/100), year%100), '-')
	b = append(appendPairOfDigits(b, int(month)), '-')
	return appendPairOfDigits(b, day)
}

// appendOffset appends the zone offset of a time in hours and minutes, as in "+07:00".
func appendOffset(b []byte, t time.Time) []byte {
	_, offset := t.Zone()
	sign, minutes := byte('+'), offset/60
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	if minutes >= 100*60 {
		return t.AppendFormat(b, "-07:00")
	}
	b = append(appendPairOfDigits(append(b, sign), minutes/60), ':')
	return appendPairOfDigits(b, minutes%60)
}

// appendPairOfDigits appends a number below 100.
func appendPairOfDigits(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func appendIDs(b []byte, name string, ids []ID) []byte {
	if len(ids) == 0 {
		return b
	}
	if !slices.IsSorted(ids) {
		ids = slices.Clone(ids)
		slices.Sort(ids)
	}
	b = append(b, name...)
	for _, id := range ids {
		b = append(b, "epc="...)
		b = append(b, id...)
	}
	return b
}

func appendQuantities(b []byte, name string, list []Quantity) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(b, name...)
	items := itemsAt(b)
	for _, q := range list {
		b = appendPair(append(b, "quantityElement"...), "epcClass", string(q.Class))
		b = appendPair(b, "quantity", decimal(q.Amount))
		b = appendPair(b, "uom", q.UOM)
		items.end(b)
	}
	return items.sort(b)
}

func appendDispositions(b []byte, name string, list []Disposition) []byte {
	items := itemsAt(b)
	for _, d := range list {
		b = appendTerm(b, name, &dispositions, string(d))
		items.end(b)
	}
	return items.sort(b)
}

func appendPlace(b []byte, name string, id ID, ext []Field, p Profile) []byte {
	if id == "" {
		return b
	}
	b = append(b, name...)
	b = appendPair(b, "id", string(id))
	if p == CBV21 {
		h := holder{fields: ext, hasID: true}
		b = appendFields(b, h.direct())
	}
	return b
}

func (e *Event) appendDocuments(b []byte) []byte {
	if len(e.BizTransactions) == 0 {
		return b
	}
	b = append(b, "bizTransactionList"...)
	items := itemsAt(b)
	for _, t := range e.BizTransactions {
		b = appendTerm(b, "type", &documentTypes, string(t.Type))
		b = appendPair(b, "bizTransaction", string(t.ID))
		items.end(b)
	}
	return items.sort(b)
}

func appendParties(b []byte, name string, list []SourceDest) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(append(b, name...), "List"...)
	items := itemsAt(b)
	for _, s := range list {
		b = appendTerm(b, "type", &partyTypes, string(s.Type))
		b = appendPair(b, name, string(s.ID))
		items.end(b)
	}
	return items.sort(b)
}
