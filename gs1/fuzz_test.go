package gs1

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// scans are seeds: one of each way to write a message, and of each way to get it wrong.
var scans = []string{
	"", "]", "]d2", "]Q1", "]d2\x1d", "TESTING", "|", "||", "\x1d|\x1d",
	"]d201089350000000071727123110ABC123\x1d21SN0000000001",
	"\x1d0108935000000007\x1d1727123110ABC123\x1d",
	"]C100340123451111111111", "]C1020893500000000737240034012345111111111100",
	"]E08935000000007", "]E08935000000007|]e010ABC", "]E402345673", "]E3893500000000712345", "]E112", "]I118935000000004",
	"]e00108935000000007|\x1d10ABC\x1d99X", "]d1https://id.org/01/08935000000007/10/A%2FB",
	"01089350000000073103000195392303000", "0108935000000007 17271331", "0408", "99A\x1d99A\x1d99B", "8030ABC=",
	"7007271231280101", "432427123199992", "8110106141416543213500110000310123196000", "800706",
	"https://example.com/a", "http://a/gtin/08935000000007?99=A&x&=&99=B#f", "HTTPS://A/01/08935000000007/22/a/10/b/21/c",
	"(01)08935000000007(10)A\\(B", "(", "(01", "(01)", "()", "(01)08935000000007|(10)A",
	"urn:epc:id:sgtin:8935000.000000.SN1", "urn:epc:idpat:sgtin:8935000.000000.*", "urn:epc:class:lgtin:8935000.000000.L",
}

// seed adds the scans, as they are and as write writes what they parse to, and the shared vectors if they are there.
func seed(f *testing.F, kinds string, write func(Message) string) {
	f.Helper()
	for _, s := range scans {
		if m, err := Parse(s); err == nil && write != nil {
			f.Add(write(m))
		}
		f.Add(s)
	}
	data, err := os.ReadFile("../../shared/vectors/gs1/random.dev.jsonl")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(data)) {
		var v vector
		if json.Unmarshal([]byte(line), &v) == nil && strings.Contains(kinds, v.Kind) {
			f.Add(strings.ReplaceAll(v.input(), "^", "\x1d"))
		}
	}
}

func FuzzParse(f *testing.F) {
	seed(f, "element_string scan_data", nil)
	f.Fuzz(func(t *testing.T, s string) {
		loose := Parser{UnknownAIs: true, Unpaired: true, ShortGTINs: true}
		loose.Parse(s)
		faults := Lint(s)
		m, err := Parse(s)
		if err != nil {
			checkError(t, s, err)
		}
		if !strings.HasPrefix(s, "(") && (err == nil) != (len(faults) == 0) {
			t.Fatalf("Parse: %v, Lint: %v", err, faults)
		}
		if err != nil || len(m.Elements) == 0 {
			return
		}
		if m.Symbology.String() != "" && m.Symbology[0] == 'E' && len(m.Elements) > 1 {
			return // two messages: an EAN/UPC symbol and a component that is checked by itself
		}
		again, err := Parse(m.ElementString())
		if err != nil || !slices.Equal(m.Elements, again.Elements) {
			t.Fatalf("%q is %q, which gives %v, %v", s, m.ElementString(), again, err)
		}
		hri, err := ParseHRI(m.HRI())
		if err != nil || !slices.Equal(m.Elements, hri.Elements) {
			t.Fatalf("%q is %q, which gives %v, %v", s, m.HRI(), hri, err)
		}
		checkLink(t, m)
		m.EPC()
	})
}

func FuzzParseHRI(f *testing.F) {
	seed(f, "bracketed", Message.HRI)
	f.Fuzz(func(t *testing.T, s string) {
		loose := Parser{UnknownAIs: true, Unpaired: true}
		loose.ParseHRI(s)
		m, err := ParseHRI(s)
		if err != nil {
			checkError(t, s, err)
		}
		if faults := Lint(s); strings.HasPrefix(s, "(") && (err == nil) != (len(faults) == 0) {
			t.Fatalf("ParseHRI: %v, Lint: %v", err, faults)
		}
		if err != nil {
			return
		}
		if m.HRI() != s {
			t.Fatalf("%q is written %q", s, m.HRI())
		}
		again, err := Parse(m.ElementString())
		if err != nil || !slices.Equal(m.Elements, again.Elements) {
			t.Fatalf("%q is %q, which gives %v, %v", s, m.ElementString(), again, err)
		}
		checkLink(t, m)
	})
}

