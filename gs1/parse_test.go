package gs1_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/google/go-cmp/cmp"
)

// outcome shows what a parse gave: the symbology, HRI and add-on, or the kind, AI and offset of the error.
func outcome(m gs1.Message, err error) string {
	if err != nil {
		var e *gs1.ParseError
		if !errors.As(err, &e) {
			return "no ParseError: " + err.Error()
		}
		if len(m.Elements) != 0 || m.AddOn != "" || e.Symbology != m.Symbology {
			return fmt.Sprintf("message %v beside an error", m)
		}
		s := fmt.Sprintf("%v (%s) at %d+%d", e.Unwrap(), e.AI, e.Offset, e.Length)
		if errors.Is(err, gs1.ErrNotGS1) && e.Unwrap() != gs1.ErrNotGS1 {
			s += ", perhaps not GS1"
		}
		return s
	}
	return strings.TrimSpace(m.Symbology.String() + m.HRI() + " " + m.AddOn)
}

const pack = "(01)08935000000007(17)271231(10)ABC123(21)SN1"

func TestParse(t *testing.T) {
	const scan = "01089350000000071727123110ABC123\x1d21SN1"
	for _, c := range []struct{ name, scan, want string }{
		{"no identifier", scan, pack},
		{"leading FNC1", "\x1d" + scan, pack},
		{"trailing FNC1", scan + "\x1d", pack},
		{"FNC1 after fixed length", "0108935000000007\x1d17271231\x1d10ABC123\x1d21SN1", pack},
		{"DataMatrix", "]d2" + scan, "]d2" + pack},
		{"DataMatrix with FNC1", "]d2\x1d" + scan, "]d2" + pack},
		{"DataMatrix with ECI", "]d5" + scan, "]d5" + pack},
		{"GS1-128", "]C1" + scan, "]C1" + pack},
		{"DataBar", "]e0" + scan, "]e0" + pack},
		{"QR", "]Q3" + scan, "]Q3" + pack},
		{"DotCode", "]J1" + scan, "]J1" + pack},
		{"unknown carrier", "]X0" + scan, "]X0" + pack},
		{"link in DataMatrix", "]d1https://id.gs1.org/01/08935000000007?17=271231", "]d1(01)08935000000007(17)271231"},
		{"link in upper case", "HTTPS://ID.GS1.ORG/01/08935000000007", "(01)08935000000007"},
		{"link in mixed case", "]Q1HtTp://a/01/08935000000007", "]Q1(01)08935000000007"},
		{"link with errors in a carrier", "]Q1https://a/01/08935000000008", "wrong check digit (01) at 29+1"},
		{"EAN-13", "]E08935000000007", "]E0(01)08935000000007"},
		{"UPC-A", "]E00416000336108", "]E0(01)00416000336108"},
		{"EAN-8", "]E402345673", "]E4(01)00000002345673"},
		{"EAN-13 with add-on", "]E3893500000000712345", "]E3(01)08935000000007 12345"},
		{"add-on", "]E112", "]E1 12"},
		{"ITF-14", "]I118935000000004", "]I1(01)18935000000004"},
		{"ITF of another length", "]I11893500000000", "not GS1 data () at 3+13"},
		{"ITF-14 check digit", "]I118935000000005", "wrong check digit (01) at 16+1"},
		{"EAN-13 composite", "]E08935000000007|]e010A\x1d99B", "]E0(01)08935000000007|(10)A(99)B"},
		{"EAN-13 composite of another GTIN", "]E08935000000007|]e00118935000000004", "]E0(01)08935000000007|(01)18935000000004"},
		{"composite", "]e00108935000000007|\x1d10A", "]e0(01)08935000000007|(10)A"},
		{"composite with identifier", "]C10108935000000007|]e010A", "]C1(01)08935000000007|(10)A"},
		{"bar in data", "]C10108935000000007|10A", "unknown AI () at 19+4"},
		{"EAN-13 too short", "]E0893500000000", "wrong length () at 3+12"},
		{"EAN-13 too long", "]E08935000000007|10A", "wrong length () at 3+17"},
		{"EAN-13 letter", "]E0893500000000x", "wrong character (01) at 15+1"},
		{"EAN-13 check digit", "]E08935000000008", "wrong check digit (01) at 15+1"},
		{"add-on of 3", "]E1123", "wrong length () at 3+3"},
		{"text", "TESTING", "unknown AI () at 0+4, perhaps not GS1"},
		{"nothing", "", "wrong length () at 0+0, perhaps not GS1"},
		{"identifier alone", "]d2", "wrong length () at 3+0"},
		{"text in a carrier", "]d1TESTING", "not GS1 data () at 3+7"},
		{"Code 128", "]C0" + scan, "not GS1 data () at 3+38"},
		{"no identifier", "]\x01", "unknown AI () at 0+2, perhaps not GS1"},
		{"an EAN-13 without identifier", "8935000000007", "unknown AI () at 0+4, perhaps not GS1"},
		{"a number", "2112345678901", "required AI is missing (21) at 0+2, perhaps not GS1"},
		{"another number", "15012345678907", "wrong value (15) at 4+2, perhaps not GS1"},
		{"wrong check digit", "010893500000000817271231", "wrong check digit (01) at 15+1"},
		{"wrong check digit in GS1 data", "]d201089350000000081727", "wrong check digit (01) at 18+1"},
		{"unknown AI", "]d201089350000000070499", "unknown AI () at 19+4"},
		{"lost FNC1 in a lot", "]d2010893500000000710ABC123456721SN0000000001", "wrong length (10) at 41+4"},
		{"second FNC1", "]d2010893500000000710A\x1d\x1d21B", "unknown AI () at 23+4"},
		{"value missing", "]d2010893500000000710", "wrong length (10) at 21+0"},
		{"fixed value too short", "]d201089350000000071727", "wrong length (17) at 21+2"},
		{"FNC1 in a fixed value", "]d20108935000000007172712\x1d31", "wrong length (17) at 21+4"},
		{"letter in a date", "]d201089350000000071727x231", "wrong character (17) at 23+1"},
		{"excluded", "]d2010893500000000702189350000000043712", "AIs exclude each other (01) at 3+2"},
		{"required", "]d210ABC", "required AI is missing (10) at 3+2"},
		{"required without identifier", "0034012345111111111110ABC", "required AI is missing (10) at 20+2"},
		{"required by pattern", "]d20108935000000007392212", "required AI is missing (3922) at 19+4"},
		{"price with measure", "]d201089350000000073103000195392212", "]d2(01)08935000000007(3103)000195(3922)12"},
		{"two measures of a kind", "]d2010893500000000731030001953102000195", "AIs exclude each other (3103) at 19+4"},
		{"a measure twice", "]d2010893500000000731030001953103000195", "]d2(01)08935000000007(3103)000195(3103)000195"},
		{"a repeat", "]d299A\x1d99A", "]d2(99)A(99)A"},
		{"a repeat that differs", "]d299A\x1d99B", "AI is repeated (99) at 7+2"},
		{"a signature", "]d2010893500000000721A\x1d8030abc=", "wrong character (8030) at 30+1"},
		{"a signature of a document type", "]d22531234567890128\x1d8030abc", "required AI is missing (253) at 3+3"},
		{"a signature of a document", "]d22531234567890128A\x1d8030abc", "]d2(253)1234567890128A(8030)abc"},
		{"two components", "]d280031234567890128", "wrong value (8003) at 7+1"},
		{"optional component", "]d2800301234567890128ABC", "]d2(8003)01234567890128ABC"},
		{"delivery time", "]d2003401234511111111114324271231" + "9999", "]d2(00)340123451111111111(4324)2712319999"},
		{"no delivery time", "]d2003401234511111111114324271231" + "2460", "wrong value (4324) at 33+2"},
		{"a stand-in for FNC1", "]d20108935000000007^17271231", "wrong character () at 19+1"},
		{"a stand-in for FNC1 in a lot", "]d2010893500000000710A^17271231", "wrong character (10) at 22+1"},
		{"an empty component", "|\x1d9000", "wrong length () at 0+0, perhaps not GS1"},
		{"an empty last component", "0108935000000007|\x1d", "wrong length () at 18+0"},
		{"not composite", "|", "unknown AI () at 0+1, perhaps not GS1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outcome(gs1.Parse(c.scan))); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", c.scan, diff)
			}
		})
	}
}

