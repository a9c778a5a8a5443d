package gs1

import (
	"errors"
	"strings"
	"testing"
)

// samples are values that the checks accept, by their names in the dictionary.
var samples = map[string]string{
	"csumalpha": "1987654Ad4X4bL5ttr2310c2K", "yymmd0": "271200", "yymmdd": "271231", "yyyymmdd": "20271231", "hh": "23",
	"mi": "59", "ss": "59", "hhmi": "2359", "iso3166": "704", "iso3166999": "999", "iso3166alpha2": "VN", "iso4217": "704",
	"iso5218": "1", "iban": "DE91100000000123456789", "latitude": "1800000000", "longitude": "3600000000", "mediatype": "10",
	"packagetype": "CT", "importeridx": "A", "pieceoftotal": "0102", "posinseqslash": "1/3", "pcenc": "A%20B",
	"nozeroprefix": "10", "zero": "0", "yesno": "1", "winding": "9", "hyphen": "-",
	"couponcode": "012345665432115120123", "couponposoffer": "001234566543210123456",
}

// sample returns the shortest or longest value of a component that its checks accept.
func sample(spec string, longest bool) string {
	spec = strings.NewReplacer("[", "", "]", "").Replace(spec)
	p, err := compilePart(spec, row{ai: "00"})
	if err != nil {
		panic(err)
	}
	n := int(p.min)
	if longest {
		n = int(p.max)
	}
	for name := range strings.SplitSeq(spec, ",") {
		if s, ok := samples[name]; ok {
			return s
		}
		if name == "csum" {
			s := strings.Repeat("1", n-1)
			return s + string(checkDigit(s))
		}
		if strings.HasPrefix(name, "gcppos") {
			n = max(n, 4)
		}
	}
	return strings.Repeat("1", n)
}

// TestEveryAIParses holds for each of the 541 AIs that its shortest and longest values are parsed and written, and that
// one byte more, one less, and a character of no set are refused.
func TestEveryAIParses(t *testing.T) {
	p := Parser{Unpaired: true}
	for i, r := range aiRows {
		rule := &dictionary.rules[i]
		var values []string
		for _, longest := range []bool{false, true} {
			v := ""
			for spec := range strings.FieldsSeq(r.spec) {
				if longest || spec[0] != '[' {
					v += sample(spec, longest)
				}
			}
			values = append(values, v)
		}
		for _, ai := range r.ais() {
			for _, v := range values {
				in := ai + v
				m, err := p.Parse(in)
				if err != nil || len(m.Elements) != 1 || m.Elements[0] != (Element{AI(ai), v}) {
					t.Errorf("Parse(%q) = %v, %v", in, m, err)
					continue
				}
				if m.ElementString() != in {
					t.Errorf("%q is written %q", in, m.ElementString())
				}
				if again, err := p.ParseHRI(m.HRI()); err != nil || again.Elements[0] != m.Elements[0] {
					t.Errorf("ParseHRI(%q) = %v, %v", m.HRI(), again, err)
				}
				if err := m.Elements[0].Check(); err != nil {
					t.Errorf("%v.Check: %v", m.Elements[0], err)
				}
				if got := strings.Join(m.Elements[0].Split(), ""); got != v {
					t.Errorf("%v.Split gives %q", m.Elements[0], got)
				}
				if _, err := p.Parse("]d2" + ai + v[:len(v)-1] + "é"); !errors.Is(err, ErrCharacter) && !errors.Is(err, ErrLength) {
					t.Errorf("(%s) with é: %v", ai, err)
				}
				link, err := m.DigitalLink("")
				if key := rule.flags&dlKey != 0; key != (err == nil) {
					t.Errorf("(%s): link %s, %v, key %v", ai, link, err, key)
				}
			}
			long := strings.Repeat("1", int(rule.max)+1)
			if _, err := p.ParseHRI("(" + ai + ")" + long); !errors.Is(err, ErrLength) {
				t.Errorf("(%s) of %d characters: %v", ai, len(long), err)
			}
			if short := long[:rule.min-1]; short != "" {
				if _, err := p.ParseHRI("(" + ai + ")" + short); !errors.Is(err, ErrLength) {
					t.Errorf("(%s) of %d characters: %v", ai, len(short), err)
				}
			}
		}
	}
}

// TestEveryRule holds for every row that a message is refused that lacks what it requires or has what excludes it.
func TestEveryRule(t *testing.T) {
	element := func(row int) Element {
		v := ""
		for spec := range strings.FieldsSeq(aiRows[row].spec) {
			if spec[0] != '[' {
				v += sample(spec, false)
			}
		}
		return Element{AI(aiRows[row].ais()[0]), v}
	}
	hri := func(es ...Element) string { return Message{Elements: es}.HRI() }
	for i := range aiRows {
		rule := &dictionary.rules[i]
		_, err := ParseHRI(hri(element(i)))
		if want := rule.req != nil; want != errors.Is(err, ErrRequired) {
			t.Errorf("(%s) alone: %v, requires %v", aiRows[i].ai, err, want)
		}
		for k := range aiRows {
			if k == i || !rule.ex.has(uint8(k)) {
				continue
			}
			p := Parser{Unpaired: true}
			if _, err := p.ParseHRI(hri(element(i), element(k))); !errors.Is(err, ErrExclusive) {
				t.Errorf("(%s) beside (%s): %v", aiRows[i].ai, aiRows[k].ai, err)
			}
			if _, err := p.ParseHRI(hri(element(k), element(i))); !errors.Is(err, ErrExclusive) {
				t.Errorf("(%s) after (%s): %v", aiRows[i].ai, aiRows[k].ai, err)
			}
		}
		if ais := aiRows[i].ais(); rule.flags&exSelf != 0 {
			e, other := element(i), element(i)
			other.AI = AI(ais[1])
			p := Parser{Unpaired: true}
			if _, err := p.ParseHRI(hri(e, other)); !errors.Is(err, ErrExclusive) {
				t.Errorf("(%s) beside (%s): %v", e.AI, other.AI, err)
			}
			if _, err := p.ParseHRI(hri(e, e)); err != nil {
				t.Errorf("(%s) twice: %v", e.AI, err)
			}
		}
	}
}
