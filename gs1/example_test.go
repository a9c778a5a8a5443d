package gs1_test

import (
	"errors"
	"fmt"
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
