package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"golang.org/x/mod/sumdb/tlog"
)

// write writes the claims, and a part for each bundle that has records of the opening.
func (o *opening) write(ctx context.Context, w io.Writer, l *ledger.Ledger, bundles []int64, size int64) error {
	p, err := newPacker(w)
	if err != nil {
		return err
	}
	raw, err := appendClaims(nil, o.claims)
	if err != nil {
		return err
	}
	if err := p.write(raw); err != nil {
		return err
	}
	first := int64(len(o.records))
	for _, number := range bundles {
		raw = append(raw[:0], make([]byte, partSize/8)...)
		lo, hi := number*partSize, min((number+1)*partSize, first)
		for i := lo; i < hi; i++ {
			if o.has(i) {
				raw[(i-lo)/8] |= 0x80 >> ((i - lo) % 8)
			}
		}
		hashes, err := stored(l.HashReader(ctx), gapsWithin(number, first, size, o.has))
		if err != nil {
			return err
		}
		for _, h := range hashes {
			raw = append(raw, h[:]...)
		}
		for i := lo; i < hi; i++ {
			if !o.has(i) {
				continue
			}
			rec, err := l.Read(ctx, i)
			if err != nil {
				return err
			}
			raw = appendEntry(raw, rec.Data)
		}
		if err := p.write(raw); err != nil {
			return err
		}
	}
	return nil
}

// beforePart is where records from before the range lie in the file: some of a bundle of 256.
type beforePart struct {
	number, offset int64
}

// opened is what a part of an opening holds. It is valid until the reader is used again.
type opened struct {
	indices []int64
	entries [][]byte
	known   hashes // of the records, and of what is between them
}

// opened reads the part of an opening at an offset.
func (r *partReader) opened(p beforePart, first, size int64) (*opened, int64, error) {
	raw, next, err := r.unpacked(p.offset)
	if err != nil {
		return nil, 0, err
	}
	if len(raw) < partSize/8 {
		return nil, 0, errors.New("no list of records")
	}
	set := raw[:partSize/8]
	lo := p.number * partSize
	has := func(i int64) bool { return set[(i-lo)/8]&(0x80>>((i-lo)%8)) != 0 }
	o := &opened{known: make(hashes)}
	for i := lo; i < lo+partSize; i++ {
		if has(i) {
			if i >= first {
				return nil, 0, errors.New("a record that is not before the range")
			}
			o.indices = append(o.indices, i)
		}
	}
	if len(o.indices) == 0 {
		return nil, 0, errors.New("no records")
	}
	raw = raw[partSize/8:]
	for _, s := range gapsWithin(p.number, first, size, has) {
		if len(raw) < tlog.HashSize {
			return nil, 0, errors.New("hashes are missing")
		}
		o.known[s] = tlog.Hash(raw[:tlog.HashSize])
		raw = raw[tlog.HashSize:]
	}
	if err := r.split(raw, len(o.indices)); err != nil {
		return nil, 0, err
	}
	o.entries = r.entries
	for i, at := range o.indices {
		o.known[span{at, at + 1}] = tlog.RecordHash(o.entries[i])
	}
	return o, next, nil
}

// readOpening reads the claims and the records from before the range, and notes their hashes: one of each bundle, or all of
// the bundle in which the range begins.
func (b *Bundle) readOpening(r *partReader, offset int64, numbers []int64) (int64, error) {
	raw, next, err := r.unpacked(offset)
	if err == nil {
		b.Claims, err = parseClaims(raw)
	}
	if err != nil {
		return 0, &DamageError{offset, -1, -1, "claims: " + err.Error()}
	}
	for _, number := range numbers {
		p := beforePart{number, next}
		o, after, err := r.opened(p, b.First, b.Checkpoint.Size)
		whole := span{number * partSize, (number + 1) * partSize}
		if err == nil && whole.hi <= b.First {
			b.known[whole], err = o.known.root(whole, nil)
		} else if err == nil {
			maps.Copy(b.known, o.known)
		}
		if err != nil {
			return 0, &DamageError{next, whole.lo, min(whole.hi, b.First), err.Error()}
		}
		b.before = append(b.before, p)
		b.Before += int64(len(o.indices))
		next = after
	}
	return next, nil
}

