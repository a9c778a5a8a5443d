package datamatrix

import (
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
