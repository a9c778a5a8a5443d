package scanner_test

import (
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// waysToDrop counts, without the code under test, the packs that s may have
// been before a separator was dropped: s itself, and s with one separator more
// that then has the four AIs of a medicine pack.
func waysToDrop(s string) int {
	ways := 0
	if _, err := gs1.Parse(s); err == nil {
		ways++
	}
	seen := map[string]bool{}
	for i := 17; i < len(s); i++ {
		m, err := gs1.Parse(s[:i] + "\x1d" + s[i:])
		if err != nil || len(m.Elements) != 4 {
			continue
		}
		complete := true
		for _, ai := range []gs1.AI{"01", "17", "10", "21"} {
			_, ok := m.Value(ai)
			complete = complete && ok
		}
		if complete {
			seen[m.ElementString()] = true
		}
	}
	delete(seen, strings.Trim(s, "\x1d"))
	return ways + len(seen)
}
