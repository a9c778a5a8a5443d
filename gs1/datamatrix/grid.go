package datamatrix

// A grid is a symbol as sampled: for every module, row by row from the top left, whether it is dark and how sure that is.
type grid struct {
	size *size
	dark []bool
	sure []uint8 // 0: no idea; 255: beyond doubt. Nil: all alike
	keep []uint8 // memory for sure
}

// reset makes g a light grid of the given size without confidences.
func (g *grid) reset(s *size) {
	g.size = s
	g.dark = grow(g.dark, s.rows*s.cols)
	g.keep = grow(g.keep, s.rows*s.cols)
	clear(g.dark)
	g.sure = nil
}

// mirror exchanges rows and columns of a square grid about the diagonal through the finder corner, the bottom left.
func (g *grid) mirror() {
	n := g.size.rows
	for r := range n {
		for c := range n - 1 - r {
			i, j := r*n+c, (n-1-c)*n+n-1-r
			g.dark[i], g.dark[j] = g.dark[j], g.dark[i]
			if g.sure != nil {
				g.sure[i], g.sure[j] = g.sure[j], g.sure[i]
			}
		}
	}
}

// borderErrors counts the modules of finder and timing patterns that do not look as they should.
func (g *grid) borderErrors() (wrong, of int) {
	s := g.size
	for r := range s.rows {
		for c := range s.cols {
			if dark, ok := s.border(r, c); ok {
				of++
				if dark != g.dark[r*s.cols+c] {
					wrong++
				}
			}
		}
	}
	return wrong, of
}
