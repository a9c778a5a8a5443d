package scanner

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// A Layout is the keyboard layout that the computer believes the reader to
// have. Readers in keyboard mode press the keys of a US keyboard, so any other
// layout changes characters. The zero value is the US layout, which changes
// nothing. The names are those of [Layouts].
type Layout string

// The layouts that repair knows.
const (
	US          Layout = ""           // also Polish (programmer's) and most of Asia
	UK          Layout = "uk"         // " and @ change places, # is £
	QWERTZ      Layout = "qwertz"     // German and Austrian
	SwissGerman Layout = "qwertz-ch"  // Swiss German
	AZERTY      Layout = "azerty"     // French
	Belgian     Layout = "azerty-be"  // Belgian
	Italian     Layout = "italian"    // Italian
	Spanish     Layout = "spanish"    // Spanish of Spain
	LatinSpain  Layout = "spanish-la" // Spanish of Latin America
	Portuguese  Layout = "portuguese" // Portuguese of Portugal
	Czech       Layout = "czech"      // Czech QWERTZ
	Slovak      Layout = "slovak"     // Slovak QWERTZ
	Hungarian   Layout = "hungarian"  // Hungarian QWERTZ
	Nordic      Layout = "nordic"     // Swedish and Finnish
	Danish      Layout = "danish"     // Danish
	Vietnamese  Layout = "vietnamese" // the layout of that name in Windows, without an input method
)

// usKeys are the keys of the rows below, as a US keyboard types them.
var usKeys = [2]string{
	"`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
	"~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?",
}

// layoutRows are what the keys of usKeys type, without and with Shift, after
// the layouts of Windows. A dead key stands as its combining mark; \x00 is a
// key that types nothing.
var layoutRows = []struct {
	name Layout
	rows [2]string
}{
	{UK, [2]string{
		"`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./",
		"¬!\"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?"}},
	{QWERTZ, [2]string{
		"\u03021234567890ß\u0301qwertzuiopü+#asdfghjklöäyxcvbnm,.-",
		"°!\"§$%&/()=?\u0300QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_"}},
	{SwissGerman, [2]string{
		"§1234567890'\u0302qwertzuiopü\u0308$asdfghjklöäyxcvbnm,.-",
		"°+\"*ç%&/()=?\u0300QWERTZUIOPè!£ASDFGHJKLéàYXCVBNM;:_"}},
	{AZERTY, [2]string{
		"²&é\"'(-è_çà)=azertyuiop\u0302$*qsdfghjklmùwxcvbn,;:!",
		"\x001234567890°+AZERTYUIOP\u0308£µQSDFGHJKLM%WXCVBN?./§"}},
	{Belgian, [2]string{
		"²&é\"'(§è!çà)-azertyuiop\u0302$µqsdfghjklmùwxcvbn,;:=",
		"³1234567890°_AZERTYUIOP\u0308*£QSDFGHJKLM%WXCVBN?./+"}},
	{Italian, [2]string{
		"\\1234567890'ìqwertyuiopè+ùasdfghjklòàzxcvbnm,.-",
		"|!\"£$%&/()=?^QWERTYUIOPé*§ASDFGHJKLç°ZXCVBNM;:_"}},
	{Spanish, [2]string{
		"º1234567890'¡qwertyuiop\u0300+çasdfghjklñ\u0301zxcvbnm,.-",
		"ª!\"·$%&/()=?¿QWERTYUIOP\u0302*ÇASDFGHJKLÑ\u0308ZXCVBNM;:_"}},
	{LatinSpain, [2]string{
		"|1234567890'¿qwertyuiop\u0301+}asdfghjklñ{zxcvbnm,.-",
		"°!\"#$%&/()=?¡QWERTYUIOP\u0308*]ASDFGHJKLÑ[ZXCVBNM;:_"}},
	{Portuguese, [2]string{
		"\\1234567890'«qwertyuiop+\u0301\u0303asdfghjklçºzxcvbnm,.-",
		"|!\"#$%&/()=?»QWERTYUIOP*\u0300\u0302ASDFGHJKLÇªZXCVBNM;:_"}},
	{Czech, [2]string{
		";+ěščřžýáíé=\u0301qwertzuiopú)\u0308asdfghjklů§yxcvbnm,.-",
		"\u030A1234567890%\u030CQWERTZUIOP/('ASDFGHJKL\"!YXCVBNM?:_"}},
	{Slovak, [2]string{
		";+ľščťžýáíé=\u0301qwertzuiopúäňasdfghjklô§yxcvbnm,.-",
		"\u030A1234567890%\u030CQWERTZUIOP/()ASDFGHJKL\"!YXCVBNM?:_"}},
	{Hungarian, [2]string{
		"0123456789öüóqwertzuiopőúűasdfghjkléáyxcvbnm,.-",
		"§'\"+!%/=()ÖÜÓQWERTZUIOPŐÚŰASDFGHJKLÉÁYXCVBNM?:_"}},
	{Nordic, [2]string{
		"§1234567890+\u0301qwertyuiopå\u0308'asdfghjklöäzxcvbnm,.-",
		"½!\"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302*ASDFGHJKLÖÄZXCVBNM;:_"}},
	{Danish, [2]string{
		"½1234567890+\u0301qwertyuiopå\u0308'asdfghjklæøzxcvbnm,.-",
		"§!\"#¤%&/()=?\u0300QWERTYUIOPÅ\u0302*ASDFGHJKLÆØZXCVBNM;:_"}},
	{Vietnamese, [2]string{
		"`ăâêô\u0300\u0309\u0303\u0301\u0323đ-₫qwertyuiopươ\\asdfghjkl;'zxcvbnm,./",
		"~ĂÂÊÔ%^&*(Đ_+QWERTYUIOPƯƠ|ASDFGHJKL:\"ZXCVBNM<>?"}},
}

