package trace

import (
	"context"
	"strconv"

	"github.com/dauvet/dauvet/gs1"
)

// Contents returns what is packed in a case or pallet now: objects with serial numbers, and classes without. What is in
// a case that is in a pallet is the contents of the case.
func (r *Repository) Contents(ctx context.Context, parent gs1.EPC) (packs []ID, goods []Quantity, err error) {
	rd := r.reader()
	object := IDOf(parent)
	events, err := rd.find(ctx, keyKindEPC, string(object))
	if err != nil {
		return nil, nil, err
	}
	roots := map[ID]bool{object: true}
	for _, s := range events {
		if s.Parent == object && s.Action == Add {
			for _, id := range s.ChildEPCs {
				roots[id] = true
			}
			for _, q := range s.ChildQuantities {
				roots[q.Class] = true
			}
		}
	}
	rp, err := rd.replay(ctx, sortedKeys(roots)...)
	if err != nil {
		return nil, nil, err
	}
	u := rp.units[object]
	if u == nil || u.load == nil {
		return nil, nil, nil
	}
	for _, class := range sortedKeys(u.load.goods) {
		goods = append(goods, Quantity{Class: class, Amount: strconv.FormatInt(u.load.goods[class], 10)})
	}
	for _, child := range u.load.inOrder() {
		if child.fate == inChain {
			packs = append(packs, child.id)
		}
	}
	return packs, goods, nil
}

// replay folds the events of some objects.
func (rd *reader) replay(ctx context.Context, objects ...ID) (*replay, error) {
	st, err := rd.story(ctx, objects...)
	if err != nil {
		return nil, err
	}
	return st.replay(ctx, rd, nil, nil)
}
