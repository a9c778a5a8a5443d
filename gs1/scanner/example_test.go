package scanner_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/dauvet/dauvet/gs1/scanner"
)

func ExampleReader() {
	line := strings.NewReader("]d201089350000000071727123110ABC123\x1d21SN0000000001\r\n" +
		"01089350000000071727123110ABC123{GS}21SN0000000001\r\n")
	r := scanner.NewReader(line, scanner.MedicinePack())
	for {
		reading, err := r.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		if !reading.Certain {
			log.Fatal(reading.Err)
		}
		lot, _ := reading.Message.Value("10")
		fmt.Println(reading.Message.Symbology, lot, len(reading.Repairs))
	}
	// Output:
	// ]d2 ABC123 0
	//  ABC123 1
}

func ExampleInterpret() {
	// The reader sends no separators, so the batch seems to be ABC12321SN0000000001.
	r := scanner.Interpret("01089350000000071727123110ABC12321SN0000000001", scanner.MedicinePack())
	fmt.Println("certain:", r.Certain)
	for _, c := range r.Candidates[:2] {
		fmt.Println(c.Message.HRI(), c.Doubts)
	}
	// Output:
	// certain: false
	// (01)08935000000007(17)271231(10)ABC123(21)SN0000000001 [separator may be lost]
	// (01)08935000000007(17)271231(10)ABC12321SN0000000001 [separator may be lost]
}

func ExampleInputMethod_Type() {
	fmt.Println(scanner.Telex.Type("LAS5W"), scanner.VNI.Type("LA1d9"))
	// Output: LÁ5Ư LÁđ
}

func ExampleLayout_Type() {
	fmt.Println(scanner.QWERTZ.Type("XY-7/(Z)"), scanner.AZERTY.Type("0108935"))
	// Output: XZß7-)Y= à&à_ç"(
}
