package gs1_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// A reader gives a symbology identifier and element strings with GS for FNC1.
func ExampleParse() {
	m, err := gs1.Parse("]d201089350000000071727123110ABC123\x1d21SN0000000001")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Symbology, m.HRI())
	for _, e := range m.Elements {
		fmt.Printf("%s: %s\n", e.AI.Title(), e.Value)
	}
	// Output:
	// ]d2 (01)08935000000007(17)271231(10)ABC123(21)SN0000000001
	// GTIN: 08935000000007
	// USE BY or EXPIRY: 271231
	// BATCH/LOT: ABC123
	// SERIAL: SN0000000001
}

// Errors say where and why.
func ExampleParseError() {
	_, err := gs1.Parse("]d201089350000000071727133110ABC123")
	var e *gs1.ParseError
	if errors.As(err, &e) {
		fmt.Println(err)
		fmt.Println(e.Markup(), errors.Is(err, gs1.ErrValue))
	}
	_, err = gs1.Parse("]d2010893500000000817271231")
	fmt.Println(err, errors.Is(err, gs1.ErrCheckDigit))
	// Output:
	// gs1: (17) month is not 01 to 12 at byte 23
	// (17)27|13|3110ABC123 true
	// gs1: (01) check digit is wrong at byte 18 true
}

// A pack that carries a link is read like one that carries element strings.
func ExampleParseDigitalLink() {
	m, err := gs1.ParseDigitalLink("https://example.vn/thuoc/01/08935000000007/10/ABC123/21/SN1?17=271231&lang=vi")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.HRI())
	link, err := m.DigitalLink("")
	fmt.Println(link, err)
	// Output:
	// (01)08935000000007(10)ABC123(21)SN1(17)271231
	// https://id.gs1.org/01/08935000000007/10/ABC123/21/SN1?17=271231 <nil>
}

func ExampleParseHRI() {
	m, err := gs1.ParseHRI("(01)08935000000007(17)271231(10)ABC123")
	fmt.Printf("%q %v\n", m.ElementString(), err)
	// Output: "01089350000000071727123110ABC123" <nil>
}

// The identity of a pack is the same whatever it is read from.
func ExampleMessage_EPC() {
	m, err := gs1.ParseHRI("(01)08935000000007(17)271231(10)ABC123(21)SN1")
	if err != nil {
		fmt.Println(err)
		return
	}
	pack, _ := m.EPC()
	lot, _ := m.Class()
	urn, _ := gs1.ParseEPC("urn:epc:id:sgtin:8935000.000000.SN1")
	fmt.Println(pack, pack == urn)
	fmt.Println(lot, lot.IsClass())
	// Output:
	// https://id.gs1.org/01/08935000000007/21/SN1 true
	// https://id.gs1.org/01/08935000000007/10/ABC123 true
}

// Day 00 means the last day of the month; the value stays as it was scanned.
func ExampleDate_Time() {
	m, err := gs1.ParseHRI("(01)08935000000007(17)280200")
	if err != nil {
		fmt.Println(err)
		return
	}
	expiry, _ := m.Date("17")
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	fmt.Println(expiry, expiry.Time(now).Format(time.DateOnly))
	// Output: 280200 2028-02-29
}

// The lot may be on one label and the GTIN on another.
func ExampleParser() {
	_, err := gs1.Parse("]C110ABC123")
	fmt.Println(err, errors.Is(err, gs1.ErrRequired))
	p := gs1.Parser{Unpaired: true}
	m, err := p.Parse("]C110ABC123")
	fmt.Println(m.HRI(), err)
	// Output:
	// gs1: (10) needs beside it: 01, 02, 03, 8006 or 8026 at byte 3 true
	// (10)ABC123 <nil>
}

// A till parses one scan after the other without allocating.
func ExampleParser_ParseInto() {
	var p gs1.Parser
	var m gs1.Message
	for _, scan := range []string{"]E08935000000007", "]d20108935000000007\x1d10ABC123"} {
		if err := p.ParseInto(&m, scan); err != nil {
			fmt.Println(err)
			continue
		}
		gtin, _ := m.Value("01")
		lot, ok := m.Value("10")
		fmt.Println(gtin, lot, ok)
	}
	// Output:
	// 08935000000007  false
	// 08935000000007 ABC123 true
}

// A URN needs to know how long the GS1 Company Prefix is; GS1 publishes a list.
func ExampleEPC_URN() {
	const list = `<GCPPrefixFormatList><entry prefix="893500" gcpLength="7"/></GCPPrefixFormatList>`
	prefixes, err := gs1.ReadPrefixes(strings.NewReader(list))
	if err != nil {
		fmt.Println(err)
		return
	}
	pack, err := gs1.ParseEPC("https://example.vn/01/08935000000007/10/ABC123/21/SN1?17=271231")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pack.URN(prefixes.Length(pack)))
	// Output: urn:epc:id:sgtin:8935000.000000.SN1 <nil>
}

// An RFID tag is read to the same identity as a bar code.
func ExampleTag() {
	memory, err := hex.DecodeString("3074257BF7194E4000001A85")
	if err != nil {
		fmt.Println(err)
		return
	}
	var tag gs1.Tag
	if err := tag.UnmarshalBinary(memory); err != nil {
		fmt.Println(err)
		return
	}
	uri, err := tag.URI()
	fmt.Println(tag.EPC)
	fmt.Println(uri, err)
	// Output:
	// https://id.gs1.org/01/80614141123458/21/6789
	// urn:epc:tag:sgtin-96:3.0614141.812345.6789 <nil>
}

// The digits under a bar code are a GTIN of 14 digits.
func ExampleParseGTIN() {
	gtin, err := gs1.ParseGTIN("8935000000007")
	fmt.Println(gtin, gtin.Short(), err)
	_, err = gs1.ParseGTIN("8935000000008")
	fmt.Println(err)
	// Output:
	// 08935000000007 8935000000007 <nil>
	// gs1: (01) check digit is wrong at byte 12
}

// Whoever gives out numbers computes their check digits.
func ExampleCheckDigit() {
	digit, err := gs1.CheckDigit("893500000000")
	fmt.Printf("%c %v\n", digit, err)
	pair, err := gs1.CheckPair("1987654Ad4X4bL5ttr2310c")
	fmt.Println(pair, err)
	// Output:
	// 7 <nil>
	// 2K <nil>
}

// A value names a stretch of time as exactly as it can.
func ExampleElement_Period() {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, e := range []gs1.Element{{AI: "17", Value: "271200"}, {AI: "7003", Value: "2712312330"}} {
		from, to, err := e.Period(now)
		fmt.Println(from.Format(time.DateTime), to.Format(time.DateTime), err)
	}
	// Output:
	// 2027-12-31 00:00:00 2028-01-01 00:00:00 <nil>
	// 2027-12-31 23:30:00 2027-12-31 23:31:00 <nil>
}
