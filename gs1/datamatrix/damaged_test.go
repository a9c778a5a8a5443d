package datamatrix

import (
	"flag"
	"math/rand/v2"
	"testing"
)

var damagedCount = flag.Int("damaged", 5000, "damaged symbols to read")

// TestDamaged damages symbols of 16×16 modules and more, up to twice as many codewords as can be corrected, and with false
// confidences: what is read must be right. Smaller sizes have too few check codewords for that; their rate is logged.
func TestDamaged(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var d decoder
	var g grid
	wrong, small, read := 0, 0, 0
	for i := range *damagedCount {
		tiny := i%10 == 0
		text := "01" + gtin(rng)
		if n := rng.IntN(25); n > 0 {
			text += "10" + digits(rng, n)
		}
		o := Options{Shape: Shape(rng.IntN(3))}
		if tiny {
			text = "10" + digits(rng, 1+rng.IntN(5))
			o = Options{Rows: 10 + 2*rng.IntN(3)}
		}
		m, err := Encode(text, &o)
		if err != nil {
			continue
		}
		s := m.size
		if !tiny && s.rows < 16 {
			continue
		}
		p := place(s, nil)
		g.reset(s)
		copy(g.dark, m.dark)
		g.sure = g.keep
		for j := range g.sure {
			g.sure[j] = byte(rng.IntN(256))
		}
		bad := 1 + rng.IntN(s.check)
		for _, k := range rng.Perm(s.total())[:min(bad, s.total())] {
			pattern := 1 + rng.IntN(255)
			for at, v := range p {
				if int(v)/8 == k && v >= 0 && pattern>>(v%8)&1 == 1 {
					r, c := s.module(at/s.mapCols(), at%s.mapCols())
					g.dark[r*s.cols+c] = !g.dark[r*s.cols+c]
				}
			}
		}
		got, ok := d.decode(&g)
		if !ok {
			continue
		}
		read++
		if got.ScanData != "]d2"+text {
			if tiny {
				small++
				continue
			}
			wrong++
			t.Errorf("%d×%d with %d of %d: read %q, not %q", s.rows, s.cols, bad, s.check, got.ScanData, text)
		}
	}
	t.Logf("%d of %d read, %d wrong; smaller than 16×16: %d wrong", read, *damagedCount, wrong, small)
}

func gtin(rng *rand.Rand) string {
	b := []byte(digits(rng, 14))
	sum := 0
	for i, c := range b[:13] {
		sum += int(c-'0') * (3 - i%2*2)
	}
	b[13] = byte('0' + (10-sum%10)%10)
	return string(b)
}
