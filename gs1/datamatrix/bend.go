package datamatrix

import "math"

func sqrt(x float64) float64 { return math.Sqrt(x) }

// A bend says how the surface departs from a plane: each side deviates from its chord by a curve, and the curves of
// opposite sides are blended in between.
type bend struct {
	across [4][2]float64 // top, right, bottom, left: coefficients of s(1-s) and s(1-s)(2s-1), in modules, s from 0 to 1
	along  [2][2]float64 // along top and right
}

func bump(k *[2]float64, s float64) float64 {
	return s * (1 - s) * (k[0] + k[1]*(2*s-1))
}

// at gives the flat place of a place on the bent symbol.
func (b *bend) at(u, v, cols, rows float64) (float64, float64) {
	s, t := u/cols, v/rows
	du := (1-s)*bump(&b.across[3], t) - s*bump(&b.across[1], t) + bump(&b.along[0], s)
	dv := (1-t)*bump(&b.across[0], s) - t*bump(&b.across[2], s) + bump(&b.along[1], t)
	return u + du, v + dv
}
