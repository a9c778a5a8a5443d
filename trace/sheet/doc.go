// Package sheet writes tables for people who work with spreadsheets: those of trace/lienthong and trace/audit, or any other. A
// [Table] has typed columns and rows that may be made while they are written. [WriteCSV] writes it as CSV (RFC 4180) that
// spreadsheet programs open with the letters of Vietnamese as they are, [WriteXLSX] writes several as a workbook.
//
// Nothing in a table becomes a formula by itself, whatever it begins with: what is written comes from scanners, servers and
// other people's ledgers. The same table gives the same bytes.
package sheet
