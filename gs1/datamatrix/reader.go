package datamatrix

import (
	"cmp"
	"context"
	"image"
	"slices"
)

// Decode reads the first symbol found in a picture. A picture in which none can be read gives ErrNotFound. The gray plane
// of *image.Gray and *image.YCbCr is used without a copy.
func Decode(img image.Image) (Symbol, error) {
	r := Reader{Symbols: 1}
	all, err := r.Read(context.Background(), img)
	if err != nil {
		return Symbol{}, err
	}
	return all[0], nil
}

// DecodeAll reads the symbols of a picture, in reading order: from the top down, those beside each other from left to
// right. A picture in which none can be read gives ErrNotFound.
func DecodeAll(img image.Image) ([]Symbol, error) {
	var r Reader
	return r.Read(context.Background(), img)
}

// A Reader reads pictures one after the other, as from a camera, and keeps its memory from one to the next. The zero value
// reads all symbols of the whole picture. A Reader is for one goroutine at a time.
type Reader struct {
	// Symbols is how many symbols to look for; 0 is as many as there are. The search ends when they are found.
	Symbols int

	// Region is the part of the picture to search; the zero value is all of it.
	Region image.Rectangle

	trace     func(string, ...any)
	ctx       context.Context
	buf       []byte
	thr       thresholder
	bi        [5]bilevel
	lab       labeller
	sur       surveyor
	ref       refiner
	sam       sampler
	grid      grid
	dec       decoder
	ben       bend
	wrong, of int // border modules of the last guess
	found     []Symbol
	tried     []quad
	scale     float64 // from the plane of the proposals to that of the reading
}

// Read reads the symbols of a picture in reading order. If there is none the error is ErrNotFound. When ctx ends before the
// search does, Read returns promptly with what it has found, and with the error of ctx if that is nothing. The slice is
// valid until the next call.
func (r *Reader) Read(ctx context.Context, img image.Image) ([]Symbol, error) {
	var p plane
	p, r.buf = planeOf(img, r.buf)
	r.found = r.found[:0]
	r.ctx = ctx
	defer func() { r.ctx = nil }()
	shift := Point{}
	if r.Region != (image.Rectangle{}) && img != nil {
		b := img.Bounds()
		c := r.Region.Intersect(b).Sub(b.Min)
		p = p.crop(c)
		shift = Point{float64(c.Min.X), float64(c.Min.Y)}
	}
	if p.w >= 8 && p.h >= 8 {
		r.look(&p)
	}
	if len(r.found) == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, ErrNotFound
	}
	for i := range r.found {
		for j := range r.found[i].Corners {
			r.found[i].Corners[j] = r.found[i].Corners[j].add(shift)
		}
	}
	readingOrder(r.found)
	return r.found, nil
}

// readingOrder sorts symbols by lines: a symbol whose middle is above the top of the other comes first, else the one
// further to the left.
func readingOrder(s []Symbol) {
	middle := func(s *Symbol) Point { q := quad(s.Corners); return q.center() }
	slices.SortFunc(s, func(a, b Symbol) int { return cmp.Compare(middle(&a).Y, middle(&b).Y) })
	for i := 0; i < len(s); {
		// One line: all whose middle is above the lower edge of its first symbol.
		bottom := 0.0
		for _, c := range s[i].Corners {
			bottom = max(bottom, c.Y)
		}
		j := i + 1
		for j < len(s) && middle(&s[j]).Y < bottom {
			j++
		}
		slices.SortFunc(s[i:j], func(a, b Symbol) int { return cmp.Compare(middle(&a).X, middle(&b).X) })
		i = j
	}
}

func (r *Reader) done() bool {
	return r.Symbols > 0 && len(r.found) >= r.Symbols || r.ctx.Err() != nil
}

// enough says whether another look is not worth it.
func (r *Reader) enough() bool { return r.done() || r.Symbols == 0 && len(r.found) > 0 }

func (r *Reader) look(p *plane) {
	full := view{plane: *p, zoom: 1}
	if p.w*p.h > 1500000 {
		h1 := p.half(nil)
		h2 := h1.half(nil)
		r.components(&h2, &full, 4, 0, 1, 2)
		if r.enough() {
			return
		}
		r.components(&h1, &full, 2, 1, 2)
		if r.enough() {
			return
		}
		r.components(p, &full, 1, 1, 2)
		return
	}
	if p.w*p.h > 250000 {
		h1 := p.half(nil)
		r.components(&h1, &full, 2, 0, 1, 2)
		if r.enough() {
			return
		}
	}
	r.components(p, &full, 1, 1, 2, 3, 0)
	if r.enough() {
		return
	}
	r.thr.low = true
	r.components(p, &full, 1, 1, 2, 0)
	r.thr.low = false
	if r.enough() {
		return
	}
	h1 := p.half(nil)
	v1 := view{plane: h1, zoom: 2}
	r.components(&h1, &v1, 1, 1, 2, 0)
	if r.enough() {
		return
	}
	for _, light := range [...]bool{false, true} {
		e := *p
		for range 2 {
			e = e.extreme(light, nil)
			v := view{plane: e, zoom: 1}
			r.components(&e, &v, 1, 1, 2, 3)
			if r.enough() {
				return
			}
		}
	}
	m := p.median(nil)
	vm := view{plane: m, zoom: 1}
	r.components(&m, &vm, 1, 1, 2, 3)
	if r.enough() {
		return
	}
	h2 := h1.half(nil)
	v2 := view{plane: h2, zoom: 4}
	r.components(&h2, &v2, 1, 1, 0)
}

