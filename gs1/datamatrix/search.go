package datamatrix

import (
	"cmp"
	"slices"
)

// The order of search. Quick and likely first: smaller pictures before larger ones, the picture as it is before it is
// filtered, quick readings before thorough ones. The search goes on to other looks only if nothing has been found, and every
// look has a budget, which goes to its most promising candidates, so that pictures of much that is no symbol come to an end.

// A look seeks proposals in one plane and reads them in another, whose sides are scale times longer.
type look struct {
	on     plane
	scale  float64
	low    bool // the ground is darker than the label
	prune  bool // then the same with thin parts taken away
	bowed  bool // sought are symbols whose sides are bowed
	budget int  // quick readings
}

// Sizes of pictures, in pixels.
const (
	reducedFrom = 30_000    // from here on proposals are sought on a smaller picture first
	largeFrom   = 1_500_000 // from here on only the plain looks are taken, and at a quarter first
	hugeFrom    = 4_000_000 // from here on proposals are sought on the smaller pictures only
)

// Budgets of looks: quick readings of a plain and of a special one, thorough readings, and those of a picture that has
// shown other symbols.
const (
	plainQuick   = 400
	hugeQuick    = 160
	specialQuick = 64
	fewThorough  = 3
	hugeThorough = 12
	lastThorough = 60
	maxThorough  = 60
)

// search looks at the picture as it is; if nothing is found in other ways too.
func (r *Reader) search(p *plane) {
	r.plain(p)
	if len(r.found) == 0 && p.w*p.h < largeFrom && !r.done() {
		r.special(p)
	}
}

// plain looks at the picture as it is; proposals come from smaller ones first.
func (r *Reader) plain(p *plane) {
	r.steps = 0
	r.begin(p, 1)
	n := p.w * p.h
	budget, shifts := plainQuick, []int{1, 0, 2}
	if n >= hugeFrom { // what is large enough to be taken apart without gaps being closed is so at a quarter
		budget, shifts = hugeQuick, []int{1, 2}
	}
	if n >= largeFrom {
		r.quarter(p, &r.small[1])
		r.look(look{on: r.small[1], scale: 4, budget: budget}, 0, 1, 2)
	}
	if n >= reducedFrom && !r.done() {
		r.halve(p, &r.small[0])
		r.look(look{on: r.small[0], scale: 2, budget: budget}, shifts...)
	}
	if n < hugeFrom && !r.done() {
		r.look(look{on: *p, scale: 1, budget: plainQuick}, 1, 2, 3, 0)
	}
	switch {
	case len(r.found) > 0: // there may be others beside it
		r.finish(thorough, maxThorough)
	case n >= hugeFrom: // there are no other looks
		r.finish(thorough, hugeThorough)
	default:
		r.finish(thorough, fewThorough)
		r.rest = append(r.rest[:0], r.queue...)
	}
}

// special looks at the picture in other ways until one shows something.
func (r *Reader) special(p *plane) {
	shows := func(p *plane, zoom float64, l look, shifts ...int) bool {
		r.begin(p, zoom)
		l.on, l.scale = *p, 1
		if !l.bowed {
			l.budget, l.prune = specialQuick, true
		}
		r.look(l, shifts...)
		r.finish(thorough, fewThorough)
		return len(r.found) > 0 || r.done()
	}
	// Bottles and bent labels.
	if shows(p, 1, look{bowed: true}, 1, 2) {
		return
	}
	// A label that is brighter than its ground.
	if shows(p, 1, look{low: true}, 1, 2, 0) {
		return
	}
	// Noise.
	h := &r.small[0]
	r.halve(p, h)
	if shows(h, 2, look{}, 1, 2, 0) {
		return
	}
	// Faint symbols.
	for i, base := range [...]*plane{h, p} {
		f, ok := r.flat.flatten(base, r.extra[0])
		r.extra[0] = f.pix
		if ok && shows(&f, float64(2-i), look{}, 1, 2, 0) {
			return
		}
	}
	// Dots and thin print, then spread ink, by one pixel and by two.
	for _, light := range [...]bool{false, true} {
		e := *p
		for i := range r.extra {
			e = e.extreme(light, r.extra[i])
			r.extra[i] = e.pix
			if shows(&e, 1, look{}, 1, 2, 3) {
				return
			}
		}
	}
	// Specks.
	m := p.median(r.extra[0])
	r.extra[0] = m.pix
	if shows(&m, 1, look{}, 1, 2, 3) {
		return
	}
	// Strong noise.
	r.halve(h, &r.small[1])
	if shows(&r.small[1], 4, look{}, 1, 0) {
		return
	}
	// The picture as it is once more, with patience.
	r.begin(p, 1)
	r.look(look{on: *p, scale: 1, prune: true, budget: specialQuick}, 1, 2, 3)
	r.queue = append(r.queue, r.rest...)
	r.finish(patient, lastThorough)
}

