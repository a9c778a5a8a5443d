package datamatrix

import "math"

func (a Point) sub(b Point) Point     { return Point{a.X - b.X, a.Y - b.Y} }
func (a Point) add(b Point) Point     { return Point{a.X + b.X, a.Y + b.Y} }
func (a Point) mul(f float64) Point   { return Point{a.X * f, a.Y * f} }
func (a Point) cross(b Point) float64 { return a.X*b.Y - a.Y*b.X }
func (a Point) dot(b Point) float64   { return a.X*b.X + a.Y*b.Y }
func (a Point) norm() float64         { return math.Sqrt(a.X*a.X + a.Y*a.Y) }
func (a Point) dist(b Point) float64  { return a.sub(b).norm() }
func meet(a, b, c, d Point) (p Point, ok bool) { // of the lines ab and cd
	u, v := b.sub(a), d.sub(c)
	den := u.cross(v)
	if math.Abs(den) < 1e-9*(1+u.norm()*v.norm()) {
		return p, false
	}
	return a.add(u.mul(c.sub(a).cross(v) / den)), true
}

// A quad is four corners, clockwise as the picture is seen (y grows downward).
type quad [4]Point

// turned gives the quad starting at another corner.
func (q quad) turned(n int) quad { return quad{q[n&3], q[(n+1)&3], q[(n+2)&3], q[(n+3)&3]} }

// area is positive for a quad that runs clockwise.
func (q *quad) area() float64 {
	return (q[2].sub(q[0]).cross(q[3].sub(q[1]))) / 2
}

func (q *quad) center() Point {
	return q[0].add(q[1]).add(q[2]).add(q[3]).mul(0.25)
}

// convex says whether every corner turns to the right, by an angle between about 20 and 160 degrees.
func (q *quad) convex() bool {
	for i := range q {
		a, b := q[(i+1)&3].sub(q[i]), q[(i+2)&3].sub(q[(i+1)&3])
		if a.cross(b) < 0.34*a.norm()*b.norm() {
			return false
		}
	}
	return true
}

// contains says whether p lies in the quad.
func (q *quad) contains(p Point) bool {
	for i := range q {
		if q[(i+1)&3].sub(q[i]).cross(p.sub(q[i])) < 0 {
			return false
		}
	}
	return true
}

// tolerance is how far off the corners of a quad may be that is as good as q: a pixel or two.
func (q *quad) tolerance() float64 {
	return 0.7 + 0.004*(math.Abs(q[0].X-q[2].X)+math.Abs(q[0].Y-q[2].Y))
}

// near says whether all corners of p are within the tolerance of q, in the same order or turned.
func (q *quad) near(p *quad) bool {
	limit := q.tolerance()
	for t := range 4 {
		same := true
		for i := range 4 {
			a, b := q[i], p[(i+t)&3]
			if math.Abs(a.X-b.X) > limit || math.Abs(a.Y-b.Y) > limit {
				same = false
				break
			}
		}
		if same {
			return true
		}
	}
	return false
}

// A homography maps (u, v) to ((a·u+b·v+c)/(g·u+h·v+1), (d·u+e·v+f)/(g·u+h·v+1)).
type homography struct{ a, b, c, d, e, f, g, h float64 }

// onto maps the rectangle from (0, 0) to (w, h) onto q (Heckbert, Fundamentals of Texture Mapping, 1989, 2.2.3).
func onto(q *quad, w, h float64) homography {
	s := q[0].sub(q[1]).add(q[2]).sub(q[3])
	m := homography{c: q[0].X, f: q[0].Y}
	if math.Abs(s.X)+math.Abs(s.Y) > 1e-9 {
		d1, d2 := q[1].sub(q[2]), q[3].sub(q[2])
		if den := d1.cross(d2); den != 0 {
			m.g = s.cross(d2) / den
			m.h = d1.cross(s) / den
		}
	}
	m.a = (q[1].X - q[0].X + m.g*q[1].X) / w
	m.d = (q[1].Y - q[0].Y + m.g*q[1].Y) / w
	m.b = (q[3].X - q[0].X + m.h*q[3].X) / h
	m.e = (q[3].Y - q[0].Y + m.h*q[3].Y) / h
	m.g /= w
	m.h /= h
	return m
}

func (m *homography) at(u, v float64) Point {
	z := 1 / (m.g*u + m.h*v + 1)
	return Point{(m.a*u + m.b*v + m.c) * z, (m.d*u + m.e*v + m.f) * z}
}
