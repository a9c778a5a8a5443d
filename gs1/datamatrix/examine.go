package datamatrix

import "math"

// From a proposal to a symbol. A proposal costs little to weigh, more to read quickly and much to read thoroughly, so many
// are weighed, the promising ones get a quick reading, and of those that fail the best a thorough one.

// A candidate is a proposal: a quad in the view of a look.
type candidate struct {
	quad    quad
	light   bool
	promise float64
	rough   quad // as proposed, when quad has been moved
	bows    bows // of the sides
}

// rank orders candidates: by promise, and large ones before small ones, which chance makes in any noise.
func (c *candidate) rank() float64 {
	const usual = 48 * 48 // pixels
	return c.promise + rankBySize*min(max(math.Log2(max(c.quad.area(), 1)/usual), -3), 4)
}

const rankBySize = 0.12

// Least promises, learned from the pictures of the tests: below leastQuick a quick reading hardly ever succeeds, below
// leastKept nothing does. Above leastClear the sides need not be moved for most symbols that are clear.
const (
	leastClear = 1.2
	leastQuick = 0.7
	leastKept  = 0.3
)

// An outcome is what examining a candidate has given.
type outcome struct {
	symbol Symbol
	ok     bool
	later  candidate // if not ok: what a thorough reading is to look at
}

// An examiner has the stages from the proposal to the symbol. What it says of a candidate depends on nothing but the view
// and the candidate.
type examiner struct {
	view view
	sur  surveyor
	ref  refiner
	ben  bend
	sam  sampler
	grid grid
	dec  decoder
}

// weigh finds the promise of a candidate.
func (e *examiner) weigh(c *candidate) {
	e.view.polarity(c.light)
	e.sur.bows = c.bows
	c.promise = e.sur.promise(&e.view, &c.quad)
}

// quick reads a candidate in the likeliest way only: as it is, if that is promising, then with its sides moved to the edges
// near them.
func (e *examiner) quick(c *candidate, out *outcome) {
	v := &e.view
	v.polarity(c.light)
	e.sur.bows = c.bows
	*out = outcome{later: *c}
	q := &out.later.quad
	out.later.rough = *q
	if c.promise > leastClear && c.bows == (bows{}) {
		for _, g := range e.sur.guesses(v, q, clearModule) {
			if out.symbol, out.ok = e.read(g, true); out.ok {
				return
			}
		}
	} else if !e.sur.turned(v, q, clearModule) {
		return
	}
	e.ref.snap(v, q)
	for _, g := range e.sur.guesses(v, q, leastModule) {
		if out.symbol, out.ok = e.read(g, true); out.ok {
			return
		}
	}
	out.later.promise += e.sur.best
}

// thorough reads a candidate in every way. With patience it does so once more where the candidate was proposed, because
// sides that bulge lead the edges near them astray.
func (e *examiner) thorough(c *candidate, patience bool, out *outcome) {
	e.view.polarity(c.light)
	e.sur.bows = c.bows
	*out = outcome{later: *c}
	for _, q := range [...]*quad{&c.quad, &c.rough} {
		for _, g := range e.sur.guesses(&e.view, q, 0) {
			if out.symbol, out.ok = e.read(g, false); out.ok {
				return
			}
		}
		if !patience {
			return
		}
	}
}
