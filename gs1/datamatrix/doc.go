// Package datamatrix reads Data Matrix symbols from pictures and writes them.
//
// [Decode] and [DecodeAll] find symbols of ISO/IEC 16022 (ECC 200, all sizes) and of its rectangular extension
// ISO/IEC 21471 (DMRE) in a picture and say what a hardware reader would send: "]d2" and the element string for a GS1
// symbol, which is what package gs1 parses. A [Reader] does it for a camera, within a time and without allocation.
// [Encode] draws a GS1 element string as a symbol, [EncodeText] any other text.
//
// # Reading
//
// The meaning comes from the codewords themselves: where FNC1 stands, structured append, ECI, macros. A symbol is read
// rightly or not at all: the finder and timing patterns must be there, error correction has to leave no doubt, and where it
// was helped by knowing which codewords are unreadable, padding, GS1 check digit and two spare check codewords have to
// agree. No picture and no codewords make a function panic.
//
// # Writing
//
// A symbol is the smallest that any sequence of the six encodation schemes allows; TestMinimal holds that against a search
// of all of them, TestZint against the sizes of zint. What does not fit is an error, never cut off, and every symbol is read
// back from its modules before it is returned. [Matrix.WriteSVG] draws it in millimetres, for print; as a picture it has
// whole pixels for modules, and the printer's resolution makes the X-dimension: 8 pixels at 600 dpi are 0.339 mm.
//
// All functions may be called by several goroutines at once.
package datamatrix
