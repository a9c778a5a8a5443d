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

// A layout says what each module of the symbols of a size is for. Modules are numbered row by row from the top left.
type layout struct {
	bits        []uint16 // of the codewords, most significant first: the module that shows the bit
	dark, light []uint16 // modules of the finder and timing patterns
}

// make fills l for symbols of size s.
func (l *layout) make(s *size) {
	l.bits = make([]uint16, 8*s.total())
	for at, v := range place(s, nil) {
		if v >= 0 {
			r, c := s.module(at/s.mapCols(), at%s.mapCols())
			l.bits[v] = uint16(r*s.cols + c)
		}
	}
	for r := range s.rows {
		for c := range s.cols {
			switch dark, ok := s.border(r, c); {
			case ok && dark:
				l.dark = append(l.dark, uint16(r*s.cols+c))
			case ok:
				l.light = append(l.light, uint16(r*s.cols+c))
			}
		}
	}
}

// wrong is the share of the modules of finder and timing patterns that do not look as they should in g.
func (l *layout) wrong(g *grid) float64 {
	n := 0
	for _, j := range l.dark {
		if !g.dark[j] {
			n++
		}
	}
	for _, j := range l.light {
		if g.dark[j] {
			n++
		}
	}
	return float64(n) / float64(len(l.dark)+len(l.light))
}
