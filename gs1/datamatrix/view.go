package datamatrix

// A view is a plane seen in one polarity: for inverted symbols the gray is complemented, so that modules are always dark.
type view struct {
	plane
	flip byte    // 0 or 255
	zoom float64 // pixels of the picture in one of the view, along a side
}

// at is the brightness at a place, 0 to 255, bilinear between pixel centres. Outside the picture all is light.
func (p *view) at(x, y float64) float64 {
	if !(x >= 0 && y >= 0 && x < float64(p.w) && y < float64(p.h)) {
		return 255
	}
	fx, fy := int(x*256)-128, int(y*256)-128
	fx = min(max(fx, 0), (p.w-1)<<8)
	fy = min(max(fy, 0), (p.h-1)<<8)
	i, j := fx>>8, fy>>8
	a, b := fx&255, fy&255
	k := j*p.stride + i
	right, down := 1, p.stride
	if i == p.w-1 {
		right = 0
	}
	if j == p.h-1 {
		down = 0
	}
	v00, v01 := int(p.pix[k]), int(p.pix[k+right])
	v10, v11 := int(p.pix[k+down]), int(p.pix[k+down+right])
	top := v00<<8 + a*(v01-v00)
	bottom := v10<<8 + a*(v11-v10)
	g := float64(top<<8+b*(bottom-top)) * (1.0 / 65536)
	if p.flip != 0 {
		return 255 - g
	}
	return g
}

// polarity makes the view show light symbols as dark, or not.
func (p *view) polarity(light bool) {
	p.flip = 0
	if light {
		p.flip = 255
	}
}
