package datamatrix

import "math"

// Sampling: the mean of the gray in the middle of each module, then a threshold for each module from the dark and light
// modules around it. The distance from the threshold, against the local contrast, is how sure the module is.

// A sampler holds the gray of the modules of one guess.
type sampler struct {
	gray  []float32
	sharp []float32
	lo    []float32
	hi    []float32
	tmp   []float32
	tmp2  []float32
	count []float32
}

// sample fills gray, rows by columns as they lie in the picture, with means over the given share of the modules, of
// few samples if quick.
func (m *sampler) sample(p *view, g *guess, b *bend, share float64, quick bool) {
	rows, cols := g.dims()
	f := onto(&g.quad, cols, rows)
	for _, s := range [...]*[]float32{&m.gray, &m.sharp, &m.lo, &m.hi, &m.tmp, &m.tmp2, &m.count} {
		*s = grow(*s, g.size.rows*g.size.cols)
	}
	n := 1
	switch side := g.moduleSize(); {
	case side > 9:
		n = 5
	case side > 5:
		n = 4
	case side > 3:
		n = 3
	case side > 1.6:
		n = 2
	}
	if quick {
		n = (n + 1) / 2
	}
	w := int(cols)
	inside := true
	for _, c := range g.quad {
		inside = inside && c.X >= 4 && c.Y >= 4 && c.X < float64(p.w)-4 && c.Y < float64(p.h)-4
	}
	inside = inside && b == nil
	scale := 1 / float64(n*n)
	for r := range int(rows) {
		for c := range w {
			u, v := float64(c)+0.5, float64(r)+0.5
			if b != nil {
				u, v = b.at(u, v, cols, rows)
			}
			z := 1 / (f.g*u + f.h*v + 1)
			x, y := (f.a*u+f.b*v+f.c)*z, (f.d*u+f.e*v+f.f)*z
			if n == 1 {
				m.gray[r*w+c] = float32(p.at(x, y))
				continue
			}
			k := share * z / float64(n)
			ux, uy := (f.a-f.g*x)*k, (f.d-f.g*y)*k
			vx, vy := (f.b-f.h*x)*k, (f.e-f.h*y)*k
			mid := float64(n-1) / 2
			x -= mid * (ux + vx)
			y -= mid * (uy + vy)
			if inside {
				m.gray[r*w+c] = p.patch(x, y, ux, uy, vx, vy, n)
				continue
			}
			sum := 0.0
			for range n {
				xx, yy := x, y
				for range n {
					sum += p.at(xx, yy)
					xx += ux
					yy += uy
				}
				x += vx
				y += vy
			}
			m.gray[r*w+c] = float32(sum * scale)
		}
	}
}

// moduleSize is in pixels, the root of the area.
func (g *guess) moduleSize() float64 {
	return math.Sqrt(max(g.quad.area(), 0) / float64(g.size.rows*g.size.cols))
}

// sharpen takes away a share of the four neighbours' differences: light that leaked, ink that spread.
func (m *sampler) sharpen(rows, cols int, k float32) []float32 {
	src := m.gray[:rows*cols]
	if k == 0 {
		return src
	}
	dst := m.sharp[:rows*cols]
	outside := float32(0)
	for _, v := range src {
		outside = max(outside, v)
	}
	for r := range rows {
		for c := range cols {
			i := r*cols + c
			v := src[i]
			up, down, left, right := outside, outside, outside, outside
			if r > 0 {
				up = src[i-cols]
			}
			if r < rows-1 {
				down = src[i+cols]
			}
			if c > 0 {
				left = src[i-1]
			}
			if c < cols-1 {
				right = src[i+1]
			}
			dst[i] = v + k*(4*v-up-down-left-right)
		}
	}
	return dst
}

