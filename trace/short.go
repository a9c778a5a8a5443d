package trace

import (
	"errors"
	"time"
)

// This file holds the short forms of what nearly every event says in one of a few ways. FORMAT.md lists them.

// usualStep is an event of one of the steps of a [Hop], told by a number.
type usualStep struct {
	kind        EventType
	action      Action
	step        BizStep
	disposition Disposition
}

// firstUsual is the number of the first usual step. Those below are types alone.
const firstUsual = 16

// usualSteps may only grow at its end.
var usualSteps = [...]usualStep{
	{ObjectEvent, Add, BizStepCommissioning, DispActive},
	{AggregationEvent, Add, BizStepPacking, DispInProgress},
	{AggregationEvent, Delete, BizStepUnpacking, DispInProgress},
	{ObjectEvent, Observe, BizStepShipping, DispInTransit},
	{ObjectEvent, Observe, BizStepVoidShipping, DispInProgress},
	{ObjectEvent, Observe, BizStepReceiving, DispInProgress},
	{ObjectEvent, Observe, BizStepShipping, DispReturned},
	{ObjectEvent, Observe, BizStepDispensing, DispDispensed},
	{ObjectEvent, Observe, BizStepDispensing, DispPartiallyDispensed},
	{ObjectEvent, Observe, BizStepHolding, DispNonSellableOther},
	{ObjectEvent, Observe, BizStepStoring, DispSellableAccessible},
	{ObjectEvent, Observe, BizStepHolding, DispRecalled},
	{ObjectEvent, Observe, BizStepSampling, DispUnavailable},
	{ObjectEvent, Delete, BizStepDestroying, DispDestroyed},
	{ObjectEvent, Observe, BizStepStockTaking, DispStolen},
	{ObjectEvent, Observe, BizStepStockTaking, DispSellableAccessible},
	{ObjectEvent, Delete, BizStepDecommissioning, DispExported},
	{ObjectEvent, Delete, BizStepDecommissioning, DispInactive},
}

// usual returns the number of the usual step that an event is, 0 when it is none.
func (e *Event) usual() int {
	step := usualStep{e.Type, e.Action, e.BizStep, e.Disposition}
	for i := range usualSteps {
		if usualSteps[i] == step {
			return firstUsual + i
		}
	}
	return 0
}

// setUsual is the inverse of usual.
func (e *Event) setUsual(n int) {
	step := usualSteps[n-firstUsual]
	e.Type, e.Action, e.BizStep, e.Disposition = step.kind, step.action, step.step, step.disposition
}

// A short time is a number of milliseconds since 1970 in UTC, times zoneSlots, plus the zone offset in quarters of an
// hour, counted from zoneZero.
const (
	maxMillis   = 1000 * (maxSecond + 1)
	zoneSlots   = 128
	zoneZero    = 64
	zoneQuarter = 15 * 60 // seconds
	maxZone     = 14 * 4  // quarters: RFC 3339 zones in use end there
)

// shortTime returns the number of a time that has no fraction of a millisecond and a zone of whole quarters.
func shortTime(t time.Time) (n int64, ok bool) {
	_, offset := t.Zone()
	ms, ok := millis(t)
	if !ok || ms < 0 || ms >= maxMillis || offset%zoneQuarter != 0 || offset < -maxZone*zoneQuarter || offset > maxZone*zoneQuarter {
		return 0, false
	}
	return ms*zoneSlots + zoneZero + int64(offset/zoneQuarter), true
}

// longTime is the inverse of shortTime.
func longTime(n int64) (time.Time, error) {
	quarters := n%zoneSlots - zoneZero
	if n < 0 || n/zoneSlots >= maxMillis || quarters < -maxZone || quarters > maxZone {
		return time.Time{}, errors.New("time out of range")
	}
	return checkYear(time.UnixMilli(n / zoneSlots).In(time.FixedZone("", int(quarters)*zoneQuarter)))
}

// millis returns the milliseconds of a time that has no fraction of one.
func millis(t time.Time) (ms int64, ok bool) { return t.UnixMilli(), t.Nanosecond()%1_000_000 == 0 }

// The seconds since 1970 of the years 1 to 9999.
const minSecond, maxSecond = -62135596800, 253402300799

func checkYear(t time.Time) (time.Time, error) {
	if s := t.Unix(); s < minSecond || s > maxSecond {
		return time.Time{}, errors.New("time out of range")
	}
	return t, nil
}

// What the place and the owner of a party with a GLN begin with.
const (
	placeStem = canonicalStem + "/414/"
	ownerStem = canonicalStem + "/417/"
)

// glnOf returns the GLN of a place that is one, without extension.
func glnOf(place ID) (gln ID, ok bool) {
	if len(place) != len(placeStem)+13 || place[:len(placeStem)] != placeStem || !isDigits(string(place[len(placeStem):])) {
		return "", false
	}
	return place[len(placeStem):], true
}

// shortParties returns the place of the party whose owner and place a source or destination list names, in this order
// and nothing else.
func shortParties(list []SourceDest) (place ID, ok bool) {
	if len(list) != 2 || list[0].Type != OwningParty || list[1].Type != Location || list[1].ID == "" {
		return "", false
	}
	owner, place := list[0].ID, list[1].ID
	if gln, ok := glnOf(place); ok {
		return place, len(owner) == len(place) && owner[:len(ownerStem)] == ownerStem && owner[len(ownerStem):] == gln
	}
	return place, owner == place
}

// longParties is the inverse of shortParties.
func (d *decoder) longParties(place ID) ([]SourceDest, error) {
	if place == "" {
		return nil, errors.New("no place of a party")
	}
	owner := place
	if gln, ok := glnOf(place); ok {
		owner = d.owner(gln)
	}
	return []SourceDest{{OwningParty, owner}, {Location, place}}, nil
}

// owner returns the identifier of the party with a GLN.
func (d *decoder) owner(gln ID) ID {
	if d.pool == nil {
		var buf [len(ownerStem) + 13]byte
		return ID(d.keep(append(append(buf[:0], ownerStem...), gln...), 64))
	}
	owner, ok := d.pool.owners[gln]
	if !ok {
		owner = ownerStem + gln
		d.pool.owners[gln] = owner
	}
	return owner
}

// Numbers of the names of fields that are written as such. They may only grow at their end.
const (
	nameLotNumber = iota
	nameExpirationDate
	nameScannedExpiry
	nameLot
	nameExp
	namePrice
	nameUnits
)

// knownNames are the names that have numbers.
var knownNames = [...]string{
	nameLotNumber:      "{" + mdaNamespace + "}lotNumber",
	nameExpirationDate: "{" + mdaNamespace + "}itemExpirationDate",
	nameScannedExpiry:  "{" + Namespace + "}scannedExpiry",
	nameLot:            "{" + Namespace + "}lot",
	nameExp:            "{" + Namespace + "}exp",
	namePrice:          "{" + Namespace + "}price",
	nameUnits:          "{" + Namespace + "}units",
}

// knownName returns the number of a field name, -1 when it has none.
func knownName(s string) int {
	for i := range knownNames {
		if knownNames[i] == s {
			return i
		}
	}
	return -1
}
