package datamatrix

import "math/bits"

// A bilevel is a picture of one bit a pixel: 1 where it is dark (or light, for the other polarity), else 0. Lines begin with
// a word of their own, the first pixel is the lowest bit, and what is beyond the last one is 0.
type bilevel struct {
	bits   []uint64
	stride int // words of a line
	w, h   int
}

// size gives b room for w by h pixels, with whatever is there.
func (b *bilevel) size(w, h int) {
	b.w, b.h, b.stride = w, h, (w+63)/64
	b.bits = grow(b.bits, b.stride*h)
}

func (b *bilevel) row(y int) []uint64 { return b.bits[y*b.stride:][:b.stride] }

// has says whether a pixel, which lies within, is set.
func (b *bilevel) has(x, y int) bool { return b.bits[y*b.stride+x>>6]>>(x&63)&1 != 0 }

// cell gives the pixels of a line from x on, n of them, which share a word.
func (b *bilevel) cell(x, y, n int) uint64 {
	return b.bits[y*b.stride+x>>6] >> (x & 63) & (1<<n - 1)
}

// set sets the pixels of line y from x0 on, up to x1.
func (b *bilevel) set(x0, x1, y int) {
	for row := b.row(y); x0 < x1; x0 = x0&^63 + 64 {
		row[x0>>6] |= ^uint64(0) << (x0 & 63) & (^uint64(0) >> (63 - min(x1-1-x0&^63, 63)))
	}
}

// reduce makes every pixel of out the OR of 2 by 2.
func (b *bilevel) reduce(out *bilevel) {
	out.size((b.w+1)/2, (b.h+1)/2)
	for y := range out.h {
		r0 := b.row(2 * y)
		r1 := r0
		if 2*y+1 < b.h {
			r1 = b.row(2*y + 1)
		}
		for i, dst := 0, out.row(y); i < len(dst); i++ {
			word := pairs(r0[2*i] | r1[2*i])
			if 2*i+1 < len(r0) {
				word |= pairs(r0[2*i+1]|r1[2*i+1]) << 32
			}
			dst[i] = word
		}
	}
}

// pairs gives 32 bits, each the OR of two beside each other.
func pairs(v uint64) uint64 {
	v = (v | v>>1) & 0x5555555555555555
	v = (v | v>>1) & 0x3333333333333333
	v = (v | v>>2) & 0x0f0f0f0f0f0f0f0f
	v = (v | v>>4) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return (v | v>>16) & 0x00000000ffffffff
}

// prune keeps the pixels with at least five set neighbours of eight: scratches and ties to what is beside the symbol go, and
// corners, which the sides bring back. The neighbours of 64 pixels are counted at once, a word for each binary digit of the
// count.
func (b *bilevel) prune(out *bilevel) {
	out.size(b.w, b.h)
	clear(out.bits)
	for y := 1; y < b.h-1; y++ {
		up, row, down, dst := b.row(y-1), b.row(y), b.row(y+1), out.row(y)
		for i, v := range row {
			if v == 0 {
				continue
			}
			ul, ur := beside(up, i)
			l, r := beside(row, i)
			dl, dr := beside(down, i)
			one1, two1 := addBits(ul, up[i], ur)
			one2, two2 := addBits(dl, down[i], dr)
			one3, two3 := l^r, l&r
			one, two4 := addBits(one1, one2, one3)
			// Twice how many of these are set, and one.
			three := two1&two2&(two3|two4) | two3&two4&(two1|two2)
			two := two1&two2 | two3&two4 | (two1|two2)&(two3|two4)
			dst[i] = v & (three | two&one)
		}
		dst[0] &^= 1
		dst[(b.w-1)>>6] &^= 1 << ((b.w - 1) & 63)
	}
}

// beside gives the pixels to the left and to the right of those of word i.
func beside(row []uint64, i int) (left, right uint64) {
	left, right = row[i]<<1, row[i]>>1
	if i > 0 {
		left |= row[i-1] >> 63
	}
	if i+1 < len(row) {
		right |= row[i+1] << 63
	}
	return left, right
}

// addBits adds three numbers of one bit, 64 times.
func addBits(a, b, c uint64) (one, two uint64) { return a ^ b ^ c, a&b | c&(a|b) }

// steps appends to ends where line y changes between unset and set: where a run begins, where it ends, and so on.
func (b *bilevel) steps(y int, ends []int32) []int32 {
	before := uint64(0) // whether the pixel before the word is set
	for i, v := range b.row(y) {
		for t := v ^ (v<<1 | before); t != 0; t &= t - 1 {
			ends = append(ends, int32(i<<6+bits.TrailingZeros64(t)))
		}
		before = v >> 63
	}
	if before != 0 {
		ends = append(ends, int32(b.stride<<6))
	}
	return ends
}
