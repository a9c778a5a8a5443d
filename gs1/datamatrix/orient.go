package datamatrix

import (
	"cmp"
	"math"
	"slices"
)

// Orientation and size of a symbol whose corners are roughly known. Strips of gray just inside each side are sampled at
// several depths, because the depth of the middle of the border modules depends on the size that is sought. The two solid
// sides are those that are dark all along; on the other two each size is tried: dark and light must alternate at its pitch.
// Small shifts of the ends are allowed, the corners being rough.

// A guess is a symbol supposed at a place.
type guess struct {
	size     *size
	quad     quad // from the top left corner of the symbol
	score    float64
	mirrored bool
	bowed    bool // the sides are no straight lines
}

// depths are the middles of border modules as shares of the side across, for sizes from 8 to 144.
var depths = [...]float64{0.055, 0.033, 0.02, 0.0125, 0.0065, 0.004}

func depthFor(n int) int {
	want := 0.5 / float64(n)
	for i := range len(depths) - 1 {
		if want*want > depths[i]*depths[i+1] {
			return i
		}
	}
	return len(depths) - 1
}

// A quick survey looks at coarse places along each side to tell the solid ones, and at modules of leastModule pixels or more.
// Where clearModule is enough it is the quicker one.
const (
	coarse      = 24
	leastModule = 1.5
	clearModule = 3
)

// A strip is the darkness along a side at one depth, -1 light to 1 dark, as sums from its start.
type strip []float32

// sum is up to place x.
func (s strip) sum(x float64) float64 {
	i := int(x)
	if x <= 0 {
		return 0
	}
	if i >= len(s)-1 {
		return float64(s[len(s)-1])
	}
	return float64(s[i]) + (x-float64(i))*float64(s[i+1]-s[i])
}

// alternation says how well n modules alternate along the strip if its ends are a and b modules off: 1 is perfect. The
// first module is dark, or light if odd.
func (s strip) alternation(n int, a, b float64, odd bool) float64 {
	pitch := 1 / float64(n)
	start, end := a*pitch, 1+b*pitch
	step := (end - start) / float64(n)
	sum, sign := 0.0, 1.0
	if odd {
		sign = -1
	}
	size := float64(len(s) - 1)
	x := (start + step*0.2) * size
	w, step := step*0.6*size, step*size
	for range n {
		sum += sign * (s.sum(x+w) - s.sum(x))
		sign = -sign
		x += step
	}
	return sum / (w * float64(n))
}

// swing is like alternation, but says how much of what changes from module to module alternates, however faint that is: 1 is
// all of it. mean is how much changes.
func (s strip) swing(n int, odd bool) (share, mean float64) {
	size := float64(len(s) - 1)
	step := size / float64(n)
	module := func(k int) float64 {
		x := (float64(k) + 0.2) * step
		return (s.sum(x+0.6*step) - s.sum(x)) / (0.6 * step)
	}
	sign := -1.0
	if odd {
		sign = 1
	}
	sum := 0.0
	before, at := module(0), module(1)
	for k := 1; k < n-1; k++ {
		after := module(k + 1)
		d := at - (before+after)/2
		sum += sign * d
		mean += math.Abs(d)
		before, at, sign = at, after, -sign
	}
	if mean == 0 {
		return 0, 0
	}
	return sum / mean, mean / float64(n-2)
}

// A surveyor holds the strips of one quad.
type surveyor struct {
	bows   bows
	plane  homography // onto the quad
	length [4]int     // of the strips of each side
	depths int        // how many are looked at
	strips [4][len(depths)]strip
	solid  [4][len(depths)]float64
	middle float32 // gray between dark and light, in parts of 256
	scale  float32 // of grays to darkness
	buf    []float32
	line   [100]int32
	out    []guess
	best   float64 // score of the last survey
}

