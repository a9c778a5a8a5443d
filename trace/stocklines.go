package trace

import (
	"cmp"
	"context"
	"slices"

	"github.com/dauvet/dauvet/gs1"
)

// StockLine is what a place holds of one lot of one product.
type StockLine struct {
	Class  gs1.EPC // GTIN with lot, or the GTIN alone when the lot is not known
	Expiry string  // YYYY-MM-DD; empty when it is not known
	Count  int64   // smallest units without serial number; negative when more left than came
	Packs  []ID    // packs with serial numbers, in the order of their identifiers
	Back   int64   // of Count and Packs, how many are held back: in quarantine
	// Recalled says that nothing of the line may be dispensed: the lot, or the product, is recalled.
	Recalled bool
}

// Stock returns what a party holds by all that is recorded, the lot that expires first in front and those of unknown
// expiry at the end. Packs in a case count as packs; cases and pallets themselves are not listed.
func (r *Repository) Stock(ctx context.Context, of Party) ([]StockLine, error) {
	rd := r.reader()
	events, err := rd.find(ctx, keyKindParty, string(of))
	if err != nil {
		return nil, err
	}
	// What came in a case is named by the events of the case, which may have happened elsewhere.
	objects, err := rd.packed(ctx, events)
	if err != nil {
		return nil, err
	}
	rp, err := rd.replay(ctx, sortedKeys(objects)...)
	if err != nil {
		return nil, err
	}
	expiries := make(map[ID]string)
	lines := make(map[ID]*StockLine)
	line := func(class ID) *StockLine {
		l := lines[class]
		if l == nil {
			l = &StockLine{}
			lines[class] = l
		}
		return l
	}
	for _, id := range sortedKeys(rp.units) {
		u := rp.units[id]
		class := id.class(u.lot)
		if class == "" || u.holder != of {
			continue
		}
		l := line(class)
		l.Packs = append(l.Packs, id)
		if heldBack(u.disposition) {
			l.Back++
		}
		if u.expiry != "" {
			expiries[class] = u.expiry
		}
	}
	for class, s := range rp.stocks {
		if n := s.held[of]; n != 0 {
			l := line(class)
			l.Count, l.Back = n, l.Back+n-s.free(of)
		}
		if s.expiry != "" {
			expiries[class] = s.expiry
		}
	}
	now := r.now()
	out := make([]StockLine, 0, len(lines))
	for class, l := range lines {
		if l.Class, err = class.EPC(); err != nil {
			return nil, err
		}
		l.Expiry = expiries[class]
		l.Recalled = rp.isRecalled(class, now)
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b StockLine) int {
		return cmp.Or(cmp.Compare(lastIfEmpty(a.Expiry), lastIfEmpty(b.Expiry)), cmp.Compare(a.Class.String(), b.Class.String()))
	})
	return out, rp.failed
}

// lastIfEmpty makes an unknown date the last.
func lastIfEmpty(day string) string {
	if day == "" {
		return "9999-99-99"
	}
	return day
}

// packed returns the objects that some events name, and everything that was ever packed in them.
func (rd *reader) packed(ctx context.Context, events []*stored) (map[ID]bool, error) {
	objects := make(map[ID]bool)
	var queue []ID
	add := func(e *Event) {
		for _, id := range e.objects() {
			if !objects[id] {
				objects[id] = true
				if id.class("") == "" { // a case or pallet
					queue = append(queue, id)
				}
			}
		}
	}
	for _, s := range events {
		add(s.Event)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		list, err := rd.find(ctx, keyKindEPC, string(queue[0]))
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if s.Parent == queue[0] && s.Action == Add {
				add(s.Event)
			}
		}
	}
	return objects, nil
}
