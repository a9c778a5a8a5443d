// Package epcis reads and writes EPCIS 2.0 events as JSON and JSON-LD: capture documents, query documents, single
// events, and JSON lines in which a document header comes first and one event follows in each line.
//
// A [Decoder] takes every notation of identifiers and vocabulary, with prefixes of the document's "@context", and gives
// events in the canonical form of package trace. Fields outside the standard survive: they are among the event's
// extensions, names expanded to "{namespace}name". Documents are streamed, so memory does not depend on their length.
//
// An [Encoder] writes events as a document, or as JSON lines, in the order and form of the EPCIS 2.0 JSON schema.
package epcis
