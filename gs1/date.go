package gs1

import "time"

// Date is a date as it is scanned, YYMMDD, where day 00 means the last day of the month (General Specifications
// 3.4). It is kept as it is, as registers of serial numbers compare it so; what it means depends on when it is read.
type Date string

// ParseDate returns the date that six digits are. The error is a *ParseError of the kind ErrLength, ErrCharacter or
// ErrValue.
func ParseDate(s string) (Date, error) {
	if f := checkDate(s, 2, true); f.why != 0 {
		return "", &ParseError{Offset: f.at, Length: f.of, why: f.why, input: s}
	}
	return Date(s), nil
}

// Date returns the date that the first element with the AI holds, such as "17", or the date that it begins with, and
// whether there is one.
func (m Message) Date(ai AI) (Date, bool) {
	v, ok := m.Value(ai)
	if !ok || len(v) < 6 || checkDate(v[:6], 2, true).why != 0 {
		return "", false
	}
	return Date(v[:6]), true
}

// In returns the day that the date means when it is read in a year: the century is the one in which the date is less than
// 50 years before and at most 50 years after it (General Specifications 7.12), and day 00 is the last day of the month.
// The result is 0, 0, 0 for a Date that ParseDate would not return.
func (d Date) In(reading int) (year int, month time.Month, day int) {
	if checkDate(string(d), 2, true).why != 0 {
		return 0, 0, 0
	}
	yy, m, day := number(string(d[:2])), number(string(d[2:4])), number(string(d[4:]))
	year = century(yy, reading)
	if day == 0 {
		day = daysIn(year, m)
	}
	return year, time.Month(m), day
}

// Time returns midnight UTC of the day that the date means when it is read at a time; see In. The result is the zero time
// for a Date that ParseDate would not return.
func (d Date) Time(reading time.Time) time.Time {
	y, m, day := d.In(reading.Year())
	if y == 0 && m == 0 {
		return time.Time{}
	}
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

// DayGiven reports whether the date has a day other than 00.
func (d Date) DayGiven() bool { return len(d) == 6 && d[4:] != "00" }

// century returns the year that two digits mean when they are read in a year (General Specifications 7.12).
func century(yy, reading int) int {
	year := reading - reading%100 + yy
	switch d := yy - reading%100; {
	case d >= 51:
		year -= 100
	case d <= -50:
		year += 100
	}
	return year
}
