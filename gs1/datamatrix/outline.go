package datamatrix

import "math"

// Proposals of bowed symbols: on a bottle or a bent label the finder pattern is an arc, and no four straight sides lie along
// the symbol. Its corners still are corners of the hull, those of the largest quadrilateral in it, and between them the
// outline of the component is traced from outside, which gives each side its bow.

// bows are how far the middles of the sides of a quad lie inside the straight lines between its corners, as shares of the
// way across: of the top, the right, the bottom and the left.
type bows [4]float64

// at moves a place of the unit square to where it is on the bowed quad, opposite sides blended.
func (b *bows) at(u, v float64) (float64, float64) {
	s, t := 4*u*(1-u), 4*v*(1-v)
	return u + t*(b[3]*(1-u)-b[1]*u), v + s*(b[0]*(1-v)-b[2]*v)
}

// Bows that are worth following, in parts of the side across: less is within reach of straight sides, more is no label.
const (
	leastBow = 0.025
	mostBow  = 0.3
)

// bowed proposes the bowed quad of component c, whose cells are of 1<<shift pixels, if its sides are bowed.
func (s *prospector) bowed(l *look, c *blob, hull []Point, shift int) {
	q, ok := largestQuad(hull)
	if !ok || !q.convex() {
		return
	}
	b := &s.bi[shift]
	s.alone.size(b.w, b.h)
	clear(s.alone.bits)
	for _, i := range s.lab.sorted[c.first : c.first+c.n] {
		r := &s.lab.runs[i]
		s.alone.set(int(r.x0), int(r.x1), int(r.y))
	}
	bow, ok := s.trace(&q, shift)
	if !ok {
		return
	}
	n := len(s.found)
	s.propose(l, q)
	if len(s.found) > n {
		s.found[n].bows = bow
	}
}

// trace finds the bows of the sides of q by the outermost pixels of the component in s.alone. It says false if there are
// none.
func (s *prospector) trace(q *quad, shift int) (bow bows, ok bool) {
	const places, unit = 24, 0.05 // of the way across
	fine := &s.bi[0]
	most := 0.0
	for side := range q {
		from, to := q[side], q[(side+1)&3]
		inward := q[(side+2)&3].add(q[(side+3)&3]).sub(from).sub(to).mul(0.5)
		steps := int(mostBow*inward.norm()) + 1 // of a pixel or less
		s.edges = s.edges[:0]
		for i := 1; i < places; i++ {
			base := from.add(to.sub(from).mul(float64(i) / places))
			for k := -steps; k < steps; k++ {
				d := mostBow * float64(k) / float64(steps)
				c := base.add(inward.mul(d))
				x, y := int(math.Floor(c.X)), int(math.Floor(c.Y))
				if x >= 0 && y >= 0 && x < fine.w && y < fine.h && fine.has(x, y) && s.alone.has(x>>shift, y>>shift) {
					s.edges = append(s.edges, edge{float64(i), d / unit, 1})
					break
				}
			}
		}
		if len(s.edges) < places/2 {
			return bow, false
		}
		arc := parabola(s.edges, places)
		bow[side] = -arc[2] * places * places / 4 * unit
		most = max(most, math.Abs(bow[side]))
	}
	return bow, most > leastBow
}

// largestQuad gives the four corners of a convex polygon that span the largest area.
func largestQuad(hull []Point) (q quad, ok bool) {
	n := len(hull)
	if n < 4 || n > 64 {
		return q, false
	}
	best := 0.0
	for i := range n {
		for k := i + 2; k < n; k++ {
			d := hull[k].sub(hull[i])
			right, left, j, m := 0.0, 0.0, 0, 0
			for x := i + 1; x < k; x++ {
				if a := hull[x].sub(hull[i]).cross(d); a > right {
					right, j = a, x
				}
			}
			for x := k + 1; x < n+i; x++ {
				if a := d.cross(hull[x%n].sub(hull[i])); a > left {
					left, m = a, x%n
				}
			}
			if right > 0 && left > 0 && right+left > best {
				best, q = right+left, quad{hull[i], hull[j], hull[k], hull[m]}
			}
		}
	}
	return q, best > 0
}
