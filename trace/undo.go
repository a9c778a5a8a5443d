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
	// ErrNothingToUndo says that the pack is in the chain: it was not dispensed, sampled or lost.
	ErrNothingToUndo = errors.New("nothing to undo")
	// ErrUndoElsewhere says that somebody else recorded the event. Only he can undo it.
	ErrUndoElsewhere = errors.New("recorded by somebody else")
	// ErrUndoLate says that more than UndoTime has passed.
	ErrUndoLate = errors.New("too late to undo")
	// ErrUndoNever says that the pack was destroyed or used up, which cannot be undone.
	ErrUndoNever = errors.New("cannot be undone")
	// ErrUndoShared says that the event names other objects too. It is corrected by capturing it with an
	// [ErrorDeclaration], and what happened to the others anew.
	ErrUndoShared = errors.New("the event names other objects too")
)

// Undo takes back the event by which a pack left the chain: it was not dispensed after all, not taken as a sample, not
// lost. It captures the event again with the declaration that it did not occur, after which the pack is where it was
// before. Only the party that recorded the event can undo it, within [UndoTime] and for one pack; the errors say which
// of that is not so.
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
	u, now := rp.units[object], r.now()
	if u == nil || u.fate == inChain {
		return nil, fmt.Errorf("trace: undo %s: %w", object, ErrNothingToUndo)
	}
	s := u.fateEvent
	switch {
	case u.fate == destroyed, u.fate == consumed:
		err = ErrUndoNever
	case s.Actor() != by:
		err = ErrUndoElsewhere
	case now.Sub(s.Time) > UndoTime:
		err = ErrUndoLate
	case len(s.objects()) != 1:
		err = ErrUndoShared
	}
	if err != nil {
		return nil, fmt.Errorf("trace: undo %s: %w: %s", object, err, s.ident())
	}
	wrong := *s.Event
	wrong.RecordTime = time.Time{}
	wrong.Error = &ErrorDeclaration{Time: now.Round(time.Millisecond), Reason: DidNotOccur}
	return r.Capture(ctx, &wrong)
}
