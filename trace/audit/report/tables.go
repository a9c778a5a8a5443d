package report

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/sheet"
)

// minute is how a [sheet.Minute] is written.
const minute = "2006-01-02 15:04"

// File is a table and the name of the file, without extension, that holds it.
type File struct {
	Name  string
	Table *sheet.Table
}

// Tables returns the report as tables: tong-hop (sums), phat-hien (findings), bang-chung (evidence of findings),
// khong-xac-minh (what could not be verified), do-phu (coverage), ton-kho (balances) and tren-duong (in transit). Times are
// those of Viet Nam. They are made while they are written. [sheet.WriteCSV] writes one of them; text in them is that of other
// people, so use its option Escape.
func Tables(r *Report, lang trace.Language) []File {
	s := r.speaker(lang)
	return []File{
		{"tong-hop", s.table("sums", s.sums(r), text("item", 40), whole("value"))},
		{"phat-hien", s.table("findings", s.findingRows(r), whole("finding"), text("code", 28), text("rule", 28), when("time"),
			text("place", 16), text("name", 30), text("objects", 60), text("want", 24), text("got", 24), text("sentence", 90))},
		{"bang-chung", s.table("evidence", s.evidenceRows(r), whole("finding"), text("event", 40), when("time"), text("step", 16),
			text("place", 16), text("source", 30), text("ledger", 30), whole("index"))},
		{"khong-xac-minh", s.table("problems", s.problemRows(r), text("code", 24), text("rule", 30), text("party", 16), text("name", 30), text("text", 90))},
		{"do-phu", s.table("coverage", s.coverageRows(r), text("party", 16), text("name", 40), text("known", 10), text("key", 10),
			whole("ledgers"), whole("events"), when("first"), when("last"), text("gaps", 60))},
		{"ton-kho", s.table("balances", s.balanceRows(r), text("place", 16), text("name", 30), text("gtin", 15), text("product", 30),
			text("lot", 14), text("expiry", 12), when("recalled"), whole("opening"), whole("in"), whole("out"), whole("loss"), whole("closing"))},
		{"tren-duong", s.table("transit", s.transitRows(r), text("from", 16), text("to", 16), text("gtin", 15), text("product", 30),
			text("lot", 14), text("document", 40), when("since"), whole("count"), when("recalled"))},
	}
}

type column struct {
	word  string
	kind  sheet.Kind
	width int
}

func text(word string, width int) column { return column{word, sheet.Text, width} }
func whole(word string) column           { return column{word, sheet.Integer, 0} }
func when(word string) column            { return column{word, sheet.Minute, 0} }

func (s *speaker) table(name string, rows iter.Seq2[[]string, error], columns ...column) *sheet.Table {
	t := &sheet.Table{Name: s.say(name), Rows: rows}
	for _, c := range columns {
		t.Columns = append(t.Columns, sheet.Column{Name: s.say(c.word), Kind: c.kind, Width: c.width})
	}
	return t
}

// valid makes text of what came from elsewhere: without what is no UTF-8, and without what neither a page nor a workbook may
// have in it.
func valid(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0xFFFE || c == 0xFFFF {
			return utf8.RuneError
		}
		return c // RuneError for what is no UTF-8
	}, s)
}

func number[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(minute)
}

// each yields a row for each element of a list.
func each[T any](list []T, row func(i int, x *T) []string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for i := range list {
			cells := row(i, &list[i])
			for k := range cells {
				cells[k] = cut(valid(cells[k]))
			}
			if !yield(cells, nil) {
				return
			}
		}
	}
}

