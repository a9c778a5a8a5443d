package datamatrix

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// The human readable interpretation beside a symbol. Lengths of type are in modules, the others parts of its size.
const (
	hriMin, hriMax = 3, 7
	hriLeading     = 1.3 // from line to line
	hriAdvance     = 0.6 // of a character in a monospaced font
)

// WriteSVG writes the symbol with its quiet zone as an SVG drawing in millimetres: x is the X-dimension, the width of a
// module (its bounds are in GS1 General Specifications 5.12.3), from above 0 to below 1000. The lines, such as the human
// readable interpretation that package gs1 gives, are set one under the other to the right of the symbol, as large as its
// height allows between 3 and 7 modules; where they need more height than the symbol, the drawing grows downwards.
func (m *Matrix) WriteSVG(w io.Writer, x float64, lines ...string) error {
	if !(x > 0 && x < 1000) {
		return fmt.Errorf("datamatrix: X-dimension of %v mm", x)
	}
	mm := func(modules float64) string { return strconv.FormatFloat(modules*x, 'f', -1, 32) }
	b := bufio.NewWriter(w)
	width, height := float64(m.size.cols+2*m.quiet), float64(m.size.rows+2*m.quiet)
	left, size := width+1, 0.0 // of the lines
	if n := float64(len(lines)); n > 0 {
		size = min(max(height/(hriLeading*n), hriMin), hriMax)
		height = max(height, hriLeading*size*n)
		longest := 0
		for _, l := range lines {
			longest = max(longest, utf8.RuneCountInString(l))
		}
		width = left + hriAdvance*size*float64(longest)
	}
	fmt.Fprintf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%smm\" height=\"%smm\" viewBox=\"0 0 %s %s\">\n",
		mm(width), mm(height), mm(width), mm(height))
	fmt.Fprintf(b, "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n<path fill=\"#000\" shape-rendering=\"crispEdges\" d=\"")
	for r := range m.size.rows {
		for c := 0; c < m.size.cols; c++ {
			if !m.Dark(r, c) {
				continue
			}
			first := c
			for c+1 < m.size.cols && m.Dark(r, c+1) {
				c++
			}
			n := float64(c + 1 - first)
			fmt.Fprintf(b, "M%s %sh%sv%sh-%sz", mm(float64(first+m.quiet)), mm(float64(r+m.quiet)), mm(n), mm(1), mm(n))
		}
	}
	fmt.Fprintf(b, "\"/>\n")
	for i, l := range lines {
		fmt.Fprintf(b, "<text x=\"%s\" y=\"%s\" font-family=\"monospace\" font-size=\"%s\">",
			mm(left), mm(hriLeading*size*(float64(i)+0.8)), mm(size))
		if err := xml.EscapeText(b, []byte(l)); err != nil {
			return err
		}
		fmt.Fprintf(b, "</text>\n")
	}
	fmt.Fprintf(b, "</svg>\n")
	return b.Flush()
}
