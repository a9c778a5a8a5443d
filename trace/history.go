package trace

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// stored is an event as it was read from the ledger. It belongs to one goroutine.
type stored struct {
	*Event
	index int64           // of its first entry
	hash  []byte          // see digest
	id    string          // see ident
	under map[string]bool // see has
	in    *story          // that has it already

	facts *factSource // where the record is to be had, when Event is made of a key of facts; see whole
	key   []byte      // that key
	book  *book       // that reads the record, when Event is nil
}

// digest returns the hash of the event under CBV20, which is computed when it is first needed.
func (s *stored) digest() []byte {
	if s.hash == nil {
		s.whole()
		s.hash = s.sum(CBV20)
	}
	return s.hash
}

// ident returns what Event.ID does.
func (s *stored) ident() string {
	if s.id == "" {
		s.whole()
		if s.id = s.EventID; s.id == "" {
			s.id = hashURI(CBV20, s.digest())
		}
	}
	return s.id
}

// same reports whether two events are one that was recorded twice.
func (s *stored) same(t *stored) bool { return s.Time.Equal(t.Time) && s.ident() == t.ident() }

// before orders events by time, and events of one moment by identifier: an order that does not depend on when they
// arrived.
func before(a, b *stored) int {
	if c := a.Time.Compare(b.Time); c != 0 || a == b {
		return c
	}
	return cmp.Or(cmp.Compare(a.ident(), b.ident()), cmp.Compare(a.index, b.index))
}

// reader collects events for one question. It decodes each of them once.
type reader struct {
	r       *Repository
	events  map[int64]*stored // by the index of each of their entries
	keys    map[string][]*stored
	extra   []*stored        // events that are not in the ledger, to be judged as if they were
	quick   bool             // goods without serial numbers are followed by facts; see factSource
	told    map[ID][]*stored // what facts tell of a class
	crowded map[ID]bool      // classes with many events
	failed  error            // the first error of reading a record behind a fact
	loads   int              // such records
}

func (r *Repository) reader(extra ...*stored) *reader {
	return &reader{r: r, events: make(map[int64]*stored), keys: make(map[string][]*stored), extra: extra}
}

// find returns the events under a key.
func (rd *reader) find(ctx context.Context, kind byte, name string) ([]*stored, error) {
	key := indexKey(kind, name)
	if events, ok := rd.keys[string(key)]; ok {
		return events, nil
	}
	out, err := rd.fetch(ctx, key, kind, name)
	if err != nil {
		return nil, fmt.Errorf("trace: find %s: %w", name, err)
	}
	for _, s := range rd.extra {
		if s.has(kind, name, key) {
			out = append(out, s)
		}
	}
	rd.keys[string(key)] = out
	return out, nil
}

