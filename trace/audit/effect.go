package audit

import "github.com/dauvet/dauvet/trace"

// Effect is what an event does to custody, as the package comment of trace has it.
type Effect uint8

// The effects.
const (
	Seen         Effect = iota // objects are where they are: nothing moves
	Commissioned               // objects come into being
	Shipped                    // they leave a place for another
	Voided                     // the shipment is taken back
	Received                   // they come to a place
	Dispensed                  // they leave the chain to a patient; of a pack with a serial number perhaps only a part
	Lost                       // they are destroyed, sampled or stolen
	Gone                       // they are exported or used up
	Counted                    // of goods, this many are there
	Packed                     // into a parent
	Unpacked                   // out of it
	Regrouped                  // an aggregation that is only observed
)

// EffectOf returns the effect of an event. Of a transformation it is that on the inputs; the outputs are commissioned.
func EffectOf(e *trace.Event) Effect {
	switch e.Type {
	case trace.TransformationEvent:
		return Gone
	case trace.AggregationEvent, trace.AssociationEvent:
		switch e.Action {
		case trace.Add:
			return Packed
		case trace.Delete:
			return Unpacked
		}
		return Regrouped
	}
	switch object := e.Type == trace.ObjectEvent; {
	case e.Action == trace.Add && object:
		return Commissioned
	case e.BizStep == trace.BizStepShipping:
		return Shipped
	case e.BizStep == trace.BizStepVoidShipping:
		return Voided
	case e.BizStep == trace.BizStepReceiving:
		return Received
	case e.BizStep == trace.BizStepDispensing, e.BizStep == trace.BizStepRetailSelling:
		return Dispensed
	case e.Disposition == trace.DispExported:
		return Gone
	case e.Action == trace.Delete && object, e.BizStep == trace.BizStepSampling, e.Disposition == trace.DispStolen:
		return Lost
	case e.BizStep == trace.BizStepStockTaking, e.BizStep == trace.BizStepCycleCounting:
		return Counted
	}
	return Seen
}
