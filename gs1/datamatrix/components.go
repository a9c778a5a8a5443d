package datamatrix

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// Proposals from connected components. The bilevel picture is reduced by 2, 4 or 8 with OR, which closes gaps of that
// size: nicks in the finder pattern, dots that do not touch. A component of the reduced picture that fills its convex hull
// well is a candidate; its quad is the hull with all but four sides taken away. The hull is that of the pixels, not of the
// cells, so that reducing costs no accuracy.

// reduce ORs blocks of 2 by 2.
func (b *bilevel) reduce(out *bilevel) {
	out.w, out.h = (b.w+1)/2, (b.h+1)/2
	out.pix = grow(out.pix, out.w*out.h)
	for y := range out.h {
		r0 := b.pix[2*y*b.w:][:b.w]
		r1 := r0
		if 2*y+1 < b.h {
			r1 = b.pix[(2*y+1)*b.w:][:b.w]
		}
		dst := out.pix[y*out.w:][:out.w]
		x := 0
		for ; 2*x+8 <= b.w; x += 4 { // eight pixels at a time
			v := binary.LittleEndian.Uint64(r0[2*x:]) | binary.LittleEndian.Uint64(r1[2*x:])
			v = (v | v>>8) & lowBits
			v |= v >> 8
			binary.LittleEndian.PutUint32(dst[x:], uint32(v&0xffff|v>>16&0xffff0000))
		}
		for ; 2*x < b.w; x++ {
			k := min(2*x+1, b.w-1)
			dst[x] = r0[2*x] | r0[k] | r1[2*x] | r1[k]
		}
	}
}

// prune keeps the cells with at least five set neighbours of eight: scratches and ties to what is beside the symbol go, and
// corners, which the sides bring back.
func (b *bilevel) prune(out *bilevel) {
	out.w, out.h = b.w, b.h
	out.pix = grow(out.pix, b.w*b.h)
	clear(out.pix)
	for y := 1; y < b.h-1; y++ {
		up, row, down := b.pix[(y-1)*b.w:][:b.w], b.pix[y*b.w:][:b.w], b.pix[(y+1)*b.w:][:b.w]
		for x := 1; x < b.w-1; x++ {
			n := up[x-1] + up[x] + up[x+1] + row[x-1] + row[x+1] + down[x-1] + down[x] + down[x+1]
			if n >= 5 {
				out.pix[y*b.w+x] = row[x]
			}
		}
	}
}

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

// steps gives where a row changes between unset and set: where a run begins, where it ends, and so on.
func (l *labeller) steps(row []byte) []int32 {
	l.ends = grow(l.ends, len(row)+2)
	n, x := 0, 0
	before := uint64(0) // whether the cell before x is set
	for ; x+8 <= len(row); x += 8 {
		v := binary.LittleEndian.Uint64(row[x:])
		for t := v ^ (v<<8 | before); t != 0; t &= t - 1 {
			l.ends[n] = int32(x + bits.TrailingZeros64(t)>>3)
			n++
		}
		before = v >> 56
	}
	for ; x < len(row); x++ {
		if uint64(row[x]) != before {
			l.ends[n] = int32(x)
			n++
		}
		before = uint64(row[x])
	}
	if before != 0 {
		l.ends[n] = int32(x)
		n++
	}
	return l.ends[:n]
}

// find collects the runs of b, joins those that touch and sorts them by component.
func (l *labeller) find(b *bilevel) {
	runs := l.runs[:0]
	root := func(i int32) int32 {
		for runs[i].parent != i {
			runs[i].parent = runs[runs[i].parent].parent
			i = runs[i].parent
		}
		return i
	}
	prev := 0 // first run of the row above
	for y := range b.h {
		start := len(runs)
		up := prev
		ends := l.steps(b.pix[y*b.w:][:b.w])
		for len(ends) > 1 {
			x0, x1 := ends[0], ends[1]
			ends = ends[2:]
			i := int32(len(runs))
			parent := i
			for up < start && runs[up].x1 < x0 {
				up++
			}
			for k := up; k < start && runs[k].x0 <= x1; k++ {
				a := root(int32(k))
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
			row := fine.pix[fy*fine.w:][:fine.w]
			a := int(x0) << shift
			for x := a; x < min(a+cell, fine.w); x++ {
				if row[x] != 0 {
					l.left = append(l.left, Point{float64(x), float64(fy)}, Point{float64(x), float64(fy + 1)})
					break
				}
			}
			b := min(int(x1)<<shift, fine.w)
			for x := b - 1; x >= max(b-cell, 0); x-- {
				if row[x] != 0 {
					l.right = append(l.right, Point{float64(x + 1), float64(fy)}, Point{float64(x + 1), float64(fy + 1)})
					break
				}
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