// fetch reads the events under a key, which concern something of a kind.
func (rd *reader) fetch(ctx context.Context, key []byte, kind byte, name string) ([]*stored, error) {
	indices, err := rd.r.indices(ctx, key)
	if err != nil {
		return nil, err
	}
	rd.prefetch(ctx, indices)
	key = indexKey(kind, name)
	var out []*stored
	for _, index := range indices {
		s, err := rd.at(ctx, index)
		if err == nil && s != nil && !s.has(kind, name, key) {
			err = fmt.Errorf("entry %d: the index has it under a key that is not its own", index)
		}
		if err != nil {
			return nil, err
		}
		// The parts of a long event lie one behind the other.
		if s != nil && (len(out) == 0 || out[len(out)-1] != s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// indices returns the entries under a key, in order.
func (r *Repository) indices(ctx context.Context, key []byte) (list []int64, err error) {
	if isUnitKey(key) { // a trail follows
		for row, err := range r.ledger.Postings(ctx, key) {
			if err != nil {
				return nil, err
			}
			list = append(list, row.Index)
		}
		slices.Sort(list)
		return slices.Compact(list), nil
	}
	for index, err := range r.ledger.FindIndices(ctx, key) {
		if err != nil {
			return nil, err
		}
		list = append(list, index)
	}
	return list, nil
}

// prefetch reads many entries at once. What it cannot read, and the parts of long events, are left to at.
func (rd *reader) prefetch(ctx context.Context, indices []int64) {
	const few = 64
	if len(indices) < few {
		return
	}
	events := make([]*stored, len(indices))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8) {
		wg.Go(func() {
			shared := newPool()
			for {
				// Neighbours lie in the same block.
				from := int(next.Add(few)) - few
				if from >= len(indices) {
					return
				}
				for i := from; i < min(from+few, len(indices)); i++ {
					rec, err := rd.r.ledger.Read(ctx, indices[i])
					if err != nil {
						return
					}
					if en, err := decodePooled(rec.Data, shared); err == nil && en.part == nil {
						events[i] = &stored{Event: en.event, index: indices[i]}
					}
				}
			}
		})
	}
	wg.Wait()
	for i, s := range events {
		if s != nil && rd.events[indices[i]] == nil {
			rd.events[indices[i]] = s
		}
	}
}

// has reports whether an event has an index key, which names something of a kind.
func (s *stored) has(kind byte, name string, key []byte) bool {
	if few := len(s.EPCs)+len(s.ChildEPCs) < 64; few && kind == keyKindEPC && s.mentions(ID(name), true) {
		return true
	}
	if s.under == nil {
		keys := s.keys(s.lot(), true, true)
		s.under = make(map[string]bool, len(keys))
		for _, k := range keys {
			if isUnitKey(k) {
				k = k[:1+unitBytes]
			}
			s.under[string(k)] = true
		}
	}
	return s.under[string(key)]
}

// at returns the event that has an entry, nil for a part that belongs to no event.
func (rd *reader) at(ctx context.Context, index int64) (*stored, error) {
	if s := rd.events[index]; s != nil {
		return s, nil
	}
	rec, err := rd.r.ledger.Read(ctx, index)
	if err != nil {
		return nil, err
	}
	en, err := decodeEntry(rec.Data)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", index, err)
	}
	if en.part == nil {
		s := &stored{Event: en.event, index: index}
		rd.events[index] = s
		return s, nil
	}
	// The parts of an event were appended together and lie one behind the other.
	first := index - int64(en.part.i)
	if first < 0 {
		return nil, nil
	}
	var parts []*entry
	for i := range en.part.n {
		rec, err := rd.r.ledger.Read(ctx, first+int64(i))
		if err != nil {
			return nil, fmt.Errorf("part %d of an event: %w", i, err)
		}
		p, err := decodeEntry(rec.Data)
		if err != nil {
			return nil, fmt.Errorf("part %d of an event: %w", i, err)
		}
		if p.part == nil || p.part.i != i || p.part.n != en.part.n || !bytes.Equal(p.part.hash, en.part.hash) {
			// The event was recorded before, cut otherwise: its first part stands elsewhere, and this one alone.
			return nil, nil
		}
		parts = append(parts, p)
	}
	e, err := joinChain(parts)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", index, err)
	}
	s := &stored{Event: e, index: first}
	if !bytes.Equal(s.digest(), en.part.hash) {
		return nil, fmt.Errorf("entry %d: the parts are not those of the event that they name", index)
	}
	for i := range parts {
		rd.events[first+int64(i)] = s
	}
	return s, nil
}

// story is everything that is recorded about some objects: the objects themselves and what ever contained them.
type story struct {
	scope  map[ID]bool
	events []*stored       // in order, those that were declared wrong and the declarations included
	wrong  map[string]bool // by digest, what was declared wrong
	times  map[int64]bool  // when that happened, as millisecond; see stands
}

// story collects the events of some objects and of everything that they were ever packed in.
func (rd *reader) story(ctx context.Context, objects ...ID) (*story, error) {
	st := &story{scope: make(map[ID]bool)}
	for _, id := range objects {
		st.scope[id] = true
	}
	for queue := slices.Clone(objects); len(queue) > 0; queue = queue[1:] {
		find := rd.concerning
		if len(objects) > 1 {
			find = rd.naming // an event may name several of them
		}
		events, err := find(ctx, queue[0])
		if err != nil {
			return nil, err
		}
		for _, s := range events {
			if s.in == st {
				continue
			}
			s.in = st
			st.events = append(st.events, s)
			st.declare(s)
			if s.Parent != "" && !st.scope[s.Parent] && s.Action == Add && st.packs(s.Event) {
				st.scope[s.Parent] = true
				queue = append(queue, s.Parent)
			}
		}
	}
	slices.SortFunc(st.events, before)
	st.events = slices.CompactFunc(st.events, func(a, b *stored) bool {
		return a.Error == nil && b.Error == nil && a.same(b)
	})
	return st, rd.failed
}

// packs reports whether an event puts something that the story follows into a container.
func (st *story) packs(e *Event) bool {
	return slices.ContainsFunc(e.ChildEPCs, func(id ID) bool { return st.scope[id] }) ||
		slices.ContainsFunc(e.ChildQuantities, func(q Quantity) bool { return st.scope[q.Class] })
}

// stands reports whether an event counts: it is no error declaration and none declares it wrong.
func (st *story) stands(s *stored) bool {
	// Few events have the time of one that was declared wrong, and a hash takes long.
	return s.Error == nil && !(st.times[millisecond(s.Time)] && st.wrong[string(s.digest())])
}

// declare takes in what an event declares wrong.
func (st *story) declare(s *stored) {
	if s.Error == nil {
		return
	}
	if st.wrong == nil {
		st.wrong, st.times = make(map[string]bool), make(map[int64]bool)
	}
	st.wrong[string(s.digest())] = true
	st.times[millisecond(s.Time)] = true
}

