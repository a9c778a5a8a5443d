// Package sheet writes rows for people who work with spreadsheets: the tables of trace/lienthong, or any other. It writes CSV
// (RFC 4180) that spreadsheet programs open with the letters of Vietnamese as they are.
package sheet
