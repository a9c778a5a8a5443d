package scanner

import (
	"fmt"
	"strings"
)

// An InputMethod is a way of typing Vietnamese on a US keyboard. The zero value
// changes nothing.
//
// The models follow the tables that the makers of input methods publish
// (vietunicode.sourceforge.net/inputmethod.html, the Telex pages of Keyman):
// the rules are listed at [InputMethod.Type]. They leave out spelling checks,
// which differ between programs and versions and only make a program change
// less than the model does.
type InputMethod uint8

const (
	NoInputMethod InputMethod = iota // keys arrive as they are
	Telex                            // letters as marks; a lone w is ư
	SimpleTelex                      // Telex in which a lone w stays w
	VNI                              // digits as marks
)

// inputMethodNames are the names in text and JSON.
var inputMethodNames = [...]string{"", "telex", "simple-telex", "vni"}

// String returns the name used in profiles: "telex", "simple-telex", "vni", or
// "none".
func (m InputMethod) String() string {
	if m == NoInputMethod {
		return "none"
	}
	if int(m) < len(inputMethodNames) {
		return inputMethodNames[m]
	}
	return fmt.Sprintf("InputMethod(%d)", uint8(m))
}

// MarshalText returns the name used in profiles; it is empty for
// [NoInputMethod].
func (m InputMethod) MarshalText() ([]byte, error) {
	if int(m) >= len(inputMethodNames) {
		return nil, fmt.Errorf("scanner: no input method %d", uint8(m))
	}
	return []byte(inputMethodNames[m]), nil
}

// UnmarshalText reads a name written by MarshalText or String.
func (m *InputMethod) UnmarshalText(text []byte) error {
	if string(text) == "none" {
		*m = NoInputMethod
		return nil
	}
	for i, name := range inputMethodNames {
		if string(text) == name {
			*m = InputMethod(i)
			return nil
		}
	}
	return fmt.Errorf("scanner: no input method %q", text)
}

// Type returns the text that the input method makes of keystrokes. The rules,
// each with a test of its name in TestInputMethodRules:
//
//   - A word is a series of letters. Anything else ends it; in VNI also a digit
//     that found nothing to mark.
//   - Telex doubles a, e, o, d for â, ê, ô, đ; w makes ă, ơ, ư of a, o, u, and
//     ươ of uo; s f r x j set a tone, z removes it. A lone w is ư in Telex and w
//     in Simple Telex.
//   - VNI sets the tones with 1 to 5, removes them with 0, and makes â ê ô with
//     6, ơ ư (ươ) with 7, ă with 8, đ with 9.
//   - A key without a letter to mark is itself.
//   - Another tone or mark replaces the first.
//   - The same key again takes the mark back, types itself, and leaves the rest
//     of the word alone.
//   - Free marking: the key may follow a final consonant (c, ch, m, n, ng, nh,
//     p, t), and d may follow the word that d began. The tone goes to the vowel
//     where spelling puts it (òa, not oà).
//   - Case is that of the letter; the case of a mark key does not show.
func (m InputMethod) Type(keys string) string {
	return dialect{method: m, free: true}.typed(keys)
}

// A dialect is a variant of an input method. Programs differ in these points,
// so repair looks for keystrokes in more than one.
type dialect struct {
	method   InputMethod
	free     bool // free marking; otherwise a mark follows its letter at once
	brackets bool // [ ] { } type ơ ư Ơ Ư, as in full Telex of Unikey
}

// dialects returns the variants of the method that repair considers.
func (m InputMethod) dialects() []dialect {
	if m == NoInputMethod || m > VNI {
		return nil
	}
	return []dialect{{method: m, free: true}, {method: m}}
}

// identifiers are the symbology identifiers of GS1 symbols.
var identifiers = []string{"C1", "d2", "d5", "Q3", "Q4", "J1", "J4", "z1", "z4", "e0", "e1", "e2", "E0", "E3", "E4", "I1"}

// typedIdentifier returns the symbology identifier that text begins with as
// the method types it, and its length in text. Full Telex of Unikey types ư for
// the bracket, VNI types Ẽ for E4.
func (m InputMethod) typedIdentifier(text string) (id string, n int) {
	for _, d := range []dialect{{method: m, free: true}, {method: m, free: true, brackets: m == Telex}} {
		for _, id := range identifiers {
			if typed := d.typed("]" + id); typed != "]"+id && strings.HasPrefix(text, typed) {
				return "]" + id, len(typed)
			}
		}
	}
	return "", 0
}
