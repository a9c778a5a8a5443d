// Package report tells what an audit of many ledgers found out, for people: who reports and who does not, what could not be
// verified, what is odd about the events of all parties, and where the goods are.
//
// [Make] reads files of evidence that package audit has verified, and files of events that nobody proves, and judges them as
// a whole. The [Report] is written by [WriteHTML] as one page that needs nothing else, by [WriteJSON] as lines for programs,
// and by [Tables] as tables for package sheet. Each finding names the ledger and the index of the records that it follows
// from, and has their proofs: whoever reads it can check it with the registered keys and without this package.
//
// A [Reader] is for a whole province: it verifies files of evidence and reads them in one go, all processors at work, and keeps of
// each event what the rules and the balances ask of it.
//
// What a report does not tell: that an establishment recorded everything that happened. Balances are what the records say.
package report
