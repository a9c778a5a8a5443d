package datamatrix

import (
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix/detector"
)

// Decode reads the first symbol found in a picture. A picture in which none can be read gives ErrNotFound. The gray plane
// of *image.Gray and *image.YCbCr is used without a copy.
func Decode(img image.Image) (Symbol, error) {
	all, err := DecodeAll(img)
	if err != nil {
		return Symbol{}, err
	}
	return all[0], nil
}

// DecodeAll reads the symbols of a picture, for now the first one that is found. A picture in which none can be read gives
// ErrNotFound.
func DecodeAll(img image.Image) ([]Symbol, error) {
	p, _ := planeOf(img, nil)
	var d decoder
	for _, scale := range [...]float64{1, 0.5, 2, 0.25, 0.125} {
		if float64(p.w)*scale < 8 || float64(p.h)*scale < 8 || p.w > 1<<14 || p.h > 1<<14 ||
			float64(p.w)*scale*float64(p.h)*scale > 1<<22 {
			continue
		}
		for _, turn := range [...]bool{false, true} {
			v := p.look(scale, turn)
			for _, invert := range [...]bool{false, true} {
				if invert {
					for i, g := range v.pix {
						v.pix[i] = ^g
					}
				}
				if s, ok := detect(&v, &d); ok {
					s.Inverted = invert
					return []Symbol{s}, nil
				}
			}
		}
	}
	return nil, ErrNotFound
}

// detect finds one symbol by gozxing's detector under both its binarizers and decodes its grid.
func detect(v *view, d *decoder) (Symbol, bool) {
	src, err := gozxing.NewPlanarYUVLuminanceSource(v.pix, v.w, v.h, 0, 0, v.w, v.h, false)
	if err != nil {
		return Symbol{}, false
	}
	for _, b := range [...]gozxing.Binarizer{gozxing.NewHybridBinarizer(src), gozxing.NewGlobalHistgramBinarizer(src)} {
		bits, err := b.GetBlackMatrix()
		if err != nil {
			continue
		}
		det, err := detector.NewDetector(bits)
		if err != nil {
			continue
		}
		res, err := det.Detect()
		if err != nil {
			continue
		}
		m := res.GetBits()
		i := sizeOf(m.GetHeight(), m.GetWidth())
		if i < 0 {
			continue
		}
		var g grid
		g.reset(&sizes[i])
		for r := range m.GetHeight() {
			for c := range m.GetWidth() {
				g.dark[r*m.GetWidth()+c] = m.Get(c, r)
			}
		}
		s, ok := d.decode(&g)
		if !ok && m.GetHeight() == m.GetWidth() {
			g.mirror()
			s, ok = d.decode(&g)
			s.Mirrored = ok
		}
		if !ok {
			continue
		}
		for i, pt := range res.GetPoints() { // top left, bottom left, bottom right, top right
			s.Corners[[...]int{0, 3, 2, 1}[i]] = v.origin(Point{pt.GetX(), pt.GetY()})
		}
		return s, true
	}
	return Symbol{}, false
}
