package trace

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"
)

// The index key of a pack, and of a case with an SSCC, goes on with the trail that an event leaves on it, so that whoever
// records the next event need not read the ones before to see that it is in order. FORMAT.md describes it. A trail has
// hints in place of names: it tells whether two are the same, and not what they are. So it answers one question only,
// whether anything is odd; what is, and every other question, is read from records. The trail of an event of which it
// cannot tell enough is empty.

// maxTrail is the length of the longest trail.
const maxTrail = 4 + 1 + 3*hintBytes + 2

// hintBytes is the length of a hint.
const hintBytes = 4

// hint is the CRC-32C of a name.
type hint uint32

func hintOf[T ~string](name T) hint {
	crc := ^uint32(0) // crc32.Checksum takes bytes, and so a copy
	for i := range len(name) {
		crc = castagnoli[byte(crc)^name[i]] ^ crc>>8
	}
	return hint(^crc)
}

// noName is the hint of a name that is empty.
const noName hint = 0

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// The flags beside the step of a trail say what it has at its end.
const (
	trailLot    = 1 << iota
	trailExpiry // days since 1970
	trailFlags  // by which the step is multiplied

	trailAll = trailExpiry // of unpacking: everything is taken out
)

// unitKey names a pack or case: its index key, without the first byte and without a trail.
type unitKey [unitBytes]byte

const unitBytes = 1 + 6 + 8

// The lengths of trails that name what something was packed in. The others are odd.
const (
	trailSSCC = 8             // the number
	trailPack = unitBytes - 1 // the key
)

// isUnitKey reports whether an index key is that of a pack or case.
func isUnitKey(key []byte) bool {
	return len(key) > unitBytes && key[0] == keyKindEPC && (key[1] == objectPack || key[1] == objectSSCC)
}

// role is what a pack or case is in an event.
type role uint8

const (
	listed    role = iota // one of the epcList
	container             // the parent
	content               // one of the children
)

// trail appends the trail that an event leaves on what it names in a role, and nothing if that cannot be told.
func (e *Event) trail(b []byte, as role) []byte {
	step, at := e.usual(), second(e.Time)
	switch {
	case step == 0 || e.Error != nil || at < 0 || at > math.MaxUint32:
		return b
	case e.Type == ObjectEvent && as == listed && e.Parent == "":
		return e.objectTrail(b, step)
	case e.Type == AggregationEvent && as == container:
		flags := byte(0)
		if e.Action == Delete && len(e.ChildEPCs)+len(e.ChildQuantities) == 0 {
			flags = trailAll
		}
		return e.trailHead(b, step, flags)
	case e.Type == AggregationEvent && as == content:
		return e.contentTrail(b)
	}
	return b
}

// trailHead appends how a trail begins. The time comes first: keys are in its order.
func (e *Event) trailHead(b []byte, step int, flags byte) []byte {
	b = append(binary.BigEndian.AppendUint32(b, uint32(second(e.Time))), byte(step)*trailFlags|flags)
	return binary.BigEndian.AppendUint32(b, uint32(hintOf(e.Actor())))
}

// second returns the seconds of a trail: events with the same hash have the same.
func second(t time.Time) int64 { return t.Round(time.Millisecond).Unix() }

func (e *Event) objectTrail(b []byte, step int) []byte {
	read := batch{field(e.Extensions, "lot"), field(e.Extensions, "exp")}
	if e.Action == Add {
		read = batch{e.lot(), e.expiry()}
	}
	flags, days := byte(0), int64(0)
	if read.lot != "" {
		flags |= trailLot
	}
	if read.expiry != "" {
		var ok bool
		if days, ok = dayNumber(read.expiry); !ok || days > math.MaxUint16 {
			return b
		}
		flags |= trailExpiry
	}
	b = e.trailHead(b, step, flags)
	if e.BizStep.moves() {
		b = binary.BigEndian.AppendUint32(b, uint32(hintOf(e.Document())))
	}
	if flags&trailLot != 0 {
		b = binary.BigEndian.AppendUint32(b, uint32(hintOf(read.lot)))
	}
	if flags&trailExpiry != 0 {
		b = binary.BigEndian.AppendUint16(b, uint16(days))
	}
	return b
}

// contentTrail appends the name of the parent, whose own trail tells the rest. A case often holds many packs.
func (e *Event) contentTrail(b []byte) []byte {
	var buf [maxKey]byte
	parent := appendKey(buf[:0], keyKindEPC, string(e.Parent))
	switch {
	case !isUnitKey(parent):
		return b
	case parent[1] == objectSSCC:
		return append(b, parent[2:2+trailSSCC]...)
	}
	return append(b, parent[2:]...)
}

// trailStep is what a trail tells of one event.
type trailStep struct {
	as                   role
	at                   uint32 // seconds since 1970
	how                  usualStep
	actor, document, lot hint
	expiry               string
	all                  bool    // everything is unpacked
	parent               unitKey // of content, of which nothing else is told
}

// parseTrail reads a trail. It is false for one that is empty or is none.
func parseTrail(b []byte) (s trailStep, ok bool) {
	switch len(b) {
	case trailSSCC:
		var buf [64]byte
		id, err := appendUnpacked(buf[:0], append([]byte{packedSSCC}, b...))
		s.as = content
		copy(s.parent[:], indexKey(keyKindEPC, string(id))[1:])
		return s, err == nil
	case trailPack:
		s.as, s.parent[0] = content, objectPack
		copy(s.parent[1:], b)
		return s, true
	}
	take := func(n int) (v uint32) {
		if ok = ok && len(b) >= n; !ok {
			return 0
		}
		for _, c := range b[:n] {
			v = v<<8 | uint32(c)
		}
		b = b[n:]
		return v
	}
	ok = true
	s.at = take(4)
	code := take(1)
	number := int(code/trailFlags) - firstUsual
	if number < 0 || number >= len(usualSteps) {
		return s, false
	}
	s.how = usualSteps[number]
	s.actor = hint(take(hintBytes))
	s.document, s.lot = noName, noName
	if s.how.kind == AggregationEvent {
		s.as, s.all = container, code&trailAll != 0
		return s, ok && len(b) == 0 && code&trailLot == 0 && (s.how.action == Delete || !s.all)
	}
	if s.how.step.moves() {
		s.document = hint(take(hintBytes))
	}
	if code&trailLot != 0 {
		s.lot = hint(take(hintBytes))
	}
	if code&trailExpiry != 0 {
		s.expiry = time.Unix(int64(take(2))*86400, 0).UTC().Format(time.DateOnly)
	}
	return s, ok && len(b) == 0
}
