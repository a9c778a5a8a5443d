package datamatrix

import (
	"cmp"
	"slices"
)

// The order of search. Quick and likely first: every proposal of a look gets a quick reading, then the most promising ones
// a thorough one; other looks follow only if nothing has been found.

// A candidate is a proposal that awaits a thorough reading.
type candidate struct {
	quad    quad
	light   bool
	promise float64
}

// enough says whether another look is not worth it.
func (r *Reader) enough() bool { return r.done() || r.Symbols == 0 && len(r.found) > 0 }

// Sizes of pictures, in pixels.
const (
	reducedFrom = 250_000   // from here on proposals are sought on a smaller picture first
	largeFrom   = 1_500_000 // from here on only the plain looks are taken
	hugeFrom    = 4_000_000 // from here on proposals are sought on the smaller pictures only
)

// search takes two rounds over the looks: quick readings and a few thorough ones in all of them, then, if nothing has been
// found, many thorough ones. Huge pictures have the first round only. A look that shows a symbol gets its thorough readings at once, for there may be others beside it.
func (r *Reader) search(p *plane) {
	for _, r.thorough = range [...]bool{false, true} {
		r.looks(p)
		if r.enough() || p.w*p.h >= hugeFrom {
			return
		}
	}
}

func (r *Reader) looks(p *plane) {
	full := view{plane: *p, zoom: 1}
	n := p.w * p.h
	if n >= largeFrom {
		q := p.quarter(r.half[1])
		r.half[1] = q.pix
		r.look(&q, &full, 4, false, 0, 1, 2)
		if r.enough() {
			return
		}
	}
	var h plane
	if n >= reducedFrom {
		h = p.half(r.half[0])
		r.half[0] = h.pix
		r.look(&h, &full, 2, false, 0, 1, 2)
		if r.enough() {
			return
		}
	}
	if n < hugeFrom {
		r.look(p, &full, 1, false, 1, 2, 3, 0)
	}
	if r.enough() || n >= largeFrom {
		return
	}
	r.look(p, &full, 1, true, 1, 2, 0)
	if r.enough() {
		return
	}
	// Noise: half the size, for the reading too.
	if h.pix == nil {
		h = p.half(r.half[0])
		r.half[0] = h.pix
	}
	r.look(&h, &view{plane: h, zoom: 2}, 1, false, 1, 2, 0)
	if r.enough() {
		return
	}
	for i, base := range [...]*plane{&h, p} {
		f, ok := base.flatten(r.extra[0])
		r.extra[0] = f.pix
		if !ok {
			continue
		}
		r.look(&f, &view{plane: f, zoom: float64(2 - i)}, 1, false, 1, 2, 0)
		if r.enough() {
			return
		}
	}
	// Dots and thin print, then spread ink, by one pixel and by two.
	for _, light := range [...]bool{false, true} {
		e := *p
		for i := range 2 {
			e = e.extreme(light, r.extra[i])
			r.extra[i] = e.pix
			r.look(&e, &view{plane: e, zoom: 1}, 1, false, 1, 2, 3)
			if r.enough() {
				return
			}
		}
	}
	m := p.median(r.extra[0])
	r.extra[0] = m.pix
	r.look(&m, &view{plane: m, zoom: 1}, 1, false, 1, 2, 3)
	if r.enough() {
		return
	}
	q := h.half(r.half[1])
	r.half[1] = q.pix
	r.look(&q, &view{plane: q, zoom: 4}, 1, false, 1, 0)
}

