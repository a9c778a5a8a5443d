package trace

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"sync"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
)

// Repository records events in a ledger and answers questions about them. It is safe for concurrent use. It has
// nothing to close: the ledger belongs to the caller.
type Repository struct {
	ledger *ledger.Ledger
	now    func() time.Time
	reject map[Code]bool
	known  *register
	seed   maphash.Seed

	verified bool           // see Options
	few      int            // events of a class that are read rather than told by facts
	memory   *memory        // empty when verified
	locks    [64]sync.Mutex // one for each slice of all objects; see lock
}

// Options are what a repository can be told. Nil and the zero value are good defaults.
type Options struct {
	// Now returns the time of hops that have none, and of recording. It may be called by several goroutines at once. Nil
	// means time.Now.
	Now func() time.Time
	// Reject lists findings that refuse an event instead of being reported with it: the event is not recorded, and
	// Record returns a *[RejectedError]. Few should be listed: what has happened cannot be refused.
	Reject []Code
	// Register is what is known beside the events: suspended establishments, declared prices, recalled lots. Nil means
	// nothing. It is read when the repository is opened.
	Register *Register
	// Verified has every answer come from records, each of which is verified against the tree of the ledger. Otherwise
	// where goods without serial numbers are is answered from keys of the index, which tell what each event did to them:
	// [Repository.Lot], Custody and Verify of such goods, and the findings of Record, take a tenth of the time. Keys tell
	// Record too that the next event of a pack or case is in order; when it is not, the records are read. The index is not
	// covered by the tree; checksums guard it against decay, and ledger.Check compares all of it with the records.
	// What was asked about last is remembered, too, in 8 MB at most, and not read again until an event changes it: a till
	// that sells one lot all day reads its history once. Whoever has to prove an answer sets it, or checks the ledger first.
	// Answers are equal when the index is whole.
	Verified bool
}

// Open returns a repository on a ledger that was opened with ledger.Options{Index: [Index]}. Nil opts mean the defaults.
// When the index of the ledger was made by an older version of this package, Open has ledger.Reindex make it anew, which
// takes about half a minute for a million events.
func Open(ctx context.Context, l *ledger.Ledger, opts *Options) (*Repository, error) {
	if l == nil {
		return nil, errors.New("trace: open: no ledger")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts == nil {
		opts = &Options{}
	}
	r := &Repository{ledger: l, now: opts.Now, reject: make(map[Code]bool), seed: maphash.MakeSeed()}
	if r.now == nil {
		r.now = time.Now
	}
	r.verified, r.few = opts.Verified, fewRecords
	r.memory = newMemory(r)
	if opts.Register != nil {
		r.known = opts.Register.index()
	}
	for _, code := range opts.Reject {
		r.reject[code] = true
	}
	if err := r.reindex(ctx); err != nil {
		return nil, fmt.Errorf("trace: open: %w", err)
	}
	return r, nil
}

// reindex makes the index of the ledger anew when it was made by an Index that told no facts. Every event has a day, and
// the key of a day told from one that an older Index made.
func (r *Repository) reindex(ctx context.Context) error {
	rec, err := r.ledger.Read(ctx, 0)
	if err != nil {
		return nil // empty, or damaged, which whoever reads it is told
	}
	keys, _, err := Index(rec.Data)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key[0] != keyKindDay {
			continue
		}
		for index, err := range r.ledger.FindIndices(ctx, key) {
			if err != nil {
				return err
			}
			if index == 0 {
				return nil
			}
			break
		}
		return r.ledger.Reindex(ctx)
	}
	return nil
}

// Receipt says how an event was recorded.
type Receipt struct {
	Index    int64     // of the event's entry in the ledger, the first one when it takes several
	EventID  string    // see [Event.ID]
	Findings []Finding // what became odd by the event, given what was recorded until then
}

