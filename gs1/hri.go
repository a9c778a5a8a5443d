package gs1

import "strings"

// ParseHRI parses human readable interpretation (General Specifications 4.14) such as "(01)08935…(17)271231", with the
// checks of Parse. A "(" that belongs to a value is written `\(`; "|" parts the components of a composite.
func ParseHRI(s string) (m Message, err error) {
	err = new(Parser).parse(&m, s, asHRI)
	return m, err
}

// ParseHRI is the function ParseHRI with the options of p.
func (p *Parser) ParseHRI(s string) (m Message, err error) {
	err = p.parse(&m, s, asHRI)
	return m, err
}

// hri parses the input as HRI: first its brackets and the lengths of all values, then the values, as then the first error
// is the one that a writer of brackets wants to see.
func (r *reading) hri() {
	r.form = asHRI
	if r.input == "" {
		r.report(emptyMessage, "", 0, 0, 0)
		return
	}
	for at := 0; at < len(r.input); {
		b := r.bracket(at)
		if b.why != 0 {
			r.report(b.why, "", at, b.at, b.of)
			return
		}
		at = b.end
		if b.isBar {
			continue
		}
		if row := r.known(string(b.ai)); row == noAI {
			if !r.report(unknownAI, "", b.at, b.at, len(b.ai)) {
				return
			}
		} else if why := r.t.rule(row, string(b.ai)).length(len(b.value) - b.escapes); why != 0 {
			if !r.report(why, b.ai, b.from, b.from, len(b.value)) {
				return
			}
		} else if n := strings.IndexByte(b.value, '^'); n >= 0 && r.all == nil {
			// What many take for FNC1 comes before faults of later values.
			r.report(notCSet82, b.ai, b.from, b.from+n, 1)
			return
		}
	}
	for at := 0; at < len(r.input); {
		b := r.bracket(at)
		at = b.end
		if b.isBar {
			r.note(unknown, b.at)
			r.es = append(r.es, Element{AI: separator})
			continue
		}
		row := r.known(string(b.ai))
		if row == noAI {
			continue // reported above
		}
		v := b.value
		if b.escapes > 0 {
			v = strings.ReplaceAll(v, `\(`, "(")
		}
		if f := r.t.rule(row, string(b.ai)).check(v); f.why != 0 && !r.reportIn(f, b.ai, b.value, b.from) {
			return
		}
		r.add(row, Element{b.ai, v}, b.at)
	}
	r.pairs()
}

// bracket is an AI in brackets and its value, or the "|" between components.
type bracket struct {
	ai      AI
	isBar   bool
	at      int // offset of the AI, or of the fault
	value   string
	from    int // offset of the value
	escapes int // of "(" in the value
	end     int // offset after the value
	why     reason
	of      int // bytes of the fault
}

// bracket reads the AI in brackets, or the "|", at an offset of the input.
func (r *reading) bracket(at int) bracket {
	s := r.input
	if s[at] == '|' && at > 0 {
		if !strings.HasPrefix(s[at+1:], "(") {
			return bracket{why: noBracket, at: at + 1, of: min(1, len(s)-at-1)}
		}
		return bracket{ai: separator, isBar: true, at: at, end: at + 1}
	}
	if s[at] != '(' {
		return bracket{why: noBracket, at: at, of: 1}
	}
	n := strings.IndexByte(s[at:], ')')
	if n < 0 {
		return bracket{why: noClosingBracket, at: at, of: min(5, len(s)-at)}
	}
	b := bracket{ai: AI(s[at+1 : at+n]), at: at + 1, from: at + n + 1}
	i := b.from
	for ; i < len(s) && s[i] != '|'; i++ {
		if s[i] == '(' {
			if i == b.from || s[i-1] != '\\' {
				break
			}
			b.escapes++
		}
	}
	b.value, b.end = s[b.from:i], i
	return b
}

// length checks the length of a whole value, which comes before its components.
func (u *rule) length(n int) reason {
	switch {
	case n == 0:
		return emptyValue
	case n < int(u.min):
		return tooShort
	case n > int(u.max):
		return tooLong
	}
	return 0
}

