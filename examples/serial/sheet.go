package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/dauvet/dauvet/gs1/datamatrix"
	"github.com/dauvet/dauvet/gs1/scanner"
)

// writeSheet draws the calibration sheet, as SVG or PNG by the ending of the name. Nothing is written unless all of it
// could be drawn.
func writeSheet(name string) error {
	symbols, err := sheet()
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	switch strings.ToLower(filepath.Ext(name)) {
	case ".svg":
		err = svg(&buf, symbols)
	case ".png":
		err = png.Encode(&buf, picture(symbols))
	default:
		err = fmt.Errorf("%s: a sheet is .svg or .png", name)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(name, buf.Bytes(), 0o644)
}

// sheet makes the symbols.
func sheet() ([]*datamatrix.Matrix, error) {
	var symbols []*datamatrix.Matrix
	for _, t := range scanner.CalibrationTexts() {
		encode := datamatrix.EncodeText
		if t.GS1 {
			encode = datamatrix.Encode
		}
		m, err := encode(t.Text, &datamatrix.Options{QuietZone: 4})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		symbols = append(symbols, m)
	}
	return symbols, nil
}

// svg puts the symbols one under the other on a page of A4, with numbers and names.
func svg(b *bytes.Buffer, symbols []*datamatrix.Matrix) error {
	const module = 0.75 // mm
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">` + "\n")
	y := 20.0
	for i, m := range symbols {
		fmt.Fprintf(b, "<g transform=\"translate(20 %g)\">\n", y)
		if err := m.WriteSVG(b, module, "", fmt.Sprintf("%d. %s", i+1, scanner.CalibrationTexts()[i].Name), ""); err != nil {
			return err
		}
		b.WriteString("</g>\n")
		y += module*float64(m.Rows()) + 30
	}
	b.WriteString("</svg>\n")
	return nil
}

// picture puts the symbols one under the other, far enough apart to scan one alone.
func picture(symbols []*datamatrix.Matrix) image.Image {
	const gap = 120
	width, height := 0, gap
	for _, m := range symbols {
		width = max(width, m.Bounds().Dx()+2*gap)
		height += m.Bounds().Dy() + gap
	}
	page := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.White, color.Black})
	y := gap
	for _, m := range symbols {
		draw.Draw(page, m.Bounds().Add(image.Pt(gap, y)), m, image.Point{}, draw.Src)
		y += m.Bounds().Dy() + gap
	}
	return page
}