// Record records a hop. It is durable when Record returns. The errors are a *[FieldError] for a hop that cannot be, a
// *[RejectedError] for one that [Options] refuses, and those of the ledger.
func (r *Repository) Record(ctx context.Context, h Hop) (*Receipt, error) {
	e, err := h.Event()
	if err != nil {
		return nil, fmt.Errorf("trace: record: %w", err)
	}
	if e.Time.IsZero() {
		e.Time = r.now().Round(time.Millisecond)
	}
	return r.capture(ctx, e)
}

// Capture records an event, as Record does a hop. Capturing an event that is recorded already records nothing and
// returns its first receipt; an error declaration is never taken for the event that it declares wrong. The event is not
// changed, and must not be changed while Capture runs.
func (r *Repository) Capture(ctx context.Context, e *Event) (*Receipt, error) {
	c := *e
	return r.capture(ctx, &c)
}

// capture is Capture of an event that is its own.
func (r *Repository) capture(ctx context.Context, e *Event) (*Receipt, error) {
	if err := e.Validate(); err != nil {
		return nil, fmt.Errorf("trace: record: %w", err)
	}
	if e.RecordTime.IsZero() {
		e.RecordTime = r.now().UTC().Round(time.Millisecond)
	}
	s := &stored{Event: e, index: -1}
	entries, err := encodeEvent(e, nil)
	if err != nil {
		return nil, err
	}
	objects := e.judged()
	held := r.lock(objects)
	defer r.unlock(held)
	if len(entries) > 1 {
		// One entry is kept from being recorded twice by the ledger; of several, the later parts may differ.
		if old, err := r.reader(s).recorded(ctx, s); err != nil || old != nil {
			return old, err
		}
	}
	size := r.ledger.Size()
	findings, books, isNew, err := r.judge(ctx, s, objects)
	if err != nil {
		return nil, err
	}
	if refused := slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return !r.reject[f.Code] }); len(refused) > 0 {
		r.memory.discard(books)
		return nil, &RejectedError{refused}
	}
	if !isNew || len(entries) > 1 {
		size = -1
	}
	first, err := r.append(ctx, s, entries, size)
	if err != nil {
		r.memory.discard(books)
		return nil, fmt.Errorf("trace: record: %w", err)
	}
	r.memory.put(ctx, books, s, first, int64(len(entries)))
	return &Receipt{Index: first, EventID: s.ident(), Findings: findings}, nil
}

// append appends the entries of an event and returns the index of the first. When searched is not negative, there is one, and
// it is known not to be among as many first ones of the ledger.
func (r *Repository) append(ctx context.Context, s *stored, entries [][]byte, searched int64) (first int64, err error) {
	if searched >= 0 {
		rec, err := r.ledger.AppendNew(ctx, ledger.NewEntry{
			Data: entries[0], Keys: s.keys(s.lot(), true, true), ID: identity(s.Event, s.digest()), Size: searched,
		})
		return rec.Index, err
	}
	records, err := r.ledger.Append(ctx, entries...)
	if err != nil {
		return 0, err
	}
	return records[0].Index, nil
}

// recorded returns the receipt of an event that is in the ledger already, nil if it is not.
func (rd *reader) recorded(ctx context.Context, s *stored) (*Receipt, error) {
	for _, ids := range [...][]ID{s.EPCs, s.ChildEPCs, s.InputEPCs, s.OutputEPCs} {
		if len(ids) == 0 {
			continue
		}
		events, err := rd.find(ctx, keyKindEPC, string(ids[0]))
		if err != nil {
			return nil, err
		}
		for _, old := range events {
			if old.index >= 0 && string(identity(old.Event, old.digest())) == string(identity(s.Event, s.digest())) {
				return &Receipt{Index: old.index, EventID: old.ident()}, nil
			}
		}
		return nil, nil
	}
	return nil, nil
}

