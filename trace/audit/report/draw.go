package report

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/dauvet/dauvet/trace"
)

// drawing is a graph as a picture: a lane for each place, and a line for each hop.
type drawing struct {
	Title         string
	Width, Height int
	Lanes         []lane
	Hops          []hopView
	Left          string
}

type lane struct {
	X          int
	Name, Full string
	Top, Foot  int
}

type hopView struct {
	X, Y, To   int // To is where the arrow ends; 0 is none
	Text, Time string
	TextX      int
	Odd        bool
	Anchor     string
}

// The measures of a drawing.
const (
	gutter   = 118 // for the time
	laneWide = 148
	hopHigh  = 30
	headHigh = 34
	laneMost = 19 // letters of a name
)

// draw lays a graph out.
func (s *speaker) draw(g *Graph) *drawing {
	d := &drawing{Title: s.say("wayof") + " " + valid(short(g.Object))}
	var places []trace.Party
	x := func(p trace.Party) int {
		i := slices.Index(places, p)
		if i < 0 {
			i = len(places)
			places = append(places, p)
		}
		return gutter + laneWide*i + laneWide/2
	}
	for i, h := range g.Hops {
		v := hopView{X: x(h.Place), Y: headHigh + hopHigh*i + hopHigh/2 + 8, Time: s.shortTime(h.Time), Text: valid(s.step(h.Step)), Odd: h.Odd}
		v.TextX, v.Anchor = v.X+9, "start"
		if h.To != "" && h.To != h.Place {
			if v.To = x(h.To); v.To > v.X {
				v.To -= 6
				v.TextX, v.Anchor = v.X-9, "end"
			} else {
				v.To += 6
			}
		}
		d.Hops = append(d.Hops, v)
	}
	d.Width, d.Height = gutter+laneWide*len(places), headHigh+hopHigh*len(g.Hops)+12
	for _, p := range places {
		full := valid(s.party(p))
		d.Lanes = append(d.Lanes, lane{x(p), shorten(full), full, headHigh - 8, d.Height - 4})
	}
	if g.Left > 0 {
		d.Left = fmt.Sprintf("%d %s", g.Left, s.say("hopsleft"))
	}
	return d
}

// shorten cuts a name to what stands over a lane.
func shorten(name string) string {
	if utf8.RuneCountInString(name) <= laneMost {
		return name
	}
	letters := []rune(name)
	return string(letters[:laneMost-1]) + "…"
}

func (s *speaker) shortTime(t time.Time) string {
	if s.lang == trace.English {
		return t.In(zone).Format("2006-01-02 15:04")
	}
	return t.In(zone).Format("02/01/2006 15:04")
}

// dayChart is how many events there were on each day, or each week when there are many days.
type dayChart struct {
	Title  string
	Bars   []dayBar
	Marks  []mark // on the left
	Labels []mark // beneath
	Most   string
}

type dayBar struct {
	X, Y, Width, Height float64
	Title               string
}

type mark struct {
	X, Y float64
	Text string
}

// The measures of the chart.
const (
	chartLeft, chartTop, chartWide, chartHigh = 46.0, 8.0, 650.0, 150.0
	mostBars                                  = 130
)

func (s *speaker) days(days []Day) *dayChart {
	if len(days) == 0 {
		return nil
	}
	c := &dayChart{Title: s.say("perday")}
	if len(days) > mostBars {
		c.Title, days = s.say("perweek"), weeks(days)
	}
	if len(days) > mostBars { // years: the last ones
		days = days[len(days)-mostBars:]
	}
	top := 1
	for _, d := range days {
		top = max(top, d.Events)
	}
	top = round(top)
	step := chartWide / float64(len(days))
	for i, d := range days {
		high := chartHigh * float64(d.Events) / float64(top)
		t, _ := time.Parse(time.DateOnly, d.Day)
		name := t.Format("02/01/2006")
		if s.lang == trace.English {
			name = d.Day
		}
		c.Bars = append(c.Bars, dayBar{chartLeft + step*float64(i) + step*0.1, chartTop + chartHigh - high, step * 0.8, high,
			name + ": " + s.number(int64(d.Events))})
		if i%max(len(days)/6, 1) == 0 && i <= len(days)-max(len(days)/12, 1) {
			c.Labels = append(c.Labels, mark{chartLeft + step*(float64(i)+0.5), chartTop + chartHigh + 18, name})
		}
	}
	for i := range 3 {
		c.Marks = append(c.Marks, mark{chartLeft, chartTop + chartHigh - chartHigh*float64(i)/2, s.number(int64(top * i / 2))})
	}
	return c
}

// weeks adds up days by seven.
func weeks(days []Day) []Day {
	var out []Day
	for i, d := range days {
		if i%7 == 0 {
			out = append(out, Day{Day: d.Day})
		}
		out[len(out)-1].Events += d.Events
	}
	return out
}

// round returns the next even number with one or two figures that are not zero.
func round(n int) int {
	unit := 1
	for n/unit >= 20 {
		unit *= 10
	}
	n = (n + unit - 1) / unit * unit
	if n/unit%2 == 1 {
		n += unit
	}
	return n
}
