package gs1

import (
	"iter"
	"strings"
)

// ParseDigitalLink parses a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax 1.6.0) with the checks of Parse:
// any host and stem, http or https in any case, keys and qualifiers by number or by their convenience names (gtin, lot,
// ser …) in the path, attributes in the query. Parameters that are no AIs, and a fragment, are ignored. A link without a
// GS1 key in its path gives an error of the kind ErrNotGS1.
func ParseDigitalLink(uri string) (Message, error) { return new(Parser).ParseDigitalLink(uri) }

// ParseDigitalLink is the function ParseDigitalLink with the options of p.
func (p *Parser) ParseDigitalLink(uri string) (Message, error) {
	var m Message
	m.Elements = make([]Element, 0, 4)
	r := reading{t: p.table(), p: p, m: &m, input: uri}
	r.start(Symbology{})
	if r.uri(uri, 0); r.err != nil {
		return m, r.fail()
	}
	return m, nil
}

// link holds offsets of a Digital Link in the input.
type link struct {
	key, pathEnd    int // from the "/" before the key
	query, queryEnd int
}

// pair is an AI by number or by name, and its value.
type pair struct {
	name    string
	at      int
	value   string // as it is written
	from    int
	inQuery bool
}

// pairs yields the pairs of the path and of the query.
func (l *link) pairs(s string) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		for at := l.key + 1; at <= l.pathEnd; {
			name := upTo(s[at:l.pathEnd], '/')
			from := at + len(name) + 1
			value := upTo(s[from:l.pathEnd], '/')
			if !yield(pair{name: name, at: at, value: value, from: from}) {
				return
			}
			at = from + len(value) + 1
		}
		for at := l.query; at < l.queryEnd; {
			param := upTo(s[at:l.queryEnd], '&')
			name := upTo(param, '=')
			if len(name) < len(param) && name != "" && digits(name) == len(name) {
				from := at + len(name) + 1
				if !yield(pair{name: name, at: at, value: param[len(name)+1:], from: from, inQuery: true}) {
					return
				}
			}
			at += len(param) + 1
		}
	}
}

// upTo returns s up to a byte or its end.
func upTo(s string, c byte) string {
	if i := strings.IndexByte(s, c); i >= 0 {
		return s[:i]
	}
	return s
}

// uri parses a Digital Link at an offset of the input, up to its end.
func (r *reading) uri(s string, at int) {
	if !r.split(s, at) {
		return
	}
	if !r.outline() {
		return
	}
	for p := range r.link.pairs(r.input) {
		ai, row, ok := r.name(p)
		if !ok {
			continue // reported by outline
		}
		if !r.value(row, Element{ai, r.linkValue(ai, p)}, p.value, p.from) {
			return
		}
	}
	r.pairs()
}

// linkValue returns the value of a pair without its escapes.
func (r *reading) linkValue(ai AI, p pair) string {
	v := unescape(p.value, p.inQuery)
	if r.p.ShortGTINs && ai == "01" && isShortGTIN(len(v)) {
		v = "000000"[:14-len(v)] + v
	}
	return v
}

// split finds the key, the end of the path and the query of a Digital Link at an offset of the input.
func (r *reading) split(s string, at int) bool {
	r.form = asURI
	if i := span(s, inLink); i < len(s) {
		r.report(badURICharacter, "", at+i, at+i, 1, "")
		return false
	}
	host := strings.Index(s, "://") + 3
	if !isURI(s) {
		r.report(noScheme, "", at, at, min(len(s), 8), "")
		return false
	}
	n := strings.IndexByte(s[host:], '/')
	if n < 1 {
		r.report(noHost, "", at+host, at+host, len(s)-host, "")
		return false
	}
	if i := span(s[host:host+n], inDomain); i < n {
		r.report(badHost, "", at+host+i, at+host+i, 1, "")
		return false
	}
	path := at + host + n
	l := &r.link
	l.pathEnd = path + len(upTo(r.input[path:], '#'))
	l.queryEnd = l.pathEnd
	l.pathEnd = path + len(upTo(r.input[path:l.pathEnd], '?'))
	l.query = min(l.pathEnd+1, l.queryEnd)
	if !r.findKey(path) {
		r.report(noKeyInPath, "", path, path, l.pathEnd-path, "")
		return false
	}
	return true
}

