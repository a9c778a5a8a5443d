package datamatrix

// A placement says for every module of the mapping matrix, row by row, which bit it shows: codeword*8 + bit with bit 0 the
// most significant, or one of the constants below for the corner that some sizes leave over.
type placement []int16

const (
	fixedLight = -1
	fixedDark  = -2
	unset      = -3
)

// place walks the mapping matrix along the diagonals of ISO/IEC 16022:2006 annex F.3 into buf, which is grown as needed.
func place(s *size, buf placement) placement {
	rows, cols := s.mapRows(), s.mapCols()
	if cap(buf) < rows*cols {
		buf = make(placement, rows*cols)
	}
	p := buf[:rows*cols]
	for i := range p {
		p[i] = unset
	}
	set := func(r, c, codeword, bit int) {
		if r < 0 { // wrap around, figure F.3
			r += rows
			c += 4 - (rows+4)%8
		}
		if c < 0 {
			c += cols
			r += 4 - (cols+4)%8
		}
		if r >= rows { // DMRE sizes of 20 and more rows wrap twice
			r -= rows
		}
		p[r*cols+c] = int16(codeword*8 + bit)
	}
	utah := func(r, c, k int) {
		set(r-2, c-2, k, 0)
		set(r-2, c-1, k, 1)
		set(r-1, c-2, k, 2)
		set(r-1, c-1, k, 3)
		set(r-1, c, k, 4)
		set(r, c-2, k, 5)
		set(r, c-1, k, 6)
		set(r, c, k, 7)
	}
	corner := func(k int, at [8][2]int) {
		for bit, rc := range at {
			r, c := rc[0], rc[1]
			if r < 0 {
				r += rows
			}
			if c < 0 {
				c += cols
			}
			p[r*cols+c] = int16(k*8 + bit)
		}
	}
	k, r, c := 0, 4, 0
	for r < rows || c < cols {
		switch { // the four special corners, figures F.3 to F.6; negative indices count from the far side
		case r == rows && c == 0:
			corner(k, [8][2]int{{-1, 0}, {-1, 1}, {-1, 2}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}})
			k++
		case r == rows-2 && c == 0 && cols%4 != 0:
			corner(k, [8][2]int{{-3, 0}, {-2, 0}, {-1, 0}, {0, -4}, {0, -3}, {0, -2}, {0, -1}, {1, -1}})
			k++
		case r == rows-2 && c == 0 && cols%8 == 4:
			corner(k, [8][2]int{{-3, 0}, {-2, 0}, {-1, 0}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}})
			k++
		case r == rows+4 && c == 2 && cols%8 == 0:
			corner(k, [8][2]int{{-1, 0}, {-1, -1}, {0, -3}, {0, -2}, {0, -1}, {1, -3}, {1, -2}, {1, -1}})
			k++
		}
		for { // up and to the right, at least one step
			if r < rows && c >= 0 && c < cols && p[r*cols+c] == unset {
				utah(r, c, k)
				k++
			}
			r, c = r-2, c+2
			if r < 0 || c >= cols {
				break
			}
		}
		r, c = r+1, c+3
		for { // down and to the left
			if r >= 0 && r < rows && c < cols && p[r*cols+c] == unset {
				utah(r, c, k)
				k++
			}
			r, c = r+2, c-2
			if r >= rows || c < 0 {
				break
			}
		}
		r, c = r+3, c+1
	}
	if p[rows*cols-1] == unset { // four modules are left over: a fixed checkerboard
		p[rows*cols-1], p[(rows-1)*cols-2] = fixedDark, fixedDark
		p[rows*cols-2], p[(rows-1)*cols-1] = fixedLight, fixedLight
	}
	return p
}