// threshold turns grays into g, which is of the guess's size: row and column change places if the guess is mirrored.
func (m *sampler) threshold(gray []float32, rows, cols int, g *grid, s *size, mirrored bool) {
	const radius = 3
	n := rows * cols
	lo, hi, tmp, tmp2 := m.lo[:n], m.hi[:n], m.tmp[:n], m.tmp2[:n]
	// First the middle between local extremes: lo in rows then columns.
	for r := range rows {
		row := gray[r*cols : (r+1)*cols]
		for c := range cols {
			a, b := row[c], row[c]
			for _, v := range row[max(c-radius, 0):min(c+radius+1, cols)] {
				if v < a {
					a = v
				}
				if v > b {
					b = v
				}
			}
			tmp[r*cols+c], tmp2[r*cols+c] = a, b
		}
	}
	for r := range rows {
		low, high := lo[r*cols:][:cols], hi[r*cols:][:cols]
		copy(low, tmp[r*cols:])
		copy(high, tmp2[r*cols:])
		for i := max(r-radius, 0); i < min(r+radius+1, rows); i++ {
			for c, v := range tmp[i*cols:][:cols] {
				if v < low[c] {
					low[c] = v
				}
			}
			for c, v := range tmp2[i*cols:][:cols] {
				if v > high[c] {
					high[c] = v
				}
			}
		}
	}
	// Then between the means of the dark and the light modules around, which noise and glints disturb less.
	var sumLo, sumHi, nLo, nHi float32
	for i, v := range gray {
		if v < (lo[i]+hi[i])/2 {
			sumLo += v
			nLo++
		} else {
			sumHi += v
			nHi++
		}
	}
	spread := float32(20)
	if nLo > 0 && nHi > 0 {
		spread = max(sumHi/nHi-sumLo/nLo, 4)
	}
	g.reset(s)
	g.sure = g.keep
	// Box sums: along rows first, of the dark ones and of all, and how many are dark.
	sumDark, sumAll, count := m.tmp[:n], m.tmp2[:n], m.count[:n]
	for r := range rows {
		row := gray[r*cols : (r+1)*cols]
		var dark, all, k float32
		add := func(c int, sign float32) {
			v := row[c]
			all += sign * v
			if j := r*cols + c; v < (lo[j]+hi[j])/2 {
				dark += sign * v
				k += sign
			}
		}
		for c := range min(radius, cols) {
			add(c, 1)
		}
		for c := range cols {
			if c+radius < cols {
				add(c+radius, 1)
			}
			if c-radius-1 >= 0 {
				add(c-radius-1, -1)
			}
			sumDark[r*cols+c], sumAll[r*cols+c], count[r*cols+c] = dark, all, k
		}
	}
	for c := range cols {
		var dark, all, k float32
		for r := range min(radius, rows) {
			j := r*cols + c
			dark, all, k = dark+sumDark[j], all+sumAll[j], k+count[j]
		}
		across := min(c+radius, cols-1) - max(c-radius, 0) + 1
		for r := range rows {
			if j := (r+radius)*cols + c; r+radius < rows {
				dark, all, k = dark+sumDark[j], all+sumAll[j], k+count[j]
			}
			if j := (r-radius-1)*cols + c; r-radius-1 >= 0 {
				dark, all, k = dark-sumDark[j], all-sumAll[j], k-count[j]
			}
			i := r*cols + c
			na := k
			nb := float32(across*(min(r+radius, rows-1)-max(r-radius, 0)+1)) - k
			a, b := dark, all-dark
			thr := (lo[i] + hi[i]) / 2
			contrast := spread
			if na > 0.5 && nb > 0.5 {
				a, b = a/na, b/nb
				thr, contrast = (a+b)/2, max(b-a, spread/3)
			}
			d := (gray[i] - thr) / contrast * 2
			j := i
			if mirrored {
				j = (cols-1-c)*rows + rows - 1 - r
			}
			g.dark[j] = d < 0
			g.sure[j] = uint8(min(max(d, -d), 1) * 255)
		}
	}
}
