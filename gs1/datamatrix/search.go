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

// Sizes of pictures, in pixels.
const (
	reducedFrom = 250_000   // from here on proposals are sought on a smaller picture first
	largeFrom   = 1_500_000 // from here on only the plain looks are taken
	hugeFrom    = 4_000_000 // from here on proposals are sought on the smaller pictures only
)

// search takes two rounds over the looks: quick readings and a few thorough ones in all of them, then, if nothing has been
// found, many thorough ones. Huge pictures have the first round only.
func (r *Reader) search(p *plane) {
	for _, r.thorough = range [...]bool{false, true} {
		r.plain(p)
		if len(r.found) == 0 && p.w*p.h < largeFrom {
			r.special(p)
		}
		if len(r.found) > 0 || r.done() || p.w*p.h >= hugeFrom {
			return
		}
	}
}

// plain looks at the picture as it is; proposals come from smaller ones too.
func (r *Reader) plain(p *plane) {
	full := view{plane: *p, zoom: 1}
	n := p.w * p.h
	if n >= largeFrom {
		q := p.quarter(r.half[1])
		r.half[1] = q.pix
		r.look(&q, &full, 4, false, 0, 1, 2)
		if r.done() {
			return
		}
	}
	if n >= reducedFrom {
		h := p.half(r.half[0])
		r.half[0] = h.pix
		r.look(&h, &full, 2, false, 0, 1, 2)
	}
	if n < hugeFrom && !r.done() {
		r.look(p, &full, 1, false, 1, 2, 3, 0)
	}
}

// special looks at the picture in other ways until one shows something.
func (r *Reader) special(p *plane) {
	shows := func(p *plane, zoom float64, low bool, shifts ...int) bool {
		r.look(p, &view{plane: *p, zoom: zoom}, 1, low, shifts...)
		return len(r.found) > 0 || r.done()
	}
	// A label that is brighter than its ground.
	if shows(p, 1, true, 1, 2, 0) {
		return
	}
	// Noise.
	h := p.half(r.half[0])
	r.half[0] = h.pix
	if shows(&h, 2, false, 1, 2, 0) {
		return
	}
	// Faint symbols.
	for i, base := range [...]*plane{&h, p} {
		f, ok := base.flatten(r.extra[0])
		r.extra[0] = f.pix
		if ok && shows(&f, float64(2-i), false, 1, 2, 0) {
			return
		}
	}
	// Dots and thin print, then spread ink, by one pixel and by two.
	for _, light := range [...]bool{false, true} {
		e := *p
		for i := range r.extra {
			e = e.extreme(light, r.extra[i])
			r.extra[i] = e.pix
			if shows(&e, 1, false, 1, 2, 3) {
				return
			}
		}
	}
	// Specks.
	m := p.median(r.extra[0])
	r.extra[0] = m.pix
	if shows(&m, 1, false, 1, 2, 3) {
		return
	}
	// Strong noise.
	q := h.half(r.half[1])
	r.half[1] = q.pix
	shows(&q, 4, false, 1, 0)
}

// look proposes quads on p, with gaps closed by 1<<shift for each of the shifts, and reads them in v, whose sides are scale
// times longer.
func (r *Reader) look(p *plane, v *view, scale float64, low bool, shifts ...int) {
	if p.w < 8 || p.h < 8 || r.done() {
		return
	}
	before := len(r.found)
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
			r.blobs(v, k, shift, &bi[shift])
			if r.thorough && shift > 0 {
				bi[shift].prune(&r.pruned)
				r.blobs(v, k, shift, &r.pruned)
			}
			if r.done() {
				return
			}
		}
	}
	most := firstThorough
	switch {
	case r.thorough || len(r.found) > before: // there may be others beside it
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

// maxProposals bounds the proposals of one polarity in one look: pictures of noise have no end of them.
const maxProposals = 3000

// Bounds of the thorough readings of one look, in the first round and the second, and in huge pictures.
const (
	firstThorough = 3
	hugeThorough  = 12
	maxThorough   = 60
)

// blobs proposes the hulls of the components of b, the picture of one polarity reduced by shift.
func (r *Reader) blobs(v *view, polarity, shift int, b *bilevel) {
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
		if triArea >= 0.54*area && !r.done() {
			r.propose(v, polarity, tri)
		}
		if r.done() {
			return
		}
	}
}

// propose gives a quad a quick reading and keeps it for a thorough one.
func (r *Reader) propose(v *view, polarity int, q quad) {
	if len(r.tried[polarity]) >= maxProposals {
		return
	}
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
