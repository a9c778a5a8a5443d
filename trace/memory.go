package trace

import (
	queue "container/list"
	"context"
	"sync"
	"time"
)

// memory keeps the books of the objects that were asked about last, so that the history of a lot that a till sells all
// day is not read again for every sale. It follows the ledger: before it answers, it looks at every entry that came
// since, and forgets each book that one of them concerns, unless whoever recorded the entry folds it himself. It holds
// nothing that could not be read again.
type memory struct {
	repo      *Repository
	mu        sync.Mutex
	next      int64                   // entries below it were looked at
	books     map[ID]*book            // by object
	within    bookSets                // by what their objects were ever packed in
	askers    bookSets                // by the documents and products that they asked about
	recalls   map[ID]map[ID]time.Time // since when classes are recalled, by product
	shipments map[ID]int              // less those that were voided, by document
	used      queue.List              // of books, the one that was used last in front
	bytes     int                     // of all books,
	most      int                     // which are at most so many
}

// loan is what the memory knows of a book. Its mutex guards it.
type loan struct {
	kept    *queue.Element // nil when the memory does not have the book
	out     bool           // somebody has it,
	folding *stored        // and folds this event, if not nil
	heard   []ID           // documents and products whose askers it is among
	counted int            // of its bytes
}

// bookSets are sets of books by what they depend on.
type bookSets map[ID]map[*book]bool

func (sets bookSets) add(id ID, b *book) {
	if sets[id] == nil {
		sets[id] = make(map[*book]bool)
	}
	sets[id][b] = true
}

func (sets bookSets) remove(id ID, b *book) {
	set := sets[id]
	if delete(set, b); len(set) == 0 {
		delete(sets, id)
	}
}

const (
	// memoryBytes is how much all books may take, roughly: of some thousand packs, or of a hundred lots with a thousand
	// movements each.
	memoryBytes = 8 << 20
	// mostMissed is how many entries are looked at. When more came, everything is forgotten.
	mostMissed = 256
	// mostKnown is of how many products it is known which lots are recalled, and of how many documents what shipments
	// they have.
	mostKnown = 1024
)

func newMemory(r *Repository) *memory {
	m := &memory{repo: r, most: memoryBytes}
	m.forget(r.ledger.Size())
	return m
}

// forget forgets everything, as if entries from next on were still to come.
func (m *memory) forget(next int64) {
	for e := m.used.Front(); e != nil; e = e.Next() {
		e.Value.(*book).kept = nil
	}
	m.used.Init()
	m.next, m.bytes = next, 0
	m.books, m.within, m.askers = make(map[ID]*book), make(bookSets), make(bookSets)
	m.recalls, m.shipments = make(map[ID]map[ID]time.Time), make(map[ID]int)
}

// follow looks at the entries that came since. own is an event that the caller recorded as so many entries from first
// on, nil when there is none. m.mu is held.
func (m *memory) follow(ctx context.Context, own *stored, first, entries int64) {
	size := m.repo.ledger.Size()
	if size-m.next > mostMissed+entries {
		m.forget(size)
		return
	}
	var rd *reader
	for m.next < size {
		if own != nil && m.next == first {
			m.look(own)
			m.next += entries
			continue
		}
		if rd == nil {
			rd = m.repo.reader()
		}
		s, err := rd.at(ctx, m.next)
		if err != nil {
			m.forget(size)
			return
		}
		if s != nil && s.index == m.next { // the later parts of an event say nothing new
			m.look(s)
		}
		m.next++
	}
}

// look forgets what an event changes.
func (m *memory) look(s *stored) {
	m.concern(s.Parent, s)
	for _, ids := range [...][]ID{s.EPCs, s.ChildEPCs, s.InputEPCs, s.OutputEPCs} {
		for _, id := range ids {
			m.concern(id, s)
		}
	}
	for _, goods := range [...][]Quantity{s.Quantities, s.ChildQuantities, s.InputQuantities, s.OutputQuantities} {
		for _, q := range goods {
			m.concern(q.Class, s)
			if s.Disposition == DispRecalled {
				product := q.Class.product()
				delete(m.recalls, product)
				m.dropAll(m.askers[product])
			}
		}
	}
	if s.BizStep == BizStepShipping || s.BizStep == BizStepVoidShipping {
		doc := s.Document()
		delete(m.shipments, doc)
		m.dropAll(m.askers[doc])
	}
}

// concern forgets the books that an event on an object is not folded into.
func (m *memory) concern(id ID, s *stored) {
	if b := m.books[id]; b != nil && !b.folds(s) {
		m.drop(b)
	}
	for b := range m.within[id] {
		if !b.folds(s) {
			m.drop(b)
		}
	}
}

