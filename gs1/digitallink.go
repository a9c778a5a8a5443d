package gs1

import "strings"

// ParseDigitalLink parses a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax 1.6.0) with the checks of Parse:
// any host and stem, http or https in any case, keys and qualifiers by number or by their convenience names (gtin, lot,
// ser …) in the path, attributes in the query. Parameters that are no AIs, and a fragment, are ignored. A link without a
// GS1 key in its path gives an error of the kind ErrNotGS1.
func ParseDigitalLink(uri string) (m Message, err error) {
	err = new(Parser).parse(&m, uri, asURI)
	return m, err
}

// ParseDigitalLink is the function ParseDigitalLink with the options of p.
func (p *Parser) ParseDigitalLink(uri string) (m Message, err error) {
	err = p.parse(&m, uri, asURI)
	return m, err
}

// link is what a Digital Link is made of, beside its pairs.
type link struct {
	key     int  // offset of the "/" before the key
	end     int  // of the path
	inPath  int  // pairs of the path, from the key on; the others are of the query
	escaped bool // there may be an escape, a "+" for a space or a fragment
}

// pair is an AI and its value in a Digital Link, as offsets in the input; one byte parts the two.
type pair struct {
	at, from, to int
	row          uint8
}

// ai returns the AI of a pair.
func (r *reading) ai(p *pair) AI {
	s := r.input[p.at : p.from-1]
	if s[0] > '9' {
		return convenience(s)
	}
	return AI(s)
}

// raw returns the value of a pair as it is written.
func (r *reading) raw(p *pair) string { return r.input[p.from:p.to] }

// uri parses a Digital Link at an offset of the input, up to its end.
func (r *reading) uri(at int) {
	if !r.plain(at) {
		r.anyURI(at)
	}
}

// anyURI parses any Digital Link, and says what is wrong with one.
func (r *reading) anyURI(at int) {
	var buf [6]pair
	var l link
	pairs, ok := r.split(&l, buf[:0], at, true)
	if !ok || !r.outline(&l, pairs) || !r.order(&l, pairs) {
		return
	}
	if cap(r.es) < len(pairs) {
		r.es = make([]Element, 0, len(pairs))
	}
	for i := range pairs {
		p := &pairs[i]
		if p.row == noAI {
			continue // reported by outline
		}
		e := r.element(p, l.escaped, i >= l.inPath)
		if f := r.t.rule(p.row, string(e.AI)).check(e.Value); f.why != 0 && !r.reportIn(f, e.AI, r.raw(p), p.from) {
			return
		}
		r.add(p.row, e, p.at)
	}
	r.pairs()
}

// element returns the element that a pair is.
func (r *reading) element(p *pair, escaped, inQuery bool) Element {
	ai, v := r.ai(p), r.raw(p)
	if escaped {
		v = unescape(v, inQuery)
	}
	if r.p.ShortGTINs && ai == "01" && isShortGTIN(len(v)) {
		v = "000000"[:14-len(v)] + v
	}
	return Element{ai, v}
}

// split finds the pairs of a Digital Link at an offset of the input: in the path from the last primary key on after which
// there are nothing but AIs with values, and in the query. It puts them into buf while there is room.
func (r *reading) split(l *link, buf []pair, at int, query bool) (pairs []pair, ok bool) {
	r.form = asURI
	s := r.input
	if i := span(s[at:], inLink); i < len(s)-at {
		return nil, r.stop(badURICharacter, "", at+i, at+i, 1)
	}
	l.escaped = strings.ContainsAny(s[at:], "%+#")
	if !isURI(s[at:]) {
		return nil, r.stop(noScheme, "", at, at, min(len(s)-at, 8))
	}
	host := at + len("http://")
	if s[at+4] != ':' {
		host++
	}
	n := strings.IndexByte(s[host:], '/')
	if n < 1 {
		return nil, r.stop(noHost, "", host, host, len(s)-host)
	}
	if !all(s[host:host+n], inDomain) {
		i := span(s[host:host+n], inDomain)
		return nil, r.stop(badHost, "", host+i, host+i, 1)
	}
	path := host + n
	end := len(s)
	if l.escaped {
		end = path + until(s[path:], '#')
	}
	l.end = path + until(s[path:end], '?')
	pairs = buf
	i := path + 1
	if strings.Count(s[path:l.end], "/")%2 != 0 {
		i += until(s[i:l.end], '/') + 1 // the pairs end with the path
	}
	for i <= l.end {
		row, n := r.name(s[i:l.end])
		from := i + n + 1
		to := from + until(s[from:l.end], '/')
		isKey := row < noAI && r.t.rules[row].flags&dlKey != 0
		if isKey || row == noAI {
			l.key, pairs = i-1, pairs[:0]
		}
		if isKey || len(pairs) > 0 {
			pairs = append(pairs, pair{i, from, to, row})
		}
		i = to + 1
	}
	if l.inPath = len(pairs); l.inPath == 0 {
		return nil, r.stop(noKeyInPath, "", path, path, l.end-path)
	}
	for i := l.end + 1; query && i < end; {
		to := i + until(s[i:end], '&')
		if n := digits(s[i:to]); n > 0 && i+n < to && s[i+n] == '=' {
			pairs = append(pairs, pair{i, i + n + 1, to, r.known(s[i : i+n])})
		}
		i = to + 1
	}
	return pairs, true
}

