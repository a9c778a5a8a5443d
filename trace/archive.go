package trace

import (
	"bytes"
	"cmp"
	"math"
	"slices"
)

// archive holds the moments of many sources. Texts have the same number in all of them.
type archive struct {
	chunks    [][]row    // of rowChunk rows
	words     [][]uint32 // see lists
	at        uint64     // where the next list of words goes
	count     uint32     // rows
	segments  []segment
	objects   numbers[ID]
	parties   numbers[Party]
	documents numbers[ID]
	shapes    numbers[shape]
	said      numbers[said]
	large     []int64
	odd       map[uint32]oddity
	texts     arena
	counting  uint32 // how many rows count: those in front, in the order of time, once they are sorted
	scratch   moment // see of
}

// segment is where the rows of some moments are, before they are sorted.
type segment struct {
	first  uint32 // row
	base   int64  // index of the first one
	source int
}

// Sizes of pieces of memory, as powers of two: of rows, and of words.
const rowChunk, wordChunk = 12, 16

// Add takes in the moments of a source, which cannot be used afterwards. The number says which source it is; one that was
// added before is gone on with.
func (a *Auditor) Add(source int, m *Moments) {
	if uint64(a.count)+uint64(len(m.rows)) > math.MaxInt32 {
		panic("trace: more events than an audit can have") // 140 GB of them
	}
	number := len(a.segments)
	a.segments = append(a.segments, segment{a.count, m.base, source})
	objects := renumber(&a.objects, &m.objects, a.texts.id)
	parties := renumber(&a.parties, &m.parties, a.texts.party)
	documents := renumber(&a.documents, &m.documents, a.texts.id)
	shapes := renumber(&a.shapes, &m.shapes, a.texts.shaping)
	saids := renumber(&a.said, &m.said, a.texts.saying)
	large := uint32(len(a.large))
	a.large = append(a.large, m.large...)
	for i := range m.rows {
		r := m.rows[i]
		r.shape, r.actor, r.segment = shapes[r.shape], parties[r.actor], uint16(min(number, manySegments))
		if o := m.odd[uint32(i)]; number >= manySegments {
			if r.flags&rowOdd == 0 {
				o.index, r.flags = m.base+int64(r.index), r.flags|rowOdd
			}
			o.segment = number
			a.setOdd(a.count, o)
		} else if r.flags&rowOdd != 0 {
			a.setOdd(a.count, o)
		}
		if r.flags&rowDeclares == 0 {
			r.said = saids[r.said]
			old := m.words[r.lists:]
			var words []uint32
			words, r.lists = a.room(listsAt(old).size())
			copy(words, old)
			l := listsAt(words)
			for kind, list := l.next(); kind != listEnd; kind, list = l.next() {
				switch {
				case kind == listRoute:
					list[0], list[1], list[2] = parties[list[0]], parties[list[1]], documents[list[2]]
				case kind >= listGoods:
					for k := 0; k < len(list); k += 2 {
						list[k] = objects[list[k]]
						if n := list[k+1]; n >= countLarge && n < countAll {
							list[k+1] += large
						}
					}
				default:
					for k := range list {
						list[k] = objects[list[k]]
					}
				}
			}
		}
		if a.count&(1<<rowChunk-1) == 0 {
			a.chunks = append(a.chunks, make([]row, 0, 1<<rowChunk))
		}
		last := len(a.chunks) - 1
		a.chunks[last] = append(a.chunks[last], r)
		a.count++
	}
	*m = Moments{}
}

func (a *archive) setOdd(n uint32, o oddity) {
	if a.odd == nil {
		a.odd = make(map[uint32]oddity)
	}
	a.odd[n] = o
}

// renumber returns the numbers that values have in all moments, by those that they have in some.
func renumber[T comparable](all, some *numbers[T], own func(T) T) []uint32 {
	if all.all == nil {
		*all = *some
	}
	var none T
	out := []uint32{all.of(none, own)}
	for _, x := range some.all[min(1, len(some.all)):] {
		out = append(out, all.of(x, own))
	}
	return out
}

