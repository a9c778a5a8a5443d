package datamatrix

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"
)

// FuzzDecode reads pictures of any content and width, in both layouts of gray.
func FuzzDecode(f *testing.F) {
	m, err := Encode("0109521234543213", nil)
	if err != nil {
		f.Fatal(err)
	}
	img := render(m, scene{module: 2, angle: 3, dark: 20, light: 220}, rand.New(rand.NewPCG(23, 24)))
	f.Add(img.Pix, uint16(img.Stride), false)
	f.Add(bytes.Repeat([]byte{0, 255, 7}, 500), uint16(30), true)
	f.Fuzz(func(t *testing.T, pix []byte, width uint16, ycc bool) {
		if width == 0 || len(pix) > 1<<12 {
			return
		}
		w, h := int(width), len(pix)/int(width)
		var img image.Image = &image.Gray{Pix: pix, Stride: w, Rect: image.Rect(0, 0, w, h)}
		if ycc {
			img = &image.YCbCr{Y: pix, YStride: w, Rect: image.Rect(0, 0, w, h), SubsampleRatio: image.YCbCrSubsampleRatio420}
		}
		all, err := DecodeAll(img)
		if err != nil {
			return
		}
		for _, s := range all {
			if s.Rows == 0 || !strings.HasPrefix(s.ScanData, "]d") {
				t.Errorf("odd symbol %+v", s)
			}
		}
	})
}

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

func TestSVG(t *testing.T) {
	m, err := Encode("10A", nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := m.WriteSVG(&b, 0.5, "(10) A & <B>"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`height="6mm"`, "(10) A &amp; &lt;B&gt;</text>", "M0.5 0.5h0.5v0.5h-0.5z"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if err := m.WriteSVG(&b, 0); err == nil {
		t.Error("an X-dimension of 0 is no error")
	}
}
