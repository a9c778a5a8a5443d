package gs1_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

func TestDateWindow(t *testing.T) {
	// General Specifications 7.12: 51 to 99 years ahead is the century before, 50 to 99 years back the next.
	for _, c := range []struct {
		date    gs1.Date
		reading int
		want    string
	}{
		{"271231", 2026, "2027-12-31"},
		{"760101", 2026, "2076-01-01"},
		{"770101", 2026, "1977-01-01"},
		{"991231", 2026, "1999-12-31"},
		{"000101", 2049, "2000-01-01"},
		{"000101", 2050, "2100-01-01"},
		{"010101", 2050, "2001-01-01"},
		{"490101", 2099, "2149-01-01"},
		{"500101", 2099, "2050-01-01"},
		{"280200", 2026, "2028-02-29"},
		{"270200", 2026, "2027-02-28"},
		{"270400", 2026, "2027-04-30"},
		{"271200", 2026, "2027-12-31"},
		{"000200", 2070, "2100-02-28"},
	} {
		got := c.date.Time(time.Date(c.reading, 6, 1, 0, 0, 0, 0, time.UTC)).Format(time.DateOnly)
		if got != c.want {
			t.Errorf("%s read in %d = %s, want %s", c.date, c.reading, got, c.want)
		}
	}
	for _, d := range []gs1.Date{"", "2712", "271331", "27123x"} {
		if y, m, day := d.In(2026); y != 0 || m != 0 || day != 0 || !d.Time(time.Now()).IsZero() {
			t.Errorf("Date(%q).In = %d, %d, %d, want zeros", d, y, m, day)
		}
	}
	if gs1.Date("271200").DayGiven() || !gs1.Date("271231").DayGiven() || gs1.Date("").DayGiven() {
		t.Error("DayGiven")
	}
}

func TestParseDate(t *testing.T) {
	if d, err := gs1.ParseDate("271200"); err != nil || d != "271200" {
		t.Errorf("ParseDate(271200) = %s, %v", d, err)
	}
	for s, kind := range map[string]error{
		"": gs1.ErrLength, "27120": gs1.ErrLength, "2712000": gs1.ErrLength, "27120x": gs1.ErrCharacter, "271300": gs1.ErrValue,
	} {
		if d, err := gs1.ParseDate(s); !errors.Is(err, kind) {
			t.Errorf("ParseDate(%q) = %s, %v, want %v", s, d, err, kind)
		}
	}
	m := gs1.Message{Elements: []gs1.Element{{AI: "17", Value: "271200"}, {AI: "7003", Value: "2712312359"}, {AI: "10", Value: "A"}}}
	for ai, want := range map[gs1.AI]gs1.Date{"17": "271200", "7003": "271231", "10": "", "11": ""} {
		if d, ok := m.Date(ai); d != want || ok != (want != "") {
			t.Errorf("Date(%s) = %s, %v, want %s", ai, d, ok, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	reading := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ai          gs1.AI
		value, want string
	}{
		{"17", "271231", "2027-12-31T00:00:00Z 24h0m0s"},
		{"17", "280200", "2028-02-29T00:00:00Z 24h0m0s"},
		{"7003", "2712312359", "2027-12-31T23:59:00Z 1m0s"},
		{"4324", "2712311530", "2027-12-31T15:30:00Z 1m0s"},
		{"4325", "2712319999", "2027-12-31T00:00:00Z 24h0m0s"},
		{"7007", "271231", "2027-12-31T00:00:00Z 24h0m0s"},
		{"7007", "271230271231", "2027-12-30T00:00:00Z 48h0m0s"},
		{"7007", "271231271230", "error"},
		{"7007", "271231271330", "error"},
		{"7011", "2712311200", "2027-12-31T12:00:00Z 1m0s"},
		{"8008", "27123112", "2027-12-31T12:00:00Z 1h0m0s"},
		{"8008", "271231123059", "2027-12-31T12:30:59Z 1s"},
		{"8008", "2712311230591", "error"},
		{"8008", "271231126000", "error"},
		{"8008", "27123112x0", "error"},
		{"7250", "19480229", "1948-02-29T00:00:00Z 24h0m0s"},
		{"7251", "194802292359", "1948-02-29T23:59:00Z 1m0s"},
		{"7250", "1948022", "error"},
		{"17", "271331", "error"},
		{"10", "271231", "error"},
	} {
		from, to, err := gs1.Element{AI: c.ai, Value: c.value}.Period(reading)
		got := from.Format(time.RFC3339) + " " + to.Sub(from).String()
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("(%s)%s: %s, want %s", c.ai, c.value, got, c.want)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		ai          gs1.AI
		value, want string
	}{
		{"3103", "000195", "0.195"},
		{"3100", "000195", "195"},
		{"3105", "123456", "1.23456"},
		{"3922", "0299", "2.99"},
		{"3929", "1", "0.000000001"},
		{"3912", "7041950000", "19500.00 704"},
		{"3932", "97819500", "195.00 978"},
		{"3933", "978", "error"},
		{"3912", "70", "error"},
		{"3912", "7x41", "error"},
		{"3943", "1250", "1.250"},
		{"3953", "001250", "1.250"},
		{"30", "12345678", "12345678"},
		{"37", "0", "0"},
		{"4330", "001250", "12.50"},
		{"4333", "001250-", "-12.50"},
		{"8005", "000123", "123"},
		{"3900", "999999999999999", "999999999999999"},
		{"3900", "", "error"},
		{"3900", "1234567890123456789", "error"},
		{"3900", "12x", "error"},
		{"10", "12", "error"},
	} {
		d, currency, err := gs1.Element{AI: c.ai, Value: c.value}.Decimal()
		got := strings.TrimSpace(d.String() + " " + currency)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("(%s)%s: %s, want %s", c.ai, c.value, got, c.want)
		}
	}
}

// What a label says in numbers is exact.
func ExampleElement_Decimal() {
	m, err := gs1.ParseHRI("(01)98935000000000(3103)001950(3932)704195000")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range m.Elements[1:] {
		d, currency, err := e.Decimal()
		fmt.Println(e.AI.Title(), d, currency, err)
	}
	// Output:
	// NET WEIGHT (kg) 1.950  <nil>
	// PRICE 1950.00 704 <nil>
}