// look proposes quads on p, with gaps closed by 1<<shift for each of the shifts, and reads them in v, whose sides are scale
// times longer.
func (r *Reader) look(p *plane, v *view, scale float64, low bool, shifts ...int) {
	if p.w < 8 || p.h < 8 || r.done() {
		return
	}
	r.scale = scale
	r.queue = r.queue[:0]
	r.thr.low = low
	r.thr.measure(p)
	r.thr.spread(2)
	var reduced [2]int
	for i, shift := range shifts {
		for k, light := range [...]bool{false, true} {
			bi := &r.bi[k]
			if i == 0 {
				r.tried[k] = r.tried[k][:0]
				r.thr.mark(p, light, &bi[0])
			}
			v.polarity(light)
			for ; reduced[k] < shift; reduced[k]++ {
				bi[reduced[k]].reduce(&bi[reduced[k]+1])
			}
			r.blobs(v, k, shift)
			if r.done() {
				return
			}
		}
	}
	most := firstThorough
	switch {
	case r.thorough || len(r.found) > 0:
		most = maxThorough
	case v.w*v.h >= hugeFrom: // there is no second round
		most = hugeThorough
	}
	slices.SortStableFunc(r.queue, func(a, b candidate) int { return cmp.Compare(b.promise, a.promise) })
	for i := range r.queue {
		c := &r.queue[i]
		v.polarity(c.light)
		if i >= most || r.done() {
			return
		}
		if r.taken(&c.quad, v.zoom) {
			continue
		}
		for _, g := range r.sur.guesses(v, &c.quad, false) {
			if r.read(v, g, false) {
				break
			}
		}
	}
}

// Bounds of the thorough readings of one look, in the first round and the second, and in huge pictures.
const (
	firstThorough = 3
	hugeThorough  = 12
	maxThorough   = 60
)

// blobs proposes the hulls of the components of one polarity at one shift.
func (r *Reader) blobs(v *view, polarity, shift int) {
	b := &r.bi[polarity][shift]
	r.lab.find(b)
	for i := range r.lab.blobs {
		c := &r.lab.blobs[i]
		w, h := int(c.x1-c.x0)<<shift, int(c.y1-c.y0)<<shift
		if w < 8 || h < 8 || w+h < 20 || int(c.area)*14 < int(c.x1-c.x0)*int(c.y1-c.y0) {
			continue
		}
		hull := r.lab.outline(c, &r.bi[polarity][0], shift)
		area := polygonArea(hull)
		if float64(int(c.area)<<(2*shift)) < 0.3*area {
			continue // a frame or a line of text
		}
		tri, triArea := largestTriangle(hull)
		if q, ok := fourSides(hull); ok && q.convex() && q.area() < 1.5*area {
			r.propose(v, polarity, q)
		}
		if triArea >= 0.62*area && !r.done() {
			r.propose(v, polarity, tri)
		}
		if r.done() {
			return
		}
	}
}

// propose gives a quad a quick reading and keeps it for a thorough one.
func (r *Reader) propose(v *view, polarity int, q quad) {
	for i := range r.tried[polarity] {
		if r.tried[polarity][i].near(&q) {
			return
		}
	}
	r.tried[polarity] = append(r.tried[polarity], q)
	for i := range q {
		q[i] = q[i].mul(r.scale)
	}
	if r.taken(&q, v.zoom) {
		return
	}
	promise := r.sur.promise(v, &q)
	if promise < 0.3 {
		return
	}
	if promise > 0.7 {
		snapped := q
		if r.ref.snap(v, &snapped) {
			if !snapped.near(&q) {
				r.queue = append(r.queue, candidate{q, v.flip != 0, promise - 0.5})
			}
			q = snapped
		}
		for _, g := range r.sur.guesses(v, &q, true) {
			if r.read(v, g, true) {
				return
			}
		}
		promise += r.sur.best
	}
	r.queue = append(r.queue, candidate{q, v.flip != 0, promise})
}

// taken says whether a symbol has been read at the quad's place.
func (r *Reader) taken(q *quad, zoom float64) bool {
	for i := range r.found {
		f := quad(r.found[i].Corners)
		if f.area() < 0 {
			f[1], f[3] = f[3], f[1]
		}
		if f.contains(q.center().mul(zoom)) {
			return true
		}
	}
	return false
}
