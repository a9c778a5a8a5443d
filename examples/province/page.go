package main

import (
	"html/template"
	"net/http"
	"slices"
	"time"

	"github.com/dauvet/dauvet/ledger/mirror"
)

// late is after which time without a push a shop counts as silent.
const late = 24 * time.Hour

// page shows what the mirror has.
type page struct {
	m   *mirror.Mirror
	reg *register
	now func() time.Time
}

// row is a ledger on the page.
type row struct {
	Party, Origin      string
	Cosigned, Mirrored int64
	Next               int64
	Seen               string
	State              string // a key of words
	Bad                bool
	Detail             string
}

// words are the texts of the page, Vietnamese and English.
var words = map[string]map[string]string{
	"vi": {
		"lang": "vi", "other": "en", "switch": "English",
		"title": "Sổ cái của các cơ sở", "shops": "Cơ sở đã đăng ký", "reporting": "Đang gửi", "silent": "Im lặng quá 24 giờ",
		"never": "Chưa gửi lần nào", "forked": "Lịch sử bị viết lại", "broken": "Bản sao hỏng", "ok": "Bình thường",
		"behind": "Đang nhận", "unregistered": "Không còn đăng ký",
		"party": "Cơ sở", "origin": "Sổ cái", "cosigned": "Đã xác nhận", "mirrored": "Đã lưu", "seen": "Lần gửi cuối", "state": "Tình trạng",
		"keys": "Khóa của tỉnh", "witness": "Nhân chứng", "mirror": "Bản sao", "none": "Chưa có cơ sở nào đăng ký.",
	},
	"en": {
		"lang": "en", "other": "vi", "switch": "Tiếng Việt",
		"title": "Ledgers of the establishments", "shops": "Registered", "reporting": "Reporting", "silent": "Silent for more than 24 hours",
		"never": "Never reported", "forked": "History rewritten", "broken": "Copy damaged", "ok": "In order",
		"behind": "Being received", "unregistered": "No longer registered",
		"party": "Establishment", "origin": "Ledger", "cosigned": "Cosigned", "mirrored": "Stored", "seen": "Last push", "state": "State",
		"keys": "Keys of the province", "witness": "Witness", "mirror": "Mirror", "none": "No establishment is registered.",
	},
}

// order is that of the states on the page, the worst first.
var order = []string{"forked", "broken", "never", "silent", "behind", "unregistered", "ok"}

// describe says what to think of a ledger.
func describe(l mirror.Log, now time.Time) (state, detail string) {
	switch {
	case len(l.Forks) > 0:
		return "forked", l.Forks[0].String()
	case l.Err != nil:
		return "broken", l.Err.Error()
	case !l.Registered:
		return "unregistered", ""
	case l.Cosigned == nil:
		return "never", ""
	case now.Sub(l.Seen) > late:
		return "silent", ""
	case l.Mirrored == nil || l.Mirrored.Size < l.Cosigned.Size:
		return "behind", ""
	}
	return "ok", ""
}

// ServeHTTP writes the page.
func (p *page) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	text := words["vi"]
	if q.FormValue("lang") == "en" {
		text = words["en"]
	}
	now := p.now()
	data := struct {
		T                                map[string]string
		Registered, Reporting            int
		Silent, Never, Forked            int
		Rows                             []row
		WitnessKey, MirrorKey, Generated string
	}{T: text, WitnessKey: p.m.WitnessKey(), MirrorKey: p.m.MirrorKey(), Generated: now.Format("2006-01-02 15:04:05")}
	for _, l := range p.m.Logs() {
		state, detail := describe(l, now)
		r := row{Party: p.reg.party(l.Origin), Origin: l.Origin, Next: l.Next, State: state, Detail: detail}
		r.Bad = state == "forked" || state == "broken" || state == "never" || state == "silent"
		if l.Cosigned != nil {
			r.Cosigned = l.Cosigned.Size
			r.Seen = l.Seen.Format("2006-01-02 15:04")
		}
		if l.Mirrored != nil {
			r.Mirrored = l.Mirrored.Size
		}
		if l.Registered {
			data.Registered++
		}
		switch state {
		case "ok", "behind":
			data.Reporting++
		case "silent":
			data.Silent++
		case "never":
			data.Never++
		case "forked":
			data.Forked++
		}
		data.Rows = append(data.Rows, r)
	}
	slices.SortStableFunc(data.Rows, func(a, b row) int { return slices.Index(order, a.State) - slices.Index(order, b.State) })
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	// A reader who has left is no error.
	_ = pageTemplate.Execute(w, data)
}

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.T.lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="30">
<title>{{.T.title}}</title>
<style>
body { font: 16px/1.4 system-ui, sans-serif; margin: 1rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.4rem; }
.sums { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 1rem 0; padding: 0; list-style: none; }
.sums b { display: block; font-size: 1.6rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
.bad { color: #a40000; font-weight: 600; }
small, code { color: #555; overflow-wrap: anywhere; }
@media print { a { display: none; } }
</style>
</head>
<body>
<p><a href="?lang={{.T.other}}">{{.T.switch}}</a></p>
<h1>{{.T.title}}</h1>
<p><small>{{.Generated}}</small></p>
<ul class="sums">
<li><b>{{.Registered}}</b>{{.T.shops}}</li>
<li><b>{{.Reporting}}</b>{{.T.reporting}}</li>
<li{{if .Silent}} class="bad"{{end}}><b>{{.Silent}}</b>{{.T.silent}}</li>
<li{{if .Never}} class="bad"{{end}}><b>{{.Never}}</b>{{.T.never}}</li>
<li{{if .Forked}} class="bad"{{end}}><b>{{.Forked}}</b>{{.T.forked}}</li>
</ul>
{{if .Rows}}<div class="wide"><table>
<tr><th>{{.T.party}}</th><th>{{.T.origin}}</th><th class="n">{{.T.cosigned}}</th><th class="n">{{.T.mirrored}}</th><th>{{.T.seen}}</th><th>{{.T.state}}</th></tr>
{{range .Rows}}<tr><td>{{.Party}}</td><td>{{.Origin}}</td><td class="n">{{.Cosigned}}</td><td class="n">{{.Mirrored}}{{if lt .Mirrored .Next}} <small>({{.Next}})</small>{{end}}</td><td>{{.Seen}}</td><td{{if .Bad}} class="bad"{{end}}>{{index $.T .State}}{{with .Detail}}<br><small>{{.}}</small>{{end}}</td></tr>
{{end}}</table></div>
{{else}}<p>{{.T.none}}</p>
{{end}}<h2>{{.T.keys}}</h2>
<p>{{.T.witness}}: <code>{{.WitnessKey}}</code></p>
<p>{{.T.mirror}}: <code>{{.MirrorKey}}</code></p>
</body>
</html>
`))
