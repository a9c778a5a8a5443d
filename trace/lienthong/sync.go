package lienthong

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dauvet/dauvet/trace"
)

// sync reads what is new in the ledger and takes in the vouchers of the days that it changes.
func (o *Outbox) sync(ctx context.Context) error {
	read := o.mark
	var first Day       // of what is new
	var opened []string // packs out of which something was taken
	for rec, err := range o.reports.repo.Query(ctx, &trace.Query{Start: o.mark.Read + 1}) {
		if err != nil {
			return fmt.Errorf("lienthong: outbox: %w", err)
		}
		read.Read, read.Event = rec.Index, rec.Event.EventID
		if rec.Event.Actor() == o.reports.est.Party {
			o.seen.add(rec)
			day := DayOf(rec.Event.Time)
			if day.Before(o.reports.opts.Opening) {
				day = o.reports.opts.Opening // it is in the opening stock
			}
			if o.dirty[day] = true; first == (Day{}) || day.Before(first) {
				first = day
			}
			if rec.Event.Disposition == trace.DispPartiallyDispensed {
				for _, id := range rec.Event.EPCs {
					opened = append(opened, string(id))
				}
			}
		}
	}
	if first != (Day{}) && o.mark.Read >= 0 { // else every day is read
		if err := o.soil(ctx, first.Next(), opened); err != nil {
			return err
		}
	}
	if now := o.opts.Now(); read.Read != o.mark.Read && !now.Before(o.fill) {
		o.fill = now.Add(recheck)
		o.gaps()
	}
	if opening := o.reports.opts.Opening; !DayOf(o.opts.Now()).Before(opening) {
		for _, l := range o.lanes {
			if l.opening == nil && !l.open {
				o.dirty[opening] = true // a new shop opens with nothing, and says so
			}
		}
	}
	taken := 0
	for _, day := range slices.SortedFunc(maps.Keys(o.dirty), Day.compare) {
		if o.plenty() {
			break
		}
		if err := o.syncDay(ctx, day); err != nil {
			return err
		}
		delete(o.dirty, day)
		taken++
	}
	if taken == 0 && len(o.news) == 0 && read.Read == o.mark.Read {
		return nil
	}
	return o.commit(ctx, read)
}

// soil makes the days from one on dirty whose vouchers events of the days before change: those on which a count says what the
// books had, and those on which the rest of a pack was sold that was opened before.
func (o *Outbox) soil(ctx context.Context, from Day, opened []string) error {
	later := []*trace.Query{{BizSteps: []trace.BizStep{trace.BizStepStockTaking, trace.BizStepCycleCounting}}}
	if len(opened) > 0 {
		later = append(later, &trace.Query{MatchEPC: opened})
	}
	for _, q := range later {
		q.From = from.Time()
		for rec, err := range o.reports.repo.Query(ctx, q) {
			if err != nil {
				return fmt.Errorf("lienthong: outbox: %w", err)
			}
			if rec.Event.Actor() == o.reports.est.Party {
				o.dirty[DayOf(rec.Event.Time)] = true
			}
		}
	}
	return nil
}

// gaps makes the days dirty of which a document is blocked for what another event may tell: a lot, an expiry, what is in a case.
func (o *Outbox) gaps() {
	for _, l := range o.lanes {
		for _, r := range l.queue {
			if r.State == Blocked && r.voucher != nil && (len(r.voucher.Faults) > 0 ||
				slices.ContainsFunc(r.voucher.Lines, func(l Line) bool { return l.Lot == "" || l.Expiry == "" })) {
				o.dirty[DayOf(r.Time)] = true
			}
		}
	}
}

// enough is how many documents wait at most before more days are read.
const enough = 256

// plenty reports whether every server has enough to be sent.
func (o *Outbox) plenty() bool {
	for _, l := range o.lanes {
		n := 0
		for _, r := range l.queue {
			if r.State == Pending {
				n++
			}
		}
		if n < enough {
			return false
		}
	}
	return len(o.lanes) > 0
}

