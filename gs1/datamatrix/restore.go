package datamatrix

import (
	"math"
	"slices"
)

// Restoration of blurred symbols. Out of focus the gray of a module is a mean of those around it, weighted by a Gauss
// function of about the same width everywhere. The modules are sought whose blur is what is seen, by steps against the
// difference (Landweber, 1951), and held between dark and light, without which noise would grow with every step.

// widths are the standard deviations that are tried, in modules. Less is taken away by sharpen, more leaves nothing.
var widths = [...]float64{0.6, 0.75}

const (
	blurReach  = 3  // modules that a blur goes beyond a symbol
	blurRounds = 30 // steps
)

// restore gives the grays that the modules in m.gray had before a blur of the given width.
func (m *sampler) restore(rows, cols int, width float64) []float32 {
	var kernel [blurReach + 1]float32
	total := float32(0)
	for i := range kernel {
		kernel[i] = float32(math.Exp(-float64(i*i) / (2 * width * width)))
		total += kernel[i]
		if i > 0 {
			total += kernel[i]
		}
	}
	for i := range kernel {
		kernel[i] /= total
	}
	// The levels, and the symbol with light around it.
	seen := m.gray[:rows*cols]
	m.sharp = append(m.sharp[:0], seen...)
	slices.Sort(m.sharp)
	dark, light := m.sharp[len(seen)/50], m.sharp[len(seen)-1-len(seen)/50]
	w, h := cols+2*blurReach, rows+2*blurReach
	m.field.size(w, h)
	f := &m.field
	for i := range f.now {
		f.now[i], f.seen[i] = light, light
	}
	for r := range rows {
		copy(f.now[(r+blurReach)*w+blurReach:][:cols], seen[r*cols:])
		copy(f.seen[(r+blurReach)*w+blurReach:][:cols], seen[r*cols:])
	}
	for range blurRounds {
		f.blur(f.diff, f.now, &kernel)
		for i, v := range f.diff {
			f.diff[i] = f.seen[i] - v
		}
		f.blur(f.diff, f.diff, &kernel)
		for r := range rows {
			at := (r+blurReach)*w + blurReach
			d := f.diff[at:][:cols]
			for c, v := range f.now[at:][:cols] {
				f.now[at+c] = min(max(v+1.9*d[c], dark), light)
			}
		}
	}
	out := m.sharp[:rows*cols]
	for r := range rows {
		copy(out[r*cols:][:cols], f.now[(r+blurReach)*w+blurReach:])
	}
	return out
}

// A field is the memory of restore.
type field struct {
	w, h                 int
	now, seen, diff, tmp []float32
}

func (f *field) size(w, h int) {
	f.w, f.h = w, h
	for _, s := range [...]*[]float32{&f.now, &f.seen, &f.diff, &f.tmp} {
		*s = grow(*s, w*h)
	}
}

// blur sets dst to src, which may be the same, weighted by half a kernel in both directions. What is near the edge stays.
func (f *field) blur(dst, src []float32, k *[blurReach + 1]float32) {
	copy(f.tmp, src)
	for r := range f.h {
		in, out := src[r*f.w:][:f.w], f.tmp[r*f.w:][:f.w]
		for c := blurReach; c < f.w-blurReach; c++ {
			out[c] = k[0]*in[c] + k[1]*(in[c-1]+in[c+1]) + k[2]*(in[c-2]+in[c+2]) + k[3]*(in[c-3]+in[c+3])
		}
	}
	copy(dst, f.tmp)
	for r := blurReach; r < f.h-blurReach; r++ {
		row := func(d int) []float32 { return f.tmp[(r+d)*f.w:][:f.w] }
		out, mid := dst[r*f.w:][:f.w], row(0)
		u1, u2, u3, d1, d2, d3 := row(-1), row(-2), row(-3), row(1), row(2), row(3)
		for c, v := range mid {
			out[c] = k[0]*v + k[1]*(u1[c]+d1[c]) + k[2]*(u2[c]+d2[c]) + k[3]*(u3[c]+d3[c])
		}
	}
}
