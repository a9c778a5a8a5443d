package datamatrix

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestNeighbours compares the filters of 3 by 3 with sorting, for widths around the number of pixels done at once.
func TestNeighbours(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for w := 1; w < 14; w++ {
		for _, h := range []int{1, 2, 5} {
			p := plane{pix: make([]byte, w*h), stride: w, w: w, h: h}
			for i := range p.pix {
				p.pix[i] = byte(rng.IntN(256))
			}
			dark, light, middle := p.extreme(false, nil), p.extreme(true, nil), p.median(nil)
			for y := range h {
				for x := range w {
					var all []byte
					for dy := -1; dy <= 1; dy++ {
						for dx := -1; dx <= 1; dx++ {
							all = append(all, p.pix[min(max(y+dy, 0), h-1)*w+min(max(x+dx, 0), w-1)])
						}
					}
					slices.Sort(all)
					got := fmt.Sprint(dark.row(y)[x], middle.row(y)[x], light.row(y)[x])
					if want := fmt.Sprint(all[0], all[4], all[8]); got != want {
						t.Errorf("%d×%d at %d, %d: got %s, want %s", w, h, x, y, got, want)
					}
				}
			}
		}
	}
}
