package gs1

import "strings"

// gs stands for FNC1 in the data of a reader (General Specifications 7.8.4).
const gs = 0x1d

// Parser is how to parse. The zero value is what the functions of the package do; a Parser may be used by several
// goroutines at once.
type Parser struct {
	// UnknownAIs accepts AIs that the dictionary does not have, with any value of up to 90 characters. In element strings
	// it must have an AI with the same first two digits, which fix the length of the AI.
	UnknownAIs bool
	// Unpaired accepts a message that lacks AIs which others in it require, as they may be on another label of the item.
	Unpaired bool
	// ShortGTINs accepts 8, 12 and 13 digits after AI 01 in Digital Links and gives them the zeros that they lack.
	ShortGTINs bool

	rules *table // instead of dictionary
}

// table returns the table that the parser runs over.
func (p *Parser) table() *table {
	if p.rules != nil {
		return p.rules
	}
	return &dictionary
}

// Parse parses the data that a reader gives for a symbol, and checks every AI, value, check digit and pairing rule
// (General Specifications 3, 4.13 and 7). The data may begin with a symbology identifier; what follows it is
//
//   - element strings after ]C1 ]d2 ]d5 ]Q3 ]Q4 ]J1 ]J4 ]z1 ]z4 ]e0 ]e1 ]e2, where GS (0x1D) stands for FNC1 and one in
//     front is allowed;
//   - a GTIN after ]E0 ]E3 ]E4 ]I1, which becomes AI 01 with 14 digits, the digits of an add-on symbol after ]E1 ]E2 ]E3;
//   - a Digital Link after any other.
//
// Without an identifier, or after ]X0, it is a Digital Link when it begins with http:// or https:// in upper or lower
// case, and element strings otherwise. After "|" follows the two-dimensional component of a composite symbol.
//
// Other data give an error of the kind ErrNotGS1. Errors are of type *ParseError; the message then holds nothing but the
// Symbology.
func Parse(scan string) (m Message, err error) {
	err = new(Parser).parse(&m, scan, asStrings)
	return m, err
}

// Parse is the function Parse with the options of p.
func (p *Parser) Parse(scan string) (m Message, err error) {
	err = p.parse(&m, scan, asStrings)
	return m, err
}

// ParseInto is Parse into m, whose slice of elements it uses again.
func (p *Parser) ParseInto(m *Message, scan string) error {
	return p.parse(m, scan, asStrings)
}

// parse parses an input of a form into a message.
func (p *Parser) parse(m *Message, input string, form form) error {
	r := &reading{t: p.table(), p: *p, input: input, form: form, es: m.Elements[:0]}
	switch form {
	case asHRI:
		r.hri()
	case asURI:
		r.uri(0)
	default:
		r.scan()
	}
	return r.result(m)
}

// reading is the state of one parse. The first error stops it, unless all of them are collected.
type reading struct {
	t         *table
	p         Parser
	input     string
	form      form
	symbology Symbology
	es        []Element
	addOn     string
	rows      [16]uint8 // of the first elements
	present   set       // rows of the elements
	needs     uint64    // of any of their rules
	gives     uint64    // likewise
	bars      uint64    // likewise
	barred    uint64    // likewise
	flags     uint8     // likewise
	twice     bool      // a row came twice, or an AI is unknown
	alone     int       // elements before the component of an EAN/UPC symbol, which are checked by themselves
	err       *ParseError
	all       *[]*ParseError
	starts    []int // offsets of the elements, when all faults are collected
}

// result gives what was read to a message; after an error nothing but the symbology.
func (r *reading) result(m *Message) error {
	if r.err != nil {
		r.es, r.addOn = r.es[:0], ""
	}
	m.Symbology, m.Elements, m.AddOn = r.symbology, r.es, r.addOn
	if r.err != nil {
		return r.err
	}
	return nil
}

// report takes a fault of n bytes at an offset and says whether to go on.
func (r *reading) report(why reason, ai AI, value, at, n int) bool {
	return r.take(r.fault(why, ai, value, at, n))
}

// fault returns a fault of n bytes at an offset.
func (r *reading) fault(why reason, ai AI, value, at, n int) *ParseError {
	return &ParseError{
		Symbology: r.symbology, why: why, value: uint32(value), AI: ai, Offset: at, Length: n, input: r.input,
	}
}

