package datamatrix

import "math"

func sqrt(x float64) float64 { return math.Sqrt(x) }

// Bend: round bottles, soft foil, labels printed on the move. Once the corners are right, the edges of the border still lie
// off its straight lines where the surface is bent. Across each side the deviation is measured from outside in, along the
// two dashed sides at the steps between dark and light. In between, opposite sides are blended.

// A bend holds the deviations in modules at the ends of the modules, 0 to n, of a side.
type bend struct {
	across [4][maxSide + 1]float32 // top, right, bottom, left; positive is inward
	along  [2][maxSide + 1]float32 // top to the right, right side downward
}

// value interpolates at s, which lies between 0 and n.
func value(k *[maxSide + 1]float32, s float64) float64 {
	i := min(max(int(s), 0), maxSide-1)
	return float64(k[i]) + (s-float64(i))*float64(k[i+1]-k[i])
}

// at gives the flat place of a place on the bent symbol.
func (b *bend) at(u, v, cols, rows float64) (float64, float64) {
	s, t := u/cols, v/rows
	du := (1-s)*value(&b.across[3], v) - s*value(&b.across[1], v) + value(&b.along[0], u)
	dv := (1-t)*value(&b.across[0], u) - t*value(&b.across[2], u) + value(&b.along[1], v)
	return u + du, v + dv
}

// bend measures the deviations for g. It returns the largest.
func (r *refiner) bend(p *view, g *guess, b *bend) float64 {
	rows, cols := g.dims()
	f := onto(&g.quad, cols, rows)
	most := 0.0
	for side := range 4 {
		n := int(cols)
		if side&1 == 1 {
			n = int(rows)
		}
		r.edges(p, &f, side, cols, rows, 0.9)
		most = max(most, r.curve(r.sides[side], n, true, &b.across[side]))
	}
	for side := range 2 {
		n := int(cols)
		if side == 1 {
			n = int(rows)
		}
		r.steps(p, &f, side, cols, rows, 0.6)
		most = max(most, r.curve(r.sides[side], n, false, &b.along[side]))
	}
	return most
}

// steps finds the edges between the dashes of the top or the right side: s is where the step should be, d how much further
// it is.
func (r *refiner) steps(p *view, f *homography, side int, cols, rows, window float64) {
	n := int(cols)
	if side == 1 {
		n = int(rows)
	}
	out := r.sides[side][:0]
	const half = 4
	m := int(window/profileStep) + half
	var sum [2*32 + 1]float64
	for k := 1; k < n; k++ {
		s := float64(k)
		reach := float64(m) * profileStep
		clear(sum[:])
		for _, depth := range [...]float64{0.3, 0.5, 0.7} {
			u, v := sidePoint(side, s-reach, depth, cols, rows)
			a := f.at(u, v)
			u, v = sidePoint(side, s+reach, depth, cols, rows)
			c := f.at(u, v)
			step := c.sub(a).mul(1 / float64(2*m))
			x, y := a.X+step.X/2, a.Y+step.Y/2
			for i := 1; i <= 2*m; i++ {
				sum[i] += p.at(x, y)
				x += step.X
				y += step.Y
			}
		}
		for i := 1; i <= 2*m; i++ {
			sum[i] += sum[i-1]
		}
		sign := 1.0 // light before, dark behind
		if sideDark(side, k-1, n) {
			sign = -1
		}
		best, at := 0.0, -1
		for i := half; i <= 2*m-half; i++ {
			if c := sign * (2*sum[i] - sum[i-half] - sum[i+half]); c > best {
				best, at = c, i
			}
		}
		if at < 0 {
			continue
		}
		d := 0.0
		if at > half && at < 2*m-half {
			c := func(i int) float64 { return sign * (2*sum[i] - sum[i-half] - sum[i+half]) }
			l, rr := c(at-1), c(at+1)
			if den := l - 2*best + rr; den < 0 {
				d = 0.5 * (l - rr) / den
			}
		}
		out = append(out, edge{s, (float64(at-m) + d) * profileStep, best / (3 * half)})
	}
	r.sides[side] = out
}

// curve fits a cubic to the edges of a side of n modules, then follows what remains by local means. If fixed, it is 0 at
// both ends.
func (r *refiner) curve(e []edge, n int, fixed bool, out *[maxSide + 1]float32) float64 {
	clear(out[:])
	if len(e) < 6 {
		return 0
	}
	mean := 0.0
	for _, x := range e {
		mean += x.weight / float64(len(e))
	}
	// Basis: bumps that vanish at the ends, and a line unless fixed.
	basis := func(s float64) [4]float64 {
		t := s / float64(n)
		w := t * (1 - t)
		return [4]float64{w, w * (2*t - 1), 1, t}
	}
	dim := 4
	if fixed {
		dim = 2
	}
	var k [4]float64
	eval := func(s float64) float64 {
		b := basis(s)
		sum := 0.0
		for i := range dim {
			sum += k[i] * b[i]
		}
		return sum
	}
	for _, scale := range [...]float64{1.2, 0.6, 0.4, 0.3, 0.3} {
		var a [4][5]float64
		for _, x := range e {
			t := (x.d - eval(x.s)) / scale
			if t = t * t; t >= 1 {
				continue
			}
			w := min(x.weight/mean, 1) * (1 - t)
			b := basis(x.s)
			for i := range dim {
				for j := range dim {
					a[i][j] += w * b[i] * b[j]
				}
				a[i][4] += w * b[i] * x.d
			}
		}
		for i := range dim {
			a[i][i] += 1e-6
		}
		k = solve(&a, dim)
	}
	// What remains, as the mean of near edges that agree.
	most := 0.0
	for i := range n + 1 {
		s := float64(i)
		base := eval(s)
		num, den := 0.0, 1.0
		for _, x := range e {
			if math.Abs(x.s-s) > 2.1 {
				continue
			}
			d := x.d - eval(x.s)
			if math.Abs(d) > 0.45 {
				continue
			}
			w := min(x.weight/mean, 1) * (1 - math.Abs(x.s-s)/3)
			num += w * d
			den += w
		}
		out[i] = float32(min(max(base+num/den, -3), 3))
		most = max(most, math.Abs(float64(out[i])))
	}
	return most
}

// solve is Gauss's elimination for the first n rows of a, right sides in column 4.
func solve(a *[4][5]float64, n int) (x [4]float64) {
	for i := range n {
		p := i
		for j := i + 1; j < n; j++ {
			if math.Abs(a[j][i]) > math.Abs(a[p][i]) {
				p = j
			}
		}
		a[i], a[p] = a[p], a[i]
		if math.Abs(a[i][i]) < 1e-12 {
			return [4]float64{}
		}
		for j := range n {
			if j == i {
				continue
			}
			f := a[j][i] / a[i][i]
			for c := i; c < 5; c++ {
				a[j][c] -= f * a[i][c]
			}
		}
	}
	for i := range n {
		x[i] = a[i][4] / a[i][i]
	}
	return x
}
