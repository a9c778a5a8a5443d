package trace

import (
	"crypto/sha256"
	"iter"
	"strings"
	"time"

	"github.com/dauvet/dauvet/ledger"
)

// Moments are what an audit keeps of the events of one source, such as a ledger: about 80 bytes of each, and every object
// once. [Auditor.Add] takes them. The zero value is empty. It belongs to one goroutine.
type Moments struct {
	rows      []row
	words     []uint32 // what rows list; see lists
	objects   numbers[ID]
	parties   numbers[Party]
	documents numbers[ID]
	shapes    numbers[shape]
	said      numbers[said]
	large     []int64           // counts that do not fit in a word
	odd       map[uint32]oddity // by the number of the row
	base      int64             // index of the first row
	declared  map[int64]bool    // when events happened that are declared wrong, as millisecond; nil when nobody knows
	texts     arena
}

// row is an event of 64 bytes.
type row struct {
	at    int64             // milliseconds since 1970
	hash  [sha256.Size]byte // of the event, under CBV20, or what it says that it is when none of its time is declared wrong
	index uint32            // in its source, less that of the first row
	shape uint32
	actor uint32
	said  uint32
	lists uint32 // where its lists begin
	flags uint16 // and the zone: minutes east of UTC, and zoneBias
	// segment is which of those of an archive it belongs to; manySegments when that has another number.
	segment uint16
}

// The flags of a row.
const (
	rowLocated  = 1 << (13 + iota) // it has a readPoint, so the actor is a place
	rowDeclares                    // it declares another one wrong
	rowOdd                         // it has an oddity
	rowZone     = rowLocated - 1

	zoneBias     = 1 << 12
	manySegments = 1<<16 - 1
)

// oddity is what few events have.
type oddity struct {
	time  time.Time // exactly; zero when the row says it all
	id    string    // EventID, when it is not what the hash says
	index int64
	// segment is that of the row, when there are many.
	segment int
}

// shape is what is done with objects, and said what is told of them.
type (
	shape struct {
		kind        EventType
		action      Action
		step        BizStep
		disposition Disposition
	}
	said struct {
		made, read batch
		price      string
	}
)

// travels reports whether objects leave for somebody or come from him, so that the parties and the document matter.
func (s shape) travels() bool {
	return s.step == BizStepShipping || s.step == BizStepReceiving || s.step == BizStepVoidShipping
}

// numbers gives each of some values a number, from 1. The zero value has 0.
type numbers[T comparable] struct {
	number map[T]uint32
	all    []T // all[0] is the zero value
}

// of returns the number of x. A new one is kept as own returns it.
func (n *numbers[T]) of(x T, own func(T) T) uint32 {
	i, ok := n.number[x]
	if ok {
		return i
	}
	var none T
	if n.number == nil {
		n.number, n.all = make(map[T]uint32), []T{none}
	}
	if x == none {
		return 0
	}
	x, i = own(x), uint32(len(n.all))
	n.number[x], n.all = i, append(n.all, x)
	return i
}

// arena holds texts, many in one piece of memory.
type arena struct{ b *strings.Builder }

func (a *arena) keep(s string) string {
	const piece = 1 << 14
	if len(s) > piece/4 {
		return strings.Clone(s)
	}
	if a.b == nil || a.b.Cap()-a.b.Len() < len(s) {
		a.b = new(strings.Builder)
		a.b.Grow(piece)
	}
	from := a.b.Len()
	a.b.WriteString(s)
	return a.b.String()[from:]
}

func (a *arena) id(id ID) ID         { return ID(a.keep(string(id))) }
func (a *arena) party(p Party) Party { return Party(a.keep(string(p))) }
func (a *arena) batch(b batch) batch { return batch{a.keep(b.lot), a.keep(b.expiry)} }
func (a *arena) saying(s said) said  { return said{a.batch(s.made), a.batch(s.read), a.keep(s.price)} }
func (a *arena) shaping(s shape) shape {
	return shape{EventType(a.keep(string(s.kind))), Action(a.keep(string(s.action))), BizStep(a.keep(string(s.step))),
		Disposition(a.keep(string(s.disposition)))}
}