// Layouts returns the layouts that repair knows, without US.
func Layouts() []Layout {
	list := make([]Layout, len(layoutRows))
	for i, l := range layoutRows {
		list[i] = l.name
	}
	return list
}

// String returns the name, "us" for the zero value.
func (l Layout) String() string {
	if l == US {
		return "us"
	}
	return string(l)
}

// UnmarshalText reads the name of a layout; an unknown one is an error.
func (l *Layout) UnmarshalText(text []byte) error {
	name := Layout(text)
	if name == "us" {
		name = US
	}
	if name != US && layoutOf(name) == nil {
		return fmt.Errorf("scanner: no keyboard layout %q", text)
	}
	*l = name
	return nil
}

// A keyMap is a layout ready for use.
type keyMap struct {
	name   Layout
	typed  [128]rune     // what a US character becomes; 0 when it cannot be typed
	us     map[rune]byte // and back
	dead   map[rune]byte // combining mark of a dead key -> its US character
	traces map[rune]bool // what the layout types and no US keyboard does
}

var layoutMaps = sync.OnceValue(func() []*keyMap {
	maps := make([]*keyMap, len(layoutRows))
	for i, l := range layoutRows {
		maps[i] = newKeyMap(l.name, l.rows)
	}
	return maps
})

func newKeyMap(name Layout, rows [2]string) *keyMap {
	m := &keyMap{name: name, us: map[rune]byte{' ': ' '}, dead: map[rune]byte{}, traces: map[rune]bool{}}
	for c := range rune(0x21) {
		m.typed[c] = c // controls and space
	}
	for shift, row := range rows {
		keys := usKeys[shift]
		for _, r := range row {
			c := keys[0]
			keys = keys[1:]
			if r == 0 {
				continue
			}
			m.typed[c] = r
			switch {
			case isDead(r) && name != Vietnamese:
				m.dead[r] = c
			default:
				m.us[r] = c
			}
			if r >= 0x80 {
				m.traces[r] = true
			}
		}
	}
	return m
}

func isDead(r rune) bool { return 0x0300 <= r && r < 0x0370 }

func layoutOf(name Layout) *keyMap {
	for _, m := range layoutMaps() {
		if m.name == name {
			return m
		}
	}
	return nil
}

// Type returns the text that a computer with this layout shows when a reader
// types text on US keys. Control characters pass; keys without a character
// show nothing. A dead key joins the letter behind it when there is such a
// letter, and stands alone before anything else.
func (l Layout) Type(text string) string {
	if l == US {
		return text
	}
	m := layoutOf(l)
	if m == nil {
		return text
	}
	var b strings.Builder
	var dead rune
	for _, c := range text {
		r := c
		if c < 0x80 {
			r = m.typed[c]
		}
		if r == 0 {
			continue
		}
		_, isDeadKey := m.dead[r]
		switch {
		case dead == 0 && isDeadKey:
			dead = r
			continue
		case dead != 0 && r == ' ':
			b.WriteRune(spacing(dead))
		case dead != 0 && isDeadKey:
			b.WriteRune(spacing(dead))
			b.WriteRune(spacing(r))
		case dead != 0:
			if j := accent(r, dead); j != 0 {
				b.WriteRune(j)
			} else {
				b.WriteRune(spacing(dead))
				b.WriteRune(r)
			}
		default:
			b.WriteRune(r)
		}
		dead = 0
	}
	if dead != 0 {
		b.WriteRune(spacing(dead))
	}
	return b.String()
}

