package scanner_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

// A class says what can be asked of a reading.
type class uint8

const (
	lossless  class = iota // must come back
	ambiguous              // must be offered
	lossy                  // must not be certain and wrong
)

// A mangling is what scanners, computers and people do to element strings. The
// families are those of shared/vectors/gs1, and relatives of them.
type mangling struct {
	name  string
	class class
	make  func(s string) string
}

func standIns(class class, list ...string) (m []mangling) {
	for _, sep := range list {
		m = append(m,
			mangling{fmt.Sprintf("separator %q", sep), class, func(s string) string { return strings.ReplaceAll(s, "\x1d", sep) }},
			mangling{fmt.Sprintf("identifier, separator %q", sep), class, func(s string) string { return "]d2" + strings.ReplaceAll(s, "\x1d", sep) }})
	}
	return m
}

func wraps(pairs ...[2]string) (m []mangling) {
	for _, w := range pairs {
		m = append(m,
			mangling{fmt.Sprintf("between %q and %q", w[0], w[1]), lossless, func(s string) string { return w[0] + s + w[1] }},
			mangling{fmt.Sprintf("identifier, between %q and %q", w[0], w[1]), lossless, func(s string) string { return w[0] + "]d2" + s + w[1] }})
	}
	return m
}

func prefixes(class class, list ...string) (m []mangling) {
	for _, p := range list {
		m = append(m, mangling{"prefix " + p, class, func(s string) string { return p + s }})
	}
	return m
}

func layouts() (m []mangling) {
	for _, l := range scanner.Layouts() {
		// Ctrl+], which types GS on a US keyboard, types nothing on the others.
		m = append(m, mangling{"layout " + l.String(), lossy, func(s string) string { return l.Type(dropped(s)) }})
	}
	for _, method := range []scanner.InputMethod{scanner.Telex, scanner.SimpleTelex, scanner.VNI} {
		m = append(m, mangling{"method " + method.String(), lossy, method.Type})
	}
	return m
}

func joined(format, between string) func(string) string {
	return func(s string) string {
		m, err := gs1.Parse(s)
		if err != nil {
			panic(err)
		}
		var parts []string
		for _, e := range m.Elements {
			parts = append(parts, fmt.Sprintf(format, e.AI, e.Value))
		}
		return strings.Join(parts, between)
	}
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if '!' <= r && r <= '~' {
			return r + 0xFEE0
		}
		return r
	}, s)
}

func dropped(s string) string { return strings.ReplaceAll(s, "\x1d", "") }

var manglings = func() (m []mangling) {
	m = append(m, standIns(lossless, "^", "#", "@", "|", "~", "$", " ", "{GS}", "[GS]", "{gs}", "{FNC1}", "[FNC1]", `\F`, `\x1D`, `\x1d`, `\u001d`,
		"&#29;", "&#x1D;", "^]", "␝", "è", "\r", "\n", "\t", "\x1c", "\x1e", "\x1f", "\x1d\x1d", "{1D}", "~d029", "~1", `\035`, "↔")...)
	m = append(m, standIns(ambiguous, "<GS>", "<FNC1>", "<0x1D>", "%1D", "_x001D_", "Alt029", "029", "(GS)", "U+001D")...)
	m = append(m, wraps([2]string{"", "\r"}, [2]string{"", "\n"}, [2]string{"", "\r\n"}, [2]string{"", "\t"}, [2]string{"\x02", "\x03"}, [2]string{"\x01", "\n"},
		[2]string{"", "\x04"}, [2]string{"\x05", "\r"}, [2]string{"\t", "\r"}, [2]string{"\ufeff", ""}, [2]string{"  ", "  "}, [2]string{"*", ""},
		[2]string{"\x00", "\x00"}, [2]string{"\x1d", ""}, [2]string{"", "\x1d"})...)
	m = append(m, prefixes(lossless, "]C1", "]d2", "]d5", "]Q3", "]Q4", "]J1", "]e0", "]z1", "]d2\x1d")...)
	m = append(m, prefixes(ambiguous, "]C0", "]d1", "]Q1", "]X0", "]z0", "C1", "d2", "Q3")...)
	m = append(m, layouts()...)
	return append(m,
		mangling{"as it is", lossless, func(s string) string { return s }},
		mangling{"full width", lossless, wide},
		mangling{"scanned twice", lossless, func(s string) string { return "]d2" + s + "]d2" + s }},
		mangling{"scanned twice with Enter", lossless, func(s string) string { return "]C1" + s + "\r\n]C1" + s + "\r\n" }},
		mangling{"scanned twice without identifier", lossless, func(s string) string { return s + s }},
		mangling{"on two lines", lossless, func(s string) string { return s + "\r\n" + s + "\r\n" }},
		mangling{"in brackets", lossless, joined("(%s)%s", "")},
		mangling{"in brackets with blanks", lossless, joined("(%s) %s", " ")},
		mangling{"in brackets on lines", lossless, joined("(%s)%s", "\n")},
		mangling{"in square brackets", lossless, joined("[%s]%s", "")},
		mangling{"a separator after each element", lossless, joined("%s%s", "\x1d")},
		mangling{"separators lost", ambiguous, dropped},
		mangling{"identifier, separators lost", ambiguous, func(s string) string { return "]C1" + dropped(s) }},
		mangling{"Caps Lock", lossy, swap},
		mangling{"upper case", lossy, strings.ToUpper},
		mangling{"lower case", lossy, strings.ToLower},
		mangling{"identifier and Caps Lock", lossless, func(s string) string { return swap("]d2" + s) }},
	)
}()

