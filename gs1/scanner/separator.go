package scanner

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
)

// standIn reports whether r, which is no data, arrives for the separator: a
// control, a blank or a symbol that readers and programs are known to put in
// its place. Letters are damage of a keyboard path, with one exception: è is
// 0xE8, the codeword of FNC1 in Data Matrix, which some decoders show as it is.
func standIn(r rune) bool {
	if r < ' ' || r == 0x7f {
		return true
	}
	return strings.ContainsRune(" #$@[\\]^`{|}~␜␝␞␟↔¬¦¶\u00a0\ufffdè", r)
}

// spellings are what stands for the separator in more than one character of
// which at least one is no data, so that they cannot be part of a value. The
// first character is the key; the rest is matched without case.
var spellings = map[byte][]string{
	'{':  {"GS}", "FNC1}", "F1}", "1D}", "0X1D}", "029}", "29}", "U+001D}", "\\X1D}"},
	'[':  {"GS]", "FNC1]", "F1]", "1D]", "0X1D]", "029]", "29]", "U+001D]"},
	'\\': {"X{1D}", "X1D", "U{1D}", "U001D", "035", "029", "29", "FNC1", "GS", "F", "G"},
	'^':  {"FNC1", "GS", "]"},
	'&':  {"#29;", "#029;", "#X1D;", "#X001D;"},
	'~':  {"FNC1", "D029", "029", "GS", "1"},
	'#':  {"FNC1", "029", "GS", "1D"},
	'@':  {"FNC1", "GS"},
	'$':  {"FNC1", "GS"},
	'|':  {"FNC1|", "GS|", "FNC1", "GS"},
	'`':  {"FNC1", "GS"},
}

// legalSpellings consist of data characters, so they prove nothing.
var legalSpellings = []string{"<FNC1>", "<GS>", "<0x1D>", "<1D>", "<U+001D>", "(FNC1)", "(GS)", "_x001D_", "_x1D_",
	"<29>", "<029>", "<F1>", "%1D", "%x1D", "U+001D", "Alt0029", "Alt+0029", "Alt029", "Alt+029", "0x1D", "FNC1", "&GS;", "029"}

// token returns the length of what stands for a separator at the start of s, 0
// when nothing does, and -1 when the character is neither that nor data.
// Without long only single characters count.
func token(s string, long bool) int {
	if long {
		for _, rest := range spellings[s[0]] {
			if len(s) > len(rest) && strings.EqualFold(s[1:1+len(rest)], rest) {
				return 1 + len(rest)
			}
		}
	}
	if cset82(s[0]) {
		return 0
	}
	r, n := utf8.DecodeRuneInString(s)
	if standIn(r) {
		return n
	}
	return -1
}

// spelled reads an element string without GS: with something else for it, or
// with nothing.
func (in *interpreter) spelled(id gs1.Symbology, t text, p path) {
	if strings.Contains(t.s, "|]e") { // a composite symbol
		in.add(id, t.s, p.repairs, p.doubts, p.cost)
		return
	}
	trimmed := strings.Trim(t.s, "\x1d")
	if in.whole(id, trimmed, p) {
		if !beyondSet82(t.s) {
			return
		}
		p = p.and(costSpelling, MaybeSpelling) // # is data in AI 8010
	}
	hash := strings.Contains(t.s, "8010") && strings.IndexByte(t.s, '#') >= 0
	for _, as := range []struct{ long, hash bool }{{true, true}, {false, true}, {true, false}, {false, false}} {
		if as.hash && !hash {
			continue
		}
		if in.replaced(id, t, p, as.long, as.hash) && len(p.doubts) == 0 {
			p = p.and(costSpelling, MaybeSpelling)
		}
	}
}

// beyondSet82 reports whether s has characters outside of character set 82.
func beyondSet82(s string) bool {
	for i := range len(s) {
		if !cset82(s[i]) {
			return true
		}
	}
	return false
}

// replaced records t with GS for what stands for the separator, and reports
// whether that is a message.
func (in *interpreter) replaced(id gs1.Symbology, t text, p path, long, hash bool) bool {
	w := rewriter{from: t}
	first, kinds, count, inside := "", 1, 0, 0
	var repairs []Repair
	for i := 0; i < len(t.s); {
		n := token(t.s[i:], long)
		if hash && t.s[i] == '#' {
			n = 0
		}
		switch {
		case n < 0:
			return false
		case n == 0:
			w.keep(i, i+1)
			i++
			continue
		}
		tok := t.s[i : i+n]
		if tok == "è" && (i+n == len(t.s) || in.p.InputMethod != NoInputMethod) {
			return false // a letter of an input method
		}
		switch {
		case count == 0:
			first = tok
		case !strings.EqualFold(tok, first) && !(strings.TrimSpace(tok) == "" && strings.TrimSpace(first) == ""):
			kinds++
		}
		count++
		if 0 < i && i+n < len(t.s) {
			inside++
		}
		if len(repairs) < 16 {
			repairs = append(repairs, Repair{Kind: SeparatorSpelled, At: t.where(i), Was: tok, Is: "\x1d"})
		}
		w.put(i, "\x1d")
		i += n
	}
	if count == 0 {
		return false
	}
	q := p.and(0, 0, repairs...)
	if last := t.s[len(t.s)-1]; inside == 0 && last > ' ' && last < 0x7f && token(t.s[len(t.s)-1:], false) > 0 {
		q = q.and(costSpelling, MaybeSpelling) // or a symbol that Shift or a layout made of the last character
	}
	if kinds > 1 {
		q = q.and(costMixed, MixedSeparators)
	}
	s, _ := single(w.text().s)
	if id == (gs1.Symbology{}) && (first == "^" || first == "`") {
		// Some keyboards show + so: then other separators were lost.
		m, err := in.parser.Parse(s)
		if err == nil && in.divisible(s, &m) && in.messages(strings.ReplaceAll(t.s, first, "+")) {
			q = q.and(0, MaybeLayout)
		}
	}
	return in.add(id, s, q.repairs, q.doubts, q.cost)
}

