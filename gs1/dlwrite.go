package gs1

import "slices"

// resolver is the host of canonical Digital Links.
const resolver = "https://id.gs1.org"

// DigitalLink returns the message as a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax 1.6.0): the first
// primary key of the message with its qualifiers in the path, other AIs as attributes in the query, those of fixed length
// first. A base such as "https://example.com/stem" replaces https://id.gs1.org, which "" stands for. The error is of the
// kind ErrDigitalLink when there is no key, or an AI that may be no attribute.
func (m Message) DigitalLink(base string) (string, error) {
	b, err := m.AppendDigitalLink(nil, base)
	return string(b), err
}

// AppendDigitalLink appends what DigitalLink returns. After an error b is as it was.
func (m Message) AppendDigitalLink(b []byte, base string) ([]byte, error) {
	return dictionary.appendLink(b, &m, base)
}

func (t *table) appendLink(b []byte, m *Message, base string) ([]byte, error) {
	var buf [24]uint8
	rows := buf[:]
	if len(m.Elements) > len(rows) {
		rows = make([]uint8, len(m.Elements))
	}
	w := &linkWriter{t: t, es: m.Elements, rows: rows[:len(m.Elements)]}
	key := w.scan()
	if key == noAI {
		return b, linkError(m.Symbology, noKey, "")
	}
	if base == "" {
		base = resolver
	}
	if base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	size := len(b)
	b = w.appendPath(append(b, base...), key)
	for _, q := range w.qualifiers(t.rules[key].keys) {
		if w.present.has(q) {
			b = w.appendPath(b, q)
		}
	}
	sep := byte('?')
	for _, fixed := range [...]uint8{noFNC1, 0} {
		for i, row := range w.rows {
			if row == noAI {
				continue
			}
			e := &w.es[i]
			rule := t.rule(row, string(e.AI))
			if rule.flags&noFNC1 != fixed || w.twice && w.before(i) {
				continue
			}
			if rule.flags&dlAttr == 0 {
				return b[:size], linkError(m.Symbology, notAttribute, e.AI)
			}
			b = appendAI(b, sep, e.AI, '=')
			b = appendEscaped(b, e.Value, true)
			sep = '&'
		}
	}
	return b, nil
}

// linkWriter is what a Digital Link is written from.
type linkWriter struct {
	t       *table
	es      []Element
	rows    []uint8 // of the elements, or noAI for those that are not to be written, or not again
	present set
	twice   bool       // a row came twice, or an AI is unknown
	firsts  map[AI]int // where each AI comes first, of many elements
}

// scan finds the rows of the elements and returns that of the first primary key, or noAI.
func (w *linkWriter) scan() (key uint8) {
	key = noAI
	for i := range w.es {
		row, _ := w.t.lookup(string(w.es[i].AI))
		switch {
		case row == unknown:
			if w.es[i].AI == separator {
				row = noAI
			}
			w.twice = true
		case w.present.has(row):
			w.twice = true
		default:
			w.present.add(row)
			if key == noAI && w.t.rules[row].flags&dlKey != 0 {
				key = row
			}
		}
		w.rows[i] = row
	}
	return key
}

// qualifiers returns the list of qualifiers of which the message has most; a list that leaves over a qualifier which may
// be no attribute gives way to one that does not.
func (w *linkWriter) qualifiers(lists [][]uint8) (best []uint8) {
	most, whole := 0, false
	for k, list := range lists {
		n := w.count(list, false)
		if n == 0 {
			continue
		}
		rest := 0
		for j, other := range lists {
			if j != k {
				rest += w.count(other, true)
			}
		}
		if best == nil || rest == 0 && !whole || n > most && whole == (rest == 0) {
			best, most, whole = list, n, rest == 0
		}
	}
	return best
}

// count returns how many elements have a row of the list, or only those that may be no attributes.
func (w *linkWriter) count(list []uint8, pathOnly bool) (n int) {
	for _, q := range list {
		switch {
		case !w.present.has(q) || pathOnly && w.t.rules[q].flags&dlAttr != 0:
		case !w.twice:
			n++
		default:
			for _, row := range w.rows {
				if row == q {
					n++
				}
			}
		}
	}
	return n
}

// before reports whether the AI of element i stands before it.
func (w *linkWriter) before(i int) bool {
	if len(w.es) > 64 {
		if w.firsts == nil {
			w.firsts = make(map[AI]int, len(w.es))
			for k := range w.es {
				if _, ok := w.firsts[w.es[k].AI]; !ok {
					w.firsts[w.es[k].AI] = k
				}
			}
		}
		return w.firsts[w.es[i].AI] < i
	}
	for k := range i {
		if w.es[k].AI == w.es[i].AI {
			return true
		}
	}
	return false
}

// appendPath appends the first element of a row as a part of the path.
func (w *linkWriter) appendPath(b []byte, row uint8) []byte {
	i := slices.Index(w.rows, row)
	e := &w.es[i]
	b = appendAI(b, '/', e.AI, '/')
	b = appendEscaped(b, e.Value, false)
	w.rows[i] = noAI
	if w.twice {
		for i := range w.rows {
			if w.rows[i] == row {
				w.rows[i] = noAI
			}
		}
	}
	return b
}

func linkError(symbology Symbology, why reason, ai AI) error {
	return &ParseError{Symbology: symbology, AI: ai, why: why}
}

// appendAI appends an AI between two bytes.
func appendAI(b []byte, before byte, ai AI, after byte) []byte {
	if len(ai) == 2 {
		return append(b, before, ai[0], ai[1], after)
	}
	return append(append(append(b, before), ai...), after)
}

// appendEscaped appends s with everything but unreserved characters escaped; in a query "+" stands for a space.
func appendEscaped(b []byte, s string, query bool) []byte {
	if all(s, unreserved) {
		return append(b, s...)
	}
	const hex = "0123456789ABCDEF"
	for {
		n := span(s, unreserved)
		b = append(b, s[:n]...)
		if n == len(s) {
			return b
		}
		if c := s[n]; c == ' ' && query {
			b = append(b, '+')
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
		s = s[n+1:]
	}
}
