package datamatrix

// A view is a plane seen in one polarity: for inverted symbols the gray is complemented, so that modules are always dark.
type view struct {
	plane
	flip  byte    // 0 or 255
	zoom  float64 // pixels of the picture in one of the view, along a side
	least int32   // contrast that is more than noise
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

// profile adds to sum the brightness at the middles of the len(sum) equal parts of the way from a to b, in parts of 256 of a
// gray level.
func (p *view) profile(a, b Point, sum []int32) {
	n := 1 / float64(len(sum))
	dx, dy := (b.X-a.X)*n, (b.Y-a.Y)*n
	x, y := a.X+dx/2, a.Y+dy/2
	if !p.within(a) || !p.within(b) { // the ends of the way one by one
		for len(sum) > 0 && !p.within(Point{x, y}) {
			sum[0] += int32(p.at(x, y) * 256)
			sum = sum[1:]
			x += dx
			y += dy
		}
		for k := len(sum) - 1; k >= 0; k-- {
			c := Point{x + float64(k)*dx, y + float64(k)*dy}
			if p.within(c) {
				break
			}
			sum[k] += int32(p.at(c.X, c.Y) * 256)
			sum = sum[:k]
		}
	}
	// Fixed point, 16 bits; of the fraction 8 are used.
	fx, fy := int((x-0.5)*65536), int((y-0.5)*65536)
	sx, sy := int(dx*65536), int(dy*65536)
	flip, sign := int32(p.flip)<<8, int32(1)
	if p.flip != 0 {
		sign = -1
	}
	pix, stride := p.pix, p.stride
	for i := range sum { // as in fixed, which is too long to be inlined
		k := fy>>16*stride + fx>>16
		u, v := int32(fx>>8&255), int32(fy>>8&255)
		r0 := pix[k : k+2 : k+2]
		r1 := pix[k+stride : k+stride+2 : k+stride+2]
		top := int32(r0[0])<<8 + u*(int32(r0[1])-int32(r0[0]))
		bottom := int32(r1[0])<<8 + u*(int32(r1[1])-int32(r1[0]))
		sum[i] += flip + sign*((top<<8+v*(bottom-top))>>8)
		fx += sx
		fy += sy
	}
}

// within says whether the four pixels around c are in the picture.
func (p *view) within(c Point) bool {
	return c.X >= 1 && c.Y >= 1 && c.X < float64(p.w)-1 && c.Y < float64(p.h)-1
}

// fixed is the bilinear brightness of the plane, in parts of 65536, for coordinates in parts of 65536 from the middle of the
// first pixel.
func (p *view) fixed(fx, fy int) int {
	k := fy>>16*p.stride + fx>>16
	u, v := fx>>8&255, fy>>8&255
	r0 := p.pix[k : k+2 : k+2]
	r1 := p.pix[k+p.stride : k+p.stride+2 : k+p.stride+2]
	top := int(r0[0])<<8 + u*(int(r0[1])-int(r0[0]))
	bottom := int(r1[0])<<8 + u*(int(r1[1])-int(r1[0]))
	return top<<8 + v*(bottom-top)
}

// patch is the mean brightness of n by n places from x, y on, u apart one way and v the other. All are within.
func (p *view) patch(x, y, ux, uy, vx, vy float64, n int) float32 {
	fx, fy := int((x-0.5)*65536), int((y-0.5)*65536)
	sx, sy := int(ux*65536), int(uy*65536)
	tx, ty := int(vx*65536), int(vy*65536)
	sum := 0
	for range n {
		gx, gy := fx, fy
		for range n {
			sum += p.fixed(gx, gy) >> 8
			gx += sx
			gy += sy
		}
		fx += tx
		fy += ty
	}
	g := float32(sum) / float32(n*n<<8)
	if p.flip != 0 {
		return 255 - g
	}
	return g
}
