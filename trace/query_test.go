package trace

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// condition is a field of a query, and what it means.
type condition struct {
	name  string
	set   func(*Query)
	holds func(*Event) bool
}

// conditions makes up conditions that some events of a world meet.
func conditions(w *world) []condition {
	from := w.now.Add(-time.Duration(w.rnd.IntN(40)) * time.Hour)
	until := from.Add(time.Duration(w.rnd.IntN(48)) * time.Hour)
	step, disposition := pick(w, []BizStep{BizStepShipping, BizStepReceiving, BizStepPacking, BizStepHolding}), pick(w, []Disposition{DispInProgress, DispInTransit, DispRecalled})
	who := pick(w, w.parties)
	pack, other, box, lot := pick(w, w.packs), pick(w, w.packs), pick(w, w.boxes), pick(w, w.lots)
	doc := documentID(who, fmt.Sprintf("PX-%d", w.rnd.IntN(8)))
	listed := func(e *Event, is func(ID) bool) bool {
		for _, id := range append(append([]ID{}, e.EPCs...), e.ChildEPCs...) {
			if is(id) {
				return true
			}
		}
		return false
	}
	classes := func(e *Event, is func(ID) bool) bool {
		for _, q := range append(append([]Quantity{}, e.Quantities...), e.ChildQuantities...) {
			if is(q.Class) {
				return true
			}
		}
		return false
	}
	return []condition{
		{"from", func(q *Query) { q.From = from }, func(e *Event) bool { return e.Time.UnixNano() >= from.UnixNano() }},
		{"until", func(q *Query) { q.Until = until }, func(e *Event) bool { return e.Time.UnixNano() < until.UnixNano() }},
		{"between", func(q *Query) { q.From, q.Until = from, until }, func(e *Event) bool {
			return e.Time.UnixNano() >= from.UnixNano() && e.Time.UnixNano() < until.UnixNano()
		}},
		{"recorded", func(q *Query) { q.RecordedFrom = from }, func(e *Event) bool { return e.RecordTime.UnixNano() >= from.UnixNano() }},
		{"type", func(q *Query) { q.Types = []EventType{ObjectEvent} }, func(e *Event) bool { return e.Type == ObjectEvent }},
		{"action", func(q *Query) { q.Actions = []Action{Add, Delete} }, func(e *Event) bool { return e.Action != Observe }},
		{"step", func(q *Query) { q.BizSteps = []BizStep{step, "cbv:BizStep-dispensing"} }, func(e *Event) bool {
			return e.BizStep == step || e.BizStep == BizStepDispensing
		}},
		{"disposition", func(q *Query) { q.Dispositions = []Disposition{disposition} }, func(e *Event) bool { return e.Disposition == disposition }},
		{"readPoint", func(q *Query) { q.ReadPoints = []ID{who.location()} }, func(e *Event) bool { return e.ReadPoint == who.location() }},
		{"bizLocation", func(q *Query) { q.BizLocations = []ID{who.location()} }, func(e *Event) bool { return e.BizLocation == who.location() }},
		{"party", func(q *Query) { q.Parties = []Party{who} }, func(e *Event) bool {
			found := e.ReadPoint == who.location() || e.BizLocation == who.location()
			for _, s := range append(append([]SourceDest{}, e.Sources...), e.Destinations...) {
				found = found || s.ID == who.location() || s.ID == who.owner()
			}
			return found
		}},
		{"errors", func(q *Query) { q.Errors = true }, func(e *Event) bool { return e.Error != nil }},
		{"document", func(q *Query) { q.Documents = map[BizTransactionType][]ID{BTTDespatchAdvice: {doc}} }, func(e *Event) bool {
			return len(e.BizTransactions) > 0 && e.BizTransactions[0].Type == BTTDespatchAdvice && e.BizTransactions[0].ID == doc
		}},
		{"any document", func(q *Query) { q.Documents = map[BizTransactionType][]ID{"": {doc, "urn:x:y"}} }, func(e *Event) bool {
			return len(e.BizTransactions) > 0 && e.BizTransactions[0].ID == doc
		}},
		{"destination", func(q *Query) {
			q.Destinations = map[PartyType][]ID{Location: {who.location()}, OwningParty: {who.owner()}}
		}, func(e *Event) bool {
			return len(e.Destinations) == 2 && e.Destinations[1].ID == who.location()
		}},
		{"source", func(q *Query) { q.Sources = map[PartyType][]ID{Location: {who.location()}} }, func(e *Event) bool {
			return len(e.Sources) == 2 && e.Sources[1].ID == who.location()
		}},
		{"epc", func(q *Query) { q.MatchEPC = []string{pack.String(), other.String()} }, func(e *Event) bool {
			return listed(e, func(id ID) bool { return id == IDOf(pack) || id == IDOf(other) })
		}},
		{"epc in a URN", func(q *Query) { q.MatchEPC = []string{"urn:epc:id:sgtin:8935001.000002.S1"} }, func(e *Event) bool {
			return listed(e, func(id ID) bool { return strings.HasSuffix(string(id), "/21/S1") })
		}},
		{"packs of a product", func(q *Query) { q.MatchEPC = []string{"urn:epc:idpat:sgtin:8935001.000002.*"} }, func(e *Event) bool {
			return listed(e, func(id ID) bool { return strings.Contains(string(id), "/01/08935001000020/21/") })
		}},
		{"packs of another product", func(q *Query) { q.MatchEPC = []string{"https://id.gs1.org/01/08935001000037"} }, func(e *Event) bool { return false }},
		{"cases of a company", func(q *Query) { q.MatchAny = []string{"urn:epc:idpat:sscc:8935001.*"} }, func(e *Event) bool {
			return strings.Contains(string(e.Parent), "/00/") || listed(e, func(id ID) bool { return strings.Contains(string(id), "/00/") })
		}},
		{"packs of a company", func(q *Query) { q.MatchAny = []string{"urn:epc:idpat:sgtin:8935001.*.*"} }, func(e *Event) bool {
			return listed(e, func(id ID) bool { return strings.Contains(string(id), "/21/") })
		}},
		{"begins so", func(q *Query) { q.MatchEPC = []string{"https://id.gs1.org/00/18935001000000023*"} }, func(e *Event) bool {
			return listed(e, func(id ID) bool { return strings.Contains(string(id), "/00/18935001000000023") })
		}},
		{"parent", func(q *Query) { q.MatchParent = []string{box.String()} }, func(e *Event) bool { return e.Parent == IDOf(box) }},
		{"any", func(q *Query) { q.MatchAny = []string{box.String()} }, func(e *Event) bool {
			return e.Parent == IDOf(box) || listed(e, func(id ID) bool { return id == IDOf(box) })
		}},
		{"class", func(q *Query) { q.MatchClass = []string{lot.String()} }, func(e *Event) bool {
			return classes(e, func(id ID) bool { return id == IDOf(lot) })
		}},
		{"lots of a product", func(q *Query) { q.MatchAnyClass = []string{"https://truyxuat.example.vn/01/08935001000020/10/*"} }, func(e *Event) bool {
			return classes(e, func(id ID) bool { return strings.Contains(string(id), "/10/") })
		}},
		{"class of no lot", func(q *Query) { q.MatchAnyClass = []string{"https://id.gs1.org/01/08935001000020"} }, func(e *Event) bool { return false }},
		{"input", func(q *Query) { q.MatchInput = []string{pack.String()} }, func(e *Event) bool { return false }},
	}
}

