package datamatrix

import "encoding/binary"

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
	bw, bh int
	lo, hi []byte
	wide   []byte // memory for spread
	cut    int    // least contrast
	low    bool   // at a third of the contrast in place of half: the ground is darker than the label
}

// Bytes are compared eight at a time: the even and the odd ones as 16-bit lanes of a word, with bit 8 as guard.
const (
	evenBytes = 0x00ff00ff00ff00ff
	guardBits = 0x0100010001000100
	lowBits   = 0x0001000100010001
	everyByte = 0x0101010101010101
)

// minMax gives the smaller and the larger of each lane of a and b, which hold bytes.
func minMax(a, b uint64) (lo, hi uint64) {
	ge := (((a | guardBits) - b) & guardBits) >> 8 // 1 where a ≥ b
	m := (ge << 8) - ge                            // 255 there
	d := (a ^ b) & m
	return a ^ d, b ^ d
}

// extremes is minMax over rows of eight bytes.
func extremes(pix []byte, stride, rows int) (lo, hi byte) {
	v := binary.LittleEndian.Uint64(pix)
	l, h := minMax(v&evenBytes, v>>8&evenBytes)
	for y := 1; y < rows; y++ {
		v := binary.LittleEndian.Uint64(pix[y*stride:])
		lo, hi := minMax(v&evenBytes, v>>8&evenBytes)
		l, _ = minMax(l, lo)
		_, h = minMax(h, hi)
	}
	l, _ = minMax(l, l>>32)
	_, h = minMax(h, h>>32)
	return byte(min(l&0xff, l>>16&0xff)), byte(max(h&0xff, h>>16&0xff))
}

// size makes room for the blocks of p.
func (t *thresholder) size(p *plane) {
	t.bw, t.bh = (p.w+7)>>blockBits, (p.h+7)>>blockBits
	n := t.bw * t.bh
	t.lo, t.hi = grow(t.lo, n), grow(t.hi, n)
}

// measure finds the extremes of the blocks in some rows of them. In large pictures every other row of pixels is enough.
func (t *thresholder) measure(p *plane, from, to int) {
	step := 1
	if p.w*p.h > 10000 {
		step = 2
	}
	for by := from; by < to; by++ {
		y0, y1 := by*8, min(by*8+8, p.h)
		for bx := range t.bw {
			x0, x1 := bx*8, min(bx*8+8, p.w)
			var lo, hi byte
			if x1-x0 == 8 {
				lo, hi = extremes(p.pix[y0*p.stride+x0:], p.stride*step, (y1-y0+step-1)/step)
			} else {
				lo, hi = 255, 0
				for y := y0; y < y1; y += step {
					for _, v := range p.pix[y*p.stride+x0 : y*p.stride+x1] {
						lo = min(lo, v)
						hi = max(hi, v)
					}
				}
			}
			t.lo[by*t.bw+bx], t.hi[by*t.bw+bx] = lo, hi
		}
	}
}

// judge sets the least contrast by the ranges of the flattest sixth of the blocks, which hold noise alone.
func (t *thresholder) judge() {
	var ranges [256]int
	for i, lo := range t.lo {
		ranges[t.hi[i]-lo]++
	}
	flat := 0
	for seen := ranges[0]; seen*6 < len(t.lo) && flat < 255; seen += ranges[flat] {
		flat++
	}
	t.cut = max(7, flat+flat/2)
	if flat > 60 { // no flat block: the symbol fills the picture
		t.cut = 24
	}
}

// spread takes the extremes over five by five blocks.
func (t *thresholder) spread() {
	once := func(pix *[]byte, light bool) {
		p := plane{(*pix)[:t.bw*t.bh], t.bw, t.bw, t.bh}
		q := p.extreme(light, t.wide)
		p = q.extreme(light, *pix)
		t.wide, *pix = q.pix, p.pix
	}
	once(&t.lo, false)
	once(&t.hi, true)
}

// mark sets the pixels below the threshold of their block, or those above it.
func (t *thresholder) mark(p *plane, light bool, out *bilevel) {
	out.w, out.h = p.w, p.h
	out.pix = grow(out.pix, p.w*p.h)
	flip := uint64(0)
	if light {
		flip = 1<<64 - 1
	}
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
			thr := uint64(lo+hi) / 2
			if light {
				thr = 255 - thr
				lo, hi = 255-hi, 255-lo
			}
			if t.low {
				thr = uint64(lo + (hi-lo)/3)
			}
			if x1-x0 == 8 {
				// All eight at once: the high bit of a byte says whether its lower seven bits are below those of the
				// threshold. Of high thresholds it or a missing high bit is enough, of low ones both must be.
				lanes, high := thr&0x7f*everyByte, -(thr >> 7)
				for y := by * 8; y < y1; y++ {
					v := binary.LittleEndian.Uint64(p.pix[y*p.stride+x0:]) ^ flip
					low := ^((v | everyByte<<7) - lanes)
					below := low&^v | (low|^v)&high
					binary.LittleEndian.PutUint64(out.pix[y*p.w+x0:], below>>7&everyByte)
				}
				continue
			}
			for y := by * 8; y < y1; y++ {
				src := p.pix[y*p.stride+x0 : y*p.stride+x1]
				dst := out.pix[y*p.w+x0:][:len(src)]
				for i, v := range src {
					dst[i] = byte((int(v^byte(flip)) - int(thr)) >> 31 & 1)
				}
			}
		}
	}
}

// grow gives s the length n, with whatever is there. Memory that has to grow again is doubled.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, min(2*cap(s), cap(s)+1<<16)))
	}
	return s[:n]
}
