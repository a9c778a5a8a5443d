package scanner

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
)

// maxMarkedLetters is how many marked letters a text may have for which every
// input method is tried: lot and serial number together have 40 characters.
const maxMarkedLetters = 20

// namedPath undoes the keyboard path that the profile names. The result is
// certain only when no other keystrokes give a message.
func (in *interpreter) namedPath(t text, repairs []Repair) {
	t, more := recomposed(t)
	repairs = append(repairs, more...)
	t, more = in.replacedSeparators(t)
	repairs = append(repairs, more...)
	list, all := in.p.InputMethod.untype(t.s, false)
	for _, u := range list {
		s, ok := in.undoKeys(u.keys)
		if !ok {
			continue
		}
		p := path{repairs: repairs}
		if u.keys != t.s {
			p = p.and(15*u.cost, 0, Repair{Kind: MethodUndone, At: -1, Was: t.s, Is: u.method.String()})
		}
		if s != u.keys {
			p = p.and(0, 0, in.undone(u.keys, s)...)
		}
		if in.otherKeys(u.keys) {
			p = p.and(0, MaybeLayout)
		}
		next := t
		if s != t.s {
			next = t.with(s)
		}
		in.analyze(next, p)
	}
	proven := 0
	for _, c := range in.found {
		if len(c.Doubts) == 0 {
			proven++
		}
	}
	if in.p.InputMethod != NoInputMethod && (!all || len(in.found) > 1 || proven > 1) {
		for i := range in.found {
			if c := &in.found[i]; !slices.Contains(c.Doubts, MaybeMethod) {
				c.Doubts = append(c.Doubts, MaybeMethod)
			}
		}
	}
	if len(in.found) == 0 {
		in.analyze(t, path{repairs, []Doubt{MaybeLayout}, costLayout})
	}
	if in.p.CaseLost {
		for i := range in.found {
			if c := &in.found[i]; hasLetters(&c.Message) {
				c.Doubts = append(c.Doubts, MaybeCase)
			}
		}
	}
}

// hasLetters reports whether a value has letters.
func hasLetters(m *gs1.Message) bool {
	for _, e := range m.Elements {
		if strings.ContainsFunc(e.Value, func(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }) {
			return true
		}
	}
	return false
}

// undone names the repairs of layout and Caps Lock.
func (in *interpreter) undone(was, is string) []Repair {
	var r []Repair
	if in.p.Layout != US || len(in.p.Keys) > 0 {
		name := in.p.Layout.String()
		if len(in.p.Keys) > 0 {
			name = "own"
		}
		r = append(r, Repair{Kind: LayoutUndone, At: -1, Was: was, Is: name})
	}
	if in.p.CapsLock {
		r = append(r, Repair{Kind: CaseInverted, At: -1, Was: was, Is: is})
	}
	return r
}

// undoKeys undoes layout and Caps Lock.
func (in *interpreter) undoKeys(s string) (string, bool) {
	switch {
	case len(in.p.Keys) > 0:
		var ok bool
		if s, ok = undoOwn(s, in.p.Keys); !ok {
			return "", false
		}
	case in.p.Layout != US:
		m := layoutOf(in.p.Layout)
		if m == nil {
			return "", false
		}
		keys, ok := m.untype(s)
		if !ok || !m.types(keys, s) {
			return "", false
		}
		s = keys
	}
	if in.p.CapsLock {
		s = swapCase(s)
	}
	return s, true
}

// otherKeys reports whether the named layout types the text from other keys,
// too, that give a message: é may be a key of its own, or a dead key and e.
func (in *interpreter) otherKeys(s string) bool {
	if in.p.Layout == US || len(in.p.Keys) > 0 {
		return false
	}
	for _, other := range layoutOf(in.p.Layout).others(s) {
		if in.p.CapsLock {
			other = swapCase(other)
		}
		if _, err := in.parser.Parse(other); err == nil {
			return true
		}
	}
	return false
}

