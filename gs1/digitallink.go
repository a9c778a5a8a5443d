package gs1

import "strings"

// ParseDigitalLink parses a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax 1.6.0) with the checks of Parse:
// any host and stem, http or https in any case, keys and qualifiers by number or by their convenience names (gtin, lot,
// ser …) in the path, attributes in the query. Parameters that are no AIs, and a fragment, are ignored. A link without a
// GS1 key in its path gives an error of the kind ErrNotGS1.
func ParseDigitalLink(uri string) (Message, error) {
	var p Parser
	return p.ParseDigitalLink(uri)
}

// ParseDigitalLink is the function ParseDigitalLink with the options of p.
func (p *Parser) ParseDigitalLink(uri string) (Message, error) {
	var m Message
	r := reading{t: p.table(), p: *p, input: uri}
	r.uri(0)
	err := r.result(&m)
	return m, err
}

// link is a Digital Link, taken apart.
type link struct {
	key  int // offset of the "/" before the key
	end  int // of the path
	n    int // pairs of the path, then of the query
	buf  [6]pair
	more []pair // that are not in buf
}

// pair is an AI by number or by name, and its value, as offsets in the input; one byte parts the two.
type pair struct {
	at, from, to int
	row          uint8
	known        bool // the name is an AI
	inQuery      bool
}

// pair returns a pair by its number.
func (l *link) pair(i int) *pair {
	if i < len(l.buf) {
		return &l.buf[i]
	}
	return &l.more[i-len(l.buf)]
}

// addPair adds a pair of a name at an offset and a value from another to a third, and returns it.
func (r *reading) addPair(l *link, at, from, to int, inQuery bool) *pair {
	if l.n >= len(l.buf) {
		l.more = append(l.more, pair{})
	}
	p := l.pair(l.n)
	l.n++
	p.at, p.from, p.to, p.inQuery = at, from, to, inQuery
	s := r.input[at : from-1]
	if !inQuery && len(s) >= 3 && s[0]-'0' > 9 {
		s = string(convenience(s))
	}
	row, ok := r.t.exact(s)
	p.row, p.known = row, ok && (row != unknown || r.p.UnknownAIs)
	return p
}

// ai returns the AI of a pair.
func (r *reading) ai(p *pair) AI {
	s := r.input[p.at : p.from-1]
	if p.known && s[0]-'0' > 9 {
		return convenience(s)
	}
	return AI(s)
}

// raw returns the value of a pair as it is written.
func (r *reading) raw(p *pair) string { return r.input[p.from:p.to] }

// upTo returns s up to a byte or its end.
func upTo(s string, c byte) string {
	if i := strings.IndexByte(s, c); i >= 0 {
		return s[:i]
	}
	return s
}

// uri parses a Digital Link at an offset of the input, up to its end.
func (r *reading) uri(at int) {
	var l link
	if !r.split(&l, at, true) || !r.outline(&l) || !r.order(&l) {
		return
	}
	if cap(r.es) < l.n {
		r.es = make([]Element, 0, l.n)
	}
	for i := range l.n {
		p := l.pair(i)
		if !p.known {
			continue // reported by outline
		}
		ai := r.ai(p)
		if !r.value(p.row, Element{ai, r.linkValue(ai, p)}, p.at, r.raw(p), p.from) {
			return
		}
	}
	r.pairs()
}

// linkValue returns the value of a pair without its escapes.
func (r *reading) linkValue(ai AI, p *pair) string {
	v := unescape(r.raw(p), p.inQuery)
	if r.p.ShortGTINs && ai == "01" && isShortGTIN(len(v)) {
		v = "000000"[:14-len(v)] + v
	}
	return v
}

// split finds the pairs of a Digital Link at an offset of the input: in the path from the last primary key on after which
// there are nothing but AIs with values, and in the query.
func (r *reading) split(l *link, at int, query bool) bool {
	r.form = asURI
	s := r.input
	if i := span(s[at:], inLink); i < len(s)-at {
		return r.stop(badURICharacter, "", at+i, at+i, 1, "")
	}
	if !isURI(s[at:]) {
		return r.stop(noScheme, "", at, at, min(len(s)-at, 8), "")
	}
	host := at + len("http://")
	if s[at+4] != ':' {
		host++
	}
	n := strings.IndexByte(s[host:], '/')
	if n < 1 {
		return r.stop(noHost, "", host, host, len(s)-host, "")
	}
	if i := span(s[host:host+n], inDomain); i < n {
		return r.stop(badHost, "", host+i, host+i, 1, "")
	}
	path := host + n
	end := path + len(upTo(s[path:], '#'))
	pathEnd := path + len(upTo(s[path:end], '?'))
	l.end = pathEnd
	for to := pathEnd; ; {
		value := strings.LastIndexByte(s[path:to], '/')
		name := -1
		if value >= 0 {
			name = strings.LastIndexByte(s[path:path+value], '/')
		}
		if name < 0 {
			return r.stop(noKeyInPath, "", path, path, pathEnd-path, "")
		}
		p := r.addPair(l, path+name+1, path+value+1, to, false)
		if !p.known {
			return r.stop(noKeyInPath, "", path, path, pathEnd-path, "")
		}
		to = path + name
		if p.row != unknown && r.t.rules[p.row].flags&dlKey != 0 {
			l.key = to
			break
		}
	}
	for i, k := 0, l.n-1; i < k; i, k = i+1, k-1 {
		a, b := l.pair(i), l.pair(k)
		*a, *b = *b, *a
	}
	for i := pathEnd + 1; query && i < end; {
		to := i + len(upTo(s[i:end], '&'))
		if n := digits(s[i:to]); n > 0 && i+n < to && s[i+n] == '=' {
			r.addPair(l, i, i+n+1, to, true)
		}
		i = to + 1
	}
	return true
}

