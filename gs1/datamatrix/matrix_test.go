package datamatrix

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLayouts reads the same symbol from every kind of picture that is treated on its own, and from a part of one.
func TestLayouts(t *testing.T) {
	const text = "010952123454321310ABC"
	m, err := Encode(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	gray := m.Gray()
	r := gray.Bounds()
	rgba, nrgba, gray16 := image.NewRGBA(r), image.NewNRGBA(r), image.NewGray16(r)
	for y := range r.Max.Y {
		for x := range r.Max.X {
			c := gray.At(x, y)
			rgba.Set(x, y, c)
			nrgba.Set(x, y, c)
			gray16.Set(x, y, c)
		}
	}
	var jpg, png bytes.Buffer
	if err := jpeg.Encode(&jpg, rgba, nil); err != nil {
		t.Fatal(err)
	}
	ycc, err := jpeg.Decode(&jpg)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.WritePNG(&png); err != nil {
		t.Fatal(err)
	}
	paletted, _, err := image.Decode(&png)
	if err != nil {
		t.Fatal(err)
	}
	wide := image.NewGray(image.Rect(-50, -50, 400, 400))
	for i := range wide.Pix {
		wide.Pix[i] = 200
	}
	for y := range r.Max.Y {
		for x := range r.Max.X {
			wide.Set(x+100, y+70, gray.At(x, y))
		}
	}
	for name, img := range map[string]image.Image{
		"matrix": m, "gray": gray, "RGBA": rgba, "NRGBA": nrgba, "gray 16": gray16, "JPEG": ycc, "PNG": paletted,
		"part": wide.SubImage(image.Rect(90, 60, 330, 300)),
	} {
		s, err := Decode(img)
		if err != nil || s.ScanData != "]d2"+text {
			t.Errorf("%s: %q, %v", name, s.ScanData, err)
		}
	}
}

// TestDrawing: the picture is the modules with their quiet zone, pixel by pixel.
func TestDrawing(t *testing.T) {
	for _, tt := range []struct {
		opts                  Options
		wide, high, left, dot int // pixels
	}{
		{Options{}, 96, 96, 8, 8},
		{Options{Module: 3, QuietZone: 4}, 54, 54, 12, 3},
		{Options{Module: 1, QuietZone: -1}, 10, 10, 0, 1},
		{Options{Shape: Rectangle, Module: 2}, 40, 20, 2, 2},
		{Options{Module: -5}, 96, 96, 8, 8},
	} {
		m, err := Encode("10A", &tt.opts)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Bounds(); got != image.Rect(0, 0, tt.wide, tt.high) {
			t.Errorf("%+v: bounds %v", tt.opts, got)
		}
		var b bytes.Buffer
		if err := m.WritePNG(&b); err != nil {
			t.Fatal(err)
		}
		png, _, err := image.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		gray := m.Gray()
		for y := range tt.high {
			for x := range tt.wide {
				r, c := (y-tt.left+tt.dot*9)/tt.dot-9, (x-tt.left+tt.dot*9)/tt.dot-9
				want := uint32(0xffff)
				if m.Dark(r, c) {
					want = 0
				}
				for _, img := range []image.Image{m, gray, png} {
					if got, _, _, _ := img.At(x, y).RGBA(); got != want {
						t.Fatalf("%+v: %T at %d, %d is %#x", tt.opts, img, x, y, got)
					}
				}
			}
		}
	}
}

// TestSVG: the path of the drawing is the modules, and the drawing is XML.
func TestSVG(t *testing.T) {
	const x = 0.5
	for _, tt := range []struct {
		opts  Options
		lines []string
		head  string // of the drawing
		want  []string
	}{
		{Options{}, []string{"(10) A & <B>"}, `width="31.7mm" height="6mm" viewBox="0 0 31.7 6"`, []string{"(10) A &amp; &lt;B&gt;</text>", `font-size="3.5"`}},
		{Options{Shape: Rectangle, QuietZone: 2}, nil, `width="11mm" height="6mm" viewBox="0 0 11 6"`, nil},
		{Options{Shape: DMRE}, []string{"a", "b", "c", "Dược"}, `width="29.1mm" height="7.8mm" viewBox="0 0 29.1 7.8"`, []string{"Dược</text>", `font-size="1.5"`}},
	} {
		m, err := Encode("10A", &tt.opts)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := m.WriteSVG(&b, x, tt.lines...); err != nil {
			t.Fatal(err)
		}
		svg := b.String()
		for _, want := range append(tt.want, tt.head) {
			if !strings.Contains(svg, want) {
				t.Errorf("%+v: no %s in\n%s", tt.opts, want, svg)
			}
		}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%+v: %v", tt.opts, err)
			}
		}
		drawn := make([]bool, len(m.dark))
		quiet := max(tt.opts.QuietZone, 1)
		for _, run := range regexp.MustCompile(`M(\S+) (\S+?)h(\S+?)v0.5h-(\S+?)z`).FindAllStringSubmatch(svg, -1) {
			var v [3]int // modules
			for i := range v {
				mm, err := strconv.ParseFloat(run[i+1], 64)
				if err != nil {
					t.Fatal(err)
				}
				v[i] = int(math.Round(mm / x))
			}
			for c := range v[2] {
				drawn[(v[1]-quiet)*m.Columns()+v[0]-quiet+c] = true
			}
		}
		if diff := cmp.Diff(m.dark, drawn); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", tt.opts, diff)
		}
	}
	m, err := Encode("10A", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []float64{0, -1, 1000, math.NaN(), math.Inf(1)} {
		if err := m.WriteSVG(io.Discard, x); err == nil {
			t.Errorf("an X-dimension of %v is no error", x)
		}
	}
	if err := m.WriteSVG(broken{}, x); err == nil {
		t.Error("a writer's error is lost")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, fmt.Errorf("broken") }
