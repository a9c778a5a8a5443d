package gs1_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/google/go-cmp/cmp"
)

func TestParseDigitalLink(t *testing.T) {
	for _, c := range []struct{ uri, want string }{
		{"https://id.gs1.org/01/08935000000007", "(01)08935000000007"},
		{"http://a/b/c/01/08935000000007/22/V/10/L/21/S", "(01)08935000000007(22)V(10)L(21)S"},
		{"https://a/00/x/00/340123451111111111", "(00)340123451111111111"},
		{"https://a.example:8443/gtin/08935000000007/lot/L/ser/S?17=271231", "(01)08935000000007(10)L(21)S(17)271231"},
		{"https://[::1]/01/08935000000007/10/a%2Fb%2fc%25?99=d+e", "wrong character (99) at 52+1"},
		{"https://a/01/08935000000007/10/a%2Fb%2fc%25%4", "(01)08935000000007(10)a/b/c%%4"},
		{"https://a/01/08935000000007/10/a+b", "(01)08935000000007(10)a+b"},
		{"https://a/01/08935000000007?&&x&y=&=z&99=A&#17=1", "(01)08935000000007(99)A"},
		{"https://a/01/08935000000007#f?99=A", "(01)08935000000007"},
		{"https://a/01/08935000000007/235/T?10=L", "(01)08935000000007(235)T(10)L"},
		{"https://a/8013/1987654Ad4X4bL5ttr2310c2K", "(8013)1987654Ad4X4bL5ttr2310c2K"},
		{"https://a/sscc/340123451111111111", "(00)340123451111111111"},
		{"https://a/gln/9520123456788/glnx/A", "(414)9520123456788(254)A"},
		{"https://a/party/9520123456788", "(417)9520123456788"},
		{"https://a/gdti/1234567890128A", "(253)1234567890128A"},
		{"https://a/gcn/12345678901281", "(255)12345678901281"},
		{"https://a/ginc/1234A", "(401)1234A"},
		{"https://a/gsin/12345678901234560", "(402)12345678901234560"},
		{"https://a/grai/01234567890128A", "(8003)01234567890128A"},
		{"https://a/giai/1234A", "(8004)1234A"},
		{"https://a/itip/089350000000070102/ser/A", "(8006)089350000000070102(21)A"},
		{"https://a/itip/089350000000070102/cpv/A", "required AI is missing (22) at 34+3"},
		{"https://a/cpid/1234A/cpsn/1", "(8010)1234A(8011)1"},
		{"https://a/gmn/1987654Ad4X4bL5ttr2310c2K", "(8013)1987654Ad4X4bL5ttr2310c2K"},
		{"https://a/gsrnp/123456789012345675/srin/1", "(8017)123456789012345675(8019)1"},
		{"https://a/gsrn/123456789012345675", "(8018)123456789012345675"},
		{"https://a/415/9520123456788/refno/R", "(415)9520123456788(8020)R"},

		{"", "bad syntax () at 0+0"},
		{"ftp://a/01/08935000000007", "bad syntax () at 0+8"},
		{"https:/a", "bad syntax () at 0+8"},
		{"https://", "bad syntax () at 8+0"},
		{"https:///01/08935000000007", "bad syntax () at 8+18"},
		{"https://a", "bad syntax () at 8+1"},
		{"https://a_b/01/08935000000007", "bad syntax () at 9+1"},
		{"https://a/01/08935000000007 ", "bad syntax () at 27+1"},
		{"https://a/", "not GS1 data () at 9+1"},
		{"https://a/b", "not GS1 data () at 9+2"},
		{"https://a/10/A", "not GS1 data () at 9+5"},
		{"https://a/01/08935000000007/", "not GS1 data () at 9+19"},
		{"https://a/01/08935000000007/x/y", "not GS1 data () at 9+22"},
		{"https://a/zzz/08935000000007", "not GS1 data () at 9+19"},
		{"https://a/01/08935000000007/10/", "wrong length (10) at 31+0"},
		{"https://a/01/08935000000007?99=", "wrong length (99) at 31+0"},
		{"https://a/01/0893500000000", "wrong length (01) at 13+13"},
		{"https://a/01/08935000000008", "wrong check digit (01) at 26+1"},
		{"https://a/01/08935000000007/10/A%00B", "wrong character (10) at 32+3"},
		{"https://a/01/08935000000007/10/A%5eB", "wrong character (10) at 32+3"},
		{"https://a/01/08935000000007/21/A/10/B", "not a Digital Link () at 9+28"},
		{"https://a/01/08935000000007/10/A/10/B", "not a Digital Link () at 9+28"},
		{"https://a/00/340123451111111111/10/A", "not a Digital Link () at 9+27"},
		{"https://a/01/08935000000007?10=A", "not a Digital Link (10) at 28+2"},
		{"https://a/01/08935000000007?235=A", "not a Digital Link (235) at 28+3"},
		{"https://a/01/08935000000007?8200=A", "not a Digital Link (8200) at 28+4"},
		{"https://a/01/08935000000007?89=A", "unknown AI () at 28+2"},
		{"https://a/01/08935000000007?1=A", "unknown AI () at 28+1"},
		{"https://a/01/08935000000007?99=A&99=A", "AI is repeated (99) at 33+2"},
		{"https://a/01/08935000000007/10/A?10=A", "AI is repeated (10) at 33+2"},
		{"https://a/8004/1234?10=A", "required AI is missing (10) at 20+2"},
		{"https://a/01/08935000000007?91=A&92=A&93=A&94=A&95=A&96=A&97=A&98=A&99=A&37=1", "AIs exclude each other (01) at 10+2"},
	} {
		if diff := cmp.Diff(c.want, outcome(gs1.ParseDigitalLink(c.uri))); diff != "" {
			t.Errorf("ParseDigitalLink(%q) (-want +got):\n%s", c.uri, diff)
		}
	}
}

