// Package audit lets an inspector take no one's word: a shop hands over evidence instead of a spreadsheet.
//
// [Export] writes the records of a ledger from one index to another into one file, with what proves that they are all of
// them and that the ledger was signed by its key: the evidence. [Open] verifies such a file offline, without a database,
// against a key that was registered, and [Bundle.Continues] against a checkpoint that the inspector kept from before:
//
//	b, err := audit.Open(file, size, keys)
//	…
//	err = b.Continues(kept)
//	…
//	for rec, err := range b.Events(ctx) {
//		…
//	}
//
// A bundle of a period also has what the period begins with ([Bundle.Opening]): records from before, each of them proven, of
// packs that are in the chain or left it not long ago, and claims ([Claim]) of how much is where of goods without serial
// numbers, which nothing proves until [CompareOpenings] has the bundle before. Findings over periods are then those over the
// whole history, as far as that carries; FORMAT.md says how far.
//
// What it proves: these are the entries of the ledger with those indices, none is missing among them, and none was
// changed since the checkpoint was signed; and that the ledger only grew since the one kept. What it does not prove: that
// the shop recorded everything that happened, that the opening names all that it should, and what is behind the range.
//
// Whoever lies is found out by what he signed: a ledger that was rewritten gives a *[ForkError] with two signed
// checkpoints that contradict each other, which anybody can check. A file that was damaged on its way gives a
// *[DamageError] that says where.
//
// FORMAT.md holds the bytes. A file is the same whenever it is made of the same range under the same checkpoint by the
// same release of Go, whose compression it uses.
package audit