// judge returns the findings that an event which is about to be recorded brings about. An event that arrives late may
// bring them about on events that happened after it. The books are those that it was folded into. isNew says that it is
// known not to be recorded yet.
func (r *Repository) judge(ctx context.Context, s *stored, objects []ID) (findings []Finding, books []*book, isNew bool, err error) {
	if s.Error != nil || len(objects) == 0 {
		return nil, nil, false, nil
	}
	if !r.verified && s.foldable(objects) {
		if !r.memory.has(objects) {
			if isNew, err = r.inOrder(ctx, s); isNew || err != nil {
				return nil, nil, isNew, err
			}
		}
		if findings, books, err = r.fold(ctx, s, objects); err != nil || books != nil {
			return findings, books, false, err
		}
	}
	err = r.ask(func(rd *reader) error {
		findings, err = rd.judge(ctx, s, objects)
		return err
	}, s)
	return findings, nil, false, err
}

func (rd *reader) judge(ctx context.Context, s *stored, objects []ID) ([]Finding, error) {
	st, err := rd.story(ctx, objects...)
	if err != nil {
		return nil, err
	}
	now, err := st.replay(ctx, rd, nil, nil)
	if err != nil || len(now.findings) == 0 {
		return nil, err
	}
	before, err := st.replay(ctx, rd, s, nil)
	if err != nil {
		return nil, err
	}
	type key struct {
		code   Code
		object ID
		event  string
	}
	known := make(map[key]bool)
	for _, f := range before.findings {
		known[key{f.Code, f.EPCs[0], f.Events[0]}] = true
	}
	var findings []Finding
	for _, f := range now.findings {
		_, judged := slices.BinarySearch(objects, f.EPCs[0])
		if judged && !known[key{f.Code, f.EPCs[0], f.Events[0]}] {
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// judged returns the objects of an event that a rule can find something about, sorted.
func (e *Event) judged() []ID {
	if e.Type != ObjectEvent && e.Type != TransactionEvent || e.Action == Add {
		return nil
	}
	var ids []ID
	switch e.BizStep {
	case BizStepShipping, BizStepReceiving, BizStepDispensing, BizStepRetailSelling:
		ids = append(ids, e.EPCs...)
	}
	for _, q := range e.Quantities {
		ids = append(ids, q.Class)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lock keeps events on the same objects from being judged at the same time: of two tills that dispense one pack, the
// second is told. It returns the slices to unlock, a bit for each.
func (r *Repository) lock(objects []ID) (held uint64) {
	for _, id := range objects {
		held |= 1 << (maphash.String(r.seed, string(id)) % uint64(len(r.locks)))
	}
	for left := held; left != 0; left &= left - 1 {
		r.locks[bits.TrailingZeros64(left)].Lock()
	}
	return held
}

// unlock is the inverse of lock.
func (r *Repository) unlock(held uint64) {
	for ; held != 0; held &= held - 1 {
		r.locks[bits.TrailingZeros64(held)].Unlock()
	}
}

// History returns the events of an object in the order of time: its own, and those of the cases and pallets that it was
// packed in while it was in them. Events that were declared wrong are among them, and the declarations. EventID is set
// in each. For a class, the events that name the class are returned.
func (r *Repository) History(ctx context.Context, epc gs1.EPC) ([]*Event, error) {
	object := IDOf(epc)
	rd := r.reader()
	st, err := rd.story(ctx, object)
	if err != nil {
		return nil, err
	}
	var out []*Event
	_, err = st.replay(ctx, rd, nil, func(rp *replay, s *stored) {
		if rp.concerns(s.Event, object) {
			c := *s.Event
			c.EventID = s.ident()
			out = append(out, &c)
		}
	})
	return out, err
}

// Custody returns who holds an object, or where the objects of a class are, by all that is recorded. Nothing recorded
// is no error: the Custody then says nothing but the EPC.
func (r *Repository) Custody(ctx context.Context, epc gs1.EPC) (out *Custody, err error) {
	err = r.consult(ctx, IDOf(epc), func(b *book) { out = b.custody(epc) })
	return out, err
}
