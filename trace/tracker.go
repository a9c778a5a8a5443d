package trace

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"sync"
	"time"
)

// inOrder reports whether trails tell that an event on packs or cases, which comes last, brings no finding about. It is not
// recorded yet then: its own trails would be among them. When trails do not tell, nothing is said: the records are to be read.
func (r *Repository) inOrder(ctx context.Context, s *stored) (bool, error) {
	if len(s.EPCs) == 0 || s.usual() == 0 || s.Parent != "" {
		return false, nil
	}
	t := trackers.Get().(*tracker)
	defer trackers.Put(t)
	t.begin(ctx, r, s)
	defer t.end()
	if ok, err := t.collect(); !ok || err != nil {
		return false, err
	}
	if !t.sort() {
		return false, nil
	}
	t.retrace()
	ok := t.judge()
	return ok, t.failed
}

// trackers keep their memory from one event to the next.
var trackers = sync.Pool{New: func() any {
	t := &tracker{replay: newReplay(nil), numbers: make(map[unitKey]int), names: make(map[hint]string)}
	t.asks, t.since = t.askShipments, t.askRecall
	return t
}}

// tracker replays the trails of packs and of what they were ever packed in, and the event that comes next.
type tracker struct {
	*replay
	repo  *Repository
	ctx   context.Context
	event *stored
	own   hints
	other bool // a pack is of a lot whose name is not known
	doubt bool // what such a lot is called may matter

	key     []byte
	units   []*unit   // what the event names, and behind that cases
	tracked []tracked // of each unit
	numbers map[unitKey]int
	packed  bool // something was ever packed in something
	tracks  []track
	moments []moment
	names   map[hint]string
	asks    func(ID) int       // askShipments
	since   func(ID) time.Time // askRecall
}

// tracked is what is known of a unit beside its state.
type tracked struct {
	key   unitKey
	first int  // of its tracks, which lie together until they are sorted
	group int  // the same for what was ever packed in one another
	holds bool // something was ever packed in it
}

// track is a step on the trail of a unit.
type track struct {
	trailStep
	index int64 // of the entry
	unit  int   // number of the unit
	in    int   // of content: number of the case
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
	clear(t.numbers)
	clear(t.tracks)
	clear(t.moments)
	clear(t.units)
	t.tracks, t.moments = t.tracks[:0], t.moments[:0]
	t.units, t.tracked = t.units[:0], t.tracked[:0]
	if len(t.names) > mostNames {
		clear(t.names)
	}
	t.repo, t.ctx, t.event, t.own, t.other, t.doubt, t.packed = nil, nil, nil, hints{}, false, false, false
}

// mostNames is how many names that stand for hints are kept.
const mostNames = 1024

// collect reads the trails. It is false if there is a gap in one, or if the event does not come after all of them.
func (t *tracker) collect() (bool, error) {
	for _, id := range t.event.EPCs {
		t.key = appendKey(t.key[:0], keyKindEPC, string(id))
		if !isUnitKey(t.key) {
			return false, nil
		}
		t.number(unitKey(t.key[1:]), id)
	}
	for n := 0; n < len(t.units); n++ { // cases are added meanwhile
		if ok, err := t.follow(n); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// number returns the number of a unit, which it takes in when it is new. A case that the event does not name is called by
// its key.
func (t *tracker) number(key unitKey, id ID) int {
	if n, ok := t.numbers[key]; ok {
		return n
	}
	if id == "" {
		id = ID("\x00" + string(key[:]))
	}
	n := len(t.units)
	t.numbers[key] = n
	t.units, t.tracked = append(t.units, t.known(id)), append(t.tracked, tracked{key: key, group: n})
	return n
}

// join puts a unit into the group of one that held it.
func (t *tracker) join(unit, in int) {
	t.packed, t.tracked[in].holds = true, true
	from, to := t.tracked[unit].group, t.tracked[in].group
	for i := range t.tracked {
		if t.tracked[i].group == from {
			t.tracked[i].group = to
		}
	}
}

// follow reads the trail of a unit.
func (t *tracker) follow(n int) (bool, error) {
	t.tracked[n].first = len(t.tracks)
	t.key = append(append(t.key[:0], keyKindEPC), t.tracked[n].key[:]...)
	last := int64(-1)
	for row, err := range t.repo.ledger.Postings(t.ctx, t.key) {
		if err != nil {
			return false, err
		}
		step, ok := parseTrail(row.Key[len(t.key):])
		if !ok {
			return false, nil
		}
		k := track{trailStep: step, index: row.Index, unit: n}
		if step.as == content {
			k.in = t.number(step.parent, "")
			t.join(n, k.in)
		} else if int64(step.at) <= last {
			return false, nil
		} else {
			last = int64(step.at)
		}
		t.tracks = append(t.tracks, k)
	}
	return second(t.event.Time) > last, nil
}

// complete has the steps of what is in a case told by those of the case. It is false if one is missing there.
func (t *tracker) complete() bool {
	for i := range t.tracks {
		k := &t.tracks[i]
		if k.as != content {
			continue
		}
		j := t.tracked[k.in].first
		for j < len(t.tracks) && t.tracks[j].unit == k.in && (t.tracks[j].as != container || t.tracks[j].index != k.index) {
			j++
		}
		if j == len(t.tracks) || t.tracks[j].unit != k.in {
			return false
		}
		k.trailStep = t.tracks[j].trailStep
		k.as = content
	}
	return true
}

// sort puts the steps of each group into the order of time. It is false if that leaves it open what happened. A unit that
// was never packed with another has its steps in order.
func (t *tracker) sort() bool {
	if !t.packed {
		return true
	}
	if !t.complete() {
		return false
	}
	slices.SortFunc(t.tracks, func(a, b track) int {
		return cmp.Or(cmp.Compare(t.tracked[a.unit].group, t.tracked[b.unit].group), cmp.Compare(a.at, b.at), cmp.Compare(a.index, b.index),
			cmp.Compare(a.as, b.as))
	})
	for i := range t.tracks[1:] {
		a, b := &t.tracks[i], &t.tracks[i+1]
		if t.tracked[a.unit].group != t.tracked[b.unit].group || a.at != b.at {
			continue
		}
		// One event may do something to a case and to what is in it. In which order matters unless it packs the one in the other.
		if a.index != b.index || a.as == b.as && (t.tracked[a.unit].holds || t.tracked[b.unit].holds) {
			return false
		}
	}
	return true
}

// retrace replays the steps.
func (t *tracker) retrace() {
	t.moments = slices.Grow(t.moments, len(t.tracks)) // the state of a unit points to them
	for i := range t.tracks {
		k := &t.tracks[i]
		unit := t.units[k.unit : k.unit+1]
		m := t.moment(&k.trailStep)
		switch k.as {
		case listed:
			m.units = unit
		case container:
			m.parent, m.all = unit[0], k.all // what is put in or taken out is told of each
		case content:
			m.parent, m.children = t.units[k.in], unit
		}
		t.moments = append(t.moments, m)
		t.fold(&t.moments[len(t.moments)-1])
	}
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
