package trace

import (
	"strconv"
	"time"
)

// dispense hands an object, or some units of it, to a patient.
func (r *replay) dispense(m *moment, u *unit, listed bool) {
	whole := m.disposition != DispPartiallyDispensed
	if listed {
		r.judgeDispensing(m, u, whole)
	}
	if u.fate != inChain {
		return
	}
	if !whole {
		if u.holder == "" {
			u.holder, u.since = m.actor, r.keep(m)
		}
		u.disposition = DispPartiallyDispensed
		return
	}
	r.leave(dispensed)(m, u, listed)
}

func (r *replay) judgeDispensing(m *moment, u *unit, whole bool) {
	custodian := u.holder
	switch {
	case u.fate == dispensed:
		custodian = r.fateAt(u)
		if whole && r.fateAt(u) == m.actor {
			r.report(m, DispensedTwice, u.id, string(r.fateAt(u)), string(m.actor), u.fateEvent)
		} else if whole {
			r.report(m, ClonedTwoPlaces, u.id, string(r.fateAt(u)), string(m.actor), u.fateEvent)
		}
		if !r.complete && whole {
			custodian = m.actor // a till is told once
		}
	case u.fate == destroyed:
		custodian = m.actor
		r.report(m, DispensedAfterDestroyed, u.id, "", string(m.actor), u.fateEvent)
	case u.fate != inChain:
		custodian = r.fateAt(u)
		r.report(m, DispensedOutOfChain, u.id, string(r.fateAt(u)), string(u.disposition), u.fateEvent)
	case u.way != 0:
		custodian = u.from
	}
	// Where every hop should be known, nobody holds a pack of which nothing is.
	if custodian != m.actor && (custodian != "" || r.complete) {
		r.report(m, DispenseByNonCustodian, u.id, string(custodian), string(m.actor))
	}
	if r.recalled(m, u) {
		r.report(m, DispensedAfterRecall, u.id, "", string(m.actor))
	}
	if u.fate == inChain && heldBack(u.disposition) {
		r.report(m, DispensedQuarantined, u.id, "", string(u.disposition))
	}
	scannedLot, scannedExpiry := m.read.lot, m.read.expiry
	if scannedLot != "" && u.lot != "" && scannedLot != u.lot {
		r.report(m, LotMismatch, u.id, u.lot, scannedLot)
	}
	expiry := u.expiry
	if expiry == "" {
		expiry = scannedExpiry
	} else if scannedExpiry != "" && scannedExpiry != expiry {
		r.report(m, ExpiryMismatch, u.id, expiry, scannedExpiry)
	}
	if day := m.time.Format(time.DateOnly); expiry != "" && day > expiry {
		r.report(m, ExpiredDispensed, u.id, expiry, day)
	}
	r.judgeSale(m, u.id)
}

// judgeDispensingStock applies to goods without serial numbers the rules that an object is judged by: those that need
// no holder.
func (r *replay) judgeDispensingStock(m *moment, s *stock, n int64) {
	if r.isRecalled(s.class, m.time) {
		r.report(m, DispensedAfterRecall, s.class, "", string(m.actor))
	}
	if back := s.back[m.actor]; back > 0 && n > s.free(m.actor) {
		r.report(m, DispensedQuarantined, s.class, "", strconv.FormatInt(min(back, max(s.held[m.actor], 0)), 10))
	}
	if lot := m.read.lot; lot != "" && s.class != s.class.class("") && s.class != s.class.class(lot) {
		r.report(m, LotMismatch, s.class, s.lot(), lot)
	}
	if expiry := m.read.expiry; expiry != "" && expiry != s.expiry {
		r.report(m, ExpiryMismatch, s.class, s.expiry, expiry)
	}
	if day := m.time.Format(time.DateOnly); s.expiry != "" && day > s.expiry {
		r.report(m, ExpiredDispensed, s.class, s.expiry, day)
	}
	r.judgeSale(m, s.class)
}

// recalled reports whether an object was recalled when an event happened: by name, or with its lot or product.
func (r *replay) recalled(m *moment, u *unit) bool {
	lot := u.lot
	if lot == "" {
		lot = m.read.lot
	}
	if class := u.id.class(lot); class != "" && r.isRecalled(class, m.time) {
		return true
	}
	return u.disposition == DispRecalled && u.fate == inChain
}

// recalledSince returns when a class was recalled by an event, the zero time when it was not.
func (r *replay) recalledSince(class ID) time.Time {
	since, ok := r.recalls[class]
	if !ok && r.recall != nil {
		since = r.recall(class)
		r.recalls[class] = since
	}
	return since
}

// judgeSale applies the rules of the register about who may sell, and for how much.
func (r *replay) judgeSale(m *moment, object ID) {
	if r.register == nil {
		return
	}
	if since := r.register.suspended[m.actor]; !since.IsZero() && !m.time.Before(since) {
		r.report(m, SuspendedEstablishment, object, since.Format(time.RFC3339), string(m.actor))
	}
	declared, ok := r.register.prices[object.class("")]
	paid, err := strconv.ParseInt(decimal(m.price), 10, 64)
	if ok && err == nil && paid > declared {
		r.report(m, PriceAboveDeclared, object, strconv.FormatInt(declared, 10), strconv.FormatInt(paid, 10))
	}
}

// isRecalled reports whether a class, or the product that it is a lot of, is recalled at a time. What the register says
// is preferred to what events say.
func (r *replay) isRecalled(class ID, now time.Time) bool {
	for _, c := range [...]ID{class, class.class("")} {
		since, known := time.Time{}, false
		if r.register != nil {
			since, known = r.register.recalled[c]
		}
		if !known {
			since = r.recalledSince(c)
		}
		if !since.IsZero() && !now.Before(since) {
			return true
		}
	}
	return false
}
