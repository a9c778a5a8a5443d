package datamatrix

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBilevel compares what is done for 64 pixels at once with doing it one by one, for widths around the size of a word.
func TestBilevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(37, 38))
	for _, w := range []int{1, 2, 7, 8, 9, 63, 64, 65, 127, 128, 129, 200} {
		for _, h := range []int{1, 2, 3, 8, 9, 17} {
			p := plane{pix: make([]byte, w*h), stride: w, w: w, h: h}
			for i := range p.pix {
				p.pix[i] = byte(rng.IntN(256))
			}
			for _, low := range []bool{false, true} {
				for _, light := range []bool{false, true} {
					th := thresholder{low: low}
					th.size(&p)
					th.measure(&p, 0, th.bh)
					th.judge()
					for i := range th.lo { // thresholds high and low
						th.lo[i], th.hi[i] = byte(rng.IntN(130)), byte(120+rng.IntN(136))
					}
					var b, reduced, pruned bilevel
					th.mark(&p, light, &b)
					b.reduce(&reduced)
					b.prune(&pruned)
					has := func(x, y int) bool { return x >= 0 && y >= 0 && x < w && y < h && b.has(x, y) }
					for y := range h {
						var ends, want []int32
						for x := range b.stride * 64 {
							if x >= w {
								if b.has(x, y) {
									t.Fatalf("%d×%d: %d, %d is set", w, h, x, y)
								}
								continue
							}
							lo, hi, v := int(th.lo[y/8*th.bw+x/8]), int(th.hi[y/8*th.bw+x/8]), int(p.pix[y*w+x])
							thr := (lo + hi) / 2
							if light {
								lo, hi, v, thr = 255-hi, 255-lo, 255-v, 255-thr
							}
							if low {
								thr = lo + (hi-lo)/3
							}
							if set := hi-lo >= th.cut && v < thr; set != has(x, y) {
								t.Errorf("mark %d×%d, light %v, low %v: %d, %d is %v", w, h, light, low, x, y, !set)
							}
							n := 0
							for k := range 9 {
								if k != 4 && has(x+k%3-1, y+k/3-1) {
									n++
								}
							}
							inside := x > 0 && y > 0 && x < w-1 && y < h-1
							if set := inside && has(x, y) && n >= 5; set != pruned.has(x, y) {
								t.Errorf("prune %d×%d: %d, %d is %v", w, h, x, y, !set)
							}
							if has(x, y) != has(x-1, y) {
								want = append(want, int32(x))
							}
						}
						if has(w-1, y) {
							want = append(want, int32(w))
						}
						if ends = b.steps(y, nil); !slices.Equal(ends, want) {
							t.Errorf("steps %d×%d: got %v, want %v", w, h, ends, want)
						}
						// The same line drawn run by run.
						var drawn bilevel
						drawn.size(w, 1)
						clear(drawn.bits)
						for ; len(ends) > 1; ends = ends[2:] {
							drawn.set(int(ends[0]), int(ends[1]), 0)
						}
						if !slices.Equal(drawn.row(0), b.row(y)) {
							t.Errorf("set %d×%d: got %x, want %x", w, h, drawn.row(0), b.row(y))
						}
					}
					for y := range reduced.h {
						for x := range reduced.stride * 64 {
							want := has(2*x, 2*y) || has(2*x+1, 2*y) || has(2*x, 2*y+1) || has(2*x+1, 2*y+1)
							if want != reduced.has(x, y) {
								t.Errorf("reduce %d×%d: %d, %d is %v", w, h, x, y, !want)
							}
						}
					}
				}
			}
		}
	}
}