// convenience returns the AI of a convenience name (GS1 Digital Link 1.1; later versions do without them).
func convenience(name string) AI {
	switch name {
	case "gtin":
		return "01"
	case "ser":
		return "21"
	case "lot":
		return "10"
	case "cpv":
		return "22"
	case "sscc":
		return "00"
	case "gln":
		return "414"
	case "glnx":
		return "254"
	case "party":
		return "417"
	case "gdti":
		return "253"
	case "gcn":
		return "255"
	case "ginc":
		return "401"
	case "gsin":
		return "402"
	case "grai":
		return "8003"
	case "giai":
		return "8004"
	case "itip":
		return "8006"
	case "cpid":
		return "8010"
	case "cpsn":
		return "8011"
	case "gmn":
		return "8013"
	case "gsrnp":
		return "8017"
	case "gsrn":
		return "8018"
	case "srin":
		return "8019"
	case "refno":
		return "8020"
	}
	return ""
}

// outline checks the names of AIs and the lengths of values.
func (r *reading) outline(l *link) bool {
	for i := range l.n {
		p := l.pair(i)
		ai := r.ai(p)
		if !p.known {
			if !r.report(unknownAI, "", p.at, p.at, p.from-1-p.at, "") {
				return false
			}
			continue
		}
		raw := r.raw(p)
		n := len(raw)
		if strings.IndexByte(raw, '%') >= 0 {
			var bad int
			if n, bad = unescapedLen(raw); bad >= 0 {
				why := notCSet82
				if raw[bad+1] == '0' {
					why = nulInValue
				}
				if !r.report(why, ai, p.from, p.from+bad, 3, "") {
					return false
				}
				continue
			}
		}
		if r.p.ShortGTINs && ai == "01" && isShortGTIN(n) {
			n = 14
		}
		if why := r.length(p.row, ai, n); why != 0 && !r.report(why, ai, p.from, p.from, len(raw), "") {
			return false
		}
	}
	return true
}

// order checks that the path has qualifiers of its key in their order, and the query nothing that belongs into the path,
// that may not be there or that was there before.
func (r *reading) order(l *link) bool {
	var place [4]int // how far each list of qualifiers is used up, or -1 when it does not fit
	var seen set
	key := l.pair(0).row
	lists := r.t.rules[key].keys
	seen.add(key)
	for i := 1; i < l.n; i++ {
		p := l.pair(i)
		if !p.known {
			continue
		}
		if !p.inQuery {
			fits := false
			for k, list := range lists {
				place[k] = after(list, place[k], p.row)
				fits = fits || place[k] > 0
			}
			if !fits {
				return r.stop(badQualifiers, "", l.key, l.key, l.end-l.key, "")
			}
			seen.add(p.row)
			continue
		}
		ai, why := r.ai(p), reason(0)
		switch {
		case (p.row == unknown || seen.has(p.row)) && r.earlier(l, i):
			why = repeated
		case belongs(lists, place, p.row):
			why = belongsInPath
		case r.t.rule(p.row, string(ai)).flags&dlAttr == 0:
			why = notAttribute
		}
		if why != 0 && !r.report(why, ai, p.from, p.at, p.from-1-p.at, "") {
			return false
		}
		if p.row != unknown {
			seen.add(p.row)
		}
	}
	return true
}

// after returns the place in list after row when row comes not before from, or -1.
func after(list []uint8, from int, row uint8) int {
	for i := max(from, 0); i < len(list) && from >= 0; i++ {
		if list[i] == row {
			return i + 1
		}
	}
	return -1
}

// belongs reports whether a row is a qualifier of a list that the path may be completed to.
func belongs(lists [][]uint8, place [4]int, row uint8) bool {
	for k, list := range lists {
		if place[k] >= 0 && after(list, 0, row) > 0 {
			return true
		}
	}
	return false
}

// earlier reports whether the AI of pair i of the query stood before it.
func (r *reading) earlier(l *link, i int) bool {
	ai := r.ai(l.pair(i))
	for k := range i {
		if r.ai(l.pair(k)) == ai {
			return true
		}
	}
	return false
}

func isShortGTIN(n int) bool { return n == 8 || n == 12 || n == 13 }

// isEscape reports whether s begins with an escape (RFC 3986 2.1). A "%" that begins none stands for itself.
func isEscape(s string) bool {
	return len(s) >= 3 && s[0] == '%' && unhex(s[1]) < 16 && unhex(s[2]) < 16
}

// unescapedLen returns the length of a value without its escapes, and where NUL or "^" is escaped, or -1: the first ends
// text elsewhere and the other is FNC1 for many, so they are refused before anything else.
func unescapedLen(s string) (n, bad int) {
	bad = -1
	for i := 0; i < len(s); n++ {
		if s[i] == '%' && isEscape(s[i:]) {
			if c := unhex(s[i+1])<<4 | unhex(s[i+2]); (c == 0 || c == '^') && bad < 0 {
				bad = i
			}
			i += 2
		}
		i++
	}
	return n, bad
}

// unescape undoes the escapes of a value, and in a query "+" for a space.
func unescape(s string, query bool) string {
	if strings.IndexByte(s, '%') < 0 && (!query || strings.IndexByte(s, '+') < 0) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && isEscape(s[i:]):
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		case c == '+' && query:
			b = append(b, ' ')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
