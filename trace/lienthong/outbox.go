package lienthong

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// OutboxOptions are the choices of who reports. Nil and the zero value are good defaults.
type OutboxOptions struct {
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
	// Batch is how many documents a Step sends to each server at most; 0 is 16. InFlight is how many it may have accepted
	// without having finished them; 0 is 32.
	Batch, InFlight int
	// Poll is how long after a document was accepted the server is asked for it; twice that while it is processing. 0 is 5
	// seconds, as one client in use does (confidence M).
	Poll time.Duration
	// Polls is how often a server is asked before the document is taken for forgotten and sent again under its number; 0
	// is 30. After five times somebody has to review it.
	Polls int
	// Backoff is how long a server is left alone after an error, doubled at each further one up to MaxBackoff; 0 is 2
	// seconds and 10 minutes.
	Backoff, MaxBackoff time.Duration
	// KeepWords returns what the journal keeps of a server's words. Nil keeps nothing: a server may name the patient of a
	// prescription, and nothing in a journal can be erased. Whoever shows Delivery.Words to somebody need not keep them.
	KeepWords func(words string) string
}

// Outbox reports the events of a ledger: every voucher since the opening day to every generation that it has a transport for,
// in the order of time, each document once. It is safe for concurrent use.
//
// It has no goroutine and does no network I/O of its own: a program calls Step when there is something new, and at the time
// that the last Step returned. What it may not forget is in a journal, a ledger of its own: before a document is given to
// the line it is written there as Sending, so a document of which no answer is known is asked for before it is sent again, or
// sent under the same number where the server cannot be asked. The rest is read from the ledger of events again.
type Outbox struct {
	reports *Reports
	journal journal
	opts    OutboxOptions

	mu    sync.Mutex
	seen  *memory // of the events
	lanes []*lane
	days  map[Day]map[deliveryKey]*record // those that are in memory
	mark  mark
	dirty map[Day]bool
	fill  time.Time // when gaps are looked for again
	news  []any     // to be written with the next mark
	since int       // entries written since the last mark
}

// lane is the way to one server.
type lane struct {
	transport Transport
	number    int // generation
	opening   *record
	open      bool      // the opening stock was completed when its day was last in memory
	failures  int       // in a row
	next      time.Time // not before
	check     time.Time // when blocked documents are looked at again
	queue     []*record // those that wait, and some that do not any more; see sort
	sorted    bool      // in the order in which they are sent
}

// OpenOutbox opens the outbox of reports. The journal is a ledger of its own, opened with JournalIndex; a new one is empty, and
// then everything since the opening day is reported: a journal that is lost costs requests, and no doubled document. The
// error matches ErrOtherJournal when the journal is not of the establishment. Nil opts mean the defaults.
func OpenOutbox(ctx context.Context, j *ledger.Ledger, reports *Reports, opts *OutboxOptions, transports ...Transport) (*Outbox, error) {
	o := &Outbox{
		reports: reports, journal: journal{j}, seen: newMemory(reports), days: map[Day]map[deliveryKey]*record{}, mark: mark{Read: -1}, dirty: map[Day]bool{},
	}
	if opts != nil {
		o.opts = *opts
	}
	o.opts.fill()
	for _, t := range transports {
		g := t.Generation()
		if g != 1 && g != 2 || o.lane(g) != nil {
			return nil, fmt.Errorf("lienthong: outbox: want one transport of a generation, 1 or 2: %d", g)
		}
		o.lanes = append(o.lanes, &lane{transport: t, number: g})
	}
	if j.Size() == 0 {
		return o, o.journal.write(ctx, reports.est.Party)
	}
	owner, err := o.journal.owner(ctx)
	if err != nil {
		return nil, err
	}
	if owner != reports.est.Party {
		return nil, fmt.Errorf("lienthong: %w: %q, want %q", ErrOtherJournal, owner, reports.est.Party)
	}
	if o.mark, err = o.journal.mark(ctx); err != nil {
		return nil, err
	}
	for _, l := range o.lanes {
		l.open = slices.Contains(o.mark.Opened, l.number)
		if !slices.Contains(o.mark.Lanes, l.number) { // it is new: nothing was ever sent to it, or not for some time
			o.mark.Read = -1
		}
	}
	if !o.allOpen() {
		if err := o.load(ctx, reports.opts.Opening); err != nil {
			return nil, err
		}
	}
	for _, day := range o.mark.Days {
		o.dirty[day] = true
	}
	return o, o.resume(ctx)
}

