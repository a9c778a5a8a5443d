package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// Claim is how much of a class of goods without serial numbers a place holds when the range of a bundle begins, by the
// account of the ledger: the sum over all records before it, in the order of the ledger. Nothing in the bundle proves it;
// [CompareOpenings] does where the bundle before is at hand.
type Claim struct {
	Place  trace.Party `json:"place"`
	Class  trace.ID    `json:"class"`
	Count  int64       `json:"count"` // in smallest units; never 0, and negative when more left than came
	Expiry string      `json:"expiry,omitempty"`
}

// appendClaims appends claims as they stand in a file: a JSON object a line, by place and class.
func appendClaims(b []byte, claims []Claim) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for _, c := range claims {
		if err := enc.Encode(c); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), nil
}

// parseClaims reads claims, and refuses what is not byte by byte what they are written as.
func parseClaims(text []byte) ([]Claim, error) {
	var claims []Claim
	for dec := json.NewDecoder(bytes.NewReader(text)); dec.More(); {
		var c Claim
		if err := dec.Decode(&c); err != nil {
			return nil, err
		}
		if c.Count == 0 || len(claims) > 0 && compareClaims(claims[len(claims)-1], c) >= 0 {
			return nil, errors.New("claims that are not in order, or of nothing")
		}
		claims = append(claims, c)
	}
	again, err := appendClaims(nil, claims)
	if err == nil && !bytes.Equal(again, text) {
		err = errors.New("claims that are not what they would be written as")
	}
	return claims, err
}

func compareClaims(a, b Claim) int {
	return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Class, b.Class))
}

// holding is a class at a place.
type holding struct {
	place trace.Party
	class trace.ID
}

// holdings follow the goods without serial numbers of one ledger, in the order of its records.
type holdings struct {
	held   map[holding]int64
	expiry map[trace.ID]string
	loads  map[trace.ID]map[trace.ID]int64 // what is packed in cases
}

// newHoldings begins with what is claimed.
func newHoldings(claims []Claim) *holdings {
	h := &holdings{make(map[holding]int64), make(map[trace.ID]string), make(map[trace.ID]map[trace.ID]int64)}
	for _, c := range claims {
		h.held[holding{c.Place, c.Class}] = c.Count
		if c.Expiry != "" {
			h.expiry[c.Class] = c.Expiry
		}
	}
	return h
}

// add takes in the next event. One that declares another wrong does the opposite of it.
func (h *holdings) add(e *trace.Event) {
	sign := int64(1)
	if e.Error != nil {
		sign = -1
	}
	place, effect := e.Actor(), EffectOf(e)
	h.read(e)
	move := func(effect Effect, class trace.ID, n int64) {
		k := holding{place, class}
		switch effect {
		case Commissioned, Received, Voided:
			h.held[k] += sign * n
		case Shipped, Dispensed, Lost, Gone:
			h.held[k] -= sign * n
		case Counted:
			if sign > 0 {
				h.held[k] = n
			}
		}
	}
	each(e.Quantities, func(class trace.ID, n int64) { move(effect, class, n) })
	each(e.InputQuantities, func(class trace.ID, n int64) { move(Gone, class, n) })
	each(e.OutputQuantities, func(class trace.ID, n int64) { move(Commissioned, class, n) })
	switch {
	case sign < 0:
	case effect == Packed && e.Parent != "":
		each(e.ChildQuantities, func(class trace.ID, n int64) {
			if h.loads[e.Parent] == nil {
				h.loads[e.Parent] = make(map[trace.ID]int64)
			}
			h.loads[e.Parent][class] += n
		})
	case effect == Unpacked && len(e.ChildEPCs)+len(e.ChildQuantities) == 0:
		delete(h.loads, e.Parent)
	case effect == Unpacked:
		each(e.ChildQuantities, func(class trace.ID, n int64) {
			if load := h.loads[e.Parent]; load[class] > n {
				load[class] -= n
			} else {
				delete(load, class)
			}
		})
	case effect != Commissioned:
		for _, id := range e.EPCs {
			for class, n := range h.loads[id] {
				move(effect, class, n)
			}
		}
	}
}

// each calls f with the counts of a list.
func each(list []trace.Quantity, f func(trace.ID, int64)) {
	for _, q := range list {
		if n, ok := q.Count(); ok {
			f(q.Class, n)
		}
	}
}

// read takes in when goods expire.
func (h *holdings) read(e *trace.Event) {
	for _, list := range [...][]trace.Field{e.ILMD, e.Extensions} {
		for _, f := range list {
			name := f.Name[strings.LastIndexByte(f.Name, '}')+1:]
			if name != "itemExpirationDate" && name != "exp" || f.Value.Text == "" {
				continue
			}
			for _, q := range e.Quantities {
				if h.expiry[q.Class] == "" || e.Action == trace.Add {
					h.expiry[q.Class] = f.Value.Text
				}
			}
			return
		}
	}
}

// claims returns what is held.
func (h *holdings) claims() []Claim {
	var out []Claim
	for k, n := range h.held {
		if n != 0 && k.place != "" {
			out = append(out, Claim{k.place, k.class, n, h.expiry[k.class]})
		}
	}
	slices.SortFunc(out, compareClaims)
	return out
}