func TestDigitalLink(t *testing.T) {
	p := gs1.Parser{UnknownAIs: true, Unpaired: true}
	for _, c := range []struct{ hri, base, want string }{
		{"(01)08935000000007", "", "https://id.gs1.org/01/08935000000007"},
		{"(01)08935000000007", "https://a/b/", "https://a/b/01/08935000000007"},
		{"(01)08935000000007", "/", "/01/08935000000007"},
		{"(17)271231(10)a/b(21)S(01)08935000000007(99)c&d", "", "https://id.gs1.org/01/08935000000007/10/a%2Fb/21/S?17=271231&99=c%26d"},
		{"(99)A(17)271231(98)B(00)340123451111111111", "", "https://id.gs1.org/00/340123451111111111?17=271231&99=A&98=B"},
		{"(01)08935000000007(99)A(99)A(10)L(10)L", "", "https://id.gs1.org/01/08935000000007/10/L?99=A"},
		{"(01)08935000000007|(10)A", "", "https://id.gs1.org/01/08935000000007/10/A"},
		{"(01)08935000000007(235)T(10)L", "", "https://id.gs1.org/01/08935000000007/235/T?10=L"},
		{"(01)08935000000007(235)T(22)V", "", "not a Digital Link (235)"},
		{"(414)9520123456788(254)A(7040)1ABC", "", "not a Digital Link (7040)"},
		{"(414)9520123456788(7040)1ABC", "", "https://id.gs1.org/414/9520123456788/7040/1ABC"},
		{"(10)A", "", "not a Digital Link ()"},
		{"(01)08935000000007(89)A", "", "not a Digital Link (89)"},
		{"(01)08935000000007(8200)A", "", "not a Digital Link (8200)"},
	} {
		m, err := p.ParseHRI(c.hri)
		if err != nil {
			t.Errorf("%s: %v", c.hri, err)
		}
		got, err := m.DigitalLink(c.base)
		if err != nil {
			var e *gs1.ParseError
			if !errors.As(err, &e) || got != "" {
				t.Fatalf("%s: %q, %v", c.hri, got, err)
			}
			got = e.Unwrap().Error() + " (" + string(e.AI) + ")"
		}
		if got != c.want {
			t.Errorf("%s on %q: %s, want %s", c.hri, c.base, got, c.want)
		}
	}
	m, _ := p.ParseHRI("(10)A")
	if b, err := m.AppendDigitalLink([]byte("x"), ""); string(b) != "x" || err == nil {
		t.Errorf("AppendDigitalLink after an error: %q, %v", b, err)
	}
}

