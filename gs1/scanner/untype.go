package scanner

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of the search for keystrokes. A search that reaches one of them never
// claims that what it found is all there is.
const (
	maxUntyped   = 12   // series of keystrokes kept for one text
	maxChunkKeys = 6    // series kept for one word
	maxExtraKeys = 2    // keys beyond the fewest that type a word
	maxMarkKeys  = 8    // keys beyond the letters of a word
	untypeNodes  = 2000 // keys pressed in one search
	quickNodes   = 300  // keys pressed in one quick search
)

// untyped is a text without the work of an input method.
type untyped struct {
	keys   string
	method InputMethod
	cost   int // 0 for keys equal to the text
}

// A keySearch finds the keystrokes behind a text by typing: a key is pressed
// in the forward model, and the branch goes on while what the model shows can
// still become the text.
type keySearch struct {
	dialect
	quick   bool // one series of the fewest keys will do
	limit   int  // keys that may be pressed
	nodes   int  // keys pressed so far
	cut     bool // there may be more than was found
	target  []rune
	letters []letter   // of target; zero where it has no letter
	least   []int      // keys beyond one for each letter that the rest needs
	marks   []byte     // mark keys to try
	stack   [][]letter // words at each depth of the search
	found   []untyped  // keystrokes of target
}

// untype returns series of keystrokes that the method types as text, the
// likeliest first, and whether they are all there are. A quick search is
// content with the fewest keys.
func (m InputMethod) untype(text string, quick bool) (list []untyped, all bool) {
	if m == NoInputMethod || m > VNI {
		return []untyped{{keys: text}}, true
	}
	// A vowel could have had a tone that was removed again, so that there are
	// always other keystrokes.
	quick = quick || strings.ContainsAny(text, "aeiouyAEIOUY")
	id, n := m.typedIdentifier(text)
	text = text[n:]
	all = !quick
	seen := map[string]bool{}
	for _, d := range m.dialects() {
		s := keySearch{dialect: d, quick: quick, limit: untypeNodes}
		if quick {
			s.limit = quickNodes
		}
		found := s.text(text)
		all = all && !s.cut
		for _, u := range found {
			if !seen[u.keys] {
				seen[u.keys] = true
				u.keys = id + u.keys
				list = append(list, u)
			}
		}
	}
	if len(list) == 0 && !quick {
		list, _ = m.untype(id+text, true)
		return list, false
	}
	slices.SortStableFunc(list, func(a, b untyped) int { return cmp.Compare(a.cost, b.cost) })
	if len(list) > maxUntyped {
		list, all = list[:maxUntyped], false
	}
	return list, all
}

// text combines the keystrokes of the words of a text.
func (s *keySearch) text(text string) []untyped {
	list := []untyped{{method: s.method}}
	for len(text) > 0 {
		n := 0
		for n < len(text) && s.chunk(text[n:]) == 0 { // not a key that the method knows
			_, size := utf8.DecodeRuneInString(text[n:])
			n += size
		}
		if n > 0 {
			for i := range list {
				list[i].keys += text[:n]
			}
			text = text[n:]
			continue
		}
		n = s.chunk(text)
		words := s.word(text[:n])
		if len(words) == 0 {
			return nil
		}
		var next []untyped
		for _, u := range list {
			for _, w := range words {
				next = append(next, untyped{u.keys + w.keys, s.method, u.cost + w.cost})
			}
		}
		slices.SortStableFunc(next, func(a, b untyped) int { return cmp.Compare(a.cost, b.cost) })
		if len(next) > maxUntyped {
			next, s.cut = next[:maxUntyped], true
		}
		list, text = next, text[n:]
	}
	return list
}

// chunk returns the length of the word at the start of text: letters, and in
// VNI the first digit behind them, which may have been pressed twice.
func (s *keySearch) chunk(text string) int {
	n := 0
	for i, r := range text {
		_, ok := takeApart(r)
		if !ok {
			if i > 0 && s.method == VNI && '0' <= r && r <= '9' {
				return i + 1
			}
			return i
		}
		n = i + utf8.RuneLen(r)
	}
	return n
}

