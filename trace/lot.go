package trace

import (
	"cmp"
	"context"
	"slices"

	"github.com/dauvet/dauvet/gs1"
)

// LotReport says where every unit of a lot is: the question of a recall.
type LotReport struct {
	Class gs1.EPC
	// Goods is the custody of the units without serial numbers.
	Goods *Custody
	// Packs counts the packs with serial numbers that are recorded to be of the lot, and Places says who holds them.
	Packs  int
	Places []Balance
	// Transit, Dispensed, Destroyed, Sampled, Lost, Consumed and Exported count the packs that nobody holds.
	Transit, Dispensed, Destroyed, Sampled, Lost, Consumed, Exported int64
	// Flows are the ways that units and packs of the lot took from one party to another, as shipped: for any party one
	// step back and one step forward.
	Flows []Flow
}

// Flow is how much of a lot one party shipped to another.
type Flow struct {
	From, To Party
	Count    int64
}

// Lot returns where everything of a lot is. The class has a GTIN and a lot.
func (r *Repository) Lot(ctx context.Context, class gs1.EPC) (out *LotReport, err error) {
	if IDOf(class).class("") == "" || class.Value("10") == "" {
		return nil, fieldError("class", "not a GTIN with a lot")
	}
	err = r.ask(func(rd *reader) error {
		out, err = rd.lot(ctx, class)
		return err
	})
	return out, err
}

func (rd *reader) lot(ctx context.Context, class gs1.EPC) (*LotReport, error) {
	object := IDOf(class)
	events, err := rd.namingPacks(ctx, object)
	if err != nil {
		return nil, err
	}
	roots, product := map[ID]bool{object: true}, object.class("")
	recorded := declaredWrong(events)
	for _, s := range events {
		if s.lot() != class.Value("10") || !recorded.stands(s) {
			continue
		}
		for _, ids := range [...][]ID{s.EPCs, s.ChildEPCs, s.OutputEPCs} {
			for _, id := range ids {
				if id != object && id.class("") == product {
					roots[id] = true
				}
			}
		}
	}
	var flows map[Flow]int64
	rp, err := rd.follow(ctx, func() visitor {
		flows = make(map[Flow]int64)
		return func(rp *replay, s *stored) {
			if s.BizStep == BizStepShipping {
				way := Flow{From: s.Actor(), To: counterpart(s.Destinations)}
				flows[way] += rp.amount(s.Event, roots)
			}
		}
	}, sortedKeys(roots)...)
	if err != nil {
		return nil, err
	}
	out := &LotReport{Class: class, Goods: rp.custody(class)}
	places := make(map[Party]Balance)
	for id := range roots {
		u := rp.units[id]
		if u == nil || id == object {
			continue
		}
		out.Packs++
		switch {
		case u.fate == dispensed:
			out.Dispensed++
		case u.fate == destroyed:
			out.Destroyed++
		case u.fate == sampled:
			out.Sampled++
		case u.fate == lost:
			out.Lost++
		case u.fate == consumed:
			out.Consumed++
		case u.fate == exported:
			out.Exported++
		case u.way != 0:
			out.Transit++
		default:
			b := places[u.holder]
			b.Party, b.Count = u.holder, b.Count+1
			if heldBack(u.disposition) {
				b.Back++
			}
			places[u.holder] = b
		}
	}
	for _, b := range places {
		out.Places = append(out.Places, b)
	}
	slices.SortFunc(out.Places, func(a, b Balance) int { return cmp.Compare(a.Party, b.Party) })
	for way, n := range flows {
		if n > 0 {
			way.Count = n
			out.Flows = append(out.Flows, way)
		}
	}
	slices.SortFunc(out.Flows, func(a, b Flow) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return out, nil
}

// amount returns how much of some objects an event is about, what is packed in others included.
func (r *replay) amount(e *Event, of map[ID]bool) (n int64) {
	var within func(*unit)
	within = func(u *unit) {
		if of[u.id] {
			n++
		}
		for class, count := range u.goods() {
			if of[class] {
				n += count
			}
		}
		for _, child := range u.packed() {
			within(child)
		}
	}
	for _, id := range e.EPCs {
		if u := r.units[id]; u != nil {
			within(u)
		} else if of[id] {
			n++
		}
	}
	for _, q := range e.Quantities {
		if count, ok := q.Count(); ok && of[q.Class] {
			n += count
		}
	}
	return n
}