// begin starts looks whose candidates are read in p, whose pixels are zoom of the picture's.
func (r *Reader) begin(p *plane, zoom float64) {
	r.queue = r.queue[:0]
	r.examiners = grow(r.examiners, max(r.Goroutines, 1))
	for i := range r.examiners {
		r.examiners[i].view = view{plane: *p, zoom: zoom}
	}
}

// look gives the candidates at some shifts quick readings and queues those that fail.
func (r *Reader) look(at look, shifts ...int) {
	r.now = at
	l := &r.now
	if l.on.w < 8 || l.on.h < 8 || r.done() {
		return
	}
	r.thr.low = l.low
	r.measure(&l.on)
	for i := range r.examiners {
		r.examiners[i].view.least = int32(r.thr.cut)
	}
	for k := range r.sides {
		r.sides[k].start(k == 1)
	}
	for _, pruned := range [...]bool{false, true} {
		if pruned && !l.prune {
			return
		}
		for _, shift := range shifts {
			if pruned && shift == 0 {
				continue
			}
			r.step(l, shift, pruned)
			if r.done() {
				return
			}
		}
	}
}

// step gives the new candidates at a shift quick readings. Several goroutines make the proposals of both polarities at once,
// but not at first: most pictures show what they have in the first step, and its light side is needless then.
func (r *Reader) step(l *look, shift int, pruned bool) {
	both := r.Goroutines > 1 && r.steps > 0
	r.steps++
	if both {
		r.prospect(l, shift, pruned)
	}
	for k := range r.sides {
		if !both {
			r.sides[k].prospect(l, &r.thr, shift, pruned)
		}
		l.budget -= r.round(r.sides[k].found, l.budget)
		if r.done() {
			return
		}
	}
}

// round weighs candidates and gives the best of them quick readings, at most budget of them. It returns how many.
func (r *Reader) round(found []candidate, budget int) int {
	r.batch = r.batch[:0]
	for i := range found {
		if !r.taken(&found[i].quad) {
			r.batch = append(r.batch, found[i])
		}
	}
	r.each(weigh)
	r.sort(r.batch)
	r.best = r.best[:0]
	for _, o := range r.order {
		c := &r.batch[o.at]
		switch {
		case c.promise > leastQuick && len(r.best) < budget:
			r.best = append(r.best, *c)
		case c.promise > leastKept:
			r.queue = append(r.queue, *c)
			r.queue[len(r.queue)-1].rough = c.quad
		}
	}
	r.batch, r.best = r.best, r.batch
	r.each(quick)
	return len(r.batch)
}

// A position is that of a candidate among others, with its rank.
type position struct {
	rank float64
	at   int
}

// sort puts the positions of candidates in order, those of the highest rank first. A candidate is large, a position is not.
func (r *Reader) sort(all []candidate) {
	r.order = r.order[:0]
	for i := range all {
		r.order = append(r.order, position{all[i].rank(), i})
	}
	slices.SortFunc(r.order, func(a, b position) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.at, b.at))
	})
}

// finish makes an effort with the best candidates of the queue, at most n of them.
func (r *Reader) finish(s effort, n int) {
	r.sort(r.queue)
	left := r.order
	for len(left) > 0 && n > 0 && !r.done() {
		// As many as there are goroutines, because what is found makes others needless.
		r.batch = r.batch[:0]
		for len(left) > 0 && len(r.batch) < min(n, len(r.examiners)) {
			if c := &r.queue[left[0].at]; !r.taken(&c.quad) {
				r.batch = append(r.batch, *c)
			}
			left = left[1:]
		}
		n -= r.each(s)
	}
	r.best = r.best[:0]
	for _, o := range left {
		r.best = append(r.best, r.queue[o.at])
	}
	r.queue, r.best = r.best, r.queue
}

// taken says whether a symbol has been read at the quad's place.
func (r *Reader) taken(q *quad) bool {
	for i := range r.found {
		f := quad(r.found[i].Corners)
		if f.area() < 0 {
			f[1], f[3] = f[3], f[1]
		}
		if f.contains(q.center().mul(r.examiners[0].view.zoom)) {
			return true
		}
	}
	return false
}
