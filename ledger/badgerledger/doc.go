// Package badgerledger opens a ledger whose index is kept by Badger, an
// embedded ordered store. It is the everyday way to have a ledger on a disk.
//
// Badger is given settings for a small computer and is trusted with nothing:
// it holds pointers, tiles and index keys, all of which the ledger can write
// anew from its own files. Its files are checked before it opens them, since
// it deletes what a damaged manifest does not list.
package badgerledger
