package trace

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// FieldError says which field of an event or hop is at fault, and why.
type FieldError struct {
	Field string // as EPCIS names it, "epcList[3]", or the field of Hop
	Err   error
}

// Error implements error.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %v", e.Field, e.Err) }

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

func fieldError(name, reason string) error { return &FieldError{name, errors.New(reason)} }

// Validate reports the first field that EPCIS 2.0 does not allow as it is, as a *[FieldError], or nil.
func (e *Event) Validate() error {
	if err := e.validateHead(); err != nil {
		return err
	}
	if err := e.validateWhat(); err != nil {
		return err
	}
	if len(e.Sensors) > 0 {
		if _, err := e.SensorElements(); err != nil {
			return err
		}
	}
	return e.validateContext()
}

func (e *Event) validateHead() error {
	switch e.Type {
	case ObjectEvent, AggregationEvent, TransactionEvent, AssociationEvent:
		switch e.Action {
		case Add, Observe, Delete:
		case "":
			return fieldError("action", "missing")
		default:
			return fieldError("action", "unknown action "+strconv.Quote(string(e.Action)))
		}
	case TransformationEvent:
		if e.Action != "" {
			return fieldError("action", "a TransformationEvent has none")
		}
	case "":
		return fieldError("type", "missing")
	default:
		if strings.Contains(string(e.Type), ":") {
			break
		}
		return fieldError("type", "unknown event type "+strconv.Quote(string(e.Type)))
	}
	if e.Time.IsZero() {
		return fieldError("eventTime", "missing")
	}
	if y := e.Time.UTC().Year(); y < 1 || y > 9999 {
		return fieldError("eventTime", "year out of range")
	}
	if e.NoOffset {
		return fieldError("eventTimeZoneOffset", "missing")
	}
	// The XML schema allows ±14:00, in minutes.
	if _, offset := e.Time.Zone(); offset%60 != 0 || offset < -14*3600 || offset > 14*3600 {
		return fieldError("eventTimeZoneOffset", "out of range")
	}
	if d := e.Error; d != nil && d.Time.IsZero() {
		return fieldError("errorDeclaration.declarationTime", "missing")
	}
	return nil
}

// validateWhat checks the objects of the event: which lists its type may have, and their contents.
func (e *Event) validateWhat() error {
	extended := strings.Contains(string(e.Type), ":")
	object := extended || e.Type == ObjectEvent || e.Type == TransactionEvent
	group := extended || e.Type == AggregationEvent || e.Type == AssociationEvent
	transform := extended || e.Type == TransformationEvent
	for _, list := range [...]struct {
		name    string
		allowed bool
		ids     []ID
	}{
		{"epcList", object, e.EPCs},
		{"childEPCs", group, e.ChildEPCs},
		{"inputEPCList", transform, e.InputEPCs},
		{"outputEPCList", transform, e.OutputEPCs},
	} {
		if len(list.ids) > 0 && !list.allowed {
			return fieldError(list.name, "not part of "+string(e.Type))
		}
		for i, id := range list.ids {
			if err := id.check(); err != nil {
				return &FieldError{fmt.Sprintf("%s[%d]", list.name, i), err}
			}
		}
	}
	for _, list := range [...]struct {
		name    string
		allowed bool
		items   []Quantity
	}{
		{"quantityList", object, e.Quantities},
		{"childQuantityList", group, e.ChildQuantities},
		{"inputQuantityList", transform, e.InputQuantities},
		{"outputQuantityList", transform, e.OutputQuantities},
	} {
		if len(list.items) > 0 && !list.allowed {
			return fieldError(list.name, "not part of "+string(e.Type))
		}
		for i, q := range list.items {
			if err := q.Class.check(); err != nil {
				return &FieldError{fmt.Sprintf("%s[%d].epcClass", list.name, i), err}
			}
			if q.Amount != "" && !isDecimal(q.Amount) {
				return fieldError(fmt.Sprintf("%s[%d].quantity", list.name, i), "not a decimal number")
			}
			if q.UOM != "" && q.Amount == "" {
				return fieldError(fmt.Sprintf("%s[%d].uom", list.name, i), "a unit without a quantity")
			}
		}
	}
	if e.Parent != "" {
		if !group && e.Type != TransactionEvent {
			return fieldError("parentID", "not part of "+string(e.Type))
		}
		if err := e.Parent.check(); err != nil {
			return &FieldError{"parentID", err}
		}
	}
	if e.TransformationID != "" && !transform {
		return fieldError("transformationID", "not part of "+string(e.Type))
	}
	return e.validateRequired()
}

