package trace

import (
	"strconv"
	"time"
)

// Event is an EPCIS 2.0 event in canonical form: identifiers as [ID], CBV terms as bare words (see [Word]), one value
// for each field whatever notation it came in. The fields are those of EPCIS 2.0 section 7.4, and which of them an
// event may have depends on its Type; [Event.Validate] says. Fields outside the standard are kept.
//
// An Event that a function of this package returned may be shared and must not be changed.
type Event struct {
	// EventID is the identifier that the sender gave the event. Empty means the event hash; see [Event.ID].
	EventID string
	// Type is one of the constants, or the URI of somebody else's type of event, which may have any field.
	Type   EventType
	Action Action

	// Time is eventTime, when it happened. Its zone offset is eventTimeZoneOffset, which says what the local clock
	// showed at the place of the event.
	Time time.Time
	// NoOffset says that eventTimeZoneOffset was missing, which no valid event may lack. Such an event can be read and
	// hashed, and not recorded.
	NoOffset bool
	// RecordTime is when a repository captured the event; zero when unknown. It is no part of the event's identity.
	RecordTime time.Time
	// Error declares the otherwise identical event to be wrong (EPCIS 2.0, 7.4.1.3). Nil in every other event.
	Error *ErrorDeclaration

	EPCs             []ID       // epcList, of ObjectEvent and TransactionEvent
	Quantities       []Quantity // quantityList, of the same
	Parent           ID         // parentID, of AggregationEvent, AssociationEvent and TransactionEvent
	ChildEPCs        []ID       // of AggregationEvent and AssociationEvent; none in a DELETE means all
	ChildQuantities  []Quantity
	InputEPCs        []ID // of TransformationEvent
	InputQuantities  []Quantity
	OutputEPCs       []ID
	OutputQuantities []Quantity
	TransformationID ID

	BizStep       BizStep
	Disposition   Disposition
	PersistentSet []Disposition // persistentDisposition.set and unset
	PersistentOff []Disposition

	ReadPoint   ID // where it happened
	BizLocation ID // where the objects are afterwards

	BizTransactions []BizTransaction
	Sources         []SourceDest
	Destinations    []SourceDest

	Sensors        []Value // sensorElementList, each an Object as it came; see SensorElements
	Certifications []string
	ILMD           []Field // instance or lot master data
	Extensions     []Field // of the event itself
	ReadPointExt   []Field // of readPoint, beside its id
	BizLocationExt []Field // of bizLocation, beside its id
}

// Quantity is an amount of a class of objects.
type Quantity struct {
	Class ID
	// Amount is a decimal number as text, exact; empty when the amount is not stated.
	Amount string
	// UOM is the unit of measure (UN/CEFACT Recommendation 20); empty when objects are counted.
	UOM string
}

// maxCount bounds counts, so that no sum of them overflows.
const maxCount = 1e12

// Count returns the number of objects, in the smallest unit that the parties count. It is false when the amount is
// missing, has a unit of measure, is no integer, is negative, or beyond a million million.
func (q Quantity) Count() (int64, bool) {
	if q.UOM != "" || q.Amount == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(decimal(q.Amount), 10, 64)
	return n, err == nil && 0 <= n && n <= maxCount
}

// BizTransaction is a business document that an event belongs to.
type BizTransaction struct {
	Type BizTransactionType // may be empty
	ID   ID
}

// SourceDest is a party or place from which, or to which, objects go.
type SourceDest struct {
	Type PartyType
	ID   ID
}

// ErrorDeclaration says that an event is wrong.
type ErrorDeclaration struct {
	Time       time.Time
	Reason     ErrorReason // may be empty
	Corrective []string    // identifiers of the events that say what happened instead
	Extensions []Field
}

// ID returns the identifier of the event: EventID when the sender gave one, otherwise its hash under [CBV20].
func (e *Event) ID() string {
	if e.EventID != "" {
		return e.EventID
	}
	return e.Hash(CBV20)
}

// Actor returns who acted: the party of readPoint, otherwise of bizLocation, otherwise that the objects came from.
func (e *Event) Actor() Party {
	switch {
	case e.ReadPoint != "":
		return PartyOf(e.ReadPoint)
	case e.BizLocation != "":
		return PartyOf(e.BizLocation)
	}
	return counterpart(e.Sources)
}

// Document returns the document that ties a shipment to its receipt: the despatch advice, otherwise the first document
// by identifier.
func (e *Event) Document() ID {
	var doc ID
	for _, t := range e.BizTransactions {
		if t.Type == BTTDespatchAdvice {
			return t.ID
		}
		if doc == "" || t.ID < doc {
			doc = t.ID
		}
	}
	return doc
}

// counterpart returns the party of a source or destination list: the place, which is what readPoint names too, before
// the one who possesses, before the one who owns.
func counterpart(list []SourceDest) Party {
	for _, kind := range [...]PartyType{Location, PossessingParty, OwningParty} {
		for _, s := range list {
			if s.Type == kind {
				return PartyOf(s.ID)
			}
		}
	}
	return ""
}

// lot and expiry return what an event says about the lot of its objects: in the master data of a commissioning, or in
// the extensions of a later event where a pack was scanned.
func (e *Event) lot() string {
	if s := field(e.ILMD, "lotNumber"); s != "" {
		return s
	}
	return field(e.Extensions, "lot")
}

func (e *Event) expiry() string {
	if s := field(e.ILMD, "itemExpirationDate"); s != "" {
		return s
	}
	return field(e.Extensions, "exp")
}