// millisecond returns the time that the event hash has: events with the same hash have the same.
func millisecond(t time.Time) int64 { return t.Round(time.Millisecond).UnixMilli() }

// replay folds the story, without one of its events if that is not nil. visit, when not nil, sees each event before it
// is applied.
func (st *story) replay(ctx context.Context, rd *reader, without *stored, visit func(*replay, *stored)) (*replay, error) {
	r := st.begin(ctx, rd, without)
	for _, s := range st.events {
		if visit != nil {
			visit(r, s)
		}
		if st.stands(s) && s != without {
			r.apply(s)
		}
	}
	if r.failed == nil {
		r.failed = rd.failed
	}
	return r, r.failed
}

// begin returns a replay of the story that has seen nothing yet.
func (st *story) begin(ctx context.Context, rd *reader, without *stored) *replay {
	r := newReplay(st.scope)
	r.register = rd.r.known
	r.recall = func(class ID) time.Time {
		since, err := rd.recalled(ctx, class, without)
		if err != nil && r.failed == nil {
			r.failed = err
		}
		return since
	}
	r.lookup = func(doc ID) int {
		n, err := rd.shipments(ctx, doc, without)
		if err != nil && r.failed == nil {
			r.failed = err
		}
		return n
	}
	return r
}

// shipments returns how many shipments were recorded under a document, less those that were voided. Shipments count
// whatever their time: a receipt may bear an earlier one. One event may be left out.
func (rd *reader) shipments(ctx context.Context, doc ID, without *stored) (int, error) {
	if without == nil && len(rd.extra) == 0 && !rd.r.verified {
		return rd.r.memory.shipmentsOf(ctx, doc)
	}
	return rd.shipmentsOf(ctx, doc, without)
}

// shipmentsOf is shipments by the records.
func (rd *reader) shipmentsOf(ctx context.Context, doc ID, without *stored) (int, error) {
	events, err := rd.find(ctx, keyKindDocument, string(doc))
	if err != nil {
		return 0, err
	}
	st := declaredWrong(events)
	counted, r := make(map[string]bool), newReplay(nil)
	for _, s := range events {
		if s != without && st.stands(s) && s.Document() == doc && !counted[s.ident()] {
			counted[s.ident()] = true
			r.note(s.Event)
		}
	}
	return r.shipped[doc], nil
}

// recalled returns since when a class is recalled by an event, the zero time when it is not. One event may be left out.
func (rd *reader) recalled(ctx context.Context, class ID, without *stored) (time.Time, error) {
	if without == nil && len(rd.extra) == 0 && !rd.r.verified {
		recalls, err := rd.r.memory.recallsOf(ctx, class.product())
		return recalls[class], err
	}
	recalls, err := rd.recallsOf(ctx, class.product(), without)
	return recalls[class], err
}

// recallsOf returns since when the classes of a product are recalled by events: few are, and a pack is when its lot or its
// product is. One event may be left out.
func (rd *reader) recallsOf(ctx context.Context, product ID, without *stored) (map[ID]time.Time, error) {
	events, err := rd.find(ctx, keyKindRecall, string(product))
	if err != nil {
		return nil, err
	}
	st := declaredWrong(events)
	r := newReplay(nil)
	for _, s := range events {
		if s != without && st.stands(s) {
			r.note(s.Event)
		}
	}
	return r.recalls, nil
}

// declaredWrong returns a story that knows which of some events are wrong.
func declaredWrong(events []*stored) *story {
	st := &story{}
	for _, s := range events {
		st.declare(s)
	}
	return st
}

// concerns reports whether an event is about an object or about what it is packed in at that time.
func (r *replay) concerns(e *Event, object ID) bool {
	if e.mentions(object, true) {
		return true
	}
	holders := []ID{}
	if u := r.units[object]; u != nil {
		for p := u.parent; p != nil; p = p.parent {
			holders = append(holders, p.id)
		}
	} else if object.isClass() {
		for _, p := range r.units {
			if p.goods()[object] > 0 {
				for ; p != nil; p = p.parent {
					holders = append(holders, p.id)
				}
			}
		}
	}
	all := e.Type == TransactionEvent || e.Action == Delete && len(e.ChildEPCs)+len(e.ChildQuantities) == 0
	return slices.ContainsFunc(holders, func(id ID) bool { return e.mentions(id, all) })
}

// mentions reports whether an event names an object: as parent only if parent is true.
func (e *Event) mentions(id ID, parent bool) bool {
	for _, ids := range [...][]ID{e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs} {
		if slices.Contains(ids, id) {
			return true
		}
	}
	if id.isClass() {
		for _, list := range [...][]Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
			if slices.ContainsFunc(list, func(q Quantity) bool { return q.Class == id }) {
				return true
			}
		}
		// A pack of the lot, named with its serial number.
		return false
	}
	return parent && e.Parent == id
}