// openedAgain reads a part of the opening again, compared with what was verified.
func (b *Bundle) openedAgain(r *partReader, p beforePart) (*opened, error) {
	o, _, err := r.opened(p, b.First, b.Checkpoint.Size)
	whole := span{p.number * partSize, (p.number + 1) * partSize}
	if err == nil && whole.hi <= b.First {
		var root tlog.Hash
		if root, err = o.known.root(whole, nil); err == nil && root != b.known[whole] {
			err = errors.New("not what was verified")
		}
	} else if err == nil {
		for s, h := range o.known {
			if b.known[s] != h {
				err = errors.New("not what was verified")
			}
		}
	}
	if err != nil {
		return nil, &DamageError{p.offset, whole.lo, min(whole.hi, b.First), err.Error()}
	}
	return o, nil
}

// partBefore returns the part of the opening with a bundle.
func (b *Bundle) partBefore(number int64) (beforePart, bool) {
	i, ok := slices.BinarySearchFunc(b.before, number, func(p beforePart, n int64) int { return int(p.number - n) })
	if !ok {
		return beforePart{}, false
	}
	return b.before[i], true
}

// RecordsBefore returns the records from before the range that the bundle holds: those that concern what the range begins
// with. Each of them is proven; that there are no others is not. An error ends the loop.
func (b *Bundle) RecordsBefore(ctx context.Context) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		r := &partReader{file: b.file, size: b.size}
		for _, p := range b.before {
			o, err := b.openedAgain(r, p)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(ledger.Record{}, err)
				return
			}
			for i, index := range o.indices {
				if !yield(ledger.Record{Index: index, Data: bytes.Clone(o.entries[i])}, nil) {
					return
				}
			}
		}
	}
}

// Opening returns what was before the range as events, for the rules of package trace: first the claims, each as an event
// with the index -1 that says where the goods are, dated 1970-01-01, and then the records from before the range. Of goods
// without serial numbers these tell deliveries and conditions alone, for the claims have the rest; their identifiers stay. A
// record that is no event is left out.
//
// Together with [Bundle.Events] the rules find what they find in the whole ledger, as far as it follows from objects that
// were in the chain when the range began. What they find about events before the range is for the audit of that time.
func (b *Bundle) Opening(ctx context.Context) iter.Seq2[trace.Recorded, error] {
	return func(yield func(trace.Recorded, error) bool) {
		h := newHoldings(b.Claims)
		for rec, err := range trace.DecodeRecords(b.RecordsBefore(ctx)) {
			if rec.Index < 0 {
				yield(rec, err)
				return
			}
			if err != nil {
				continue
			}
			// What the events tell of goods is in the claims already.
			if e := goodsBefore(rec.Event); e != nil && EffectOf(e) != Seen {
				h.undo(e)
			}
		}
		for _, c := range h.claims() {
			if e := b.claimed(c); e.Validate() == nil && !yield(trace.Recorded{Index: -1, Event: e}, nil) {
				return
			}
		}
		for rec, err := range trace.DecodeRecords(b.RecordsBefore(ctx)) {
			if rec.Index < 0 {
				yield(rec, err)
				return
			}
			if err == nil {
				rec.Event = goodsBefore(rec.Event)
			}
			if rec.Event != nil && !yield(rec, nil) {
				return
			}
		}
	}
}

// goodsBefore returns an event of an opening without what the claims have; nil when nothing is left.
func goodsBefore(e *trace.Event) *trace.Event {
	if len(e.Quantities)+len(e.ChildQuantities)+len(e.InputQuantities)+len(e.OutputQuantities) == 0 {
		return e
	}
	switch EffectOf(e) {
	case Shipped, Received, Voided, Seen:
		return e
	}
	out := *e
	out.Quantities, out.ChildQuantities, out.InputQuantities, out.OutputQuantities = nil, nil, nil, nil
	for range objects(&out) {
		return &out
	}
	return nil
}