// room returns memory for some words, and where it is. What is longer than a piece takes several in one.
func (a *archive) room(n int) ([]uint32, uint32) {
	const piece = 1 << wordChunk
	if left := piece - a.at&(piece-1); len(a.words) == 0 || uint64(n) > left && left < piece || a.at == uint64(len(a.words))<<wordChunk {
		a.at = uint64(len(a.words)) << wordChunk
		more := make([]uint32, (n+piece-1)/piece*piece)
		for ; len(more) > 0; more = more[piece:] {
			a.words = append(a.words, more)
		}
	}
	if a.at+uint64(n) > math.MaxUint32 {
		panic("trace: more objects in events than an audit can have") // 16 GB of them
	}
	from := uint32(a.at)
	a.at += uint64(n)
	return a.list(from)[:n], from
}

// list returns the words from a place on.
func (a *archive) list(from uint32) []uint32 { return a.words[from>>wordChunk][from&(1<<wordChunk-1):] }

func (a *archive) row(n uint32) *row { return &a.chunks[n>>rowChunk][n&(1<<rowChunk-1)] }

// oddity returns what is odd about a row, most often nothing.
func (a *archive) oddity(n uint32) oddity {
	if a.row(n).flags&rowOdd == 0 {
		return oddity{}
	}
	return a.odd[n]
}

// segment returns that of a row.
func (a *archive) segment(n uint32) *segment {
	if s := a.row(n).segment; s < manySegments {
		return &a.segments[s]
	}
	return &a.segments[a.odd[n].segment]
}

// index returns where a row is in its source.
func (a *archive) index(n uint32) int64 {
	if o := a.oddity(n); a.row(n).flags&rowOdd != 0 {
		return o.index
	}
	return a.segment(n).base + int64(a.row(n).index)
}

// sort puts the rows into the order of time, each event once and without those that were declared wrong.
func (a *archive) sort() {
	type timed struct {
		at int64
		n  uint32
	}
	wrong := make(map[[32]byte]int64) // when it happened, as millisecond
	for n := range a.count {
		if r := a.row(n); r.flags&rowDeclares != 0 {
			wrong[r.hash] = millisecond(r.time(a.oddity(n)))
		}
	}
	stands := func(n uint32, r *row) bool {
		at, ok := wrong[r.hash]
		return !ok || at != millisecond(r.time(a.oddity(n)))
	}
	list := make([]timed, 0, a.count)
	var out []uint32 // what does not count
	for n := range a.count {
		if r := a.row(n); r.flags&rowDeclares == 0 && (len(wrong) == 0 || stands(n, r)) {
			list = append(list, timed{r.at, n})
		} else {
			out = append(out, n)
		}
	}
	slices.SortFunc(list, func(x, y timed) int {
		if x.at != y.at {
			return cmp.Compare(x.at, y.at)
		}
		return cmp.Or(a.before(x.n, y.n), cmp.Compare(a.segment(x.n).source, a.segment(y.n).source),
			cmp.Compare(a.index(x.n), a.index(y.n)))
	})
	order := make([]uint32, 0, a.count)
	for i, x := range list {
		if i > 0 && list[i-1].at == x.at && a.before(list[i-1].n, x.n) == 0 {
			out = append(out, x.n)
			continue
		}
		order = append(order, x.n)
	}
	a.counting = uint32(len(order))
	a.permute(append(order, out...))
}

// permute puts the rows into an order, one circle of them after the other.
func (a *archive) permute(order []uint32) {
	odd := make(map[uint32]oddity, len(a.odd))
	for i, n := range order {
		if o, ok := a.odd[n]; ok {
			odd[uint32(i)] = o
		}
	}
	a.odd = odd
	const done = math.MaxUint32
	for i := range order {
		if order[i] == done {
			continue
		}
		first, at := *a.row(uint32(i)), uint32(i)
		for {
			next := order[at]
			order[at] = done
			if next == uint32(i) {
				*a.row(at) = first
				break
			}
			*a.row(at) = *a.row(next)
			at = next
		}
	}
}

