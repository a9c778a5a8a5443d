package datamatrix

import (
	"bytes"
	"image"
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