// allOpen reports whether the opening stock of every lane was completed.
func (o *Outbox) allOpen() bool {
	return !slices.ContainsFunc(o.lanes, func(l *lane) bool { return !l.open })
}

// load reads the records of a day, unless they are in memory.
func (o *Outbox) load(ctx context.Context, day Day) error {
	if o.days[day] != nil {
		return nil
	}
	records, err := o.journal.day(ctx, day)
	if err != nil {
		return err
	}
	o.days[day] = records
	for _, r := range records {
		o.file(r)
	}
	return nil
}

// freshDays is how many of the newest days stay in memory though nothing of them waits.
const freshDays = 3

// unload forgets days of which nothing waits: they are in the journal. What a server has rejected may be asked for again.
func (o *Outbox) unload() {
	if len(o.days) <= 2*freshDays {
		return
	}
	if o.days[o.reports.opts.Opening] != nil {
		for _, l := range o.lanes {
			l.open = o.opened(l)
		}
	}
	days := slices.SortedFunc(maps.Keys(o.days), Day.compare)
	for _, day := range days[:len(days)-freshDays] {
		waits := day == o.reports.opts.Opening && !o.allOpen() || o.dirty[day]
		for _, r := range o.days[day] {
			waits = waits || r.queued || r.waiting()
		}
		if !waits {
			delete(o.days, day)
		}
	}
}

func (opts *OutboxOptions) fill() {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	opts.Batch = cmp.Or(opts.Batch, 16)
	opts.InFlight = cmp.Or(opts.InFlight, 32)
	opts.Polls = cmp.Or(opts.Polls, 30)
	opts.Poll = cmp.Or(opts.Poll, 5*time.Second)
	opts.Backoff = cmp.Or(opts.Backoff, 2*time.Second)
	opts.MaxBackoff = cmp.Or(opts.MaxBackoff, 10*time.Minute)
}

// resume looks whether the ledger is the one that the mark was made in, and reads all of it again when it is not.
func (o *Outbox) resume(ctx context.Context) error {
	if o.mark.Read < 0 {
		return nil
	}
	for rec, err := range o.reports.repo.Query(ctx, &trace.Query{Start: o.mark.Read, Limit: 1}) {
		if err != nil {
			return fmt.Errorf("lienthong: outbox: %w", err)
		}
		if rec.Index == o.mark.Read && rec.Event.EventID == o.mark.Event {
			return nil
		}
	}
	o.mark = mark{Read: -1}
	return nil
}

func (o *Outbox) lane(generation int) *lane {
	for _, l := range o.lanes {
		if l.number == generation {
			return l
		}
	}
	return nil
}

// file puts a record into its day, and in its lane if it waits.
func (o *Outbox) file(r *record) {
	o.days[DayOf(r.Time)][r.key()] = r
	if l := o.lane(r.Generation); l != nil && r.Movement == OpeningStock {
		l.opening = r
	}
	o.wait(r)
}

// wait puts a record that waits into the queue of its lane.
func (o *Outbox) wait(r *record) {
	if l := o.lane(r.Generation); l != nil && r.waiting() && !r.queued {
		l.queue, l.sorted, r.queued = append(l.queue, r), false, true
	}
}

// Deliveries returns the documents of the days from the first to the one before the last as they are now, in the order of time,
// those of one voucher by generation. Days that were not read yet are not in it.
func (o *Outbox) Deliveries(ctx context.Context, from, until Day) ([]Delivery, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []Delivery
	for day := from; day.Before(until); day = day.Next() {
		records := o.days[day]
		if records == nil {
			var err error
			if records, err = o.journal.day(ctx, day); err != nil {
				return nil, err
			}
		}
		for _, r := range records {
			if r.State != forgotten {
				out = append(out, r.Delivery)
			}
		}
	}
	slices.SortFunc(out, func(a, b Delivery) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Generation, b.Generation))
	})
	return out, nil
}

