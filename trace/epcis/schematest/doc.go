// Package schematest holds what trace/epcis writes and reads against the JSON
// schema of EPCIS 2.0, with somebody else's validator. It is a module of its
// own, is never released, and has tests only.
package schematest
