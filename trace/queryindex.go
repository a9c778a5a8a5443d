package trace

import (
	"context"
	"iter"
	"slices"
	"time"
)

// searchKeys are index keys of which every event that passes a field of a query has at least one.
type searchKeys struct {
	keys     [][]byte
	prefixes [][]byte // of keys
	days     bool     // the keys of the days of the query
}

// searches returns the ways to find the events of a query by the index, those that find the fewest events first, as far
// as one can tell.
func (f *filter) searches() []searchKeys {
	var out []searchKeys
	for _, c := range f.objects {
		if k, ok := c.search(); ok {
			out = append(out, k)
		}
	}
	byID := func(kind byte, ids []ID) {
		var k searchKeys
		for _, id := range ids {
			name := string(id)
			if kind == keyKindParty {
				name = string(PartyOf(id))
			}
			k.keys = append(k.keys, indexKey(kind, name))
		}
		if len(ids) > 0 {
			out = append(out, k)
		}
	}
	for _, ids := range f.Documents {
		byID(keyKindDocument, ids)
	}
	for _, lists := range [...]map[PartyType][]ID{f.Sources, f.Destinations} {
		for _, ids := range lists {
			byID(keyKindParty, ids)
		}
	}
	byID(keyKindParty, f.ReadPoints)
	byID(keyKindParty, f.BizLocations)
	if len(f.Parties) > 0 {
		var k searchKeys
		for _, p := range f.Parties {
			k.keys = append(k.keys, indexKey(keyKindParty, string(p)))
		}
		out = append(out, k)
	}
	if days := f.dayKeys(); days != nil {
		out = append(out, searchKeys{keys: days})
	} else if !f.From.IsZero() || !f.Until.IsZero() {
		out = append(out, searchKeys{prefixes: [][]byte{{keyKindDay}}, days: true})
	}
	return out
}

// dayKeys returns the keys of the days of a query, if they are few: a ledger of years has many others.
func (f *filter) dayKeys() (keys [][]byte) {
	const few = 100 * 24 * time.Hour
	if f.From.IsZero() || f.Until.IsZero() || f.Until.Sub(f.From) > few {
		return nil
	}
	for day := f.From.UTC().Truncate(24 * time.Hour); day.Before(f.Until); day = day.AddDate(0, 0, 1) {
		keys = append(keys, indexKey(keyKindDay, day.Format(time.DateOnly)))
	}
	return keys
}

// search returns the keys of the objects or classes that a field names.
func (c *criterion) search() (k searchKeys, ok bool) {
	for _, p := range c.patterns {
		if p.id != "" {
			k.keys = append(k.keys, indexKey(keyKindEPC, string(p.id)))
			continue
		}
		prefixes, ok := keyPrefixes(p.prefix)
		if !ok {
			return k, false
		}
		k.prefixes = append(k.prefixes, prefixes...)
	}
	return k, true
}

// candidates returns the entries to look at, in order: those of the search that finds the fewest, or all.
func (r *Repository) candidates(ctx context.Context, f *filter) (iter.Seq[int64], error) {
	size := r.ledger.Size()
	best, narrowed := []int64(nil), false
	most := size
	for _, k := range f.searches() {
		list, ok, err := r.search(ctx, f, k, most)
		if err != nil {
			return nil, err
		}
		if ok {
			best, most, narrowed = list, int64(len(list)), true
		}
	}
	if narrowed {
		slices.Sort(best)
		return slices.Values(slices.Compact(best)), nil
	}
	return func(yield func(int64) bool) {
		for i := f.Start; i < size; i++ {
			if !yield(i) {
				return
			}
		}
	}, nil
}

// search returns the entries under some keys, unless they are not fewer than most.
func (r *Repository) search(ctx context.Context, f *filter, k searchKeys, most int64) (list []int64, ok bool, err error) {
	found := func(index int64) bool {
		if index >= f.Start { // a part of the event before is passed over as well
			list = append(list, index)
		}
		return int64(len(list)) < most
	}
	for _, prefix := range k.prefixes {
		for row, err := range r.ledger.Postings(ctx, prefix) {
			if err != nil {
				return nil, false, err
			}
			if !(k.days && !f.onDay(row.Key)) && !found(row.Index) {
				return nil, false, nil
			}
		}
	}
	for _, key := range k.keys {
		indices, err := r.indices(ctx, key)
		if err != nil {
			return nil, false, err
		}
		for _, index := range indices {
			if !found(index) {
				return nil, false, nil
			}
		}
	}
	return list, true, nil
}

// onDay reports whether a day, an index key, has a moment that a query asks for.
func (f *filter) onDay(key []byte) bool {
	day, err := time.Parse(time.DateOnly, string(key[1:]))
	return err == nil && (f.From.IsZero() || day.AddDate(0, 0, 1).After(f.From)) && (f.Until.IsZero() || day.Before(f.Until))
}