// waitingDays are the days with documents that wait, of which some may be known from nowhere but the ledger, and those that were
// not read yet.
func (o *Outbox) waitingDays() []Day {
	days := maps.Clone(o.dirty)
	for _, l := range o.lanes {
		for _, r := range l.queue {
			if r.waiting() {
				days[DayOf(r.Time)] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(days), Day.compare)
}

// syncDay takes in the vouchers of a day.
func (o *Outbox) syncDay(ctx context.Context, day Day) error {
	if err := o.load(ctx, day); err != nil {
		return err
	}
	vouchers, err := o.reports.vouchers(ctx, o.seen, day, day.Next())
	if err != nil {
		return err
	}
	found := map[deliveryKey]bool{}
	for i := range vouchers {
		for _, l := range o.lanes {
			o.take(l, &vouchers[i], day)
			found[deliveryKey{l.number, vouchers[i].Number}] = true
		}
	}
	for key, r := range o.days[day] {
		if !found[key] && o.lane(key.generation) != nil {
			o.void(r) // a correction has given its events another number
		}
	}
	return nil
}

// take compares a voucher with what is known of it.
func (o *Outbox) take(l *lane, v *Voucher, day Day) {
	r := o.days[day][deliveryKey{l.number, v.Number}]
	if v.Void {
		if r != nil {
			o.void(r)
		}
		return
	}
	if r == nil {
		r = &record{Delivery: Delivery{Generation: l.number, Number: v.Number, Movement: v.Movement, Time: v.Time, State: Pending}}
	}
	if !r.Time.Equal(v.Time) {
		l.sorted = false
	}
	facts := factsOf(v)
	same := r.State == Pending && !r.Void && r.facts == facts && r.voucher != nil
	r.Movement, r.Time, r.facts, r.voucher = v.Movement, v.Time, facts, v
	if same {
		return
	}
	o.file(r)
	switch {
	case r.flying():
		return // what it says is compared when the server has finished
	case r.State == Sending, r.State == Pending, r.State == Blocked:
	case r.Void, r.facts != r.Sent && !(r.Sent == "" && !r.waiting()):
		r.State, r.Tries = Pending, 0
	default:
		r.voucher = nil
		return // nothing has changed since
	}
	r.Void = false
	o.check(r)
	o.wait(r)
	if r.State == NeedsReview {
		o.note(r)
	}
}

// note has a record written with the next mark.
func (o *Outbox) note(r *record) {
	c := *r
	o.news = append(o.news, &c)
}

// check says whether a record that waits can be sent.
func (o *Outbox) check(r *record) {
	kind, err := o.document(r)
	var none *NotExpressibleError
	switch {
	case err == nil:
		if r.State == Blocked {
			r.State = Pending
		}
		r.Kind, r.Reason = kind.Kind, ""
	case errors.As(err, &none):
		r.State, r.Reason, r.voucher = NeedsReview, err.Error(), nil
	default:
		r.State, r.Reason = Blocked, err.Error()
	}
}

// document returns what is sent for a record.
func (o *Outbox) document(r *record) (*Document, error) {
	return o.reports.Document(r.Generation, r.voucher)
}

// void takes in that the voucher of a record did not take place.
func (o *Outbox) void(r *record) {
	r.voucher, r.facts = nil, ""
	switch {
	case r.Void: // that is known
	case r.Sent == "": // no server ever had it
		delete(o.days[DayOf(r.Time)], r.key())
		r.State = forgotten
	default:
		r.Void = true
		if !r.flying() {
			r.State, r.Tries = Pending, 0
			o.wait(r)
		}
	}
}

// sort puts the records of a lane that wait into the order in which they are sent, and lets the others go.
func (l *lane) sort() {
	l.queue = slices.DeleteFunc(l.queue, func(r *record) bool {
		r.queued = r.waiting()
		return !r.queued
	})
	if l.sorted {
		return
	}
	l.sorted = true
	slices.SortFunc(l.queue, func(a, b *record) int {
		return cmp.Or(compareBool(b.Movement == OpeningStock, a.Movement == OpeningStock), a.Time.Compare(b.Time),
			cmp.Compare(a.Number, b.Number))
	})
}
