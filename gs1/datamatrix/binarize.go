package datamatrix

// Binarization: a threshold for every block of 8 by 8 pixels, the middle between the darkest and the lightest pixel of
// the block and its neighbours. Blocks without contrast, measured against the noise of the picture's flattest blocks, have
// none: nothing in them is dark or light. Labels and shadows are larger than a block, modules are not.

const blockBits = 3

// A bilevel is a picture as bytes: 1 where a pixel is dark (or light, for the other polarity), else 0.
type bilevel struct {
	pix  []byte
	w, h int
}

// A thresholder holds the block maps of one plane.
type thresholder struct {
	bw, bh   int
	lo, hi   []byte
	lo2, hi2 []byte
	cut      int // least contrast
}

// measure finds the extremes of each block and the noise.
func (t *thresholder) measure(p *plane) {
	t.bw, t.bh = (p.w+7)>>blockBits, (p.h+7)>>blockBits
	n := t.bw * t.bh
	t.lo, t.hi = grow(t.lo, n), grow(t.hi, n)
	t.lo2, t.hi2 = grow(t.lo2, n), grow(t.hi2, n)
	var ranges [256]int
	for by := range t.bh {
		y1 := min(by*8+8, p.h)
		for bx := range t.bw {
			x0, x1 := bx*8, min(bx*8+8, p.w)
			lo, hi := byte(255), byte(0)
			for y := by * 8; y < y1; y++ {
				for _, v := range p.pix[y*p.stride+x0 : y*p.stride+x1] {
					lo = min(lo, v)
					hi = max(hi, v)
				}
			}
			t.lo[by*t.bw+bx], t.hi[by*t.bw+bx] = lo, hi
			ranges[hi-lo]++
		}
	}
	flat, seen := 0, 0
	for seen = ranges[0]; seen*6 < n && flat < 255; {
		flat++
		seen += ranges[flat]
	}
	t.cut = max(7, flat+flat/2)
	if flat > 60 { // no flat block: the symbol fills the picture
		t.cut = 24
	}
}

// spread takes the extremes over neighbouring blocks.
func (t *thresholder) spread(radius int) {
	for range radius {
		for by := range t.bh {
			row := by * t.bw
			for bx := range t.bw {
				l, r := row+max(bx-1, 0), row+min(bx+1, t.bw-1)
				t.lo2[row+bx] = min(t.lo[l], t.lo[row+bx], t.lo[r])
				t.hi2[row+bx] = max(t.hi[l], t.hi[row+bx], t.hi[r])
			}
		}
		for by := range t.bh {
			row, up, down := by*t.bw, max(by-1, 0)*t.bw, min(by+1, t.bh-1)*t.bw
			for bx := range t.bw {
				t.lo[row+bx] = min(t.lo2[up+bx], t.lo2[row+bx], t.lo2[down+bx])
				t.hi[row+bx] = max(t.hi2[up+bx], t.hi2[row+bx], t.hi2[down+bx])
			}
		}
	}
}

// dark marks the pixels below the threshold of their block, light those above.
func (t *thresholder) mark(p *plane, light bool, out *bilevel) {
	out.w, out.h = p.w, p.h
	out.pix = grow(out.pix, p.w*p.h)
	for by := range t.bh {
		y1 := min(by*8+8, p.h)
		for bx := range t.bw {
			x0, x1 := bx*8, min(bx*8+8, p.w)
			lo, hi := int(t.lo[by*t.bw+bx]), int(t.hi[by*t.bw+bx])
			if hi-lo < t.cut {
				for y := by * 8; y < y1; y++ {
					clear(out.pix[y*p.w+x0 : y*p.w+x1])
				}
				continue
			}
			thr := byte((lo + hi) / 2)
			for y := by * 8; y < y1; y++ {
				src := p.pix[y*p.stride+x0 : y*p.stride+x1]
				dst := out.pix[y*p.w+x0:][:len(src)]
				if light {
					for i, v := range src {
						dst[i] = byte((int(thr) - int(v)) >> 31 & 1)
					}
				} else {
					for i, v := range src {
						dst[i] = byte((int(v) - int(thr)) >> 31 & 1)
					}
				}
			}
		}
	}
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