// word returns the keystrokes of one word. The fewest keys come first; a mark
// key in the other case than its letter costs more. The search goes on beyond
// the fewest keys until it knows whether there is more than one series.
func (s *keySearch) word(text string) []untyped {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 || strings.ContainsRune("aeiouydw", r|0x20) }) {
		return []untyped{{keys: text, method: s.method}} // nothing to mark
	}
	s.target, s.letters = []rune(text), s.letters[:0]
	for _, r := range s.target {
		l, _ := takeApart(r)
		s.letters = append(s.letters, l)
	}
	s.least = s.leastKeys()
	s.marks = append(s.marks[:0], markKeys(s.method)...)
	if s.quick {
		s.marks = s.usefulKeys()
	}
	s.found = nil
	fewest := -1
	for extra := s.least[0]; extra <= s.least[0]+maxMarkKeys; extra++ {
		if fewest >= 0 && (extra > fewest+maxExtraKeys || s.quick || len(s.found) > 1) {
			s.cut = s.cut || extra <= fewest+maxExtraKeys
			break
		}
		s.press(word{dialect: s.dialect}, extra, nil, 0)
		if fewest < 0 && len(s.found) > 0 {
			fewest = extra
		}
		if len(s.found) >= maxChunkKeys || s.nodes > s.limit {
			s.cut = true
			break
		}
	}
	return s.found
}

// leastKeys returns for each place in the target how many keys beyond one for
// each letter the rest needs at least.
func (s *keySearch) leastKeys() []int {
	least := make([]int, len(s.letters)+1)
	for i := len(s.letters) - 1; i >= 0; i-- {
		l := s.letters[i]
		n := 0
		if l.tone != level {
			n++
		}
		switch {
		case l.mark == plain:
		case l.mark == horn && s.method == Telex && l.base == 'u' && !(i > 0 && strings.IndexByte("aou", s.letters[i-1].base) >= 0): // a lone w
		case l.mark == horn && i > 0 && s.letters[i-1].base == 'u': // ươ needs one mark key
		default:
			n++
		}
		least[i] = least[i+1] + n
	}
	return least
}

// press tries the keys that may come next. left counts the keys beyond one for
// each letter, and hidden marks the keys whose case does not show.
func (s *keySearch) press(w word, left int, keys []byte, hidden uint64) {
	done := len(w.letters)
	if done == len(s.target) && left == 0 {
		s.keep(keys, hidden)
		return
	}
	if len(s.found) >= maxChunkKeys || len(keys) > 60 {
		return
	}
	upper := false
	if done < len(s.target) {
		l := s.letters[done]
		upper = l.upper
		switch {
		case l.base == 0 && s.target[done] < 0x80: // the digit behind a word of VNI
			s.try(w, left, keys, hidden, byte(s.target[done]))
		case l.base != 0:
			s.try(w, left, keys, hidden, l.key())
			if s.method == Telex && l.base == 'u' && l.mark == horn {
				s.try(w, left, keys, hidden, letter{base: 'w', upper: upper}.key())
			}
		}
	}
	if done == 0 || left == 0 {
		return
	}
	upper = s.letters[done-1].upper
	for _, k := range s.marks {
		if upper && s.method != VNI {
			k -= 'a' - 'A'
		}
		if done < len(s.target) && rune(k) == s.target[done] {
			continue // tried as the next letter
		}
		s.try(w, left, keys, hidden, k)
	}
}

