package datamatrix

// From a guess to a symbol: refine the corners, sample, threshold, decode. A quick reading refines once and gives up when the
// border is not there; a thorough one also follows bends. Both take leaked light and spread ink away if need be; where that
// helps and is not enough, the symbol is restored from a blur. Before the codewords are looked at, the finder and timing
// patterns must be there: a wrong size or place is noticed there, and error correction is left with real errors.

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
	e.ref.few = quick && !g.bowed
	first := flat
	if g.bowed {
		first = arced
	} else if e.ref.refine(&e.view, &g, windows) < 0.3 {
		return Symbol{}, false
	}
	rows, cols := g.dims()
	plane, best := g, 1.0
	for surface := first; surface < surfaces; surface++ {
		if surface == arced && first != arced && best*borderToDecode > 1 { // a smaller bend would have brought it nearer
			return Symbol{}, false
		}
		var b *bend
		if surface != flat {
			g, b = plane, &e.ben
			e.ref.bend(&e.view, &g, b, surface == arced)
		}
		if quick && surface == flat {
			if s, ok := e.plain(&g); ok {
				return s, true
			}
		}
		e.sam.sample(&e.view, &g, b, g.samples(quick))
		close, least, blurred := false, 1.0, false
		for _, leak := range leaks {
			s, ok, wrong := e.decode(&g, e.sam.sharpen(int(rows), int(cols), leak))
			if ok || quick && wrong*borderToDecode > 1 {
				return s, ok
			}
			close = close || wrong*borderToBend <= 1
			best = min(best, wrong)
			if wrong <= least {
				least, blurred = wrong, leak > 0
			}
		}
		if quick || !close {
			return Symbol{}, false
		}
		if surface == bent || !blurred || least*borderToDecode > 1 {
			continue
		}
		for _, width := range widths {
			if s, ok, _ := e.decode(&g, e.sam.restore(int(rows), int(cols), width)); ok {
				return s, true
			}
		}
	}
	return Symbol{}, false
}

// decode reads the symbol of g from the grays of its modules, as it is or mirrored, if the border is there. wrong is the
// share of the border that is not. A mirrored rectangle was recognised by its sides, a square was not.
func (e *examiner) decode(g *guess, gray []float32) (s Symbol, ok bool, wrong float64) {
	rows, cols := g.dims()
	e.sam.threshold(gray, int(rows), int(cols), &e.grid, g.size, g.mirrored)
	wrong = e.dec.layout(g.size).wrong(&e.grid)
	if wrong*borderToDecode > 1 {
		return s, false, wrong
	}
	s, ok = e.dec.decode(&e.grid)
	s.Mirrored = g.mirrored
	if !ok && g.size.rows == g.size.cols {
		e.grid.mirror()
		s, ok = e.dec.decode(&e.grid)
		s.Mirrored = true
	}
	e.locate(&s, g)
	return s, ok, wrong
}

// plain reads the symbol of g if one threshold for the middles of all its modules shows it without any error, as it does
// where light and print are even.
func (e *examiner) plain(g *guess) (s Symbol, ok bool) {
	e.sam.sample(&e.view, g, nil, 1)
	l := e.dec.layout(g.size)
	if g.mirrored || !e.sam.plain(&e.grid, g.size, l) || l.wrong(&e.grid)*borderToDecode > 1 {
		return s, false
	}
	s, ok = e.dec.intact(&e.grid)
	e.locate(&s, g)
	return s, ok
}

// locate says of a symbol where it is.
func (e *examiner) locate(s *Symbol, g *guess) {
	for i, c := range g.quad {
		if s.Mirrored && i%2 == 0 { // about the diagonal through the finder corner
			i = 2 - i
		}
		s.Corners[i] = c.mul(e.view.zoom)
	}
	s.Inverted = e.view.flip != 0
}
