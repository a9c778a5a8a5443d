package gs1

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Decimal is an exact decimal number: Units / 10^Places. The zero value is 0.
type Decimal struct {
	Units  int64
	Places int
}

// String returns the number with all its places: "1.950".
func (d Decimal) String() string {
	s := strconv.FormatInt(d.Units, 10)
	if d.Places <= 0 {
		return s
	}
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	if lack := d.Places + 1 - len(s); lack > 0 {
		s = strings.Repeat("0", lack) + s
	}
	point := len(s) - d.Places
	return sign + s[:point] + "." + s[point:]
}

// Decimal returns the number that the value of a measure, amount, percentage or count is (General Specifications
// 3.6 to 3.9): AIs 31nn to 36nn and 390n to 395n, whose last digit counts decimal places, 30, 37, 4330 to 4333 and 8005. The
// currency is that of ISO 4217 in three digits where the value has one (391n, 393n), and "" otherwise; the unit of a measure
// is in the data title of its AI.
func (e Element) Decimal() (d Decimal, currency string, err error) {
	s := e.Value
	switch ai := string(e.AI); {
	case digits(ai) < len(ai):
		return Decimal{}, "", errNoNumber
	case len(ai) == 4 && ai >= "3100" && ai <= "3699" || len(ai) == 4 && ai >= "3900" && ai <= "3959":
		d.Places = int(ai[3] - '0')
		if ai[:3] == "391" || ai[:3] == "393" {
			if len(s) < 3 {
				return Decimal{}, "", errNoNumber
			}
			currency, s = s[:3], s[3:]
		}
	case ai == "30" || ai == "37":
	case ai == "4330" || ai == "4331" || ai == "4332" || ai == "4333":
		d.Places = 2
		s, _ = strings.CutSuffix(s, "-")
	case ai == "8005":
	default:
		return Decimal{}, "", errNoNumber
	}
	if s == "" || len(s) > 18 || digits(s) < len(s) || digits(currency) < len(currency) {
		return Decimal{}, "", errNoNumber
	}
	for i := 0; i < len(s); i++ {
		d.Units = d.Units*10 + int64(s[i]-'0')
	}
	if strings.HasPrefix(string(e.AI), "433") && strings.HasSuffix(e.Value, "-") {
		d.Units = -d.Units
	}
	return d, currency, nil
}

var (
	errNoNumber = errors.New("gs1: no number")
	errNoPeriod = errors.New("gs1: no date")
)

// Period returns the stretch of time that the value of a date, date and time, or range of dates names, in UTC and with the
// end exclusive: a day, an hour, a minute or a second, as exactly as the value says it, or from the first day of a range
// to the end of its last. Years of two digits are those of General Specifications 7.12 when the value is read at a time;
// day 00 is the last day of the month, time 9999 none. The AIs are 11 to 17, 4324 to 4326, 7003, 7006, 7007, 7011, 7250,
// 7251 and 8008.
func (e Element) Period(reading time.Time) (from, to time.Time, err error) {
	fail := func() (time.Time, time.Time, error) { return time.Time{}, time.Time{}, errNoPeriod }
	s := e.Value
	year := 2
	switch e.AI {
	case "7250", "7251":
		year = 4
	case "11", "12", "13", "15", "16", "17", "4324", "4325", "4326", "7003", "7006", "7007", "7011", "8008":
	default:
		return fail()
	}
	if len(s) < year+4 || checkDate(s[:year+4], year, true).why != 0 {
		return fail()
	}
	y, m, d := number(s[:year]), number(s[year:year+2]), number(s[year+2:year+4])
	if year == 2 {
		y = century(y, reading.Year())
	}
	if d == 0 {
		d = daysIn(y, m)
	}
	from = time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	clock := s[year+4:]
	switch {
	case clock == "" || clock == "9999":
		return from, from.AddDate(0, 0, 1), nil
	case e.AI == "7007":
		last, end, err := Element{"7006", clock}.Period(reading)
		if err != nil || last.Before(from) {
			return fail()
		}
		return from, end, nil
	}
	units := [...]struct {
		of    time.Duration
		limit int
	}{{time.Hour, 24}, {time.Minute, 60}, {time.Second, 60}}
	if len(clock)%2 != 0 || len(clock) > 2*len(units) || digits(clock) < len(clock) {
		return fail()
	}
	unit := time.Duration(0)
	for i := 0; i < len(clock); i += 2 {
		n := number(clock[i : i+2])
		if n >= units[i/2].limit {
			return fail()
		}
		unit = units[i/2].of
		from = from.Add(time.Duration(n) * unit)
	}
	return from, from.Add(unit), nil
}
