package trace

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Query selects events. It is a subset of the SimpleEventQuery of EPCIS 2.0 (8.2.7.1), whose name for a field stands
// behind it: an event has to pass every field that is not empty, and of the values of one field any will do. The zero
// value selects everything. [ParseQuery] makes a Query of the standard's parameters.
//
// Identifiers may be in any notation. A pattern is one of
//
//   - an identifier;
//   - a GTIN, as "https://id.gs1.org/01/08935001000020" or "urn:epc:idpat:sgtin:8935001.000002.*", which stands for all
//     of its packs where objects are matched, and for itself where classes are;
//   - "urn:epc:idpat:sgtin:8935001.*.*" or "urn:epc:idpat:sscc:8935001.*": all packs, or cases, of a company;
//   - anything that ends with "*": identifiers that begin so in their canonical form, as
//     "https://id.gs1.org/01/08935001000020/10/*" for the lots of a product.
type Query struct {
	Types         []EventType   // eventType
	From          time.Time     // GE_eventTime
	Until         time.Time     // LT_eventTime
	RecordedFrom  time.Time     // GE_recordTime
	RecordedUntil time.Time     // LT_recordTime
	Actions       []Action      // EQ_action
	BizSteps      []BizStep     // EQ_bizStep
	Dispositions  []Disposition // EQ_disposition
	ReadPoints    []ID          // EQ_readPoint
	BizLocations  []ID          // EQ_bizLocation
	EventIDs      []string      // EQ_eventID; see Event.ID
	Errors        bool          // EXISTS_errorDeclaration: only declarations that an event is wrong
	Parties       []Party       // of readPoint, bizLocation, a source or destination; EPCIS has no name for it

	// Documents and parties by their type: each type has to be there. The empty type stands for any.
	Documents    map[BizTransactionType][]ID // EQ_bizTransaction_TYPE
	Sources      map[PartyType][]ID          // EQ_source_TYPE
	Destinations map[PartyType][]ID          // EQ_destination_TYPE

	// Patterns. Objects are those of epcList and childEPCs, classes those of quantityList and childQuantityList.
	MatchEPC         []string // MATCH_epc
	MatchParent      []string // MATCH_parentID
	MatchInput       []string // MATCH_inputEPC
	MatchOutput      []string // MATCH_outputEPC
	MatchAny         []string // MATCH_anyEPC: any of the four
	MatchClass       []string // MATCH_epcClass
	MatchInputClass  []string // MATCH_inputEPCClass
	MatchOutputClass []string // MATCH_outputEPCClass
	MatchAnyClass    []string // MATCH_anyEPCClass: any of the three

	Start int64 // nextPageToken: where to begin; for the page after another, the index of its last event and 1
	Limit int   // perPage: how many events at most; 0 means all
}

// Recorded is an event of the ledger.
type Recorded struct {
	Index int64  // of its entry, the first one when it takes several
	Event *Event // with EventID set
}

// Query returns the events that a query selects, in the order in which they were recorded: also those that were declared
// wrong, and the declarations. Nil selects everything. The index of the ledger narrows the search when the query names
// objects, classes, documents, places, parties or days; otherwise every event is read. A query that cannot be is a
// *[FieldError] that names the parameter. An error ends the loop.
func (r *Repository) Query(ctx context.Context, q *Query) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		if q == nil {
			q = &Query{}
		}
		if err := r.query(ctx, q, func(s Recorded) bool { return yield(s, nil) }); err != nil {
			yield(Recorded{}, fmt.Errorf("trace: query: %w", err))
		}
	}
}

func (r *Repository) query(ctx context.Context, q *Query, yield func(Recorded) bool) error {
	f, err := q.compile()
	if err != nil {
		return err
	}
	indices, err := r.candidates(ctx, f)
	if err != nil {
		return err
	}
	rd, found, last := r.reader(), 0, q.Start-1
	for index := range indices {
		if rd.events[index] == nil { // another part of the event before
			clear(rd.events)
		}
		s, err := rd.at(ctx, index)
		if err != nil {
			return err
		}
		if s == nil || s.index <= last || !f.matches(s) {
			continue
		}
		last = s.index
		e := *s.Event
		e.EventID = s.ident()
		if !yield(Recorded{s.index, &e}) {
			return nil
		}
		if found++; found == q.Limit {
			return nil
		}
	}
	return nil
}

// filter is a Query in canonical form.
type filter struct {
	Query
	objects []criterion
}

