package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace"
)

//go:embed page.html
var pageText string

// HTMLOptions say what a page shows. Nil and the zero value are good defaults.
type HTMLOptions struct {
	Language trace.Language // the zero value is Vietnamese
	// Most is how many findings, and rows of each table, the page has; the page says how many there are. Zero means 200.
	Most int
}

// WriteHTML writes the report as one page that needs nothing from elsewhere: no script, no font, no picture. It prints on
// A4. Text of other people is escaped. Of each rule the page has about as many findings as of any other.
func WriteHTML(w io.Writer, r *Report, opts *HTMLOptions) error {
	if opts == nil {
		opts = &HTMLOptions{}
	}
	s := r.speaker(opts.Language)
	p, err := s.page(r, cmp.Or(opts.Most, 200))
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	t, err := template.New("page").Funcs(template.FuncMap{"say": s.say, "number": s.number}).Parse(pageText)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// page is what the template shows.
type page struct {
	Period, Made string
	Cards        []card
	Days         *dayChart
	Bars         []bar
	Reported     share
	Missing      []bar // by what they did not
	Problems     []problemView
	Groups       []group
	Tables       []pageTable
	More         string // of findings
	MoreProblems string
}

// card is a sum.
type card struct {
	Name, Value, Note string
	Bad               bool
}

// bar is a rule in the chart of rules.
type bar struct {
	Name, Link string
	Count      int
	Width      float64 // of 100
}

// share is a part of a whole.
type share struct {
	Part, Whole int
	Percent     string
	Width       float64 // of 100
}

type problemView struct{ Rule, Party, Code, Text string }

// group is the findings of a rule.
type group struct {
	ID, Name, More string
	Count          int
	Findings       []findingView
}

type findingView struct {
	ID, Text, Time, Place, Code string
	Objects                     []string
	Evidence                    []evidenceView
	More                        string
	Graph                       *drawing
}

type evidenceView struct {
	Time, Step, Place, Ledger, Source, Event, Proof string
	Index                                           int64
}

// pageTable is a table of the page.
type pageTable struct {
	ID, Title, Note, More string
	Head                  []head
	Rows                  [][]cell
}

type head struct {
	Text    string
	Numbers bool
}

type cell struct {
	Text    string
	Numbers bool
	Bad     bool
}

// page collects what the page shows.
func (s *speaker) page(r *Report, most int) (*page, error) {
	p := &page{Period: s.date(r.From) + " " + s.say("until") + " " + s.date(r.Until.Add(-time.Millisecond))}
	if !r.Made.IsZero() {
		p.Made = s.date(r.Made) + r.Made.In(zone).Format(" 15:04")
	}
	p.Cards = s.cards(r)
	p.Days = s.days(r.Days)
	p.Reported = share{Part: r.Sums.Report, Whole: r.Sums.Establishments, Percent: "–"}
	if n := r.Sums.Establishments; n > 0 {
		p.Reported.Width = 100 * float64(r.Sums.Report) / float64(n)
		p.Reported.Percent = s.percent(r.Sums.Report, n)
	}
	missing := make(map[trace.Code]int)
	for _, x := range r.Missing {
		missing[x.Code]++
	}
	for _, code := range slices.Sorted(maps.Keys(missing)) {
		p.Missing = append(p.Missing, bar{s.rule(code), "#coverage", missing[code], 100 * float64(missing[code]) / float64(max(r.Sums.Establishments, 1))})
	}
	for i, rule := range r.Rules {
		p.Bars = append(p.Bars, bar{s.rule(rule.Code), "#r-" + string(rule.Code), rule.Count,
			100 * float64(rule.Count) / float64(max(r.Rules[0].Count, 1))})
		if i == 20 {
			break
		}
	}
	for i, x := range r.Problems {
		if i == most {
			p.MoreProblems = s.more(most, len(r.Problems))
			break
		}
		p.Problems = append(p.Problems, problemView{s.rule(x.Code), s.party(x.Party), string(x.Code), valid(x.Text(s.lang))})
	}
	if err := s.groups(p, r, most); err != nil {
		return nil, err
	}
	p.Tables = s.pageTables(r, most)
	return p, nil
}

func (s *speaker) cards(r *Report) []card {
	x := &r.Sums
	list := []card{
		{s.say("findings"), s.number(int64(x.Findings)), "", x.Findings > 0},
		{s.say("reporting"), s.number(int64(x.Report)), fmt.Sprintf("%s %s", s.say("of"), s.number(int64(x.Establishments))), x.Report < x.Establishments},
		{s.say("problems"), s.number(int64(x.Problems)), "", x.Problems > 0},
		{s.say("events"), s.number(x.Events), "", false},
		{s.say("records"), s.number(x.Records), fmt.Sprintf("%s: %s, %s %s", s.say("files"), s.number(int64(x.Sources)), s.number(int64(x.Proven)), s.say("evidencefiles")), false},
		{s.say("recalledleft"), s.number(x.RecalledLeft), s.say("units"), x.RecalledLeft > 0},
		{s.say("expiring"), s.number(x.Expiring), s.say("units"), false},
	}
	if x.Claimed > 0 {
		list = append(list, card{s.say("claimedunits"), s.number(x.Claimed), s.say("units"), false})
	}
	if x.Unreadable > 0 {
		list[3].Note, list[3].Bad = s.number(x.Unreadable)+" "+s.say("unreadable"), true
	}
	if x.Expired > 0 {
		list[6].Note, list[6].Bad = s.number(x.Expired)+" "+s.say("expired"), true
	}
	return list
}

// number writes a number with the separator of the language between thousands.
func (s *speaker) number(n int64) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	mark := "."
	if s.lang == trace.English {
		mark = ","
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return sign + digits
}

func (s *speaker) percent(part, whole int) string {
	t := fmt.Sprintf("%d,%d", 100*part/whole, 1000*part/whole%10)
	if s.lang == trace.English {
		t = strings.Replace(t, ",", ".", 1)
	}
	return t + " %"
}

func (s *speaker) more(shown, all int) string { return fmt.Sprintf(s.say("more"), shown, all) }

// mostEvidence is how many records of a finding the page shows, mostObjects how many objects.
const (
	mostEvidence = 6
	mostObjects  = 12
)

// groups puts the findings of each rule together, those of the rules with the fewest whole as far as there is room.
func (s *speaker) groups(p *page, r *Report, most int) error {
	byRule := make(map[trace.Code][]*Finding)
	number := make(map[*Finding]int)
	for i := range r.Findings {
		f := &r.Findings[i]
		byRule[f.Code] = append(byRule[f.Code], f)
		number[f] = i + 1
	}
	rules := slices.Clone(r.Rules)
	slices.Reverse(rules)
	shown := make(map[trace.Code][]*Finding)
	var all []*Finding
	for i, rule := range rules {
		n := min(rule.Count, max((most-len(all))/(len(rules)-i), 1))
		shown[rule.Code] = byRule[rule.Code][:n]
		all = append(all, shown[rule.Code]...)
	}
	graphs := r.graphs(all)
	for _, rule := range r.Rules {
		g := group{ID: "r-" + string(rule.Code), Name: s.rule(rule.Code), Count: rule.Count}
		if n := len(shown[rule.Code]); n < rule.Count {
			g.More = s.more(n, rule.Count)
		}
		for _, f := range shown[rule.Code] {
			v, err := s.finding(f, number[f], graphs[f])
			if err != nil {
				return err
			}
			g.Findings = append(g.Findings, v)
		}
		p.Groups = append(p.Groups, g)
	}
	if len(all) < len(r.Findings) {
		p.More = s.more(len(all), len(r.Findings))
	}
	return nil
}

func (s *speaker) finding(f *Finding, n int, g *Graph) (findingView, error) {
	v := findingView{ID: fmt.Sprintf("f%d", n), Text: valid(f.Text(s.lang)), Time: s.time(f.Time), Place: valid(s.party(f.Place)), Code: string(f.Code)}
	for i, id := range f.EPCs {
		if i == mostObjects {
			v.Objects = append(v.Objects, fmt.Sprintf("… +%d", len(f.EPCs)-i))
			break
		}
		v.Objects = append(v.Objects, valid(short(id)))
	}
	for i := range f.Evidence {
		if i == mostEvidence {
			v.More = fmt.Sprintf(s.say("moreevidence"), len(f.Evidence)-i)
			break
		}
		e := &f.Evidence[i]
		proof, err := e.Proof()
		if err != nil {
			return v, err
		}
		v.Evidence = append(v.Evidence, evidenceView{s.time(e.Time), s.step(e.Step), valid(s.party(e.Place)), valid(e.Ledger), valid(e.Source), valid(e.Event), proof, e.Index})
	}
	if g != nil && len(g.Hops) > 0 {
		v.Graph = s.draw(g)
	}
	return v, nil
}

// longest tells the two longest gaps and how many more there are; the table has the others.
func (s *speaker) longest(gaps []Gap) string {
	list := slices.Clone(gaps)
	slices.SortStableFunc(list, func(a, b Gap) int { return cmp.Compare(b.Until.Sub(b.From), a.Until.Sub(a.From)) })
	if len(list) <= 2 {
		return s.gaps(gaps)
	}
	return fmt.Sprintf("%s; … +%d", s.gaps(list[:2]), len(list)-2)
}

func (s *speaker) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return s.date(t) + t.In(zone).Format(" 15:04:05")
}

