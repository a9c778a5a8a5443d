package trace

import (
	"encoding/binary"
	"errors"
	"strconv"
	"time"
)

// The facts of a class are index keys that say themselves what an event did to it, so that nobody has to read ten
// thousand records to learn where a lot is. FORMAT.md describes them. An event of which a key cannot tell enough has
// the key of a record instead: whoever follows the class reads it.

// What follows the name of the class in a key of facts.
const (
	factRecord = 0 // nothing: the record is to be read
	factEvent  = 1 // what the event did
)

// The flags of a fact say what it has.
const (
	factAll      = 1 << iota // no count: the event is about all there is
	factOther                // the other party: who sends, or to whom goods are sent
	factDocument             // the document of a shipment
	factExpiry               // days since 1970
	factPrice                // of a unit
)

// maxFact is how long a key may be: what a ledger takes.
const maxFact = 240

// mostName is how long the name of a party may be in a fact. A GLN has the length mostName+1 and takes 6 bytes.
const mostName = 80

// mostFacts is how many classes an event may name that facts tell of: longer lists are few, and cost more to look
// through.
const mostFacts = 64

// appendFactPrefix appends what all keys of facts of a class begin with.
func appendFactPrefix(b []byte, class ID) []byte {
	at := len(b) + 1
	b = appendKey(append(b, keyKindFacts), keyKindEPC, string(class))
	b[at] = byte(len(b) - at - 1) // in place of the kind: no name begins another
	return b
}

// hasFacts reports whether events about something are told by keys of facts: it is a GTIN, alone or with a lot.
func (id ID) hasFacts() bool {
	const stem = len(canonicalStem)
	return len(id) > stem && id[:stem] == canonicalStem && isClassName(string(id[stem:]))
}

// facts adds the keys of facts of the goods of an event, or of a part of one.
func (l *keyList) facts(e *Event, whole bool) {
	plain := whole && e.plain()
	for i, list := range [...][]Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for j, q := range list {
			if q.Class.hasFacts() {
				l.fact(e, q, plain && i == 0 && !named(list[:j], q.Class) && !named(list[j+1:], q.Class))
			}
		}
	}
}

// named reports whether a list names a class.
func named(list []Quantity, class ID) bool {
	for _, q := range list {
		if q.Class == class {
			return true
		}
	}
	return false
}

// fact adds the key of what an event did to a class, or of the record if that cannot be told.
func (l *keyList) fact(e *Event, q Quantity, plain bool) {
	from := len(l.buf)
	l.buf = appendFactPrefix(l.buf, q.Class)
	if plain {
		if b, ok := appendFact(l.buf, e, q); ok && len(b)-from <= maxFact {
			l.buf = b
			l.end(from)
			return
		}
	}
	l.buf = append(l.buf, factRecord)
	l.end(from)
}

// record adds the key of the record of an event that names packs of a class.
func (l *keyList) record(class ID) {
	if class.hasFacts() {
		from := len(l.buf)
		l.buf = append(appendFactPrefix(l.buf, class), factRecord)
		l.end(from)
	}
}

// plain reports whether all that an event does to its classes can be told by facts, as far as the event as a whole is
// concerned.
func (e *Event) plain() bool {
	return e.Type == ObjectEvent && e.usual() > 0 && e.Error == nil && e.Parent == "" && len(e.EPCs) == 0 && len(e.Quantities) <= mostFacts
}