// before orders rows by time, and those of one moment by identifier.
func (a *archive) before(n, m uint32) int {
	r, s := a.row(n), a.row(m)
	if c := cmp.Compare(r.at, s.at); c != 0 {
		return c
	}
	if (r.flags|s.flags)&rowOdd == 0 {
		return bytes.Compare(r.hash[:], s.hash[:])
	}
	o, p := a.oddity(n), a.oddity(m)
	return cmp.Or(r.time(o).Compare(s.time(p)), cmp.Compare(r.ident(o), s.ident(p)))
}

// head fills in of a moment everything but its lists of objects.
func (a *archive) head(n uint32, m *moment) {
	r := a.row(n)
	s, told := &a.shapes.all[r.shape], &a.said.all[r.said]
	m.past = past(n + 1)
	m.time = r.time(a.oddity(n))
	m.kind, m.action, m.step, m.disposition = s.kind, s.action, s.step, s.disposition
	m.actor, m.located = a.parties.all[r.actor], r.flags&rowLocated != 0
	m.made, m.read, m.price = told.made, told.read, told.price
	m.from, m.to, m.document = "", "", ""
	m.hash, m.eventID = r.hash, ""
	if r.flags&rowOdd != 0 {
		m.eventID = a.odd[n].id
	}
	l := listsAt(a.list(r.lists))
	if l.head&(1<<listRoute) != 0 {
		_, route := l.next()
		m.from, m.to, m.document = a.parties.all[route[0]], a.parties.all[route[1]], a.documents.all[route[2]]
	}
}

// of returns a moment without its objects. The next one is written over it.
func (a *archive) of(p past) *moment {
	a.head(uint32(p-1), &a.scratch)
	return &a.scratch
}

// expand returns the moment of a row in the memory of another one.
func (a *Auditor) expand(n uint32, m *moment) {
	a.head(n, m)
	if m.rest == nil {
		m.rest = &rest{}
	}
	rest := m.rest
	m.parent, m.units, m.children = nil, m.units[:0], m.children[:0]
	rest.inputs, rest.outputs = rest.inputs[:0], rest.outputs[:0]
	rest.goods, rest.children, rest.consumed, rest.results = rest.goods[:0], rest.children[:0], rest.consumed[:0], rest.results[:0]
	l := listsAt(a.list(a.row(n).lists))
	for kind, list := l.next(); kind != listEnd; kind, list = l.next() {
		switch kind {
		case listParent:
			m.parent = a.unit(list[0])
		case listUnits:
			m.units = a.unitsOf(m.units, list)
		case listChildren:
			m.children = a.unitsOf(m.children, list)
		case listInputs:
			rest.inputs = a.unitsOf(rest.inputs, list)
		case listOutputs:
			rest.outputs = a.unitsOf(rest.outputs, list)
		case listGoods:
			rest.goods = a.goodsOf(rest.goods, list)
		case listContents:
			rest.children = a.goodsOf(rest.children, list)
		case listConsumed:
			rest.consumed = a.goodsOf(rest.consumed, list)
		case listResults:
			rest.results = a.goodsOf(rest.results, list)
		}
	}
	m.all = len(m.children)+len(rest.children) == 0
}

// unit returns the object with a number.
func (a *Auditor) unit(n uint32) *unit {
	u := a.units[n]
	if u == nil {
		if len(a.spare) == 0 {
			a.spare = make([]unit, 256)
		}
		u, a.spare = &a.spare[0], a.spare[1:]
		u.id = a.objects.all[n]
		a.units[n] = u
	}
	return u
}

func (a *Auditor) unitsOf(units []*unit, list []uint32) []*unit {
	for _, n := range list {
		units = append(units, a.unit(n))
	}
	return units
}

func (a *Auditor) goodsOf(out []goods, list []uint32) []goods {
	for ; len(list) > 0; list = list[2:] {
		out = append(out, goods{a.objects.all[list[0]], a.number(list[1])})
	}
	return out
}

// number returns the count that a word tells.
func (a *archive) number(word uint32) int64 {
	switch {
	case word < countLarge:
		return int64(word)
	case word == countNone:
		return uncounted
	case word == countAll:
		return unsaid
	}
	return a.large[word-countLarge]
}
