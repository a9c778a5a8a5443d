package datamatrix_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/datamatrix"
)

// A pack is printed and read again.
func Example() {
	m, err := datamatrix.Encode("010110464521925017291000100C8VZS1\x1d21RIIESYMQRL", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Rows(), "by", m.Columns())
	s, err := datamatrix.Decode(m) // any image.Image
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", s.ScanData)
	// Output:
	// 22 by 22
	// "]d2010110464521925017291000100C8VZS1\x1d21RIIESYMQRL"
}

func ExampleDecode() {
	_, err := datamatrix.Decode(image.NewGray(image.Rect(0, 0, 100, 100)))
	if errors.Is(err, datamatrix.ErrNotFound) {
		fmt.Println("hold the pack closer")
	}
	// Output:
	// hold the pack closer
}

// A camera: the reader keeps its memory, the context bounds the time for a frame.
func ExampleReader() {
	m, err := datamatrix.Encode("010952123454321310A1", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := datamatrix.Reader{Symbols: 1}
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		symbols, err := r.Read(ctx, m.Gray())
		cancel()
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, s := range symbols {
			fmt.Printf("%q grade %d\n", s.Text, s.Grade())
		}
	}
	// Output:
	// "010952123454321310A1" grade 4
	// "010952123454321310A1" grade 4
}

func ExampleEncode() {
	_, err := datamatrix.Encode("0101104645219250", &datamatrix.Options{Rows: 12})
	var long *datamatrix.TooLongError
	if errors.As(err, &long) {
		fmt.Println(err)
	}
	// Output:
	// datamatrix: 16 characters do not fit a symbol of 12×12 modules
}

// A label of 0.5 mm modules with the human readable interpretation beside the symbol.
func ExampleMatrix_WriteSVG() {
	msg, err := gs1.Parse("]d2010952123454321317271231")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := datamatrix.Encode(msg.ElementString(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var lines []string
	for _, e := range msg.Elements {
		lines = append(lines, "("+string(e.AI)+") "+e.Value)
	}
	var svg strings.Builder
	if err := m.WriteSVG(&svg, 0.5, lines...); err != nil {
		fmt.Println(err)
		return
	}
	head, _, _ := strings.Cut(svg.String(), "\n")
	fmt.Println(head)
	fmt.Println(strings.Join(lines, "\n"))
	// Output:
	// <svg xmlns="http://www.w3.org/2000/svg" width="50.4mm" height="10mm" viewBox="0 0 50.4 10">
	// (01) 09521234543213
	// (17) 271231
}

func ExampleMatrix_WritePNG() {
	m, err := datamatrix.Encode("0109521234543213", &datamatrix.Options{Module: 10, QuietZone: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := os.CreateTemp("", "pack-*.png")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := m.WritePNG(f); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Bounds().Max)
	// Output:
	// (200,200)
}

// A text that is not GS1. The reader sends the bytes with their ECI, Text has the characters.
func ExampleEncodeText() {
	m, err := datamatrix.EncodeText("Dược phẩm", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := datamatrix.Decode(m)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.ScanData)
	fmt.Println(s.Text)
	// Output:
	// ]d4\000026Dược phẩm
	// Dược phẩm
}
