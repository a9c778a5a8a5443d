package trace

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Decode reads the event of a ledger's entry, or of the entries that a long event was cut into, in order and all of
// them: what an inspector does with records that have been proven, without a Repository. It never panics.
func Decode(entries ...[]byte) (*Event, error) {
	parts := make([]*entry, len(entries))
	for i, data := range entries {
		var err error
		if parts[i], err = decodeEntry(data); err != nil {
			return nil, err
		}
	}
	if len(parts) == 1 && parts[0].part == nil {
		return parts[0].event, nil
	}
	return joinChain(parts)
}

// decodeEntry reads an entry. It never panics, and takes memory in proportion to len(data).
func decodeEntry(data []byte) (*entry, error) { return decodePooled(data, nil) }

// decodePooled is decodeEntry with texts out of a pool.
func decodePooled(data []byte, p *pool) (*entry, error) {
	one := &struct {
		entry
		Event
	}{}
	one.entry.event = &one.Event
	if err := one.entry.decode(data, p); err != nil {
		return nil, err
	}
	return &one.entry, nil
}

// decode reads an entry into out, whose event is empty.
func (out *entry) decode(data []byte, p *pool) error {
	if len(data) == 0 {
		return fmt.Errorf("trace: entry: %w", errTruncated)
	}
	whole := data[0] == versionWhole || data[0] == versionWhole1
	if !whole && data[0] != versionPart && data[0] != versionPart1 {
		return fmt.Errorf("trace: entry of unknown version %d", data[0])
	}
	d := newDecoder(data[1:])
	d.pool = p
	if err := d.pairs(out); err != nil {
		return fmt.Errorf("trace: entry: %w", err)
	}
	if (out.part == nil) != whole {
		return errors.New("trace: entry: version and part header disagree")
	}
	if out.part == nil && out.event.Type == "" {
		return errors.New("trace: entry: no event type")
	}
	return nil
}

// decodeTail reads the reassembled tail of a chain into its event.
func decodeTail(data []byte, e *Event) error { return newDecoder(data).pairs(&entry{event: e}) }

func (d *decoder) pairs(out *entry) error {
	n, err := d.mapLen()
	if err != nil {
		return err
	}
	if n >= keyEnd {
		return errors.New("not a map of fields")
	}
	last := -1
	for range n {
		k, err := d.int(keyEnd - 1)
		if err != nil {
			return err
		}
		if int(k) <= last {
			return errors.New("fields out of order")
		}
		last = int(k)
		if err := d.pair(last, out); err != nil {
			return fmt.Errorf("field %d: %w", last, err)
		}
	}
	if d.left() > 0 {
		return errors.New("bytes after the end")
	}
	return nil
}

var errSaidTwice = errors.New("said twice")

func (d *decoder) pair(k int, out *entry) (err error) {
	e := out.event
	switch k {
	case keyPart:
		out.part, err = d.part()
	case keyType:
		if d.isText() {
			if e.Type, err = text[EventType](d); err == nil && !strings.Contains(string(e.Type), ":") {
				err = errors.New("event type is no URI")
			}
			break
		}
		var n int64
		switch n, err = d.int(firstUsual + int64(len(usualSteps)) - 1); {
		case err != nil:
		case n >= firstUsual:
			e.setUsual(int(n))
		case n < int64(len(eventTypes)):
			e.Type = eventTypes[n]
		default:
			err = errNumber
		}
	case keyAction:
		if e.BizStep != "" {
			return errSaidTwice
		}
		var n int64
		if n, err = d.int(int64(len(actions) - 1)); err == nil {
			e.Action = actions[n]
		}
	case keyTime:
		e.Time, err = d.time(true)
	case keyBizStep:
		if e.BizStep != "" {
			return errSaidTwice
		}
		e.BizStep, err = term[BizStep](d, &bizSteps)
	case keyDisposition:
		if e.Disposition != "" {
			return errSaidTwice
		}
		e.Disposition, err = term[Disposition](d, &dispositions)
	case keyReadPoint:
		e.ReadPoint, err = d.id()
	case keyBizLocation:
		if e.BizLocation, err = d.id(); err == nil && e.BizLocation == "" {
			e.BizLocation = e.ReadPoint
		}
	case keyBizTransactions:
		e.BizTransactions, err = list(d, 2, func() (t BizTransaction, err error) {
			if t.Type, err = term[BizTransactionType](d, &documentTypes); err == nil {
				t.ID, err = d.id()
			}
			return t, err
		})
	case keySources:
		e.Sources, err = d.parties(e.ReadPoint)
	case keyDestinations:
		e.Destinations, err = d.parties(e.ReadPoint)
	case keyParent:
		e.Parent, err = d.id()
	case keyEPCs:
		e.EPCs, err = d.ids()
	case keyQuantities:
		e.Quantities, err = list(d, 3, d.quantity)
	case keyChildEPCs:
		e.ChildEPCs, err = d.ids()
	case keyChildQuantities:
		e.ChildQuantities, err = list(d, 3, d.quantity)
	case keyInputEPCs:
		e.InputEPCs, err = d.ids()
	case keyInputQuantities:
		e.InputQuantities, err = list(d, 3, d.quantity)
	case keyOutputEPCs:
		e.OutputEPCs, err = d.ids()
	case keyOutputQuantities:
		e.OutputQuantities, err = list(d, 3, d.quantity)
	case keyTransformationID:
		e.TransformationID, err = d.id()
	case keyEventID:
		e.EventID, err = d.eventID()
	case keyRecordTime:
		e.RecordTime, err = d.recordTime(e.Time)
	case keyPersistentSet:
		e.PersistentSet, err = list(d, 1, func() (Disposition, error) { return term[Disposition](d, &dispositions) })
	case keyPersistentOff:
		e.PersistentOff, err = list(d, 1, func() (Disposition, error) { return term[Disposition](d, &dispositions) })
	case keyError:
		e.Error, err = d.errorDeclaration()
	case keyILMD:
		e.ILMD, err = d.fields(0)
	case keyExtensions:
		e.Extensions, err = d.fields(0)
	case keyReadPointExt:
		e.ReadPointExt, err = d.fields(0)
	case keyBizLocationExt:
		e.BizLocationExt, err = d.fields(0)
	case keyCertifications:
		e.Certifications, err = list(d, 1, func() (string, error) { return text[string](d) })
	case keySensors:
		e.Sensors, err = list(d, 1, func() (Value, error) { return d.value(0) })
	case keyTail:
		if out.part == nil {
			return errors.New("a tail outside a part")
		}
		out.part.tail, err = d.bytes()
	}
	return err
}