// collect runs a query to its end.
func collect(t *testing.T, r *Repository, q *Query) (found []Recorded) {
	t.Helper()
	for e, err := range r.Query(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, e)
	}
	return found
}

// A query by the index finds what looking at every event of the log finds.
func TestQueryEqualsScan(t *testing.T) {
	for seed := range histories()/3 + 1 {
		w := newWorld(t, 5000+seed)
		r := openTest(t)
		var log []Recorded
		for _, e := range w.history(t, 60) {
			c := *e
			c.RecordTime = w.now.Add(-time.Duration(w.rnd.IntN(40)) * time.Hour).UTC()
			receipt, err := r.Capture(t.Context(), &c)
			if err != nil {
				t.Fatal(err)
			}
			c.EventID = receipt.EventID
			if int(receipt.Index) == len(log) {
				log = append(log, Recorded{receipt.Index, &c})
			}
		}
		known := conditions(w)
		for i := range 3 * len(known) {
			chosen := []condition{known[i%len(known)]}
			for range i / len(known) {
				chosen = append(chosen, pick(w, known))
			}
			q := &Query{}
			var names []string
			for j, c := range chosen {
				if slices.ContainsFunc(chosen[:j], func(d condition) bool { return d.shares(c) }) {
					chosen[j].holds = func(*Event) bool { return true } // its field is taken
					continue
				}
				c.set(q)
				names = append(names, c.name)
			}
			var want []int64
			for _, s := range log {
				if !slices.ContainsFunc(chosen, func(c condition) bool { return !c.holds(s.Event) }) {
					want = append(want, s.Index)
				}
			}
			var got []int64
			for _, s := range collect(t, r, q) {
				got = append(got, s.Index)
				if diff := cmp.Diff(log[s.Index].Event, s.Event, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("seed %d, entry %d (-want +got):\n%s", seed, s.Index, diff)
				}
			}
			if !slices.Equal(want, got) {
				t.Fatalf("seed %d, %v: entries %v, want %v", seed, names, got, want)
			}
			// The same in pages.
			var paged []int64
			for q.Limit = 1 + w.rnd.IntN(5); ; {
				page := collect(t, r, q)
				for _, s := range page {
					paged = append(paged, s.Index)
				}
				if len(page) < q.Limit {
					break
				}
				q.Start = page[len(page)-1].Index + 1
			}
			if !slices.Equal(want, paged) {
				t.Fatalf("seed %d, %v in pages of %d: entries %v, want %v", seed, names, q.Limit, paged, want)
			}
		}
	}
}

