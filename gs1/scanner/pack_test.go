package scanner_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1/scanner"
)

// Packs are random medicine packs. The contents of lot and serial number are
// drawn from four alphabets, as manufacturers use them.
const packCount = 20_000

// count returns the number of packs; -short reads a tenth.
func count() int {
	if testing.Short() {
		return packCount / 10
	}
	return packCount
}

var alphabets = []struct{ name, chars string }{
	{"digits", "0123456789"},
	{"upper case", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	{"mixed case", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
	{"symbols", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"%&'()*+,-./_:;<=>?"},
}

type packMaker struct{ *rand.Rand }

func newPackMaker(seed uint64) packMaker { return packMaker{rand.New(rand.NewPCG(seed, 15))} }

func (r packMaker) gtin() string {
	s := fmt.Sprintf("0%012d", r.Uint64N(1e12))
	sum := 0
	for i, c := range s {
		d := int(c - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return s + string(rune('0'+(10-sum%10)%10))
}

func (r packMaker) value(chars string) string {
	b := make([]byte, 1+r.IntN(20))
	for i := range b {
		b[i] = chars[r.IntN(len(chars))]
	}
	return string(b)
}

// pack returns an element string with all needed separators and no others, and
// the offsets of those. Without serial it is 01 17 10.
func (r packMaker) pack(serial bool, chars string) string {
	gtin := "01" + r.gtin()
	expiry := fmt.Sprintf("17%02d%02d%02d", 25+r.IntN(10), 1+r.IntN(12), 1+r.IntN(28))
	lot := "10" + r.value(chars)
	if !serial {
		return gtin + expiry + lot
	}
	sn := "21" + r.value(chars)
	return [...]string{
		gtin + expiry + lot + "\x1d" + sn,
		gtin + expiry + sn + "\x1d" + lot,
		gtin + sn + "\x1d" + expiry + lot,
		gtin + lot + "\x1d" + expiry + sn,
		gtin + sn + "\x1d" + lot + "\x1d" + expiry,
		gtin + lot + "\x1d" + sn + "\x1d" + expiry,
	}[r.IntN(6)]
}

// tally counts what became of scans.
type tally struct{ recovered, wrong, offered, candidates, refused int }

func (c *tally) add(r scanner.Reading, truth string) {
	switch {
	case r.Certain && r.Message.ElementString() == truth:
		c.recovered++
	case r.Certain:
		c.wrong++
	case len(r.Candidates) > 0:
		c.candidates++
		for _, k := range r.Candidates[:min(3, len(r.Candidates))] {
			if k.Message.ElementString() == truth {
				c.offered++
				break
			}
		}
	default:
		c.refused++
	}
}

func (c tally) String() string {
	n := float64(c.recovered+c.wrong+c.candidates+c.refused) / 100
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%.0f: recovered %.2f %%, wrong %d (%.3f %%), candidates %.2f %% (truth in first 3: %.2f %%), refused %.2f %%",
		n*100, float64(c.recovered)/n, c.wrong, float64(c.wrong)/n, float64(c.candidates)/n, float64(c.offered)/n, float64(c.refused)/n)
}

func TestCleanPacks(t *testing.T) {
	for _, p := range []struct {
		name    string
		profile *scanner.Profile
	}{{"factory", nil}, {"medicine pack", scanner.MedicinePack()}} {
		var full, short tally
		r := newPackMaker(1)
		for i := range count() {
			chars := alphabets[i%len(alphabets)].chars
			s := r.pack(true, chars)
			full.add(scanner.Interpret(s, p.profile), s)
			s = r.pack(false, chars)
			short.add(scanner.Interpret(s, p.profile), s)
		}
		t.Logf("%s: 01 17 10 21 in any order: %v", p.name, full)
		t.Logf("%s: 01 17 10: %v", p.name, short)
		if full.recovered != count() {
			t.Errorf("%s: clean packs with separators are not all certain and equal: %v", p.name, full)
		}
		if short.wrong > 0 || short.recovered*100 < count()*95 {
			t.Errorf("%s: packs without separator: %v, want 95 %% recovered and none wrong", p.name, short)
		}
	}
}

// TestSeparatorDropped drops one separator of each pack. A text that has only
// one division into the four AIs, and is no message as it stands, has one
// pre-image; any other has more.
func TestSeparatorDropped(t *testing.T) {
	for _, a := range alphabets {
		var one, more tally
		r := newPackMaker(2)
		for range count() / len(alphabets) {
			truth := r.pack(true, a.chars)
			s := truth
			drop := r.IntN(strings.Count(s, "\x1d"))
			for i := range s {
				if s[i] == 0x1d {
					if drop == 0 {
						s = s[:i] + s[i+1:]
						break
					}
					drop--
				}
			}
			reading := scanner.Interpret(s, scanner.MedicinePack())
			if waysToDrop(s) == 1 {
				one.add(reading, truth)
			} else {
				more.add(reading, truth)
			}
		}
		t.Logf("%s, one pre-image: %v", a.name, one)
		t.Logf("%s, more: %v", a.name, more)
		if one.wrong+more.wrong > 0 {
			t.Errorf("%s: wrong readings are certain", a.name)
		}
		if more.recovered > 0 {
			t.Errorf("%s: %d texts with more than one pre-image are certain", a.name, more.recovered)
		}
		if n := one.recovered + one.candidates + one.refused; one.recovered*100 < n*95 {
			t.Errorf("%s: %d of %d with one pre-image recovered, want 95 %%", a.name, one.recovered, n)
		}
	}
}

// plainKeys reports whether every letter of a text is one that the method
// neither marks nor makes: such a text has only itself as keystrokes.
func plainKeys(m scanner.InputMethod, text string) bool {
	marked := "aeiouyAEIOUYdD"
	if m == scanner.Telex {
		marked += "wW[]{}"
	}
	for _, c := range text {
		if c >= 0x80 || strings.ContainsRune(marked, c) {
			return false
		}
	}
	return true
}

func hasTrace(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c >= 0x80 }) >= 0
}

// TestInputMethodPacks types packs through the models, with the method named
// in the profile and without.
func TestInputMethodPacks(t *testing.T) {
	for _, m := range []scanner.InputMethod{scanner.Telex, scanner.SimpleTelex, scanner.VNI} {
		t.Run(m.String(), func(t *testing.T) {
			t.Parallel()
			named := scanner.MedicinePack()
			named.InputMethod = m
			var one, other, traced, traceless, shortTraced tally
			short := newPackMaker(9)
			r := newPackMaker(3)
			for i := range count() {
				truth := r.pack(true, alphabets[i%len(alphabets)].chars)
				s := m.Type(truth)
				reading := scanner.Interpret(s, named)
				if plainKeys(m, s) {
					one.add(reading, truth)
				} else {
					other.add(reading, truth)
				}
				reading = scanner.Interpret(s, scanner.MedicinePack())
				if hasTrace(s) {
					traced.add(reading, truth)
				} else {
					traceless.add(reading, truth)
				}
				truth = short.pack(false, alphabets[i%len(alphabets)].chars)
				if s = m.Type(truth); hasTrace(s) {
					shortTraced.add(scanner.Interpret(s, nil), truth)
				}
			}
			t.Logf("%v named, one pre-image: %v", m, one)
			t.Logf("%v named, other texts: %v", m, other)
			t.Logf("%v unknown, visible trace: %v", m, traced)
			t.Logf("%v unknown, no trace: %v", m, traceless)
			if one.wrong+other.wrong > 0 {
				t.Errorf("%v named: wrong readings are certain", m)
			}
			if one.recovered*100 < (one.recovered+one.candidates+one.refused)*95 {
				t.Errorf("%v named: %v of texts with one pre-image, want 95 %% recovered", m, one)
			}
			t.Logf("%v unknown, visible trace, 01 17 10, zero profile: %v", m, shortTraced)
			if traced.wrong+shortTraced.wrong > 0 {
				t.Errorf("%v unknown: readings with a visible trace are wrong and certain", m)
			}
		})
	}
}
