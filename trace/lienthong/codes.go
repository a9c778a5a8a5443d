package lienthong

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// List names a list of codes.
type List string

// The lists of DefaultCodes.
const (
	// Provinces are the statistical codes of provinces (QĐ 124/2004/QĐ-TTg, from 1 July 2025 QĐ 19/2025/QĐ-TTg).
	Provinces List = "province"
	// Signs are the signs of the authority in the number of a licence (NĐ 163/2025/NĐ-CP, PL I, Mẫu 15).
	Signs List = "sign"
	// DrugGroups are the values of digit 4 of a SoDangKy (TT 32/2026/TT-BYT, PL V).
	DrugGroups List = "drug_group"
	// PrescriptionStates are the values of its digit 5, and of prescription_status.
	PrescriptionStates List = "prescription_status"
	// ControlTypes are the values of its digit 6, and of special_control_type (QĐ 232/QĐ-TTYQG).
	ControlTypes List = "special_control_type"
	// Substances gives active ingredients the code of a ControlTypes that holds since a date, whatever the registration
	// number says. Names are folded as Fold does.
	Substances List = "substance"
)

// Code is what a code of a list means, for a stretch of time.
type Code struct {
	List List   `json:"list"`
	Code string `json:"code"`
	Name string `json:"name"`
	// From is the first day, and To the first on which it no longer holds; the zero Day leaves the side open.
	From Day `json:"from,omitzero"`
	To   Day `json:"to,omitzero"`
	// Into is the code that took its place.
	Into string `json:"into,omitempty"`
	// Source is where it is written, and Confidence how sure it is: H, M or L.
	Source     string `json:"source"`
	Confidence string `json:"confidence"`
}

// Codes are lists of codes. They are read-only once loaded, and safe for concurrent use.
type Codes struct {
	rows map[key][]Code // in order of From
	all  []Code
}

type key struct {
	list List
	code string
}

//go:embed codes.jsonl
var defaultCodes []byte

// DefaultCodes returns the lists as they stood on 21 November 2026.
func DefaultCodes() *Codes {
	c, err := LoadCodes(bytes.NewReader(defaultCodes))
	if err != nil {
		panic(err) // TestDefaultCodes loads them
	}
	return c
}

// maxCodeLine bounds a line of a file of codes.
const maxCodeLine = 64 << 10