// Add takes in an event, which has an index in the source: most often the one after that of the event before. It keeps
// nothing of its memory.
func (m *Moments) Add(index int64, e *Event) {
	s := shape{e.Type, e.Action, e.BizStep, e.Disposition}
	if len(m.rows) == 0 {
		m.base = index
	}
	r := row{
		at: e.Time.UnixMilli(), index: uint32(index - m.base),
		shape: m.shapes.of(s, m.texts.shaping), actor: m.parties.of(e.Actor(), m.texts.party),
	}
	claimed, named := hashOf(e.EventID)
	if r.hash = claimed; !named || m.declared == nil || m.declared[millisecond(e.Time)] {
		copy(r.hash[:], e.sum(CBV20))
	}
	_, offset := e.Time.Zone()
	var o oddity
	zone := offset/60 + zoneBias
	if 0 <= zone && zone <= rowZone {
		r.flags = uint16(zone)
	}
	if !r.time(o).Equal(e.Time) || (int(r.flags)-zoneBias)*60 != offset {
		o.time = e.Time
	}
	if e.EventID != "" && !(named && claimed == r.hash) {
		o.id = strings.Clone(e.EventID)
	}
	if m.base+int64(r.index) != index {
		o.index = index
	}
	if o != (oddity{}) {
		if m.odd == nil {
			m.odd = make(map[uint32]oddity)
		}
		o.index = index
		m.odd[uint32(len(m.rows))] = o
		r.flags |= rowOdd
	}
	if e.ReadPoint != "" {
		r.flags |= rowLocated
	}
	if e.Error != nil {
		r.flags |= rowDeclares
		m.rows = append(m.rows, r)
		return
	}
	r.said = m.said.of(said{
		batch{field(e.ILMD, "lotNumber"), field(e.ILMD, "itemExpirationDate")},
		batch{field(e.Extensions, "lot"), field(e.Extensions, "exp")},
		field(e.Extensions, "price"),
	}, m.texts.saying)
	r.lists = uint32(len(m.words))
	m.list(e, s)
	m.rows = append(m.rows, r)
}

// Read takes in the events of records that follow one another in a ledger, as [DecodeRecords] has them, and nothing of their
// memory. What is no event, or no valid one, is handed to refused, and the reading goes on. The error is that of records.
func (m *Moments) Read(records iter.Seq2[ledger.Record, error], refused func(index int64, err error)) error {
	c := &chain{unnamed: true}
	take := func(rec Recorded, err error) bool {
		if err == nil {
			err = rec.Event.Validate()
		}
		if err != nil {
			refused(rec.Index, err)
		} else {
			m.Add(rec.Index, rec.Event)
		}
		return true
	}
	for rec, err := range records {
		if err != nil {
			c.broken(take)
			return err
		}
		c.add(rec, take)
	}
	c.broken(take)
	return nil
}

// The lists of a row: one word that says which there are, and of the only one how long it is when that fits; otherwise
// the length of each stands in front of it. Amounts are two words, the class and the count.
const (
	listRoute = iota // from, to, document
	listParent
	listUnits
	listChildren
	listInputs
	listOutputs
	listGoods
	listContents
	listConsumed
	listResults
	listEnd
)

// The count of goods in a word: below large the count itself, from it on the number of a large one.
const (
	countLarge = 1 << 31
	countNone  = 1<<32 - 1 // it is no count of objects
	countAll   = 1<<32 - 2 // nothing is said, so it may be all
)

