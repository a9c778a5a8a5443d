package main

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1/datamatrix"
)

var update = flag.Bool("update", false, "draw testdata/pack.jpg and write the golden files anew")

// packScan is what the symbol on the drawn pack says.
const packScan = "01089360001234511728063010DV24A07\x1d21K7M2Q9X4T1"

// TestPack reads the committed picture back; with -update it is drawn first.
func TestPack(t *testing.T) {
	if *update {
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, drawPack(t), &jpeg.Options{Quality: 85}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/pack.jpg", buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open("testdata/pack.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	s, err := datamatrix.Decode(img)
	if err != nil {
		t.Fatal(err)
	}
	if want := "]d2" + packScan; s.ScanData != want {
		t.Errorf("scan data %q, want %q", s.ScanData, want)
	}
}

// drawPack draws the face of a pack and photographs it: slightly tilted, on a table, under a lamp from the left.
func drawPack(t *testing.T) image.Image {
	face := drawFace(t)
	const width, height = 960, 680
	photo := image.NewRGBA(image.Rect(0, 0, width, height))
	// The face's corners in the photo, clockwise from its upper left.
	h := homography([4][2]float64{{96, 118}, {846, 62}, {886, 520}, {122, 604}}, float64(face.Rect.Dx()), float64(face.Rect.Dy()))
	const n = 3 // samples a pixel along each axis
	for y := range height {
		for x := range width {
			var r, g, b float64
			for i := range n * n {
				px, py := float64(x)+(float64(i%n)+0.5)/n, float64(y)+(float64(i/n)+0.5)/n
				c := table(px, py)
				if u, v := h.at(px-10, py-14); inside(u, v, face.Rect) { // the shadow
					c = shade(c, 0.62)
				}
				if u, v := h.at(px, py); inside(u, v, face.Rect) {
					c = face.RGBAAt(int(u), int(v))
				}
				c = shade(c, 1.06-0.30*px/width)
				r, g, b = r+float64(c.R), g+float64(c.G), b+float64(c.B)
			}
			photo.SetRGBA(x, y, color.RGBA{uint8(r / (n * n)), uint8(g / (n * n)), uint8(b / (n * n)), 255})
		}
	}
	return photo
}

// table is the colour of the table top: boards with some grain.
func table(x, y float64) color.RGBA {
	grain := 6*math.Sin(y/3.1+2*math.Sin(x/90)) + 5*math.Sin(y/11+math.Sin(x/140))
	if int(y)%170 < 2 {
		grain -= 40
	}
	return shade(color.RGBA{156, 122, 90, 255}, 1+grain/156)
}

func shade(c color.RGBA, k float64) color.RGBA {
	f := func(v uint8) uint8 { return uint8(min(255, math.Round(float64(v)*k))) }
	return color.RGBA{f(c.R), f(c.G), f(c.B), 255}
}

func inside(u, v float64, r image.Rectangle) bool {
	return u >= 0 && v >= 0 && u < float64(r.Dx()) && v < float64(r.Dy())
}

// drawFace draws the pack's face: name, what is inside, the symbol and the text beside it.
func drawFace(t *testing.T) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 1500, 940))
	var (
		paper = color.RGBA{248, 248, 244, 255}
		blue  = color.RGBA{22, 84, 152, 255}
		green = color.RGBA{54, 150, 108, 255}
		ink   = color.RGBA{32, 32, 36, 255}
	)
	fill(img, img.Rect, paper)
	fill(img, image.Rect(0, 0, 1500, 60), blue)
	fill(img, image.Rect(0, 60, 1500, 76), green)
	write(img, 80, 140, 14, blue, "DAUVET 500")
	write(img, 80, 272, 6, ink, "PARACETAMOL 500 MG")
	write(img, 80, 340, 5, ink, "10 BLISTERS X 10 TABLETS")
	for i := range 5 { // a blister
		for j := range 2 {
			disc(img, 150+i*130, 520+j*130, 48, color.RGBA{214, 222, 228, 255})
			disc(img, 150+i*130, 520+j*130, 36, color.RGBA{255, 255, 255, 255})
		}
	}
	write(img, 80, 760, 5, green, "KEEP BELOW 30 C. KEEP DRY.")
	fill(img, image.Rect(0, 880, 1500, 940), blue)
	write(img, 80, 892, 5, paper, "A DRAWN PACK, NOT A MEDICINE")

	s, err := datamatrix.Encode(packScan, nil)
	if err != nil {
		t.Fatal(err)
	}
	const module = 15
	x0, y0 := 1400-module*s.Columns(), 330
	for y := range s.Rows() {
		for x := range s.Columns() {
			if s.Dark(y, x) {
				fill(img, image.Rect(0, 0, module, module).Add(image.Pt(x0+x*module, y0+y*module)), ink)
			}
		}
	}
	x0 = 1000
	write(img, x0, 700, 4, ink, "GTIN 08936000123451")
	write(img, x0, 740, 4, ink, "LOT  DV24A07")
	write(img, x0, 780, 4, ink, "EXP  30.06.2028")
	write(img, x0, 820, 4, ink, "SN   K7M2Q9X4T1")
	return img
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetRGBA(x, y, c)
		}
	}
}

func disc(img *image.RGBA, x0, y0, r int, c color.RGBA) {
	for y := -r; y <= r; y++ {
		for x := -r; x <= r; x++ {
			if x*x+y*y <= r*r {
				img.SetRGBA(x0+x, y0+y, c)
			}
		}
	}
}

// write draws capital letters and digits, seven dots of size pixels high.
func write(img *image.RGBA, x, y, size int, c color.RGBA, text string) {
	for _, r := range text {
		for i, row := range strings.Fields(glyphs[r]) {
			for j, dot := range row {
				if dot == '#' {
					fill(img, image.Rect(0, 0, size, size).Add(image.Pt(x+j*size, y+i*size)), c)
				}
			}
		}
		x += 6 * size
	}
}

// homographyMap takes points of the photo to points of the face.
type homographyMap [9]float64

// homography returns the map from the four corners q, clockwise from the upper left, to the rectangle (0,0)–(w,h).
func homography(q [4][2]float64, w, h float64) homographyMap {
	// The square to the quadrilateral has a closed form (Heckbert 1989, 2.2.2); its adjugate goes back.
	dx1, dx2, dx3 := q[1][0]-q[2][0], q[3][0]-q[2][0], q[0][0]-q[1][0]+q[2][0]-q[3][0]
	dy1, dy2, dy3 := q[1][1]-q[2][1], q[3][1]-q[2][1], q[0][1]-q[1][1]+q[2][1]-q[3][1]
	d := dx1*dy2 - dx2*dy1
	g, k := (dx3*dy2-dx2*dy3)/d, (dx1*dy3-dx3*dy1)/d
	a, b, c := q[1][0]-q[0][0]+g*q[1][0], q[3][0]-q[0][0]+k*q[3][0], q[0][0]
	e, f, i := q[1][1]-q[0][1]+g*q[1][1], q[3][1]-q[0][1]+k*q[3][1], q[0][1]
	return homographyMap{
		w * (f - i*k), w * (c*k - b), w * (b*i - c*f),
		h * (i*g - e), h * (a - c*g), h * (c*e - a*i),
		e*k - f*g, b*g - a*k, a*f - b*e,
	}
}

func (m homographyMap) at(x, y float64) (u, v float64) {
	z := m[6]*x + m[7]*y + m[8]
	return (m[0]*x + m[1]*y + m[2]) / z, (m[3]*x + m[4]*y + m[5]) / z
}
