package trace

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dauvet/dauvet/gs1"
)

// answers is what a repository says about everything in a world.
type answers struct {
	Custody  map[string]*Custody
	Contents map[string][]ID
	Goods    map[string][]Quantity
	Stock    map[Party][]StockLine
	Lots     map[string]*LotReport
	Verdicts map[string][]Finding
	Audit    []Finding
}

// worldLot is the one that the packs of a world are commissioned in.
const worldLot = "TN26AB01"

func ask(t *testing.T, r *Repository, w *world) *answers {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a := &answers{make(map[string]*Custody), make(map[string][]ID), make(map[string][]Quantity), make(map[Party][]StockLine),
		make(map[string]*LotReport), make(map[string][]Finding), nil}
	var err error
	for _, epc := range w.objects() {
		a.Custody[epc.String()], err = r.Custody(t.Context(), epc)
		must(err)
	}
	for _, box := range w.boxes {
		a.Contents[box.String()], a.Goods[box.String()], err = r.Contents(t.Context(), box)
		must(err)
	}
	for _, party := range w.parties {
		a.Stock[party], err = r.Stock(t.Context(), party)
		must(err)
	}
	for _, lot := range append(slices.Clone(w.lots), mustEPC(t, "https://id.gs1.org/01/08935001000020/10/"+worldLot)) {
		a.Lots[lot.String()], err = r.Lot(t.Context(), lot)
		must(err)
	}
	for _, pack := range w.packs {
		v, err := r.Verify(t.Context(), scanOf(t, pack), w.parties[0])
		must(err)
		a.Verdicts[pack.String()] = v.Reasons
	}
	for _, lot := range w.lots {
		v, err := r.Verify(t.Context(), scanOf(t, lot), w.parties[1])
		must(err)
		a.Verdicts[lot.String()] = v.Reasons
	}
	a.Audit, err = r.Audit(t.Context(), nil)
	must(err)
	return a
}

func scanOf(t *testing.T, epc gs1.EPC) gs1.Message {
	t.Helper()
	m, err := gs1.ParseDigitalLink(epc.String())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// sameAnswers compares answers. Which of several shipments without document an amount counts for is not looked at.
func sameAnswers(t *testing.T, what string, want, got *answers) {
	t.Helper()
	if diff := cmp.Diff(want, got, compareEPC, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// Whatever order events arrive in, and however often, every question has one answer in the end.
func TestArrivalOrderOfAnswers(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 7000+seed)
		events := w.history(t, 50)
		r := openTest(t)
		captureAll(t, r, events)
		late := append(slices.Clone(events), events[:10]...)
		w.rnd.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
		other := openTest(t)
		captureAll(t, other, late)
		sameAnswers(t, fmt.Sprintf("seed %d: another order", seed), ask(t, r, w), ask(t, other, w))
	}
}

// An event that is declared wrong, whenever that is, leaves everything as if it had never been.
func TestDeclaredWrongIsAsNever(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 8000+seed)
		events := w.history(t, 50)
		wrong := *pick(w, events)
		wrong.Error = &ErrorDeclaration{Time: w.now, Reason: IncorrectData}
		without := slices.DeleteFunc(slices.Clone(events), func(e *Event) bool { return e.Hash(CBV20) == wrong.Hash(CBV20) })
		at := w.rnd.IntN(len(events) + 1) // the declaration may even come first
		r, never := openTest(t), openTest(t)
		captureAll(t, r, slices.Insert(slices.Clone(events), at, &wrong))
		captureAll(t, never, without)
		sameAnswers(t, fmt.Sprintf("seed %d: %s declared wrong", seed, wrong.BizStep), ask(t, never, w), ask(t, r, w))
	}
}

