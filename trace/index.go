package trace

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The first byte of an index key says what the rest names. FORMAT.md lists them.
const (
	keyKindEPC      = 'e'
	keyKindParty    = 'p'
	keyKindDocument = 'd'
	keyKindDay      = 't'
	keyKindRecall   = 'r'
)

// Identities of entries begin with what they identify.
const (
	idEvent = 'e' // an event
	idError = 'w' // an error declaration: it has the hash of the wrong event, and is not its duplicate
)

// maxKey bounds the length of an index key. A longer one is replaced by its hash.
const maxKey = 128

// Index is the index function of a ledger that a [Repository] uses: ledger.Options{Index: trace.Index}. It returns the
// keys under which an entry is found (EPCs, classes with lot, parties, documents, the day in UTC) and the identity that
// keeps an event from being recorded twice. It is a pure function of the entry and safe for concurrent use. An entry
// that is no event is an error.
func Index(data []byte) (keys [][]byte, id []byte, err error) {
	en, err := decodeEntry(data)
	if err != nil {
		return nil, nil, err
	}
	e, lot, first := en.event, "", true
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
		id = append([]byte{versionPart}, sum[:]...)
	}
	return e.keys(lot, first), id, nil
}

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

// keys returns the index keys of an event, or of a part of one. Only the first part has a day.
func (e *Event) keys(lot string, first bool) [][]byte {
	var keys [][]byte
	seen := make(map[string]bool)
	add := func(kind byte, name string) {
		if name == "" {
			return
		}
		key := indexKey(kind, name)
		if !seen[string(key)] {
			seen[string(key)] = true
			keys = append(keys, key)
		}
	}
	var class ID
	for _, ids := range [...][]ID{{e.Parent}, e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs} {
		for _, id := range ids {
			add(keyKindEPC, string(id))
			if lot == "" {
				continue
			}
			// A run of packs of one product makes one class.
			if c := id.class(""); c != "" && c != class {
				class = c
				add(keyKindEPC, string(id.class(lot)))
			}
		}
	}
	for _, list := range [...][]Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for _, q := range list {
			add(keyKindEPC, string(q.Class))
			if e.Disposition == DispRecalled {
				add(keyKindRecall, string(q.Class))
			}
		}
	}
	add(keyKindParty, string(PartyOf(e.ReadPoint)))
	add(keyKindParty, string(PartyOf(e.BizLocation)))
	for _, s := range slices.Concat(e.Sources, e.Destinations) {
		add(keyKindParty, string(PartyOf(s.ID)))
	}
	for _, t := range e.BizTransactions {
		add(keyKindDocument, string(t.ID))
	}
	if first {
		add(keyKindDay, e.Time.UTC().Format("2006-01-02"))
	}
	return keys
}

func indexKey(kind byte, name string) []byte {
	name = strings.TrimPrefix(name, canonicalStem)
	if len(name) < maxKey {
		return append([]byte{kind}, name...)
	}
	sum := sha256.Sum256([]byte(name))
	return fmt.Appendf(nil, "%c#%x", kind, sum[:])
}
