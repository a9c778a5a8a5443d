package datamatrix

import "math"

// Proposals of one polarity: the hulls of the components of the bilevel picture, with its gaps closed more and more.

// maxProposals bounds the proposals of one polarity in one look: pictures of noise have no end of them.
const maxProposals = 3000

// A prospector makes the proposals of one polarity.
type prospector struct {
	light  bool
	bi     [4]bilevel // by shift: reduced by 1, 2, 4, 8
	pruned bilevel
	lab    labeller
	alone  bilevel     // cells of one component
	edges  []edge      // of its outline
	ready  int         // of bi
	tried  []quad      // of the current look
	spans  []span      // of the corners of those
	found  []candidate // of the current shift, in the view of the look
}

// A span is what can be said at a glance of quads near another: how far the sum of their x is from its sum at most.
type span struct{ sum, reach float64 }

// start begins a look.
func (s *prospector) start(light bool) {
	s.light = light
	s.ready = -1
	s.tried, s.spans = s.tried[:0], s.spans[:0]
}

// prospect fills found with the new proposals at a shift.
func (s *prospector) prospect(l *look, t *thresholder, shift int, pruned bool) {
	if s.ready < 0 {
		t.mark(&l.on, s.light, &s.bi[0])
		s.ready = 0
	}
	for ; s.ready < shift; s.ready++ {
		s.bi[s.ready].reduce(&s.bi[s.ready+1])
	}
	s.found = s.found[:0]
	b := &s.bi[shift]
	if pruned {
		b.prune(&s.pruned)
		b = &s.pruned
	}
	s.lab.find(b)
	for i := range s.lab.blobs {
		s.blob(l, &s.lab.blobs[i], shift)
	}
}

// blob proposes the quads of the hull of a component, if it fills it as a symbol does.
func (s *prospector) blob(l *look, c *blob, shift int) {
	w, h := int(c.x1-c.x0)<<shift, int(c.y1-c.y0)<<shift
	if w < 8 || h < 8 || w+h < 20 || int(c.area)*14 < int(c.x1-c.x0)*int(c.y1-c.y0) {
		return
	}
	hull := s.lab.outline(c, &s.bi[0], shift)
	area := polygonArea(hull)
	if float64(int(c.area)<<(2*shift)) < 0.3*area {
		return // a frame or a line of text
	}
	if l.bowed {
		s.bowed(l, c, hull, shift)
		return
	}
	tri, triArea := largestTriangle(hull)
	if q, ok := fourSides(hull); ok && q.convex() && q.area() < 1.5*area {
		s.propose(l, q)
	}
	if triArea >= 0.54*area {
		s.propose(l, tri)
	}
}

// propose adds a quad unless one like it has been there.
func (s *prospector) propose(l *look, q quad) {
	if len(s.tried) >= maxProposals {
		return
	}
	sum := q[0].X + q[1].X + q[2].X + q[3].X
	for i, t := range s.spans {
		if math.Abs(sum-t.sum) <= t.reach && s.tried[i].near(&q) {
			return
		}
	}
	s.tried = append(s.tried, q)
	s.spans = append(s.spans, span{sum, 4 * q.tolerance()})
	for i := range q {
		q[i] = q[i].mul(l.scale)
	}
	s.found = append(s.found, candidate{quad: q, light: s.light})
}
