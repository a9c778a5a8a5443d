package trace

import (
	"slices"
	"strings"
)

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
	for _, voc := range [...]struct {
		stem string
		*vocabulary
	}{
		{components.stem, &components},
		{"gs1:", &measurementTypes},
		{measurementTypes.stem, &measurementTypes},
		{"https://gs1.org/voc/", &measurementTypes},
	} {
		if word, ok := strings.CutPrefix(term, voc.stem); ok && voc.position(word) > 0 {
			return word
		}
	}
	return term
}

// vocabulary is a list of words. Entries of the ledger hold their numbers: a list may grow at its end, and never changes
// otherwise.
type vocabulary struct {
	stem  string // of the web URI of a word
	words []string
}

// The vocabularies of CBV 2.0.
var (
	bizSteps = vocabulary{cbvStem + "BizStep-", []string{
		"accepting", "arriving", "assembling", "collecting", "commissioning", "consigning", "creating_class_instance",
		"cycle_counting", "decommissioning", "departing", "destroying", "disassembling", "dispensing", "encoding",
		"entering_exiting", "holding", "inspecting", "installing", "killing", "loading", "other", "packing", "picking",
		"receiving", "removing", "repackaging", "repairing", "replacing", "reserving", "retail_selling", "sampling",
		"sensor_reporting", "shipping", "staging_outbound", "stock_taking", "stocking", "storing", "transporting",
		"unloading", "unpacking", "void_shipping",
	}}
	dispositions = vocabulary{cbvStem + "Disp-", []string{
		"active", "available", "completeness_inferred", "completeness_verified", "conformant", "container_closed",
		"container_open", "damaged", "destroyed", "dispensed", "disposed", "encoded", "expired", "in_progress",
		"in_transit", "inactive", "mismatch_class", "mismatch_instance", "mismatch_quantity", "needs_replacement",
		"no_pedigree_match", "non_conformant", "non_sellable_other", "partially_dispensed", "recalled", "reserved",
		"retail_sold", "returned", "sellable_accessible", "sellable_not_accessible", "stolen", "unavailable", "unknown",
	}}
	documentTypes = vocabulary{cbvStem + "BTT-", []string{
		"bol", "cert", "desadv", "inv", "pedigree", "po", "poc", "prodorder", "recadv", "rma", "testprd", "testres",
		"upevt",
	}}
	partyTypes   = vocabulary{cbvStem + "SDT-", []string{"owning_party", "possessing_party", "location"}}
	errorReasons = vocabulary{cbvStem + "ER-", []string{"did_not_occur", "incorrect_data"}}
)

// isTerm reports whether s is a word of the vocabulary, a URI, or empty.
func (v *vocabulary) isTerm(s string) bool {
	return s == "" || strings.Contains(s, ":") || v.position(s) > 0
}

// position returns the number of a word, from 1, and 0 for what is none. No list is so long that a map would be faster:
// strings of different lengths are told apart without a look at them.
func (v *vocabulary) position(s string) int { return slices.Index(v.words, s) + 1 }

// at is the inverse of position. It is empty for a number that no word has.
func (v *vocabulary) at(n int) string {
	if n < 1 || n > len(v.words) {
		return ""
	}
	return v.words[n-1]
}

// uri is the inverse of Word: the web URI of a word. Anything else is returned as it is.
func (v *vocabulary) uri(term string) string {
	if v.position(term) == 0 {
		return term
	}
	return v.stem + term
}
