package trace

import "strings"

// EventType is the type of an event (EPCIS 2.0, 7.4).
type EventType string

// The event types.
const (
	ObjectEvent         EventType = "ObjectEvent"
	AggregationEvent    EventType = "AggregationEvent"
	TransactionEvent    EventType = "TransactionEvent"
	TransformationEvent EventType = "TransformationEvent"
	AssociationEvent    EventType = "AssociationEvent"
)

// Action says how an event relates to the life of its objects (EPCIS 2.0, 7.3.2). A TransformationEvent has none.
type Action string

// The actions.
const (
	Add     Action = "ADD"
	Observe Action = "OBSERVE"
	Delete  Action = "DELETE"
)

// BizStep is the business step of an event: a word of CBV 2.0 section 7.1, or the URI of somebody else's step.
type BizStep string

// The business steps of CBV 2.0.
const (
	BizStepAccepting             BizStep = "accepting"
	BizStepArriving              BizStep = "arriving"
	BizStepAssembling            BizStep = "assembling"
	BizStepCollecting            BizStep = "collecting"
	BizStepCommissioning         BizStep = "commissioning"
	BizStepConsigning            BizStep = "consigning"
	BizStepCreatingClassInstance BizStep = "creating_class_instance"
	BizStepCycleCounting         BizStep = "cycle_counting"
	BizStepDecommissioning       BizStep = "decommissioning"
	BizStepDeparting             BizStep = "departing"
	BizStepDestroying            BizStep = "destroying"
	BizStepDisassembling         BizStep = "disassembling"
	BizStepDispensing            BizStep = "dispensing"
	BizStepEncoding              BizStep = "encoding"
	BizStepEnteringExiting       BizStep = "entering_exiting"
	BizStepHolding               BizStep = "holding"
	BizStepInspecting            BizStep = "inspecting"
	BizStepInstalling            BizStep = "installing"
	BizStepKilling               BizStep = "killing"
	BizStepLoading               BizStep = "loading"
	BizStepOther                 BizStep = "other"
	BizStepPacking               BizStep = "packing"
	BizStepPicking               BizStep = "picking"
	BizStepReceiving             BizStep = "receiving"
	BizStepRemoving              BizStep = "removing"
	BizStepRepackaging           BizStep = "repackaging"
	BizStepRepairing             BizStep = "repairing"
	BizStepReplacing             BizStep = "replacing"
	BizStepReserving             BizStep = "reserving"
	BizStepRetailSelling         BizStep = "retail_selling"
	BizStepSampling              BizStep = "sampling"
	BizStepSensorReporting       BizStep = "sensor_reporting"
	BizStepShipping              BizStep = "shipping"
	BizStepStagingOutbound       BizStep = "staging_outbound"
	BizStepStockTaking           BizStep = "stock_taking"
	BizStepStocking              BizStep = "stocking"
	BizStepStoring               BizStep = "storing"
	BizStepTransporting          BizStep = "transporting"
	BizStepUnloading             BizStep = "unloading"
	BizStepUnpacking             BizStep = "unpacking"
	BizStepVoidShipping          BizStep = "void_shipping"
)

// Disposition is the business condition of the objects after an event: a word of CBV 2.0 section 7.2, or a URI.
type Disposition string

// The dispositions of CBV 2.0.
const (
	DispActive                Disposition = "active"
	DispAvailable             Disposition = "available"
	DispCompletenessInferred  Disposition = "completeness_inferred"
	DispCompletenessVerified  Disposition = "completeness_verified"
	DispConformant            Disposition = "conformant"
	DispContainerClosed       Disposition = "container_closed"
	DispContainerOpen         Disposition = "container_open"
	DispDamaged               Disposition = "damaged"
	DispDestroyed             Disposition = "destroyed"
	DispDispensed             Disposition = "dispensed"
	DispDisposed              Disposition = "disposed"
	DispEncoded               Disposition = "encoded"
	DispExpired               Disposition = "expired"
	DispInProgress            Disposition = "in_progress"
	DispInTransit             Disposition = "in_transit"
	DispInactive              Disposition = "inactive"
	DispMismatchClass         Disposition = "mismatch_class"
	DispMismatchInstance      Disposition = "mismatch_instance"
	DispMismatchQuantity      Disposition = "mismatch_quantity"
	DispNeedsReplacement      Disposition = "needs_replacement"
	DispNoPedigreeMatch       Disposition = "no_pedigree_match"
	DispNonConformant         Disposition = "non_conformant"
	DispNonSellableOther      Disposition = "non_sellable_other"
	DispPartiallyDispensed    Disposition = "partially_dispensed"
	DispRecalled              Disposition = "recalled"
	DispReserved              Disposition = "reserved"
	DispRetailSold            Disposition = "retail_sold"
	DispReturned              Disposition = "returned"
	DispSellableAccessible    Disposition = "sellable_accessible"
	DispSellableNotAccessible Disposition = "sellable_not_accessible"
	DispStolen                Disposition = "stolen"
	DispUnavailable           Disposition = "unavailable"
	DispUnknown               Disposition = "unknown"
)

