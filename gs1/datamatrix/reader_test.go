package datamatrix

import (
	"context"
	"errors"
	"image"
	"math/rand/v2"
	"testing"
	"time"
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
