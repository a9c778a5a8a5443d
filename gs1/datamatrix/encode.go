package datamatrix

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Shape is a family of symbol sizes.
type Shape int

const (
	// Square is the 24 square sizes, 10×10 to 144×144: the default.
	Square Shape = iota
	// Rectangle is the six rectangular sizes of ISO/IEC 16022, 8×18 to 16×48.
	Rectangle
	// DMRE is the 18 sizes of the rectangular extension, ISO/IEC 21471. Older readers do not know them.
	DMRE
	// Any is the smallest symbol by area of all sizes of ISO/IEC 16022, square before rectangular where they are equal. A
	// size of DMRE is among them only when Options demand it by Rows and Columns.
	Any
)

// Options say how a symbol is made. Nil and the zero value mean the smallest square symbol, drawn with 8 pixels a module
// and a quiet zone of one module.
type Options struct {
	// Shape is the family of sizes to choose from.
	Shape Shape

	// Rows and Columns, when not 0, demand one size of the Shape, or one side of it. When there is no such size, the error
	// is a *TooLongError whose Rows and Columns are 0.
	Rows, Columns int

	// Module is the width of a module in pixels, 8 when 0 or negative.
	Module int

	// QuietZone is the light border in modules around the symbol. 0 stands for 1, the least that is allowed
	// (ISO/IEC 16022 5.5.2); a negative number for none.
	QuietZone int
}

// A TooLongError says that the data does not fit the largest symbol that the options allow.
type TooLongError struct {
	Characters int   // of the data
	Rows       int   // of the largest size allowed, 0 when there is none
	Columns    int   // of the same
	Shape      Shape // that was asked for
}

// Error says how much does not fit what.
func (e *TooLongError) Error() string {
	if e.Rows == 0 {
		return "datamatrix: no symbol size has the rows and columns asked for"
	}
	return fmt.Sprintf("datamatrix: %d characters do not fit a symbol of %d×%d modules", e.Characters, e.Rows, e.Columns)
}

// A CharacterError says that an element string holds a character that GS1 does not allow there.
type CharacterError struct {
	Offset int // in bytes
	Char   byte
}

// Error says which character, and where.
func (e *CharacterError) Error() string {
	return fmt.Sprintf("datamatrix: character %q at offset %d is not of a GS1 element string", e.Char, e.Offset)
}

