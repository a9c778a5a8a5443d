package scanner

import (
	"strings"
	"unicode/utf8"
)

// blanks are dropped in front of and behind a scan: what readers send as prefix
// and suffix, and what the field that received the keystrokes adds.
const blanks = "\x00\x01\x02\x03\x04\x05\x06\n\r\t "

// isBlank reports whether c is one of blanks.
func isBlank(c byte) bool {
	return c <= ' ' && (c <= 6 || c == '\n' || c == '\r' || c == '\t' || c == ' ')
}

// allBlank reports whether b is nothing but blanks.
func allBlank(b []byte) bool {
	for _, c := range b {
		if !isBlank(c) {
			return false
		}
	}
	return true
}

// trimmed returns s without blanks in front and behind.
func trimmed(s string) string {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// A text is a scan on its way from the raw bytes to an element string. It knows
// where each of its bytes came from.
type text struct {
	s  string
	at []int32 // offset in the raw scan of each byte; nil when they run on from off
	// off is the offset of the first byte, or -1 when offsets are lost.
	off int
}

// where returns the offset in the raw scan of byte i, or -1.
func (t text) where(i int) int {
	switch {
	case t.off < 0:
		return -1
	case t.at == nil:
		return t.off + i
	case i < len(t.at):
		return int(t.at[i])
	case len(t.at) > 0:
		return int(t.at[len(t.at)-1]) + 1
	}
	return t.off
}

// slice returns t from i to j.
func (t text) slice(i, j int) text {
	if t.at != nil {
		return text{t.s[i:j], t.at[i:j], t.off}
	}
	if t.off >= 0 {
		return text{t.s[i:j], nil, t.off + i}
	}
	return text{t.s[i:j], nil, -1}
}

// with returns the text s in the place of t, of which only the whole is known.
func (t text) with(s string) text { return text{s, nil, -1} }

// A rewriter makes one text of another.
type rewriter struct {
	from text
	b    strings.Builder
	at   []int32
}

// keep copies the bytes from i to j.
func (w *rewriter) keep(i, j int) {
	w.b.WriteString(w.from.s[i:j])
	if w.from.off >= 0 {
		for ; i < j; i++ {
			w.at = append(w.at, int32(w.from.where(i)))
		}
	}
}

// put writes s in the place of byte i.
func (w *rewriter) put(i int, s string) {
	w.b.WriteString(s)
	if w.from.off >= 0 {
		for range len(s) {
			w.at = append(w.at, int32(w.from.where(i)))
		}
	}
}

func (w *rewriter) text() text {
	if w.from.off < 0 {
		return text{w.b.String(), nil, -1}
	}
	if w.at == nil {
		w.at = []int32{}
	}
	return text{w.b.String(), w.at, w.from.off}
}

// unwrap drops what belongs to no scan: blanks, byte order marks and their like
// at the ends, the star of a shortcut in front, and the zero bytes of UTF-16.
func unwrap(t text) (text, []Repair) {
	var repairs []Repair
	drop := func(t text, i, j int) {
		repairs = append(repairs, Repair{Kind: StrayCharacters, At: t.where(i), Was: t.s[i:j]})
	}
	if n := strings.Count(t.s, "\x00"); n > 2 && n*3 > len(t.s) { // else NUL may stand for the separator
		w := rewriter{from: t}
		for i := range len(t.s) {
			if t.s[i] != 0 {
				w.keep(i, i+1)
			}
		}
		i := strings.IndexByte(t.s, 0)
		drop(t, i, i+1)
		t = w.text()
	}
	t = t.trimmed()
	for _, mark := range []string{"\ufeff", "\ufffe", "\u200b", "\u200e", "*"} {
		for strings.HasPrefix(t.s, mark) {
			drop(t, 0, len(mark))
			t = t.slice(len(mark), len(t.s)).trimmed()
		}
		for mark != "*" && strings.HasSuffix(t.s, mark) {
			drop(t, len(t.s)-len(mark), len(t.s))
			t = t.slice(0, len(t.s)-len(mark)).trimmed()
		}
	}
	return t, repairs
}

// trimmed returns t without blanks in front and behind.
func (t text) trimmed() text {
	end := len(t.s)
	for end > 0 && isBlank(t.s[end-1]) {
		end--
	}
	start := 0
	for start < end && isBlank(t.s[start]) {
		start++
	}
	return t.slice(start, end)
}

// narrowed turns the full-width forms of an East Asian input method into the
// characters that they are forms of.
func narrowed(t text) (text, []Repair) {
	found := false
	for _, r := range t.s {
		if isWide(r) {
			found = true
			break
		}
	}
	if !found {
		return t, nil
	}
	w := rewriter{from: t}
	var repairs []Repair
	for i := 0; i < len(t.s); {
		r, n := utf8.DecodeRuneInString(t.s[i:])
		switch {
		case r == 0x3000:
			w.put(i, " ")
		case isWide(r):
			w.put(i, string(r-0xFEE0))
		default:
			w.keep(i, i+n)
		}
		if isWide(r) && repairs == nil {
			repairs = []Repair{{Kind: Width, At: t.where(i), Was: t.s[i : i+n]}}
		}
		i += n
	}
	return w.text(), repairs
}

func isWide(r rune) bool { return 0xFF01 <= r && r <= 0xFF5E || r == 0x3000 }

// swapCase inverts the case of ASCII letters, as Caps Lock does.
func swapCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c|0x20 && c|0x20 <= 'z' {
			b[i] = c ^ 0x20
		}
	}
	return string(b)
}

// cset82 reports whether c may be part of a value (GS1 General Specifications
// figure 7.11-1).
func cset82(c byte) bool {
	switch {
	case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9':
		return true
	}
	return c < 0x80 && strings.IndexByte("!\"%&'()*+,-./_:;<=>?", c) >= 0
}
