package datamatrix

// Verification: from a guess to a symbol.

func (r *Reader) check(v *view, g guess, quick bool) bool {
	windows := []float64{1.0, 0.5, 0.3}
	leaks := []float32{0, 0.12, 0.25}
	if quick {
		windows, leaks = []float64{0.5}, leaks[:1]
	}
	quality := r.ref.refine(v, &g, windows)
	if r.trace != nil {
		r.trace("   %dx%d m=%v score %.2f quality %.2f %.1f %v", g.size.rows, g.size.cols, g.mirrored, g.score, quality, g.quad, quick)
	}
	if quality < 0.3 {
		return false
	}
	rows, cols := g.dims()
	flat := g
	for try := range 3 {
		var b *bend
		if try > 0 {
			if quick || r.wrong*3 > r.of {
				break
			}
			b = &r.ben
			g = flat
			most := r.ref.bend(v, &g, b, try == 2)
			if r.trace != nil {
				r.trace("     bend %.2f", most)
			}
		}
		r.sam.sample(v, &g, b, 0.5)
		r.wrong, r.of = 1, 1
		for _, k := range leaks {
			gray := r.sam.sharpen(int(rows), int(cols), k)
			r.sam.threshold(gray, int(rows), int(cols), &r.grid, g.size, g.mirrored)
			wrong, of := r.grid.borderErrors()
			if wrong*r.of < r.wrong*of {
				r.wrong, r.of = wrong, of
			}
			if r.trace != nil {
				r.trace("     k=%.2f border %d of %d", k, wrong, of)
			}
			if wrong*4 > of {
				continue
			}
			s, ok := r.dec.decode(&r.grid)
			if !ok && !quick && g.size.rows == g.size.cols {
				r.grid.mirror()
				s, ok = r.dec.decode(&r.grid)
				s.Mirrored = ok
			}
			if !ok {
				continue
			}
			s.Mirrored = s.Mirrored || g.mirrored
			for i, c := range g.quad {
				if s.Mirrored && i != 1 && i != 3 { // about the diagonal through the finder corner
					i = 2 - i
				}
				s.Corners[i] = c.mul(v.zoom)
			}
			s.Inverted = v.flip != 0
			r.found = append(r.found, s)
			return true
		}
	}
	return false
}
