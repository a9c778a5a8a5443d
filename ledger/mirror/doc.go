// Package mirror lets a province see that the ledgers of its shops only grow, and keep what is in them: a mirror and a
// witness over HTTP, as C2SP tlog-mirror and tlog-witness write it, and the client with which a shop pushes.
//
// [Mirror.Submission] takes checkpoints and entries of logs whose keys were registered. [Client] brings a ledger there,
// and the cosignatures back into its proofs. [Mirror.AddTiles] does the same with a USB stick. [Mirror.Monitoring] serves
// what is stored, as C2SP tlog-tiles, to those who may read it.
//
// # A push
//
//  1. add-checkpoint: the head of the ledger, signed by the shop, and the proof that it continues the one cosigned before.
//     The witness makes it durable and cosigns it. It never cosigns a second history.
//  2. add-entries: the entries, in packages of up to 256 with a proof for each that it is in the tree of that checkpoint.
//     What verifies is stored; a line that breaks loses the package that was on its way.
//  3. When nothing is missing the mirror syncs all of it, computes the root once more, and cosigns.
//  4. The ledger keeps both cosignatures, and [ledger.Ledger.ProveInclusion] gives proofs with them.
//
// # Whom to trust with what
//
// The shop is trusted with nothing but what it records: a log that was rewritten is refused, and when two signed
// checkpoints prove it, they are filed as a [Fork]. The mirror is trusted by the shop to keep its entries secret from
// those who may not read them, and by the inspector not to cosign two histories; it cannot forge an entry, for it does not
// have the key of the log. The line is trusted with nothing: whoever is on it can delay a push, and read it without TLS.
// The register of keys ([Options.Keys]) is trusted to say whose key is whose.
//
// # How it is stored
//
// Each log has a directory of three files that only grow, entries, where bundles begin, and hashes of the tree, and a file
// of state that is written twice: FORMAT.md. A log is not a [ledger.Ledger] here: that has a journal of 64 MiB and a store
// for each, and a province has hundreds. Nor is it a directory of tiles: a push of three entries would make, and leave
// behind, three partial tiles with a sync of each and of their directories, which Windows does not have at all. As it is, a
// push costs seven syncs, whatever its size, and needs no file made anew; behind the state nothing counts, so that a
// killed process leaves nothing half. [Mirror.Tiles] shows it as the tiles directory that [ledger.VerifyTiles] checks.
//
// # Limits
//
// [Limits] bound requests, bytes and pauses. A log whose history differs from a checkpoint cosigned before is refused
// until the province decides: there is no way to make a witness forget. A rewritten log whose shop sends no proof of its
// new history is refused, but not proven: then there are not two checkpoints that contradict each other. The mirror does
// not prune, and does not implement sign-subtree, which is optional. Cosignatures are Ed25519, as the ledger verifies them.
// Tickets are empty: the last checkpoints are kept instead. A rollback of the whole directory of a mirror is not noticed
// by it; shops notice, because their ledgers have later cosignatures.
package mirror