// list writes the lists of an event.
func (m *Moments) list(e *Event, s shape) {
	var route [3]uint32
	if s.travels() {
		route = [...]uint32{m.parties.of(counterpart(e.Sources), m.texts.party), m.parties.of(counterpart(e.Destinations), m.texts.party),
			m.documents.of(e.Document(), m.texts.id)}
	}
	lengths := [listEnd]int{
		listUnits: len(e.EPCs), listChildren: len(e.ChildEPCs), listInputs: len(e.InputEPCs), listOutputs: len(e.OutputEPCs),
		listGoods: len(e.Quantities), listContents: len(e.ChildQuantities), listConsumed: len(e.InputQuantities), listResults: len(e.OutputQuantities),
	}
	if route != [3]uint32{} {
		lengths[listRoute] = len(route)
	}
	if e.Parent != "" {
		lengths[listParent] = 1
	}
	head, lists := uint32(0), 0
	for k, n := range lengths {
		if n > 0 {
			head |= 1 << k
			lists++
		}
	}
	short := false
	if lists == 1 {
		for _, n := range lengths {
			if 0 < n && n < 1<<16 {
				head, short = head|uint32(n)<<16, true
			}
		}
	}
	m.words = append(m.words, head)
	for k, n := range lengths {
		if n == 0 {
			continue
		}
		if !short {
			m.words = append(m.words, uint32(n))
		}
		switch k {
		case listRoute:
			m.words = append(m.words, route[:]...)
		case listParent:
			m.words = append(m.words, m.objects.of(e.Parent, m.texts.id))
		case listUnits:
			m.name(e.EPCs)
		case listChildren:
			m.name(e.ChildEPCs)
		case listInputs:
			m.name(e.InputEPCs)
		case listOutputs:
			m.name(e.OutputEPCs)
		case listGoods:
			m.count(e.Quantities)
		case listContents:
			m.count(e.ChildQuantities)
		case listConsumed:
			m.count(e.InputQuantities)
		case listResults:
			m.count(e.OutputQuantities)
		}
	}
}

func (m *Moments) name(ids []ID) {
	for _, id := range ids {
		m.words = append(m.words, m.objects.of(id, m.texts.id))
	}
}

func (m *Moments) count(list []Quantity) {
	for _, q := range list {
		word, n := uint32(countNone), counted(q)
		switch {
		case n == unsaid:
			word = countAll
		case n == uncounted:
		case n < countLarge:
			word = uint32(n)
		default:
			word = countLarge + uint32(len(m.large))
			m.large = append(m.large, n)
		}
		m.words = append(m.words, m.objects.of(q.Class, m.texts.id), word)
	}
}

// lists are those of a row, as words.
type lists struct {
	head  uint32
	words []uint32 // behind the head
}

func listsAt(words []uint32) lists { return lists{words[0], words[1:]} }

// next returns the next list: its kind and its words, with the kind listEnd at the end.
func (l *lists) next() (kind int, words []uint32) {
	for kind < listEnd && l.head&(1<<kind) == 0 {
		kind++
	}
	if kind == listEnd {
		return kind, nil
	}
	n := int(l.head >> 16)
	if n == 0 {
		n, l.words = int(l.words[0]), l.words[1:]
	}
	l.head &^= 1 << kind
	if kind >= listGoods {
		n *= 2
	}
	words, l.words = l.words[:n], l.words[n:]
	return kind, words
}

// size returns how many words the lists take.
func (l lists) size() int {
	left := len(l.words)
	for {
		if kind, _ := l.next(); kind == listEnd {
			return 1 + left - len(l.words)
		}
	}
}

// time returns the time of a row.
func (r *row) time(o oddity) time.Time {
	if !o.time.IsZero() {
		return o.time
	}
	return time.UnixMilli(r.at).In(time.FixedZone("", (int(r.flags&rowZone)-zoneBias)*60))
}

// ident returns what Event.ID does.
func (r *row) ident(o oddity) string {
	if o.id != "" {
		return o.id
	}
	return hashURI(CBV20, r.hash[:])
}
