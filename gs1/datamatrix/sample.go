package datamatrix

import "math"

// Sampling: the mean of the gray in the middle of each module, then a threshold for each module from the dark and light
// modules around it. The distance from the threshold, against the local contrast, is how sure the module is.

// A sampler holds the gray of the modules of one guess.
type sampler struct {
	gray  []float32
	sharp []float32
	level []byte
	near  [2][2][]byte // memory for around
	sums  []uint64
	line  []uint64
	field field // of restore
}

// samples is how many samples in a row and in a column are worth taking of each module of g, few if quick.
func (g *guess) samples(quick bool) int {
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
	return n
}

// sample fills gray, rows by columns as they lie in the picture, with means over the middle half of the modules, of n by n
// samples each.
func (m *sampler) sample(p *view, g *guess, b *bend, n int) {
	const share = 0.5
	rows, cols := g.dims()
	f := onto(&g.quad, cols, rows)
	for _, s := range [...]*[]float32{&m.gray, &m.sharp} {
		*s = grow(*s, g.size.rows*g.size.cols)
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
				if inside {
					m.gray[r*w+c] = p.patch(x, y, 0, 0, 0, 0, 1)
				} else {
					m.gray[r*w+c] = float32(p.at(x, y))
				}
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

// plain turns the grays into g with one threshold, the middle between the dark and the light modules of the border. It says
// false if the light ones are not lighter.
func (m *sampler) plain(g *grid, s *size, l *layout) bool {
	mean := func(modules []uint16) float32 {
		sum := float32(0)
		for _, j := range modules {
			sum += m.gray[j]
		}
		return sum / float32(len(modules))
	}
	dark, light := mean(l.dark), mean(l.light)
	g.reset(s)
	middle := (dark + light) / 2
	for i, v := range m.gray[:len(g.dark)] {
		g.dark[i] = v < middle
	}
	return dark < light
}

// reach is how far around a module the modules lie that its threshold comes from.
const reach = 3

// threshold turns grays into g, which is of the guess's size: row and column change places if the guess is mirrored.
func (m *sampler) threshold(gray []float32, rows, cols int, g *grid, s *size, mirrored bool) {
	p, unit := m.levels(gray, rows, cols)
	// First the middle between local extremes.
	lo, hi := m.around(0, &p, false), m.around(1, &p, true)
	// Then between the means of the dark and the light modules around, which noise and glints disturb less. A word holds
	// three sums over modules: of the dark ones' levels, from bit 16 on of all levels, from bit 32 on how many are dark.
	n := rows * cols
	m.sums, m.line = grow(m.sums, n), grow(m.line, cols)
	sums, line := m.sums, m.line
	var dark, all, darks uint64
	for i, v := range p.pix {
		w := uint64(v)
		below := (2*w - uint64(lo[i]) - uint64(hi[i])) >> 63
		dark, all, darks = dark+w&-below, all+w, darks+below
		sums[i] = w&-below | w<<16 | below<<32
	}
	spread := float32(20)
	if darks > 0 && darks < uint64(n) {
		spread = float32(all-dark)/float32(uint64(n)-darks) - float32(dark)/float32(darks)
	}
	spread = max(spread, 4/unit)
	for r := range rows {
		boxes(line, sums[r*cols:][:cols])
	}
	clear(line)
	g.reset(s)
	g.sure = g.keep
	for r := -reach; r < rows; r++ {
		if in := r + reach; in < rows {
			for c, v := range sums[in*cols:][:cols] {
				line[c] += v
			}
		}
		if r < 0 {
			continue
		}
		if out := r - reach - 1; out >= 0 {
			for c, v := range sums[out*cols:][:cols] {
				line[c] -= v
			}
		}
		down := min(r+reach, rows-1) - max(r-reach, 0) + 1
		for c, v := range line {
			i := r*cols + c
			na := int(v >> 32)
			nb := down*(min(c+reach, cols-1)-max(c-reach, 0)+1) - na
			thr, contrast := float32(int(lo[i])+int(hi[i]))/2, spread
			if na > 0 && nb > 0 {
				a := float32(v&0xffff) / float32(na)
				b := float32(v>>16&0xffff-v&0xffff) / float32(nb)
				thr, contrast = (a+b)/2, max(b-a, spread/3)
			}
			d := (float32(p.pix[i]) - thr) / contrast * 2
			if mirrored {
				i = (cols-1-c)*rows + rows - 1 - r
			}
			g.dark[i] = d < 0
			g.sure[i] = uint8(min(max(d, -d), 1) * 255)
		}
	}
}

// levels makes a plane of grays, the darkest 0 and the lightest 255. unit is how much gray a level is.
func (m *sampler) levels(gray []float32, rows, cols int) (p plane, unit float32) {
	m.level = grow(m.level, len(gray))
	p = plane{m.level, cols, cols, rows}
	lo, hi := gray[0], gray[0]
	for _, v := range gray {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	unit = max(hi-lo, 0.01) / 255
	scale := 1 / unit
	for i, v := range gray {
		p.pix[i] = byte(int32((v-lo)*scale + 0.5))
	}
	return p, unit
}

// around gives the darkest level within reach of each module, or the lightest.
func (m *sampler) around(k int, p *plane, light bool) []byte {
	q := *p
	for i := range reach {
		q = q.extreme(light, m.near[k][i&1])
		m.near[k][i&1] = q.pix
	}
	return q.pix
}

// boxes replaces each sum of a row by the total of those within reach. line is memory as long as the row.
func boxes(line, row []uint64) {
	copy(line, row)
	sum := uint64(0)
	for _, v := range line[:min(reach, len(line))] {
		sum += v
	}
	for c := range row {
		if c+reach < len(line) {
			sum += line[c+reach]
		}
		if c > reach {
			sum -= line[c-reach-1]
		}
		row[c] = sum
	}
}