// Encode makes a GS1 DataMatrix symbol of an element string: the AIs and their values in a row, GS (0x1D) after values of
// variable length, as Message.ElementString of package gs1 gives it. A leading "]d2" or GS is dropped, FNC1 is written in
// its place and for every GS; one at the end is kept.
//
// Every AI must begin with a digit and values hold the characters of GS1 General Specifications figures 7.11-1 and 7.11-2,
// otherwise the error is a *CharacterError; so the human readable form with its brackets is refused. Whether the AIs and
// their values are right is for package gs1 to say: parse before you print. Too much data for the sizes allowed is a
// *TooLongError. The symbol has been read back before it is returned.
func Encode(elements string, opts *Options) (*Matrix, error) {
	skipped := len(elements)
	elements = strings.TrimPrefix(elements, "]d2")
	elements = strings.TrimPrefix(elements, "\x1d")
	skipped -= len(elements)
	in := make([]uint16, 0, len(elements))
	for i := range len(elements) {
		c := elements[i]
		first := i == 0 || elements[i-1] == gs // of an AI
		switch {
		case first && (c < '0' || c > '9'), c != gs && (c <= ' ' || c > 'z' || strings.IndexByte("$@[\\]^`", c) >= 0):
			return nil, &CharacterError{Offset: skipped + i, Char: c}
		case c == gs:
			in = append(in, fnc1)
		default:
			in = append(in, uint16(c))
		}
	}
	if len(in) == 0 {
		return nil, fmt.Errorf("datamatrix: empty element string")
	}
	m, err := encode(in, []byte{cwFNC1}, opts)
	if err != nil {
		return nil, err
	}
	s, err := m.read()
	if err == nil && s.ScanData != "]d2"+elements {
		err = fmt.Errorf("datamatrix: symbol reads %q, not %q", s.ScanData, "]d2"+elements)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// EncodeText makes a symbol of a text that is not GS1, such as a Digital Link or the setting of a reader. The text is UTF-8;
// bytes that are not are an error. Characters up to U+00FF are written as ISO/IEC 8859-1, which is the default of
// ISO/IEC 16022, under ECI 3 if the bytes could be taken for UTF-8; a text with others is written as UTF-8 under ECI 26,
// which older readers may not know. The envelopes of format 05 and 06 (ISO/IEC 15434) are written as macros. Too long is a
// *TooLongError. The symbol has been read back before it is returned.
func EncodeText(text string, opts *Options) (*Matrix, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("datamatrix: text is not UTF-8")
	}
	var in []uint16
	var head []byte
	for _, r := range text {
		if r > 0xff {
			in, head = in[:0], []byte{cwECI, 26 + 1}
			for i := range len(text) {
				in = append(in, uint16(text[i]))
			}
			break
		}
		in = append(in, uint16(r))
	}
	if head == nil && utf8.Valid(narrow(in)) && string(narrow(in)) != text {
		head = []byte{cwECI, 3 + 1} // the bytes could be mistaken for UTF-8
	}
	if body, macro, ok := cutMacro(in); ok && head == nil {
		in, head = body, []byte{macro}
	}
	m, err := encode(in, head, opts)
	if err != nil {
		return nil, err
	}
	s, err := m.read()
	if err == nil && s.Text != text {
		err = fmt.Errorf("datamatrix: symbol reads %q, not %q", s.Text, text)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func narrow(in []uint16) []byte {
	b := make([]byte, len(in))
	for i, c := range in {
		b[i] = byte(c)
	}
	return b
}

// cutMacro recognises the envelope that macro 05 and 06 abbreviate (5.2.4.7).
func cutMacro(in []uint16) (body []uint16, codeword byte, ok bool) {
	b := string(narrow(in))
	if len(b) < 9 || !strings.HasSuffix(b, "\x1e\x04") {
		return nil, 0, false
	}
	switch b[:7] {
	case "[)>\x1e05\x1d":
		codeword = cwMacro05
	case "[)>\x1e06\x1d":
		codeword = cwMacro06
	default:
		return nil, 0, false
	}
	return in[7 : len(in)-2], codeword, true
}

// allowedSizes lists the sizes that o allows, by area, square before rectangular.
func allowedSizes(o *Options) []*size {
	var allowed []*size
	for i := range sizes {
		s := &sizes[i]
		if o.Rows != 0 && s.rows != o.Rows || o.Columns != 0 && s.cols != o.Columns {
			continue
		}
		if s.family == o.Shape || o.Shape == Any && (s.family != DMRE || o.Rows != 0 && o.Columns != 0) {
			allowed = append(allowed, s)
		}
	}
	slices.SortStableFunc(allowed, func(a, b *size) int { return a.rows*a.cols - b.rows*b.cols })
	return allowed
}

// encode tries the sizes that opts allow, smallest first.
func encode(in []uint16, head []byte, opts *Options) (*Matrix, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	tooLong := &TooLongError{Characters: len(in), Shape: o.Shape}
	var e encoder
	failed := 0 // capacity known to be too small
	for _, s := range allowedSizes(&o) {
		if s.data > tooLong.capacity() {
			tooLong.Rows, tooLong.Columns = s.rows, s.cols
		}
		if s.data <= failed || 2*(s.data-len(head)) < len(in) {
			continue
		}
		data, ok := e.encode(in, head, s.data)
		if !ok {
			failed = s.data
			continue
		}
		return newMatrix(s, data, &o), nil
	}
	return nil, tooLong
}

func (e *TooLongError) capacity() int {
	if i := sizeOf(e.Rows, e.Columns); i >= 0 {
		return sizes[i].data
	}
	return 0
}