// undo takes back what an event did.
func (h *holdings) undo(e *trace.Event) {
	wrong := *e
	if e.Error == nil {
		wrong.Error = &trace.ErrorDeclaration{}
	} else {
		wrong.Error = nil
	}
	h.add(&wrong)
}

// claimed returns a claim as an event.
func (b *Bundle) claimed(c Claim) *trace.Event {
	e := &trace.Event{
		Type: trace.ObjectEvent, Action: trace.Add, Time: time.Unix(0, 0).UTC(), BizStep: trace.BizStepCommissioning, Disposition: trace.DispActive,
		Quantities:      []trace.Quantity{{Class: c.Class, Amount: strconv.FormatInt(max(c.Count, -c.Count), 10)}},
		BizTransactions: []trace.BizTransaction{{ID: trace.ID("urn:dauvet:so-du-dau:" + url.QueryEscape(b.Checkpoint.Origin))}},
	}
	if c.Count < 0 {
		e.Action, e.BizStep, e.Disposition = trace.Observe, trace.BizStepDispensing, trace.DispDispensed
	}
	e.ReadPoint = placeOf(c.Place, c.Class)
	if c.Expiry != "" {
		e.ILMD = []trace.Field{{Name: "{urn:epcglobal:cbv:mda}itemExpirationDate", Value: trace.Value{Text: c.Expiry}}}
	}
	e.EventID = e.ID()
	return e
}

// placeOf returns the identifier of a party as a place, as a hop of it has it.
func placeOf(p trace.Party, class trace.ID) trace.ID {
	epc, err := class.EPC()
	if err == nil {
		var e *trace.Event
		if e, err = (trace.Hop{Step: trace.Receiving, By: p, Goods: []trace.Goods{{Class: epc, Count: 1}}}).Event(); err == nil {
			return e.ReadPoint
		}
	}
	return trace.ID(p)
}

// CompareOpenings checks the claims of bundles against the bundles before: of each two of a ledger of which one begins
// within the other, or where it ends, the claims of the later one have to follow from the claims and the records of the
// earlier one. A bundle that begins with the ledger has no claims to trust. The error is one of reading a bundle.
func CompareOpenings(ctx context.Context, bundles []*Bundle) ([]*Problem, error) {
	var problems []*Problem
	for _, b := range bundles {
		for _, old := range bundles {
			if !b.hasOpening || old.Checkpoint.Origin != b.Checkpoint.Origin || old.First >= b.First || old.Next < b.First ||
				old.First > 0 && !old.hasOpening {
				continue
			}
			want, err := old.claimsAt(ctx, b.First)
			if err != nil {
				return nil, err
			}
			if i := firstDifference(want, b.Claims); i != "" {
				problems = append(problems, &Problem{OpeningDiffers, b.Party, fmt.Errorf("records from %d on: %s", b.First, i)})
			}
			break
		}
	}
	return problems, nil
}

// claimsAt returns what the ledger held at an index within the range, or at its end.
func (b *Bundle) claimsAt(ctx context.Context, index int64) ([]Claim, error) {
	h := newHoldings(b.Claims)
	below := func(yield func(ledger.Record, error) bool) {
		for rec, err := range b.Records(ctx) {
			if err == nil && rec.Index >= index || !yield(rec, err) {
				return
			}
		}
	}
	for rec, err := range trace.DecodeRecords(below) {
		if rec.Index < 0 {
			return nil, err
		}
		if err == nil {
			h.add(rec.Event)
		}
	}
	return h.claims(), nil
}

// firstDifference says where two lists of claims differ first, as far as counts go; empty when they do not.
func firstDifference(want, got []Claim) string {
	count := func(list []Claim) map[holding]int64 {
		m := make(map[holding]int64)
		for _, c := range list {
			m[holding{c.Place, c.Class}] = c.Count
		}
		return m
	}
	w, g := count(want), count(got)
	all := slices.Concat(want, got)
	slices.SortFunc(all, compareClaims)
	for _, c := range all {
		k := holding{c.Place, c.Class}
		if w[k] != g[k] {
			return fmt.Sprintf("%s claims %d of %s, and by the records before it has %d", c.Place, g[k], c.Class, w[k])
		}
	}
	return ""
}