// messages reports whether s is a message, as it is or divided.
func (in *interpreter) messages(s string) bool {
	if _, err := in.parser.Parse(s); err == nil {
		return true
	}
	list, _ := in.divisions(s)
	for _, divided := range list {
		if _, err := in.parser.Parse(divided); err == nil {
			return true
		}
	}
	return false
}

// namedSeparators reads an element string whose separators the profile names.
// A named separator that could be data leaves a doubt when the text makes sense
// without it, too.
func (in *interpreter) namedSeparators(id gs1.Symbology, t text, p path) bool {
	replaced, repairs := in.replacedSeparators(t)
	s, _ := single(replaced.s)
	if strings.IndexByte(s, '|') >= 0 {
		return false
	}
	q := p.and(0, 0, repairs...)
	for _, r := range repairs {
		if !beyondSet82(r.Was) {
			before := len(in.found)
			in.legalSpelling(id, t, p, []string{r.Was})
			in.add(id, t.s, p.repairs, append(p.doubts, MaybeSpelling), p.cost+costSpelling)
			if len(in.found) > before+1 {
				return true
			}
			in.found = in.found[:before]
			break
		}
	}
	return in.add(id, s, q.repairs, q.doubts, q.cost)
}

// replacedSeparators puts GS for the separators that the profile names.
func (in *interpreter) replacedSeparators(t text) (text, []Repair) {
	w := rewriter{from: t}
	var repairs []Repair
next:
	for i := 0; i < len(t.s); {
		for _, sep := range in.p.Separators {
			if strings.HasPrefix(t.s[i:], sep) {
				if sep != "\x1d" && len(repairs) < 16 {
					repairs = append(repairs, Repair{Kind: SeparatorSpelled, At: t.where(i), Was: sep, Is: "\x1d"})
				}
				w.put(i, "\x1d")
				i += len(sep)
				continue next
			}
		}
		w.keep(i, i+1)
		i++
	}
	if len(repairs) == 0 {
		return t, nil
	}
	return w.text(), repairs
}

// legalSpelling records t with GS for spellings that may be data, each spelling
// everywhere, and in some of its places when there are few.
func (in *interpreter) legalSpelling(id gs1.Symbology, t text, p path, spellings []string) bool {
	any := false
	upper := strings.ToUpper(t.s)
	if len(upper) != len(t.s) {
		return false
	}
	for _, sep := range spellings {
		var at []int
		for i := 0; ; {
			n := strings.Index(upper[i:], strings.ToUpper(sep))
			if n < 0 {
				break
			}
			at = append(at, i+n)
			i += n + len(sep)
		}
		if len(at) == 0 || len(at) > 16 {
			continue
		}
		all := 1<<min(len(at), 4) - 1
		for set := all; set > 0; set-- {
			w := rewriter{from: t}
			q := p.and(costSpelling, MaybeSpelling)
			last := 0
			var repairs []Repair
			for k, i := range at {
				if k < 4 && set>>k&1 == 0 {
					continue
				}
				w.keep(last, i)
				w.put(i, "\x1d")
				last = i + len(sep)
				repairs = append(repairs, Repair{Kind: SeparatorSpelled, At: t.where(i), Was: t.s[i:last], Is: "\x1d"})
			}
			q = q.and(0, 0, repairs...)
			w.keep(last, len(t.s))
			s, _ := single(w.text().s)
			if set != all {
				q.cost += costSpelling
			}
			any = in.add(id, s, q.repairs, q.doubts, q.cost) || any
		}
	}
	return any
}

// hasLegalSpelling reports whether a separator may be spelled in s.
func hasLegalSpelling(s string) bool {
	for _, sep := range legalSpellings {
		for i := 0; i+len(sep) <= len(s); i++ {
			if s[i]|0x20 == sep[0]|0x20 && strings.EqualFold(s[i:i+len(sep)], sep) {
				return true
			}
		}
	}
	return false
}

// anySymbol records t with GS for the one symbol in it that is no data and
// nobody is known to use.
func (in *interpreter) anySymbol(id gs1.Symbology, t text, p path) {
	tokens := foreignTokens(t.s)
	if len(tokens) != 1 {
		return
	}
	if r, _ := utf8.DecodeRuneInString(tokens[0]); unicode.IsLetter(r) || standIn(r) {
		return
	}
	s, _ := single(strings.ReplaceAll(t.s, tokens[0], "\x1d"))
	i := strings.Index(t.s, tokens[0])
	p = p.and(costForeign, MixedSeparators, Repair{Kind: SeparatorSpelled, At: t.where(i), Was: tokens[0], Is: "\x1d"})
	in.add(id, s, p.repairs, p.doubts, p.cost)
}