// survey samples the strips, or few places along each if only modules of least pixels or more are sought. False means that
// there is no contrast.
func (v *surveyor) survey(p *view, q *quad, least float64) bool {
	v.plane = onto(q, 1, 1)
	v.depths = len(depths)
	total := 0
	longest := 0.0
	for i := range 4 {
		d := q[i].dist(q[(i+1)&3])
		longest = max(longest, d)
		v.length[i] = int(min(max(d, 24), 160+max(0, d-160)*0.4, 400))
		total += len(depths) * (v.length[i] + 1)
	}
	quick := least > 0
	if quick {
		v.depths = depthFor(int(longest/least)) + 1
	}
	v.buf = grow(v.buf, total)
	at := 0
	var hist [64]int
	samples := 0
	for i := range 4 {
		for j := range depths {
			v.strips[i][j] = v.buf[at : at+v.length[i]+1]
			at += v.length[i] + 1
		}
		n := v.length[i]
		if quick {
			n = coarse
		}
		for j := range v.depths {
			v.strip(p, i, j, n)
			samples += n
			for _, g := range v.strips[i][j][1:] {
				hist[int(g)>>10]++
			}
		}
	}
	lo, hi := 255.0, 0.0
	count := 0
	for i, c := range hist { // the levels that leave a twelfth on either side
		before := count
		count += c
		if before < samples/12 {
			lo = float64(i * 4)
		}
		if before < samples*11/12 {
			hi = float64(i*4 + 4)
		}
	}
	if hi-lo < 5 {
		return false
	}
	v.middle, v.scale = float32(lo+hi)*128, 1/float32(128*(hi-lo))
	for i := range 4 {
		v.sum(i)
	}
	return true
}

// strip samples n places of a strip.
func (v *surveyor) strip(p *view, i, j, n int) {
	s := v.strips[i][j][:n+1]
	v.strips[i][j] = s
	d := depths[j]
	parts := 6 // because places at equal distances in the symbol are not so in the picture
	if n == coarse {
		parts = 2
	}
	from := v.along(i, 0, d)
	for part, k := 1, 0; part <= parts; part++ {
		next := n * part / parts
		to := v.along(i, float64(next)/float64(n), d)
		line := v.line[:next-k]
		clear(line)
		p.profile(from, to, line)
		for _, g := range line {
			k++
			s[k] = float32(g)
		}
		from = to
	}
}

// sum turns the grays of the strips of side i into sums of darkness.
func (v *surveyor) sum(i int) {
	for j := range v.depths {
		s := v.strips[i][j]
		s[0] = 0
		for k := 1; k < len(s); k++ {
			s[k] = s[k-1] + min(max((v.middle-s[k])*v.scale, -1), 1)
		}
		v.solid[i][j] = float64(s[len(s)-1]) / float64(len(s)-1)
	}
}

// resurvey samples all places along side i.
func (v *surveyor) resurvey(p *view, i int) {
	for j := range v.depths {
		v.strip(p, i, j, v.length[i])
	}
	v.sum(i)
}

// along gives the place at share t of side i, at depth d.
func (v *surveyor) along(i int, t, d float64) Point {
	var x, y float64
	switch i {
	case 0:
		x, y = t, d
	case 1:
		x, y = 1-d, t
	case 2:
		x, y = 1-t, 1-d
	default:
		x, y = d, 1-t
	}
	if v.bows != (bows{}) {
		x, y = v.bows.at(x, y)
	}
	return v.plane.at(x, y)
}

// A turn is a supposed orientation: the number of the corner that is the top left one, and how much speaks for it.
type turn struct {
	n     int
	score float64
}

// leastTurn is the score of an orientation of which nothing speaks for a symbol.
const leastTurn = 0.5

// turns gives the orientations, likeliest first: the sides opposite the top left corner are solid, the others are not.
func (v *surveyor) turns() (turns [4]turn) {
	for t := range 4 {
		best := math.Inf(-1)
		for j := range v.depths {
			best = max(best, v.solid[(t+2)&3][j]+v.solid[(t+3)&3][j]-0.5*math.Abs(v.solid[t][j])-0.5*math.Abs(v.solid[(t+1)&3][j]))
		}
		turns[t] = turn{t, best}
	}
	slices.SortFunc(turns[:], func(a, b turn) int { return cmp.Compare(b.score, a.score) })
	return turns
}

// turned says whether any orientation of q may be that of a symbol of modules of least pixels or more.
func (v *surveyor) turned(p *view, q *quad, least float64) bool {
	return v.survey(p, q, least) && v.turns()[0].score >= leastTurn
}