// findKey finds the last primary key of the path after which there are nothing but AIs with values.
func (r *reading) findKey(path int) bool {
	for end := r.link.pathEnd; ; {
		value := strings.LastIndexByte(r.input[path:end], '/')
		if value < 0 {
			return false
		}
		at := strings.LastIndexByte(r.input[path:path+value], '/')
		if at < 0 {
			return false
		}
		_, row, ok := r.name(pair{name: r.input[path+at+1 : path+value]})
		if !ok {
			return false
		}
		if row != unknown && r.t.rules[row].flags&dlKey != 0 {
			r.link.key = path + at
			return true
		}
		end = path + at
	}
}

// name returns the AI that the name of a pair means.
func (r *reading) name(p pair) (AI, uint8, bool) {
	if len(p.name) >= 3 && p.name[0]-'0' > 9 && !p.inQuery {
		ai := convenience(p.name)
		row, n := r.t.lookup(string(ai))
		return ai, row, n != 0
	}
	row, ok := r.t.exact(p.name)
	return AI(p.name), row, ok && (row != unknown || r.p.UnknownAIs)
}

// convenience returns the AI of a convenience name (GS1 Digital Link 1.1, 3.9; later versions do without them).
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

// outline checks lengths, the order of the path and the place of every AI.
func (r *reading) outline() bool {
	for p := range r.link.pairs(r.input) {
		ai, row, ok := r.name(p)
		if !ok {
			if !r.report(unknownAI, "", p.at, p.at, len(p.name), "") {
				return false
			}
			continue
		}
		n, nul := unescapedLen(p.value)
		if r.p.ShortGTINs && ai == "01" && isShortGTIN(n) {
			n = 14
		}
		why := r.length(row, ai, n)
		if nul >= 0 {
			if !r.report(nulInValue, ai, p.from, p.from+nul, 3, "") {
				return false
			}
		} else if why != 0 && !r.report(why, ai, p.from, p.from, len(p.value), "") {
			return false
		}
		if i := strings.Index(p.value, "%5"); i >= 0 && i+2 < len(p.value) && p.value[i+2]|0x20 == 'e' && r.all == nil {
			r.report(notCSet82, ai, p.from, p.from+i, 3, "")
			return false
		}
	}
	return r.order()
}

// order checks that the path has qualifiers of its key in their order, and the query nothing that belongs into the path,
// that may not be there or that was there before.
func (r *reading) order() bool {
	var lists [][]uint8
	var place [4]int // how far each list of qualifiers is used up, or -1 when it does not fit
	var seen set
	first, fits := true, true
	for p := range r.link.pairs(r.input) {
		ai, row, ok := r.name(p)
		switch {
		case !ok:
		case first:
			lists, first = r.t.rules[row].keys, false
			seen.add(row)
		case !p.inQuery:
			any := false
			for k, list := range lists {
				place[k] = after(list, place[k], row)
				any = any || place[k] > 0
			}
			fits = fits && any
			if row != unknown {
				seen.add(row)
			}
		default:
			if !fits {
				break
			}
			if (row == unknown || seen.has(row)) && r.earlier(p) {
				if !r.report(repeated, ai, p.from, p.at, len(p.name), "") {
					return false
				}
				continue
			}
			if r.t.rule(row, string(ai)).flags&dlAttr == 0 || r.belongs(lists, place, row) {
				why := notAttribute
				if r.belongs(lists, place, row) {
					why = belongsInPath
				}
				if !r.report(why, ai, p.from, p.at, len(p.name), "") {
					return false
				}
			}
			if row != unknown {
				seen.add(row)
			}
		}
	}
	if !fits {
		return r.report(badQualifiers, "", r.link.key, r.link.key, r.link.pathEnd-r.link.key, "")
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
func (r *reading) belongs(lists [][]uint8, place [4]int, row uint8) bool {
	for k, list := range lists {
		if place[k] >= 0 && after(list, 0, row) > 0 {
			return true
		}
	}
	return false
}

// earlier reports whether the AI of a pair of the query stood before it.
func (r *reading) earlier(p pair) bool {
	for q := range r.link.pairs(r.input) {
		if q.at == p.at {
			return false
		}
		if ai, _, _ := r.name(q); string(ai) == p.name {
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

// unescapedLen returns the length of a value without its escapes, and where a NUL is escaped, or -1.
func unescapedLen(s string) (n, nul int) {
	nul = -1
	for i := 0; i < len(s); n++ {
		if s[i] == '%' && isEscape(s[i:]) {
			if s[i+1] == '0' && s[i+2] == '0' && nul < 0 {
				nul = i
			}
			i += 2
		}
		i++
	}
	return n, nul
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
