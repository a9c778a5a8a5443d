package datamatrix

import (
	"math"
	"slices"
)

// Weighing: most of thousands of proposals are no symbol, and a few samples along their sides tell. Two neighbouring sides of
// a symbol, its finder pattern, are dark all along, and the two others come and go, whatever its size is.

// leastBusy is how much of the contrast has to come and go along the dashed sides of what is to be read, as the sum of all
// changes: it is five times the contrast for most symbols, less for blurred ones, and little on the sides of a stroke, a patch
// or a shadow. With less than leastBusyQuick a quick reading hardly ever succeeds.
const (
	leastBusy      = 1.0
	leastBusyQuick = 1.8
)

// promise says how much q looks like a symbol on few samples: how solid the two most solid neighbouring sides are, less
// what the others have, if those change from place to place. Below leastKept it is none.
func (v *surveyor) promise(p *view, q *quad) float64 {
	const n = 16
	v.plane = onto(q, 1, 1)
	// The middles of the border modules of 10, 20, 40 and 100, as far as so many find room.
	depths := [...]float64{0.05, 0.025, 0.012, 0.005}
	deepest := len(depths)
	switch longest := max(q[0].dist(q[1]), q[1].dist(q[2]), q[2].dist(q[3]), q[3].dist(q[0])); {
	case longest < 29:
		deepest = 2
	case longest < 65:
		deepest = 3
	}
	// Places at two distances, because at one a timing pattern may look solid.
	straight, bowed := [...]int{0, 6, 16}, [...]int{0, 3, 6, 11, 16}
	parts := straight[:]
	if v.bows != (bows{}) {
		parts = bowed[:]
	}
	share := func(k int) float64 {
		if k <= 6 {
			return 0.05 * float64(k)
		}
		return 0.3 + 0.07*float64(k-6)
	}
	var sum, change [4][len(depths)]int32
	lo, hi := int32(255<<8), int32(0)
	for k, i := range [...]int{0, 2, 1, 3} {
		if k == 2 && float64(max(slices.Max(change[0][:]), slices.Max(change[2][:]))) < leastBusy*float64(hi-lo) {
			return -1 // one of two opposite sides is dashed
		}
		for j, d := range depths[:deepest] {
			line := v.line[:n]
			clear(line)
			from := v.along(i, 0, d)
			for k := range len(parts) - 1 {
				to := v.along(i, share(parts[k+1]), d)
				p.profile(from, to, line[parts[k]:parts[k+1]])
				from = to
			}
			before := line[0]
			for _, g := range line {
				sum[i][j] += g
				change[i][j] += max(g-before, before-g)
				before = g
				lo, hi = min(lo, g), max(hi, g)
			}
		}
	}
	if hi-lo < p.least<<8 {
		return -1
	}
	middle, scale := float64(hi+lo), 1/float64(hi-lo)
	var busy [4]float64
	for i := range busy {
		busy[i] = float64(slices.Max(change[i][:])) * scale
	}
	best := -1.0
	for j := range deepest {
		var solid [4]float64
		for i := range 4 {
			solid[i] = (middle - 2*float64(sum[i][j])/n) * scale
		}
		for t := range 4 {
			right, bottom, left := (t+1)&3, (t+2)&3, (t+3)&3
			score := solid[bottom] + solid[left] - 0.3*math.Abs(solid[t]) - 0.3*math.Abs(solid[right])
			switch busy := min(busy[t], busy[right]); {
			case busy < leastBusy:
				continue
			case busy < leastBusyQuick:
				score = min(score, leastQuick)
			}
			best = max(best, score)
		}
	}
	return best
}
