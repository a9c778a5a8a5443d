package datamatrix

import (
	"math"
	"slices"
)

// Refinement on gray: with size and orientation known it is known where along each side the border is dark outside in. The
// edge is sought across the side at each of these places, a line is laid through the edges that agree, and the lines meet in
// better corners. Each round looks less far. What remains as deviation from the lines is the bend of the surface.

// An edge is a place on a side, in modules: s along the side, d across it (positive is inside), with its contrast.
type edge struct{ s, d, weight float64 }

// A refiner keeps the edges of the four sides: top, right, bottom, left.
type refiner struct {
	few      bool // edges of a solid side are enough: every other one
	sides    [4][]edge
	order    []float64
	straight [maxSide + 1]float32 // the path of a side that is not bent: zeros
	profile  [profile]float64
	from     [maxSide + 1][2*slack + 1]int8
}

// sidePoint gives symbol coordinates for a place on a side. Top and bottom run to the right, left and right down.
func sidePoint(side int, s, d, cols, rows float64) (u, v float64) {
	switch side {
	case 0:
		return s, d
	case 1:
		return cols - d, s
	case 2:
		return s, rows - d
	}
	return d, s
}

// sideDark says whether module k of a side is dark.
func sideDark(side, k, n int) bool {
	switch side {
	case 0:
		return k%2 == 0
	case 1:
		return k%2 == 1
	}
	return true
}

// snap moves the sides of a quad of unknown size to the edges near them, within a twentieth of the sides across or eight
// pixels if that is less.
func (r *refiner) snap(p *view, q *quad) bool {
	parts := func(a, b float64) float64 { return min(max(math.Floor((a+b)/16), 20), 24) }
	cols := parts(q[0].dist(q[1]), q[3].dist(q[2]))
	rows := parts(q[0].dist(q[3]), q[1].dist(q[2]))
	f := onto(q, cols, rows)
	next, _, ok := r.round(p, &f, cols, rows, 1, true)
	if !ok || !next.convex() {
		return false
	}
	*q = next
	return true
}

// refine improves the corners of g. It returns how well the sides agree with their lines, 0 to 1.
func (r *refiner) refine(p *view, g *guess, windows []float64) float64 {
	quality := 0.0
	rows, cols := g.dims()
	for _, window := range windows {
		f := onto(&g.quad, cols, rows)
		next, share, ok := r.round(p, &f, cols, rows, window, false)
		if !ok || !next.convex() {
			return 0
		}
		g.quad, quality = next, share
	}
	return quality
}

// round finds the edges of all sides, of the dark modules or all along, and the corners where their lines meet.
func (r *refiner) round(p *view, f *homography, cols, rows, window float64, whole bool) (next quad, quality float64, ok bool) {
	var line [4][2]float64 // d = a + b·s
	quality = 1
	path := &r.straight
	if whole {
		path = nil
	}
	for side := range 4 {
		r.edges(p, f, side, cols, rows, window, path)
		a, b, share := r.fit(side, 0.22+window/6)
		line[side] = [2]float64{a, b}
		quality = min(quality, share)
	}
	if quality == 0 {
		return next, 0, false
	}
	for i, c := range [4][2]int{{0, 3}, {0, 1}, {2, 1}, {2, 3}} { // corner i is where these sides meet
		h, v := c[0], c[1]
		at := func(side int, s float64) Point {
			u, w := sidePoint(side, s, line[side][0]+line[side][1]*s, cols, rows)
			return Point{u, w}
		}
		m, ok := meet(at(h, 0), at(h, cols), at(v, 0), at(v, rows))
		if !ok {
			return next, 0, false
		}
		next[i] = f.at(m.X, m.Y)
	}
	return next, quality, true
}

// dims gives rows and columns as they lie in the picture.
func (g *guess) dims() (rows, cols float64) {
	if g.mirrored {
		return float64(g.size.cols), float64(g.size.rows)
	}
	return float64(g.size.rows), float64(g.size.cols)
}

const profileStep = 0.125 // modules

