package gs1_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/google/go-cmp/cmp"
)

// Whoever prints labels wants to know everything that is wrong.
func ExampleLint() {
	for _, fault := range gs1.Lint("(01)08935000000008(17)271331(10)LÔ 7(21)SN1(02)08935000000007") {
		fmt.Println(fault.Markup(), "-", fault.Reason())
	}
	// Output:
	// (01)0893500000000|8| - check digit is wrong
	// (17)27|13|31 - month is not 01 to 12
	// (10)L|Ô| 7 - character is not in set 82
	// …Ô 7(21)SN1(|02|)08935000000… - must not stand beside (01)
	// …Ô 7(21)SN1(|02|)08935000000… - needs beside it: 37
}

func TestLintFindsAll(t *testing.T) {
	for _, c := range []struct {
		name, label string
		want        []string // AI, offset and kind
	}{
		{"in order", "(01)08935000000007(10)A", nil},
		{"scan data", "]d20108935000000008\x1d17271331", []string{"01@18 wrong check digit", "17@24 wrong value"}},
		{"unknown AI", "]d20108935000000007\x1d0499\x1d17271331", []string{"@20 unknown AI", "17@29 wrong value"}},
		{"pairs", "(01)08935000000007(02)08935000000007(10)A", []string{"02@19 AIs exclude each other", "02@19 required AI is missing"}},
		{"lengths and values", "(00)12(01)0893500000000(17)271331", []string{"00@4 wrong length", "01@10 wrong length", "17@29 wrong value"}},
		{"link", "https://id.gs1.org/01/08935000000008/10/%C3%B4?17=271331&99=A&99=B&04=1", []string{
			"@67 unknown AI", "99@62 AI is repeated", "01@35 wrong check digit", "10@40 wrong character", "17@52 wrong value"}},
		{"no link", "https://example.com/a b", []string{"@21 bad syntax"}},
		{"brackets", "(01)08935000000008(17", []string{"@18 bad syntax"}},
		{"pairs after what is not read", "]d204\x1d02089350000000071012345678901234567890123", []string{
			"@3 unknown AI", "10@44 wrong length", "02@6 required AI is missing"}},
		{"pairs in a link", "https://a/01/08935000000007?04=1&37=1", []string{"@28 unknown AI", "01@10 AIs exclude each other", "37@33 required AI is missing"}},
		{"pairs in HRI", "(89)A(01)08935000000007(37)1", []string{"@1 unknown AI", "01@6 AIs exclude each other", "37@24 required AI is missing"}},
		{"EAN-13", "]E08935000000008", []string{"01@15 wrong check digit"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, e := range gs1.Lint(c.label) {
				got = append(got, fmt.Sprintf("%s@%d %v", e.AI, e.Offset, e.Unwrap()))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("Lint(%q) (-want +got):\n%s", c.label, diff)
			}
		})
	}
}

// TestLinearTime holds that no input takes quadratic time: a quarter of a megabyte of each would take minutes.
func TestLinearTime(t *testing.T) {
	for _, unit := range []string{
		"(01)", "(01", "(", `(99)\(`, "(99)A", "(99)A|", "(89)A", "|", "\x1d", "99A\x1d", "9", "]e0", "|]e0", "|\x1d99A",
		"/01/1", "/", "&99=A", "&=", "%5e", "%", "01089350000000070108935000000007",
	} {
		for _, head := range []string{"", "]d2", "(01)08935000000007", "https://id.gs1.org/01/08935000000007?", "https://id.gs1.org", "urn:epc:id:sgtin:"} {
			s := head + strings.Repeat(unit, 1+(1<<18)/len(unit))
			// A slow or paused machine gets another chance; quadratic time takes minutes in each.
			for try := 1; ; try++ {
				start := time.Now()
				readAll(s)
				if d := time.Since(start); d < 5*time.Second {
					break
				} else if try == 3 {
					t.Errorf("%d KB of %q after %q took %v", len(s)>>10, unit, head, d)
					break
				}
			}
		}
	}
}

// readAll gives s to everything that parses, and what comes of it to what writes.
func readAll(s string) {
	gs1.Parse(s)
	gs1.ParseHRI(s)
	gs1.ParseDigitalLink(s)
	gs1.ParseEPC(s)
	gs1.Lint(s)
	p := gs1.Parser{UnknownAIs: true, Unpaired: true}
	m, _ := p.Parse(s)
	_ = m.HRI()
	m.DigitalLink("")
}