// name returns the row of the AI that a path begins with, by number or name, and the length up to the "/" after it.
func (r *reading) name(path string) (row uint8, n int) {
	if row, n = r.t.lookup(path); row != unknown && n < len(path) && path[n] == '/' {
		return row, n
	}
	n = until(path, '/')
	if n >= 3 && path[0]-'0' > 9 {
		return r.known(string(convenience(path[:n]))), n
	}
	return r.known(path[:n]), n
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
func (r *reading) outline(l *link, pairs []pair) bool {
	for i := range pairs {
		p := &pairs[i]
		if p.row == noAI {
			if !r.report(unknownAI, "", p.at, p.at, p.from-1-p.at) {
				return false
			}
			continue
		}
		n := p.to - p.from
		if l.escaped {
			raw := r.raw(p)
			var bad int
			if n, bad = unescapedLen(raw); bad >= 0 {
				why := notCSet82
				if raw[bad+1] == '0' {
					why = nulInValue
				}
				if !r.report(why, r.ai(p), p.from, p.from+bad, 3) {
					return false
				}
				continue
			}
		}
		if r.p.ShortGTINs && r.ai(p) == "01" && isShortGTIN(n) {
			n = 14
		}
		if why := r.t.rule(p.row, r.input[p.at:]).length(n); why != 0 && !r.report(why, r.ai(p), p.from, p.from, p.to-p.from) {
			return false
		}
	}
	return true
}

// order checks that the path has qualifiers of its key in their order, and the query nothing that belongs into the path,
// that may not be there or that was there before.
func (r *reading) order(l *link, pairs []pair) bool {
	path := pairs[:l.inPath]
	var seen, due set // rows that were there, and those that belong into the path
	fits := len(path) == 1
	for _, list := range r.t.rules[path[0].row].keys {
		if !inOrder(path[1:], list) {
			continue
		}
		fits = true
		for _, row := range list {
			due.add(row)
		}
	}
	if !fits {
		return r.stop(badQualifiers, "", l.key, l.key, l.end-l.key)
	}
	for i := range path {
		seen.add(path[i].row)
	}
	for i := l.inPath; i < len(pairs); i++ {
		p, why := &pairs[i], reason(0)
		switch {
		case p.row == noAI:
			continue
		case (p.row == unknown || seen.has(p.row)) && r.earlier(pairs[:i], r.ai(p)):
			why = repeated
		case due.has(p.row):
			why = belongsInPath
		case r.t.rule(p.row, r.input[p.at:]).flags&dlAttr == 0:
			why = notAttribute
		}
		if why != 0 && !r.report(why, r.ai(p), p.from, p.at, p.from-1-p.at) {
			return false
		}
		seen.add(p.row)
	}
	return true
}

// inOrder reports whether a list has the rows of the pairs, in the same order.
func inOrder(pairs []pair, list []uint8) bool {
	for _, row := range list {
		if len(pairs) > 0 && pairs[0].row == row {
			pairs = pairs[1:]
		}
	}
	return len(pairs) == 0
}

// earlier reports whether a pair has the AI.
func (r *reading) earlier(pairs []pair, ai AI) bool {
	for i := range pairs {
		if r.ai(&pairs[i]) == ai {
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
