package lienthong

import (
	"context"
	"errors"
	"time"
)

// The choices of the outbox itself, of which no decision speaks and on which no server depends.
const (
	recheck   = time.Minute // how often blocked documents are looked at again
	mostRound = 5           // how often a document is sent that a server accepts and does not finish
	mostFails = 5           // how often a server may fail at a document before others are tried
)

// Step does what is due: it reads what is new in the ledger, asks the servers what became of documents, and sends them a batch of
// the next. It returns when it wants to be called again, the zero time when not before the ledger grows. What a server or
// the line does wrong is no error but a reason to come back later; an error that matches ErrCredentials says that other
// credentials are needed, any other that the ledger or the journal failed, or ctx ended.
//
// The opening stock goes first, and nothing else before it is Completed. Blocked documents wait by themselves, and are sent
// when nothing is missing any more.
//
// Of a day of which something is new all vouchers are made again, out of events that are remembered: a till calls Step every minute
// or so, and not at every sale. A process that begins on a day with a count reads the ledger to know what the books had.
func (o *Outbox) Step(ctx context.Context) (next time.Time, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.sync(ctx); err != nil {
		return o.opts.Now().Add(o.opts.Backoff), err
	}
	var errs []error
	for _, l := range o.lanes {
		at, err := o.serve(ctx, l)
		errs = append(errs, err)
		if next.IsZero() || !at.IsZero() && at.Before(next) {
			next = at
		}
	}
	o.unload()
	return next, errors.Join(errs...)
}

// serve does what is due in a lane, and returns when something is next.
func (o *Outbox) serve(ctx context.Context, l *lane) (time.Time, error) {
	now := o.opts.Now()
	if now.Before(l.next) {
		return l.next, nil
	}
	l.sort()
	changed, err := o.poll(ctx, l, now)
	if err == nil && !now.Before(l.next) {
		changed, err = o.send(ctx, l, now, changed)
	}
	if len(changed) > 0 {
		entries := make([]any, len(changed))
		for i, r := range changed {
			entries[i] = r
			o.wait(r)
		}
		if failed := o.write(context.WithoutCancel(ctx), entries...); failed != nil {
			for _, r := range changed { // no mark may pass over them
				o.note(r)
			}
			err = errors.Join(err, failed)
		}
	}
	return o.due(l, now), err
}

// due returns when a lane has something to do.
func (o *Outbox) due(l *lane, now time.Time) (next time.Time) {
	if now.Before(l.next) {
		return l.next
	}
	earliest := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	flying := 0
	for _, r := range l.queue {
		switch {
		case r.flying():
			flying++
			earliest(r.Next)
		case r.State == Blocked && !l.check.IsZero():
			earliest(l.check)
		}
	}
	if flying < o.opts.InFlight && len(o.choose(l)) > 0 {
		return now
	}
	return next
}

// poll asks what became of the documents that the server has, and returns those that changed.
func (o *Outbox) poll(ctx context.Context, l *lane, now time.Time) (changed []*record, err error) {
	for _, r := range l.queue {
		if !r.flying() || r.Next.After(now) {
			continue
		}
		if len(changed) == o.opts.Batch {
			break
		}
		answer, err := l.transport.Status(ctx, r.Kind, r.ID)
		if errors.Is(err, ErrForgotten) {
			r.lost = true
			o.again(r, "the server has forgotten it")
		} else if err != nil {
			return changed, o.failed(ctx, l, now, err)
		} else {
			l.failures = 0
			o.answered(r, answer, now, false)
		}
		changed = append(changed, r)
	}
	return changed, nil
}

// again sends a document once more under its number, or gives it to somebody to review.
func (o *Outbox) again(r *record, why string) {
	r.State, r.Polls = Pending, 0
	if r.Tries >= mostRound {
		r.State, r.Reason = NeedsReview, why
	}
}

// answered takes in what a server says of a document, or of its withdrawal.
func (o *Outbox) answered(r *record, a Answer, now time.Time, withdrawal bool) {
	if a.ID != "" {
		r.ID = cut(a.ID)
	}
	o.heard(r, a.Words)
	r.lost, r.strikes, r.Reason = false, 0, ""
	switch a.State {
	case Accepted, Processing:
		r.State, r.Polls = a.State, r.Polls+1
		wait := o.opts.Poll
		if a.State == Processing {
			wait *= 2
		}
		r.Next = now.Add(wait)
		if r.Polls > o.opts.Polls {
			o.again(r, "the server accepts it and does not finish")
		}
		return
	case Completed, Rejected, Failed:
		r.State, r.Polls, r.Next = a.State, 0, time.Time{}
	default:
		r.State, r.Reason = NeedsReview, "the answer says nothing of the document"
	}
	switch {
	case r.Void && !withdrawal, !r.Void && r.facts != "" && r.facts != r.Sent:
		r.State, r.Tries = Pending, 0 // it was corrected meanwhile
	case withdrawal && r.State == Completed:
		r.Sent, r.ID, r.voucher = "", "", nil
	default:
		r.voucher = nil
	}
}

// failed takes in that a request failed, and returns what the caller must know.
func (o *Outbox) failed(ctx context.Context, l *lane, now time.Time, err error) error {
	l.failures++
	wait := o.backoff(l.failures)
	var temporary *TemporaryError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrCredentials):
		l.next = now.Add(o.opts.MaxBackoff)
		return err
	case errors.As(err, &temporary):
		wait = max(wait, temporary.After)
	}
	l.next = now.Add(wait)
	return nil
}