// usefulKeys returns the mark keys that the target shows.
func (s *keySearch) usefulKeys() []byte {
	var marks []byte
	add := func(telex, vni byte) {
		k := telex
		if s.method == VNI {
			k = vni
		}
		if !slices.Contains(marks, k) {
			marks = append(marks, k)
		}
	}
	for _, l := range s.letters {
		if l.tone != level {
			add("\x00sfrxj"[l.tone], byte('0'+l.tone))
		}
		switch l.mark {
		case circumflex:
			add(l.base, '6')
		case breve:
			add('w', '8')
		case horn:
			add('w', '7')
		case stroke:
			add('d', '9')
		case plain:
			if l.base == 'w' && s.method == Telex {
				add('w', 0) // ww
			}
		}
	}
	return marks
}

// markKeys are the keys that may mark a letter.
func markKeys(m InputMethod) string {
	if m == VNI {
		return "1234506789"
	}
	return "sfrxjwaeodz"
}

// try presses k and goes on if the word can still become the target.
func (s *keySearch) try(w word, left int, keys []byte, hidden uint64, k byte) {
	if s.nodes++; s.nodes > s.limit {
		s.cut = true
		return
	}
	for len(s.stack) <= len(keys) {
		s.stack = append(s.stack, make([]letter, 0, len(s.target)+4))
	}
	before := len(w.letters)
	w.letters = append(s.stack[len(keys)][:0], w.letters...)
	if !w.press(rune(k)) { // a digit of VNI that stands for itself ends the word
		if before == len(s.target)-1 && s.target[before] == rune(k) && left == 0 {
			s.keep(append(keys, k), hidden)
		}
		return
	}
	s.stack[len(keys)] = w.letters[:0]
	now := len(w.letters)
	if now > len(s.target) {
		return
	}
	if left -= 1 - (now - before); left < 0 {
		return
	}
	missing, surplus := 0, 0
	for i, l := range w.letters {
		t := s.letters[i]
		fromW := l.fromW
		l.fromW = false
		if l == t && t.base != 0 {
			continue
		}
		switch {
		case t.base == 0:
			return
		case l.upper == t.upper && l.base == t.base:
		case fromW && i == now-1 && t.base == 'w' && t.upper == l.upper:
		default:
			return
		}
		if !s.free && i < now-1 {
			return
		}
		if t.mark != plain && l.mark != t.mark || t.tone != level && l.tone != t.tone {
			missing++
		} else {
			surplus++
		}
	}
	fixes := (missing + 1) / 2 // one key may mark two letters
	if surplus > 0 && !s.mayTakeBack(now) {
		fixes++
	}
	if missing+surplus > 0 && w.closed || left < s.least[now]+fixes {
		return
	}
	switch {
	case now == before && w.closed: // ww: it is the first w that does not show
		hidden |= 1 << (len(keys) - 1)
	case now == before:
		hidden |= 1 << len(keys)
	}
	s.press(w, left, append(keys, k), hidden)
}

// mayTakeBack reports whether a letter of the target from i on may be a key
// that took marks back and then typed itself.
func (s *keySearch) mayTakeBack(i int) bool {
	for ; i < len(s.target); i++ {
		if c := s.target[i]; c < 0x80 && strings.ContainsRune(markKeys(s.method), c|0x20) {
			return true
		}
		if !s.free {
			return false
		}
	}
	return false
}

// keep records keys that type the target, and the same keys with the mark keys
// in the other case.
func (s *keySearch) keep(keys []byte, hidden uint64) {
	target := string(s.target)
	if s.typed(string(keys)) != target {
		return
	}
	cost := 2 * (len(keys) - len(s.target))
	if string(keys) != target {
		cost++
	}
	s.add(untyped{string(keys), s.method, cost})
	if hidden == 0 || s.method == VNI {
		return
	}
	other := slices.Clone(keys)
	for i := range other {
		if hidden>>i&1 == 1 {
			other[i] ^= 'a' - 'A'
		}
	}
	if s.typed(string(other)) == target {
		s.add(untyped{string(other), s.method, cost + 1})
	}
}

func (s *keySearch) add(u untyped) {
	for _, f := range s.found {
		if f.keys == u.keys {
			return
		}
	}
	s.found = append(s.found, u)
}