// sums are the first figures, in the order of the page.
func (s *speaker) sums(r *Report) iter.Seq2[[]string, error] {
	type sum struct {
		name string
		n    int64
	}
	list := []sum{
		{s.say("findings"), int64(r.Sums.Findings)},
		{s.say("problems"), int64(r.Sums.Problems)},
		{s.say("missing"), int64(r.Sums.Missing)},
		{s.say("party"), int64(r.Sums.Establishments)},
		{s.say("reporting"), int64(r.Sums.Report)},
		{s.say("files"), int64(r.Sums.Sources)},
		{s.say("files") + ", " + s.say("evidencefiles"), int64(r.Sums.Proven)},
		{s.say("records"), r.Sums.Records},
		{s.say("events"), r.Sums.Events},
		{s.say("events") + ", " + s.say("unreadable"), r.Sums.Unreadable},
		{s.say("recalledleft"), r.Sums.RecalledLeft},
		{s.say("claimedunits"), r.Sums.Claimed},
		{s.say("expiring"), r.Sums.Expiring},
		{s.say("expires") + ": " + s.say("expired"), r.Sums.Expired},
	}
	for _, rule := range r.Rules {
		list = append(list, sum{s.say("findings") + ": " + s.rule(rule.Code), int64(rule.Count)})
	}
	return each(list, func(_ int, x *sum) []string { return []string{x.name, number(x.n)} })
}

func (s *speaker) findingRows(r *Report) iter.Seq2[[]string, error] {
	return each(r.Findings, func(i int, f *Finding) []string {
		objects := make([]string, len(f.EPCs))
		for k, id := range f.EPCs {
			objects[k] = short(id)
		}
		return []string{number(i + 1), string(f.Code), s.rule(f.Code), moment(f.Time), string(f.Place), s.parties[f.Place],
			strings.Join(objects, " "), f.Want, f.Got, f.Text(s.lang)}
	})
}

// cut bounds a cell to what spreadsheet programs take, which is 32,767 characters.
func cut(s string) string {
	const most = 32000
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + " …"
}

func (s *speaker) evidenceRows(r *Report) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for i := range r.Findings {
			rows := each(r.Findings[i].Evidence, func(_ int, e *Evidence) []string {
				return []string{number(i + 1), e.Event, moment(e.Time), s.step(e.Step), string(e.Place), e.Source, e.Ledger, number(e.Index)}
			})
			for row, err := range rows {
				if !yield(row, err) {
					return
				}
			}
		}
	}
}

func (s *speaker) problemRows(r *Report) iter.Seq2[[]string, error] {
	return each(slices.Concat(r.Problems, r.Missing), func(_ int, x **audit.Problem) []string {
		p := *x
		return []string{string(p.Code), s.rule(p.Code), string(p.Party), s.parties[p.Party], p.Text(s.lang)}
	})
}

func (s *speaker) coverageRows(r *Report) iter.Seq2[[]string, error] {
	yes := func(b bool) string {
		if b {
			return s.say("yes")
		}
		return s.say("no")
	}
	return each(r.Coverage, func(_ int, c *Coverage) []string {
		return []string{string(c.Party), s.parties[c.Party], yes(c.Known), yes(c.Key), number(c.Ledgers), number(c.Events),
			moment(c.First), moment(c.Last), s.gaps(c.Gaps)}
	})
}

func (s *speaker) gaps(gaps []Gap) string {
	var out []string
	for _, g := range gaps {
		out = append(out, fmt.Sprintf("%s – %s (%d %s)", s.date(g.From), s.date(g.Until), g.Days(), s.say("days")))
	}
	return strings.Join(out, "; ")
}

// date is a day for people.
func (s *speaker) date(t time.Time) string {
	if s.lang == trace.English {
		return t.In(zone).Format(time.DateOnly)
	}
	return t.In(zone).Format("02/01/2006")
}

func (s *speaker) balanceRows(r *Report) iter.Seq2[[]string, error] {
	return each(r.Balances, func(_ int, b *Balance) []string {
		name, gtin, lot := s.class(b.Class)
		return []string{string(b.Place), s.parties[b.Place], gtin, name, lot, b.Expiry, moment(b.Recalled),
			number(b.Opening), number(b.In), number(b.Out), number(b.Loss), number(b.Closing)}
	})
}

func (s *speaker) transitRows(r *Report) iter.Seq2[[]string, error] {
	return each(r.Transit, func(_ int, t *Transit) []string {
		name, gtin, lot := s.class(t.Class)
		return []string{string(t.From), string(t.To), gtin, name, lot, string(t.Document), moment(t.Since), number(t.Count), moment(t.Recalled)}
	})
}
