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
	glare       float64 // radius of a saturated spot, in modules
	clutter     int     // dark strokes around the label
}

// render draws m in the middle of a picture with a quiet zone of three modules and a ground beyond it.
func render(m *Matrix, sc scene, rng *rand.Rand) *image.Gray {
	rows, cols := float64(m.Rows()), float64(m.Columns())
	diagonal := math.Hypot(rows, cols)
	side := int((diagonal + 10) * sc.module)
	side1 := float64(side) / sc.module // in modules
	g := image.NewGray(image.Rect(0, 0, side, side))
	sin, cos := math.Sincos(sc.angle * math.Pi / 180)
	type spot struct{ u, v, r float64 }
	var spots []spot
	for range sc.nicks {
		spots = append(spots, spot{rng.Float64() * cols, rows - 0.5, 0.9}, spot{0.5, rng.Float64() * rows, 0.9})
	}
	var shine spot
	if sc.glare > 0 {
		shine = spot{rng.Float64() * cols, rng.Float64() * rows, sc.glare}
	}
	type stroke struct{ u, v, w, h float64 }
	var strokes []stroke
	for range sc.clutter {
		strokes = append(strokes, stroke{(rng.Float64() - 0.5) * side1, (rng.Float64() - 0.5) * side1, 1 + 4*rng.Float64(), 0.5 + rng.Float64()})
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
					for _, k := range strokes {
						if px > k.u && px < k.u+k.w && py > k.v && py < k.v+k.h {
							level = sc.dark
						}
					}
				}
				if d := math.Hypot(u-shine.u, v-shine.v); d < shine.r {
					level += (255 - level) * min(1, 3*(1-d/shine.r))
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

// TestRendered reads pictures of the renderer and pins how many of each class are read, for the classes of one symbol in a
// picture of a few hundred pixels; TestSeveral, TestRenderedLarge and TestRenderedNothing have the others. Every picture has
// random numbers of its own, and short runs take every fourth of them. Nothing may be read wrong.
func TestRendered(t *testing.T) {
	base := scene{module: 5, dark: 40, light: 210, noise: 2, blur: 0.15}
	with := func(f func(s *scene, x float64)) func(float64) scene {
		return func(x float64) scene { s := base; s.angle = 360 * x; f(&s, x); return s }
	}
	const n = 16
	skip := 1
	if testing.Short() {
		skip = 4
	}
	table := &strings.Builder{}
	for _, tt := range []struct {
		name string
		want int // of n
		make func(x float64) scene
	}{
		{"clean", 16, func(x float64) scene { s := base; s.module = 3 + 3*x; return s }},
		{"rotate", 16, with(func(s *scene, x float64) {})},
		{"perspective", 16, with(func(s *scene, x float64) { s.tilt = 0.3 * x })},
		{"blur", 16, with(func(s *scene, x float64) { s.blur = 0.2 + 0.35*x })},
		{"defocus", 14, with(func(s *scene, x float64) { s.blur = 0.55 + 0.1*x })},
		{"noise", 16, with(func(s *scene, x float64) { s.noise = 10 + 40*x; s.module = 6 })},
		{"lowcontrast", 16, with(func(s *scene, x float64) { s.dark, s.light, s.gradient = 100, 140-26*x, 60 })},
		{"lowres", 16, with(func(s *scene, x float64) { s.module = 2.6 - 0.9*x; s.blur = 0.3 })},
		{"dots", 16, with(func(s *scene, x float64) { s.dots = 0.95 - 0.3*x; s.module = 7 })},
		{"inverted", 16, with(func(s *scene, x float64) { s.dark, s.light = s.light, s.dark })},
		{"mirrored", 16, with(func(s *scene, x float64) { s.mirrored = true })},
		{"bent", 15, with(func(s *scene, x float64) { s.bend = 2 * x })},
		{"bottle", 11, with(func(s *scene, x float64) { s.bend, s.tilt = 1+x, 0.2*x })},
		{"thin", 16, with(func(s *scene, x float64) { s.spread = -0.28 * x })},
		{"spread", 16, with(func(s *scene, x float64) { s.spread = 0.28 * x })},
		{"damage", 16, with(func(s *scene, x float64) { s.nicks = 1 + int(2*x) })},
		{"ground", 16, with(func(s *scene, x float64) { s.ground = 60 + 100*x })},
		{"glare", 16, with(func(s *scene, x float64) { s.glare = 1 + 3*x })},
		{"combo", 16, with(func(s *scene, x float64) {
			s.ground, s.clutter, s.tilt, s.blur, s.noise = 150, 30, 0.2*x, 0.2+0.2*x, 4+10*x
		})},
	} {
		found, tried := 0, 0
		var times []time.Duration
		for i := skip / 2; i < n; i += skip {
			tried++
			rng := rand.New(rand.NewPCG(13, uint64(i)))
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
		fmt.Fprintf(table, "%-12s %d of %d, median %v\n", tt.name, found, tried, median(times).Round(10*time.Microsecond))
		if tried-found > n-tt.want {
			t.Errorf("%s: %d of %d read, at most %d may be missed", tt.name, found, tried, n-tt.want)
		}
	}
	t.Logf("rendered pictures\n%s", table)
}

// texture fills a picture with patches of gray, noise and strokes, as a counter with papers looks.
func texture(w, h int, rng *rand.Rand) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, w, h))
	patch := func(r image.Rectangle, level, noise int) {
		r = r.Intersect(g.Rect)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			row := g.Pix[y*g.Stride:]
			x0 := rng.Uint64()
			for x := r.Min.X; x < r.Max.X; x++ {
				x0 = x0*6364136223846793005 + 1442695040888963407
				row[x] = byte(level + int(x0>>40)%(2*noise+1) - noise)
			}
		}
	}
	patch(g.Rect, 140, 12)
	for range w * h / 20000 {
		x, y := rng.IntN(w), rng.IntN(h)
		if rng.IntN(8) == 0 {
			patch(image.Rect(x, y, x+rng.IntN(400), y+rng.IntN(400)), 60+rng.IntN(150), 6)
		} else {
			patch(image.Rect(x, y, x+2+rng.IntN(30), y+2+rng.IntN(10)), 20+rng.IntN(60), 4)
		}
	}
	return g
}

