package gs1

import "slices"

// plain parses an unescaped Digital Link of the usual form at an offset of the input: the key with its qualifiers right
// after the host, AIs by number, nothing but AIs in the query, all of it in order. Of every other link, and of one with
// a fault, it reports false and has read nothing: uri then reads it from the beginning and says what is wrong.
func (r *reading) plain(at int) bool {
	if r.all != nil || !r.plainPairs(at) || !r.agree() {
		r.es, r.present, r.twice = r.es[:0], set{}, false
		r.needs, r.gives, r.bars, r.barred, r.flags = 0, 0, 0, 0, 0
		return false
	}
	return true
}

// plainPairs adds the elements of such a link.
func (r *reading) plainPairs(at int) bool {
	s := r.input
	if !isURI(s[at:]) {
		return false
	}
	host := at + len("http://")
	if s[at+4] != ':' {
		host++
	}
	i := host + span(s[host:], inDomain)
	if i == host {
		return false
	}
	for i < len(s) && s[i] == '/' {
		if i = r.plainPair(i+1, '/'); i < 0 {
			return false
		}
	}
	n := len(r.es)
	if n == 0 || n > len(r.rows) || i < len(s) && s[i] != '?' {
		return false
	}
	key := &r.t.rules[r.rows[0]]
	if key.flags&dlKey == 0 || n > 1 && !r.qualified(key, r.rows[1:n]) {
		return false
	}
	for i < len(s) {
		if i = r.plainPair(i+1, '='); i < 0 || i < len(s) && s[i] != '&' || len(r.es) > len(r.rows) {
			return false
		}
		if row := r.rows[len(r.es)-1]; r.t.rules[row].flags&dlAttr == 0 || key.qualifies(row) {
			return false
		}
	}
	return true
}

// plainPair adds the element that is at an offset of the input, where a byte parts AI and value, and returns the offset
// after it; -1 when there is none, or it is not valid, or was there before.
func (r *reading) plainPair(at int, part byte) int {
	s := r.input[at:]
	row, n := r.t.lookup(s)
	if row == unknown || n >= len(s) || s[n] != part || r.present.has(row) {
		return -1
	}
	v := s[n+1:]
	v = v[:span(v, plainValue)]
	if !r.t.rules[row].accepts(v) {
		return -1
	}
	r.add(row, Element{AI(s[:n]), v}, at)
	return at + n + 1 + len(v)
}

// accepts reports whether a value of plain characters is valid, or false when that takes more to say.
func (u *rule) accepts(s string) bool {
	if u.flags&(oneSpan|noFNC1) == oneSpan && u.chars == cset82 {
		return u.length(len(s)) == 0 && u.lints(s, 0).why == 0
	}
	n, f := quick(u, s)
	return f.why == 0 && n == len(s) && n > 0
}

// qualified reports whether the rows are qualifiers of a key in order, and no keys themselves.
func (r *reading) qualified(key *rule, rows []uint8) bool {
	for _, list := range key.keys {
		k := 0
		for _, row := range list {
			if k < len(rows) && rows[k] == row && r.t.rules[row].flags&dlKey == 0 {
				k++
			}
		}
		if k == len(rows) {
			return true
		}
	}
	return false
}

// qualifies reports whether the row is a qualifier of the key.
func (u *rule) qualifies(row uint8) bool {
	for _, list := range u.keys {
		if slices.Contains(list, row) {
			return true
		}
	}
	return false
}
