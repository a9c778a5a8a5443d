package datamatrix

import (
	"flag"
	"image"
	"math/rand/v2"
	"testing"
)

var mutatedCount = flag.Int("mutated", 100, "mutated pictures to read")

// TestMutated paints over, moves and cuts pictures of symbols at random: nothing panics, and what is read is right.
func TestMutated(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	rng := rand.New(rand.NewPCG(25, 26))
	read := 0
	for i := range *mutatedCount {
		text := "01" + gtin(rng) + "10" + digits(rng, rng.IntN(14))
		m, err := Encode(text, &Options{Shape: Shape(rng.IntN(3))})
		if err != nil {
			t.Fatal(err)
		}
		img := render(m, scene{module: 1.5 + 2*rng.Float64(), angle: 360 * rng.Float64(), tilt: 0.2 * rng.Float64(),
			dark: 40, light: 210, noise: 20 * rng.Float64(), blur: 0.5 * rng.Float64()}, rng)
		w, h := img.Rect.Dx(), img.Rect.Dy()
		for range rng.IntN(6) {
			x, y := rng.IntN(w), rng.IntN(h)
			x1, y1 := min(w, x+1+rng.IntN(w/3)), min(h, y+1+rng.IntN(h/3))
			kind, dx := rng.IntN(4), rng.IntN(w)
			for yy := y; yy < y1; yy++ {
				for xx := x; xx < x1; xx++ {
					p := &img.Pix[yy*img.Stride+xx]
					switch kind {
					case 0:
						*p = byte(rng.IntN(256))
					case 1:
						*p = 40
					case 2:
						*p = ^*p
					case 3:
						*p = img.Pix[yy*img.Stride+(xx+dx)%w]
					}
				}
			}
		}
		part := img.SubImage(image.Rect(rng.IntN(1+w/6), rng.IntN(1+h/6), w-rng.IntN(1+w/6), h-rng.IntN(1+h/6)))
		all, err := DecodeAll(part)
		if err != nil {
			continue
		}
		read++
		for _, s := range all {
			if s.ScanData != "]d2"+text {
				t.Errorf("picture %d: read %q, not %q", i, s.ScanData, text)
			}
		}
	}
	t.Logf("%d of %d read", read, *mutatedCount)
}
