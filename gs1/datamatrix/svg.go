package datamatrix

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// WriteSVG writes the symbol with its quiet zone as an SVG drawing in millimetres: x is the X-dimension, the width of a
// module (its bounds are in GS1 General Specifications 5.12.3). The lines, the human readable interpretation, are set one
// under the other to the right of the symbol.
func (m *Matrix) WriteSVG(w io.Writer, x float64, lines ...string) error {
	if !(x > 0 && x < 1000) {
		return fmt.Errorf("datamatrix: X-dimension of %v mm", x)
	}
	mm := func(modules float64) string { return strconv.FormatFloat(modules*x, 'f', -1, 32) }
	b := bufio.NewWriter(w)
	rows, cols := float64(m.size.rows+2*m.quiet), float64(m.size.cols+2*m.quiet)
	const leading, em = 1.3, 0.6 // of the type size: between lines, width of a character
	size := 0.0                  // of the type, in modules
	width := cols
	if len(lines) > 0 {
		size = min(rows/(leading*float64(len(lines))), 7)
		longest := 0
		for _, l := range lines {
			longest = max(longest, len(l))
		}
		width += 1 + em*size*float64(longest)
	}
	fmt.Fprintf(b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%smm\" height=\"%smm\" viewBox=\"0 0 %s %s\">\n",
		mm(width), mm(rows), mm(width), mm(rows))
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
			mm(cols+1), mm(leading*size*(float64(i)+0.8)), mm(size))
		if err := xml.EscapeText(b, []byte(l)); err != nil {
			return err
		}
		fmt.Fprintf(b, "</text>\n")
	}
	fmt.Fprintf(b, "</svg>\n")
	return b.Flush()
}
