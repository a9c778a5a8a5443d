package trace

import (
	"maps"
	"time"
)

// Moment is what an [Auditor] keeps of an event. Objects, classes, parties and documents are numbers of the Auditor, 0 for
// none.
type Moment struct {
	Source int    // as it was added
	Index  int64  // in the source
	Time   int64  // in milliseconds since 1970
	Kind   uint32 // what kind of event it is; see [Auditor.Kind]
	Actor  uint32
	// From, To and Document are those of shipments, receipts and voided shipments, 0 for others.
	From, To, Document                         uint32
	Parent                                     uint32
	AllChildren                                bool // it names no children, which of an unpacking means all
	EPCs, ChildEPCs, InputEPCs, OutputEPCs     []uint32
	Goods, ChildGoods, InputGoods, OutputGoods []Amount
}

// Amount is how many objects of a class an event names.
type Amount struct {
	Class uint32
	Count int64
}

// Len returns how many events count: each once, and none that was declared wrong. It is 0 before [Auditor.Findings].
func (a *Auditor) Len() int { return int(a.counting) }

// Moment returns the event at a place in the order of time in the memory of another one. Amounts that are no counts are left
// out. The lists of EPCs are not to be changed.
func (a *Auditor) Moment(i int, m *Moment) {
	n := uint32(i)
	r, s := a.row(n), a.segment(n)
	*m = Moment{Source: s.source, Index: a.index(n), Time: r.at, Kind: r.shape, Actor: r.actor, AllChildren: true,
		Goods: m.Goods[:0], ChildGoods: m.ChildGoods[:0], InputGoods: m.InputGoods[:0], OutputGoods: m.OutputGoods[:0]}
	l := listsAt(a.list(r.lists))
	for kind, list := l.next(); kind != listEnd; kind, list = l.next() {
		switch kind {
		case listRoute:
			m.From, m.To, m.Document = list[0], list[1], list[2]
		case listParent:
			m.Parent = list[0]
		case listUnits:
			m.EPCs = list
		case listChildren:
			m.ChildEPCs, m.AllChildren = list, false
		case listInputs:
			m.InputEPCs = list
		case listOutputs:
			m.OutputEPCs = list
		case listGoods:
			m.Goods = a.amounts(m.Goods, list)
		case listContents:
			m.ChildGoods, m.AllChildren = a.amounts(m.ChildGoods, list), false
		case listConsumed:
			m.InputGoods = a.amounts(m.InputGoods, list)
		case listResults:
			m.OutputGoods = a.amounts(m.OutputGoods, list)
		}
	}
}

func (a *Auditor) amounts(out []Amount, list []uint32) []Amount {
	for ; len(list) > 0; list = list[2:] {
		if n := a.number(list[1]); n >= 0 {
			out = append(out, Amount{list[0], n})
		}
	}
	return out
}

// Recorded calls f with each event that was added, those that do not count included, source by source and in the order in which
// they were added: the source, the index, the time in milliseconds since 1970, and the actor. It is called before Findings.
func (a *Auditor) Recorded(f func(source int, index, at int64, actor Party)) {
	for k, s := range a.segments {
		end := a.count
		if k+1 < len(a.segments) {
			end = a.segments[k+1].first
		}
		for n := s.first; n < end; n++ {
			f(s.source, a.index(n), a.row(n).at, a.parties.all[a.row(n).actor])
		}
	}
}

// ID returns the identifier of the event at a place in the order of time.
func (a *Auditor) ID(i int) string { return a.row(uint32(i)).ident(a.oddity(uint32(i))) }

// Find returns where the events with some identifiers are in the order of time.
func (a *Auditor) Find(ids []string) map[string][]int {
	hashes := make(map[[32]byte]string)
	others := make(map[string]bool)
	for _, id := range ids {
		if sum, ok := hashOf(id); ok {
			hashes[sum] = id
		}
		others[id] = true
	}
	out := make(map[string][]int)
	for n := range a.counting {
		r, i := a.row(n), int(n)
		if r.flags&rowOdd != 0 && a.odd[n].id != "" {
			if id := a.odd[n].id; others[id] {
				out[id] = append(out[id], i)
			}
		} else if id, ok := hashes[r.hash]; ok {
			out[id] = append(out[id], i)
		}
	}
	return out
}

// Kind returns what an event of a kind is: its Type, Action, BizStep and Disposition.
func (a *Auditor) Kind(kind uint32) *Event {
	s := &a.shapes.all[kind]
	return &Event{Type: s.kind, Action: s.action, BizStep: s.step, Disposition: s.disposition}
}

// Kinds returns below which number all kinds of events are.
func (a *Auditor) Kinds() int { return len(a.shapes.all) }

// Objects returns below which number all objects and classes are.
func (a *Auditor) Objects() int { return len(a.objects.all) }

// Parties returns below which number all parties are.
func (a *Auditor) Parties() int { return len(a.parties.all) }

// Object returns the object or class that a number stands for; that of 0 is empty.
func (a *Auditor) Object(n uint32) ID { return a.objects.all[n] }

// Party returns the party that a number stands for; that of 0 is empty.
func (a *Auditor) Party(n uint32) Party { return a.parties.all[n] }

// Document returns the document that a number stands for; that of 0 is empty.
func (a *Auditor) Document(n uint32) ID { return a.documents.all[n] }

// ObjectNumber returns the number of an object or class, 0 when no event names it.
func (a *Auditor) ObjectNumber(id ID) uint32 { return a.objects.number[id] }

// Batch returns the lot and the expiry date of a pack, as commissioned, or else as first read; and which of it it is.
func (a *Auditor) Batch(pack uint32) (lot, expiry string, commissioned bool) {
	if u := a.units[pack]; u != nil {
		return u.lot, u.expiry, u.commissioned
	}
	return "", "", false
}

// Expiry returns the expiry date of a class of goods, as far as an event told.
func (a *Auditor) Expiry(class ID) string {
	if s := a.stocks[class]; s != nil {
		return s.expiry
	}
	return ""
}

// Recalls returns since when classes are recalled by events.
func (a *Auditor) Recalls() map[ID]time.Time { return maps.Clone(a.recalls) }