// guesses gives the likely sizes and orientations for q, best first. A quick look, which is for modules of least pixels or
// more, does not move the ends and gives one guess, if there is a clear one. 0 is for a look that is not quick.
func (v *surveyor) guesses(p *view, q *quad, least float64) []guess {
	v.out, v.best = v.out[:0], 0
	if !v.survey(p, q, least) {
		return nil
	}
	quick := least > 0
	turns := v.turns()
	for k, t := range turns {
		if k >= 2 && t.score < 1.2 || t.score < leastTurn || quick && k > 0 {
			break
		}
		if quick {
			v.resurvey(p, t.n)
			v.resurvey(p, (t.n+1)&3)
		}
		v.sizes(q, t.n, quick)
	}
	if !quick { // whatever the other sides look like: blur may make the dashed ones as dark, and glare may hide the solid ones
		for _, t := range turns {
			v.faint(q, t.n)
		}
	}
	slices.SortStableFunc(v.out, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	// One guess for each size and orientation is there; the best few are worth a closer look.
	if len(v.out) > 0 {
		top := v.out[0].score
		n := 1
		for n < len(v.out) && n < 4 && v.out[n].score > top-0.45 {
			n++
		}
		if quick {
			n = 1
			if top < 1.65 {
				n = 0
			}
		}
		v.out = v.out[:n]
	}
	return v.out
}

// sizes scores every size with the top left corner at q[t].
func (v *surveyor) sizes(q *quad, t int, quick bool) {
	top, right, bottom, left := t, (t+1)&3, (t+2)&3, (t+3)&3
	across := (q[t].dist(q[right]) + q[bottom].dist(q[left])) / 2
	down := (q[right].dist(q[bottom]) + q[left].dist(q[t])) / 2
	shifts := []float64{0, -0.6, 0.6}
	if quick {
		shifts = shifts[:1]
	}
	for i := range sizes {
		s := &sizes[i]
		for m := range 2 {
			mirrored := m == 1
			rows, cols := s.rows, s.cols
			if mirrored {
				if rows == cols {
					break
				}
				rows, cols = cols, rows
			}
			if across < 0.95*float64(cols) || down < 0.95*float64(rows) {
				continue
			}
			ratio := across / down * float64(rows) / float64(cols)
			limit := 3.5
			if rows != cols {
				limit = 1.7
			}
			if ratio > limit || ratio < 1/limit {
				continue
			}
			jr, jc := depthFor(rows), depthFor(cols)
			if max(jr, jc) >= v.depths {
				continue
			}
			solid := v.solid[bottom][jr] + v.solid[left][jc]
			if solid < 0.5 {
				continue
			}
			bestTop, bestRight := -1.0, -1.0
			var ta, tb, ra, rb float64
			for _, a := range shifts {
				for _, b := range shifts {
					if c := v.strips[top][jr].alternation(cols, a, b, false) - 0.02*(math.Abs(a)+math.Abs(b)); c > bestTop {
						bestTop, ta, tb = c, a, b
					}
					if c := v.strips[right][jc].alternation(rows, a, b, true) - 0.02*(math.Abs(a)+math.Abs(b)); c > bestRight {
						bestRight, ra, rb = c, a, b
					}
				}
				if bestTop < 0 && bestRight < 0 {
					break
				}
			}
			score := solid/2 + bestTop + bestRight
			v.best = max(v.best, score)
			if score < 1.0 || min(bestTop, bestRight) < 0.1 {
				continue
			}
			g := guess{size: s, quad: q.turned(t), score: score, mirrored: mirrored, bowed: v.bows != (bows{})}
			// Move the ends as the alternation says.
			f := onto(&g.quad, float64(cols), float64(rows))
			g.quad = quad{
				f.at(ta/2, ra/2), f.at(float64(cols)+tb, ra),
				f.at(float64(cols)+tb/2, float64(rows)+rb), f.at(0, float64(rows)),
			}
			v.out = append(v.out, g)
		}
	}
}

// Faint timing patterns, of symbols out of focus: how much of the change must alternate, and how much must change.
const (
	leastSwing  = 0.75
	leastChange = 0.04
	leastFaint  = 14 // modules; fewer alternate by chance
)

// faint scores the sizes with the top left corner at q[t] by how much of what changes along the dashed sides alternates.
func (v *surveyor) faint(q *quad, t int) {
	top, right := t, (t+1)&3
	across := (q[t].dist(q[right]) + q[(t+2)&3].dist(q[(t+3)&3])) / 2
	down := (q[right].dist(q[(t+2)&3]) + q[(t+3)&3].dist(q[t])) / 2
	for i := range sizes {
		s := &sizes[i]
		for m := range 2 {
			rows, cols := s.rows, s.cols
			if m == 1 {
				if rows == cols {
					break
				}
				rows, cols = cols, rows
			}
			ratio := across / down * float64(rows) / float64(cols)
			if across < 3*float64(cols) || down < 3*float64(rows) || ratio > 1.6 || ratio < 1/1.6 || rows+cols < 2*leastFaint {
				continue
			}
			a, x := v.strips[top][depthFor(rows)].swing(cols, false)
			b, y := v.strips[right][depthFor(cols)].swing(rows, true)
			if min(a, b) > leastSwing && min(x, y) > leastChange {
				v.out = append(v.out, guess{size: s, quad: q.turned(t), score: a + b, mirrored: m == 1})
			}
		}
	}
}
