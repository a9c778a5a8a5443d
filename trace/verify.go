package trace

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// The reasons why a scan may not be dispensed, beside the rules that dispensing it would break. They cover the alerts of
// the European verification system (EMVS: A2, A3, A7, A24, A52, A68).
const (
	UnknownProduct   Code = "unknown_product"   // no such GTIN in the register
	UnknownSerial    Code = "unknown_serial"    // nothing is recorded about the pack
	UnknownLot       Code = "unknown_lot"       // nothing is recorded about the lot
	AlreadyDispensed Code = "already_dispensed" // the pack has been dispensed
	AlreadyDestroyed Code = "already_destroyed" // the pack has been destroyed, or its code withdrawn
	AlreadyExported  Code = "already_exported"  // the pack was exported
	AlreadySampled   Code = "already_sampled"   // the pack was taken as a sample
	ReportedLost     Code = "reported_lost"     // the pack was reported stolen or lost
	Quarantined      Code = "quarantined"       // the pack, or all that is left of the lot here, is held back
	HeldElsewhere    Code = "held_elsewhere"    // by the records somebody else holds the pack, or it is on its way
	NotInStock       Code = "not_in_stock"      // by the records there is nothing of the lot here
	Expired          Code = "expired"           // after the last day of its life
	Recalled         Code = "recalled"          // the pack, its lot or its product is recalled
)

// Verdict says whether a scan may be dispensed.
type Verdict struct {
	// Dispensable is true when there is no reason against it.
	Dispensable bool
	// Reasons are what is against it.
	Reasons []Finding
	// Custody is what is recorded about the pack, or about its class if it carries no serial number.
	Custody *Custody
}

// Verify answers the till's question: may what was scanned be dispensed here and now? It records nothing. A scan
// without GTIN is an error.
func (r *Repository) Verify(ctx context.Context, scan gs1.Message, by Party) (*Verdict, error) {
	if err := by.check(); err != nil {
		return nil, &FieldError{"by", err}
	}
	epc, err := scan.EPC()
	if err != nil {
		return nil, err
	}
	class, err := scan.Class()
	if err != nil {
		return nil, err
	}
	lot, _ := scan.Value("10")
	expiry, _ := scan.Value("17")
	v := &verification{
		object: IDOf(epc), product: IDOf(class).class(""), lot: lot, by: by,
		day: r.now().Format(time.DateOnly),
	}
	if v.product == "" {
		return nil, errors.New("trace: verify: no GTIN")
	}
	if expiry != "" {
		if v.expiry, err = expiryDay(expiry); err != nil {
			return nil, &FieldError{"expiry", err}
		}
	}
	out := &Verdict{}
	if err := r.consult(ctx, v.object, func(b *book) {
		out.Custody = b.custody(epc)
		v.judge(b.replay, r.now())
	}); err != nil {
		return nil, err
	}
	out.Reasons = v.reasons
	out.Dispensable = len(out.Reasons) == 0
	return out, nil
}

// verification is one question of a till.
type verification struct {
	object, product  ID
	lot, expiry, day string // as scanned; day is today
	by               Party
	reasons          []Finding
}

func (v *verification) against(code Code, want, got string) {
	v.reasons = append(v.reasons, Finding{Code: code, EPCs: []ID{v.object}, Place: v.by, Want: want, Got: got})
}

func (v *verification) judge(r *replay, now time.Time) {
	if r.register != nil {
		if since := r.register.suspended[v.by]; !since.IsZero() && !now.Before(since) {
			v.against(SuspendedEstablishment, since.Format(time.RFC3339), string(v.by))
		}
		if !r.register.products[v.product] && len(r.register.products) > 0 {
			v.against(UnknownProduct, "", "")
		}
	}
	serial := strings.Contains(string(v.object), "/21/")
	lot, expiry, disposition := v.lot, v.expiry, Disposition("")
	if serial {
		u := r.units[v.object]
		if u == nil {
			v.against(UnknownSerial, "", "")
		} else {
			v.unit(r, u)
			disposition = u.disposition
			if u.lot != "" {
				lot = u.lot
			}
			if u.expiry != "" {
				expiry = u.expiry
			}
		}
	} else if s := r.stocks[v.object]; s == nil {
		v.against(UnknownLot, "", v.lot)
	} else {
		v.stock(s)
		if s.expiry != "" {
			expiry = s.expiry
		}
	}
	if disposition == DispRecalled || r.isRecalled(v.product.class(lot), now) {
		v.against(Recalled, "", lot)
	}
	if expiry != "" && v.day > expiry {
		v.against(Expired, expiry, v.day)
	}
}

// gone adds that an object has left the chain.
func (v *verification) gone(r *replay, u *unit, code Code) {
	m := r.recollect(u.fateEvent)
	v.against(code, string(m.actor), "")
	v.reasons[len(v.reasons)-1].Events = []string{m.ident()}
}

// unit adds what is against dispensing a pack with a serial number.
func (v *verification) unit(r *replay, u *unit) {
	switch u.fate {
	case dispensed:
		v.gone(r, u, AlreadyDispensed)
	case destroyed, consumed:
		v.gone(r, u, AlreadyDestroyed)
	case sampled:
		v.gone(r, u, AlreadySampled)
	case exported:
		v.gone(r, u, AlreadyExported)
	case lost:
		v.gone(r, u, ReportedLost)
	default:
		switch {
		case u.way != 0:
			v.against(HeldElsewhere, string(u.from), "")
		case u.holder != v.by:
			v.against(HeldElsewhere, string(u.holder), "")
		}
		if heldBack(u.disposition) {
			v.against(Quarantined, "", string(u.disposition))
		}
	}
	if v.lot != "" && u.lot != "" && v.lot != u.lot {
		v.against(LotMismatch, u.lot, v.lot)
	}
	if v.expiry != "" && u.expiry != "" && v.expiry != u.expiry {
		v.against(ExpiryMismatch, u.expiry, v.expiry)
	}
}

// stock adds what is against dispensing one of a class.
func (v *verification) stock(s *stock) {
	if held := s.held[v.by]; held <= 0 {
		v.against(NotInStock, "", strconv.FormatInt(held, 10))
	} else if s.free(v.by) <= 0 {
		v.against(Quarantined, "", strconv.FormatInt(held, 10))
	}
	if v.expiry != "" && s.expiry != "" && v.expiry != s.expiry {
		v.against(ExpiryMismatch, s.expiry, v.expiry)
	}
}