// pageTables returns the tables of the page, each with most rows at most.
func (s *speaker) pageTables(r *Report, most int) []pageTable {
	product := func(class trace.ID) cell {
		name, gtin, _ := s.class(class)
		return cell{Text: valid(cmp.Or(name, gtin))}
	}
	lot := func(class trace.ID) cell {
		_, _, lot := s.class(class)
		return cell{Text: valid(cmp.Or(lot, "–"))}
	}
	num := func(n int64) cell { return cell{Text: s.number(n), Numbers: true, Bad: n < 0} }
	txt := func(t string) cell { return cell{Text: valid(t)} }
	day := func(d string) string {
		if t, err := time.Parse(time.DateOnly, d); err == nil && s.lang != trace.English {
			return t.Format("02/01/2006")
		}
		return d
	}
	heads := func(words ...string) (list []head) {
		for _, w := range words {
			name, right := strings.CutSuffix(w, "#")
			list = append(list, head{s.say(name), right})
		}
		return list
	}

	recalls := pageTable{ID: "recalls", Title: s.say("recalls"), Head: heads("product", "lot", "recalled", "place", "count#")}
	expires := pageTable{ID: "expires", Title: s.say("expires"), Head: heads("expiry", "product", "lot", "place", "count#")}
	today, soon := r.Until.In(zone).Format(time.DateOnly), r.Until.Add(r.opts.Expires).In(zone).Format(time.DateOnly)
	var due []Balance
	for _, b := range r.Balances {
		if !b.Recalled.IsZero() && b.Closing > 0 {
			recalls.Rows = append(recalls.Rows, []cell{product(b.Class), lot(b.Class), txt(s.date(b.Recalled)), txt(s.party(b.Place)), num(b.Closing)})
		}
		if b.Closing > 0 && b.Expiry != "" && b.Expiry < soon {
			due = append(due, b)
		}
	}
	for _, t := range r.Transit {
		if !t.Recalled.IsZero() {
			recalls.Rows = append(recalls.Rows, []cell{product(t.Class), lot(t.Class), txt(s.date(t.Recalled)),
				txt(s.party(t.From) + " → " + s.party(t.To)), num(t.Count)})
		}
	}
	slices.SortStableFunc(due, func(a, b Balance) int { return cmp.Compare(a.Expiry, b.Expiry) })
	for _, b := range due {
		expires.Rows = append(expires.Rows, []cell{{Text: day(b.Expiry), Bad: b.Expiry < today}, product(b.Class), lot(b.Class), txt(s.party(b.Place)), num(b.Closing)})
	}

	coverage := pageTable{ID: "coverage", Title: s.say("coverage"), Head: heads("party", "state", "events#", "first", "last", "gaps")}
	state := make(map[trace.Party]string)
	for _, x := range r.Missing {
		state[x.Party] = s.rule(x.Code)
	}
	list := slices.Clone(r.Coverage) // who reported least is in front
	slices.SortStableFunc(list, func(a, b Coverage) int {
		return a.Last.Compare(b.Last)
	})
	for _, c := range list {
		name := s.party(c.Party)
		if name != string(c.Party) {
			name += " (" + string(c.Party) + ")"
		}
		first, last := s.time(c.First), s.time(c.Last)
		coverage.Rows = append(coverage.Rows, []cell{{Text: valid(name), Bad: !c.Known}, {Text: state[c.Party], Bad: true}, {Text: s.number(int64(c.Events)), Numbers: true, Bad: c.Events == 0},
			txt(cmp.Or(first, "–")), txt(cmp.Or(last, "–")), txt(s.longest(c.Gaps))})
	}

	balances := pageTable{ID: "balances", Title: s.say("balances"), Note: s.say("identity"),
		Head: heads("place", "product", "lot", "expiry", "opening#", "in#", "out#", "loss#", "closing#")}
	lines := slices.Clone(r.Balances) // the largest turnover is in front
	if len(lines) > most {
		slices.SortStableFunc(lines, func(a, b Balance) int { return cmp.Compare(b.In+b.Out+b.Loss, a.In+a.Out+a.Loss) })
	}
	for _, b := range lines[:min(len(lines), most)] {
		balances.Rows = append(balances.Rows, []cell{txt(s.party(b.Place)), product(b.Class), lot(b.Class), txt(day(b.Expiry)),
			num(b.Opening), num(b.In), num(b.Out), num(b.Loss), num(b.Closing)})
	}
	if len(lines) > most {
		balances.More = s.more(most, len(lines))
	}

	transit := pageTable{ID: "transit", Title: s.say("transit"), Head: heads("since", "from", "to", "product", "lot", "count#")}
	for _, t := range r.Transit {
		transit.Rows = append(transit.Rows, []cell{txt(s.time(t.Since)), txt(s.party(t.From)), txt(s.party(t.To)), product(t.Class), lot(t.Class), num(t.Count)})
	}
	tables := []pageTable{recalls, expires, coverage, balances, transit}
	for i := range tables {
		if t := &tables[i]; len(t.Rows) > most {
			t.More, t.Rows = s.more(most, len(t.Rows)), t.Rows[:most]
		}
	}
	return tables
}
