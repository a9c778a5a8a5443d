package datamatrix

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// A scene says how the renderer draws a symbol.
type scene struct {
	module      float64 // pixels
	angle       float64 // degrees
	tilt        float64 // perspective: 0 none, 0.3 strong
	bend        float64 // cylinder: sagitta in modules
	dark, light float64 // gray levels
	ground      float64 // around the label; 0: as light
	blur        float64 // standard deviation, modules
	noise       float64 // standard deviation, gray levels
	dots        float64 // diameter in modules; 0: full modules
	spread      float64 // ink, in modules; negative: thin
	nicks       int     // round spots of light on the border
	mirrored    bool
	gradient    float64 // gray levels over the picture
}

// render draws m in the middle of a picture with a quiet zone of three modules and a ground beyond it.
func render(m *Matrix, sc scene, rng *rand.Rand) *image.Gray {
	rows, cols := float64(m.Rows()), float64(m.Columns())
	diagonal := math.Hypot(rows, cols)
	side := int((diagonal + 10) * sc.module)
	g := image.NewGray(image.Rect(0, 0, side, side))
	sin, cos := math.Sincos(sc.angle * math.Pi / 180)
	type spot struct{ u, v, r float64 }
	var spots []spot
	for range sc.nicks {
		spots = append(spots, spot{rng.Float64() * cols, rows - 0.5, 0.9}, spot{0.5, rng.Float64() * rows, 0.9})
	}
	dark := func(u, v float64) float64 { // 1 dark, 0 light
		for _, s := range spots {
			if math.Hypot(u-s.u, v-s.v) < s.r {
				return 0
			}
		}
		c, r := math.Floor(u), math.Floor(v)
		is := func(r, c float64) bool { return m.Dark(int(r), int(c)) }
		if r < 0 || c < 0 {
			is = func(r, c float64) bool { return r >= 0 && c >= 0 && m.Dark(int(r), int(c)) }
		}
		fu, fv := u-c, v-r
		switch {
		case sc.dots > 0:
			if is(r, c) && math.Hypot(fu-0.5, fv-0.5) < sc.dots/2 {
				return 1
			}
			return 0
		case sc.spread > 0:
			if is(r, c) || fu < sc.spread && is(r, c-1) || fu > 1-sc.spread && is(r, c+1) ||
				fv < sc.spread && is(r-1, c) || fv > 1-sc.spread && is(r+1, c) {
				return 1
			}
			return 0
		case sc.spread < 0:
			t := -sc.spread
			if !is(r, c) || fu < t && !is(r, c-1) || fu > 1-t && !is(r, c+1) || fv < t && !is(r-1, c) || fv > 1-t && !is(r+1, c) {
				return 0
			}
			return 1
		}
		if is(r, c) {
			return 1
		}
		return 0
	}
	const n = 3 // samples along a side of a pixel
	buf := make([]float64, side*side)
	for y := range side {
		for x := range side {
			sum := 0.0
			for k := range n * n {
				px := (float64(x)+(float64(k%n)+0.5)/n)/sc.module - float64(side)/2/sc.module
				py := (float64(y)+(float64(k/n)+0.5)/n)/sc.module - float64(side)/2/sc.module
				u, v := cos*px+sin*py, -sin*px+cos*py
				z := 1 + sc.tilt*u/cols
				u, v = u/z, v/z
				v += sc.bend * (1 - 4*u*u/cols/cols)
				if sc.mirrored {
					u = -u
				}
				u, v = u+cols/2, v+rows/2
				level := sc.light + (sc.dark-sc.light)*dark(u, v)
				if sc.ground != 0 && (u < -3 || v < -3 || u > cols+3 || v > rows+3) {
					level = sc.ground
				}
				sum += level
			}
			buf[y*side+x] = sum/(n*n) + sc.gradient*float64(x+y)/float64(2*side)
		}
	}
	blur(buf, side, sc.blur*sc.module)
	for i, v := range buf {
		g.Pix[i] = byte(min(max(v+rng.NormFloat64()*sc.noise+0.5, 0), 255))
	}
	return g
}