// Undo brings a pack back to where it was before, and says why when it does not.
func TestUndoRestores(t *testing.T) {
	undone := 0
	for seed := range *seeds {
		w := newWorld(t, 9000+seed)
		events := w.history(t, 60)
		r := openTest(t)
		captureAll(t, r, events)
		for _, pack := range w.packs {
			before, err := r.Custody(t.Context(), pack)
			if err != nil {
				t.Fatal(err)
			}
			st, err := r.reader().story(t.Context(), IDOf(pack))
			if err != nil {
				t.Fatal(err)
			}
			rp, err := st.replay(t.Context(), r.reader(), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			by := pick(w, w.parties)
			u := rp.units[IDOf(pack)]
			if u != nil && u.fateEvent != 0 {
				by = rp.recollect(u.fateEvent).actor
			}
			if _, err := r.Undo(t.Context(), pack, by); err != nil {
				after, err := r.Custody(t.Context(), pack)
				if diff := cmp.Diff(before, after, compareEPC); err != nil || diff != "" {
					t.Fatalf("seed %d, %s: a refused undo changed something: %v\n%s", seed, pack, err, diff)
				}
				continue
			}
			undone++
			events = slices.DeleteFunc(events, func(e *Event) bool { return e.Hash(CBV20) == rp.recollect(u.fateEvent).event.Hash(CBV20) })
			never := openTest(t)
			captureAll(t, never, events)
			sameAnswers(t, fmt.Sprintf("seed %d: undone for %s", seed, pack), ask(t, never, w), ask(t, r, w))
		}
	}
	if undone < 5 {
		t.Errorf("%d events undone", undone)
	}
}

// Stock, lots and verdicts by the index are those of a replay of the whole log.
func TestAnswersEqualFullReplay(t *testing.T) {
	for seed := range histories() {
		w := newWorld(t, 10_000+seed)
		events := w.history(t, 60)
		r := openTest(t)
		captureAll(t, r, events)
		r.verified = seed%2 == 1
		full, got := fullReplay(events), ask(t, r, w)
		for _, party := range w.parties {
			type row struct {
				Count, Back int64
				Packs       int
			}
			want, have := make(map[ID]row), make(map[ID]row)
			for class, s := range full.stocks {
				if n := s.held[party]; n != 0 {
					want[class] = row{n, n - s.free(party), 0}
				}
			}
			for id, u := range full.units {
				if class := id.class(u.lot); class != "" && u.holder == party {
					l := want[class]
					l.Packs++
					if heldBack(u.disposition) {
						l.Back++
					}
					want[class] = l
				}
			}
			for _, l := range got.Stock[party] {
				have[IDOf(l.Class)] = row{l.Count, l.Back, len(l.Packs)}
			}
			if !maps.Equal(want, have) {
				t.Fatalf("seed %d: %s holds %v, want %v", seed, party, have, want)
			}
			if !slices.IsSortedFunc(got.Stock[party], func(a, b StockLine) int {
				return strings.Compare(lastIfEmpty(a.Expiry), lastIfEmpty(b.Expiry))
			}) {
				t.Fatalf("seed %d: %s is not sold first expired first: %v", seed, party, got.Stock[party])
			}
		}
		for name, lot := range got.Lots {
			want := make(map[Party]int64)
			var gone [exported + 1]int64
			transit, packs := int64(0), 0
			for id, u := range full.units {
				if string(id.class(u.lot)) != name || u.lot == "" {
					continue
				}
				packs++
				if gone[u.fate]++; u.fate == inChain {
					if u.way != 0 {
						transit++
					} else {
						want[u.holder]++
					}
				}
			}
			have := make(map[Party]int64)
			for _, b := range lot.Places {
				have[b.Party] = b.Count
			}
			if !maps.Equal(want, have) || packs != lot.Packs || transit != lot.Transit || gone[dispensed] != lot.Dispensed ||
				gone[destroyed] != lot.Destroyed || gone[sampled] != lot.Sampled || gone[lost] != lot.Lost || gone[exported] != lot.Exported {
				t.Fatalf("seed %d: lot %+v, want at %v, gone %v, in transit %d", seed, lot, want, gone, transit)
			}
			if diff := cmp.Diff(full.custody(lot.Class), lot.Goods, compareEPC, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, %s: goods (-want +got):\n%s", seed, name, diff)
			}
		}
		for _, epc := range slices.Concat(w.packs, w.lots) {
			by := w.parties[0]
			if epc.IsClass() {
				by = w.parties[1]
			}
			v := &verification{object: IDOf(epc), product: IDOf(epc).class(""), lot: epc.Value("10"), by: by, day: r.now().Format(time.DateOnly)}
			v.judge(full, r.now())
			if diff := cmp.Diff(v.reasons, got.Verdicts[epc.String()], cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d, %s: verdict (-want +got):\n%s", seed, epc, diff)
			}
		}
	}
}
