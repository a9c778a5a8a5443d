package datamatrix

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fits says whether in can be written in a symbol of the given capacity by any sequence of schemes that a decoder
// understands. It is slow and plain: a set of all codeword counts with which each place can be reached in the ASCII scheme,
// and every segment in every other scheme from there. It knows nothing of the states that the encoder searches.
func fits(in []uint16, head, capacity int) bool {
	n := len(in)
	reached := make([][]bool, n+1) // by place and codewords
	for i := range reached {
		reached[i] = make([]bool, capacity+1)
	}
	done := false
	reach := func(i, used int) {
		if used <= capacity {
			reached[i][used] = true
			done = done || i == n
		}
	}
	ends := func(i, used int) { // the symbol closes a C40, Text or X12 segment, or one codeword of ASCII is left
		done = done || used == capacity && i == n
		if used == capacity-1 && (i == n || asciiLength(in[i:]) == 1) {
			done = true
		}
	}
	reach(0, head)
	for i := range n {
		for used, ok := range reached[i] {
			if !ok {
				continue
			}
			chars, cw := asciiStep(in[i:])
			reach(i+chars, used+cw)
			if chars == 2 {
				reach(i+1, used+1)
			}
			c40, text, x12, edifact, bytes := 0, 0, 0, 0, 0
			for j := i + 1; j <= n; j++ { // a segment of in[i:j]
				c := in[j-1]
				_, v := c40Values(c, false)
				_, w := c40Values(c, true)
				c40, text = c40+v, text+w
				for _, values := range []int{c40, text} {
					if values%3 != 1 { // two values may be filled up with a shift that nothing follows
						u := used + 1 + 2*((values+2)/3)
						reach(j, u+1)
						ends(j, u)
					}
				}
				if _, ok := x12Value(c); ok && x12 >= 0 {
					if x12++; x12%3 == 0 {
						reach(j, used+1+2*x12/3+1)
						ends(j, used+1+2*x12/3)
					}
				} else {
					x12 = -1
				}
				if c >= 32 && c <= 94 && edifact >= 0 {
					edifact++
					u := used + 1 + edifact/4*3
					switch rest := edifact % 4; {
					case u+3 <= capacity: // unlatched
						reach(j, u+min(rest+1, 3))
					case rest == 0: // fewer than three codewords are ASCII
						reach(j, u)
					}
				} else {
					edifact = -1
				}
				if c != fnc1 && bytes >= 0 {
					bytes++
					reach(j, used+2+bytes)
				} else {
					bytes = -1
				}
			}
		}
	}
	return done
}

// TestMinimal: the encoder needs no codeword more than the best of all ways to write a message, and what it writes is the
// message.
func TestMinimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 36))
	sets := append([]string{"\r*> AB1", "\x80\xe9\xff", "\xe9AB", "a\x00\x1f ", "@[\\]^ A.", "`{|}~\x7f"}, alphabets...)
	n := 3000
	if testing.Short() {
		n = 500
	}
	var e encoder
	tight := 0
	for range n {
		var in []uint16
		var want []byte
		longest := 1 + rng.IntN(12)
		for range 1 + rng.IntN(5) {
			set := sets[rng.IntN(len(sets))]
			for range 1 + rng.IntN(longest) {
				c := set[rng.IntN(len(set))]
				in, want = append(in, uint16(c)), append(want, c)
			}
			if rng.IntN(4) == 0 {
				in, want = append(in, fnc1), append(want, gs)
			}
		}
		for capacity := max(3, len(in)/2-1); ; capacity++ {
			cw, ok := e.encode(in, []byte{cwFNC1}, capacity)
			if possible := fits(in, 1, capacity); ok != possible {
				t.Fatalf("%q in %d codewords: encoded %v, possible %v", want, capacity, ok, possible)
			}
			if !ok {
				tight++
				continue
			}
			m, err := parseMessage(cw, message{})
			if err != nil {
				t.Fatalf("%q in %d: %v %v", want, capacity, cw, err)
			}
			if diff := cmp.Diff(want, m.bytes); diff != "" {
				t.Fatalf("%q in %d: %v (-want +got)\n%s", want, capacity, cw, diff)
			}
			if capacity > len(in)*2+3 || rng.IntN(3) == 0 {
				break
			}
		}
	}
	if tight < n {
		t.Errorf("only %d capacities were too small", tight)
	}
}
