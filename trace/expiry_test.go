package trace

import (
	"fmt"
	"testing"
	"time"
)

// Package time knows the same days, and day 00 is the last that it knows of the month.
func TestExpiryDay(t *testing.T) {
	for n := range 1_000_000 {
		year, month, day := 2000+n/10_000, n/100%100, n%100
		if month > 13 || day > 32 {
			continue // as 13 and 32
		}
		want := fmt.Sprintf("%d-%02d-%02d", year, month, day)
		if day == 0 {
			want = time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		}
		is := 1 <= month && month <= 12
		if is && day > 28 {
			_, err := time.Parse(time.DateOnly, want)
			is = err == nil
		}
		got, err := expiryDay(fmt.Sprintf("%06d", n))
		if (err == nil) != is || is && got != want {
			t.Errorf("%06d is the day %s, %v, want %s", n, got, err, want)
		}
	}
}
