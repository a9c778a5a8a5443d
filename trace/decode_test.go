package trace

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecode(t *testing.T) {
	encode := func(e *Event) [][]byte {
		entries, err := encodeEvent(e, e.sum(CBV20))
		if err != nil {
			t.Fatal(err)
		}
		return entries
	}
	for _, want := range []*Event{bigEvent(3), bigEvent(4_000)} {
		entries := encode(want)
		got, err := Decode(entries...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(entries, encode(got)); diff != "" {
			t.Errorf("%d objects come back otherwise (-want +got):\n%s", len(want.EPCs), diff)
		}
	}

	one, many := encode(bigEvent(3)), encode(bigEvent(4_000))
	if len(many) < 3 {
		t.Fatalf("a long event of %d entries", len(many))
	}
	swapped := slices.Clone(many)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	for name, entries := range map[string][][]byte{
		"nothing":       nil,
		"empty":         {{}},
		"a part":        many[:1],
		"no first part": many[1:],
		"out of order":  swapped,
		"two events":    {one[0], one[0]},
		"part and one":  {many[0], one[0]},
		"cut off":       {one[0][:len(one[0])-1]},
	} {
		if e, err := Decode(entries...); err == nil {
			t.Errorf("%s: decoded as %v", name, e)
		}
	}
}
