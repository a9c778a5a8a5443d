package trace

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"math"
	"sync"
	"time"
)

// The index key of a pack goes on with the trail that an event leaves on it, so that whoever records the next event need
// not read the ones before to see that it is in order. FORMAT.md describes it. A trail has hints in place of names: it
// tells whether two are the same, and not what they are. So it answers one question only, whether anything is odd; what
// is, and every other question, is read from records. The trail of an event of which it cannot tell enough is empty.

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
)

// packKeyBytes is the length of the index key of a pack, without its trail.
const packKeyBytes = 2 + 6 + 8

// isPackKey reports whether an index key is that of a pack.
func isPackKey(key []byte) bool {
	return len(key) >= packKeyBytes && key[0] == keyKindEPC && key[1] == objectPack
}

// trail appends the trail that an event leaves on the packs of its epcList, and nothing if that cannot be told.
func (e *Event) trail(b []byte) []byte {
	step := e.usual()
	at := e.Time.Unix()
	if step == 0 || e.Type != ObjectEvent || e.Error != nil || e.Parent != "" || at < 0 || at > math.MaxUint32 {
		return b
	}
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
	// The time first: keys are in its order.
	b = binary.BigEndian.AppendUint32(b, uint32(at))
	b = append(b, byte(step)*trailFlags|flags)
	b = binary.BigEndian.AppendUint32(b, uint32(hintOf(e.Actor())))
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

// trailStep is what a trail tells of one event.
type trailStep struct {
	at                   uint32 // seconds since 1970
	how                  usualStep
	actor, document, lot hint
	expiry               string
}

// parseTrail reads a trail. It is false for one that is empty or is none.
func parseTrail(b []byte) (s trailStep, ok bool) {
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
	if s.how.step.moves() {
		s.document = hint(take(hintBytes))
	}
	if code&trailLot != 0 {
		s.lot = hint(take(hintBytes))
	}
	if code&trailExpiry != 0 {
		s.expiry = time.Unix(int64(take(2))*86400, 0).UTC().Format(time.DateOnly)
	}
	return s, ok && len(b) == 0 && s.how.kind == ObjectEvent
}

// inOrder reports whether trails tell that an event on packs, which comes last, brings no finding about. When they do not,
// nothing is said: the records are to be read.
func (r *Repository) inOrder(ctx context.Context, s *stored) (bool, error) {
	if len(s.EPCs) == 0 || s.usual() == 0 || s.Parent != "" {
		return false, nil
	}
	t := trackers.Get().(*tracker)
	defer trackers.Put(t)
	t.begin(ctx, r, s)
	defer t.end()
	for _, pack := range s.EPCs {
		if ok, err := t.follow(pack); !ok || err != nil {
			return false, err
		}
	}
	ok := t.judge()
	return ok, t.failed
}

// trackers keep their memory from one event to the next.
var trackers = sync.Pool{New: func() any {
	t := &tracker{replay: newReplay(nil), names: make(map[hint]string)}
	t.asks, t.since = t.askShipments, t.askRecall
	return t
}}

// tracker replays the trails of packs, and the event that comes next.
type tracker struct {
	*replay
	repo  *Repository
	ctx   context.Context
	event *stored
	own   hints
	other bool // a pack is of a lot whose name is not known
	doubt bool // what such a lot is called may matter

	key     []byte
	moments []moment
	units   []*unit
	names   map[hint]string
	asks    func(ID) int       // askShipments
	since   func(ID) time.Time // askRecall
}

// hints are the names of an event by which it is compared with those before.
type hints struct {
	actor         Party
	document      ID
	lot           string
	by, under, of hint
}

// What was odd before the event is not asked for.
func noShipments(ID) int         { return 1 }
func neverRecalled(ID) time.Time { return time.Time{} }

func (t *tracker) begin(ctx context.Context, r *Repository, s *stored) {
	t.repo, t.ctx, t.event = r, ctx, s
	t.own = hints{actor: s.Actor(), document: s.Document(), lot: field(s.Extensions, "lot")}
	t.own.by, t.own.under, t.own.of = hintOf(t.own.actor), hintOf(t.own.document), hintOf(t.own.lot)
	t.register, t.lookup, t.recall = nil, noShipments, neverRecalled
}

// end lets go of what the event was about.
func (t *tracker) end() {
	r := t.replay
	clear(r.units)
	clear(r.stocks)
	clear(r.shipped)
	clear(r.recalls)
	clear(r.times)
	clear(r.pasts)
	clear(r.findings)
	r.pasts, r.findings = r.pasts[:0], r.findings[:0]
	r.register, r.failed = nil, nil
	clear(t.moments)
	clear(t.units)
	t.moments, t.units = t.moments[:0], t.units[:0]
	if len(t.names) > mostNames {
		clear(t.names)
	}
	t.repo, t.ctx, t.event, t.own, t.other, t.doubt = nil, nil, nil, hints{}, false, false
}

// mostNames is how many names that stand for hints are kept.
const mostNames = 1024

// follow replays the trail of a pack. It is false if there is a gap in it, or if the event does not come after it.
func (t *tracker) follow(pack ID) (bool, error) {
	t.key = appendKey(t.key[:0], keyKindEPC, string(pack))
	if !isPackKey(t.key) {
		return false, nil
	}
	t.units = append(t.units, t.known(pack))
	from, last := len(t.moments), int64(-1)
	for row, err := range t.repo.ledger.Postings(t.ctx, t.key) {
		if err != nil {
			return false, err
		}
		step, ok := parseTrail(row.Key[len(t.key):])
		if !ok || int64(step.at) <= last {
			return false, nil
		}
		last = int64(step.at)
		t.moments = append(t.moments, t.moment(&step))
	}
	if t.event.Time.Unix() <= last {
		return false, nil
	}
	for i := range t.moments[from:] {
		m := &t.moments[from+i]
		m.units = t.units[len(t.units)-1:]
		t.fold(m)
	}
	return true, nil
}

// moment returns what a step tells. Its names are those of the event where they are the same.
func (t *tracker) moment(s *trailStep) moment {
	m := moment{
		index: -1, kind: s.how.kind, action: s.how.action, step: s.how.step, disposition: s.how.disposition,
		actor: t.own.actor, document: t.own.document, read: batch{t.own.lot, s.expiry},
		rest: noRest,
	}
	if s.actor != t.own.by {
		m.actor = Party(t.name(s.actor))
	}
	if s.document != t.own.under {
		m.document = ID(t.name(s.document))
	}
	if s.lot != t.own.of {
		m.read.lot = t.name(s.lot)
		t.other = t.other || s.lot != noName
	}
	return m
}

// name returns what stands for a hint of a name that is not one of the event: something that nothing is called.
func (t *tracker) name(h hint) string {
	if h == noName {
		return ""
	}
	name, ok := t.names[h]
	if !ok {
		name = string(binary.BigEndian.AppendUint32([]byte{0}, uint32(h)))
		t.names[h] = name
	}
	return name
}

// judge replays the event, and reports whether nothing is odd about it.
func (t *tracker) judge() bool {
	t.register, t.lookup, t.recall = t.repo.known, t.asks, t.since
	clear(t.shipped)
	clear(t.recalls)
	before := len(t.findings)
	t.apply(t.event)
	return len(t.findings) == before && !t.doubt
}

// askShipments returns how many shipments a document has.
func (t *tracker) askShipments(doc ID) int {
	n, err := t.repo.memory.shipmentsOf(t.ctx, doc)
	t.note(err)
	return n
}

// askRecall returns since when a class is recalled.
func (t *tracker) askRecall(class ID) time.Time {
	recalls, err := t.repo.memory.recallsOf(t.ctx, class.product())
	t.note(err)
	t.doubt = t.doubt || t.other && (len(recalls) > 0 || t.register != nil && len(t.register.recalled) > 0)
	return recalls[class]
}

func (t *tracker) note(err error) {
	if err != nil && t.failed == nil {
		t.failed = err
	}
}
