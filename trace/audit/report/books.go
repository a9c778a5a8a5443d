package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// books are all events as far as custody goes, in little memory. They follow the rules of package trace (see its package
// comment) and count what each place got and gave away.
type books struct {
	rows    []row
	objects *names[trace.ID] // packs, cases, and classes
	parties *names[trace.Party]
	docs    *names[trace.ID]
	days    *names[string]         // expiry dates
	steps   *names[trace.BizStep]  // as recorded
	lots    map[int32]batch        // of packs: as commissioned, otherwise as first read
	expiry  map[int32]int32        // of classes
	wrong   map[eventKey]bool      // declared wrong
	recalls map[trace.ID]time.Time // classes, since when
	memory  []int32                // of the lists of rows
	amounts []amount               // likewise
}

// batch is the class and the expiry date of a pack.
type batch struct {
	class, expiry int32
	made          bool // as commissioned
	at            int64
}

// eventKey is the beginning of the hash of an event: its identity, and the order among events of one moment.
type eventKey [16]byte

// row is an event.
type row struct {
	at               int64 // in ms since 1970
	key              eventKey
	index            int64 // in its source
	source           int32
	actor, from, to  int32
	doc, step        int32
	parent           int32
	units, children  list
	goods, contents  list // amounts
	kind             audit.Effect
	whole, back, all bool // dispensed whole; returned; all children
	opening          bool // from before the range of its source
}

// list is a part of books.memory or books.amounts.
type list struct{ from, n int32 }

// amount is a number of packs of a class.
type amount struct {
	class int32
	n     int64
}

func newBooks() *books {
	return &books{
		objects: newNames[trace.ID](), parties: newNames[trace.Party](), docs: newNames[trace.ID](),
		days: newNames[string](), steps: newNames[trace.BizStep](),
		lots: make(map[int32]batch), expiry: make(map[int32]int32), wrong: make(map[eventKey]bool),
		recalls: make(map[trace.ID]time.Time),
	}
}

// keyOf returns the identity of an event that has an EventID.
func keyOf(id string) (k eventKey) {
	if hex, ok := strings.CutPrefix(id, "ni:///sha-256;"); ok && len(hex) >= 64 {
		for i := range k {
			v, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
			if err != nil {
				ok = false
				break
			}
			k[i] = byte(v)
		}
		if ok {
			return k
		}
	}
	sum := sha256.Sum256([]byte(id))
	copy(k[:], sum[:])
	return k
}

// add takes in an event of a source. It keeps nothing of its memory.
func (b *books) add(e *trace.Event, source int32, index int64, opening bool) {
	key := keyOf(e.ID())
	if e.Error != nil {
		b.wrong[key] = true
		return
	}
	r := row{
		at: e.Time.UnixMilli(), key: key, source: source, index: index, opening: opening,
		actor: b.parties.of(e.Actor()), from: b.parties.of(counterpart(e.Sources)), to: b.parties.of(counterpart(e.Destinations)),
		doc: b.docs.of(e.Document()), step: b.steps.of(e.BizStep), kind: audit.EffectOf(e),
		whole: e.Disposition != trace.DispPartiallyDispensed, back: e.Disposition == trace.DispReturned,
	}
	if e.Disposition == trace.DispRecalled {
		for _, q := range e.Quantities {
			if since, ok := b.recalls[q.Class]; !ok || e.Time.Before(since) {
				b.recalls[q.Class] = e.Time
			}
		}
	}
	if e.Type == trace.TransformationEvent {
		out := r
		r.kind, r.units, r.goods = audit.Gone, b.list(e.InputEPCs), b.amountsOf(e.InputQuantities)
		b.rows = append(b.rows, r)
		out.kind, out.units, out.goods = audit.Commissioned, b.list(e.OutputEPCs), b.amountsOf(e.OutputQuantities)
		b.describe(e, &out)
		b.rows = append(b.rows, out)
		return
	}
	r.parent = b.objects.of(e.Parent)
	r.units, r.goods = b.list(e.EPCs), b.amountsOf(e.Quantities)
	r.children, r.contents = b.list(e.ChildEPCs), b.amountsOf(e.ChildQuantities)
	r.all = len(e.ChildEPCs)+len(e.ChildQuantities) == 0
	b.describe(e, &r)
	b.rows = append(b.rows, r)
}

