package datamatrix

import (
	"math"
	"math/bits"
)

// Proposals from connected components. The bilevel picture is reduced by 2, 4 or 8 with OR, which closes gaps of that
// size: nicks in the finder pattern, dots that do not touch. A component of the reduced picture that fills its convex hull
// well is a candidate; its quad is the hull with all but four sides taken away. The hull is that of the pixels, not of the
// cells, so that reducing costs no accuracy.

// A run is a horizontal run of set cells.
type run struct {
	y, x0, x1 int32 // x1 is behind the last
	parent    int32
}

// A blob is a connected component.
type blob struct {
	first, n       int32 // in labeller.sorted
	x0, y0, x1, y1 int32
	area           int32
}

// A labeller finds connected components (8-neighbourhood) by runs and union-find.
type labeller struct {
	runs        []run
	label       []int32
	sorted      []int32 // run numbers by blob
	blobs       []blob
	hull        []Point
	left, right []Point // ends of the lines
	ends        []int32 // of the runs of a line
}

// root gives the first run of those that run i has been joined to, and halves the way to it.
func root(runs []run, i int32) int32 {
	for runs[i].parent != i {
		runs[i].parent = runs[runs[i].parent].parent
		i = runs[i].parent
	}
	return i
}

// find collects the runs of b, joins those that touch and sorts them by component.
func (l *labeller) find(b *bilevel) {
	runs := l.runs[:0]
	prev := 0 // first run of the row above
	for y := range b.h {
		start := len(runs)
		up := prev
		l.ends = b.steps(y, l.ends[:0])
		for ends := l.ends; len(ends) > 1; ends = ends[2:] {
			x0, x1 := ends[0], ends[1]
			i := int32(len(runs))
			parent := i
			for up < start && runs[up].x1 < x0 {
				up++
			}
			for k := up; k < start && runs[k].x0 <= x1; k++ {
				a := root(runs, int32(k))
				switch {
				case a < parent:
					if parent != i {
						runs[parent].parent = a
					}
					parent = a
				case a > parent:
					runs[a].parent = parent
				}
			}
			runs = append(runs, run{int32(y), x0, x1, parent})
		}
		prev = start
	}
	l.runs = runs
	// Collect the runs of each blob. A parent comes before its children.
	l.label = grow(l.label, len(runs))
	blobs := l.blobs[:0]
	for i := range runs {
		r := &runs[i]
		if r.parent == int32(i) {
			l.label[i] = int32(len(blobs))
			blobs = append(blobs, blob{x0: r.x0, x1: r.x1, y0: r.y, y1: r.y + 1})
		} else {
			l.label[i] = l.label[r.parent]
		}
		c := &blobs[l.label[i]]
		c.n++
		c.area += r.x1 - r.x0
		c.x0, c.x1 = min(c.x0, r.x0), max(c.x1, r.x1)
		c.y1 = r.y + 1
	}
	l.blobs = blobs
	at := int32(0)
	for i := range blobs {
		blobs[i].first = at
		at += blobs[i].n
		blobs[i].n = 0
	}
	l.sorted = grow(l.sorted, len(runs))
	for i, k := range l.label {
		c := &blobs[k]
		l.sorted[c.first+c.n] = int32(i)
		c.n++
	}
}

// outline gives the convex hull of the pixels under blob c, clockwise. The blob is of cells of 1<<shift pixels. Only the
// first and the last pixel of each line can be on the hull.
func (l *labeller) outline(c *blob, fine *bilevel, shift int) []Point {
	l.left, l.right = l.left[:0], l.right[:0]
	runs := l.sorted[c.first : c.first+c.n]
	cell := 1 << shift
	for i := 0; i < len(runs); {
		y := l.runs[runs[i]].y
		x0, x1 := l.runs[runs[i]].x0, l.runs[runs[i]].x1
		for i++; i < len(runs) && l.runs[runs[i]].y == y; i++ {
			x0, x1 = min(x0, l.runs[runs[i]].x0), max(x1, l.runs[runs[i]].x1)
		}
		if shift == 0 {
			l.left = append(l.left, Point{float64(x0), float64(y)}, Point{float64(x0), float64(y + 1)})
			l.right = append(l.right, Point{float64(x1), float64(y)}, Point{float64(x1), float64(y + 1)})
			continue
		}
		for fy := int(y) << shift; fy < min((int(y)+1)<<shift, fine.h); fy++ {
			a, b := int(x0)<<shift, int(x1-1)<<shift
			if v := fine.cell(a, fy, cell); v != 0 {
				x := float64(a + bits.TrailingZeros64(v))
				l.left = append(l.left, Point{x, float64(fy)}, Point{x, float64(fy + 1)})
			}
			if v := fine.cell(b, fy, cell); v != 0 {
				x := float64(b + bits.Len64(v))
				l.right = append(l.right, Point{x, float64(fy)}, Point{x, float64(fy + 1)})
			}
		}
	}
	l.hull = convexHull(l.left, l.right, l.hull[:0])
	return l.hull
}

