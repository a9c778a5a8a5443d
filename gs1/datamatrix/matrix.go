package datamatrix

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
)

// A Matrix is a symbol as modules. It is also a picture of itself, an image.PalettedImage with the quiet zone and the
// module size of the Options it was made with. It never changes and may be used by many goroutines.
type Matrix struct {
	size   *size
	dark   []bool // row by row from the top
	module int    // pixels
	quiet  int    // modules
}

var palette = color.Palette{color.Gray{Y: 255}, color.Gray{Y: 0}}

// newMatrix computes the check codewords (ISO/IEC 16022:2006 5.7) and places all codewords.
func newMatrix(s *size, data []byte, o *Options) *Matrix {
	cw := make([]byte, s.total())
	copy(cw, data)
	var in [maxBlock]byte
	var check [maxCheck]byte
	for b := range s.blocks {
		n := 0
		for i := b; i < s.data; i += s.blocks {
			in[n] = data[i]
			n++
		}
		c := check[:s.check/s.blocks]
		checkCodewords(in[:n], c)
		// The check codewords go on where the data stopped: in 144×144 the last data codeword is of block 8, so the
		// first check codeword is of block 9 (annex E of the 2006 edition, corrigendum).
		first := (b - s.data%s.blocks + s.blocks) % s.blocks
		for i, v := range c {
			cw[s.data+first+i*s.blocks] = v
		}
	}
	m := &Matrix{size: s, dark: make([]bool, s.rows*s.cols), module: o.Module, quiet: o.QuietZone}
	if m.module <= 0 {
		m.module = 8
	}
	if m.quiet == 0 {
		m.quiet = 1
	}
	m.quiet = max(m.quiet, 0)
	for r := range s.rows {
		for c := range s.cols {
			m.dark[r*s.cols+c], _ = s.border(r, c)
		}
	}
	p := place(s, nil)
	cols := s.mapCols()
	for i, at := range p {
		r, c := s.module(i/cols, i%cols)
		dark := at == fixedDark
		if at >= 0 {
			dark = cw[at/8]<<(at%8)&0x80 != 0
		}
		m.dark[r*s.cols+c] = dark
	}
	return m
}

// Rows is the number of rows of modules.
func (m *Matrix) Rows() int { return m.size.rows }

// Columns is the number of columns of modules.
func (m *Matrix) Columns() int { return m.size.cols }

// Dark says whether the module in the given row from the top and column from the left is dark. Outside the symbol all is
// light.
func (m *Matrix) Dark(row, col int) bool {
	return row >= 0 && row < m.size.rows && col >= 0 && col < m.size.cols && m.dark[row*m.size.cols+col]
}

// ColorModel is that of a palette of white and black.
func (m *Matrix) ColorModel() color.Model { return palette }

// Bounds is the symbol with its quiet zone in pixels, from (0, 0).
func (m *Matrix) Bounds() image.Rectangle {
	return image.Rect(0, 0, (m.size.cols+2*m.quiet)*m.module, (m.size.rows+2*m.quiet)*m.module)
}

// At is the colour of a pixel.
func (m *Matrix) At(x, y int) color.Color { return palette[m.ColorIndexAt(x, y)] }

// ColorIndexAt is 1 for a dark pixel and 0 for a light one.
func (m *Matrix) ColorIndexAt(x, y int) uint8 {
	if x >= 0 && y >= 0 && m.Dark(y/m.module-m.quiet, x/m.module-m.quiet) {
		return 1
	}
	return 0
}

// Gray draws the symbol with its quiet zone.
func (m *Matrix) Gray() *image.Gray {
	g := image.NewGray(m.Bounds())
	for y := range g.Rect.Max.Y {
		row := g.Pix[y*g.Stride:][:g.Rect.Max.X]
		for x := range row {
			row[x] = 255 * (1 - m.ColorIndexAt(x, y))
		}
	}
	return g
}

// WritePNG writes the symbol with its quiet zone as a PNG of one bit a pixel. The file says nothing of its resolution.
func (m *Matrix) WritePNG(w io.Writer) error { return png.Encode(w, m) }

// read decodes the modules.
func (m *Matrix) read() (Symbol, error) {
	var g grid
	g.reset(m.size)
	copy(g.dark, m.dark)
	var d decoder
	s, ok := d.decode(&g)
	if !ok {
		return Symbol{}, fmt.Errorf("datamatrix: the symbol just made cannot be read")
	}
	return s, nil
}