func (d *decoder) part() (*part, error) {
	if err := d.tuple(4); err != nil {
		return nil, err
	}
	p := &part{}
	var err error
	if p.hash, err = d.bytes(); err != nil {
		return nil, err
	}
	i, err := d.int(1 << 20)
	if err != nil {
		return nil, err
	}
	n, err := d.int(1 << 20)
	if err != nil {
		return nil, err
	}
	if len(p.hash) != 32 || i >= n {
		return nil, errors.New("bad part header")
	}
	p.i, p.n = int(i), int(n)
	p.lot, err = text[string](d)
	return p, err
}

func (d *decoder) errorDeclaration() (*ErrorDeclaration, error) {
	if err := d.tuple(4); err != nil {
		return nil, err
	}
	out := &ErrorDeclaration{}
	var err error
	if out.Time, err = d.time(true); err != nil {
		return nil, err
	}
	if out.Reason, err = term[ErrorReason](d, &errorReasons); err != nil {
		return nil, err
	}
	if out.Corrective, err = list(d, 1, func() (string, error) { return text[string](d) }); err != nil {
		return nil, err
	}
	out.Extensions, err = d.fields(0)
	return out, err
}

// parties reads a list of sources or destinations: of the party that is here, of that of a place, or any.
func (d *decoder) parties(here ID) ([]SourceDest, error) {
	if d.isText() || d.isBinary() {
		place, err := d.id()
		if err != nil {
			return nil, err
		}
		return d.longParties(place)
	}
	if d.isInt() {
		if n, err := d.int(1); err != nil || n != 1 {
			return nil, errNumber
		}
		return d.longParties(here)
	}
	return list(d, 2, func() (s SourceDest, err error) {
		if s.Type, err = term[PartyType](d, &partyTypes); err == nil {
			s.ID, err = d.id()
		}
		return s, err
	})
}

func (d *decoder) quantity() (q Quantity, err error) {
	if q.Class, err = d.id(); err != nil {
		return q, err
	}
	if q.Amount, err = text[string](d); err != nil {
		return q, err
	}
	q.UOM, err = text[string](d)
	return q, err
}

func (d *decoder) fields(depth int) ([]Field, error) {
	return list(d, 2, func() (f Field, err error) {
		if f.Name, err = d.name(); err == nil {
			f.Value, err = d.value(depth)
		}
		return f, err
	})
}

func (d *decoder) name() (string, error) {
	if d.isInt() {
		n, err := d.int(int64(len(knownNames) - 1))
		if err != nil {
			return "", err
		}
		return knownNames[n], nil
	}
	if d.pool != nil {
		b, err := d.bytes()
		return d.pool.name(b), err
	}
	s, err := text[string](d)
	if namespace, local, ok := cutKnown(s); ok {
		var buf [128]byte
		return d.keep(append(append(append(append(buf[:0], '{'), namespace...), '}'), local...), 200), err
	}
	return s, err
}

