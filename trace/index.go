package trace

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// The first byte of an index key says what the rest names. FORMAT.md lists them.
const (
	keyKindEPC      = 'e'
	keyKindParty    = 'p'
	keyKindDocument = 'd'
	keyKindDay      = 'w' // 't', 'u' and 'v' in older ones; see Repository.reindex
	keyKindFacts    = 'f'
	keyKindRecall   = 'r'
)

// Identities of entries begin with what they identify.
const (
	idEvent = 'e' // an event
	idError = 'w' // an error declaration: it has the hash of the wrong event, and is not its duplicate
	idPart  = 2   // a part of an event other than the first
)

// maxKey bounds the length of an index key. A longer one is replaced by its hash.
const maxKey = 128

// Index is the index function of a ledger that a [Repository] uses: ledger.Options{Index: trace.Index}. It returns the
// keys under which an entry is found (EPCs, classes with lot, parties, documents, the day in UTC), some of which tell what
// it did to packs and goods, and the identity that keeps an event from being recorded twice. It is a pure
// function of the entry and safe for concurrent use. An entry that is no event is an error.
func Index(data []byte) (keys [][]byte, id []byte, err error) {
	e := indexed.Get().(*Event)
	defer func() {
		*e = Event{}
		indexed.Put(e)
	}()
	en := entry{event: e}
	if err := en.decode(data, nil); err != nil {
		return nil, nil, err
	}
	lot, first := "", true
	var hash []byte
	if en.part == nil {
		hash, lot = e.sum(CBV20), e.lot()
	} else {
		hash, lot, first = en.part.hash, en.part.lot, en.part.i == 0
	}
	if first {
		if e.Type == "" {
			return nil, nil, errors.New("trace: first part of an event has no type")
		}
		id = identity(e, hash)
	} else {
		// Only the first part knows whether it declares an error; the others are told apart by their own bytes.
		sum := sha256.Sum256(data)
		id = append([]byte{idPart}, sum[:]...)
	}
	return e.keys(lot, en.part == nil, first), id, nil
}

// indexed is memory for the events of Index, of which nothing but bytes remain.
var indexed = sync.Pool{New: func() any { return new(Event) }}

// identity returns what tells an event from all others: its hash, and for an error declaration what it declares too.
func identity(e *Event, hash []byte) []byte {
	if e.Error == nil {
		return append([]byte{idEvent}, hash...)
	}
	h := sha256.New()
	h.Write(hash)
	// The time, the reason and the correcting events, each with its length.
	for _, s := range append([]string{string(appendTime(nil, e.Error.Time)), string(e.Error.Reason)}, e.Error.Corrective...) {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	return h.Sum([]byte{idError})
}

// keys returns the index keys of an event, or of a part of one when it is not whole. Only the first part has a day.
func (e *Event) keys(lot string, whole, first bool) [][]byte {
	n := len(e.EPCs) + len(e.ChildEPCs) + len(e.InputEPCs) + len(e.OutputEPCs) + 8
	l := keyList{keys: make([][]byte, 0, n), buf: make([]byte, 0, 16*n)}
	var class ID
	var buf [maxTrail]byte
	for i, ids := range [...][]ID{{e.Parent}, e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs} {
		trail := buf[:0]
		if roles := [...]role{container, listed, content}; whole && i < len(roles) && len(ids) > 0 && ids[0] != "" {
			trail = e.trail(trail, roles[i])
		}
		for _, id := range ids {
			l.object(id, trail)
			if lot == "" {
				continue
			}
			// A run of packs of one product makes one class.
			if c := id.class(""); c != "" && c != class {
				class = c
				c = id.class(lot)
				l.add(keyKindEPC, string(c))
				l.record(c)
			}
		}
	}
	for _, list := range [...][]Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for _, q := range list {
			l.add(keyKindEPC, string(q.Class))
			if e.Disposition == DispRecalled {
				l.add(keyKindRecall, string(q.Class.product()))
			}
		}
	}
	l.facts(e, whole)
	l.add(keyKindParty, string(PartyOf(e.ReadPoint)))
	l.add(keyKindParty, string(PartyOf(e.BizLocation)))
	for _, list := range [...][]SourceDest{e.Sources, e.Destinations} {
		for _, s := range list {
			l.add(keyKindParty, string(PartyOf(s.ID)))
		}
	}
	for _, t := range e.BizTransactions {
		l.add(keyKindDocument, string(t.ID))
	}
	if first {
		var day [len(time.DateOnly)]byte
		year, month, n := e.Time.UTC().Date()
		l.add(keyKindDay, string(appendDate(day[:0], year, month, n)))
	}
	return l.keys
}

// keyList collects keys.
type keyList struct {
	keys [][]byte
	buf  []byte // that they are in
}

// add adds the key of a name, unless it is empty. It leaves out what it has added just before; the ledger minds no
// others.
func (l *keyList) add(kind byte, name string) {
	if name == "" {
		return
	}
	from := len(l.buf)
	l.buf = appendKey(l.buf, kind, name)
	l.end(from)
}