// folds reports whether whoever has the book folds an event into it.
func (l *loan) folds(e *stored) bool {
	return l.folding != nil && (l.folding == e || e.Error == nil && l.folding.same(e))
}

func (m *memory) dropAll(books map[*book]bool) {
	for b := range books {
		m.drop(b)
	}
}

// drop forgets a book. Whoever has it may go on with it, once.
func (m *memory) drop(b *book) {
	if b.kept == nil {
		return
	}
	m.used.Remove(b.kept)
	b.kept = nil
	m.bytes -= b.counted
	delete(m.books, b.object)
	for id := range b.told.scope {
		m.within.remove(id, b)
	}
	for _, id := range b.heard {
		m.askers.remove(id, b)
	}
}

// has reports whether the memory has the book of one of some objects.
func (m *memory) has(objects []ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range objects {
		if m.books[id] != nil {
			return true
		}
	}
	return false
}

// take hands out the books of some objects, nil for each that the memory does not have or somebody else does, and how
// many entries it has looked at. An event that is not nil is to be folded into them.
func (m *memory) take(ctx context.Context, objects []ID, fold *stored) (books []*book, next int64) {
	books = make([]*book, len(objects))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.repo.verified {
		return books, -1
	}
	m.follow(ctx, nil, 0, 0)
	for i, id := range objects {
		if b := m.books[id]; b != nil && !b.out {
			b.out, b.folding = true, fold
			books[i] = b
		}
	}
	return books, m.next
}

// admit takes in a book that was made since so many entries were looked at, as one that is handed out. When another
// entry came meanwhile, nobody knows whether it is in the book, which then is not kept.
func (m *memory) admit(ctx context.Context, b *book, next int64, fold *stored) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if next < 0 {
		return
	}
	m.follow(ctx, nil, 0, 0)
	if m.next != next || m.books[b.object] != nil || b.bytes > m.most/4 {
		return
	}
	b.out, b.folding = true, fold
	b.kept = m.used.PushFront(b)
	m.books[b.object] = b
	for id := range b.told.scope {
		if id != b.object {
			m.within.add(id, b)
		}
	}
	m.hear(b)
}

// hear has a book forgotten when what it asked about changes.
func (m *memory) hear(b *book) {
	for _, id := range b.asked {
		m.askers.add(id, b)
	}
	b.heard, b.asked = append(b.heard, b.asked...), nil
	m.bytes += b.bytes - b.counted
	b.counted = b.bytes
}

// put takes back books that were handed out, after an event was recorded as so many entries from first on if own is not
// nil.
func (m *memory) put(ctx context.Context, books []*book, own *stored, first, entries int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.repo.verified {
		return
	}
	m.follow(ctx, own, first, entries)
	for _, b := range books {
		if b.kept == nil {
			continue
		}
		b.out, b.folding = false, nil
		m.hear(b)
		m.used.MoveToFront(b.kept)
	}
	for m.bytes > m.most {
		m.drop(m.used.Back().Value.(*book))
	}
}

// discard forgets books that were handed out.
func (m *memory) discard(books []*book) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range books {
		if b != nil {
			m.drop(b)
		}
	}
}

// recallsOf returns since when the classes of a product are recalled by events.
func (m *memory) recallsOf(ctx context.Context, product ID) (map[ID]time.Time, error) {
	return remembered(ctx, m, &m.recalls, product, func(rd *reader) (map[ID]time.Time, error) {
		return rd.recallsOf(ctx, product, nil)
	})
}

// shipmentsOf returns how many shipments a document has. A hundred packs that are received one by one have one document.
func (m *memory) shipmentsOf(ctx context.Context, doc ID) (int, error) {
	return remembered(ctx, m, &m.shipments, doc, func(rd *reader) (int, error) {
		return rd.shipmentsOf(ctx, doc, nil)
	})
}

// remembered returns what one of the maps of the memory has of something, and has it read when there is nothing.
func remembered[V any](ctx context.Context, m *memory, all *map[ID]V, id ID, read func(*reader) (V, error)) (V, error) {
	m.mu.Lock()
	m.follow(ctx, nil, 0, 0)
	known, ok := (*all)[id]
	next := m.next
	m.mu.Unlock()
	if ok {
		return known, nil
	}
	known, err := read(m.repo.reader())
	if err != nil {
		return known, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.follow(ctx, nil, 0, 0)
	if m.next == next {
		if len(*all) >= mostKnown {
			clear(*all)
		}
		(*all)[id] = known
	}
	return known, nil
}
