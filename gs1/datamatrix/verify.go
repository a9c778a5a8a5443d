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

// read tries to read the symbol of a guess and keeps it.
func (r *Reader) read(v *view, g guess, quick bool) bool {
	windows, leaks := []float64{1, 0.5, 0.3}, []float32{0, 0.12, 0.25}
	if quick {
		windows = windows[1:2]
	}
	if r.ref.refine(v, &g, windows) < 0.3 {
		return false
	}
	rows, cols := g.dims()
	plane := g
	for surface := flat; surface < surfaces; surface++ {
		var b *bend
		if surface != flat {
			g, b = plane, &r.ben
			r.ref.bend(v, &g, b, surface == arced)
		}
		r.sam.sample(v, &g, b, 0.5, quick)
		close := false
		for _, leak := range leaks {
			gray := r.sam.sharpen(int(rows), int(cols), leak)
			r.sam.threshold(gray, int(rows), int(cols), &r.grid, g.size, g.mirrored)
			wrong, of := r.grid.borderErrors()
			close = close || wrong*borderToBend <= of
			if wrong*borderToDecode > of {
				if quick {
					return false
				}
				continue
			}
			if s, ok := r.decode(&g); ok {
				r.keep(s, &g, v)
				return true
			}
		}
		if quick || !close {
			return false
		}
	}
	return false
}

// decode reads the grid as it is or mirrored. A mirrored rectangle was recognised by its sides, a square was not.
func (r *Reader) decode(g *guess) (Symbol, bool) {
	s, ok := r.dec.decode(&r.grid)
	s.Mirrored = g.mirrored
	if !ok && g.size.rows == g.size.cols {
		r.grid.mirror()
		s, ok = r.dec.decode(&r.grid)
		s.Mirrored = true
	}
	return s, ok
}

// keep adds a symbol to what has been found.
func (r *Reader) keep(s Symbol, g *guess, v *view) {
	for i, c := range g.quad {
		if s.Mirrored && i%2 == 0 { // about the diagonal through the finder corner
			i = 2 - i
		}
		s.Corners[i] = c.mul(v.zoom)
	}
	s.Inverted = v.flip != 0
	r.found = append(r.found, s)
}