// appendFact appends what a plain event did to a class that it names once. It is false if that cannot be told.
func appendFact(b []byte, e *Event, q Quantity) ([]byte, bool) {
	moment, ok := shortTime(e.Time)
	if !ok {
		return b, false
	}
	b = append(b, factEvent)
	// The time first: keys are in its order.
	b = appendNumber(b, uint64(moment/zoneSlots), 6)
	b = append(b, byte(moment%zoneSlots), byte(e.usual()), 0)
	flags := len(b) - 1

	actor := e.Actor()
	if b, ok = appendParty(b, actor); !ok || actor != PartyOf(actor.location()) {
		return b, false
	}
	if n, ok := q.Count(); ok {
		if q.Amount != strconv.FormatInt(n, 10) {
			return b, false
		}
		b = binary.AppendUvarint(b, uint64(n))
	} else if q.Amount == "" && q.UOM == "" {
		b[flags] |= factAll
	} else {
		return b, false
	}
	if other := e.other(); other != "" {
		b[flags] |= factOther
		if b, ok = appendParty(b, other); !ok || other != PartyOf(other.location()) {
			return b, false
		}
	}
	expiry, lot, price := e.read()
	if lot != "" && q.Class != q.Class.class("") && q.Class != q.Class.class(lot) {
		return b, false // that is a finding
	}
	if expiry != "" {
		days, ok := dayNumber(expiry)
		if !ok {
			return b, false
		}
		b[flags] |= factExpiry
		b = binary.AppendUvarint(b, uint64(days))
	}
	if price != "" {
		n, err := strconv.ParseInt(price, 10, 64)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != price {
			return b, false
		}
		b[flags] |= factPrice
		b = binary.AppendUvarint(b, uint64(n))
	}
	if doc := e.Document(); doc != "" && e.BizStep.moves() {
		b[flags] |= factDocument
		at := len(b)
		if b = appendPacked(append(b, 1), doc); len(b) == at+1 {
			b[at] = 0
			b = append(b, doc...)
		}
	}
	return b, true
}

// dayNumber returns the days from 1970 to a date. It is false for one before and for what is no date, as written by
// appendDate.
func dayNumber(date string) (days int64, ok bool) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, false
	}
	var buf [len(time.DateOnly)]byte
	days = day.Unix() / 86400
	return days, days >= 0 && string(appendDate(buf[:0], day.Year(), day.Month(), day.Day())) == date
}

// moves reports whether a step is the shipping or receiving of something, or takes a shipment back.
func (s BizStep) moves() bool {
	return s == BizStepShipping || s == BizStepVoidShipping || s == BizStepReceiving
}

// other returns the party at the other end of a shipment.
func (e *Event) other() Party {
	switch {
	case !e.BizStep.moves():
		return ""
	case e.BizStep == BizStepReceiving:
		return counterpart(e.Sources)
	}
	return counterpart(e.Destinations)
}

// read returns what was read on goods, and paid for them, as far as the step makes use of it.
func (e *Event) read() (expiry, lot, price string) {
	expiry = e.expiry()
	if e.BizStep == BizStepDispensing {
		if field(e.ILMD, "itemExpirationDate") != "" {
			expiry = "-" // nothing that a fact tells
		}
		lot, price = field(e.Extensions, "lot"), field(e.Extensions, "price")
	}
	return expiry, lot, price
}

// appendParty appends a party. It is false when its name is too long.
func appendParty(b []byte, p Party) ([]byte, bool) {
	switch {
	case p.isGLN():
		return appendNumber(append(b, mostName+1), decimalValue(string(p)), 6), true
	case len(p) <= mostName:
		return append(append(b, byte(len(p))), p...), true
	}
	return b, false
}

// appendNumber appends a big endian number of n bytes.
func appendNumber(b []byte, v uint64, n int) []byte {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], v)
	return append(b, buf[8-n:]...)
}

var errFact = errors.New("a fact that is none")

// factDecoder reads keys of facts. What they share is kept once.
type factDecoder struct {
	class  ID
	places map[string]ID // by the bytes of the party
	dates  map[uint64]string
	events []factEntry // memory for the next ones
	fields []Field     // likewise
}

// factEntry is an event that is made of a fact, and its lists.
type factEntry struct {
	stored   stored
	event    Event
	quantity [1]Quantity
	other    [1]SourceDest
	document [1]BizTransaction
}

func newFactDecoder(class ID) *factDecoder {
	return &factDecoder{class: class, places: make(map[string]ID), dates: make(map[uint64]string)}
}

// stored returns an event that does to the class what the one does that has the fact b, and says nothing else.
func (d *factDecoder) stored(b []byte) (*stored, error) {
	if len(d.events) == 0 {
		const some = 128
		d.events = make([]factEntry, some)
	}
	lists := &d.events[0]
	d.events = d.events[1:]
	return d.decode(lists, b)
}

