package datamatrix

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestNothing gives pictures that show nothing: no panic, no symbol, in bounded time.
func TestNothing(t *testing.T) {
	noise := func(w, h int) image.Image {
		rng := rand.New(rand.NewPCG(9, 10))
		g := image.NewGray(image.Rect(0, 0, w, h))
		for i := range g.Pix {
			g.Pix[i] = byte(rng.IntN(256))
		}
		return g
	}
	for _, tt := range []struct {
		name string
		img  image.Image
	}{
		{"nil", nil},
		{"empty", image.NewGray(image.Rectangle{})},
		{"one pixel", image.NewGray(image.Rect(0, 0, 1, 1))},
		{"a line", image.NewGray(image.Rect(0, 0, 30000, 1))},
		{"a column", image.NewRGBA(image.Rect(0, 0, 9, 3000))},
		{"black", image.NewGray(image.Rect(0, 0, 640, 480))},
		{"noise", noise(320, 240)},
		{"noise on a strip", noise(3000, 9)},
		{"uniform", image.NewUniform(image.Black)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if s, err := Decode(tt.img); !errors.Is(err, ErrNotFound) {
				t.Errorf("got %q, %v", s.ScanData, err)
			}
		})
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var r Reader
	if _, err := r.Read(ctx, image.NewGray(image.Rect(0, 0, 4000, 3000))); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	if _, err := r.Read(ctx, image.NewGray(image.Rect(0, 0, 400, 300))); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestGoroutines: what is read does not depend on how many goroutines read, symbol by symbol and place by place.
func TestGoroutines(t *testing.T) {
	rng := rand.New(rand.NewPCG(27, 28))
	sheet := image.NewGray(image.Rect(0, 0, 1000, 700))
	for i := range sheet.Pix {
		sheet.Pix[i] = byte(190 + rng.IntN(20))
	}
	for i := range 12 {
		m, err := Encode("01"+gtin(rng)+"10"+digits(rng, 6), nil)
		if err != nil {
			t.Fatal(err)
		}
		sc := scene{module: 4, angle: 17 * float64(i), dark: 40, light: 210, noise: 3 * float64(i), nicks: i / 4}
		if i%4 == 3 {
			sc.dark, sc.light = 210, 40
		}
		img := render(m, sc, rng)
		for y := range img.Rect.Dy() {
			copy(sheet.Pix[(y+i/4*230)*sheet.Stride+i%4*240:], img.Pix[y*img.Stride:][:img.Rect.Dx()])
		}
	}
	dots := render(must(Encode("01"+gtin(rng), nil)), scene{module: 8, angle: 40, dark: 60, light: 190, dots: 0.6, noise: 12}, rng)
	noise := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range noise.Pix {
		noise.Pix[i] = byte(rng.IntN(256))
	}
	for _, tt := range []struct {
		name string
		img  image.Image
		n    int // symbols asked for
		want int // symbols that are there
	}{{"sheet", sheet, 0, 12}, {"first of the sheet", sheet, 1, 1}, {"five of the sheet", sheet, 5, 5}, {"dots", dots, 0, 1}, {"noise", noise, 0, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			var want []Symbol
			for _, n := range []int{0, 1, 2, 5} {
				r := Reader{Symbols: tt.n, Goroutines: n}
				for range 2 {
					got, err := r.Read(t.Context(), tt.img)
					if err != nil && !errors.Is(err, ErrNotFound) {
						t.Fatal(err)
					}
					if n == 0 {
						want = slices.Clone(got)
					}
					if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%d goroutines (-one +many):\n%s", n, diff)
					}
				}
			}
			if len(want) != tt.want {
				t.Errorf("read %d, want %d", len(want), tt.want)
			}
		})
	}
}

// TestCancelLate: Read returns soon after its context ends, whatever it is doing, and leaves no goroutine behind.
func TestCancelLate(t *testing.T) {
	rng := rand.New(rand.NewPCG(29, 30))
	g := image.NewGray(image.Rect(0, 0, 900, 700))
	for i := range g.Pix {
		g.Pix[i] = byte(rng.IntN(256))
	}
	before := runtime.NumGoroutine()
	for _, n := range []int{1, 2} {
		r := Reader{Goroutines: n}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Millisecond)
		_, err := r.Read(ctx, g)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%d goroutines: got %v", n, err)
		}
	}
	for start := time.Now(); time.Since(start) < 10*time.Second; runtime.Gosched() {
		if runtime.NumGoroutine() <= before {
			return
		}
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
