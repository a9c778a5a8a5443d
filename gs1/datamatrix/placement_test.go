package datamatrix

import (
	"math/rand/v2"
	"testing"
)

// TestSizes holds the table to what follows from the geometry.
func TestSizes(t *testing.T) {
	for _, s := range sizes {
		if s.rows%(s.regionRows+2) != 0 || s.cols%(s.regionCols+2) != 0 {
			t.Errorf("%d×%d: regions of %d×%d do not fill the symbol", s.rows, s.cols, s.regionRows, s.regionCols)
		}
		if got, want := s.total(), s.mapRows()*s.mapCols()/8; got != want {
			t.Errorf("%d×%d: %d codewords, room for %d", s.rows, s.cols, got, want)
		}
		if s.check%s.blocks != 0 || s.check/s.blocks > maxCheck || (s.total()+s.blocks-1)/s.blocks > maxBlock || s.total() > maxTotal {
			t.Errorf("%d×%d: blocks", s.rows, s.cols)
		}
	}
}

// TestPlacement: every module shows one bit or is fixed, every bit is shown once.
func TestPlacement(t *testing.T) {
	for i := range sizes {
		s := &sizes[i]
		seen := make([]int, s.total()*8)
		fixed := 0
		for _, p := range place(s, nil) {
			switch {
			case p == unset:
				t.Fatalf("%d×%d: module without a bit", s.rows, s.cols)
			case p < 0:
				fixed++
			default:
				seen[p]++
			}
		}
		for bit, n := range seen {
			if n != 1 {
				t.Fatalf("%d×%d: codeword %d bit %d is shown %d times", s.rows, s.cols, bit/8, bit%8, n)
			}
		}
		if want := s.mapRows() * s.mapCols() % 8; fixed != want {
			t.Errorf("%d×%d: %d fixed modules, want %d", s.rows, s.cols, fixed, want)
		}
	}
}

func TestField(t *testing.T) {
	x := 1
	for i := range 255 {
		if int(expTable[i]) != x || int(expTable[i+255]) != x || int(logTable[x]) != i {
			t.Fatalf("power %d of 2 is %d: tables say %d and %d", i, x, expTable[i], logTable[x])
		}
		if x <<= 1; x > 255 {
			x ^= fieldPoly
		}
	}
}

// repaired corrects a block with the given number of check codewords, if it needs that.
func repaired(block []byte, check int, erasures []int) (changed int, ok bool) {
	syn := make([]byte, check)
	if syndromes(block, syn) {
		return 0, true
	}
	return correct(block, syn, erasures)
}

// TestCorrect damages blocks of every size within the reach of the code: e errors and f erasures with 2e+f at most the
// number of check codewords are always repaired.
func TestCorrect(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	rounds := 200
	if testing.Short() {
		rounds = 40
	}
	for i := range sizes {
		s := &sizes[i]
		data, check := s.data/s.blocks, s.check/s.blocks
		for range rounds {
			block := make([]byte, data+check)
			for j := range data {
				block[j] = byte(rng.IntN(256))
			}
			checkCodewords(block[:data], block[data:])
			want := string(block)
			f := rng.IntN(check + 1)
			e := rng.IntN((check-f)/2 + 1)
			perm := rng.Perm(len(block))
			for _, j := range perm[:e] {
				block[j] ^= byte(1 + rng.IntN(255))
			}
			for _, j := range perm[e : e+f] {
				block[j] = byte(rng.IntN(256))
			}
			if _, ok := repaired(block, check, perm[e:e+f]); !ok || string(block) != want {
				t.Fatalf("%d×%d: %d errors, %d erasures of %d: %v", s.rows, s.cols, e, f, check, ok)
			}
		}
	}
}

// TestCorrectTooFar: a block damaged beyond repair is refused, or changed into another code word, but never left as
// something that is no code word.
func TestCorrectTooFar(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	refused := 0
	for range 20000 {
		block := make([]byte, 24)
		for j := range block {
			block[j] = byte(rng.IntN(256))
		}
		if _, ok := repaired(block, 12, nil); !ok {
			refused++
			continue
		}
		again := append([]byte(nil), block...)
		checkCodewords(again[:12], again[12:])
		if string(again) != string(block) {
			t.Fatal("corrected to something that is no code word")
		}
	}
	if refused < 19990 {
		t.Errorf("only %d of 20000 random blocks refused", refused)
	}
}