// object adds the key of an object, with its trail if it is a pack or a case.
func (l *keyList) object(id ID, trail []byte) {
	if id == "" {
		return
	}
	from := len(l.buf)
	l.buf = appendKey(l.buf, keyKindEPC, string(id))
	if isUnitKey(l.buf[from:]) {
		l.buf = append(l.buf, trail...)
	}
	l.end(from)
}

// end adds the key that begins at from.
func (l *keyList) end(from int) {
	key := l.buf[from:len(l.buf):len(l.buf)]
	for _, k := range l.keys[max(0, len(l.keys)-8):] {
		if bytes.Equal(k, key) {
			l.buf = l.buf[:from]
			return
		}
	}
	l.keys = append(l.keys, key)
}

func indexKey(kind byte, name string) []byte { return appendKey(nil, kind, name) }

// The second byte of the key of an object says what follows it. The name of a class stands as it is, from its "/" on.
const (
	objectPack  = 'g' // the number of its GTIN in 6 bytes, and the hash of its name
	objectSSCC  = 's' // its number in 8 bytes, and the first 6 of the hash of its name
	objectOther = 'h' // the hash of its name
)

// appendKey appends the index key of something. Packs, cases and documents are many: their keys are half as long as
// they would be with their names in them.
func appendKey(b []byte, kind byte, name string) []byte {
	name = strings.TrimPrefix(name, canonicalStem)
	b = append(b, kind)
	switch {
	case kind == keyKindDocument:
		return appendHash(b, name)
	case kind == keyKindEPC && !isClassName(name):
		gtin, pack := cutGTIN(name)
		switch {
		case pack && strings.HasPrefix(name[len("/01/")+len(gtin):], "/21/"):
			return appendHash(appendGTIN(append(b, objectPack), gtin), name)
		case len(name) == len("/00/")+18 && name[:4] == "/00/" && isDigits(name[4:]):
			from := len(b)
			return appendHash(binary.BigEndian.AppendUint64(append(b, objectSSCC), decimalValue(name[4:])), name)[:from+unitBytes]
		}
		return appendHash(append(b, objectOther), name)
	case len(name) < maxKey:
		return append(b, name...)
	}
	sum := hashName(name)
	return fmt.Appendf(b, "#%x", sum[:])
}

// keyPrefixes returns what the keys of all objects begin with whose identifiers begin with prefix: a key, or some. It is
// false when they may lie anywhere. Other keys may begin so, too.
func keyPrefixes(prefix string) (keys [][]byte, ok bool) {
	name, ok := strings.CutPrefix(prefix, canonicalStem)
	switch {
	case !ok:
		return nil, false
	case strings.HasPrefix(name, "/00/"):
		return [][]byte{{keyKindEPC, objectSSCC}}, true
	case !strings.HasPrefix(name, "/01/"):
		return nil, false
	}
	class := append([]byte{keyKindEPC}, name[:min(len(name), maxKey/2)]...)
	gtin, whole := cutGTIN(name)
	switch {
	case !whole:
		return [][]byte{{keyKindEPC, objectPack}, class, {keyKindEPC, objectOther}}, true
	case strings.HasPrefix(name, "/01/"+gtin+"/21/"):
		return [][]byte{appendGTIN([]byte{keyKindEPC, objectPack}, gtin)}, true
	case strings.HasPrefix(name, "/01/"+gtin+"/10/"):
		return [][]byte{class}, true
	}
	return nil, false
}

// cutGTIN returns the GTIN of a name that begins with one.
func cutGTIN(name string) (gtin string, ok bool) {
	const end = len("/01/") + 14
	if len(name) < end || name[:4] != "/01/" || !isDigits(name[4:end]) {
		return "", false
	}
	return name[4:end], true
}

// isClassName reports whether a name, without the stem of its URI, is a GTIN alone or with a lot.
func isClassName(name string) bool {
	gtin, ok := cutGTIN(name)
	return ok && (len(name) == len("/01/"+gtin) || strings.HasPrefix(name[len("/01/"+gtin):], "/10/"))
}

// decimalValue returns the value of at most 18 digits.
func decimalValue(digits string) (n uint64) {
	for i := range len(digits) {
		n = n*10 + uint64(digits[i]-'0')
	}
	return n
}

// appendGTIN appends the number of a GTIN, of which 47 bits hold every one.
func appendGTIN(b []byte, gtin string) []byte {
	var buf [8]byte
	binary.BigEndian.PutUint64(buf[:], decimalValue(gtin))
	return append(b, buf[2:]...)
}

// appendHash appends the first 8 bytes of the hash of a name.
func appendHash(b []byte, name string) []byte {
	sum := hashName(name)
	return append(b, sum[:8]...)
}

// hashName is sha256.Sum256 without a copy of a name of common length.
func hashName(name string) [sha256.Size]byte {
	var buf [maxKey]byte
	if len(name) <= len(buf) {
		return sha256.Sum256(buf[:copy(buf[:], name)])
	}
	return sha256.Sum256([]byte(name))
}
