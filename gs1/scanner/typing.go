package scanner

import "strings"

// typed returns what the dialect makes of keystrokes.
func (d dialect) typed(keys string) string {
	if d.method == NoInputMethod || d.method > VNI {
		return keys
	}
	var b strings.Builder
	b.Grow(len(keys) + 8)
	w := word{dialect: d}
	for _, r := range keys {
		if !w.press(r) {
			w.end(&b)
			b.WriteRune(r)
		}
	}
	w.end(&b)
	return b.String()
}

// A word is the word being typed.
type word struct {
	dialect
	letters []letter
	closed  bool // a mark was taken back: the rest is typed as it is
}

// end writes the word and begins the next.
func (w *word) end(b *strings.Builder) {
	for _, l := range w.letters {
		b.WriteRune(l.rune())
	}
	w.letters, w.closed = w.letters[:0], false
}

// press handles one key and reports false when the key ends the word and
// stands for itself.
func (w *word) press(r rune) bool {
	l, ok := takeApart(r)
	switch {
	case !ok && w.method == VNI && '0' <= r && r <= '9':
		return !w.closed && w.vniDigit(byte(r))
	case !ok && w.brackets:
		return w.bracket(r)
	case !ok || r >= 0x80:
		return false
	}
	if w.closed || w.method == VNI || !w.telexKey(l) {
		w.append(l)
	}
	return true
}

// append adds a letter that stands for itself. A tone that was set earlier
// moves to where the longer word carries it.
func (w *word) append(l letter) {
	w.letters = append(w.letters, l)
	if !w.free || w.closed {
		return
	}
	if t, at := w.toneSet(); t != level {
		if from, _ := w.group(); at < from {
			return // the tone of an earlier syllable
		}
		if p := w.tonePlace(); p >= 0 && p != at {
			w.letters[at].tone = level
			w.letters[p].tone = t
		}
	}
}

// takeBack ends marking in this word and types the key itself.
func (w *word) takeBack(key letter) {
	w.closed = true
	w.letters = append(w.letters, key)
}

// telexKey applies a letter key of Telex and reports false when it marks
// nothing.
func (w *word) telexKey(k letter) bool {
	switch k.base {
	case 's':
		return w.setTone(acute, k)
	case 'f':
		return w.setTone(grave, k)
	case 'r':
		return w.setTone(hook, k)
	case 'x':
		return w.setTone(tilde, k)
	case 'j':
		return w.setTone(dot, k)
	case 'z':
		return w.removeTone()
	case 'a', 'e', 'o':
		return w.setMark(circumflex, string(k.base), k)
	case 'd':
		return w.setStroke(k)
	case 'w':
		return w.telexW(k)
	}
	return false
}

// telexW applies w: a mark on a, o, u, or in Telex a letter ư of its own.
func (w *word) telexW(k letter) bool {
	if n := len(w.letters); n > 0 && w.letters[n-1].fromW {
		w.letters = w.letters[:n-1]
		w.takeBack(k)
		return true
	}
	if w.setHorn(k) || w.setMark(breve, "a", k) {
		return true
	}
	if w.method != Telex {
		return false
	}
	w.append(letter{base: 'u', mark: horn, upper: k.upper, fromW: true})
	return true
}

// bracket applies the bracket keys of full Telex.
func (w *word) bracket(r rune) bool {
	l := letter{mark: horn}
	switch r {
	case '[', '{':
		l.base, l.upper = 'o', r == '{'
	case ']', '}':
		l.base, l.upper = 'u', r == '}'
	default:
		return false
	}
	w.append(l)
	return true
}

// vniDigit applies a digit of VNI and reports false when it marks nothing.
func (w *word) vniDigit(d byte) bool {
	n := len(w.letters)
	done := false
	switch {
	case d == '0':
		return w.removeTone()
	case d <= '5':
		done = w.setTone(tone(d-'0'), letter{})
	case d == '6':
		done = w.setMark(circumflex, "aeo", letter{})
	case d == '7':
		done = w.setHorn(letter{})
	case d == '8':
		done = w.setMark(breve, "a", letter{})
	case d == '9':
		done = w.setStroke(letter{})
	}
	if w.closed && len(w.letters) > n { // taken back: the digit is no letter
		w.letters = w.letters[:n]
		return false
	}
	return done
}

