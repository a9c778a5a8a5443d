// Package gs1 says what a GS1 code means: scan data, element strings, human readable interpretation, GS1 Digital Link
// and EPC.
//
// Parse takes what a reader gives, ParseHRI what is printed beside a symbol, ParseDigitalLink a link. All three give a
// Message, which is a list of Elements (an Application Identifier and its value), or a *ParseError that says where and
// why the data are refused. Every AI of the GS1 Barcode Syntax Dictionary is known; lengths, characters, check digits,
// meanings of values and the rules of which AIs go together are checked as GS1's own Barcode Syntax Engine 1.4.1 checks
// them; the variable wanted of the tests lists where they differ, and why. Lint returns all faults instead of the first.
//
// A Message is written as HRI, as element string and as Digital Link. Its EPC is the identity that events and ledgers
// speak of; it comes and goes as EPC URN and as binary code of an RFID tag, too.
//
// # Sections
//
// "General Specifications" are the GS1 General Specifications, "EPC Tag Data Standard" is TDS 1.13, and "Digital Link" the
// GS1 Digital Link Standard: URI Syntax 1.6.0. The dictionary is release 2026-01-27.
//
// # Promises
//
// Values are kept as they were scanned. No input makes a function panic or takes more than linear time. The package
// imports the standard library alone.
package gs1
