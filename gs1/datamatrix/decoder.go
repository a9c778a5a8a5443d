package datamatrix

import "slices"

// A decoder turns grids into symbols. It keeps its tables from one grid to the next; its zero value is ready.
type decoder struct {
	places   [len(sizes)]placement
	codeword [maxTotal]byte
	doubt    [maxTotal]uint8 // confidence of the least sure module of each codeword
	data     [maxTotal]byte
	last     message       // parsed, for its memory
	order    [maxBlock]int // codewords of a block, least sure first
}

// decode reads the codewords of g, corrects them and reads the message. It says false rather than anything wrong.
func (d *decoder) decode(g *grid) (Symbol, bool) {
	s := g.size
	d.read(g)
	r, ok := d.correct(s, 0)
	if !ok && s.data%s.blocks != 0 {
		r, ok = d.correct(s, s.data%s.blocks) // 144×144 as many printers have it
	}
	if !ok {
		return Symbol{}, false
	}
	data := d.data[:s.data]
	m, err := parseMessage(data, d.last)
	d.last = m
	if err != nil || s.check < fewCheck && m.badPad || r.erased > 0 && !m.plausible(r.left < ample) {
		return Symbol{}, false
	}
	sym := Symbol{
		Rows: s.rows, Columns: s.cols,
		Corrected: r.changed, Erased: r.erased, UnusedCorrection: r.unused,
		Codewords: slices.Clone(data),
	}
	sym.say(&m)
	return sym, true
}

// read collects the bits of the codewords (5.8.1, annex F).
func (d *decoder) read(g *grid) {
	s := g.size
	i := sizeOf(s.rows, s.cols)
	if d.places[i] == nil {
		d.places[i] = place(s, nil)
	}
	n := s.total()
	clear(d.codeword[:n])
	for k := range n {
		d.doubt[k] = 255
	}
	at := 0
	for r := range s.mapRows() {
		for c := range s.mapCols() {
			p := d.places[i][at]
			at++
			if p < 0 {
				continue
			}
			row, col := s.module(r, c)
			j := row*s.cols + col
			if g.dark[j] {
				d.codeword[p/8] |= 0x80 >> (p % 8)
			}
			if g.sure != nil {
				d.doubt[p/8] = min(d.doubt[p/8], g.sure[j])
			}
		}
	}
	if g.sure == nil {
		clear(d.doubt[:n])
	}
}

// A repair is the outcome of error correction over all blocks.
type repair struct {
	changed, erased int
	left            int // check codewords that erasures have left over, least of the blocks
	unused          float64
}

// correct fills d.data. Codeword i belongs to block i mod blocks; shift moves the check codewords to other blocks.
func (d *decoder) correct(s *size, shift int) (repair, bool) {
	total := repair{unused: 1, left: maxCheck}
	n := s.total()
	check := s.check / s.blocks
	var block, work [maxBlock]byte
	var index [maxBlock]int // of block's codewords in d.codeword
	for b := range s.blocks {
		k := 0
		for i := b; i < s.data; i += s.blocks {
			index[k] = i
			k++
		}
		data := k
		first := s.data + (b-s.data%s.blocks+s.blocks+shift)%s.blocks
		for i := first; i < n; i += s.blocks {
			index[k] = i
			k++
		}
		for i, j := range index[:k] {
			block[i] = d.codeword[j]
		}
		copy(work[:k], block[:k])
		changed, ok := correct(work[:k], check, nil)
		erased := 0
		if !ok {
			changed, erased, ok = d.erase(block[:k], work[:k], index[:k], check)
		}
		if !ok {
			return repair{}, false
		}
		if erased > 0 {
			total.left = min(total.left, check-erased-2*others(block[:k], work[:k], d.order[:erased]))
		}
		total.changed += changed
		total.erased += erased
		// Erasures cost one check codeword each, other errors two.
		total.unused = min(total.unused, 1-float64(min(check, erased+2*max(changed-erased, 0)))/float64(check))
		for i := range data {
			d.data[index[i]] = work[i]
		}
	}
	return total, true
}

// spare is how many check codewords erasures must leave over, to notice a wrong correction: one in 256² is not noticed, and
// of those only what starts with FNC1 and a GTIN or SSCC with the right check digit is let through. With ample codewords
// left over any message is.
const spare, ample = 2, 3

// fewCheck is a number of check codewords so small that they do not prove a message alone.
const fewCheck = 10

// erase tries again with the least sure codewords as erasures.
func (d *decoder) erase(block, work []byte, index []int, check int) (changed, erased int, ok bool) {
	o := d.order[:len(block)]
	for i := range o {
		o[i] = i
	}
	slices.SortStableFunc(o, func(a, b int) int { return int(d.doubt[index[a]]) - int(d.doubt[index[b]]) })
	if check < fewCheck || d.doubt[index[o[0]]] == d.doubt[index[o[len(o)-1]]] {
		return 0, 0, false // nothing to go by, or nothing to check by
	}
	for n := check / 4; n <= check-spare; n += max(1, check/6) {
		copy(work, block)
		changed, ok = correct(work, check, o[:n])
		if ok && 2*others(block, work, o[:n])+n <= check-spare {
			return changed, n, true
		}
	}
	return 0, 0, false
}

// others counts the codewords that were changed outside the erasures.
func others(before, after []byte, erasures []int) int {
	n := 0
	for i := range before {
		if before[i] != after[i] && !slices.Contains(erasures, i) {
			n++
		}
	}
	return n
}

// plausible says whether a message that erasures have recovered looks right: the padding is as it must be, and if it is GS1
// and starts with a GTIN or an SSCC, the check digit agrees. A strict look takes nothing else than that.
func (m *message) plausible(strict bool) bool {
	if m.badPad {
		return false
	}
	if m.fnc1 != 1 {
		return !strict
	}
	b := m.bytes
	if len(b) < 2 {
		return false
	}
	n := 14
	switch string(b[:2]) {
	case "00":
		n = 18
	case "01", "02", "03":
	default:
		return !strict
	}
	if len(b) < 2+n {
		return false
	}
	sum := 0
	for i, c := range b[2 : 2+n] {
		if c < '0' || c > '9' {
			return false
		}
		weight := 1
		if (n-1-i)%2 == 1 {
			weight = 3
		}
		sum += weight * int(c-'0')
	}
	return sum%10 == 0
}
