package datamatrix_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"time"

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