// Waiting returns how many documents the outbox still has to send, or to ask for, and how many are Blocked.
func (o *Outbox) Waiting() (waiting, blocked int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		for _, r := range l.queue {
			if r.State == Blocked {
				blocked++
			} else if r.waiting() {
				waiting++
			}
		}
	}
	return waiting, blocked
}

// ErrNoDelivery says that an outbox does not have a document.
var ErrNoDelivery = errors.New("no such document")

// Settle says that somebody has looked at a document that was Rejected, Failed, or NeedsReview, and told the authority what had
// to be told: it is Completed. The note says how; no names of persons belong into it. The document is one of Deliveries.
func (o *Outbox) Settle(ctx context.Context, d Delivery, note string) error {
	return o.decide(ctx, d, func(r *record) { r.State, r.Reason = Completed, cut(note) })
}

// Resend sends a document again under its number, after something was mended that the ledger does not hold: a drug, a partner,
// a price.
func (o *Outbox) Resend(ctx context.Context, d Delivery) error {
	return o.decide(ctx, d, func(r *record) {
		r.State, r.Reason, r.Polls, r.Tries, r.strikes = Pending, "", 0, 0, 0
		o.seen.forget(DayOf(r.Time)) // its voucher is to be read
		o.dirty[DayOf(r.Time)] = true
	})
}

func (o *Outbox) decide(ctx context.Context, d Delivery, f func(*record)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := o.load(ctx, DayOf(d.Time)); err != nil {
		return err
	}
	r := o.days[DayOf(d.Time)][deliveryKey{d.Generation, d.Number}]
	if r == nil {
		return fmt.Errorf("lienthong: %s in generation %d: %w", d.Number, d.Generation, ErrNoDelivery)
	}
	if r.waiting() {
		return fmt.Errorf("lienthong: %s in generation %d is %s: nobody has to decide yet", d.Number, d.Generation, r.State)
	}
	before := *r
	f(r)
	if err := o.commit(ctx, o.mark, r); err != nil {
		*r = before
		return err
	}
	o.wait(r)
	return nil
}

// commit writes entries, what was noted, and a mark that says how far the ledger was read.
func (o *Outbox) commit(ctx context.Context, m mark, entries ...any) error {
	m.Days, m.Lanes, m.Opened = o.waitingDays(), nil, nil
	for _, l := range o.lanes {
		if m.Lanes = append(m.Lanes, l.number); o.opened(l) {
			m.Opened = append(m.Opened, l.number)
		}
	}
	if err := o.journal.write(ctx, append(append(entries, o.news...), &m)...); err != nil {
		return err
	}
	o.mark, o.news, o.since = m, nil, 0
	return nil
}

// write writes entries, with a mark when the last is far behind, or says that something waits and nothing does.
func (o *Outbox) write(ctx context.Context, entries ...any) error {
	if o.since += len(entries); o.since >= markEvery || len(o.mark.Days) > 0 && len(o.waitingDays()) == 0 {
		return o.commit(ctx, o.mark, entries...)
	}
	return o.journal.write(ctx, entries...)
}

// factsOf returns what a voucher says, as a hash: what a correction changes.
func factsOf(v *Voucher) string {
	text, err := json.Marshal(struct {
		Movement Movement
		Time     time.Time
		Document string
		Partner  trace.Party
		MaDon    MaDonThuoc
		Lines    []Line
	}{v.Movement, v.Time.UTC(), v.Document, v.Partner, v.MaDonThuoc, v.Lines})
	if err != nil {
		panic(err) // strings, numbers and times
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// heard takes in what a server says of a record.
func (o *Outbox) heard(r *record, words string) {
	r.Words, r.Kept = cut(words), ""
	if o.opts.KeepWords != nil && r.Words != "" {
		r.Kept = cut(o.opts.KeepWords(r.Words))
	}
}

// backoff returns how long a server is left alone after so many failures in a row. Shops differ by up to a quarter, so that
// they do not come back all at once.
func (o *Outbox) backoff(failures int) time.Duration {
	d := o.opts.Backoff
	for range failures - 1 {
		if d *= 2; d >= o.opts.MaxBackoff {
			d = o.opts.MaxBackoff
			break
		}
	}
	h := fnv.New32a()
	fmt.Fprint(h, o.reports.est.Party, failures)
	return d + d/4*time.Duration(h.Sum32()%100)/100
}