func TestEPC(t *testing.T) {
	p := gs1.Parser{Unpaired: true}
	for _, c := range []struct {
		hri, epc string
		class    bool
	}{
		{"(01)08935000000007(10)L(21)S(22)V(17)271231", "01/08935000000007/21/S", false},
		{"(01)08935000000007(10)L", "01/08935000000007/10/L", true},
		{"(01)08935000000007(22)V", "01/08935000000007", true},
		{"(01)08935000000007(235)T", "01/08935000000007/235/T", false},
		{"(02)08935000000007(37)1(00)340123451111111111(10)L", "00/340123451111111111", false},
		{"(8006)089350000000070102(21)S", "8006/089350000000070102/21/S", false},
		{"(8006)089350000000070102(10)L", "8006/089350000000070102/10/L", true},
		{"(8006)089350000000070102", "8006/089350000000070102", true},
		{"(8003)01234567890128S", "8003/01234567890128S", false},
		{"(8003)01234567890128", "8003/01234567890128", true},
		{"(253)1234567890128S", "253/1234567890128S", false},
		{"(253)1234567890128", "253/1234567890128", true},
		{"(255)12345678901281", "255/12345678901281", false},
		{"(8004)1234#5", "", false},
		{"(8004)1234/5", "8004/1234%2F5", false},
		{"(8010)1234A(8011)1", "8010/1234A/8011/1", false},
		{"(8010)1234A", "8010/1234A", true},
		{"(8013)1987654Ad4X4bL5ttr2310c2K", "8013/1987654Ad4X4bL5ttr2310c2K", true},
		{"(414)9520123456788(254)A", "414/9520123456788/254/A", false},
		{"(414)9520123456788", "414/9520123456788", false},
		{"(415)9520123456788(8020)R", "415/9520123456788/8020/R", false},
		{"(415)9520123456788", "415/9520123456788", false},
		{"(417)9520123456788", "417/9520123456788", false},
		{"(401)1234A", "401/1234A", false},
		{"(402)12345678901234560", "402/12345678901234560", false},
		{"(8017)123456789012345675(8019)1", "8017/123456789012345675", false},
		{"(8018)123456789012345675", "8018/123456789012345675", false},
	} {
		m, err := p.ParseHRI(c.hri)
		if c.epc == "" {
			if err == nil {
				t.Errorf("%s is accepted", c.hri)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.hri, err)
			continue
		}
		e, err := m.EPC()
		if want := "https://id.gs1.org/" + c.epc; err != nil || e.String() != want || e.IsClass() != c.class || e.IsZero() {
			t.Errorf("%s: EPC %s (class %v), %v, want %s (class %v)", c.hri, e, e.IsClass(), err, want, c.class)
		}
		if again, err := gs1.ParseEPC(e.String()); again != e || err != nil {
			t.Errorf("ParseEPC(%s) = %s, %v", e, again, err)
		}
		text, _ := e.MarshalText()
		var back gs1.EPC
		if err := back.UnmarshalText(text); back != e || err != nil {
			t.Errorf("UnmarshalText(%s) = %s, %v", text, back, err)
		}
		for _, el := range e.Elements() {
			if v, _ := m.Value(el.AI); v != el.Value || e.Value(el.AI) != v {
				t.Errorf("%s: Value(%s) = %s, want %s", e, el.AI, e.Value(el.AI), v)
			}
		}
	}
	var zero gs1.EPC
	if !zero.IsZero() || zero.String() != "" || zero.IsClass() || zero.Value("01") != "" || zero.Value("") != "" || zero.Elements() != nil {
		t.Error("the zero EPC is not zero")
	}
	if _, err := (gs1.Message{}).EPC(); !errors.Is(err, gs1.ErrDigitalLink) {
		t.Errorf("EPC of an empty message: %v", err)
	}
	if _, err := (gs1.Message{}).Class(); !errors.Is(err, gs1.ErrDigitalLink) {
		t.Errorf("Class of an empty message: %v", err)
	}
	if e, err := (gs1.Message{Elements: []gs1.Element{{AI: "01", Value: "08935000000007"}}}).Class(); err != nil || e.Value("01") != "08935000000007" {
		t.Errorf("Class of a GTIN: %s, %v", e, err)
	}
	if err := zero.UnmarshalText(nil); err != nil || !zero.IsZero() {
		t.Errorf("UnmarshalText(nil): %v", err)
	}
	if err := zero.UnmarshalText([]byte("x")); err == nil || !zero.IsZero() {
		t.Errorf("UnmarshalText(x): %v", err)
	}
}