// take takes a fault and says whether to go on.
func (r *reading) take(e *ParseError) bool {
	if r.err == nil {
		r.err = e
	}
	return r.all != nil && r.collect(e)
}

// stop is report of a fault after which nothing can be read.
func (r *reading) stop(why reason, ai AI, value, at, n int) bool {
	r.report(why, ai, value, at, n)
	return false
}

// scan parses what a reader gives.
func (r *reading) scan() {
	symbology, data := cutSymbology(r.input)
	r.symbology = symbology
	at := len(r.input) - len(data)
	switch c := symbology.content(); c {
	case aiData:
		r.messages(data, at)
	case ean13, ean8, eanAndAdd, eanAddOn:
		r.ean(c, data, at)
	case itf14:
		if len(data) != 14 {
			r.report(notGS1, "", at, at, len(data))
			return
		}
		if r.gtin(data, data, at) {
			r.pairs()
		}
	case undeclared:
		if isURI(data) {
			r.uri(at)
			return
		}
		if r.messages(data, at); r.err != nil && (data == "" || data[0] != gs) {
			r.err.unmarked = !r.err.why.isCheck() && r.inFirst(r.err, at)
		}
	default:
		if isURI(data) {
			r.uri(at)
			return
		}
		r.report(notGS1, "", at, at, len(data))
	}
}

// inFirst reports whether an error is in the first element of data that begin at an offset.
func (r *reading) inFirst(e *ParseError, at int) bool {
	_, n := r.t.lookup(r.input[at:])
	return e.Offset <= at || int(e.value) == at+n
}

// messages parses element strings and, after "|", the other component, which begins with FNC1 or with a symbology
// identifier of its own.
func (r *reading) messages(s string, at int) {
	for {
		if s != "" && s[0] == gs {
			s, at = s[1:], at+1
		}
		n := component(s)
		if n == 0 {
			r.report(emptyMessage, "", at, at, 0)
			return
		}
		if !r.elements(s[:n], at) {
			return
		}
		if n == len(s) {
			break
		}
		s, at = r.nextComponent(s[n:], at+n)
	}
	r.pairs()
}

// component returns the length of the first component of s.
func component(s string) int {
	i := until(s, '|')
	for i < len(s) && !strings.HasPrefix(s[i+1:], "\x1d") && !strings.HasPrefix(s[i+1:], "]e") {
		i += 1 + until(s[i+1:], '|')
	}
	return i
}

// nextComponent adds the "|" that s begins with and takes it off, with the identifier that may follow it.
func (r *reading) nextComponent(s string, at int) (string, int) {
	r.note(unknown, at)
	r.es = append(r.es, Element{AI: separator})
	_, rest := cutSymbology(s[1:])
	return rest, at + len(s) - len(rest)
}

// elements parses element strings and reports whether to go on.
func (r *reading) elements(s string, at int) bool {
	for i := 0; i < len(s); {
		row, n := r.t.lookup(s[i:])
		if n == 0 || row == unknown && !r.p.UnknownAIs {
			why, of := noAIHere, min(4, len(s)-i)
			if s[i] == '^' {
				why, of = caret, 1
			}
			if !r.report(why, "", at+i, at+i, of) {
				return false
			}
			// What comes after the next separator may be read again.
			i += until(s[i:], gs) + 1
			continue
		}
		ai, v := AI(s[i:i+n]), i+n
		rule := r.t.rule(row, s[i:])
		n, f := quick(rule, s[v:])
		if n == 0 {
			end := until(s[v:], gs)
			if n, f = take(rule, s[v:v+end]); f.why == 0 && n < end && rule.flags&noFNC1 == 0 {
				f = fault{tooLong, n, end - n}
			}
			if f.why != 0 && (rule.flags&noFNC1 == 0 || n < int(rule.max)) {
				n = end
			}
		}
		if f.why != 0 && !r.report(f.why, ai, at+v, at+v+f.at, f.of) {
			return false
		}
		r.add(row, Element{ai, s[v : v+n]}, at+v-len(ai))
		if i = v + n; i < len(s) && s[i] == gs {
			i++
		}
	}
	return true
}

