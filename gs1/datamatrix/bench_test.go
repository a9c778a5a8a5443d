package datamatrix

import (
	"image"
	"image/draw"
	"path/filepath"
	"testing"
)

func BenchmarkShared(b *testing.B) {
	for _, name := range []string{"clean-s2-01", "curved-s2-01", "rotate-s1-01", "combo-s2-01", "large12mp-s1-00", "large12mp-s5-00", "negative-s1-00"} {
		b.Run(name, func(b *testing.B) {
			m, _ := filepath.Glob(filepath.Join(shared(b, "vectors/datamatrix/synth"), name+"*"))
			if len(m) == 0 {
				b.Skip("missing")
			}
			img := readPNG(b, m[0])
			r := Reader{Symbols: 1}
			b.ReportAllocs()
			for b.Loop() {
				r.Read(b.Context(), img)
			}
		})
	}
}

// BenchmarkTexture reads 12-megapixel pictures whose symbol has been painted over: a whole search for nothing.
func BenchmarkTexture(b *testing.B) {
	files, _ := filepath.Glob(filepath.Join(shared(b, "vectors/datamatrix/synth"), "large12mp-*.png"))
	for _, f := range files {
		b.Run(filepath.Base(f), func(b *testing.B) {
			g, ok := readPNG(b, f).(*image.Gray)
			if !ok {
				b.Skip("not gray")
			}
			var r Reader
			s, err := r.Read(b.Context(), g)
			if err != nil {
				b.Skip(err)
			}
			box := image.Rectangle{Min: g.Rect.Max}
			for _, c := range s[0].Corners {
				box.Min = image.Pt(min(box.Min.X, int(c.X)), min(box.Min.Y, int(c.Y)))
				box.Max = image.Pt(max(box.Max.X, int(c.X)+1), max(box.Max.Y, int(c.Y)+1))
			}
			draw.Draw(g, box, image.White, image.Point{}, draw.Src)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Read(b.Context(), g); err == nil {
					b.Fatal("read")
				}
			}
		})
	}
}