// LoadCodes reads lists of codes: one JSON object a line with the fields of Code, days as "2025-07-01"; empty lines and
// those that begin with "#" are skipped. A code that means two things on one day is an error, as is an unknown field: the
// error names the line.
func LoadCodes(r io.Reader) (*Codes, error) {
	c := &Codes{rows: map[key][]Code{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxCodeLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		code, err := decodeCode(line)
		if err == nil {
			err = c.add(code)
		}
		if err != nil {
			return nil, fmt.Errorf("lienthong: codes: line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("lienthong: codes: %w", err)
	}
	return c, nil
}

func decodeCode(line []byte) (Code, error) {
	var code Code
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&code); err != nil {
		return code, err
	}
	if _, err := d.Token(); err != io.EOF {
		return code, errors.New("more than one value")
	}
	if code.List == Substances {
		code.Code = Fold(code.Code)
	}
	switch {
	case code.List == "" || code.Code == "" || code.Name == "":
		return code, errors.New("want list, code and name")
	case code.Source == "" || !slices.Contains([]string{"H", "M", "L"}, code.Confidence):
		return code, errors.New("want source, and confidence H, M or L")
	case code.To != (Day{}) && !code.From.Before(code.To):
		return code, errors.New("ends before it begins")
	}
	return code, nil
}

// add puts a code in its place, unless another means something on the same day.
func (c *Codes) add(code Code) error {
	k := key{code.List, code.Code}
	rows := c.rows[k]
	for _, other := range rows {
		if (other.To == Day{} || code.From.Before(other.To)) && (code.To == Day{} || other.From.Before(code.To)) {
			return fmt.Errorf("%s %q means %q on the same day", code.List, code.Code, other.Name)
		}
	}
	rows = append(rows, code)
	slices.SortFunc(rows, func(a, b Code) int { return a.From.compare(b.From) })
	c.rows[k] = rows
	c.all = append(c.all, code)
	return nil
}

// At returns what a code of a list means on the day that a time falls on in Viet Nam, and whether it means anything. A
// code says nothing without a date: 67 was Đắk Nông, and 15 is another province than it was.
func (c *Codes) At(list List, code string, t time.Time) (Code, bool) {
	day := DayOf(t)
	if list == Substances {
		code = Fold(code)
	}
	for _, row := range c.rows[key{list, code}] {
		if row.holds(day) {
			return row, true
		}
	}
	return Code{}, false
}

// On returns the codes of a list that hold on the day that a time falls on in Viet Nam, in the order of the file.
func (c *Codes) On(list List, t time.Time) []Code {
	day := DayOf(t)
	var rows []Code
	for _, row := range c.all {
		if row.List == list && row.holds(day) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Successor returns the code that a code of an earlier day has become by the day that a time falls on: 67 is 68 since
// 1 July 2025. A code that still holds is its own successor.
func (c *Codes) Successor(list List, code string, earlier, t time.Time) (Code, bool) {
	row, ok := c.At(list, code, earlier)
	for day := DayOf(t); ok && row.To != (Day{}) && !day.Before(row.To); {
		next := row.Into
		if next == "" {
			next = row.Code
		}
		row, ok = c.At(list, next, row.To.Time())
	}
	return row, ok
}

// Control returns the ControlTypes code of a drug on the day that a time falls on: that of the first of its substances
// which has one of its own since a date, else that of its registration number. It is not ok when neither says.
func (c *Codes) Control(n SoDangKy, substances []string, t time.Time) (code Code, ok bool) {
	for _, s := range substances {
		if row, ok := c.At(Substances, s, t); ok {
			return c.At(ControlTypes, row.Name, t)
		}
	}
	return c.At(ControlTypes, n.Control, t)
}

func (c *Code) holds(day Day) bool {
	return !day.Before(c.From) && (c.To == Day{} || day.Before(c.To))
}

// Day is a day of the calendar of Viet Nam. The zero value is no day.
type Day struct {
	Year  int
	Month time.Month
	Date  int
}

// zone is the time of Viet Nam, which has had no summer time since 1975 (IANA time-zone database): none is needed.
var zone = time.FixedZone("+07", 7*60*60)

// DayOf returns the day that a time falls on in Viet Nam.
func DayOf(t time.Time) Day {
	y, m, d := t.In(zone).Date()
	return Day{y, m, d}
}

// Time returns the midnight that the day begins with.
func (d Day) Time() time.Time { return time.Date(d.Year, d.Month, d.Date, 0, 0, 0, 0, zone) }

// Next returns the day after it.
func (d Day) Next() Day { return DayOf(d.Time().AddDate(0, 0, 1)) }

// Before reports whether d is before e.
func (d Day) Before(e Day) bool { return d.compare(e) < 0 }

func (d Day) compare(e Day) int {
	return slices.Compare([]int{d.Year, int(d.Month), d.Date}, []int{e.Year, int(e.Month), e.Date})
}

// String returns the day as "2025-07-01".
func (d Day) String() string { return d.format("-") }

// format writes year, month and date with something between them.
func (d Day) format(between string) string {
	b := strconv.AppendInt(make([]byte, 0, 16), int64(10_000+d.Year), 10)[1:] // four digits
	for _, n := range [...]int{int(d.Month), d.Date} {
		b = append(append(b, between...), byte('0'+n/10%10), byte('0'+n%10))
	}
	return string(b)
}

// MarshalText returns what String returns.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what String returns.
func (d *Day) UnmarshalText(text []byte) error {
	t, err := time.ParseInLocation(time.DateOnly, string(text), zone)
	if err != nil {
		return fmt.Errorf("day %q: want one such as 2025-07-01", text)
	}
	*d = DayOf(t)
	return nil
}
