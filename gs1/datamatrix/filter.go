package datamatrix

import "encoding/binary"

// Other looks at the same picture, for when the plain one shows nothing: half the size averages noise away, the darkest of
// a neighbourhood makes dots touch and thin prints fat, the lightest takes spread ink back, the median removes specks.

// resize makes q a plane of its own memory, with whatever is there.
func (q *plane) resize(w, h int) { *q = plane{grow(q.pix, w*h), w, w, h} }

// halfOf fills lines of q, of half the size of p, each pixel the mean of four.
func (q *plane) halfOf(p *plane, from, to int) {
	for y := from; y < to; y++ {
		dst := q.row(y)
		halve(dst, p.row(2 * y)[:2*q.w], p.row(2*y + 1)[:2*q.w])
	}
}

// halve sets each pixel of dst to the mean of two of a and two of b.
func halve(dst, a, b []byte) {
	if len(dst) < 8 {
		for x := range dst {
			dst[x] = byte((uint(a[2*x]) + uint(a[2*x+1]) + uint(b[2*x]) + uint(b[2*x+1]) + 2) >> 2)
		}
		return
	}
	for x := 0; ; x += 8 {
		x = min(x, len(dst)-8) // the last ones once more
		u, v := binary.LittleEndian.Uint64(a[2*x:]), binary.LittleEndian.Uint64(b[2*x:])
		s := u&evenBytes + u>>8&evenBytes + v&evenBytes + v>>8&evenBytes + 2*lowBits
		u, v = binary.LittleEndian.Uint64(a[2*x+8:]), binary.LittleEndian.Uint64(b[2*x+8:])
		t := u&evenBytes + u>>8&evenBytes + v&evenBytes + v>>8&evenBytes + 2*lowBits
		s, t = s>>2&evenBytes, t>>2&evenBytes
		s, t = s|s>>8, t|t>>8
		binary.LittleEndian.PutUint64(dst[x:], s&0xffff|s>>16&0xffff0000|t&0xffff<<32|t>>32<<48)
		if x == len(dst)-8 {
			return
		}
	}
}

// quarterOf fills lines of q, of a quarter of the size of p, each pixel the mean of sixteen.
func (q *plane) quarterOf(p *plane, from, to int) {
	w := q.w
	for y := from; y < to; y++ {
		r0, r1, r2, r3 := p.row(4 * y)[:4*w], p.row(4*y + 1)[:4*w], p.row(4*y + 2)[:4*w], p.row(4*y + 3)[:4*w]
		dst := q.pix[y*w:][:w]
		x := 0
		for ; x+2 <= w; x += 2 {
			a, b := binary.LittleEndian.Uint64(r0[4*x:]), binary.LittleEndian.Uint64(r1[4*x:])
			c, d := binary.LittleEndian.Uint64(r2[4*x:]), binary.LittleEndian.Uint64(r3[4*x:])
			s := a&evenBytes + a>>8&evenBytes + b&evenBytes + b>>8&evenBytes +
				c&evenBytes + c>>8&evenBytes + d&evenBytes + d>>8&evenBytes
			s += s >> 16
			dst[x] = byte((s&0xffff + 8) >> 4)
			dst[x+1] = byte((s>>32&0xffff + 8) >> 4)
		}
		for ; x < w; x++ {
			sum := 8
			for i := range 4 {
				sum += int(r0[4*x+i]) + int(r1[4*x+i]) + int(r2[4*x+i]) + int(r3[4*x+i])
			}
			dst[x] = byte(sum >> 4)
		}
	}
}

// extreme makes a plane of the darkest pixels of 3 by 3, or of the lightest. Beyond the edge the pixels at the edge go on.
func (p *plane) extreme(light bool, buf []byte) plane {
	buf = grow(buf, p.w*p.h+p.w+2)
	q, line := plane{buf[:p.w*p.h], p.w, p.w, p.h}, buf[p.w*p.h:]
	for y := range p.h {
		extremeOfThree(line[1:p.w+1], p.row(max(y-1, 0)), p.row(y), p.row(min(y+1, p.h-1)), light)
		line[0], line[p.w+1] = line[1], line[p.w]
		extremeOfThree(q.row(y), line, line[1:], line[2:], light)
	}
	return q
}

// extremeOfThree sets each pixel to the smallest of the pixels of three rows, or to the largest.
func extremeOfThree(dst, a, b, c []byte, light bool) {
	n := len(dst)
	a, b, c = a[:n], b[:n], c[:n]
	flip := uint64(0) // the largest is the smallest of complements
	if light {
		flip = evenBytes
	}
	if n < 8 {
		for x := range dst {
			if light {
				dst[x] = max(a[x], b[x], c[x])
			} else {
				dst[x] = min(a[x], b[x], c[x])
			}
		}
		return
	}
	for x := 0; ; x += 8 {
		x = min(x, n-8) // the last ones once more
		u, v, w := binary.LittleEndian.Uint64(a[x:]), binary.LittleEndian.Uint64(b[x:]), binary.LittleEndian.Uint64(c[x:])
		even, _ := minMax(u&evenBytes^flip, v&evenBytes^flip)
		even, _ = minMax(even, w&evenBytes^flip)
		odd, _ := minMax(u>>8&evenBytes^flip, v>>8&evenBytes^flip)
		odd, _ = minMax(odd, w>>8&evenBytes^flip)
		binary.LittleEndian.PutUint64(dst[x:], even^flip|(odd^flip)<<8)
		if x == n-8 {
			return
		}
	}
}

