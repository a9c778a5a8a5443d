// Package gs1 says what a GS1 code means: scan data, element strings, human readable interpretation, GS1 Digital Link
// and EPC.
package gs1