// untype returns what a reader typed on US keys when text was shown, and false
// when this layout cannot show it.
func (m *keyMap) untype(text string) (string, bool) {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		if c, ok := m.us[r]; ok {
			b.WriteByte(c)
			continue
		}
		if r < 0x20 {
			b.WriteByte(byte(r))
			continue
		}
		if parts, ok := unaccented(r); ok {
			d, dok := m.dead[parts[1]]
			c, cok := m.us[parts[0]]
			if dok && cok {
				b.WriteByte(d)
				b.WriteByte(c)
				continue
			}
			if m.name == Vietnamese { // the tones of this layout are characters
				if t, ok := m.us[parts[1]]; ok && cok {
					b.WriteByte(c)
					b.WriteByte(t)
					continue
				}
			}
		}
		if d, ok := m.dead[combining(r)]; ok {
			b.WriteByte(d)
			continue
		}
		return "", false
	}
	return b.String(), true
}

// types reports whether the layout shows text when keys are typed.
func (m *keyMap) types(keys, text string) bool {
	shown, _ := composed(m.name.Type(keys))
	text, _ = composed(text)
	return shown == text
}

// others returns texts that show the same as text does, one letter of which is
// typed with a dead key instead of a key of its own.
func (m *keyMap) others(text string) []string {
	var list []string
	for i, r := range text {
		if _, own := m.us[r]; !own {
			continue
		}
		parts, ok := unaccented(r)
		if !ok {
			continue
		}
		d, dead := m.dead[parts[1]]
		c, letter := m.us[parts[0]]
		before, ok1 := m.untype(text[:i])
		after, ok2 := m.untype(text[i+utf8.RuneLen(r):])
		if dead && letter && ok1 && ok2 {
			list = append(list, before+string(d)+string(c)+after)
		}
	}
	return list
}

// spacings are the dead keys and the characters that stand for them alone.
var spacings = [...][2]rune{
	{'\u0302', '^'}, {'\u0301', '´'}, {'\u0300', '`'}, {'\u0308', '¨'},
	{'\u0303', '~'}, {'\u030A', '°'}, {'\u030C', 'ˇ'},
}

func spacing(dead rune) rune {
	for _, s := range spacings {
		if s[0] == dead {
			return s[1]
		}
	}
	return dead
}

func combining(r rune) rune {
	for _, s := range spacings {
		if s[1] == r {
			return s[0]
		}
	}
	return 0
}

// accents are the letters that dead keys make, after their plain letters.
var accents = [...]struct {
	dead           rune
	plain, accents string
}{
	{'\u0302', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"},
	{'\u0301', "aeiouyAEIOUYcnszlrCNSZLR", "áéíóúýÁÉÍÓÚÝćńśźĺŕĆŃŚŹĹŔ"},
	{'\u0300', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"},
	{'\u0308', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"},
	{'\u0303', "anoANO", "ãñõÃÑÕ"},
	{'\u030A', "uaUA", "ůåŮÅ"},
	{'\u030C', "cdenrstzCDENRSTZ", "čďěňřšťžČĎĚŇŘŠŤŽ"},
}

// accent returns the letter that a dead key makes of r, or 0.
func accent(r, dead rune) rune {
	for _, a := range accents {
		if a.dead != dead {
			continue
		}
		accented := []rune(a.accents)
		for i, c := range []rune(a.plain) {
			if c == r {
				return accented[i]
			}
		}
	}
	return 0
}

// unaccented returns the letter and the dead key that make r.
func unaccented(r rune) ([2]rune, bool) {
	for _, a := range accents {
		for i, c := range []rune(a.accents) {
			if c == r {
				return [2]rune{[]rune(a.plain)[i], a.dead}, true
			}
		}
	}
	if l, ok := takeApart(r); ok && l.tone != level {
		for mark, t := range combiningTones {
			if t == l.tone {
				l.tone = level
				return [2]rune{l.rune(), mark}, true
			}
		}
	}
	return [2]rune{}, false
}