// until returns the offset of the first byte c, or of the end.
func until(s string, c byte) int {
	return int(min(uint(strings.IndexByte(s, c)), uint(len(s)))) // -1 is the greatest uint
}

// quick takes a value of one component off s and checks it. It returns 0 where take has to say what is wrong with the
// length or the characters.
func quick(u *rule, s string) (int, fault) {
	if u.flags&oneSpan == 0 {
		return 0, fault{}
	}
	n := int(u.max)
	switch {
	case u.flags&noFNC1 == 0:
		if len(s) > n {
			s = s[:n+1] // one more, to see what follows
		}
		if n = span(s, u.chars); n < int(u.min) || n > int(u.max) || n < len(s) && s[n] != gs {
			return 0, fault{}
		}
	case n > len(s):
		return 0, fault{}
	case u.lint[0] == lintCSum:
		areDigits, agree := csum(s[:n])
		if !areDigits {
			return 0, fault{}
		}
		if !agree {
			return n, fault{badCheckDigit, n - 1, 1}
		}
		return n, u.lints(s[:n], 1)
	case u.lint[0] == lintYYMMD0 && isDate(s[:n]):
		return n, fault{}
	case span(s[:n], u.chars) < n:
		return 0, fault{}
	}
	return n, u.lints(s[:n], 0)
}

// lints runs the checks of the only component from one on.
func (u *rule) lints(s string, from int) fault {
	for _, l := range u.lint[from:] {
		if l == noLint {
			break
		}
		if f := l.apply(s); f.why != 0 {
			return f
		}
	}
	return fault{}
}

// take takes the components of a value off s and returns how many bytes they are.
func take(rule *rule, s string) (int, fault) {
	if s == "" {
		return 0, fault{why: emptyValue}
	}
	i := 0
	for k := range rule.parts {
		p := &rule.parts[k]
		n := min(int(p.max), len(s)-i)
		if n == 0 && p.opt {
			continue
		}
		if n < int(p.min) {
			return i, fault{badComponentLength, i, n}
		}
		c := s[i : i+n]
		f := checkChars(c, p.chars)
		for _, l := range p.lint {
			if f.why == 0 {
				f = l.apply(c)
			}
		}
		if f.why != 0 {
			f.at += i
			return i + n, f
		}
		i += n
	}
	return i, fault{}
}

// add adds an element whose AI is at an offset of the input.
func (r *reading) add(row uint8, e Element, at int) {
	r.note(row, at)
	if row == unknown {
		r.twice = true
		row = r.t.kin(e.AI)
	} else if r.present.has(row) {
		r.twice = true
	}
	if row != unknown {
		r.present.add(row)
		u := &r.t.rules[row]
		r.needs |= u.needs
		r.gives |= u.gives
		r.bars |= u.bars
		r.barred |= u.barred
		r.flags |= u.flags
	}
	if r.es == nil {
		r.es = make([]Element, 0, 6)
	}
	r.es = append(r.es, e)
}

// note keeps the row of the element that comes next and, if need be, where it is.
func (r *reading) note(row uint8, at int) {
	if n := len(r.es); n < len(r.rows) {
		r.rows[n] = row
	}
	if r.all != nil {
		r.starts = append(r.starts, at)
	}
}

// known returns the row of an AI, or noAI when there is none or, unless they are accepted, an unknown one.
func (r *reading) known(ai string) uint8 {
	row, ok := r.t.exact(ai)
	if !ok || row == unknown && !r.p.UnknownAIs {
		return noAI
	}
	return row
}

// row returns the row of element i, or unknown for one that is not in the table.
func (r *reading) row(i int) uint8 {
	if i < len(r.rows) {
		return r.rows[i]
	}
	row, _ := r.t.lookup(string(r.es[i].AI))
	return row
}

// isURI reports whether s begins as a link does.
func isURI(s string) bool {
	if len(s) < 7 || s[0]|0x20 != 'h' || s[1]|0x20 != 't' || s[2]|0x20 != 't' || s[3]|0x20 != 'p' {
		return false
	}
	return s[4:7] == "://" || len(s) >= 8 && s[4]|0x20 == 's' && s[5:8] == "://"
}