// components proposes quads on p and reads them in v, which is scale times larger.
func (r *Reader) components(p *plane, v *view, scale float64, shifts ...int) {
	r.scale = scale
	if p.w < 8 || p.h < 8 {
		return
	}
	r.thr.measure(p)
	r.thr.spread(2)
	for _, light := range [...]bool{false, true} {
		r.tried = r.tried[:0]
		r.thr.mark(p, light, &r.bi[0])
		v.flip = 0
		if light {
			v.flip = 255
		}
		reduced := 0
		for _, shift := range shifts {
			for reduced < shift {
				r.bi[reduced].reduce(&r.bi[reduced+1])
				reduced++
			}
			r.blobs(v, shift)
			if r.done() {
				return
			}
		}
	}
}

func (r *Reader) blobs(v *view, shift int) {
	b := &r.bi[shift]
	r.lab.find(b)
	for i := range r.lab.blobs {
		c := &r.lab.blobs[i]
		w, h := int(c.x1-c.x0)<<shift, int(c.y1-c.y0)<<shift
		if w < 8 || h < 8 || w+h < 20 || int(c.area)*6 < int(c.x1-c.x0)*int(c.y1-c.y0) {
			continue
		}
		hull := r.lab.outline(c, &r.bi[0], shift)
		area := polygonArea(hull)
		tri, triArea := largestTriangle(hull)
		q, ok := fourSides(hull)
		if ok && q.convex() && q.area() < 1.5*area {
			r.try(v, q)
			if r.done() {
				return
			}
		}
		if triArea < 0.62*area {
			continue
		}
		if r.try(v, tri) && r.done() {
			return
		}
	}
}

func (r *Reader) try(v *view, q quad) bool {
	for _, t := range r.tried {
		if t.near(&q) {
			return false
		}
	}
	r.tried = append(r.tried, q)
	for i := range q {
		q[i] = q[i].mul(r.scale)
	}
	for i := range r.found {
		f := quad(r.found[i].Corners)
		if f.area() < 0 {
			f[1], f[3] = f[3], f[1]
		}
		if f.contains(q.center().mul(v.zoom)) {
			return false
		}
	}
	for _, g := range r.sur.guesses(v, &q, true) {
		if r.check(v, g, true) {
			return true
		}
	}
	gs := r.sur.guesses(v, &q, false)
	if r.trace != nil && len(gs) > 0 {
		r.trace("quad %.1f guesses %d", q, len(gs))
	}
	for _, g := range gs {
		if r.check(v, g, false) {
			return true
		}
	}
	return false
}

func (r *Reader) check(v *view, g guess, quick bool) bool {
	windows := []float64{1.0, 0.5, 0.3}
	leaks := []float32{0, 0.12, 0.25}
	if quick {
		windows, leaks = []float64{0.5}, leaks[:1]
	}
	quality := r.ref.refine(v, &g, windows)
	if r.trace != nil {
		r.trace("   %dx%d m=%v score %.2f quality %.2f %.1f %v", g.size.rows, g.size.cols, g.mirrored, g.score, quality, g.quad, quick)
	}
	if quality < 0.3 {
		return false
	}
	rows, cols := g.dims()
	for try := range 2 {
		var b *bend
		if try == 1 {
			if quick || r.wrong*3 > r.of {
				break
			}
			b = &r.ben
			most := r.ref.bend(v, &g, b)
			if r.trace != nil {
				r.trace("     bend %.2f", most)
			}
		}
		r.sam.sample(v, &g, b, 0.5)
		r.wrong, r.of = 1, 1
		for _, k := range leaks {
			gray := r.sam.sharpen(int(rows), int(cols), k)
			r.sam.threshold(gray, int(rows), int(cols), &r.grid, g.size, g.mirrored)
			wrong, of := r.grid.borderErrors()
			if wrong*r.of < r.wrong*of {
				r.wrong, r.of = wrong, of
			}
			if r.trace != nil {
				r.trace("     k=%.2f border %d of %d", k, wrong, of)
			}
			if wrong*4 > of {
				continue
			}
			s, ok := r.dec.decode(&r.grid)
			if !ok && !quick && g.size.rows == g.size.cols {
				r.grid.mirror()
				s, ok = r.dec.decode(&r.grid)
				s.Mirrored = ok
			}
			if !ok {
				continue
			}
			for i, c := range g.quad {
				s.Corners[i] = c.mul(v.zoom)
			}
			s.Inverted = v.flip != 0
			r.found = append(r.found, s)
			return true
		}
	}
	return false
}