// cutKnown takes the name of a field apart that an entry has with the number of its namespace.
func cutKnown(s string) (namespace, local string, ok bool) {
	if len(s) < 3 || s[0] != '{' || s[2] != '}' || s[1] < '0' || int(s[1]-'0') >= len(knownNamespaces) {
		return "", "", false
	}
	return knownNamespaces[s[1]-'0'], s[3:], true
}

func (d *decoder) value(depth int) (v Value, err error) {
	if depth > maxDepth {
		return v, errTooDeep
	}
	if !d.isPair() {
		v.Text, err = text[string](d)
		return v, err
	}
	if err := d.tuple(2); err != nil {
		return v, err
	}
	kind, err := d.int(int64(Object))
	if err != nil {
		return v, err
	}
	switch v.Kind = Kind(kind); v.Kind {
	case Text:
		return v, errors.New("text written as an array")
	case List:
		v.List, err = list(d, 1, func() (Value, error) { return d.value(depth + 1) })
	case Object:
		v.Fields, err = d.fields(depth + 1)
	default:
		v.Text, err = text[string](d)
	}
	return v, err
}

// recordTime reads a time that may be told as milliseconds since the event.
func (d *decoder) recordTime(event time.Time) (time.Time, error) {
	if !d.isInt() {
		return d.time(false)
	}
	ms, err := d.signed()
	const most = 1000 * (maxSecond - minSecond)
	if err == nil && (ms < -most || ms > most) {
		err = errNumber
	}
	if err != nil {
		return time.Time{}, err
	}
	return checkYear(time.UnixMilli(event.UnixMilli() + ms).UTC())
}

func (d *decoder) time(zone bool) (time.Time, error) {
	if zone && d.isInt() {
		n, err := d.signed()
		if err != nil {
			return time.Time{}, err
		}
		return longTime(n)
	}
	n := 2
	if zone {
		n = 3
	}
	if err := d.tuple(n); err != nil {
		return time.Time{}, err
	}
	sec, err := d.signed()
	if err != nil {
		return time.Time{}, err
	}
	if sec < minSecond || sec > maxSecond {
		return time.Time{}, errors.New("time out of range")
	}
	nano, err := d.int(999_999_999)
	if err != nil || !zone {
		return time.Unix(sec, nano).UTC(), err
	}
	minutes, err := d.signed()
	if err != nil {
		return time.Time{}, err
	}
	if minutes < -24*60 || minutes > 24*60 {
		return time.Time{}, errors.New("zone offset out of range")
	}
	return time.Unix(sec, nano).In(time.FixedZone("", int(minutes)*60)), nil
}

func (d *decoder) id() (ID, error) { return d.idBefore(0) }

// idBefore reads an identifier that others of its kind follow.
func (d *decoder) idBefore(others int) (ID, error) {
	packed := d.isBinary()
	b, err := d.bytes()
	if err != nil {
		return "", err
	}
	if d.pool != nil {
		return d.pool.id(b, packed)
	}
	var buf [128]byte
	all, err := appendID(buf[:0], b, packed)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return ID(d.keep(all, (1+others)*(len(all)+8)+200)), nil
}

func (d *decoder) ids() ([]ID, error) {
	n, err := d.arrayLen()
	if err != nil || n == 0 {
		return nil, err
	}
	if n > d.left() {
		return nil, errTruncated
	}
	out := make([]ID, n)
	for i := range out {
		if out[i], err = d.idBefore(n - 1 - i); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// appendID appends the identifier that an entry has as b.
func appendID(dst, b []byte, packed bool) ([]byte, error) {
	if packed {
		return appendUnpacked(dst, b)
	}
	if len(b) > 0 && b[0] == '/' {
		dst = append(dst, canonicalStem...)
	}
	return append(dst, b...), nil
}

func (d *decoder) eventID() (string, error) {
	if !d.isBinary() {
		return text[string](d)
	}
	sum, err := d.bytes()
	if err == nil && len(sum) != sha256.Size {
		err = errors.New("a hash of the wrong length")
	}
	return hashURI(CBV20, sum), err
}

// term reads a term of a vocabulary: the number of a word of CBV, or a string.
func term[T ~string](d *decoder, v *vocabulary) (T, error) {
	if d.isText() {
		s, err := text[T](d)
		if err == nil && v.position(string(s)) > 0 {
			err = errors.New("a word of CBV that is not written as its number")
		}
		return s, err
	}
	n, err := d.int(1 << 10)
	if err != nil {
		return "", err
	}
	word := v.at(int(n))
	if word == "" {
		return "", errors.New("no such word of CBV")
	}
	return T(word), nil
}