// check checks a whole value.
func (u *rule) check(s string) fault {
	if u.flags&(oneSpan|noFNC1) == oneSpan && u.length(len(s)) == 0 && all(s, u.chars) {
		return u.lints(s, 0)
	}
	n, f := quick(u, s)
	if n != len(s) || n == 0 {
		n, f = take(u, s)
		if f.why == 0 && n < len(s) {
			f = fault{tooLong, n, len(s) - n}
		}
	}
	return f
}

// reportIn reports a fault of a value that is written as raw at an offset.
func (r *reading) reportIn(f fault, ai AI, raw string, at int) bool {
	from, to := r.rawOffset(raw, f.at), r.rawOffset(raw, f.at+f.of)
	return r.report(f.why, ai, at, at+from, to-from)
}

// rawOffset returns the offset in raw of byte n of the value that it stands for.
func (r *reading) rawOffset(raw string, n int) int {
	i := 0
	for ; n > 0 && i < len(raw); n-- {
		switch {
		case r.form == asHRI && strings.HasPrefix(raw[i:], `\(`):
			i += 2
		case r.form == asURI && isEscape(raw[i:]):
			i += 3
		default:
			i++
		}
	}
	return i
}

// form is how the input is written.
type form uint8

const (
	asStrings form = iota
	asHRI
	asURI
)

// locate returns where the AI of element i is in the input, and its length there.
func (r *reading) locate(i int) (at, n int) {
	n = len(r.es[i].AI)
	switch {
	case r.all != nil:
		at = r.starts[i]
	case r.form == asHRI:
		b := r.bracket(0)
		for ; i > 0; i-- {
			b = r.bracket(b.end)
		}
		at = b.at
	case r.form == asURI:
		_, rest := cutSymbology(r.input)
		pairs, _ := r.split(new(link), nil, len(r.input)-len(rest), true)
		at, n = pairs[i].at, pairs[i].from-1-pairs[i].at
	default:
		_, rest := cutSymbology(r.input)
		at = len(r.input) - len(rest)
		for _, e := range r.es[:i] {
			if at += r.skip(at) + len(e.AI) + len(e.Value); e.AI == separator {
				_, rest := cutSymbology(r.input[at:])
				at = len(r.input) - len(rest)
			}
		}
		at += r.skip(at)
	}
	return at, min(n, len(r.input)-at)
}

// skip returns 1 where FNC1 is at an offset, and else 0.
func (r *reading) skip(at int) int {
	if at < len(r.input) && r.input[at] == gs {
		return 1
	}
	return 0
}

// HRI returns the message as human readable interpretation: "(01)08935…(17)271231" (General Specifications 4.14).
// ParseHRI reads it back.
func (m Message) HRI() string { return string(m.AppendHRI(nil)) }

// AppendHRI appends what HRI returns.
func (m Message) AppendHRI(b []byte) []byte {
	for i := range m.Elements {
		e := &m.Elements[i]
		if e.AI == separator {
			b = append(b, '|')
			continue
		}
		b = append(append(append(b, '('), e.AI...), ')')
		for v := e.Value; ; {
			n := strings.IndexByte(v, '(')
			if n < 0 {
				b = append(b, v...)
				break
			}
			b = append(append(b, v[:n]...), `\(`...)
			v = v[n+1:]
		}
	}
	return b
}

// HRILines returns human readable interpretation as it is printed beside a symbol, one element a line, with the data
// titles in front or without: "USE BY or EXPIRY (17) 271231".
func (m Message) HRILines(titles bool) []string {
	lines := make([]string, 0, len(m.Elements))
	for _, e := range m.Elements {
		if e.AI == separator {
			continue
		}
		line := "(" + string(e.AI) + ") " + e.Value
		if titles {
			title := e.AI.Title()
			if row, ok := dictionary.exact(string(e.AI)); ok && row == unknown {
				title = "UNKNOWN"
			}
			if title != "" {
				line = title + " " + line
			}
		}
		lines = append(lines, line)
	}
	return lines
}