// message returns a message that needs a separator.
func (r packMaker) message(chars string) string {
	key := func(n int) string { // n digits, the last of them a check digit
		b := []byte(fmt.Sprintf("%0*d", n-1, r.Uint64N(1e12)))
		sum := 0
		for i, c := range b {
			d := int(c - '0')
			if (n-1-i)%2 == 1 {
				d *= 3
			}
			sum += d
		}
		return string(b) + string(rune('0'+(10-sum%10)%10))
	}
	value := func() string { return r.value(chars) }
	switch r.IntN(8) {
	case 0:
		return "00" + key(18) + "02" + key(14) + "37" + fmt.Sprint(1+r.IntN(999)) + "\x1d10" + value()
	case 1:
		return "414" + key(13) + "254" + value() + "\x1d99" + value()
	case 2:
		return "01" + key(14) + "3103" + fmt.Sprintf("%06d", r.IntN(1e6)) + "10" + value() + "\x1d15270228"
	case 3:
		return "01" + key(14) + "21" + value() + "\x1d10" + value() + "\x1d17261130710" + fmt.Sprintf("%08d", r.IntN(1e8))
	case 4:
		return "01" + key(14) + "240" + value() + "\x1d10" + value() + "\x1d91" + value()
	}
	return r.pack(true, chars)
}

func TestManglings(t *testing.T) {
	const messages = 60
	r := newPackMaker(4)
	var truths []string
	for i := range messages {
		truths = append(truths, r.message(alphabets[i%len(alphabets)].chars))
	}
	var all, recovered, amb, offered, undetectable int
	for _, m := range manglings {
		var c tally
		for _, truth := range truths {
			in := m.make(truth)
			brackets := strings.HasPrefix(m.name, "in brackets") && strings.ContainsAny(truth, "()")
			reading := scanner.Interpret(in, nil)
			if reading.Certain && reading.Message.ElementString() != truth {
				if reading.Message.ElementString() == in && (strings.EqualFold(in, truth) || strings.HasPrefix(m.name, "method")) {
					undetectable++ // it is a clean scan of something else
					continue
				}
				t.Errorf("%s: %q is read as %q, certain", m.name, in, reading.Message.ElementString())
			}
			if !brackets { // a bracket in a value is ambiguous
				c.add(reading, truth)
			}
		}
		n := c.recovered + c.candidates + c.refused
		switch m.class {
		case lossless:
			all += n
			recovered += c.recovered
			if c.recovered*100 < n*80 {
				t.Errorf("%s: %v", m.name, c)
			}
		case ambiguous:
			amb += n
			offered += c.recovered + c.offered
			if (c.recovered+c.offered)*100 < n*80 {
				t.Errorf("%s: %v", m.name, c)
			}
		}
	}
	t.Logf("%d families of %d messages: %d of %d lossless recovered, %d of %d ambiguous offered among the first three, %d undetectable",
		len(manglings), messages, recovered, all, offered, amb, undetectable)
	if recovered*100 < all*99 || offered*100 < amb*90 {
		t.Errorf("want 99 %% and 90 %%")
	}
}