// criterion is a field of Query that has patterns.
type criterion struct {
	matcher
	patterns []pattern
}

// compile makes a query canonical, or says what is wrong with it.
func (q *Query) compile() (*filter, error) {
	f := &filter{Query: *q}
	var failed error
	fail := func(name string, err error) {
		if err != nil && failed == nil {
			failed = &FieldError{name, err}
		}
	}
	ids := func(name string, list []ID) []ID {
		out := make([]ID, len(list))
		for i, id := range list {
			var err error
			out[i], err = ParseID(string(id))
			fail(name, err)
		}
		return out
	}
	f.ReadPoints, f.BizLocations = ids("EQ_readPoint", q.ReadPoints), ids("EQ_bizLocation", q.BizLocations)
	f.Documents = make(map[BizTransactionType][]ID)
	for kind, list := range q.Documents {
		f.Documents[BizTransactionType(Word(string(kind)))] = ids("EQ_bizTransaction_"+string(kind), list)
	}
	parties := func(name string, lists map[PartyType][]ID) map[PartyType][]ID {
		out := make(map[PartyType][]ID)
		for kind, list := range lists {
			out[PartyType(Word(string(kind)))] = ids(name+string(kind), list)
		}
		return out
	}
	f.Sources, f.Destinations = parties("EQ_source_", q.Sources), parties("EQ_destination_", q.Destinations)
	f.BizSteps, f.Dispositions = words(q.BizSteps), words(q.Dispositions)
	for _, m := range matchers {
		c := criterion{matcher: m}
		for _, s := range *m.field(q) {
			p, err := parsePattern(s, m.classes)
			fail(m.name, err)
			c.patterns = append(c.patterns, p)
		}
		if len(c.patterns) > 0 {
			f.objects = append(f.objects, c)
		}
	}
	if q.Limit < 0 {
		fail("perPage", errNegative)
	}
	if q.Start < 0 {
		fail("nextPageToken", errNegative)
	}
	return f, failed
}

var errNegative = errors.New("negative")

func words[T ~string](list []T) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = T(Word(string(s)))
	}
	return out
}

// matches reports whether an event passes every field.
func (f *filter) matches(s *stored) bool {
	e := s.Event
	switch {
	case !oneOf(f.Types, e.Type), !oneOf(f.Actions, e.Action), !oneOf(f.BizSteps, e.BizStep),
		!oneOf(f.Dispositions, e.Disposition), !oneOf(f.ReadPoints, e.ReadPoint), !oneOf(f.BizLocations, e.BizLocation),
		!within(e.Time, f.From, f.Until), !within(e.RecordTime, f.RecordedFrom, f.RecordedUntil),
		f.Errors && e.Error == nil,
		!hasParties(e.Sources, f.Sources), !hasParties(e.Destinations, f.Destinations),
		len(f.Parties) > 0 && !slices.ContainsFunc(f.Parties, e.involves):
		return false
	}
	for kind, want := range f.Documents {
		if !slices.ContainsFunc(e.BizTransactions, func(t BizTransaction) bool {
			return (kind == "" || t.Type == kind) && slices.Contains(want, t.ID)
		}) {
			return false
		}
	}
	for _, c := range f.objects {
		if !c.of(e, func(id ID) bool {
			return slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.matches(id) })
		}) {
			return false
		}
	}
	return len(f.EventIDs) == 0 || slices.Contains(f.EventIDs, s.ident())
}

// oneOf reports whether a value is one of those wanted. None wanted means any.
func oneOf[T comparable](want []T, got T) bool { return len(want) == 0 || slices.Contains(want, got) }

// within reports whether a time lies between two, of which zero is no bound.
func within(t, from, until time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (until.IsZero() || t.Before(until))
}

// hasParties reports whether a list has a party of each type that is wanted.
func hasParties(list []SourceDest, want map[PartyType][]ID) bool {
	for kind, ids := range want {
		if !slices.ContainsFunc(list, func(s SourceDest) bool {
			return (kind == "" || s.Type == kind) && slices.Contains(ids, s.ID)
		}) {
			return false
		}
	}
	return true
}

// involves reports whether an event has an index key of a party.
func (e *Event) involves(p Party) bool {
	is := func(s SourceDest) bool { return PartyOf(s.ID) == p }
	return PartyOf(e.ReadPoint) == p || PartyOf(e.BizLocation) == p ||
		slices.ContainsFunc(e.Sources, is) || slices.ContainsFunc(e.Destinations, is)
}
