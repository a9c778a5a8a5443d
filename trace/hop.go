package trace

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// Step is what happened in a [Hop], in the words of those who do it. It decides type, action, business step and
// disposition of the event.
type Step string

// The steps of a medicine's way. The comment behind each names the EPCIS event that it makes.
const (
	Commissioning   Step = "commissioning"   // ObjectEvent ADD, commissioning, active; Lot and Expiry as ilmd
	Packing         Step = "packing"         // AggregationEvent ADD, packing, in_progress; into Parent
	Unpacking       Step = "unpacking"       // AggregationEvent DELETE, unpacking, in_progress; out of Parent, all if none is named
	Shipping        Step = "shipping"        // ObjectEvent OBSERVE, shipping, in_transit; to To
	VoidingShipping Step = "void_shipping"   // ObjectEvent OBSERVE, void_shipping, in_progress
	Receiving       Step = "receiving"       // ObjectEvent OBSERVE, receiving, in_progress; from From
	Returning       Step = "returning"       // ObjectEvent OBSERVE, shipping, returned; to To
	Dispensing      Step = "dispensing"      // ObjectEvent OBSERVE, dispensing, dispensed; partially_dispensed with Units
	Quarantining    Step = "quarantining"    // ObjectEvent OBSERVE, holding, non_sellable_other
	Releasing       Step = "releasing"       // ObjectEvent OBSERVE, storing, sellable_accessible
	Recalling       Step = "recalling"       // ObjectEvent OBSERVE, holding, recalled
	Sampling        Step = "sampling"        // ObjectEvent OBSERVE, sampling, unavailable
	Destroying      Step = "destroying"      // ObjectEvent DELETE, destroying, destroyed
	Losing          Step = "losing"          // ObjectEvent OBSERVE, stock_taking, stolen
	Counting        Step = "counting"        // ObjectEvent OBSERVE, stock_taking, sellable_accessible; Goods are what is there
	Exporting       Step = "exporting"       // ObjectEvent DELETE, decommissioning, DispExported
	Decommissioning Step = "decommissioning" // ObjectEvent DELETE, decommissioning, inactive
)

// Goods is an amount of packs that carry no serial number: a class (GTIN, better GTIN and lot) and how many of its
// smallest unit, the one that the parties count in. At recalling, quarantining and releasing, 0 means all of them.
type Goods struct {
	Class gs1.EPC
	Count int64
}

// Hop is one step on the way of medicines, the short form of an [Event]. Step, By, and EPCs or Goods are needed;
// shipping and returning also need To, packing and unpacking need Parent.
type Hop struct {
	Step Step
	// Time is when it happened, to the millisecond, in the zone of the place. Zero means now.
	Time time.Time
	// By acts, and is the place where it happens.
	By Party
	// From is who sent what is received, To is to whom goods are shipped or returned.
	From, To Party
	// EPCs are packs, cases and pallets with a serial number of their own.
	EPCs []gs1.EPC
	// Goods are packs without serial number.
	Goods []Goods
	// Parent is the case or pallet of packing and unpacking.
	Parent gs1.EPC
	// Lot and Expiry are what the code on the pack says, AI (10) and AI (17). Expiry may also be a date, 2027-12-31. At
	// commissioning they become master data of the packs, at other steps what was read there.
	Lot, Expiry string
	// Document is the number of the delivery note, receipt or decision, or a URI. The same note, issued by the same
	// party, ties a receipt to its shipment. It also tells apart two hops that are otherwise equal: two sales of the
	// same class in one millisecond are one event without it.
	Document string
	// Units is how many smallest units were dispensed of a pack with a serial number; 0 means the whole pack, or the
	// rest of it.
	Units int64
	// Price is what was paid for a pack, or for a unit of Goods, in đồng. 0 means unknown.
	Price int64
	// Disposition replaces the one that the step implies, such as DispReturned at the receiving of a return.
	Disposition Disposition
	// Sensors are what sensors observed meanwhile, such as the temperature of a cold box on its way.
	Sensors []SensorElement
	// Extensions are further fields of the event, kept as they are.
	Extensions []Field
}