// blur is a Gauss filter along rows and columns.
func blur(buf []float64, side int, sigma float64) {
	if sigma <= 0 {
		return
	}
	radius := int(3*sigma) + 1
	kernel := make([]float64, 2*radius+1)
	total := 0.0
	for i := range kernel {
		d := float64(i-radius) / sigma
		kernel[i] = math.Exp(-d * d / 2)
		total += kernel[i]
	}
	line := make([]float64, side)
	for _, step := range [...][2]int{{1, side}, {side, 1}} {
		for l := range side {
			for i := range side {
				sum := 0.0
				for k, w := range kernel {
					sum += w * buf[l*step[1]+min(max(i+k-radius, 0), side-1)*step[0]]
				}
				line[i] = sum / total
			}
			for i := range side {
				buf[l*step[1]+i*step[0]] = line[i]
			}
		}
	}
}

// TestRendered reads pictures of the renderer and pins how many of each class are read. Nothing may be read wrong.
func TestRendered(t *testing.T) {
	base := scene{module: 5, dark: 40, light: 210, noise: 2, blur: 0.15}
	with := func(f func(s *scene, x float64)) func(float64) scene {
		return func(x float64) scene { s := base; s.angle = 360 * x; f(&s, x); return s }
	}
	const n = 8
	table := &strings.Builder{}
	for _, tt := range []struct {
		name string
		want int // of n
		make func(x float64) scene
	}{
		{"clean", 8, func(x float64) scene { s := base; s.module = 3 + 3*x; return s }},
		{"rotate", 8, with(func(s *scene, x float64) {})},
		{"perspective", 8, with(func(s *scene, x float64) { s.tilt = 0.3 * x })},
		{"blur", 8, with(func(s *scene, x float64) { s.blur = 0.2 + 0.35*x })},
		{"noise", 8, with(func(s *scene, x float64) { s.noise = 10 + 40*x; s.module = 6 })},
		{"lowcontrast", 8, with(func(s *scene, x float64) { s.dark, s.light, s.gradient = 100, 140-26*x, 60 })},
		{"lowres", 8, with(func(s *scene, x float64) { s.module = 2.6 - 0.9*x; s.blur = 0.3 })},
		{"dots", 8, with(func(s *scene, x float64) { s.dots = 0.95 - 0.3*x; s.module = 7 })},
		{"inverted", 8, with(func(s *scene, x float64) { s.dark, s.light = s.light, s.dark })},
		{"mirrored", 8, with(func(s *scene, x float64) { s.mirrored = true })},
		{"bent", 5, with(func(s *scene, x float64) { s.bend = 2 * x })},
		{"thin", 8, with(func(s *scene, x float64) { s.spread = -0.28 * x })},
		{"spread", 8, with(func(s *scene, x float64) { s.spread = 0.28 * x })},
		{"damage", 8, with(func(s *scene, x float64) { s.nicks = 1 + int(2*x) })},
		{"ground", 8, with(func(s *scene, x float64) { s.ground = 60 + 100*x })},
	} {
		rng := rand.New(rand.NewPCG(13, 14))
		found := 0
		var times []time.Duration
		for i := range n {
			text := "01" + gtin(rng) + "1729123110" + digits(rng, 1+rng.IntN(12))
			m, err := Encode(text, &Options{Shape: []Shape{Square, Square, Rectangle}[i%3]})
			if err != nil {
				t.Fatal(err)
			}
			img := render(m, tt.make((float64(i)+0.5)/n), rng)
			start := time.Now()
			s, err := Decode(img)
			times = append(times, time.Since(start))
			if err != nil {
				t.Logf("%s %d: %v", tt.name, i, err)
				continue
			}
			if s.ScanData != "]d2"+text {
				t.Errorf("%s %d: read %q, not %q", tt.name, i, s.ScanData, text)
				continue
			}
			if s.Mirrored != (tt.name == "mirrored") || s.Inverted != (tt.name == "inverted") || s.Rows != m.Rows() || s.Columns != m.Columns() {
				t.Errorf("%s %d: mirrored %v, inverted %v, %d×%d", tt.name, i, s.Mirrored, s.Inverted, s.Rows, s.Columns)
			}
			found++
		}
		fmt.Fprintf(table, "%-12s %d of %d, median %v\n", tt.name, found, n, median(times).Round(10*time.Microsecond))
		if found < tt.want {
			t.Errorf("%s: %d of %d read, want %d", tt.name, found, n, tt.want)
		}
	}
	t.Logf("rendered pictures\n%s", table)
}

