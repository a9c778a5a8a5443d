package datamatrix

import "math"

// Bend: round bottles, soft foil, labels printed on the move. Once the corners are right, the edges of the border still lie
// off its straight lines where the surface is bent. Across each side the deviation is measured from outside in, along the
// two dashed sides at the steps between dark and light. In between, opposite sides are blended.

// A bend holds the deviations in modules at the ends of the modules, 0 to n, of a line. Symbols of several regions have
// timing patterns inside too, so there are up to six lines in each direction.
type bend struct {
	across [4][maxSide + 1]float32    // of the sides top, right, bottom, left; positive is inward
	along  [2][6][maxSide + 1]float32 // of the top of each region to the right, of the right of each region downward
	lines  [2]int
	pitch  [2]float64
}

// value interpolates at s, which lies between 0 and n.
func value(k *[maxSide + 1]float32, s float64) float64 {
	i := min(max(int(s), 0), maxSide-1)
	return float64(k[i]) + (s-float64(i))*float64(k[i+1]-k[i])
}

// at gives the flat place of a place on the bent symbol.
func (b *bend) at(u, v, cols, rows float64) (float64, float64) {
	s, t := u/cols, v/rows
	du := (1-s)*value(&b.across[3], v) - s*value(&b.across[1], v) + b.between(0, (v-0.5)/b.pitch[0], u)
	dv := (1-t)*value(&b.across[0], u) - t*value(&b.across[2], u) + b.between(1, (u+0.5)/b.pitch[1]-1, v)
	return u + du, v + dv
}

// between interpolates along at s between the lines on both sides of x.
func (b *bend) between(way int, x, s float64) float64 {
	x = min(max(x, 0), float64(b.lines[way]-1))
	i := int(x)
	low := value(&b.along[way][i], s)
	if i+1 >= b.lines[way] {
		return low
	}
	return low + (x-float64(i))*(value(&b.along[way][i+1], s)-low)
}

// bend measures the deviations for g. It returns the largest. A wide search first lays arcs through the outermost edges and
// moves the corners to their ends.
func (r *refiner) bend(p *view, g *guess, b *bend, wide bool) float64 {
	rows, cols := g.dims()
	for i := range b.across {
		clear(b.across[i][:])
	}
	if wide {
		r.arcs(p, g, b)
	}
	f := onto(&g.quad, cols, rows)
	most := 0.0
	window := 0.9
	if wide {
		window = 0.5
	}
	for side := range 4 {
		n := int(cols)
		if side&1 == 1 {
			n = int(rows)
		}
		r.edges(p, &f, side, cols, rows, window, &b.across[side])
		most = max(most, r.curve(r.sides[side], n, &b.across[side]))
	}
	regionRows, regionCols := g.size.regionRows+2, g.size.regionCols+2
	if g.mirrored {
		regionRows, regionCols = regionCols, regionRows
	}
	b.pitch = [2]float64{float64(regionRows), float64(regionCols)}
	lines := [2]int{int(rows) / regionRows, int(cols) / regionCols}
	b.lines = [2]int{1, 1}
	b.along[0][0], b.along[1][0] = [maxSide + 1]float32{}, [maxSide + 1]float32{}
	var next [2][6][maxSide + 1]float32
	for side := range 2 {
		n := int(cols)
		if side == 1 {
			n = int(rows)
		}
		for i := range lines[side] {
			d := float64(i) * b.pitch[side] // how deep the line lies
			if side == 1 {
				d = cols - float64(i+1)*b.pitch[side]
			}
			most = max(most, r.steps(p, func(s, depth float64) Point {
				u, v := sidePoint(side, s, d+depth, cols, rows)
				u, v = b.at(u, v, cols, rows)
				return f.at(u, v)
			}, n, side == 1, &next[side][i]))
		}
	}
	b.along, b.lines = next, lines
	return most
}