// undoOwn undoes a layout that the profile describes. The longest key counts.
func undoOwn(s string, keys map[string]string) (string, bool) {
	longest := 0
	for k := range keys {
		longest = max(longest, len(k))
	}
	var b strings.Builder
next:
	for len(s) > 0 {
		for n := min(longest, len(s)); n > 0; n-- {
			if to, ok := keys[s[:n]]; ok {
				b.WriteString(to)
				s = s[n:]
				continue next
			}
		}
		if s[0] >= 0x80 {
			return "", false
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String(), true
}

// recomposed joins decomposed letters.
func recomposed(t text) (text, []Repair) {
	s, changed := composed(t.s)
	if !changed {
		return t, nil
	}
	return t.with(s), []Repair{{Kind: Composition, At: -1, Was: t.s, Is: s}}
}

// unnamedPaths records what a text may have been before a keyboard path that
// the profile does not name. Nothing that comes of it is certain.
func (in *interpreter) unnamedPaths(t text, repairs []Repair) {
	c, more := recomposed(t)
	if n := markedLetters(c.s); n > 0 && n <= maxMarkedLetters && (in.plausible(c.s) || in.plausible("]d2"+afterIdentifier(c.s))) { // digits pass the input method
		in.anyMethod(c, append(slices.Clip(repairs), more...))
	}
	if len(in.found) == 0 || beyondSet82(dropGS(t.s)) {
		in.anyLayout(t, c, repairs)
		in.anyShift(t, repairs)
	}
}

func dropGS(s string) string { return strings.ReplaceAll(s, "\x1d", "") }

// afterIdentifier returns what follows a symbology identifier that an input
// method has changed.
func afterIdentifier(s string) string {
	for _, m := range []InputMethod{Telex, VNI} {
		if _, n := m.typedIdentifier(s); n > 0 {
			return s[n:]
		}
	}
	return ""
}

// markedLetters counts the letters of s that an input method makes.
func markedLetters(s string) int {
	n := 0
	for _, r := range s {
		if r >= 0x80 {
			if _, ok := takeApart(r); ok {
				n++
			}
		}
	}
	return n
}

// anyMethod tries every input method.
func (in *interpreter) anyMethod(t text, repairs []Repair) {
	var list []untyped
	for _, m := range []InputMethod{Telex, VNI, SimpleTelex} {
		l, _ := m.untype(t.s, true)
		list = append(list, l[:min(len(l), 4)]...)
	}
	slices.SortStableFunc(list, func(a, b untyped) int { return cmp.Compare(a.cost, b.cost) })
	seen := map[string]bool{}
	for _, u := range list {
		if seen[u.keys] || !in.plausible(u.keys) {
			continue
		}
		seen[u.keys] = true
		p := path{repairs: repairs}.and(costMethod+15*u.cost, MaybeMethod,
			Repair{Kind: MethodUndone, At: -1, Was: t.s, Is: u.method.String()})
		in.analyze(t.with(u.keys), p)
	}
}

// anyLayout tries every keyboard layout on the text and on its composed form.
func (in *interpreter) anyLayout(t, c text, repairs []Repair) {
	seen := map[string]bool{t.s: true}
	for _, m := range layoutMaps() {
		s, ok := m.untype(t.s)
		if !ok {
			s, ok = m.untype(c.s)
		}
		if !ok || seen[s] || !m.types(s, c.s) || !in.plausible(s) {
			continue
		}
		seen[s] = true
		p := path{repairs: repairs}.and(costLayout, MaybeLayout,
			Repair{Kind: LayoutUndone, At: -1, Was: t.s, Is: m.name.String()})
		in.analyze(t.with(s), p)
	}
}

// plausible reports whether a text begins like an element string: a cheap test
// before everything is tried on it.
func (in *interpreter) plausible(s string) bool {
	if len(s) > 3 && s[0] == ']' {
		s = s[3:]
	} else if len(s) > 2 && marksGS1(s[:2]) {
		s = s[2:]
	}
	s = strings.TrimLeft(s, "\x1d")
	if s == "" {
		return false
	}
	if s[0] == '(' || s[0] == '[' || isGTIN(s) {
		return true
	}
	rule := lookupAI(s)
	if rule == nil {
		return false
	}
	if !rule.fixed {
		return true
	}
	n := int(rule.length) + int(rule.max)
	return len(s) >= n && in.element(s[:n])
}

// anyShift undoes a Shift key that came too early: digits became the symbols
// above them. Symbols that are no data must be digits; the others may be.
func (in *interpreter) anyShift(t text, repairs []Repair) {
	const symbols, digits = "!@#$%^&*()", "1234567890"
	for _, all := range []bool{false, true} {
		w := rewriter{from: t}
		p := path{repairs: repairs}
		for i := 0; i < len(t.s); {
			_, n := utf8.DecodeRuneInString(t.s[i:])
			k := strings.IndexByte(symbols, t.s[i])
			if k >= 0 && (all || !cset82(t.s[i])) {
				w.put(i, digits[k:k+1])
				p = p.and(0, 0, Repair{Kind: ShiftUndone, At: t.where(i), Was: t.s[i : i+1], Is: digits[k : k+1]})
			} else {
				w.keep(i, i+n)
			}
			i += n
		}
		if next := w.text(); next.s != t.s && in.plausible(next.s) {
			in.analyze(next, p.and(costShift, MaybeShift))
		}
	}
}