func TestParserOptions(t *testing.T) {
	unknown := &gs1.Parser{UnknownAIs: true}
	unpaired := &gs1.Parser{Unpaired: true}
	short := &gs1.Parser{ShortGTINs: true}
	for _, c := range []struct {
		name  string
		parse func(string) (gs1.Message, error)
		in    string
		want  string
	}{
		{"unpaired", unpaired.Parse, "10ABC", "(10)ABC"},
		{"unpaired HRI", unpaired.ParseHRI, "(10)ABC", "(10)ABC"},
		{"exclusive still", unpaired.ParseHRI, "(01)08935000000007(02)08935000000007", "AIs exclude each other (02) at 19+2"},
		{"unknown of known length", unknown.Parse, "236ABC\x1d8299D", "(236)ABC(8299)D"},
		{"unknown of fixed length", unknown.Parse, "41912345678901233179123456", "(419)1234567890123(3179)123456"},
		{"unknown that is too long", unknown.Parse, "236" + strings.Repeat("A", 91), "wrong length (236) at 93+1, perhaps not GS1"},
		{"unknown of unknown length", unknown.Parse, "89ABC", "unknown AI () at 0+4, perhaps not GS1"},
		{"unknown in brackets", unknown.ParseHRI, "(89)ABC", "(89)ABC"},
		{"unknown of another length than its kin", unknown.ParseHRI, "(80)ABC", "unknown AI () at 1+2"},
		{"unknown after known", unknown.ParseHRI, "(011)ABC", "unknown AI () at 1+3"},
		{"unknown excluded by a pattern", unknown.ParseHRI, "(01)08935000000007(3333)333333(3338)030333", "AIs exclude each other (3333) at 19+4"},
		{"unknown repeated", unknown.ParseHRI, "(89)A(89)B", "AI is repeated (89) at 6+2"},
		{"unknown in a query", unknown.ParseDigitalLink, "https://a/01/08935000000007?89=A", "not a Digital Link (89) at 28+2"},
		{"unknown in a path", unknown.ParseDigitalLink, "https://a/01/08935000000007/89/A", "not a Digital Link () at 9+23"},
		{"short GTIN", short.ParseDigitalLink, "https://a/01/8935000000007", "(01)08935000000007"},
		{"short GTIN in a query", short.ParseDigitalLink, "https://a/8004/89351234?01=02345673", "(8004)89351234(01)00000002345673"},
		{"no short GTIN", short.ParseDigitalLink, "https://a/01/893500000", "wrong length (01) at 13+9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outcome(c.parse(c.in))); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

// TestManyElements runs over more elements than fit into the arrays that are kept for them.
func TestManyElements(t *testing.T) {
	var s strings.Builder
	s.WriteString("]d20108935000000007")
	for i := range 90 {
		fmt.Fprintf(&s, "%02dA\x1d", 91+i%9)
	}
	m, err := gs1.Parse(s.String())
	if err != nil || len(m.Elements) != 91 {
		t.Fatalf("%d elements, %v", len(m.Elements), err)
	}
	link, err := m.DigitalLink("")
	if want := "https://id.gs1.org/01/08935000000007?91=A&92=A&93=A&94=A&95=A&96=A&97=A&98=A&99=A"; link != want {
		t.Errorf("link %s, %v, want %s", link, err, want)
	}
	if _, err := gs1.Parse(s.String() + "99B"); !errors.Is(err, gs1.ErrRepeated) {
		t.Errorf("error %v, want that 99 is repeated", err)
	}
	if _, err := gs1.Parse(s.String() + "0234567890123456"); err == nil {
		t.Error("accepted")
	}
	if got, err := gs1.ParseDigitalLink(link); err != nil || len(got.Elements) != 10 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestParseInto(t *testing.T) {
	m := gs1.Message{Elements: make([]gs1.Element, 0, 8)}
	first := &m.Elements[:1][0]
	var p gs1.Parser
	if err := p.ParseInto(&m, "]E3893500000000712345"); err != nil || m.AddOn != "12345" {
		t.Fatal(m, err)
	}
	if err := p.ParseInto(&m, "]d20108935000000007"); err != nil || m.AddOn != "" || &m.Elements[0] != first {
		t.Errorf("%v, %v: the slice is not used again", m, err)
	}
	if err := p.ParseInto(&m, "]d2x"); err == nil || len(m.Elements) != 0 || cap(m.Elements) != 8 {
		t.Errorf("%v, %v: elements are left", m, err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if err := p.ParseInto(&m, "]d201089350000000071727123110ABC123\x1d21SN1"); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("ParseInto: %v allocations, want 0", allocs)
	}
	if allocs := testing.AllocsPerRun(100, func() { gs1.Parse("]d201089350000000071727123110ABC123\x1d21SN1") }); allocs > 1 {
		t.Errorf("Parse: %v allocations, want 1", allocs)
	}
}

func TestSymbology(t *testing.T) {
	if s := (gs1.Symbology{}).String(); s != "" {
		t.Errorf("zero value: %q", s)
	}
	if s := (gs1.Symbology{'d', '2'}).String(); s != "]d2" {
		t.Errorf("]d2: %q", s)
	}
	// Identifiers that say that FNC1 stood in the first position (General Specifications 5.1.2 and ISO/IEC 15424).
	fnc1 := " C1 d2 d5 Q3 Q4 J1 J4 z1 z4 e0 e1 e2 "
	for _, letter := range "ACEGIJLOQSTXZdez" {
		for _, modifier := range "0123456789A" {
			id := string(letter) + string(modifier)
			_, err := gs1.Parse("]" + id + "99A")
			if ok := err == nil; ok != (strings.Contains(fnc1, " "+id+" ") || letter == 'X') {
				t.Errorf("Parse(]%s99A): %v", id, err)
			}
		}
	}
}

func TestParseErrorShows(t *testing.T) {
	for _, c := range []struct {
		parse          func(string) (gs1.Message, error)
		in, text, mark string
	}{
		{gs1.Parse, "]d20108935000000008", "gs1: (01) check digit is wrong at byte 18", "(01)0893500000000|8|"},
		{gs1.Parse, "]d210ABC", "gs1: (10) needs beside it: 01, 02, 03, 8006 or 8026 at byte 3", "]d2|10|ABC"},
		{gs1.Parse, "]d201089350000000077004" + "12", "gs1: (7004) needs beside it: 01 with 10 at byte 19", "…935000000007|7004|12"},
		{gs1.ParseHRI, "(01)08935000000007(3922)12", "gs1: (3922) needs beside it: 01; 30, 31nn, 32nn, 35nn or 36nn at byte 19", "…35000000007(|3922|)12"},
		{gs1.ParseHRI, `(01)08935000000007(10)a\(b\(c d`, "gs1: (10) character is not in set 82 at byte 29", `(10)a\(b\(c| |d`},
		{gs1.ParseHRI, "(01)08935000000007(8110)0123", "gs1: (8110) coupon: primary company prefix is cut short at byte 25", "(8110)0|123|"},
		{gs1.ParseDigitalLink, "https://a/01/08935000000007/10/%41%C3%B4?99=A", "gs1: (10) character is not in set 82 at byte 34", "(10)%41|%C3|%B4"},
		{gs1.ParseDigitalLink, "https://a/gtin/08935000000007/21/A?10=B", "gs1: (10) belongs into the path at byte 35", "…000007/21/A?|10|=B"},
	} {
		_, err := c.parse(c.in)
		var e *gs1.ParseError
		if !errors.As(err, &e) {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if diff := cmp.Diff([]string{c.text, c.mark}, []string{e.Error(), e.Markup()}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestElements(t *testing.T) {
	for _, c := range []struct {
		e     gs1.Element
		kind  error
		parts string
	}{
		{gs1.Element{AI: "01", Value: "08935000000007"}, nil, "08935000000007"},
		{gs1.Element{AI: "01", Value: "08935000000008"}, gs1.ErrCheckDigit, "08935000000008"},
		{gs1.Element{AI: "253", Value: "1234567890128ABC"}, nil, "1234567890128 ABC"},
		{gs1.Element{AI: "8003", Value: "01234567890128"}, nil, "0 1234567890128"},
		{gs1.Element{AI: "8013", Value: "1987654Ad4X4bL5ttr2310c2K"}, nil, "1987654Ad4X4bL5ttr2310c2K"},
		{gs1.Element{AI: "8013", Value: "1987654Ad4X4bL5ttr2310c22"}, gs1.ErrCheckDigit, "1987654Ad4X4bL5ttr2310c22"},
		{gs1.Element{AI: "3932", Value: "7041950000"}, nil, "704 1950000"},
		{gs1.Element{AI: "10", Value: ""}, gs1.ErrLength, ""},
		{gs1.Element{AI: "10", Value: "a b"}, gs1.ErrCharacter, "a b"},
		{gs1.Element{AI: "10", Value: strings.Repeat("a", 21)}, gs1.ErrLength, strings.Repeat("a", 20)},
		{gs1.Element{AI: "89", Value: "A"}, gs1.ErrUnknownAI, "A"},
		{gs1.Element{AI: "x", Value: "A"}, gs1.ErrUnknownAI, ""},
	} {
		if err := c.e.Check(); !errors.Is(err, c.kind) {
			t.Errorf("%v.Check() = %v, want %v", c.e, err, c.kind)
		}
		if got := strings.Join(c.e.Split(), " "); got != c.parts {
			t.Errorf("%v.Split() = %q, want %q", c.e, got, c.parts)
		}
	}
	m, err := gs1.ParseHRI(pack)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Clone()
	if diff := cmp.Diff(m, c); diff != "" {
		t.Errorf("Clone (-want +got):\n%s", diff)
	}
	if v, ok := c.Value("17"); v != "271231" || !ok {
		t.Errorf("Value(17) = %s, %v", v, ok)
	}
	if v, ok := c.Value("11"); v != "" || ok {
		t.Errorf("Value(11) = %s, %v", v, ok)
	}
}

func TestHRI(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{pack, pack},
		{`(01)08935000000007(10)a\(b\)`, "wrong character (10) at 26+1"},
		{`(01)08935000000007(10)a\(b)`, `(01)08935000000007(10)a\(b)`},
		{"(01)08935000000007|(10)A", "(01)08935000000007|(10)A"},
		{"", "wrong length () at 0+0"},
		{"01", "bad syntax () at 0+1"},
		{"|", "bad syntax () at 0+1"},
		{"(|)", "unknown AI () at 1+1"},
		{"(01)08935000000007|", "bad syntax () at 19+0"},
		{"(01)08935000000007||(10)A", "bad syntax () at 19+1"},
		{"(01", "bad syntax () at 0+3"},
		{"()", "unknown AI () at 1+0"},
		{"(1)A", "unknown AI () at 1+1"},
		{"(AB)A", "unknown AI () at 1+2"},
		{"(10)", "wrong length (10) at 4+0"},
		{"(10)(11)A", "wrong length (10) at 4+0"},
		{"(01)08935000000007(10)A^B(17)1", "wrong character (10) at 23+1"},
		{"(01)0893500000000x", "wrong character (01) at 17+1"},
		{"(01)089350000000071", "wrong length (01) at 4+15"},
		{"(01)08935000000007(7007)27123127", "wrong length (7007) at 30+2"},
		{"(01)08935000000007(37)1|(99)A", "AIs exclude each other (01) at 1+2"},
		{"(01)08935000000007|(02)08935000000007", "AIs exclude each other (02) at 20+2"},
	} {
		if diff := cmp.Diff(c.want, outcome(gs1.ParseHRI(c.in))); diff != "" {
			t.Errorf("ParseHRI(%q) (-want +got):\n%s", c.in, diff)
		}
	}
	p := gs1.Parser{UnknownAIs: true}
	m, err := p.ParseHRI("(01)08935000000007(8112)001234566543210123456|(89)A")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"GTIN (01) 08935000000007", "(8112) 001234566543210123456", "UNKNOWN (89) A"}
	if diff := cmp.Diff(want, m.HRILines(true)); diff != "" {
		t.Errorf("HRILines(true) (-want +got):\n%s", diff)
	}
	want = []string{"(01) 08935000000007", "(8112) 001234566543210123456", "(89) A"}
	if diff := cmp.Diff(want, m.HRILines(false)); diff != "" {
		t.Errorf("HRILines(false) (-want +got):\n%s", diff)
	}
}

func TestElementString(t *testing.T) {
	p := gs1.Parser{UnknownAIs: true, Unpaired: true}
	for _, c := range []struct{ hri, want string }{
		{pack, "01089350000000071727123110ABC123\x1d21SN1"},
		{"(10)A(17)271231", "10A\x1d17271231"},
		{"(01)08935000000007|(10)A", "0108935000000007|\x1d10A"},
		{"(10)A|(99)B", "10A|\x1d99B"},
		{"(419)1234567890123(10)A", "419123456789012310A"},
		{"(3338)123456(236)A(10)B", "3338123456236A\x1d10B"},
		{"(89)A(10)B", "89A\x1d10B"},
	} {
		m, err := p.ParseHRI(c.hri)
		if err != nil {
			t.Errorf("%s: %v", c.hri, err)
		}
		if got := m.ElementString(); got != c.want {
			t.Errorf("%s: ElementString %q, want %q", c.hri, got, c.want)
		}
	}
}

// TestHandMade holds that messages that no parser made can be written, and what comes of it judged, without a panic.
func TestHandMade(t *testing.T) {
	values := []string{"", "0", "x", "0893500000000", "08935000000007", "é\x00", strings.Repeat("9", 200)}
	for _, ai := range []gs1.AI{"", "0", "x", "xy", "|", "00", "01", "02", "10", "21", "89", "235", "253", "310", "310x", "3103", "3932",
		"401", "414", "254", "4324", "7007", "8003", "8006", "8010", "8013", "8030", "99999", "é"} {
		for _, v := range values {
			e := gs1.Element{AI: ai, Value: v}
			m := gs1.Message{Elements: []gs1.Element{e, {AI: "01", Value: v}, e}}
			_ = m.HRI() + m.ElementString() + strings.Join(m.HRILines(true), "") + ai.Title()
			m.DigitalLink("")
			m.Date(ai)
			e.Check()
			e.Split()
			e.Decimal()
			e.Period(time.Now())
			for _, m := range []gs1.Message{m, {Elements: []gs1.Element{e}}, {Elements: []gs1.Element{e, {AI: "01", Value: "08935000000007"}}},
				{Elements: []gs1.Element{e, {AI: "414", Value: "9520123456788"}}}} {
				id, err := m.EPC()
				if err != nil {
					continue
				}
				for n := -1; n < 15; n++ {
					id.URN(n)
					tag := gs1.Tag{EPC: id, Prefix: n}
					tag.MarshalBinary()
					tag.URI()
				}
				id.IsClass()
				id.Elements()
				new(gs1.Prefixes).Length(id)
			}
		}
	}
	for _, d := range []gs1.Decimal{{Units: -5, Places: 2}, {Units: 5, Places: 30}, {Units: -1 << 63}, {Units: 5, Places: -1}} {
		if d.String() == "" {
			t.Error(d)
		}
	}
	if got := (gs1.Decimal{Units: -5, Places: 2}).String(); got != "-0.05" {
		t.Errorf("Decimal{-5, 2} = %s, want -0.05", got)
	}
}