func FuzzParseDigitalLink(f *testing.F) {
	seed(f, "dl_parse", func(m Message) string {
		link, _ := m.DigitalLink("")
		return link
	})
	f.Fuzz(func(t *testing.T, s string) {
		loose := Parser{UnknownAIs: true, Unpaired: true, ShortGTINs: true}
		loose.ParseDigitalLink(s)
		checkPlain(t, s, loose)
		checkPlain(t, s, Parser{})
		m, err := ParseDigitalLink(s)
		if err != nil {
			checkError(t, s, err)
			return
		}
		if _, err := m.DigitalLink(""); err != nil {
			t.Fatalf("%q cannot be written: %v", s, err)
		}
		checkLink(t, m)
		if epc, err := ParseEPC(s); err != nil || epc.IsZero() {
			t.Fatalf("%q has no EPC: %v", s, err)
		}
	})
}

func FuzzParseEPC(f *testing.F) {
	seed(f, "epc_uri_to_dl dl_parse", nil)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseEPC(s)
		if err != nil {
			checkError(t, s, err)
			return
		}
		if again, err := ParseEPC(e.String()); err != nil || again != e {
			t.Fatalf("%q is %s, which gives %s, %v", s, e, again, err)
		}
		for n := 6; n <= 12; n++ {
			urn, err := e.URN(n)
			if err != nil {
				continue
			}
			if again, err := ParseEPC(urn); err != nil || again != e {
				t.Fatalf("%q is %s, as URN %s, which gives %s, %v", s, e, urn, again, err)
			}
		}
	})
}

func FuzzTag(f *testing.F) {
	for _, s := range []string{
		"\x30\x74\x25\x7b\xf7\x19\x4e\x40\x00\x00\x1a\x85", "\x31\x71\xc7\x32\xcf\x94\x06\xee\xf8\x00\x00\x00",
		"\x36\xf4\x55\x2d\x7a\x24\x32\xdf\x57\x4a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var tag, again Tag
		if tag.UnmarshalBinary(data) != nil {
			return
		}
		back, err := tag.MarshalBinary()
		if err != nil {
			t.Fatalf("%x gives %+v, which gives %v", data, tag, err)
		}
		if err := again.UnmarshalBinary(back); err != nil || again != tag {
			t.Fatalf("%x gives %+v, and %x gives %+v, %v", data, tag, back, again, err)
		}
		uri, err := tag.URI()
		if err != nil {
			t.Fatal(err)
		}
		if epc, err := ParseEPC(uri); err != nil || epc != tag.EPC {
			t.Fatalf("%s gives %s, %v, want %s", uri, epc, err, tag.EPC)
		}
	})
}

// checkError checks that an error can be shown.
func checkError(t *testing.T, s string, err error) {
	t.Helper()
	e, ok := err.(*ParseError)
	if !ok || e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(s) || e.Error() == "" || e.Markup() == "" || e.Unwrap() == nil {
		t.Fatalf("%q: error %#v", s, err)
	}
}

// checkPlain checks that a link which plain reads is read the same by anyURI.
func checkPlain(t *testing.T, s string, p Parser) {
	t.Helper()
	plain := reading{t: p.table(), p: p, input: s, form: asURI}
	if !plain.plain(0) {
		return
	}
	r := reading{t: p.table(), p: p, input: s, form: asURI}
	if r.anyURI(0); r.err != nil || !slices.Equal(r.es, plain.es) {
		t.Fatalf("%q is read as %v; %v, %v", s, plain.es, r.es, r.err)
	}
}

// checkLink checks that a message that has a Digital Link is read from it again, without repeats and in another order.
func checkLink(t *testing.T, m Message) {
	t.Helper()
	if link, err := m.DigitalLink(""); err == nil {
		checkPlain(t, link, Parser{})
	}
	link, err := m.DigitalLink("https://example.com/stem")
	if err != nil {
		return
	}
	again, err := ParseDigitalLink(link)
	if err != nil {
		t.Fatalf("%s is %s, which gives %v", m.HRI(), link, err)
	}
	for _, e := range m.Elements {
		if e.AI != "|" && !slices.Contains(again.Elements, e) {
			t.Fatalf("%s is %s, which has no %v", m.HRI(), link, e)
		}
	}
	for _, e := range again.Elements {
		if !slices.Contains(m.Elements, e) {
			t.Fatalf("%s is %s, which has %v", m.HRI(), link, e)
		}
	}
	if twice, err := again.DigitalLink("https://example.com/stem"); err != nil || len(twice) != len(link) {
		t.Fatalf("%s is written again as %s, %v", link, twice, err)
	}
}