// shares reports whether two conditions set a field of a query in common.
func (c condition) shares(d condition) bool {
	var one, other Query
	c.set(&one)
	d.set(&other)
	a, b := reflect.ValueOf(one), reflect.ValueOf(other)
	for i := range a.NumField() {
		if !a.Field(i).IsZero() && !b.Field(i).IsZero() {
			return true
		}
	}
	return false
}

// What names objects, documents, parties or days looks at a few events only.
func TestQueryNarrows(t *testing.T) {
	w, r := newWorld(t, 1), openTest(t)
	captureAll(t, r, w.history(t, 300))
	looked := func(q *Query) (n int) {
		f, err := q.compile()
		if err != nil {
			t.Fatal(err)
		}
		indices, err := r.candidates(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for range indices {
			n++
		}
		return n
	}
	step := []BizStep{BizStepCommissioning}
	day := w.now.UTC().Truncate(24 * time.Hour)
	for name, q := range map[string]*Query{
		"pack":              {MatchEPC: []string{w.packs[0].String()}},
		"day":               {From: day, Until: day.Add(time.Hour)},
		"since":             {From: day},
		"document":          {Documents: map[BizTransactionType][]ID{"": {documentID(w.parties[0], "PX-1")}}},
		"readPoint":         {ReadPoints: []ID{w.parties[0].location()}},
		"party":             {Parties: w.parties[:1]},
		"parent":            {MatchParent: []string{w.boxes[1].String()}},
		"none":              {MatchEPC: []string{"https://id.gs1.org/01/08935001000037/21/*"}},
		"the fewest of two": {Parties: w.parties, MatchParent: []string{w.boxes[1].String()}},
	} {
		q.BizSteps = step
		if n := looked(q); n > 200 || n == 0 && name != "none" {
			t.Errorf("%s: looks at %d of %d events", name, n, r.ledger.Size())
		}
	}
	if n := looked(&Query{BizSteps: step}); int64(n) != r.ledger.Size() {
		t.Errorf("looks at %d of %d events", n, r.ledger.Size())
	}
}

func TestQueryOfLongEvents(t *testing.T) {
	r := openTest(t)
	captureAll(t, r, newWorld(t, 1).history(t, 5))
	long := bigEvent(4_000) // several entries
	receipt, err := r.Capture(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]*Query{
		"one of its packs":  {MatchEPC: []string{string(long.EPCs[3_999])}},
		"all of its packs":  {MatchEPC: []string{"https://id.gs1.org/01/08935001000020/21/SERIAL*"}},
		"by its time":       {From: long.Time, Until: long.Time.Add(1), BizSteps: []BizStep{BizStepCommissioning}},
		"by its identifier": {EventIDs: []string{receipt.EventID}},
	} {
		got := collect(t, r, q)
		if len(got) != 1 || got[0].Index != receipt.Index || len(got[0].Event.EPCs) != 4_000 {
			t.Errorf("%s: %d events", name, len(got))
		}
		q.Start = receipt.Index + 1
		if got := collect(t, r, q); len(got) != 0 {
			t.Errorf("%s: %d events behind it", name, len(got))
		}
	}
	if n := len(collect(t, r, nil)); n != len(collect(t, r, &Query{From: time.Unix(0, 0)})) || n < 2 {
		t.Errorf("%d events in all", n)
	}
}

func TestParseQuery(t *testing.T) {
	got, err := ParseQuery(map[string][]string{
		"eventType":               {"ObjectEvent|AggregationEvent"},
		"GE_eventTime":            {"2026-03-01T00:00:00+07:00"},
		"LT_eventTime":            {"2026-04-01T00:00:00.5+07:00"},
		"GE_recordTime":           {"2026-03-01T00:00:00Z"},
		"LT_recordTime":           {"2026-04-01T00:00:00Z"},
		"EQ_action":               {"ADD", "OBSERVE"},
		"EQ_bizStep":              {"shipping"},
		"EQ_disposition":          {"in_transit"},
		"EQ_readPoint":            {"urn:epc:id:sgln:8935001.00001.0"},
		"EQ_bizLocation":          {"https://id.gs1.org/414/8935001000013"},
		"EQ_eventID":              {"urn:uuid:1"},
		"EXISTS_errorDeclaration": {"true"},
		"EQ_bizTransaction_po":    {"urn:epcglobal:cbv:bt:8935001000013:1"},
		"EQ_source_owning_party":  {"https://id.gs1.org/417/8935001000013"},
		"EQ_destination_urn:epcglobal:cbv:sdt:location": {"https://id.gs1.org/414/8935322000013"},
		"MATCH_epc":            {"urn:epc:idpat:sgtin:8935001.000002.*"},
		"MATCH_parentID":       {"urn:epc:id:sscc:8935001.1000000023"},
		"MATCH_inputEPC":       {"urn:x:1"},
		"MATCH_outputEPC":      {"urn:x:2"},
		"MATCH_anyEPC":         {"urn:x:3"},
		"MATCH_epcClass":       {"urn:x:4"},
		"MATCH_inputEPCClass":  {"urn:x:5"},
		"MATCH_outputEPCClass": {"urn:x:6"},
		"MATCH_anyEPCClass":    {"urn:x:7"},
		"perPage":              {"30"},
		"eventCountLimit":      {"20"},
		"nextPageToken":        {"17"},
	})
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 7*3600)
	want := &Query{
		Types:            []EventType{ObjectEvent, AggregationEvent},
		From:             time.Date(2026, 3, 1, 0, 0, 0, 0, zone),
		Until:            time.Date(2026, 4, 1, 0, 0, 0, 500_000_000, zone),
		RecordedFrom:     time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		RecordedUntil:    time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		Actions:          []Action{Add, Observe},
		BizSteps:         []BizStep{BizStepShipping},
		Dispositions:     []Disposition{DispInTransit},
		ReadPoints:       []ID{"urn:epc:id:sgln:8935001.00001.0"},
		BizLocations:     []ID{"https://id.gs1.org/414/8935001000013"},
		EventIDs:         []string{"urn:uuid:1"},
		Errors:           true,
		Documents:        map[BizTransactionType][]ID{BTTPurchaseOrder: {"urn:epcglobal:cbv:bt:8935001000013:1"}},
		Sources:          map[PartyType][]ID{OwningParty: {"https://id.gs1.org/417/8935001000013"}},
		Destinations:     map[PartyType][]ID{Location: {"https://id.gs1.org/414/8935322000013"}},
		MatchEPC:         []string{"urn:epc:idpat:sgtin:8935001.000002.*"},
		MatchParent:      []string{"urn:epc:id:sscc:8935001.1000000023"},
		MatchInput:       []string{"urn:x:1"},
		MatchOutput:      []string{"urn:x:2"},
		MatchAny:         []string{"urn:x:3"},
		MatchClass:       []string{"urn:x:4"},
		MatchInputClass:  []string{"urn:x:5"},
		MatchOutputClass: []string{"urn:x:6"},
		MatchAnyClass:    []string{"urn:x:7"},
		Start:            17,
		Limit:            20,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, value := range map[string]string{
		"EQ_bizLocation":       "kho 1",
		"EQ_bizTransaction_po": "4711",
		"EQ_source_location":   "",
		"GE_eventTime":         "2026-03-01",
		"LT_recordTime":        "x",
		"MATCH_epc":            "urn:epc:idpat:sgtin:8935001.*.S1",
		"MATCH_epcClass":       "urn:epc:idpat:sgtin:8935001.*.*",
		"MATCH_outputEPC":      "urn:epc:idpat:sgtin:89350010.000002.*",
		"MATCH_anyEPC":         "*",
		"MATCH_parentID":       "https://id.gs1.org/*/x",
		"perPage":              "0",
		"eventCountLimit":      "many",
		"nextPageToken":        "-1",
		"WD_readPoint":         "https://id.gs1.org/414/8935001000013",
		"orderBy":              "eventTime",
	} {
		_, err := ParseQuery(map[string][]string{name: {value}})
		if field, ok := errors.AsType[*FieldError](err); !ok || field.Field != name {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
	for _, err := range openTest(t).Query(t.Context(), &Query{ReadPoints: []ID{"kho 1"}}) {
		if field, ok := errors.AsType[*FieldError](err); !ok || field.Field != "EQ_readPoint" {
			t.Errorf("error %v", err)
		}
	}
}

// FuzzParseQuery looks for parameters that a query takes and cannot be asked.
func FuzzParseQuery(f *testing.F) {
	f.Add("MATCH_anyEPC", "urn:epc:idpat:sscc:8935001.*|https://id.gs1.org/00/*")
	f.Add("MATCH_epc", "urn:epc:idpat:sgtin:8935001.*.*")
	f.Add("EQ_source_", "urn:x:y")
	f.Add("nextPageToken", "1")
	e := fullEvent()
	s := &stored{Event: e}
	f.Fuzz(func(t *testing.T, name, value string) {
		q, err := ParseQuery(map[string][]string{name: {value}})
		if err != nil {
			if field, ok := errors.AsType[*FieldError](err); !ok || field.Field != name {
				t.Errorf("%s: error %v", name, err)
			}
			return
		}
		c, err := q.compile()
		if err != nil {
			t.Fatalf("%s=%s: parsed, and refused later: %v", name, value, err)
		}
		c.matches(s)
		c.searches()
	})
}