func TestURN(t *testing.T) {
	for _, c := range []struct {
		urn, uri string
		prefix   int
	}{
		{"urn:epc:id:sgtin:8935000.000000.SN%2F1", "01/08935000000007/21/SN%2F1", 7},
		{"urn:epc:id:sgtin:893500000000.0.1.2", "01/08935000000007/21/1.2", 12},
		{"urn:epc:class:lgtin:8935000.000000.L%261", "01/08935000000007/10/L%261", 7},
		{"urn:epc:idpat:sgtin:8935000.000000.*", "01/08935000000007", 7},
		{"urn:epc:id:upui:8935000.000000.T%3E", "01/08935000000007/235/T%3E", 7},
		{"urn:epc:id:itip:8935000.000000.01.02.S", "8006/089350000000070102/21/S", 7},
		{"urn:epc:idpat:itip:8935000.000000.01.02.*", "8006/089350000000070102", 7},
		{"urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111", 7},
		{"urn:epc:id:sgln:9520123.45678.0", "414/9520123456788", 7},
		{"urn:epc:id:sgln:9520123.45678.A", "414/9520123456788/254/A", 7},
		{"urn:epc:id:sgln:952012345678..0", "414/9520123456788", 12},
		{"urn:epc:id:pgln:9520123.45678", "417/9520123456788", 7},
		{"urn:epc:id:grai:1234567.89012.S", "8003/01234567890128S", 7},
		{"urn:epc:idpat:grai:1234567.89012.*", "8003/01234567890128", 7},
		{"urn:epc:id:giai:1234567.A.B%2FC", "8004/1234567A.B%2FC", 7},
		{"urn:epc:id:gsrn:1234567.8901234567", "8018/123456789012345675", 7},
		{"urn:epc:id:gsrnp:1234567.8901234567", "8017/123456789012345675", 7},
		{"urn:epc:id:gdti:1234567.89012.S", "253/1234567890128S", 7},
		{"urn:epc:id:sgcn:1234567.89012.1", "255/12345678901281", 7},
		{"urn:epc:id:ginc:1234567.A", "401/1234567A", 7},
		{"urn:epc:id:gsin:1234567.890123456", "402/12345678901234560", 7},
		{"urn:epc:id:cpi:1234567.A%23.12", "8010/1234567A%23/8011/12", 7},
		{"urn:epc:idpat:cpi:1234567.A.*", "8010/1234567A", 7},
	} {
		e, err := gs1.ParseEPC(c.urn)
		if want := "https://id.gs1.org/" + c.uri; err != nil || e.String() != want {
			t.Errorf("ParseEPC(%s) = %s, %v, want %s", c.urn, e, err, want)
			continue
		}
		if urn, err := e.URN(c.prefix); err != nil || urn != c.urn {
			t.Errorf("%s.URN(%d) = %s, %v, want %s", e, c.prefix, urn, err, c.urn)
		}
	}
	for _, urn := range []string{
		"urn:epc:", "urn:epc:id:", "urn:epc:id:sgtin", "urn:epc:id:sgtin:", "urn:epc:id:sgtin:1.2.3", "urn:epc:id:sgtin:8935000.00000.S",
		"urn:epc:id:sgtin:8935000.000000", "urn:epc:id:sgtin:8935000.000000.", "urn:epc:id:sgtin:8935000.00000x.S",
		"urn:epc:id:sgtin:893500x.000000.S", "urn:epc:id:sgtin:8935000.000000." + strings.Repeat("S", 21), "urn:epc:id:sgtin:8935000.000000.a b",
		"urn:epc:id:lgtin:8935000.000000.L", "urn:epc:class:sgtin:8935000.000000.L", "urn:epc:idpat:sgtin:8935000.000000.S",
		"urn:epc:idpat:sscc:4012345.3111111111", "urn:epc:id:sscc:4012345.3111111111.1", "urn:epc:id:usdod:2S194.1", "urn:epc:raw:96.x12",
		"urn:epc:x:sgtin:8935000.000000.S", "urn:epc:tag:sgtin-96:3", "urn:epc:id:itip:8935000.000000.01.02", "urn:epc:id:cpi:1234567.A.x",
		"urn:epc:id:sgtin:8935000000000.000000.S", "urn:epc:id:sgtin:89350000000000..S", "urn:epc:id:itip:8935000.000000.1.02.S",
		"42", "", "https://a/01/08935000000007/10/%C3%B4", "https://a/b", "https://a/8006/0893500000000701x2", "https://a/253/123456789012",
	} {
		e, err := gs1.ParseEPC(urn)
		var pe *gs1.ParseError
		if !errors.As(err, &pe) || !e.IsZero() || pe.Offset+pe.Length > len(urn) {
			t.Errorf("ParseEPC(%q) = %s, %v, want an error", urn, e, err)
		}
	}
	for _, c := range []struct {
		uri    string
		prefix int
		kind   error
	}{
		{"https://id.gs1.org/01/08935000000008/21/S", 7, gs1.ErrCheckDigit},
		{"https://id.gs1.org/01/08935000000007/21/S", 5, gs1.ErrSyntax},
		{"https://id.gs1.org/01/08935000000007/21/S", 13, gs1.ErrSyntax},
		{"https://id.gs1.org/8004/12345A", 7, gs1.ErrSyntax},
		{"https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", 7, gs1.ErrSyntax},
		{"https://id.gs1.org/415/9520123456788/8020/R", 7, gs1.ErrSyntax},
		{"https://id.gs1.org/8006/089350000000070102/10/L", 7, gs1.ErrSyntax},
		{"https://id.gs1.org/414/9520123456788/254/0", 7, gs1.ErrSyntax},
	} {
		e, err := gs1.ParseEPC(c.uri)
		if err != nil {
			t.Errorf("%s: %v", c.uri, err)
			continue
		}
		if urn, err := e.URN(c.prefix); !errors.Is(err, c.kind) || urn != "" {
			t.Errorf("%s.URN(%d) = %s, %v, want %v", c.uri, c.prefix, urn, err, c.kind)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for _, list := range []string{
		`<?xml version="1.0"?><GCPPrefixFormatList date="2026-11-01T05:30:15Z"><entry prefix="8935000" gcpLength="7"/>
<entry prefix="893" gcpLength="10"/><entry prefix="0000" gcpLength="0" /><entry prefix="952" gcpLength="7"/></GCPPrefixFormatList>`,
		`{"GCPPrefixFormatList":{"date":"2026-11-01","entry":[{"prefix":"8935000","gcpLength":7},{"prefix":"893","gcpLength":"10"},
{"prefix":"0000","gcpLength":0},{"prefix":"952","gcpLength":7}]}}`,
	} {
		p, err := gs1.ReadPrefixes(strings.NewReader(list))
		if err != nil {
			t.Fatal(err)
		}
		for uri, want := range map[string]int{
			"https://id.gs1.org/01/08935000000007/21/S": 7,
			"https://id.gs1.org/01/18936000000003":      10,
			"https://id.gs1.org/00/340123451111111111":  0,
			"https://id.gs1.org/414/9520123456788":      7,
			"https://id.gs1.org/01/00000002345673":      0,
		} {
			e, err := gs1.ParseEPC(uri)
			if got := p.Length(e); err != nil || got != want {
				t.Errorf("Length(%s) = %d, %v, want %d", uri, got, err, want)
			}
		}
		if p.Length(gs1.EPC{}) != 0 || new(gs1.Prefixes).Length(gs1.EPC{}) != 0 {
			t.Error("a length of nothing")
		}
	}
	for _, list := range []string{"", "{}", `<entry prefix="12345678901234" gcpLength="7"/>`, strings.Repeat("x", 1<<17)} {
		if p, err := gs1.ReadPrefixes(strings.NewReader(list)); err == nil {
			t.Errorf("ReadPrefixes(%.20q) = %v, want an error", list, p)
		}
	}
}

func TestTag(t *testing.T) {
	sgtin, err := gs1.ParseEPC("urn:epc:id:sgtin:0614141.812345.6789")
	if err != nil {
		t.Fatal(err)
	}
	tag := gs1.Tag{EPC: sgtin, Filter: 3, Prefix: 7}
	data, err := tag.MarshalBinary()
	// The worked example of EPC Tag Data Standard 1.13, annex E.
	if want := "\x30\x74\x25\x7b\xf7\x19\x4e\x40\x00\x00\x1a\x85"; err != nil || string(data) != want {
		t.Errorf("MarshalBinary = %x, %v, want %x", data, err, want)
	}
	if uri, err := tag.URI(); err != nil || uri != "urn:epc:tag:sgtin-96:3.0614141.812345.6789" {
		t.Errorf("URI = %s, %v", uri, err)
	}
	tag.Bits = 198
	if uri, err := tag.URI(); err != nil || uri != "urn:epc:tag:sgtin-198:3.0614141.812345.6789" {
		t.Errorf("URI of 198 bits = %s, %v", uri, err)
	}
	for _, bad := range []gs1.Tag{
		{}, {EPC: sgtin}, {EPC: sgtin, Prefix: 7, Filter: 8}, {EPC: sgtin, Prefix: 7, Filter: -1}, {EPC: sgtin, Prefix: 7, Bits: 100},
		{EPC: epc(t, "urn:epc:id:sgtin:0614141.812345.A"), Prefix: 7, Bits: 96},
		{EPC: epc(t, "urn:epc:id:sgtin:0614141.812345.01"), Prefix: 7, Bits: 96},
		{EPC: epc(t, "urn:epc:id:sgtin:0614141.812345.274877906944"), Prefix: 7, Bits: 96},
		{EPC: epc(t, "urn:epc:id:sscc:4012345.3111111111"), Prefix: 7, Bits: 198},
		{EPC: epc(t, "urn:epc:id:giai:4012345.1"), Prefix: 7},
		{EPC: epc(t, "urn:epc:idpat:sgtin:0614141.812345.*"), Prefix: 7},
		{EPC: epc(t, "urn:epc:class:lgtin:0614141.812345.L"), Prefix: 7},
	} {
		if data, err := bad.MarshalBinary(); err == nil {
			t.Errorf("%+v: MarshalBinary = %x, want an error", bad, data)
		}
		if uri, err := bad.URI(); err == nil {
			t.Errorf("%+v: URI = %s, want an error", bad, uri)
		}
	}
	sgln := gs1.Tag{EPC: epc(t, "urn:epc:id:sgln:9520123.45678.A"), Prefix: 7}
	if data, err = sgln.MarshalBinary(); err != nil || len(data) != 26 || data[0] != 0x39 {
		t.Errorf("SGLN-195: %x, %v", data, err)
	}
	for name, s := range map[string]string{
		"empty":                "",
		"short":                "\x30\x74",
		"unknown header":       "\x35" + strings.Repeat("\x00", 11),
		"partition 7":          "\x30\x1c" + strings.Repeat("\x00", 10),
		"prefix too large":     "\x30\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		"long form cut short":  "\x36\x74\x25\x7b\xf7\x19\x4e\x40\x00\x00\x1a\x85",
		"no serial":            "\x36\x74\x25\x7b\xf7\x19\x4e\x40" + strings.Repeat("\x00", 18),
		"serial after its end": "\x36\x74\x25\x7b\xf7\x19\x4e\x40" + "\x00\x10" + strings.Repeat("\x00", 16),
		"control character":    "\x36\x74\x25\x7b\xf7\x19\x4e\x40\x80" + strings.Repeat("\x00", 17),
		"reserved bits":        "\x31\x71\xc7\x32\xcf\x94\x06\xee\xf8\x00\x00\x01",
		"bits after the end":   "\x30\x74\x25\x7b\xf7\x19\x4e\x40\x00\x00\x1a\x85\x01",
	} {
		if err := tag.UnmarshalBinary([]byte(s)); err == nil || tag != (gs1.Tag{}) {
			t.Errorf("%s: %+v, %v, want an error", name, tag, err)
		}
	}
}

func epc(t *testing.T, uri string) gs1.EPC {
	t.Helper()
	e, err := gs1.ParseEPC(uri)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestAppend holds that the append forms need no memory of their own.
func TestAppend(t *testing.T) {
	m, err := gs1.ParseHRI(`(01)08935000000007(17)271231(10)a\(b/c(21)SN1(99)x|(98)y`)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 256)
	for name, f := range map[string]func() []byte{
		"HRI":           func() []byte { return m.AppendHRI(buf) },
		"ElementString": func() []byte { return m.AppendElementString(buf) },
		"DigitalLink": func() []byte {
			b, err := m.AppendDigitalLink(buf, "")
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
	} {
		if allocs := testing.AllocsPerRun(100, func() { f() }); allocs != 0 {
			t.Errorf("Append%s: %v allocations, want 0", name, allocs)
		}
	}
}
