package datamatrix

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var damagedCount = flag.Int("damaged", 20000, "damaged symbols of 16×16 modules and more to read")

// A specimen is a symbol to damage.
type specimen struct {
	text    string
	size    *size
	dark    []bool
	modules [][8]int // by codeword, the index in dark of each bit
}

func newSpecimen(t *testing.T, text string, o *Options) specimen {
	m, err := Encode(text, o)
	if err != nil {
		t.Fatal(err)
	}
	s := m.size
	p := specimen{text: text, size: s, dark: m.dark, modules: make([][8]int, s.total())}
	for at, v := range place(s, nil) {
		if v >= 0 {
			r, c := s.module(at/s.mapCols(), at%s.mapCols())
			p.modules[v/8][v%8] = r*s.cols + c
		}
	}
	return p
}

// How the confidences of a damaged symbol are set.
const (
	noConfidence = iota // as a matrix has it
	misleading          // at random
	helpful             // low for most of the damaged codewords
	confidences
	exact // 0 for the damaged codewords, 255 for the others
)

// damage draws p into g with n codewords changed at random.
func (p *specimen) damage(g *grid, n, confidence int, rng *rand.Rand) {
	g.reset(p.size)
	copy(g.dark, p.dark)
	g.sure = nil
	if confidence != noConfidence {
		g.sure = g.keep
		for j := range g.sure {
			g.sure[j] = byte(rng.IntN(256))
			if confidence == exact {
				g.sure[j] = 255
			}
		}
	}
	for _, k := range rng.Perm(p.size.total())[:n] {
		pattern := 1 + rng.IntN(255)
		for bit, j := range p.modules[k] {
			if pattern>>bit&1 == 1 {
				g.dark[j] = !g.dark[j]
			}
			if confidence == helpful && rng.IntN(4) > 0 {
				g.sure[j] /= 16
			} else if confidence == exact {
				g.sure[j] = 0
			}
		}
	}
}

// TestDamaged damages symbols of 16×16 modules and more whose GS1 data have 16 characters or more: up to twice as many random
// codewords as can be corrected, with and without confidences that lead to erasures. What is read must be right. Smaller
// sizes have too few check codewords for that; their rate is logged.
func TestDamaged(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	var large, small []specimen
	for i := range sizes {
		s := &sizes[i]
		// Large symbols take long and prove little: with many check codewords hardly a random block is near a code word.
		area := s.rows * s.cols
		n := max(1, 40*400*400/(area*area))
		for range n {
			room := 2*(s.data-1) - 16
			if s.rows < 16 || room < 0 {
				small = append(small, newSpecimen(t, "91"+digits(rng, 1+rng.IntN(min(2*s.data-4, 30))), &Options{Shape: s.family, Rows: s.rows, Columns: s.cols}))
				continue
			}
			text := "01" + gtin(rng)
			if room >= 3 {
				text += "10" + digits(rng, 1+rng.IntN(min(room-2, 20)))
			}
			large = append(large, newSpecimen(t, text, &Options{Shape: s.family, Rows: s.rows, Columns: s.cols}))
		}
	}
	var d decoder
	var g grid
	run := func(ps []specimen, count int) (read, erased, wrong int) {
		for i := range count {
			p := &ps[i%len(ps)]
			bad := 1 + rng.IntN(p.size.check)
			p.damage(&g, min(bad, p.size.total()), i/len(ps)%confidences, rng)
			got, ok := d.decode(&g)
			switch {
			case !ok:
				continue
			case got.ScanData != "]d2"+p.text:
				wrong++
				t.Logf("%d×%d with %d codewords of %d wrong: read %q, not %q", p.size.rows, p.size.cols, bad, p.size.total(), got.ScanData, p.text)
			case got.Erased > p.size.check-spare*p.size.blocks:
				t.Errorf("%d×%d: %d erasures of %d check codewords", p.size.rows, p.size.cols, got.Erased, p.size.check)
			case got.Erased > 0:
				erased++
			}
			read++
		}
		return read, erased, wrong
	}
	start := time.Now()
	read, erased, wrong := run(large, *damagedCount)
	t.Logf("16×16 and larger, 16 characters and more: %d symbols damaged, %d read (%d with erasures), %d of them wrong, in %v",
		*damagedCount, read, erased, wrong, time.Since(start).Round(time.Second))
	if wrong > 0 {
		t.Errorf("%d wrong texts", wrong)
	}
	count := max(*damagedCount/10, 1000)
	read, erased, wrong = run(small, count)
	t.Logf("smaller sizes: %d symbols damaged, %d read (%d with erasures), %d of them wrong", count, read, erased, wrong)
}

// TestErasures damages codewords that the confidences name exactly. More of them than half of the check codewords are
// recovered, but they stop two short of all: then nothing is read, though the arithmetic would give the right text.
func TestErasures(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	var d decoder
	var g grid
	for i := range sizes {
		s := &sizes[i]
		if s.blocks > 1 || 2*(s.data-1) < 16 {
			continue
		}
		p := newSpecimen(t, "01"+gtin(rng), &Options{Shape: s.family, Rows: s.rows, Columns: s.cols})
		most := 0
		for bad := range s.check + 1 {
			for range 3 {
				p.damage(&g, bad, exact, rng)
				got, ok := d.decode(&g)
				if !ok {
					continue
				}
				most = max(most, bad)
				if got.ScanData != "]d2"+p.text {
					t.Errorf("%d×%d, %d bad: read %q, not %q", s.rows, s.cols, bad, got.ScanData, p.text)
				}
				if got.Erased > s.check-2 || bad > s.check-2 {
					t.Errorf("%d×%d, %d bad: read with %d erasures of %d", s.rows, s.cols, bad, got.Erased, s.check)
				}
			}
			if bad <= s.check/2 && most < bad {
				t.Errorf("%d×%d, %d bad of %d: not read", s.rows, s.cols, bad, s.check)
			}
		}
		t.Logf("%d×%d: up to %d bad codewords with %d check codewords", s.rows, s.cols, most, s.check)
		if s.check >= fewCheck && most <= s.check/2 {
			t.Errorf("%d×%d: erasures recover nothing", s.rows, s.cols)
		}
	}
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