// validateRequired checks what each type must have (EPCIS 2.0, 7.4.2 to 7.4.6).
func (e *Event) validateRequired() error {
	switch e.Type {
	case ObjectEvent:
		if len(e.EPCs)+len(e.Quantities) == 0 && len(e.Sensors) == 0 {
			return fieldError("epcList", "no object: neither epcList nor quantityList")
		}
	case AggregationEvent, AssociationEvent:
		if e.Parent == "" && e.Action != Observe {
			return fieldError("parentID", "missing")
		}
		if len(e.ChildEPCs)+len(e.ChildQuantities) == 0 && e.Action != Delete && len(e.Sensors) == 0 {
			return fieldError("childEPCs", "no child: neither childEPCs nor childQuantityList")
		}
		for i, id := range e.ChildEPCs {
			if id == e.Parent {
				return fieldError(fmt.Sprintf("childEPCs[%d]", i), "is its own parent")
			}
		}
	case TransactionEvent:
		if len(e.BizTransactions) == 0 {
			return fieldError("bizTransactionList", "missing")
		}
	case TransformationEvent:
		if e.TransformationID == "" && len(e.InputEPCs)+len(e.InputQuantities) == 0 {
			return fieldError("inputEPCList", "no input, and no transformationID that would tie it to one")
		}
		if e.TransformationID == "" && len(e.OutputEPCs)+len(e.OutputQuantities) == 0 {
			return fieldError("outputEPCList", "no output, and no transformationID that would tie it to one")
		}
	}
	return nil
}

// validateContext checks where, why and who.
func (e *Event) validateContext() error {
	for _, f := range [...]struct {
		name string
		id   ID
	}{{"readPoint", e.ReadPoint}, {"bizLocation", e.BizLocation}, {"transformationID", e.TransformationID}} {
		if f.id == "" {
			continue
		}
		if err := f.id.check(); err != nil {
			return &FieldError{f.name, err}
		}
	}
	for i, t := range e.BizTransactions {
		if err := t.ID.check(); err != nil {
			return &FieldError{fmt.Sprintf("bizTransactionList[%d]", i), err}
		}
	}
	for _, list := range [...]struct {
		name  string
		items []SourceDest
	}{{"sourceList", e.Sources}, {"destinationList", e.Destinations}} {
		for i, s := range list.items {
			if err := s.ID.check(); err != nil {
				return &FieldError{fmt.Sprintf("%s[%d]", list.name, i), err}
			}
			if s.Type == "" {
				return fieldError(fmt.Sprintf("%s[%d].type", list.name, i), "missing")
			}
		}
	}
	if !bizSteps.isTerm(string(e.BizStep)) {
		return fieldError("bizStep", "neither a word of CBV 2.0 nor a URI: "+strconv.Quote(string(e.BizStep)))
	}
	if !dispositions.isTerm(string(e.Disposition)) {
		return fieldError("disposition", "neither a word of CBV 2.0 nor a URI: "+strconv.Quote(string(e.Disposition)))
	}
	for _, d := range e.PersistentSet {
		if !dispositions.isTerm(string(d)) {
			return fieldError("persistentDisposition.set", "neither a word of CBV 2.0 nor a URI: "+strconv.Quote(string(d)))
		}
	}
	for _, d := range e.PersistentOff {
		if !dispositions.isTerm(string(d)) {
			return fieldError("persistentDisposition.unset", "neither a word of CBV 2.0 nor a URI: "+strconv.Quote(string(d)))
		}
	}
	return nil
}