// convexHull gives the hull of points that are the left and the right ends of lines from the top down: Andrew's monotone
// chain without sorting.
func convexHull(left, right, hull []Point) []Point {
	if len(left) == 0 || len(right) == 0 {
		return hull
	}
	base := 0
	add := func(p Point) {
		if len(hull) > base && hull[len(hull)-1] == p {
			return
		}
		for len(hull) >= base+2 && hull[len(hull)-1].sub(hull[len(hull)-2]).cross(p.sub(hull[len(hull)-1])) <= 0 {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, p)
	}
	add(left[0])
	for _, p := range right {
		add(p)
	}
	add(left[len(left)-1])
	base = len(hull) - 1
	for i := len(left) - 2; i >= 0; i-- {
		add(left[i])
	}
	if n := len(hull); n > 1 && hull[n-1] == hull[0] {
		hull = hull[:n-1]
	}
	return hull
}

// fourSides takes sides away from a convex polygon, each time the one whose neighbours, made longer, add the least area,
// until four are left. It destroys hull.
func fourSides(hull []Point) (q quad, ok bool) {
	for len(hull) > 4 {
		n := len(hull)
		best, bestArea := -1, math.Inf(1)
		var bestPoint Point
		for i := range n {
			a, b, c, d := hull[(i+n-1)%n], hull[i], hull[(i+1)%n], hull[(i+2)%n]
			p, ok := meet(a, b, c, d)
			if !ok || p.sub(b).dot(b.sub(a)) <= 0 { // the neighbours do not meet beyond this side
				continue
			}
			area := math.Abs(c.sub(b).cross(p.sub(b)))
			if area < bestArea {
				best, bestArea, bestPoint = i, area, p
			}
		}
		if best < 0 {
			return q, false
		}
		hull[best] = bestPoint
		if j := best + 1; j == n {
			hull = hull[1:]
		} else {
			hull = append(hull[:j], hull[j+1:]...)
		}
	}
	if len(hull) < 4 {
		return q, false
	}
	copy(q[:], hull)
	return q, true
}

func polygonArea(p []Point) float64 {
	sum := 0.0
	for i := range p {
		sum += p[i].cross(p[(i+1)%len(p)])
	}
	return sum / 2
}

// largestTriangle completes the largest triangle of hull corners to a parallelogram: the sides that meet in the finder's
// corner, when the two others are too ragged to be seen. area is the triangle's.
func largestTriangle(hull []Point) (q quad, area float64) {
	n := len(hull)
	if n > 40 {
		return q, 0
	}
	var t [3]Point
	for i := range n {
		for j := i + 1; j < n; j++ {
			for k := j + 1; k < n; k++ {
				if a := hull[j].sub(hull[i]).cross(hull[k].sub(hull[i])) / 2; a > area {
					area = a
					t = [3]Point{hull[i], hull[j], hull[k]}
				}
			}
		}
	}
	// The corner is opposite the longest side.
	c, longest := 0, 0.0
	for i := range t {
		if d := t[(i+1)%3].dist(t[(i+2)%3]); d > longest {
			c, longest = i, d
		}
	}
	corner, next, prev := t[c], t[(c+1)%3], t[(c+2)%3]
	return quad{corner, next, next.add(prev).sub(corner), prev}, area
}