// counterpart returns the party of a source or destination list: the place before the one who possesses, before the one
// who owns.
func counterpart(list []trace.SourceDest) trace.Party {
	for _, t := range [...]trace.PartyType{trace.Location, trace.PossessingParty, trace.OwningParty} {
		for _, s := range list {
			if s.Type == t {
				return trace.PartyOf(s.ID)
			}
		}
	}
	return ""
}

func (b *books) list(ids []trace.ID) list {
	l := list{int32(len(b.memory)), int32(len(ids))}
	for _, id := range ids {
		b.memory = append(b.memory, b.objects.of(id))
	}
	return l
}

func (b *books) amountsOf(quantities []trace.Quantity) list {
	l := list{from: int32(len(b.amounts))}
	for _, q := range quantities {
		if n, ok := q.Count(); ok {
			b.amounts = append(b.amounts, amount{b.objects.of(q.Class), n})
			l.n++
		}
	}
	return l
}

// ids and goods are the members of a list.
func (b *books) ids(l list) []int32    { return b.memory[l.from : l.from+l.n] }
func (b *books) goods(l list) []amount { return b.amounts[l.from : l.from+l.n] }

// describe takes in of which lot the packs of an event are, and when they expire.
func (b *books) describe(e *trace.Event, r *row) {
	lot, day := field(e.ILMD, "lotNumber"), field(e.ILMD, "itemExpirationDate")
	made := r.kind == audit.Commissioned
	if lot == "" {
		lot = field(e.Extensions, "lot")
	}
	if day == "" {
		day = field(e.Extensions, "exp")
	}
	expiry := b.days.of(day)
	for _, a := range b.goods(r.goods) {
		if _, ok := b.expiry[a.class]; day != "" && (!ok || made) {
			b.expiry[a.class] = expiry
		}
	}
	for _, u := range b.ids(r.units) {
		gtin := product(b.objects.text[u])
		if gtin == "" {
			continue
		}
		have, ok := b.lots[u]
		if ok && (have.made || !made && (have.at <= r.at || lot == "")) {
			continue
		}
		b.lots[u] = batch{b.objects.of(classOf(gtin, lot)), expiry, made, r.at}
	}
}

// product returns the class of a pack or a class without lot: https://id.gs1.org/01/GTIN. It is empty for all that has no
// GTIN.
func product(id trace.ID) trace.ID {
	const head = "https://id.gs1.org/01/"
	if len(id) < len(head)+14 || id[:len(head)] != head {
		return ""
	}
	return id[:len(head)+14]
}

// classOf returns the class of a lot.
func classOf(product trace.ID, lot string) trace.ID {
	if lot == "" {
		return product
	}
	var b strings.Builder
	for i := range len(lot) {
		switch c := lot[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte("0123456789ABCDEF"[c>>4])
			b.WriteByte("0123456789ABCDEF"[c&15])
		}
	}
	class, err := trace.ParseID(string(product) + "/10/" + b.String())
	if err != nil {
		return product
	}
	return class
}

// field returns the text of the first field with a local name: every vendor has a namespace of its own for the same words.
func field(fields []trace.Field, local string) string {
	for _, f := range fields {
		if f.Name[strings.LastIndexByte(f.Name, '}')+1:] == local {
			return f.Value.Text
		}
	}
	return ""
}

// sort puts the rows into the order of time, each event once and without those that were declared wrong.
func (b *books) sort() {
	b.rows = slices.DeleteFunc(b.rows, func(r row) bool { return b.wrong[r.key] })
	slices.SortStableFunc(b.rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(x.at, y.at), bytes.Compare(x.key[:], y.key[:]))
	})
	b.rows = slices.CompactFunc(b.rows, func(x, y row) bool {
		return x.at == y.at && x.key == y.key && (x.source != y.source || x.index != y.index)
	})
}
