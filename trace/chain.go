package trace

import (
	"bytes"
	"errors"
	"fmt"
)

// maxEntry is the length of the longest entry that a ledger takes: the tiles of a log give it 16 bits.
const maxEntry = 65535

// ErrTooLong is returned for an event whose fields other than its objects, extensions and sensor data do not fit in one
// entry of 65,535 bytes.
var ErrTooLong = errors.New("trace: event too long")

// encodeEvent returns the entries of an event, one unless it is longer than an entry may be. The same event always
// gives the same bytes. hash is the SHA-256 of its pre-hash string, which only the parts of a long event carry; nil has
// it computed when it is needed.
func encodeEvent(e *Event, hash []byte) ([][]byte, error) { return newEncoder().event(e, hash) }

// event is encodeEvent. The entries are not in the memory of the encoder.
func (w *encoder) event(e *Event, hash []byte) ([][]byte, error) {
	w.reset()
	w.head(e, true)
	w.tail(e)
	whole, err := w.finish(versionWhole)
	if err != nil {
		return nil, fmt.Errorf("trace: encode: %w", err)
	}
	if len(whole) <= maxEntry {
		return [][]byte{bytes.Clone(whole)}, nil
	}
	if hash == nil {
		hash = e.sum(CBV20)
	}
	return encodeChain(e, hash)
}

// partRoom is what the lists of objects, or the tail, may fill of a part. The rest is for the header of the part and
// the heads of arrays.
const partRoom = maxEntry - 512

// encodeChain cuts the lists of objects and the tail over as many parts as they need. The first part also has every
// field that is neither.
func encodeChain(e *Event, hash []byte) ([][]byte, error) {
	w := newEncoder()
	w.head(e, false)
	head, err := w.finish(versionPart)
	if err != nil {
		return nil, fmt.Errorf("trace: encode: %w", err)
	}
	lot := e.lot()
	if len(head)+len(lot) > partRoom/2 {
		return nil, ErrTooLong
	}
	w = newEncoder()
	w.tail(e)
	tail, err := w.finish(0)
	if err != nil {
		return nil, fmt.Errorf("trace: encode: %w", err)
	}
	if w.pairs == 0 {
		tail = nil
	}

	slices := []*Event{{}}
	room := partRoom - len(head) - len(lot)
	next := func(size int) (*Event, error) {
		if size > partRoom-len(lot) {
			return nil, ErrTooLong
		}
		if size > room {
			slices = append(slices, &Event{})
			room = partRoom - len(lot)
		}
		room -= size
		return slices[len(slices)-1], nil
	}
	for i, ids := range [...][]ID{e.EPCs, e.ChildEPCs, e.InputEPCs, e.OutputEPCs} {
		for _, id := range ids {
			s, err := next(len(id) + 5)
			if err != nil {
				return nil, err
			}
			dst := [...]*[]ID{&s.EPCs, &s.ChildEPCs, &s.InputEPCs, &s.OutputEPCs}[i]
			*dst = append(*dst, id)
		}
	}
	for i, list := range [...][]Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for _, q := range list {
			s, err := next(len(q.Class) + len(q.Amount) + len(q.UOM) + 15)
			if err != nil {
				return nil, err
			}
			dst := [...]*[]Quantity{&s.Quantities, &s.ChildQuantities, &s.InputQuantities, &s.OutputQuantities}[i]
			*dst = append(*dst, q)
		}
	}
	pieces := make([][]byte, len(slices))
	for len(tail) > 0 {
		if room <= 0 {
			slices, pieces = append(slices, &Event{}), append(pieces, nil)
			room = partRoom - len(lot)
		}
		n := min(room, len(tail))
		pieces[len(pieces)-1], tail, room = tail[:n], tail[n:], 0
	}

	parts := make([][]byte, len(slices))
	for i, s := range slices {
		w := newEncoder()
		w.part(&part{hash: hash, i: i, n: len(slices), lot: lot})
		if i == 0 {
			first := *e
			first.EPCs, first.ChildEPCs, first.InputEPCs, first.OutputEPCs = s.EPCs, s.ChildEPCs, s.InputEPCs, s.OutputEPCs
			first.Quantities, first.ChildQuantities = s.Quantities, s.ChildQuantities
			first.InputQuantities, first.OutputQuantities = s.InputQuantities, s.OutputQuantities
			w.head(&first, true)
		} else {
			w.lists(s)
		}
		w.tailPiece(pieces[i])
		if parts[i], err = w.finish(versionPart); err != nil {
			return nil, fmt.Errorf("trace: encode: %w", err)
		}
		if len(parts[i]) > maxEntry {
			return nil, ErrTooLong
		}
	}
	return parts, nil
}

// joinChain puts the parts of an event together again. They have to be all of it, in order.
func joinChain(parts []*entry) (*Event, error) {
	if len(parts) == 0 || parts[0].part == nil || parts[0].part.n != len(parts) {
		return nil, errors.New("trace: parts of an event missing")
	}
	e := *parts[0].event
	if e.Type == "" {
		return nil, errors.New("trace: first part of an event has no type")
	}
	var tail []byte
	for i, p := range parts {
		if p.part == nil || p.part.i != i || p.part.n != len(parts) || !bytes.Equal(p.part.hash, parts[0].part.hash) {
			return nil, errors.New("trace: parts of an event do not belong together")
		}
		tail = append(tail, p.part.tail...)
		if i == 0 {
			continue
		}
		s := p.event
		e.EPCs = append(e.EPCs, s.EPCs...)
		e.Quantities = append(e.Quantities, s.Quantities...)
		e.ChildEPCs = append(e.ChildEPCs, s.ChildEPCs...)
		e.ChildQuantities = append(e.ChildQuantities, s.ChildQuantities...)
		e.InputEPCs = append(e.InputEPCs, s.InputEPCs...)
		e.InputQuantities = append(e.InputQuantities, s.InputQuantities...)
		e.OutputEPCs = append(e.OutputEPCs, s.OutputEPCs...)
		e.OutputQuantities = append(e.OutputQuantities, s.OutputQuantities...)
	}
	if len(tail) > 0 {
		if err := decodeTail(tail, &e); err != nil {
			return nil, fmt.Errorf("trace: tail of an event: %w", err)
		}
	}
	return &e, nil
}