// TestRenderedLarge reads a symbol somewhere in a picture of 12 megapixels.
func TestRenderedLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	for i := range 6 {
		rng := rand.New(rand.NewPCG(27, uint64(i)))
		g := texture(4000, 3000, rng)
		text := "01" + gtin(rng) + "1729123110" + digits(rng, 8)
		m, err := Encode(text, &Options{Shape: []Shape{Square, Square, Rectangle}[i%3]})
		if err != nil {
			t.Fatal(err)
		}
		img := render(m, scene{module: 4 + 2*float64(i), angle: 70 * float64(i), dark: 40, light: 210, noise: 3, blur: 0.2}, rng)
		x, y := rng.IntN(3000), rng.IntN(2000)
		for row := range img.Rect.Dy() {
			copy(g.Pix[(y+row)*g.Stride+x:], img.Pix[row*img.Stride:][:img.Rect.Dx()])
		}
		s, err := Decode(g)
		if err != nil || s.ScanData != "]d2"+text {
			t.Errorf("picture %d: %q, %v", i, s.ScanData, err)
		}
	}
}

// TestRenderedNothing: pictures without a Data Matrix symbol show none: texture, bars of linear symbols, and modules at random
// with and without the border of a symbol.
func TestRenderedNothing(t *testing.T) {
	pictures := 12
	if testing.Short() {
		pictures = 2
	}
	for i := range pictures {
		rng := rand.New(rand.NewPCG(28, uint64(i)))
		var img *image.Gray
		if i%4 == 0 {
			img = texture(640, 480, rng)
		} else {
			size := &sizes[4+rng.IntN(6)]
			m := &Matrix{size: size, dark: make([]bool, size.rows*size.cols)}
			for r := range size.rows {
				for c := range size.cols {
					dark := rng.IntN(2) == 0
					if i%4 == 1 && r > 0 { // bars
						dark = m.dark[c]
					}
					if border, ok := size.border(r, c); ok && i%4 == 2 {
						dark = border
					}
					m.dark[r*size.cols+c] = dark
				}
			}
			img = render(m, scene{module: 5, angle: 31 * float64(i), dark: 40, light: 210, noise: 2}, rng)
		}
		if all, err := DecodeAll(img); err == nil {
			t.Errorf("picture %d: read %q", i, all[0].ScanData)
		}
	}
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

// TestReuse: a reader that has seen pictures of a size allocates next to nothing for another one, whether the plain looks
// show a symbol, a special one does or none.
func TestReuse(t *testing.T) {
	m, err := Encode("010110464521925017291000100C8VZS1\x1d21RIIESYMQRL", nil)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(19, 20))
	for _, tt := range []struct {
		name string
		img  *image.Gray
		want int
	}{
		{"plain", render(m, scene{module: 5, angle: 20, dark: 40, light: 210, noise: 2}, rng), 1},
		{"dots", render(m, scene{module: 8, angle: 20, dark: 60, light: 190, dots: 0.6, noise: 6}, rng), 1},
		{"texture", texture(320, 240, rng), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Reader{Symbols: 1}
			runs := 5
			if testing.Short() {
				runs = 1
			}
			allocs := testing.AllocsPerRun(runs, func() {
				if s, _ := r.Read(t.Context(), tt.img); len(s) != tt.want {
					t.Fatalf("read %d, want %d", len(s), tt.want)
				}
			})
			if allocs > 10 {
				t.Errorf("%v allocations for a picture", allocs)
			}
		})
	}
}
