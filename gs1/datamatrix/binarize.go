package datamatrix

import "encoding/binary"

// Binarization: a threshold for every block of 8 by 8 pixels, the middle between the darkest and the lightest pixel of
// the block and its neighbours. Blocks without contrast, measured against the noise of the picture's flattest blocks, have
// none: nothing in them is dark or light. Labels and shadows are larger than a block, modules are not.

const blockBits = 3

// A thresholder holds the block maps of one plane.
type thresholder struct {
	bw, bh int
	lo, hi []byte
	wide   []byte     // memory for spread
	line   [2][]limit // and for mark, of dark and of light
	cut    int        // least contrast
	low    bool       // at a third of the contrast in place of half: the ground is darker than the label
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

// A limit is a threshold for eight pixels at once: the high bit of a byte says whether its lower seven bits are below those
// of the threshold. Of high thresholds it or a missing high bit is enough, of low ones both must be.
type limit struct{ lanes, high, any uint64 }

// limits finds the limits of a line of blocks for the pixels as they are, or for their complements.
func (t *thresholder) limits(by int, light bool) []limit {
	keep := &t.line[0]
	if light {
		keep = &t.line[1]
	}
	line := grow(*keep, t.bw)
	*keep = line
	los, his := t.lo[by*t.bw:][:t.bw], t.hi[by*t.bw:][:t.bw]
	for bx := range line {
		lo, hi := int(los[bx]), int(his[bx])
		if hi-lo < t.cut {
			line[bx] = limit{}
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
		line[bx] = limit{thr & 0x7f * everyByte, -(thr >> 7), 0x80 * everyByte}
	}
	return line
}

// below gives the high bits of the bytes of v that are below the limit.
func (l *limit) below(v uint64) uint64 {
	low := ^((v | 0x80*everyByte) - l.lanes)
	return (low&^v | (low|^v)&l.high) & l.any
}

// gather moves the high bits of eight bytes together: the products of none of them meet.
const gather = 0x0002040810204081

// mark sets the pixels below the threshold of their block, or those above it.
func (t *thresholder) mark(p *plane, light bool, out *bilevel) {
	out.size(p.w, p.h)
	flip := uint64(0)
	if light {
		flip = 1<<64 - 1
	}
	for by := range t.bh {
		limits := t.limits(by, light)
		for y := by * 8; y < min(by*8+8, p.h); y++ {
			src, dst := p.row(y), out.row(y)
			for i := range dst {
				word := uint64(0)
				line := limits[8*i : min(8*i+8, len(limits))]
				for k := range line {
					v := uint64(0)
					if len(src) >= 8 {
						v = binary.LittleEndian.Uint64(src)
						src = src[8:]
					} else {
						v = rest(src, byte(flip))
					}
					word |= line[k].below(v^flip) * gather >> 56 << (8 * k)
				}
				dst[i] = word
			}
		}
	}
}

// rest makes a word of fewer than eight bytes. Those beyond are above any limit once they are flipped.
func rest(src []byte, fill byte) uint64 {
	var b [8]byte
	for i := range b {
		b[i] = ^fill
	}
	copy(b[:], src)
	return binary.LittleEndian.Uint64(b[:])
}

// grow gives s the length n, with whatever is there. Memory that has to grow again is doubled.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, max(n, min(2*cap(s), cap(s)+1<<16)))
	}
	return s[:n]
}
