package trace

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// UndoTime is how long after an event [Repository.Undo] takes it back: the ten days of article 13 of Delegated
// Regulation (EU) 2016/161.
const UndoTime = 10 * 24 * time.Hour

// The reasons why an event cannot be undone. All are wrapped with the event in question.
var (
	// ErrNothingToUndo says that the pack is in the chain: it was not dispensed, sampled, exported or lost; or that the
	// event was taken back before.
	ErrNothingToUndo = errors.New("nothing to undo")
	// ErrUndoElsewhere says that somebody else recorded the event. Only he can undo it.
	ErrUndoElsewhere = errors.New("recorded by somebody else")
	// ErrUndoLate says that more than UndoTime has passed.
	ErrUndoLate = errors.New("too late to undo")
	// ErrUndoNever says that something was destroyed or used up, which cannot be undone.
	ErrUndoNever = errors.New("cannot be undone")
	// ErrUndoShared says that the event names other objects too. [Repository.UndoEvent] takes back the whole of it, and
	// what happened to the others is recorded anew.
	ErrUndoShared = errors.New("the event names other objects too")
)

// Undo takes back the event by which a pack left the chain: it was not dispensed after all, not taken as a sample, not
// exported, not lost. It captures the event again with the declaration that it did not occur, after which the pack is
// where it was before. Only the party that recorded the event can undo it, within [UndoTime] and for one pack; the
// errors say which of that is not so. A pack that expired or was recalled meanwhile comes back too, as somebody has to
// account for it: [Repository.Verify] still refuses it.
func (r *Repository) Undo(ctx context.Context, pack gs1.EPC, by Party) (*Receipt, error) {
	rd := r.reader()
	object := IDOf(pack)
	st, err := rd.story(ctx, object)
	if err != nil {
		return nil, err
	}
	rp, err := st.replay(ctx, rd, nil, nil)
	if err != nil {
		return nil, err
	}
	u := rp.units[object]
	if u == nil || u.fate == inChain {
		return nil, fmt.Errorf("trace: undo %s: %w", object, ErrNothingToUndo)
	}
	return r.undo(ctx, rp.recollect(u.fateEvent).event, by, true)
}

// UndoEvent takes back a whole event, given the index in its [Receipt]: a sale of goods without serial numbers, or of a
// part of a pack, or of several packs. The conditions are those of [Repository.Undo], except that the event may name any
// number of objects. An index that the ledger does not hold is an error that matches ledger.ErrNotFound.
func (r *Repository) UndoEvent(ctx context.Context, index int64, by Party) (*Receipt, error) {
	rd := r.reader()
	s, err := rd.at(ctx, index)
	if err != nil {
		return nil, fmt.Errorf("trace: undo: %w", err)
	}
	if s == nil || s.Error != nil {
		return nil, fmt.Errorf("trace: undo entry %d: %w", index, ErrNothingToUndo)
	}
	// A declaration has the time of the event that it declares wrong.
	kind, name := byte(keyKindDay), s.Time.UTC().Format(time.DateOnly)
	if objects := s.objects(); len(objects) > 0 {
		kind, name = keyKindEPC, string(objects[0])
	}
	events, err := rd.find(ctx, kind, name)
	if err != nil {
		return nil, err
	}
	if !declaredWrong(events).stands(s) {
		return nil, fmt.Errorf("trace: undo %s: %w", s.ident(), ErrNothingToUndo)
	}
	return r.undo(ctx, s, by, false)
}

// undo declares that an event did not occur, if it may be taken back.
func (r *Repository) undo(ctx context.Context, s *stored, by Party, single bool) (*Receipt, error) {
	now := r.now()
	var err error
	switch {
	case s.Type == TransformationEvent, s.Type == ObjectEvent && s.Action == Delete && s.Disposition != DispExported:
		err = ErrUndoNever
	case s.Actor() != by:
		err = ErrUndoElsewhere
	case now.Sub(s.Time) > UndoTime:
		err = ErrUndoLate
	case single && len(s.objects()) != 1:
		err = ErrUndoShared
	}
	if err != nil {
		return nil, fmt.Errorf("trace: undo %s: %w", s.ident(), err)
	}
	wrong := *s.Event
	wrong.RecordTime = time.Time{}
	wrong.Error = &ErrorDeclaration{Time: now.Round(time.Millisecond), Reason: DidNotOccur}
	return r.Capture(ctx, &wrong)
}