// steps says what event each step makes.
var steps = map[Step]struct {
	action      Action
	step        BizStep
	disposition Disposition
	document    BizTransactionType
}{
	Commissioning:   {Add, BizStepCommissioning, DispActive, BTTProductionOrder},
	Packing:         {Add, BizStepPacking, DispInProgress, ""},
	Unpacking:       {Delete, BizStepUnpacking, DispInProgress, ""},
	Shipping:        {Observe, BizStepShipping, DispInTransit, BTTDespatchAdvice},
	VoidingShipping: {Observe, BizStepVoidShipping, DispInProgress, BTTDespatchAdvice},
	Receiving:       {Observe, BizStepReceiving, DispInProgress, BTTDespatchAdvice},
	Returning:       {Observe, BizStepShipping, DispReturned, BTTDespatchAdvice},
	Dispensing:      {Observe, BizStepDispensing, DispDispensed, BTTInvoice},
	Quarantining:    {Observe, BizStepHolding, DispNonSellableOther, ""},
	Releasing:       {Observe, BizStepStoring, DispSellableAccessible, ""},
	Recalling:       {Observe, BizStepHolding, DispRecalled, ""},
	Sampling:        {Observe, BizStepSampling, DispUnavailable, ""},
	Destroying:      {Delete, BizStepDestroying, DispDestroyed, ""},
	Losing:          {Observe, BizStepStockTaking, DispStolen, ""},
	Counting:        {Observe, BizStepStockTaking, DispSellableAccessible, ""},
	Exporting:       {Delete, BizStepDecommissioning, DispExported, ""},
	Decommissioning: {Delete, BizStepDecommissioning, DispInactive, ""},
}