// edges finds the edges of one side within window modules of where it is thought to be: on the path, at dark modules only,
// or anywhere along the side if path is nil.
func (r *refiner) edges(p *view, f *homography, side int, cols, rows, window float64, path *[maxSide + 1]float32) {
	n := int(cols)
	whole := path == nil
	if whole {
		path = &r.straight
	}
	if side&1 == 1 {
		n = int(rows)
	}
	out := r.sides[side][:0]
	every := 1
	if n > 52 || r.few && !whole && side > 1 && n > 18 {
		every = 2
	}
	offsets := []float64{-0.22, 0.22}
	if whole {
		offsets = []float64{0}
	}
	const half = 5 // steps on each side of the edge that are compared
	m := int(window/profileStep) + half
	var buf [2*32 + 2]int32
	for k := 0; k < n; k++ {
		if !whole && !sideDark(side, k, n) || every > 1 && (k/2)%every != 0 {
			continue
		}
		s := float64(k) + 0.5
		base := value(path, s)
		reach := float64(m) * profileStep
		sum := buf[:2*m+1] // sums from outside in
		clear(sum)
		for _, off := range offsets {
			u, v := sidePoint(side, s+off, base-reach, cols, rows)
			a := f.at(u, v)
			u, v = sidePoint(side, s+off, base+reach, cols, rows)
			p.profile(a, f.at(u, v), sum[1:])
		}
		for i := 1; i < len(sum); i++ {
			sum[i] += sum[i-1]
		}
		best, at := int32(0), -1
		for i := half; i <= 2*m-half; i++ {
			if c := 2*sum[i] - sum[i-half] - sum[i+half]; c > best {
				best, at = c, i
			}
		}
		if at < 0 {
			continue
		}
		d := 0.0
		if at > half && at < 2*m-half { // the summit of the parabola
			c := func(i int) float64 { return float64(2*sum[i] - sum[i-half] - sum[i+half]) }
			l, rr := c(at-1), c(at+1)
			if den := l - 2*float64(best) + rr; den < 0 {
				d = 0.5 * (l - rr) / den
			}
		}
		out = append(out, edge{s, base + (float64(at-m)+d)*profileStep, float64(best) / (512 * half)})
	}
	r.sides[side] = out
}

// fit lays a line through the edges of a side: of the lines through two of them the one that most others are near to
// (weighted by contrast), then least squares over those. share is the weight that agrees.
func (r *refiner) fit(side int, near float64) (a, b, share float64) {
	e := r.sides[side]
	if len(e) < 3 {
		return 0, 0, 0
	}
	// The contrast counts up to its median.
	r.order = r.order[:0]
	for _, x := range e {
		r.order = append(r.order, x.weight)
	}
	slices.Sort(r.order)
	capW := r.order[len(r.order)/2]
	if capW <= 0 {
		return 0, 0, 0
	}
	total := 0.0
	for i := range e {
		e[i].weight = min(e[i].weight, capW) / capW
		total += e[i].weight
	}
	best := -1.0
	n := len(e)
	try := func(i, j int) {
		ds := e[j].s - e[i].s
		if ds < 2 {
			return
		}
		bb := (e[j].d - e[i].d) / ds
		aa := e[i].d - bb*e[i].s
		if math.Abs(bb) > 0.25 {
			return
		}
		sum := 0.0
		for _, x := range e {
			t := (x.d - aa - bb*x.s) / near
			if t = t * t; t < 1 {
				sum += x.weight * (1 - t)
			}
		}
		if sum > best {
			best, a, b = sum, aa, bb
		}
	}
	for i := 0; i < n && best < 0.9*total; i++ { // until nearly all agree
		try(i, (i+n/2)%n)
		try(i, (i+n/3)%n)
		if n < 16 {
			for j := i + 1; j < n; j++ {
				try(i, j)
			}
		}
	}
	for range 2 {
		var w, sw, sd, ss, sdd float64
		for _, x := range e {
			t := (x.d - a - b*x.s) / near
			if t = t * t; t < 1 {
				k := x.weight * (1 - t)
				w += k
				sw += k * x.s
				sd += k * x.d
				ss += k * x.s * x.s
				sdd += k * x.s * x.d
			}
		}
		den := w*ss - sw*sw
		if den <= 1e-9 {
			break
		}
		b = (w*sdd - sw*sd) / den
		a = (sd - b*sw) / w
		share = w / total
	}
	return a, b, share
}
