// Package trace records who held which medicines, when and where, and says what is odd about it. It speaks EPCIS 2.0
// and CBV 2.0 (GS1 standards for visibility events) on top of a tamper-evident ledger.
//
// A till records hops:
//
//	receipt, err := repo.Record(ctx, trace.Hop{
//		Step: trace.Dispensing,
//		By:   "8935322000013",
//		EPCs: []gs1.EPC{pack},
//	})
//
// Each [Hop] becomes an [Event] in EPCIS terms. Whoever has events already captures them with [Repository.Capture].
// [Repository.History] and [Repository.Custody] read what was recorded, of one pack as of a class of packs that carry no
// serial numbers; [Repository.Contents], [Repository.Stock] and [Repository.Lot] read what is in a case, at a place, and
// left of a lot; [Repository.Expiring] tells what expires soon, and [Repository.Query] selects events as EPCIS does.
// [Repository.Verify] tells a till whether it may dispense what it scanned, and [Audit] an authority what is odd about a
// whole province; an [Auditor] does so with the ledgers of all its shops at once. [Repository.Undo] and [Repository.UndoEvent] take back what a till did by mistake.
//
// What an event does to custody:
//
//  1. An object is held by whoever commissioned it, received it last, or was first seen with it.
//  2. Packing puts objects into a parent; what happens to the parent happens to them until they are unpacked.
//  3. Shipping takes an object from its holder; nobody holds it until it is received or the shipment is voided.
//  4. Dispensing a whole pack, destroying, sampling and losing take it out of the chain. Dispensing part does not.
//  5. Events count in the order of their eventTime, events of one moment in the order of their identifiers, whenever
//     they arrive. An event that was declared wrong does not count.
//
// What has happened is recorded even when it should not have: the receipt tells the findings. Nothing is ever deleted; a
// mistake is corrected by capturing the event again with [ErrorDeclaration].
//
// An event is its own identity: its EPCIS event hash. What is stored is described in FORMAT.md. Names of patients and
// buyers do not belong into events: a ledger cannot forget them.
package trace