// arcs lays a parabola through the outermost edges of each side, makes their ends the corners and keeps the rest as bend.
func (r *refiner) arcs(p *view, g *guess, b *bend) {
	rows, cols := g.dims()
	f := onto(&g.quad, cols, rows)
	var arc [4][3]float64
	for side := range 4 {
		n := cols
		if side&1 == 1 {
			n = rows
		}
		r.outermost(p, &f, side, cols, rows)
		arc[side] = parabola(r.sides[side], n)
	}
	at := func(side int, s float64) float64 { return arc[side][0] + s*(arc[side][1]+s*arc[side][2]) }
	for side := range 4 {
		n := cols
		if side&1 == 1 {
			n = rows
		}
		for i := range int(n) + 1 {
			t := float64(i) / n
			b.across[side][i] = float32(at(side, float64(i)) - (1-t)*at(side, 0) - t*at(side, n))
		}
	}
	g.quad = quad{
		f.at(at(3, 0), at(0, 0)), f.at(cols-at(1, 0), at(0, cols)),
		f.at(cols-at(1, rows), rows-at(2, cols)), f.at(at(3, rows), rows-at(2, 0)),
	}
}

// outermost finds the first strong edge from outside within two and a half modules of a side.
func (r *refiner) outermost(p *view, f *homography, side int, cols, rows float64) {
	n := int(cols)
	if side&1 == 1 {
		n = int(rows)
	}
	out := r.sides[side][:0]
	const m, half = 24, 4
	var sum [2*m + 1]float64
	for k := range n {
		if !sideDark(side, k, n) {
			continue
		}
		for i := range 2 * m {
			u, v := sidePoint(side, float64(k)+0.5, (float64(i-m)+0.5)*profileStep, cols, rows)
			c := f.at(u, v)
			sum[i+1] = sum[i] + p.at(c.X, c.Y)
		}
		top := 0.0
		for i := half; i <= 2*m-half; i++ {
			top = max(top, 2*sum[i]-sum[i-half]-sum[i+half])
		}
		for i := half; i <= 2*m-half; i++ {
			c := 2*sum[i] - sum[i-half] - sum[i+half]
			if c > 0.6*top && (i == 2*m-half || c >= 2*sum[i+1]-sum[i+1-half]-sum[min(i+1+half, 2*m)]) {
				out = append(out, edge{float64(k) + 0.5, float64(i-m) * profileStep, 1})
				break
			}
		}
	}
	r.sides[side] = out
}

// parabola gives a, b, c of the parabola d = a + b·s + c·s² that most edges are near to, of those through three of them.
func parabola(e []edge, n float64) (best [3]float64) {
	score := 0.0
	k := len(e)
	for i := range k {
		for _, gap := range [...]int{k / 2, k / 3, 2 * k / 5} {
			if gap == 0 || i+2*gap >= k+gap/2 {
				continue
			}
			x, y, z := e[i], e[min(i+gap, k-1)], e[min(i+2*gap, k-1)]
			if y.s-x.s < 1 || z.s-y.s < 1 {
				continue
			}
			xy, yz := (y.d-x.d)/(y.s-x.s), (z.d-y.d)/(z.s-y.s)
			c := (yz - xy) / (z.s - x.s)
			if math.Abs(c)*n*n > 16 { // a sagitta of four modules
				continue
			}
			b := xy - c*(x.s+y.s)
			a := x.d - x.s*(b+c*x.s)
			sum := 0.0
			for _, q := range e {
				if t := (q.d - a - q.s*(b+c*q.s)) / 0.4; t*t < 1 {
					sum += 1 - t*t
				}
			}
			if sum > score {
				score, best = sum, [3]float64{a, b, c}
			}
		}
	}
	return best
}

const (
	slack   = 20                // how far a step may lie off, in profile steps: 2.5 modules
	margin  = 6                 // of the profile beyond the ends
	profile = 8 * (maxSide + 2) // longest profile
)

