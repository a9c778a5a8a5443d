// Package datamatrix reads Data Matrix symbols from pictures and writes them.
//
// [Decode] and [DecodeAll] find symbols of ISO/IEC 16022 (ECC 200, all sizes) and of its rectangular extension
// ISO/IEC 21471 (DMRE) in a picture and say what a hardware reader would send: "]d2" and the element string for a GS1
// symbol. [Encode] draws a GS1 element string as a symbol, [EncodeText] any other text.
//
// The meaning comes from the codewords themselves: where FNC1 stands, structured append, ECI, macros. A symbol is read
// rightly or not at all.
package datamatrix
