package datamatrix

import (
	"image"
	"image/color"
)

// A plane is a gray picture. It usually borrows the pixels of the picture it was made of.
type plane struct {
	pix    []byte
	stride int
	w, h   int
}

// maxPixels bounds the pictures that are read, and with them memory and time.
const maxPixels = 1 << 28

// planeOf gives the gray plane of img, without a copy for *image.Gray and *image.YCbCr, else converted into buf.
// It returns buf grown as needed.
func planeOf(img image.Image, buf []byte) (plane, []byte) {
	if img == nil {
		return plane{}, buf
	}
	r := img.Bounds()
	w, h := r.Dx(), r.Dy()
	if w <= 0 || h <= 0 || w > maxPixels/h {
		return plane{}, buf
	}
	switch m := img.(type) {
	case *image.Gray:
		return plane{m.Pix[m.PixOffset(r.Min.X, r.Min.Y):], m.Stride, w, h}, buf
	case *image.YCbCr:
		return plane{m.Y[m.YOffset(r.Min.X, r.Min.Y):], m.YStride, w, h}, buf
	}
	if cap(buf) < w*h {
		buf = make([]byte, w*h)
	}
	buf = buf[:w*h]
	p := plane{buf, w, w, h}
	switch m := img.(type) {
	case *image.RGBA:
		for y := range h {
			src := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x, dst := 0, p.row(y); x < w; x++ {
				dst[x] = luma(src[4*x], src[4*x+1], src[4*x+2], 255)
			}
		}
	case *image.NRGBA:
		for y := range h {
			src := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x, dst := 0, p.row(y); x < w; x++ {
				dst[x] = luma(src[4*x], src[4*x+1], src[4*x+2], src[4*x+3])
			}
		}
	case *image.Paletted:
		var gray [256]byte
		for i, c := range m.Palette {
			if i < len(gray) {
				gray[i] = grayOf(c)
			}
		}
		for y := range h {
			src := m.Pix[m.PixOffset(r.Min.X, r.Min.Y+y):]
			for x, dst := 0, p.row(y); x < w; x++ {
				dst[x] = gray[src[x]]
			}
		}
	default:
		for y := range h {
			for x, dst := 0, p.row(y); x < w; x++ {
				dst[x] = grayOf(img.At(r.Min.X+x, r.Min.Y+y))
			}
		}
	}
	return p, buf
}

func (p *plane) row(y int) []byte { return p.pix[y*p.stride:][:p.w] }

// crop gives the part of p in c, which lies within it.
func (p plane) crop(c image.Rectangle) plane {
	if c.Empty() || c.Min.X < 0 || c.Min.Y < 0 || c.Max.X > p.w || c.Max.Y > p.h {
		return plane{}
	}
	return plane{p.pix[c.Min.Y*p.stride+c.Min.X:], p.stride, c.Dx(), c.Dy()}
}

// luma is the brightness of a colour over a white ground, with the weights of color.GrayModel.
func luma(r, g, b, a byte) byte {
	y := (19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16
	if a != 255 {
		y = (y*uint32(a) + 255*(255-uint32(a)) + 127) / 255
	}
	return byte(y)
}

func grayOf(c color.Color) byte {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return luma(n.R, n.G, n.B, n.A)
}