// TestEverySizeDrawn draws every size, turned, and reads it with its corners in place.
func TestEverySizeDrawn(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	rng := rand.New(rand.NewPCG(15, 16))
	for i := range sizes {
		s := &sizes[i]
		text := "01" + digits(rng, 2*(s.data-2))
		m, err := Encode(text, &Options{Shape: s.family, Rows: s.rows, Columns: s.cols})
		if err != nil {
			t.Fatal(err)
		}
		for _, angle := range []float64{0, 31} {
			img := render(m, scene{module: 4, angle: angle, dark: 40, light: 210, noise: 1}, rng)
			got, err := Decode(img)
			if err != nil || got.ScanData != "]d2"+text {
				t.Errorf("%d×%d at %v°: %v", s.rows, s.cols, angle, err)
				continue
			}
			// The corners, from the middle of the picture.
			half := float64(img.Rect.Dx()) / 2
			sin, cos := math.Sincos(angle * math.Pi / 180)
			for k, c := range [4][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
				u, v := c[0]*float64(s.cols)*2, c[1]*float64(s.rows)*2
				want := Point{half + cos*u - sin*v, half + sin*u + cos*v}
				if d := want.dist(got.Corners[k]); d > 1.6 {
					t.Errorf("%d×%d at %v°: corner %d is %.1f pixels off", s.rows, s.cols, angle, k, d)
				}
			}
		}
	}
}

// TestSeveral reads a sheet of symbols in reading order.
func TestSeveral(t *testing.T) {
	rng := rand.New(rand.NewPCG(17, 18))
	sheet := image.NewGray(image.Rect(0, 0, 700, 700))
	for i := range sheet.Pix {
		sheet.Pix[i] = 210
	}
	var want []string
	for i := range 9 {
		text := "01" + gtin(rng) + "10" + digits(rng, 6)
		want = append(want, "]d2"+text)
		m, err := Encode(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		img := render(m, scene{module: 4, angle: 3 * float64(i), dark: 40, light: 210}, rng)
		for y := range img.Rect.Dy() {
			copy(sheet.Pix[(y+i/3*230)*sheet.Stride+i%3*230:], img.Pix[y*img.Stride:][:img.Rect.Dx()])
		}
	}
	all, err := DecodeAll(sheet)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range all {
		got = append(got, s.ScanData)
	}
	if !slices.Equal(want, got) {
		t.Errorf("want %q\ngot %q", want, got)
	}
	// One of them by its region.
	r := Reader{Region: image.Rect(230, 230, 460, 460)}
	part, err := r.Read(t.Context(), sheet)
	if err != nil || len(part) != 1 || part[0].ScanData != want[4] {
		t.Errorf("region: got %v, %v", part, err)
	} else if c := part[0].Corners[0]; c.X < 230 || c.Y < 230 {
		t.Errorf("region: corner at %v", c)
	}
	// At most two.
	r = Reader{Symbols: 2}
	if part, err = r.Read(t.Context(), sheet); err != nil || len(part) != 2 {
		t.Errorf("two: got %d, %v", len(part), err)
	}
}

// TestReuse: a reader that has seen pictures of a size allocates next to nothing for another one.
func TestReuse(t *testing.T) {
	m, err := Encode("010110464521925017291000100C8VZS1\x1d21RIIESYMQRL", nil)
	if err != nil {
		t.Fatal(err)
	}
	img := render(m, scene{module: 5, angle: 20, dark: 40, light: 210, noise: 2}, rand.New(rand.NewPCG(19, 20)))
	r := Reader{Symbols: 1}
	allocs := testing.AllocsPerRun(20, func() {
		if _, err := r.Read(t.Context(), img); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 10 {
		t.Errorf("%v allocations for a picture", allocs)
	}
}
