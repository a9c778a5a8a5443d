package scanner

import (
	"sync"
	"unicode"
)

// A letter is one letter of Vietnamese text, taken apart the way input methods
// see it. The zero mark and tone are a plain letter.
type letter struct {
	base  byte // 'a' to 'z'
	mark  mark
	tone  tone
	upper bool
	fromW bool // an ư that Telex made of a lone w, which a second w takes back
}

// A mark is the part of a Vietnamese letter that makes another letter of it.
type mark uint8

const (
	plain mark = iota
	circumflex
	breve
	horn
	stroke
)

// A tone is one of the five marked tones, in the order of the VNI keys 1 to 5.
type tone uint8

const (
	level tone = iota // ngang, unmarked
	acute             // sắc
	grave             // huyền
	hook              // hỏi
	tilde             // ngã
	dot               // nặng
)

// vowels are the twelve vowel letters with their tones in the order of tone.
var vowels = [...]struct {
	base  byte
	mark  mark
	tones string
}{
	{'a', plain, "aáàảãạ"},
	{'a', breve, "ăắằẳẵặ"},
	{'a', circumflex, "âấầẩẫậ"},
	{'e', plain, "eéèẻẽẹ"},
	{'e', circumflex, "êếềểễệ"},
	{'i', plain, "iíìỉĩị"},
	{'o', plain, "oóòỏõọ"},
	{'o', circumflex, "ôốồổỗộ"},
	{'o', horn, "ơớờởỡợ"},
	{'u', plain, "uúùủũụ"},
	{'u', horn, "ưứừửữự"},
	{'y', plain, "yýỳỷỹỵ"},
}

// letterTables holds both directions of the table of vowels.
type letterTables struct {
	apart  map[rune]letter
	joined map[letter]rune
}

var letters = sync.OnceValue(func() letterTables {
	t := letterTables{map[rune]letter{}, map[letter]rune{}}
	add := func(r rune, l letter) {
		t.apart[r], t.joined[l] = l, r
		l.upper = true
		t.apart[unicode.ToUpper(r)], t.joined[l] = l, unicode.ToUpper(r)
	}
	for _, v := range vowels {
		n := level
		for _, r := range v.tones {
			add(r, letter{base: v.base, mark: v.mark, tone: n})
			n++
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		if _, done := t.apart[c]; !done {
			add(c, letter{base: byte(c)})
		}
	}
	add('đ', letter{base: 'd', mark: stroke})
	return t
})

// takeApart returns the parts of r, and false when r is no letter of
// Vietnamese text (the Latin letters f, j, w and z count as letters).
func takeApart(r rune) (letter, bool) {
	if r < 0x80 {
		switch {
		case 'a' <= r && r <= 'z':
			return letter{base: byte(r)}, true
		case 'A' <= r && r <= 'Z':
			return letter{base: byte(r - 'A' + 'a'), upper: true}, true
		}
		return letter{}, false
	}
	l, ok := letters().apart[r]
	return l, ok
}

// rune returns the composed letter.
func (l letter) rune() rune {
	l.fromW = false
	if l.mark == plain && l.tone == level {
		return rune(l.key())
	}
	return letters().joined[l]
}

// key returns the key that types the letter without mark and tone.
func (l letter) key() byte {
	if l.upper {
		return l.base - 'a' + 'A'
	}
	return l.base
}

// vowel reports whether the letter can carry a tone.
func (l letter) vowel() bool {
	switch l.base {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}

// composed joins letters with the combining marks after them, so that text in
// decomposed Unicode (NFD, as macOS and some input methods deliver it) can be
// read like the composed form. Marks of other languages are left alone.
func composed(s string) (string, bool) {
	changed := false
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if n := len(out); n > 0 && 0x0300 <= r && r <= 0x0323 {
			if l, ok := takeApart(out[n-1]); ok && l.join(r) {
				if c := l.rune(); c != 0 {
					out[n-1], changed = c, true
					continue
				}
			}
		}
		out = append(out, r)
	}
	if !changed {
		return s, false
	}
	return string(out), true
}

// join adds a combining mark to the letter.
func (l *letter) join(r rune) bool {
	if m, ok := combiningMarks[r]; ok && l.mark == plain {
		l.mark = m
		return true
	}
	if t, ok := combiningTones[r]; ok && l.tone == level {
		l.tone = t
		return true
	}
	return false
}

var combiningMarks = map[rune]mark{'\u0302': circumflex, '\u0306': breve, '\u031B': horn}

var combiningTones = map[rune]tone{'\u0301': acute, '\u0300': grave, '\u0309': hook, '\u0303': tilde, '\u0323': dot}
