package datamatrix

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrNotFound is returned when a picture shows no Data Matrix symbol that can be read. A caller with a camera tries the
// next frame.
var ErrNotFound = errors.New("datamatrix: no symbol found")

// A Point is a place in a picture in pixels. Pixel x, y covers the square from (x, y) to (x+1, y+1).
type Point struct{ X, Y float64 }

// A Symbol is one Data Matrix symbol read from a picture. It holds no reference to the picture.
type Symbol struct {
	// ScanData is what a hardware reader sends: the symbology identifier (ISO/IEC 16022 annex N), then the data with FNC1
	// as GS (0x1D). It is "]d2" or "]d5" and the element string for GS1, "]d3" or "]d6" for an AIM application, "]d1" or
	// "]d4" otherwise; the second of each pair says that ECI numbers are within, as \nnnnnn with backslashes doubled.
	// Bytes above 0x7F are kept as they are in the symbol: the string is UTF-8 only if the symbol's bytes are.
	ScanData string

	// Text is the data as UTF-8 with the ECIs applied, without symbology identifier. Without ECI the bytes are taken as
	// UTF-8 if they are valid UTF-8, because many writers leave the ECI out, and as ISO/IEC 8859-1 otherwise.
	//
	// The ECIs known are Unicode (25, 26, 33 to 35), ASCII (27, 170), all parts of ISO/IEC 8859 (1, 3 to 18), code page
	// 437 (0, 2), Windows 1250, 1251, 1252, 1256 (21 to 24) and binary (899, each byte the character of its number). Bytes
	// that are no character of their set become U+FFFD, and so does all but ASCII under any other ECI: of the East Asian
	// sets, each character. What a text with U+FFFD lacks is in ScanData.
	Text string

	// GS1 says that FNC1 is in the first position.
	GS1 bool

	// Corners are the outer corners of the symbol: top left, top right, bottom right, bottom left as the symbol is
	// printed, with the solid sides at the left and the bottom. They run clockwise unless the symbol is mirrored.
	Corners [4]Point

	// Rows and Columns are the symbol's size in modules.
	Rows, Columns int

	// Inverted says that the symbol is light on dark, Mirrored that it was seen from behind.
	Inverted, Mirrored bool

	// Corrected is how many codewords were wrong and have been corrected; Erased is how many of them were known as
	// unreadable beforehand.
	Corrected, Erased int

	// UnusedCorrection is the share of the error correction that was not needed, 0 to 1, least over the blocks
	// (ISO/IEC 15415:2011 7.8.8). Grade makes a grade of it.
	UnusedCorrection float64

	// Sequence is the 1-based place of the symbol in a structured append of Count symbols with the given FileID.
	// Sequence is 0 when the symbol stands alone, Count is 0 when the header does not say it.
	Sequence, Count, FileID int

	// ReaderInit says that the data is meant to program the reader, not for the application.
	ReaderInit bool

	// Codewords are the corrected data codewords, padding included.
	Codewords []byte
}

// Grade is the unused error correction as the grade of ISO/IEC 15415:2011 table 7: 4 is best, 0 is worst.
func (s Symbol) Grade() int {
	switch u := s.UnusedCorrection; {
	case u >= 0.62:
		return 4
	case u >= 0.50:
		return 3
	case u >= 0.37:
		return 2
	case u >= 0.25:
		return 1
	}
	return 0
}

// say fills the fields of s that come from the message.
func (s *Symbol) say(m *message) {
	modifier := byte('1' + m.fnc1)
	if m.eci {
		modifier += 3
	}
	s.ScanData = "]d" + string(modifier) + transmit(m)
	s.Text = m.text()
	s.GS1 = m.fnc1 == 1
	s.Sequence, s.Count, s.FileID = m.sequence, m.count, m.fileID
	s.ReaderInit = m.readerInit
}

// transmit gives the bytes as a reader sends them. Under the ECI protocol (ISO/IEC 16022 annex N.2) each ECI is announced
// as a backslash and six digits, and backslashes in the data are doubled.
func transmit(m *message) string {
	if !m.eci {
		return string(m.bytes)
	}
	var b strings.Builder
	for i, p := range m.parts {
		if p.eci >= 0 {
			n := strconv.Itoa(p.eci)
			b.WriteString("\\" + "000000"[:6-len(n)] + n)
		}
		for _, c := range m.run(i) {
			if c == '\\' {
				b.WriteByte(c)
			}
			b.WriteByte(c)
		}
	}
	return b.String()
}

// run gives the bytes of part i.
func (m *message) run(i int) []byte {
	end := len(m.bytes)
	if i+1 < len(m.parts) {
		end = m.parts[i+1].from
	}
	return m.bytes[m.parts[i].from:end]
}

func (m *message) text() string {
	if !m.eci && utf8.Valid(m.bytes) {
		return string(m.bytes)
	}
	var b strings.Builder
	for i, p := range m.parts {
		decodeText(&b, m.run(i), p.eci)
	}
	return b.String()
}
