package datamatrix

import "math"

// A view is a plane drawn anew at another scale, perhaps turned by 45 degrees.
type view struct {
	plane
	cos, sin, ox, oy float64 // source = (ox, oy) + (cos·x - sin·y, sin·x + cos·y)
}

// look makes a view of p with bilinear samples (area means when shrinking).
func (p *plane) look(scale float64, turn bool) view {
	w, h := int(float64(p.w)*scale), int(float64(p.h)*scale)
	v := view{cos: 1 / scale}
	if turn {
		side := int(float64(w+h) * math.Sqrt2 / 2)
		v.cos, v.sin = math.Sqrt2/2/scale, math.Sqrt2/2/scale
		half := float64(side) / 2
		v.ox = float64(p.w)/2 - v.cos*half + v.sin*half
		v.oy = float64(p.h)/2 - v.sin*half - v.cos*half
		w, h = side, side
	}
	v.plane = plane{make([]byte, w*h), w, w, h}
	n := max(1, int(math.Ceil(1/scale))) // samples per side of a pixel
	for y := range h {
		for x, dst := 0, v.row(y); x < w; x++ {
			sum := 0.0
			for j := range n {
				for i := range n {
					o := v.origin(Point{float64(x) + (float64(i)+0.5)/float64(n), float64(y) + (float64(j)+0.5)/float64(n)})
					sum += p.at(o.X, o.Y)
				}
			}
			dst[x] = byte(sum / float64(n*n))
		}
	}
	return v
}

// origin gives the place in the source of a place in the view.
func (v *view) origin(c Point) Point {
	return Point{v.ox + v.cos*c.X - v.sin*c.Y, v.oy + v.sin*c.X + v.cos*c.Y}
}

// at is the brightness at a place, bilinear between pixel centres, 255 outside.
func (p *plane) at(x, y float64) float64 {
	if x < 0 || y < 0 || x >= float64(p.w) || y >= float64(p.h) {
		return 255
	}
	x, y = max(x-0.5, 0), max(y-0.5, 0)
	i, j := min(int(x), p.w-1), min(int(y), p.h-1)
	fx, fy := x-float64(i), y-float64(j)
	k, l := min(i+1, p.w-1), min(j+1, p.h-1)
	a, b := p.pix[j*p.stride:], p.pix[l*p.stride:]
	top := float64(a[i])*(1-fx) + float64(a[k])*fx
	bottom := float64(b[i])*(1-fx) + float64(b[k])*fx
	return top*(1-fy) + bottom*fy
}
