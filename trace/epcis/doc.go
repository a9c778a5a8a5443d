// Package epcis reads and writes EPCIS events. It reads JSON and JSON-LD of EPCIS 2.0: capture documents, query documents,
// single events, arrays of them, and JSON lines in which a document header comes first and one event follows in each
// line. It reads XML of EPCIS 1.2 and 2.0: the same documents, and single events. It writes JSON.
//
// A [Decoder] finds out which of them it is given. It takes every notation of identifiers and vocabulary, with prefixes
// of the document's "@context", and gives events in the canonical form of package trace: an event is the same, and has
// the same hash, whether it came in JSON or in XML. Fields outside the standard survive: they are among the event's
// extensions, names expanded to "{namespace}name". Documents are streamed, so memory does not depend on their length.
//
// In XML an extension is a text; one with attributes or elements in it is an object of these, with its own text as
// "#text", and elements of one name are a list. White space around a text is not kept. The headers of a document, and
// the master data in them, are passed over.
//
// An [Encoder] writes events as a document, or as JSON lines, in the order and form of the EPCIS 2.0 JSON schema.
package epcis
