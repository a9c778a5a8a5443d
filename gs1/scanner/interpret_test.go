package scanner_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

// TestInterpret pins the outcome of single scans: the element string when
// certain, "?" and the first candidate when not, "!" and the kind when refused.
func TestInterpret(t *testing.T) {
	const (
		gtin = "0108935000000007"
		ean  = "8935000000007"
	)
	dropped := strings.ReplaceAll(packA, "\x1d", "")
	for _, c := range []struct {
		name    string
		scan    string
		profile *scanner.Profile
		want    string
		repairs []scanner.Repair
		doubts  []scanner.Doubt
	}{
		{name: "clean", scan: packA, want: packA},
		{name: "clean with identifier", scan: "]d2" + packA, want: packA},
		{name: "EAN-13 with identifier", scan: "]E0" + ean, want: "0108935000000007"},
		{name: "EAN-13 without", scan: ean, want: "0108935000000007",
			repairs: []scanner.Repair{{Kind: scanner.BareGTIN, Was: ean, Is: "01"}}},
		{name: "EAN-13 in Code 128", scan: "]C0" + ean, want: "?0108935000000007", doubts: []scanner.Doubt{scanner.NotMarkedGS1}},
		{name: "EAN-13 that may be AI 93", scan: "9300000000002", want: "?0109300000000002", doubts: []scanner.Doubt{scanner.MaybeGTIN}},
		{name: "the same where AI 93 is not expected", scan: "9300000000002", profile: scanner.MedicinePack(), want: "0109300000000002",
			repairs: []scanner.Repair{{Kind: scanner.BareGTIN, Was: "9300000000002", Is: "01"}}},
		{name: "half of an element string that looks like a GTIN", scan: "0108935000000", want: "?0100108935000000", doubts: []scanner.Doubt{scanner.MaybeGTIN}},
		{name: "wrong check digit", scan: "0108935000000008", want: "!scan is not valid"},
		{name: "link", scan: "https://id.gs1.org/01/08935000000007/10/A-1", want: gtin + "10A-1"},
		{name: "plain text", scan: "]d1hello", want: "!" + gs1.ErrNotGS1.Error()},
		{name: "zero width marks around", scan: "\u200e" + packA + "\u200b", want: packA,
			repairs: []scanner.Repair{{Kind: scanner.StrayCharacters, At: 3 + len(packA), Was: "\u200b"}, {Kind: scanner.StrayCharacters, Was: "\u200e"}}},
		{name: "NUL for the separator", scan: strings.ReplaceAll(packA, "\x1d", "\x00"), want: packA,
			repairs: []scanner.Repair{{Kind: scanner.SeparatorSpelled, At: 32, Was: "\x00", Is: "\x1d"}}},
		{name: "0xE8 for the separator", scan: strings.ReplaceAll(packA, "\x1d", "\xe8"), want: packA,
			repairs: []scanner.Repair{{Kind: scanner.SeparatorSpelled, At: -1, Was: "è", Is: "\x1d"}}},
		{name: "where the separator stood in", scan: " \x02]d2" + strings.ReplaceAll(packA, "\x1d", "{GS}"), want: packA,
			repairs: []scanner.Repair{{Kind: scanner.SeparatorSpelled, At: 37, Was: "{GS}", Is: "\x1d"}}},
		{name: "# is data in AI 8010", scan: "80109521234#A~801112", want: "80109521234#A\x1d801112",
			repairs: []scanner.Repair{{Kind: scanner.SeparatorSpelled, At: 13, Was: "~", Is: "\x1d"}}},
		{name: "two packs on two lines", scan: packA + "\n" + packB, want: "?" + packB, doubts: []scanner.Doubt{scanner.MoreThanOneScan}},
		{name: "two packs with identifiers", scan: "]d2" + packA + "]d2" + packB, want: "?" + packB, doubts: []scanner.Doubt{scanner.MoreThanOneScan}},
		{name: "separator lost", scan: dropped, want: "?" + packA, doubts: []scanner.Doubt{scanner.MaybeSeparatorLost}},
		{name: "separator lost, one way to put it back", scan: gtin + "1727123110ABC123DEFGHIJ21SN0000000001", profile: scanner.MedicinePack(),
			want:    gtin + "1727123110ABC123DEFGHIJ\x1d21SN0000000001",
			repairs: []scanner.Repair{{Kind: scanner.SeparatorLost, At: 39, Is: "\x1d", AI: "10"}}},
		{name: "no separator, and the profile says that they arrive", scan: dropped, profile: &scanner.Profile{Separators: []string{"\x1d"}}, want: dropped},
		{name: "named separator", scan: strings.ReplaceAll(packA, "\x1d", "+F1+"), profile: &scanner.Profile{Separators: []string{"+F1+"}}, want: packA,
			repairs: []scanner.Repair{{Kind: scanner.SeparatorSpelled, At: 32, Was: "+F1+", Is: "\x1d"}}},
		{name: "named separator that is in a value, too", scan: gtin + "10A02921B02921C", profile: &scanner.Profile{Separators: []string{"029"}},
			want: "?" + gtin + "10A02921B\x1d21C", doubts: []scanner.Doubt{scanner.MaybeSpelling}},
		{name: "Caps Lock and identifier", scan: "]D2" + gtin + "10aBc", want: gtin + "10AbC",
			repairs: []scanner.Repair{{Kind: scanner.CaseInverted, At: 1, Was: "]D2", Is: "]d2"}}},
		{name: "capital letters and identifier", scan: "]D2" + gtin + "10ABC", want: "?" + gtin + "10ABC", doubts: []scanner.Doubt{scanner.MaybeCase}},
		{name: "Telex, not named", scan: gtin + "1727123110LÁ5\x1d211", want: "?" + gtin + "1727123110LAS5\x1d211", doubts: []scanner.Doubt{scanner.MaybeMethod}},
		{name: "Telex, decomposed", scan: gtin + "1727123110LA\u03015\x1d211", want: "?" + gtin + "1727123110LAS5\x1d211", doubts: []scanner.Doubt{scanner.MaybeMethod}},
		{name: "full Telex on the identifier", scan: "ưd2" + gtin + "10LÁ5", want: "?" + gtin + "10LAS5", doubts: []scanner.Doubt{scanner.MaybeMethod}},
		{name: "VNI, named, one series of keys", scan: gtin + "10Đ5\x1d21K", profile: &scanner.Profile{InputMethod: scanner.VNI}, want: gtin + "10D95\x1d21K",
			repairs: []scanner.Repair{{Kind: scanner.MethodUndone, At: -1, Was: gtin + "10Đ5\x1d21K", Is: "vni"}}},
		{name: "VNI on the identifier", scan: "]Ẽ" + "96385074", profile: &scanner.Profile{InputMethod: scanner.VNI}, want: "0100000096385074",
			repairs: []scanner.Repair{{Kind: scanner.MethodUndone, At: -1, Was: "]Ẽ96385074", Is: "vni"}}},
		{name: "AZERTY, not named", scan: scanner.AZERTY.Type(gtin), want: "?" + gtin, doubts: []scanner.Doubt{scanner.MaybeLayout}},
		{name: "AZERTY, named", scan: scanner.AZERTY.Type(gtin + "10Q-1"), profile: &scanner.Profile{Layout: scanner.AZERTY, Separators: []string{"\x1d"}}, want: gtin + "10Q-1",
			repairs: []scanner.Repair{{Kind: scanner.LayoutUndone, At: -1, Was: scanner.AZERTY.Type(gtin + "10Q-1"), Is: "azerty"}}},
		{name: "Czech, named, 7 or = and y", scan: scanner.Czech.Type(gtin + "10K7"), profile: &scanner.Profile{Layout: scanner.Czech, Separators: []string{"\x1d"}},
			want: "?" + gtin + "10K7", doubts: []scanner.Doubt{scanner.MaybeLayout}},
		{name: "a symbol behind the last value", scan: gtin + "10ABC#", want: "?" + gtin + "10ABC", doubts: []scanner.Doubt{scanner.MaybeSpelling}},
		{name: "a symbol between and behind", scan: gtin + "10ABC#21D#", want: gtin + "10ABC\x1d21D", repairs: []scanner.Repair{
			{Kind: scanner.SeparatorSpelled, At: 21, Was: "#", Is: "\x1d"}, {Kind: scanner.SeparatorSpelled, At: 25, Was: "#", Is: "\x1d"}}},
		{name: "Shift too early", scan: "01089350000000)7", want: "?" + gtin, doubts: []scanner.Doubt{scanner.MaybeShift}},
		{name: "too long for the profile", scan: strings.Repeat("0", 30), profile: &scanner.Profile{MaxLength: 10}, want: "!scan is too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := scanner.Interpret(c.scan, c.profile)
			got := ""
			var doubts []scanner.Doubt
			var e *scanner.Error
			switch {
			case r.Certain:
				got = r.Message.ElementString()
			case len(r.Candidates) > 0:
				got, doubts = "?"+r.Candidates[0].Message.ElementString(), r.Candidates[0].Doubts
			case errors.As(r.Err, &e):
				got = "!" + e.Kind.Error()
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.repairs, r.Repairs); d != "" {
				t.Errorf("repairs (-want +got):\n%s", d)
			}
			if d := cmp.Diff(c.doubts, doubts); d != "" {
				t.Errorf("doubts (-want +got):\n%s", d)
			}
		})
	}
}

// TestInterpretComposite leaves a composite symbol to package gs1.
func TestInterpretComposite(t *testing.T) {
	for _, scan := range []string{"]e00108935000000007|]e110A", "]E08935000000007|]e110A"} {
		want, err := gs1.Parse(scan)
		if err != nil {
			t.Fatal(err)
		}
		r := scanner.Interpret(scan, nil)
		if d := cmp.Diff(want, r.Message); !r.Certain || d != "" {
			t.Errorf("%s: certain %v (-want +got):\n%s", scan, r.Certain, d)
		}
	}
}
