package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/datamatrix"
	"github.com/dauvet/dauvet/gs1/scanner"
)

// drawn is the picture of a pack that pack_test.go draws.
//
//go:embed testdata/pack.jpg
var drawn []byte

// read gets the message from a picture, or from what a scanner sent.
func read(w io.Writer, picture, scan string) (gs1.Message, error) {
	if scan != "" {
		fmt.Fprintf(w, "scan      %s\n", visible(scan))
		if strings.HasPrefix(scan, "(") {
			return gs1.ParseHRI(scan)
		}
		return interpret(w, scan)
	}
	s, err := look(w, picture)
	if err != nil {
		return gs1.Message{}, err
	}
	fmt.Fprintf(w, "symbol    Data Matrix of %d×%d modules, its upper left corner at (%.0f, %.0f)\n", s.Rows, s.Columns, s.Corners[0].X, s.Corners[0].Y)
	fmt.Fprintf(w, "scan      %s\n", visible(s.ScanData))
	return gs1.Parse(s.ScanData)
}

// interpret takes a scan as it came through a keyboard or a command line.
func interpret(w io.Writer, scan string) (gs1.Message, error) {
	r := scanner.Interpret(scan, scanner.MedicinePack())
	for _, repair := range r.Repairs {
		fmt.Fprintf(w, "repaired  %s\n", repair.Words("en"))
	}
	for i, c := range r.Candidates {
		fmt.Fprintf(w, "perhaps   %s\n", c.Message.HRI())
		for _, d := range c.Doubts {
			fmt.Fprintf(w, "          %s\n", d.Words("en"))
		}
		if i == 2 {
			break
		}
	}
	if len(r.Candidates) > 0 {
		r.Err = errDoubt
		if _, err := gs1.Parse(scan); err != nil { // why it cannot be taken as it stands
			r.Err = fmt.Errorf("%w: %w", err, errDoubt)
		}
	}
	return r.Message, r.Err
}

var errDoubt = errors.New("the scan may mean several things; give it as it is printed, -scan '(01)…(17)…(10)…(21)…'")

// visible shows the separator.
func visible(scan string) string { return strings.ReplaceAll(scan, "\x1d", "␝") }

// look finds the symbol in a picture, the drawn one when no file is named.
func look(w io.Writer, name string) (datamatrix.Symbol, error) {
	data := drawn
	if name == "" {
		name = "the drawn pack (examples/tour/testdata/pack.jpg)"
	} else {
		var err error
		if data, err = os.ReadFile(name); err != nil {
			return datamatrix.Symbol{}, err
		}
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return datamatrix.Symbol{}, fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(w, "picture   %s, %d×%d pixels\n", name, img.Bounds().Dx(), img.Bounds().Dy())
	s, err := datamatrix.Decode(img)
	if err != nil {
		return datamatrix.Symbol{}, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

// meaning is what a date says in full.
func meaning(e gs1.Element) string {
	switch e.AI {
	case "11", "13", "15", "17":
		if d, err := gs1.ParseDate(e.Value); err == nil {
			return d.Time(time.Now()).Format(", 2 January 2006")
		}
	}
	return ""
}
