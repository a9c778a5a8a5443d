package trace

import (
	"testing"
	"time"
)

// The zone offset stands in the pre-hash string as package time writes it, whatever it is.
func TestOffset(t *testing.T) {
	const most = 101 * 3600 // seconds
	for offset := -most; offset <= most; offset += 7 {
		at := time.Date(2026, 1, 5, 9, 42, 58, 0, time.FixedZone("", offset))
		if got, want := string(appendOffset(nil, at)), at.Format("-07:00"); got != want {
			t.Errorf("offset of %d s is %s, want %s", offset, got, want)
		}
	}
}