// decode is stored with the memory to use, which is empty.
func (d *factDecoder) decode(lists *factEntry, b []byte) (*stored, error) {
	if len(b) < 9 {
		return nil, errFact
	}
	e := &lists.event
	lists.stored = stored{Event: e, index: -1}

	var err error
	ms := int64(binary.BigEndian.Uint64(b) >> 16)
	if e.Time, err = longTime(ms*zoneSlots + int64(b[6])); err != nil {
		return nil, err
	}
	step, flags := int(b[7]), b[8]
	if step < firstUsual || step-firstUsual >= len(usualSteps) {
		return nil, errFact
	}
	e.setUsual(step)
	if flags >= factPrice<<1 || flags&(factOther|factDocument) != 0 && !e.BizStep.moves() || flags&factPrice != 0 && e.BizStep != BizStepDispensing {
		return nil, errFact
	}
	b = b[9:]
	if e.ReadPoint, b, err = d.place(b); err != nil {
		return nil, err
	}
	q := &lists.quantity[0]
	q.Class = d.class
	if flags&factAll == 0 {
		n, rest, err := uvarint(b)
		if err != nil {
			return nil, err
		}
		q.Amount, b = strconv.FormatUint(n, 10), rest
	}
	e.Quantities = lists.quantity[:]
	if flags&factOther != 0 {
		var place ID
		if place, b, err = d.place(b); err != nil || place == "" {
			return nil, errFact
		}
		lists.other[0] = SourceDest{Location, place}
		if e.BizStep == BizStepReceiving {
			if e.ReadPoint == "" {
				return nil, errFact // it would be who receives
			}
			e.Sources = lists.other[:]
		} else {
			e.Destinations = lists.other[:]
		}
	}
	var fields []Field
	if flags&(factExpiry|factPrice) != 0 {
		const most, some = 2, 64
		if len(d.fields) < most {
			d.fields = make([]Field, some)
		}
		fields, d.fields = d.fields[:0:most], d.fields[most:]
	}
	if flags&factExpiry != 0 {
		days, rest, err := uvarint(b)
		if err != nil || days > maxSecond/86400 {
			return nil, errFact
		}
		b = rest
		fields = append(fields, Field{knownNames[nameExp], Value{Text: d.date(days)}})
	}
	if flags&factPrice != 0 {
		price, rest, err := uvarint(b)
		if err != nil {
			return nil, err
		}
		b = rest
		fields = append(fields, Field{knownNames[namePrice], Value{Text: strconv.FormatUint(price, 10)}})
	}
	if len(fields) > 0 {
		e.Extensions = fields
	}
	if flags&factDocument == 0 {
		if len(b) > 0 {
			return nil, errFact
		}
		return &lists.stored, nil
	}
	if len(b) < 2 || b[0] > 1 {
		return nil, errFact
	}
	doc := string(b[1:])
	if b[0] == 1 {
		var buf [128]byte
		text, err := appendUnpacked(buf[:0], b[1:])
		if err != nil {
			return nil, err
		}
		doc = string(text)
	}
	lists.document[0] = BizTransaction{BTTDespatchAdvice, ID(doc)}
	e.BizTransactions = lists.document[:]
	return &lists.stored, nil
}

// place reads a party and returns its place.
func (d *factDecoder) place(b []byte) (ID, []byte, error) {
	n := 1
	switch {
	case len(b) == 0:
		return "", nil, errFact
	case b[0] <= mostName:
		n += int(b[0])
	default:
		n += 6
	}
	if len(b) < n {
		return "", nil, errFact
	}
	id, ok := d.places[string(b[:n])]
	if !ok {
		p := Party(b[1:n])
		if b[0] > mostName {
			v := binary.BigEndian.Uint64(append([]byte{0, 0}, b[1:n]...))
			p = Party(digits(v, 13))
		}
		id = p.location()
		d.places[string(b[:n])] = id
	}
	return id, b[n:], nil
}

// date returns a day that is counted since 1970.
func (d *factDecoder) date(days uint64) string {
	date, ok := d.dates[days]
	if !ok {
		date = time.Unix(int64(days)*86400, 0).UTC().Format(time.DateOnly)
		d.dates[days] = date
	}
	return date
}

// uvarint reads a number.
func uvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, errFact
	}
	return v, b[n:], nil
}

// digits returns the last n digits of a number.
func digits(v uint64, n int) string {
	b := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return string(b)
}