// median makes a plane of the medians of 3 by 3: with sorted columns it is the median of the largest low, the middle middle
// and the smallest high (Smith, Xilinx XCELL 23, 1996). Eight pixels are done at once, the last ones once more.
func (p *plane) median(buf []byte) plane {
	n := max(p.w, 8) // of a line of sorted columns, behind one column and before another
	buf = grow(buf, p.w*p.h+3*(n+2))
	q, lines := plane{buf[:p.w*p.h], p.w, p.w, p.h}, buf[p.w*p.h:]
	low, mid, high := lines[:n+2], lines[n+2:2*n+4], lines[2*n+4:3*n+6]
	var narrow [4][8]byte
	for y := range p.h {
		a, b, c, dst := p.row(max(y-1, 0)), p.row(y), p.row(min(y+1, p.h-1)), q.row(y)
		if p.w < 8 {
			copy(narrow[0][:], a)
			copy(narrow[1][:], b)
			copy(narrow[2][:], c)
			a, b, c, dst = narrow[0][:], narrow[1][:], narrow[2][:], narrow[3][:]
		}
		for x := 0; ; x += 8 {
			x = min(x, n-8)
			u, v, w := binary.LittleEndian.Uint64(a[x:]), binary.LittleEndian.Uint64(b[x:]), binary.LittleEndian.Uint64(c[x:])
			l0, m0, h0 := sorted(u&evenBytes, v&evenBytes, w&evenBytes)
			l1, m1, h1 := sorted(u>>8&evenBytes, v>>8&evenBytes, w>>8&evenBytes)
			binary.LittleEndian.PutUint64(low[x+1:], l0|l1<<8)
			binary.LittleEndian.PutUint64(mid[x+1:], m0|m1<<8)
			binary.LittleEndian.PutUint64(high[x+1:], h0|h1<<8)
			if x == n-8 {
				break
			}
		}
		for _, line := range [...][]byte{low, mid, high} {
			line[0], line[p.w+1] = line[1], line[p.w]
		}
		for x := 0; ; x += 8 {
			x = min(x, n-8)
			even := medianOf(low[x:], mid[x:], high[x:], 0)
			odd := medianOf(low[x:], mid[x:], high[x:], 8)
			binary.LittleEndian.PutUint64(dst[x:], even|odd<<8)
			if x == n-8 {
				break
			}
		}
		if p.w < 8 {
			copy(q.row(y), dst)
		}
	}
	return q
}

// medianOf gives the medians of every other pixel, the even ones or those 8 bits up, by the sorted columns beside them.
func medianOf(low, mid, high []byte, shift int) uint64 {
	three := func(line []byte) (a, b, c uint64) {
		a, b, c = binary.LittleEndian.Uint64(line), binary.LittleEndian.Uint64(line[1:]), binary.LittleEndian.Uint64(line[2:])
		return a >> shift & evenBytes, b >> shift & evenBytes, c >> shift & evenBytes
	}
	a, b, c := three(low)
	_, a = minMax(a, b)
	_, largest := minMax(a, c)
	_, middle, _ := sorted(three(mid))
	a, b, c = three(high)
	a, _ = minMax(a, b)
	smallest, _ := minMax(a, c)
	_, middle, _ = sorted(largest, middle, smallest)
	return middle
}

// sorted sorts the lanes of three words.
func sorted(a, b, c uint64) (lo, mid, hi uint64) {
	a, b = minMax(a, b)
	b, hi = minMax(b, c)
	lo, mid = minMax(a, b)
	return lo, mid, hi
}

// A flattener holds the memory of flatten.
type flattener struct {
	sums []int
	diff []int16
}

// flatten makes a plane of the differences from the mean of a wide neighbourhood, stretched to the full range: what is left
// of a faint symbol when the light falls unevenly. It says false if the contrast is good already.
func (f *flattener) flatten(p *plane, buf []byte) (plane, bool) {
	const radius = 24
	q := plane{grow(buf, p.w*p.h), p.w, p.w, p.h}
	// Column sums over the rows of the window, moved down row by row.
	f.sums = grow(f.sums, p.w)
	sums := f.sums
	clear(sums)
	rows := 0
	add := func(y, sign int) {
		rows += sign
		for x, v := range p.row(y) {
			sums[x] += sign * int(v)
		}
	}
	f.diff = grow(f.diff, p.w*p.h)
	diff := f.diff
	var hist [512]int
	for y := range min(radius, p.h) {
		add(y, 1)
	}
	for y := range p.h {
		if y+radius < p.h {
			add(y+radius, 1)
		}
		if y-radius-1 >= 0 {
			add(y-radius-1, -1)
		}
		sum, cols := 0, 0
		for x := range min(radius, p.w) {
			sum += sums[x]
			cols++
		}
		for x, v := range p.row(y) {
			if x+radius < p.w {
				sum += sums[x+radius]
				cols++
			}
			if x-radius-1 >= 0 {
				sum -= sums[x-radius-1]
				cols--
			}
			d := 4*int(v) - 4*sum/(rows*cols) // in quarters
			diff[y*p.w+x] = int16(d)
			hist[min(max(d, -d)/4, 511)]++
		}
	}
	wide, seen := 0, 0 // all but a hundredth are less than this far off
	for ; wide < 511 && seen*100 < p.w*p.h*99; wide++ {
		seen += hist[wide]
	}
	if wide > 40 || wide < 2 {
		return q, false
	}
	for i, d := range diff {
		q.pix[i] = byte(min(max(128+int(d)*27/wide, 0), 255))
	}
	return q, true
}
