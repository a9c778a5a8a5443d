package datamatrix

// A size is one row of the symbol attribute tables: ISO/IEC 16022:2006 table 7 (ECC 200) and ISO/IEC 21471:2020 table 1
// (rectangular extension, DMRE).
type size struct {
	rows, cols             int // of the whole symbol, in modules
	regionRows, regionCols int // of one data region, without its finder and timing border
	data, check            int // codewords
	blocks                 int // interleaved Reed-Solomon blocks; codeword i belongs to block i mod blocks
	family                 Shape
}

// Bounds over all sizes, for fixed arrays.
const (
	maxSide  = 144  // modules
	maxTotal = 2178 // codewords of 144×144
	maxCheck = 68   // check codewords of one block
	maxBlock = 255  // codewords of one block
)

var sizes = [...]size{
	{10, 10, 8, 8, 3, 5, 1, Square},
	{12, 12, 10, 10, 5, 7, 1, Square},
	{14, 14, 12, 12, 8, 10, 1, Square},
	{16, 16, 14, 14, 12, 12, 1, Square},
	{18, 18, 16, 16, 18, 14, 1, Square},
	{20, 20, 18, 18, 22, 18, 1, Square},
	{22, 22, 20, 20, 30, 20, 1, Square},
	{24, 24, 22, 22, 36, 24, 1, Square},
	{26, 26, 24, 24, 44, 28, 1, Square},
	{32, 32, 14, 14, 62, 36, 1, Square},
	{36, 36, 16, 16, 86, 42, 1, Square},
	{40, 40, 18, 18, 114, 48, 1, Square},
	{44, 44, 20, 20, 144, 56, 1, Square},
	{48, 48, 22, 22, 174, 68, 1, Square},
	{52, 52, 24, 24, 204, 84, 2, Square},
	{64, 64, 14, 14, 280, 112, 2, Square},
	{72, 72, 16, 16, 368, 144, 4, Square},
	{80, 80, 18, 18, 456, 192, 4, Square},
	{88, 88, 20, 20, 576, 224, 4, Square},
	{96, 96, 22, 22, 696, 272, 4, Square},
	{104, 104, 24, 24, 816, 336, 6, Square},
	{120, 120, 18, 18, 1050, 408, 6, Square},
	{132, 132, 20, 20, 1304, 496, 8, Square},
	{144, 144, 22, 22, 1558, 620, 10, Square},

	{8, 18, 6, 16, 5, 7, 1, Rectangle},
	{8, 32, 6, 14, 10, 11, 1, Rectangle},
	{12, 26, 10, 24, 16, 14, 1, Rectangle},
	{12, 36, 10, 16, 22, 18, 1, Rectangle},
	{16, 36, 14, 16, 32, 24, 1, Rectangle},
	{16, 48, 14, 22, 49, 28, 1, Rectangle},

	{8, 48, 6, 22, 18, 15, 1, DMRE},
	{8, 64, 6, 14, 24, 18, 1, DMRE},
	{8, 80, 6, 18, 32, 22, 1, DMRE},
	{8, 96, 6, 22, 38, 28, 1, DMRE},
	{8, 120, 6, 18, 49, 32, 1, DMRE},
	{8, 144, 6, 22, 63, 36, 1, DMRE},
	{12, 64, 10, 14, 43, 27, 1, DMRE},
	{12, 88, 10, 20, 64, 36, 1, DMRE},
	{16, 64, 14, 14, 62, 36, 1, DMRE},
	{20, 36, 18, 16, 44, 28, 1, DMRE},
	{20, 44, 18, 20, 56, 34, 1, DMRE},
	{20, 64, 18, 14, 84, 42, 1, DMRE},
	{22, 48, 20, 22, 72, 38, 1, DMRE},
	{24, 48, 22, 22, 80, 41, 1, DMRE},
	{24, 64, 22, 14, 108, 46, 1, DMRE},
	{26, 40, 24, 18, 70, 38, 1, DMRE},
	{26, 48, 24, 22, 90, 42, 1, DMRE},
	{26, 64, 24, 14, 118, 50, 1, DMRE},
}

// total is the number of codewords, data and check.
func (s *size) total() int { return s.data + s.check }

// mapRows and mapCols give the extent of the mapping matrix: the data regions put together.
func (s *size) mapRows() int { return s.rows / (s.regionRows + 2) * s.regionRows }
func (s *size) mapCols() int { return s.cols / (s.regionCols + 2) * s.regionCols }

// module gives the place in the symbol of row r, column c of the mapping matrix.
func (s *size) module(r, c int) (row, col int) {
	return r + 2*(r/s.regionRows) + 1, c + 2*(c/s.regionCols) + 1
}

// border says whether the module at row, col belongs to the finder or timing pattern of its region, and whether it is
// dark (5.5.1): left and bottom solid, top and right alternating. Row 0 is at the top.
func (s *size) border(row, col int) (dark, ok bool) {
	r, c := row%(s.regionRows+2), col%(s.regionCols+2)
	switch {
	case c == 0 || r == s.regionRows+1:
		return true, true
	case r == 0:
		return c%2 == 0, true
	case c == s.regionCols+1:
		return r%2 == 1, true
	}
	return false, false
}

// sizeOf finds the index in sizes of a symbol with the given rows and columns, or -1.
func sizeOf(rows, cols int) int {
	for i := range sizes {
		if sizes[i].rows == rows && sizes[i].cols == cols {
			return i
		}
	}
	return -1
}