// DispExported is the disposition of objects that left for another market, for which CBV has no word.
const DispExported Disposition = Namespace + "exported"

// BizTransactionType is the kind of a business document: a word of CBV 2.0 section 7.3, a URI, or empty.
type BizTransactionType string

// The business transaction types of CBV 2.0.
const (
	BTTBillOfLading    BizTransactionType = "bol"
	BTTCertificate     BizTransactionType = "cert"
	BTTDespatchAdvice  BizTransactionType = "desadv"
	BTTInvoice         BizTransactionType = "inv"
	BTTPedigree        BizTransactionType = "pedigree"
	BTTPurchaseOrder   BizTransactionType = "po"
	BTTPOConfirmation  BizTransactionType = "poc"
	BTTProductionOrder BizTransactionType = "prodorder"
	BTTReceivingAdvice BizTransactionType = "recadv"
	BTTReturn          BizTransactionType = "rma"
	BTTTestProcedure   BizTransactionType = "testprd"
	BTTTestResult      BizTransactionType = "testres"
	BTTUploadEvidence  BizTransactionType = "upevt"
)

// PartyType is the role of a source or destination: a word of CBV 2.0 section 7.4, or a URI.
type PartyType string

// The source and destination types of CBV 2.0.
const (
	OwningParty     PartyType = "owning_party"
	PossessingParty PartyType = "possessing_party"
	Location        PartyType = "location"
)

// ErrorReason says why an event was declared wrong: a word of CBV 2.0 section 7.5, or a URI.
type ErrorReason string

// The error reasons of CBV 2.0.
const (
	DidNotOccur   ErrorReason = "did_not_occur"
	IncorrectData ErrorReason = "incorrect_data"
)

// cbvStem begins the web URIs of the CBV 2.0 vocabulary.
const cbvStem = "https://ref.gs1.org/cbv/"

// cbvKinds are the vocabularies of CBV 2.0: how their web URIs and their older URNs begin.
var cbvKinds = [...]struct{ web, urn string }{
	{"BizStep-", "urn:epcglobal:cbv:bizstep:"},
	{"Disp-", "urn:epcglobal:cbv:disp:"},
	{"BTT-", "urn:epcglobal:cbv:btt:"},
	{"SDT-", "urn:epcglobal:cbv:sdt:"},
	{"ER-", "urn:epcglobal:cbv:er:"},
}

// Word returns the bare word of a CBV term in any of its notations (word, CURIE "cbv:BizStep-…", URN, web URI), and of
// a sensor's measurement type ("gs1:Temperature") or component; what is neither is returned as it is. Events hold terms
// in this form: BizStep(Word(s)).
func Word(term string) string {
	if !strings.Contains(term, ":") {
		return term
	}
	if local, ok := strings.CutPrefix(term, "cbv:"); ok {
		term = cbvStem + local
	}
	rest, web := strings.CutPrefix(term, cbvStem)
	for _, kind := range cbvKinds {
		if web {
			if word, ok := strings.CutPrefix(rest, kind.web); ok {
				return word
			}
		} else if word, ok := strings.CutPrefix(term, kind.urn); ok {
			return word
		}
	}
	return sensorWord(term)
}

// sensorWord returns the bare word of a measurement type or component that CBV 2.0 lists. An unlisted one keeps the
// namespace, for nothing else tells whose it is.
func sensorWord(term string) string {
	for _, voc := range [...]struct{ stem, words string }{
		{cbvStem + "Comp-", components},
		{"gs1:", measurementTypes},
		{"https://ref.gs1.org/voc/", measurementTypes},
		{"https://gs1.org/voc/", measurementTypes},
	} {
		if word, ok := strings.CutPrefix(term, voc.stem); ok && position(word, voc.words) > 0 {
			return word
		}
	}
	return term
}

// termURI is the inverse of Word: the web URI of a bare word, if it is one of those given. Anything else is returned as
// it is.
func termURI(kind, words, term string) string {
	if !isWord(term, words) {
		return term
	}
	return cbvStem + kind + term
}