// Event returns the event that the hop stands for. A zero Time stays zero; [Repository.Record] fills it in. The error
// is a *[FieldError] that names the field of Hop, or of the event, at fault.
func (h Hop) Event() (*Event, error) {
	how, ok := steps[h.Step]
	if !ok {
		return nil, fieldError("Step", "unknown step "+strconv.Quote(string(h.Step)))
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	here := h.By.location()
	e := &Event{
		Type:        ObjectEvent,
		Action:      how.action,
		Time:        h.Time.Round(time.Millisecond),
		BizStep:     how.step,
		Disposition: how.disposition,
		ReadPoint:   here,
		BizLocation: here,
	}
	ids := make([]ID, len(h.EPCs))
	for i, epc := range h.EPCs {
		ids[i] = IDOf(epc)
	}
	goods := make([]Quantity, len(h.Goods))
	for i, g := range h.Goods {
		goods[i] = Quantity{Class: IDOf(g.Class), Amount: strconv.FormatInt(g.Count, 10)}
		if g.Count == 0 && h.all() {
			goods[i].Amount = ""
		}
	}
	if h.Step == Packing || h.Step == Unpacking {
		e.Type, e.Parent, e.ChildEPCs, e.ChildQuantities = AggregationEvent, IDOf(h.Parent), ids, goods
	} else {
		e.EPCs, e.Quantities = ids, goods
	}

	issuer := h.By
	switch h.Step {
	case Shipping, Returning:
		e.BizLocation = "" // where the goods are afterwards is not known
		e.Sources, e.Destinations = parties(h.By), parties(h.To)
	case Receiving:
		e.Sources, e.Destinations = parties(h.From), parties(h.By)
		if h.From != "" {
			issuer = h.From
		}
	}
	if h.Document != "" {
		e.BizTransactions = []BizTransaction{{Type: how.document, ID: documentID(issuer, h.Document)}}
	}
	if h.Units > 0 {
		e.Disposition = DispPartiallyDispensed
	}
	if h.Disposition != "" {
		e.Disposition = h.Disposition
	}
	for _, s := range h.Sensors {
		e.Sensors = append(e.Sensors, s.Value())
	}
	if err := h.describe(e); err != nil {
		return nil, err
	}
	return e, nil
}

// all reports whether the step may be about all of a class, however much there is.
func (h Hop) all() bool { return h.Step == Recalling || h.Step == Quarantining || h.Step == Releasing }

// check reports what is missing in a hop, or contradicts itself.
func (h Hop) check() error {
	if err := h.By.check(); err != nil {
		return &FieldError{"By", err}
	}
	for _, p := range [...]struct {
		name     string
		party    Party
		required bool
	}{
		{"From", h.From, false},
		{"To", h.To, h.Step == Shipping || h.Step == Returning},
	} {
		if p.party == "" && !p.required {
			continue
		}
		if err := p.party.check(); err != nil {
			return &FieldError{p.name, err}
		}
	}
	group := h.Step == Packing || h.Step == Unpacking
	if group == h.Parent.IsZero() {
		if group {
			return fieldError("Parent", "missing")
		}
		return fieldError("Parent", "only packing and unpacking have one")
	}
	if len(h.EPCs)+len(h.Goods) == 0 && h.Step != Unpacking {
		return fieldError("EPCs", "neither EPCs nor Goods")
	}
	var seen map[gs1.EPC]bool
	if len(h.EPCs) > 1 {
		seen = make(map[gs1.EPC]bool, len(h.EPCs))
	}
	for i, epc := range h.EPCs {
		switch {
		case seen[epc]:
			return fieldError(fmt.Sprintf("EPCs[%d]", i), "named twice")
		case epc.IsZero():
			return fieldError(fmt.Sprintf("EPCs[%d]", i), "missing")
		case epc.IsClass():
			return fieldError(fmt.Sprintf("EPCs[%d]", i), "a class of packs and not one pack: belongs in Goods")
		}
		if seen != nil {
			seen[epc] = true
		}
	}
	for i, g := range h.Goods {
		switch {
		case !g.Class.IsClass():
			return fieldError(fmt.Sprintf("Goods[%d].Class", i), "not a class of packs")
		case g.Count == 0 && (h.Step == Counting || h.all()):
		case g.Count <= 0:
			return fieldError(fmt.Sprintf("Goods[%d].Count", i), "not positive")
		case g.Count > maxCount:
			return fieldError(fmt.Sprintf("Goods[%d].Count", i), "too many")
		}
	}
	switch {
	case h.Units < 0 || h.Units > 0 && (h.Step != Dispensing || len(h.EPCs) != 1 || len(h.Goods) > 0):
		return fieldError("Units", "only for dispensing part of one pack with a serial number")
	case h.Price < 0:
		return fieldError("Price", "negative")
	}
	return nil
}

// describe adds what was read on the packs and paid for them.
func (h Hop) describe(e *Event) error {
	expiry, scanned := h.Expiry, ""
	switch {
	case expiry == "":
	case len(expiry) == 6 && isDigits(expiry):
		day, err := expiryDay(expiry)
		if err != nil {
			return &FieldError{"Expiry", err}
		}
		// Systems compare expiry dates as they stand on the pack, where the day may be 00.
		expiry, scanned = day, expiry
	default:
		if _, err := time.Parse(time.DateOnly, expiry); err != nil {
			return fieldError("Expiry", "neither YYMMDD nor YYYY-MM-DD")
		}
	}
	var buf [5]Field
	fields := buf[:0]
	if h.Step == Commissioning {
		fields = appendKnown(fields, nameLotNumber, h.Lot)
		fields = appendKnown(fields, nameExpirationDate, expiry)
		fields = appendKnown(fields, nameScannedExpiry, scanned)
		e.ILMD = append(e.ILMD, fields...)
		fields = fields[:0]
	} else {
		fields = appendKnown(fields, nameLot, h.Lot)
		fields = appendKnown(fields, nameExp, expiry)
		fields = appendKnown(fields, nameScannedExpiry, scanned)
	}
	if h.Units > 0 {
		fields = appendKnown(fields, nameUnits, strconv.FormatInt(h.Units, 10))
	}
	if h.Price > 0 {
		fields = appendKnown(fields, namePrice, strconv.FormatInt(h.Price, 10))
	}
	e.Extensions = append(slices.Clip(h.Extensions), fields...) // not in the memory of the caller's
	return nil
}

// appendKnown appends a field whose name has a number, unless its text is empty.
func appendKnown(fields []Field, name int, text string) []Field {
	if text == "" {
		return fields
	}
	return append(fields, Field{Name: knownNames[name], Value: Value{Text: text}})
}

// expiryDay returns the day that a date of AI (17) means: day 00 is the last of the month (GS1 General Specifications,
// 3.4.7).
func expiryDay(s string) (string, error) {
	// The century of an expiry date: GTIN packs in circulation expire within fifty years of their making
	// (GS1 General Specifications, 7.12).
	year, month, day := 2000+atoi(s[:2]), time.Month(atoi(s[2:4])), atoi(s[4:])
	if month < 1 || month > 12 {
		return "", errors.New("no such month")
	}
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if day > last {
		return "", errors.New("no such day")
	}
	if day == 0 {
		day = last
	}
	var buf [len(time.DateOnly)]byte
	return string(appendDate(buf[:0], year, month, day)), nil
}

// atoi returns the value of a few digits.
func atoi(s string) int {
	n := 0
	for _, c := range []byte(s) {
		n = n*10 + int(c-'0')
	}
	return n
}

// parties returns the source or destination list of a party: who owns, and where it is.
func parties(p Party) []SourceDest {
	if p == "" {
		return nil
	}
	return []SourceDest{{OwningParty, p.owner()}, {Location, p.location()}}
}

// documentID returns the identifier of a document: the URI itself, or the number in the form of CBV 2.0 section 8.5.2
// ("urn:epcglobal:cbv:bt:GLN:number"), or a private URN for an issuer without GLN.
func documentID(issuer Party, number string) ID {
	if strings.Contains(number, ":") {
		return ID(number)
	}
	var buf [128]byte
	b := buf[:0]
	if issuer.isGLN() {
		b = append(append(b, "urn:epcglobal:cbv:bt:"...), issuer...)
	} else {
		b = appendEscaped(append(b, "urn:dauvet:chung-tu:"...), string(issuer))
	}
	return ID(appendEscaped(append(b, ':'), number))
}
