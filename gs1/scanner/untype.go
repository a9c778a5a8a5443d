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
	untypeNodes  = 4000 // keys pressed in one search
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
	nodes int  // keys pressed so far
	cut   bool // a bound was reached
}

// untype returns series of keystrokes that the method types as text, the
// likeliest first, and whether they are all there are.
func (m InputMethod) untype(text string) (list []untyped, all bool) {
	if m == NoInputMethod {
		return []untyped{{keys: text}}, true
	}
	all = true
	seen := map[string]bool{}
	for _, d := range m.dialects() {
		s := keySearch{dialect: d}
		found := s.text(text)
		all = all && !s.cut
		for _, u := range found {
			if !seen[u.keys] {
				seen[u.keys] = true
				list = append(list, u)
			}
		}
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
		n := s.chunk(text)
		if n == 0 { // not a key that the method knows
			_, n = utf8.DecodeRuneInString(text)
			for i := range list {
				list[i].keys += text[:n]
			}
			text = text[n:]
			continue
		}
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
		if !ok && s.brackets {
			ok = strings.ContainsRune("[]{}", r)
		}
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
// key in the other case than its letter costs more.
func (s *keySearch) word(text string) []untyped {
	target := []rune(text)
	var found []untyped
	fewest := -1
	for extra := 0; extra <= maxMarkKeys; extra++ {
		if fewest >= 0 && extra > fewest+maxExtraKeys {
			break
		}
		before := len(found)
		s.press(word{dialect: s.dialect}, target, 0, extra, nil, 0, &found)
		if fewest < 0 && len(found) > before {
			fewest = extra
		}
		if len(found) >= maxChunkKeys {
			s.cut = true
			found = found[:maxChunkKeys]
			break
		}
		if s.nodes > untypeNodes {
			s.cut = true
			break
		}
	}
	return found
}

// press tries the keys that may come next. done counts the letters of target
// that the word shows, left the keys beyond one for each letter, and hidden
// marks the keys whose case does not show.
func (s *keySearch) press(w word, target []rune, done, left int, keys []byte, hidden uint64, found *[]untyped) {
	if s.nodes++; s.nodes > untypeNodes {
		s.cut = true
		return
	}
	if done == len(target) && left == 0 {
		s.keep(w, target, keys, hidden, found)
		return
	}
	if len(*found) >= maxChunkKeys || len(keys) > 60 {
		return
	}
	upper := false
	if done < len(target) {
		if l, ok := takeApart(target[done]); ok {
			upper = l.upper
			s.try(w, target, done, left, keys, hidden, l.key(), found)
			if s.method == Telex && l.base == 'u' && l.mark == horn {
				k := byte('w')
				if upper {
					k = 'W'
				}
				s.try(w, target, done, left, keys, hidden, k, found)
			}
			if s.brackets && l.mark == horn {
				s.try(w, target, done, left, keys, hidden, bracketOf(l), found)
			}
		} else if target[done] < 0x80 { // the digit behind a word of VNI
			s.try(w, target, done, left, keys, hidden, byte(target[done]), found)
		}
	}
	if done == 0 {
		return
	}
	if l, ok := takeApart(target[done-1]); ok {
		upper = l.upper
	}
	for _, k := range []byte(markKeys(s.method)) {
		if upper && s.method != VNI {
			k -= 'a' - 'A'
		}
		if done < len(target) && rune(k) == target[done] {
			continue // tried as the next letter
		}
		s.try(w, target, done, left, keys, hidden, k, found)
	}
}

// markKeys are the keys that may mark a letter.
func markKeys(m InputMethod) string {
	if m == VNI {
		return "1234506789"
	}
	return "sfrxjwaeodz"
}

func bracketOf(l letter) byte {
	switch {
	case l.base == 'o' && l.upper:
		return '{'
	case l.base == 'o':
		return '['
	case l.upper:
		return '}'
	}
	return ']'
}

// try presses k and goes on if the word can still become the target.
func (s *keySearch) try(w word, target []rune, done, left int, keys []byte, hidden uint64, k byte, found *[]untyped) {
	var buf [40]letter
	before := len(w.letters)
	w.letters = append(buf[:0:40], w.letters...)
	if !w.press(rune(k)) { // a digit of VNI that stands for itself ends the word
		if done == len(target)-1 && target[done] == rune(k) && left == 0 {
			s.keep(w, target, append(keys, k), hidden, found)
		}
		return
	}
	if len(w.letters) > len(target) {
		return
	}
	now := len(w.letters)
	used := 1 - (now - before)
	if left -= used; left < 0 {
		return
	}
	wrong := 0
	for i, l := range w.letters {
		if l.rune() == target[i] {
			continue
		}
		t, ok := takeApart(target[i])
		switch {
		case !ok:
			return
		case l.upper == t.upper && l.base == t.base:
		case l.fromW && i == now-1 && t.base == 'w' && t.upper == l.upper:
		default:
			return
		}
		if !s.free && i < now-1 {
			return
		}
		wrong++
	}
	if wrong > 0 && w.closed || (wrong+1)/2 > left+1 {
		return
	}
	switch {
	case now == before && w.closed: // ww: it is the first w that does not show
		hidden |= 1 << (len(keys) - 1)
	case now == before:
		hidden |= 1 << len(keys)
	}
	s.press(w, target, now, left, append(keys, k), hidden, found)
}

// keep records keys that type the target, and the same keys with the mark keys
// in the other case.
func (s *keySearch) keep(w word, target []rune, keys []byte, hidden uint64, found *[]untyped) {
	if s.typed(string(keys)) != string(target) {
		return
	}
	cost := 2 * (len(keys) - len(target))
	if string(keys) != string(target) {
		cost++
	}
	s.add(untyped{string(keys), s.method, cost}, found)
	if hidden == 0 || s.method == VNI {
		return
	}
	other := slices.Clone(keys)
	for i := range other {
		if hidden>>i&1 == 1 {
			other[i] ^= 'a' - 'A'
		}
	}
	if s.typed(string(other)) == string(target) {
		s.add(untyped{string(other), s.method, cost + 1}, found)
	}
}

func (s *keySearch) add(u untyped, found *[]untyped) {
	for _, f := range *found {
		if f.keys == u.keys {
			return
		}
	}
	*found = append(*found, u)
}