// opened reports whether the opening stock is completed, as far as the generation can tell it, and of several documents as far
// as none is missing but blocked ones.
func (o *Outbox) opened(l *lane) bool {
	if o.days[o.reports.opts.Opening] == nil {
		return l.open
	}
	done := false
	for _, r := range o.days[o.reports.opts.Opening] {
		switch {
		case r.Generation != l.number || r.Movement != OpeningStock || r.Void:
		case r.State == Completed || r.State == NeedsReview && r.Sent == "":
			done = true
		case r.State != Blocked || !o.reports.opts.OpeningByDrug:
			return false
		}
	}
	return done
}

// choose returns the records to be sent next, at most a batch.
func (o *Outbox) choose(l *lane) (batch []*record) {
	open := o.opened(l)
	var struck []*record
	for _, r := range l.queue {
		switch {
		case len(batch) == o.opts.Batch:
			return batch
		case r.State != Pending && r.State != Sending, r.Movement != OpeningStock && !open:
		case r.voucher == nil && !r.Void: // its day is to be read first
		case r.strikes >= mostFails && l.failures%2 == 1 && r.Movement != OpeningStock:
			struck = append(struck, r) // let another try, if there is one
		default:
			batch = append(batch, r)
		}
	}
	if len(batch) == 0 {
		return struck[:min(len(struck), o.opts.Batch)]
	}
	return batch
}

// send sends a batch. It is given records that changed before, and returns those that are to be written: what was heard is
// written with what is about to be sent, as a mark may be that says that nothing waits of the days of the former.
func (o *Outbox) send(ctx context.Context, l *lane, now time.Time, changed []*record) ([]*record, error) {
	flying := 0
	for _, r := range l.queue {
		if r.flying() {
			flying++
		}
		if r.State == Blocked && !now.Before(l.check) && r.voucher != nil {
			if o.check(r); r.State == NeedsReview {
				o.note(r)
			}
		}
	}
	if !now.Before(l.check) {
		l.check = now.Add(recheck)
	}
	batch := o.choose(l)
	batch = batch[:max(0, min(len(batch), o.opts.InFlight-flying))]
	letters := make([]letter, 0, len(batch))
	entries := make([]any, 0, len(changed)+len(batch))
	for _, r := range changed {
		entries = append(entries, r)
		o.wait(r)
	}
	for _, r := range batch {
		t := letter{record: r, before: *r, attempt: r.attempt()}
		if !r.Void {
			var err error
			if t.document, err = o.document(r); err != nil {
				r.State, r.Reason = Blocked, err.Error()
				continue
			}
			r.Sent = r.facts
		}
		r.State, r.Kind, r.Tries = Sending, t.kind(), r.Tries+1
		letters, entries = append(letters, t), append(entries, r)
	}
	if len(letters) == 0 {
		return changed, nil
	}
	// From here on the server may have them, whatever happens.
	if err := o.write(ctx, entries...); err != nil {
		for _, t := range letters {
			*t.record = t.before
		}
		return changed, err
	}
	changed = nil
	for i, t := range letters {
		if err := o.give(ctx, l, t, now); err != nil || now.Before(l.next) {
			for _, rest := range letters[i+1:] {
				*rest.record = rest.before
			}
			return append(changed, t.record), err
		}
		changed = append(changed, t.record)
	}
	return changed, nil
}

// letter is a document that is about to be sent, or withdrawn when it has none.
type letter struct {
	record   *record
	before   record
	document *Document
	attempt  Attempt
}

func (t *letter) kind() Kind {
	if t.document == nil {
		return t.before.Kind
	}
	return t.document.Kind
}

// give sends one document, or withdraws it, and takes in the answer.
func (o *Outbox) give(ctx context.Context, l *lane, t letter, now time.Time) error {
	r := t.record
	var answer Answer
	var err error
	if r.Void {
		answer, err = l.transport.Withdraw(ctx, r.Kind, r.Number)
	} else {
		answer, err = l.transport.Send(ctx, t.document, t.attempt)
	}
	if err == nil {
		l.failures = 0
		o.blame(l, r)
		o.answered(r, answer, now, r.Void)
		return nil
	}
	if errors.Is(err, ErrCannotWithdraw) {
		r.State, r.Reason = NeedsReview, err.Error()
		return nil
	}
	var temporary *TemporaryError
	if errors.As(err, &temporary) {
		o.heard(r, temporary.Words)
	}
	r.lost, r.Reason = true, cut(err.Error())
	r.strikes++
	if temporary != nil && temporary.NotArrived || errors.Is(err, ErrCredentials) {
		strikes, words, kept, reason, tries := r.strikes, r.Words, r.Kept, r.Reason, r.Tries
		*r = t.before
		r.strikes, r.Words, r.Kept, r.Reason, r.Tries = strikes, words, kept, reason, tries
		if errors.Is(err, ErrCredentials) {
			r.strikes = 0
		}
	}
	return o.failed(ctx, l, now, err)
}

// blame gives documents to somebody to review at which a server fails again and again, while it takes another.
func (o *Outbox) blame(l *lane, taken *record) {
	for _, r := range l.queue {
		if r.waiting() && r != taken && r.strikes >= mostFails {
			r.State, r.Reason = NeedsReview, "the server fails at it and takes others: "+r.Reason
			o.note(r)
		} else if r.State == Pending {
			return // those behind it were not tried
		}
	}
}