// steps follows the steps between the n dashes, the first one light if odd, of a timing pattern whose places at gives for
// the way along it and the depth: the way through the profile that has
// the strongest edges of the right sense, no two of them much nearer or further than a module (dynamic programming). So a
// label that was printed unevenly is followed even where it is off by more than a module.
func (r *refiner) steps(p *view, at func(s, depth float64) Point, n int, odd bool, out *[maxSide + 1]float32) float64 {
	clear(out[:])
	const half = 3
	length := 8*n + 2*margin
	sum := r.profile[:length+1]
	clear(sum)
	for _, depth := range [...]float64{0.3, 0.5, 0.7} {
		for i := range length {
			c := at((float64(i-margin)+0.5)*profileStep, depth)
			sum[i+1] += p.at(c.X, c.Y)
		}
	}
	for i := range length {
		sum[i+1] += sum[i]
	}
	strength := func(i int) float64 { // of the edge from dark to light at profile step i
		i += margin
		if i < half || i > length-half {
			return 0
		}
		return sum[i+half] + sum[i-half] - 2*sum[i]
	}
	top := 1.0
	for i := range 8*n + 1 {
		top = max(top, math.Abs(strength(i)))
	}
	// best[k][j] is the best sum over the steps up to k, with step k at 8k + j - slack.
	const width = 2*slack + 1
	var best [width]float64
	for j := range best {
		best[j] = math.Inf(-1)
	}
	for j := slack - 3; j <= slack+3; j++ {
		best[j] = 0
	}
	for k := 1; k <= n; k++ {
		sign := 1 / top
		if (k-1)%2 == 1 != odd { // light before, dark behind
			sign = -sign
		}
		var next [width]float64
		for j := range next {
			next[j] = math.Inf(-1)
			at := 8*k + j - slack
			if at < 1 || at > 8*n+3 || k == n && at < 8*n-3 {
				continue
			}
			gain := 0.0
			if k < n {
				gain = sign * strength(at)
			}
			for dx := 4; dx <= 13; dx++ {
				i := j + 8 - dx
				if i < 0 || i >= width {
					continue
				}
				d := float64(dx-8) * profileStep
				if v := best[i] + gain - 1.2*d*d; v > next[j] {
					next[j] = v
					r.from[k][j] = int8(i)
				}
			}
		}
		best = next
	}
	j := slack
	for i := range best {
		if best[i] > best[j] {
			j = i
		}
	}
	if math.IsInf(best[j], -1) {
		return 0
	}
	most := 0.0
	for k := n; k > 0; k-- {
		d := float64(j-slack) * profileStep
		out[k] = float32(d)
		most = max(most, math.Abs(d))
		j = int(r.from[k][j])
	}
	out[0] = float32(float64(j-slack) * profileStep)
	// The edges are known to an eighth of a module: a little smoothing.
	prev := out[0]
	for k := 1; k < n; k++ {
		prev, out[k] = out[k], (prev+2*out[k]+out[k+1])/4
	}
	return most
}

// curve fits a cubic to the edges of a side of n modules, then follows what remains by local means.
func (r *refiner) curve(e []edge, n int, out *[maxSide + 1]float32) float64 {
	clear(out[:])
	if len(e) < 6 {
		return 0
	}
	mean := 0.0
	for _, x := range e {
		mean += x.weight / float64(len(e))
	}
	basis := func(s float64) [2]float64 { // bumps that vanish at the ends
		t := s / float64(n)
		w := t * (1 - t)
		return [2]float64{w, w * (2*t - 1)}
	}
	var k [2]float64
	eval := func(s float64) float64 {
		b := basis(s)
		return k[0]*b[0] + k[1]*b[1]
	}
	for _, scale := range [...]float64{1.2, 0.6, 0.4, 0.3, 0.3} {
		var aa, ab, bb, ad, bd float64
		for _, x := range e {
			t := (x.d - eval(x.s)) / scale
			if t = t * t; t >= 1 {
				continue
			}
			w := min(x.weight/mean, 1) * (1 - t)
			b := basis(x.s)
			aa += w * b[0] * b[0]
			ab += w * b[0] * b[1]
			bb += w * b[1] * b[1]
			ad += w * b[0] * x.d
			bd += w * b[1] * x.d
		}
		if det := aa*bb - ab*ab; det > 1e-9 {
			k = [2]float64{(ad*bb - bd*ab) / det, (bd*aa - ad*ab) / det}
		}
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
