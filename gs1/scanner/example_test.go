package scanner_test

import (
	"context"
	"encoding/json"
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

func ExampleCalibrate() {
	// Telex is on and the computer drops GS. What arrives for the sheet:
	var scans []string
	for _, symbol := range scanner.CalibrationTexts() {
		shown := scanner.Telex.Type(strings.ReplaceAll(symbol.Text, "\x1d", ""))
		scans = append(scans, shown+"\r")
	}
	profile, diagnosis, err := scanner.Calibrate(scans)
	if err != nil {
		log.Fatal(err)
	}
	saved, err := json.Marshal(profile)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(saved))
	for _, sentence := range diagnosis.Words("en") {
		fmt.Println(sentence)
	}
	// Output:
	// {"suffix":"\r","input_method":"telex"}
	// The input method telex is on and damages codes: turn it off, or set the scanner to USB-COM mode.
	// The separator is lost: set the scanner to send the character GS (ASCII 29).
}

func ExampleReading_Words() {
	r := scanner.Interpret("01089350000000071727123110LÁ5\x1d21SN1", nil)
	fmt.Println(r.Words("vi"))
	fmt.Println(r.Words("en"))
	fmt.Println(r.Candidates[0].Message.HRI())
	// Output:
	// Chưa chắc chắn: có nhiều cách đọc, hãy so với chữ in trên hộp. Bộ gõ tiếng Việt đã biến đổi hoặc có thể đã biến đổi mã: hãy tắt bộ gõ (Unikey, Telex, VNI) rồi quét lại. Cách đọc đầu tiên: đã khôi phục phím bị bộ gõ telex biến đổi.
	// Not certain: it can be read in several ways, compare the text on the box. A Vietnamese input method has or may have changed the code: turn it off (Unikey, Telex, VNI) and scan again. The first way to read it: what the input method telex changed was undone.
	// (01)08935000000007(17)271231(10)LAS5(21)SN1
}