// group returns the bounds of the vowels that a mark key reaches: the last
// vowels of the word, with at most a final consonant behind them.
func (w *word) group() (from, to int) {
	to = len(w.letters)
	if w.free {
		to -= w.coda()
	}
	from = to
	for from > 0 && w.letters[from-1].vowel() {
		from--
		if !w.free {
			return from, to
		}
	}
	// The u of qu and the i of gi belong to the consonant.
	if from > 0 && to-from > 1 && w.letters[from].mark == plain &&
		(w.letters[from-1].base == 'q' && w.letters[from].base == 'u' || w.letters[from-1].base == 'g' && w.letters[from].base == 'i') {
		from++
	}
	return from, to
}

// coda returns the length of the final consonant, 0 when the word ends in a
// vowel or in something that no Vietnamese syllable ends in.
func (w *word) coda() int {
	n := len(w.letters)
	at := func(i int) byte {
		if n-i < 0 || w.letters[n-i].mark != plain {
			return 0
		}
		return w.letters[n-i].base
	}
	switch at(1) {
	case 'c', 'm', 'p', 't', 'n':
		return 1
	case 'h':
		if b := at(2); b == 'c' || b == 'n' {
			return 2
		}
	case 'g':
		if at(2) == 'n' {
			return 2
		}
	}
	return 0
}

// toneSet returns the tone of the vowels in reach and the letter that has it.
func (w *word) toneSet() (tone, int) {
	for i := len(w.letters) - 1; i >= 0; i-- {
		if t := w.letters[i].tone; t != level {
			return t, i
		}
	}
	return level, -1
}

// tonePlace returns the letter that carries a tone, or -1.
func (w *word) tonePlace() int {
	from, to := w.group()
	for i := to - 1; i >= from; i-- {
		if w.letters[i].mark != plain {
			return i
		}
	}
	switch n := to - from; {
	case n == 0:
		return -1
	case n == 1:
		return from
	case n == 2 && to == len(w.letters):
		return from
	}
	return from + 1
}

// setTone sets a tone, replaces another, or takes the same one back.
func (w *word) setTone(t tone, k letter) bool {
	p := w.tonePlace()
	if p < 0 {
		return false
	}
	old, at := w.toneSet()
	if at >= 0 {
		if from, _ := w.group(); at < from { // the tone of an earlier syllable
			old, at = level, -1
		}
	}
	if at >= 0 {
		w.letters[at].tone = level
	}
	if old == t {
		w.takeBack(k)
		return true
	}
	w.letters[p].tone = t
	return true
}

// removeTone removes the tone in reach.
func (w *word) removeTone() bool {
	from, to := w.group()
	for i := to - 1; i >= from; i-- {
		if w.letters[i].tone != level {
			w.letters[i].tone = level
			return true
		}
	}
	return false
}

// setMark marks the last vowel in reach that is one of the bases.
func (w *word) setMark(m mark, bases string, k letter) bool {
	from, to := w.group()
	for i := to - 1; i >= from; i-- {
		l := &w.letters[i]
		if strings.IndexByte(bases, l.base) < 0 {
			continue
		}
		if l.mark == m {
			l.mark = plain
			w.takeBack(k)
			return true
		}
		l.mark = m
		w.moveTone()
		return true
	}
	return false
}

// setHorn makes ơ, ư or ươ.
func (w *word) setHorn(k letter) bool {
	from, to := w.group()
	for i := to - 1; i >= from; i-- {
		l := &w.letters[i]
		if l.base != 'o' && l.base != 'u' {
			continue
		}
		pair := l.base == 'o' && i > from && w.letters[i-1].base == 'u'
		if l.mark == horn {
			l.mark = plain
			if pair {
				w.letters[i-1].mark = plain
			}
			w.takeBack(k)
			return true
		}
		l.mark = horn
		if pair {
			w.letters[i-1].mark = horn
		}
		w.moveTone()
		return true
	}
	return false
}

// moveTone moves a tone onto the letter that has just been marked.
func (w *word) moveTone() {
	t, at := w.toneSet()
	if t == level {
		return
	}
	if from, _ := w.group(); at < from {
		return
	}
	w.letters[at].tone = level
	w.letters[w.tonePlace()].tone = t
}

// setStroke makes đ of the d before, or of the d that began the word.
func (w *word) setStroke(k letter) bool {
	at := -1
	if n := len(w.letters); n > 0 && w.letters[n-1].base == 'd' {
		at = n - 1
	} else if w.free && n > 0 && w.letters[0].base == 'd' {
		if from, to := w.group(); from == 1 && to > from {
			at = 0
		}
	}
	if at < 0 {
		return false
	}
	if w.letters[at].mark == stroke {
		w.letters[at].mark = plain
		w.takeBack(k)
		return true
	}
	w.letters[at].mark = stroke
	return true
}
