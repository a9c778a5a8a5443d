package datamatrix_test

import (
	"errors"
	"fmt"
	"image"

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

func ExampleEncode() {
	_, err := datamatrix.Encode("0101104645219250", &datamatrix.Options{Rows: 12})
	var long *datamatrix.TooLongError
	if errors.As(err, &long) {
		fmt.Println(err)
	}
	// Output:
	// datamatrix: 16 characters do not fit a symbol of 12×12 modules
}
