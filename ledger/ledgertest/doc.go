// Package ledgertest holds the tests that every [ledger.Store] passes, for
// the tests of a driver.
package ledgertest
