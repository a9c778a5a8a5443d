// Package scanner turns what a hardware reader delivers into GS1 messages: a
// stream of bytes into scans, and a scan that the keyboard path has damaged
// back into the scan that left the reader, or into an honest list of what it
// may have been.
//
// # The rule
//
// A [Reading] is Certain when the text is a valid scan as it stands, or when it
// was repaired in the only way that the data allow. Everything else comes back
// as ranked candidates with the reason for the doubt, or as an error that says
// what was lost. Nothing is decided silently: every change is in Repairs.
//
//  1. What cannot be data proves itself. A value of an element string has only
//     the 82 characters of GS1 General Specifications figure 7.11-1 (39 in AI
//     8010); a control, a caret or "{GS}" between two elements is a separator.
//  2. What could be data never does. "<GS>", "%1D", "Alt029" consist of legal
//     characters, so they give candidates.
//  3. A text without any separator may have lost one. It is certain only when
//     no likely division of its last value exists.
//  4. A keyboard path (layout, Caps Lock, Vietnamese input method) is undone
//     with certainty only when the [Profile] names it and exactly one series of
//     keystrokes gives the text. An unnamed path gives candidates.
//
// Every candidate has been verified: it is a valid GS1 message, and typing it
// through the model of the path (see [InputMethod.Type] and [Layout.Type]) gives
// the text that arrived.
//
// # Keyboard paths
//
// A reader in keyboard mode presses the keys of a US keyboard. Between it and
// the program lie the layout, Caps Lock and, on most computers in Viet Nam, an
// input method: Telex makes "Á" of "AS", VNI makes "đ" of "d9". [Calibrate]
// finds out from one sheet what lies between. The best repair is none: a reader
// in serial (USB-COM) mode has no keyboard path.
//
// Readings carry words for the person at the till, in Vietnamese and English.
package scanner
