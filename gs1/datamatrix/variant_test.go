package datamatrix

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var variantEvery = flag.Int("variants", 12, "take every n-th shared picture for variants")

// resample draws src turned by degrees and scaled, bilinear, on a ground as light as its corner.
func resample(src *image.Gray, degrees, scale float64) *image.Gray {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(src.Rect.Dx()), float64(src.Rect.Dy())
	nw := int(math.Ceil((math.Abs(cos)*w + math.Abs(sin)*h) * scale))
	nh := int(math.Ceil((math.Abs(sin)*w + math.Abs(cos)*h) * scale))
	dst := image.NewGray(image.Rect(0, 0, nw, nh))
	v := view{plane: plane{src.Pix, src.Stride, int(w), int(h)}}
	n := max(1, int(math.Ceil(1/scale)))
	for y := range nh {
		for x := range nw {
			sum := 0.0
			for k := range n * n {
				dx := (float64(x) + (float64(k%n)+0.5)/float64(n) - float64(nw)/2) / scale
				dy := (float64(y) + (float64(k/n)+0.5)/float64(n) - float64(nh)/2) / scale
				sx, sy := cos*dx+sin*dy+w/2, -sin*dx+cos*dy+h/2
				sum += v.at(min(max(sx, 0), w-0.01), min(max(sy, 0), h-0.01))
			}
			dst.Pix[y*dst.Stride+x] = byte(sum/float64(n*n) + 0.5)
		}
	}
	return dst
}

// each pixel made anew.
func mapped(src *image.Gray, f func(x, y int) byte) *image.Gray {
	dst := image.NewGray(src.Rect)
	for y := range src.Rect.Dy() {
		for x := range src.Rect.Dx() {
			dst.Pix[y*dst.Stride+x] = f(x, y)
		}
	}
	return dst
}

// TestVariants reads the shared pictures changed in ways that take nothing from them: at least nine tenths of the symbols
// that are read in the pictures as they are must be read, and none wrong.
func TestVariants(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	root := shared(t, "vectors/datamatrix")
	f, err := os.Open(filepath.Join(root, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rng := rand.New(rand.NewPCG(33, 34))
	at := func(g *image.Gray, x, y int) byte { return g.Pix[y*g.Stride+x] }
	variants := []struct {
		name string
		make func(g *image.Gray) image.Image
	}{
		{"as it is", func(g *image.Gray) image.Image { return g }},
		{"turned by 7°", func(g *image.Gray) image.Image { return resample(g, 7, 1) }},
		{"turned by 90°", func(g *image.Gray) image.Image { return resample(g, 90, 1) }},
		{"turned by 200°", func(g *image.Gray) image.Image { return resample(g, 200, 1) }},
		{"mirrored", func(g *image.Gray) image.Image {
			return mapped(g, func(x, y int) byte { return at(g, g.Rect.Dx()-1-x, y) })
		}},
		{"inverted", func(g *image.Gray) image.Image { return mapped(g, func(x, y int) byte { return ^at(g, x, y) }) }},
		{"at 0.7", func(g *image.Gray) image.Image { return resample(g, 0, 0.7) }},
		{"at 1.5", func(g *image.Gray) image.Image { return resample(g, 0, 1.5) }},
		{"noisy", func(g *image.Gray) image.Image {
			return mapped(g, func(x, y int) byte {
				return byte(min(max(float64(at(g, x, y))+4*rng.NormFloat64(), 0), 255))
			})
		}},
		{"JPEG", func(g *image.Gray) image.Image {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, g, &jpeg.Options{Quality: 60}); err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(&b)
			if err != nil {
				t.Fatal(err)
			}
			return img
		}},
	}
	found := make([]int, len(variants))
	var r Reader
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for i := 0; lines.Scan(); i++ {
		var p picture
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.W*p.H > 1e6 || p.Hex != "" || p.Uncounted || i%*variantEvery != 0 {
			continue
		}
		g, ok := readPNG(t, filepath.Join(root, p.File)).(*image.Gray)
		if !ok {
			continue
		}
		for k, v := range variants {
			r.Symbols = len(p.Expected)
			got, _ := r.Read(t.Context(), v.make(g))
			n := 0
			for _, s := range got {
				if !slices.Contains(p.Expected, s.Text) {
					t.Errorf("%s %s: wrong text %q", p.File, v.name, s.Text)
					continue
				}
				n++
			}
			found[k] += n
			if testing.Verbose() && n < len(p.Expected) {
				t.Logf("%s %s: %d of %d", p.File, v.name, n, len(p.Expected))
			}
		}
	}
	table := &strings.Builder{}
	for k, v := range variants {
		fmt.Fprintf(table, "%-16s %d\n", v.name, found[k])
		if found[k]*10 < found[0]*9 && v.name != "at 0.7" {
			t.Errorf("%s: %d of %d", v.name, found[k], found[0])
		}
	}
	t.Logf("symbols read\n%s", table)
}

// TestSmallInLarge reads symbols of small modules in a large picture of noise and light that falls unevenly.
func TestSmallInLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	rng := rand.New(rand.NewPCG(35, 36))
	large := image.NewGray(image.Rect(0, 0, 4000, 3000))
	for y := range 3000 {
		for x := range 4000 {
			large.Pix[y*4000+x] = byte(170 + x/80 + rng.IntN(12))
		}
	}
	for _, tt := range []struct{ module, angle float64 }{{3, 0}, {3, 33}, {2.5, 12}, {2, 0}, {2, 20}} {
		text := "01" + gtin(rng) + "1729123110" + digits(rng, 8)
		img := render(must(Encode(text, nil)), scene{module: tt.module, angle: tt.angle, dark: 60, light: 205, noise: 4, blur: 0.2}, rng)
		g := image.NewGray(large.Rect)
		copy(g.Pix, large.Pix)
		x0, y0 := rng.IntN(3500), rng.IntN(2500)
		for y := range img.Rect.Dy() {
			copy(g.Pix[(y0+y)*4000+x0:], img.Pix[y*img.Stride:][:img.Rect.Dx()])
		}
		s, err := Decode(g)
		if err != nil || s.ScanData != "]d2"+text {
			t.Errorf("modules of %v pixels at %v°: %v", tt.module, tt.angle, err)
		}
	}
}
