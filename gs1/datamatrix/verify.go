package datamatrix

// From a guess to a symbol: refine the corners, sample, threshold, decode. A quick reading refines once and gives
// up when the border is not there; a thorough one also follows bends. Both take leaked light and spread ink
// away if need be. Before the codewords are looked
// at, the finder and timing patterns must be there: a wrong size or place is noticed there, and error correction is left
// with real errors.

// Shares of the border modules that may be wrong, as one in so many.
const (
	borderToDecode = 4 // random modules have one in two
	borderToBend   = 3
)

// The ways a guess is sampled, in this order.
const (
	flat  = iota // the corners are right and the surface is plane
	bent         // small deviations from the straight sides
	arced        // sides that bulge by several modules
	surfaces
)

// read tries to read the symbol of a guess.
func (e *examiner) read(g guess, quick bool) (Symbol, bool) {
	windows, leaks := []float64{1, 0.5, 0.3}, []float32{0, 0.12, 0.25}
	if quick {
		windows = windows[1:2]
	}
	first := flat
	if g.bowed {
		first = arced
	} else if e.ref.refine(&e.view, &g, windows) < 0.3 {
		return Symbol{}, false
	}
	rows, cols := g.dims()
	plane := g
	for surface := first; surface < surfaces; surface++ {
		var b *bend
		if surface != flat {
			g, b = plane, &e.ben
			e.ref.bend(&e.view, &g, b, surface == arced)
		}
		e.sam.sample(&e.view, &g, b, 0.5, quick)
		close := false
		for _, leak := range leaks {
			gray := e.sam.sharpen(int(rows), int(cols), leak)
			e.sam.threshold(gray, int(rows), int(cols), &e.grid, g.size, g.mirrored)
			wrong, of := e.grid.borderErrors()
			close = close || wrong*borderToBend <= of
			if wrong*borderToDecode > of {
				if quick {
					return Symbol{}, false
				}
				continue
			}
			if s, ok := e.decode(&g); ok {
				return s, true
			}
		}
		if quick || !close {
			return Symbol{}, false
		}
	}
	return Symbol{}, false
}

// decode reads the grid as it is or mirrored. A mirrored rectangle was recognised by its sides, a square was not.
func (e *examiner) decode(g *guess) (Symbol, bool) {
	s, ok := e.dec.decode(&e.grid)
	s.Mirrored = g.mirrored
	if !ok && g.size.rows == g.size.cols {
		e.grid.mirror()
		s, ok = e.dec.decode(&e.grid)
		s.Mirrored = true
	}
	for i, c := range g.quad {
		if s.Mirrored && i%2 == 0 { // about the diagonal through the finder corner
			i = 2 - i
		}
		s.Corners[i] = c.mul(e.view.zoom)
	}
	s.Inverted = e.view.flip != 0
	return s, ok
}
