package datamatrix

import "slices"

// A decoder turns grids into symbols. It keeps its tables from one grid to the next; its zero value is ready.
type decoder struct {
	layouts  [len(sizes)]layout
	codeword [maxTotal]byte
	doubt    [maxTotal]uint8 // confidence of the least sure module of each codeword
	data     [maxTotal]byte
	last     message        // parsed, for its memory
	order    [maxBlock]int  // codewords of a block, least sure first
	index    [maxBlock]int  // of the codewords of a block
	work     [maxBlock]byte // a block
	syn      [maxCheck]byte // its syndromes
}

// decode reads the codewords of g, corrects them and reads the message. It says false rather than anything wrong.
func (d *decoder) decode(g *grid) (Symbol, bool) {
	d.read(g)
	r, ok := d.correct(g.size, 0)
	if !ok && g.size.data%g.size.blocks != 0 {
		r, ok = d.correct(g.size, g.size.data%g.size.blocks) // 144×144 as many printers have it
	}
	if !ok {
		return Symbol{}, false
	}
	return d.parse(g.size, r)
}

// intact reads g if none of its codewords is wrong.
func (d *decoder) intact(g *grid) (Symbol, bool) {
	d.read(g)
	for b := range g.size.blocks {
		block, _ := d.block(g.size, b, 0)
		var syn [maxCheck]byte
		if !syndromes(block, syn[:g.size.check/g.size.blocks]) {
			return Symbol{}, false
		}
	}
	copy(d.data[:], d.codeword[:g.size.data])
	return d.parse(g.size, repair{unused: 1})
}

// parse makes a symbol of the data codewords.
func (d *decoder) parse(s *size, r repair) (Symbol, bool) {
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
	bits := d.layout(g.size).bits
	for k := range g.size.total() {
		at := bits[8*k:][:8]
		word := byte(0)
		for _, j := range at {
			bit := byte(0)
			if g.dark[j] {
				bit = 1
			}
			word = word<<1 | bit
		}
		d.codeword[k], d.doubt[k] = word, 0
		if g.sure != nil {
			doubt := g.sure[at[0]]
			for _, j := range at[1:] {
				doubt = min(doubt, g.sure[j])
			}
			d.doubt[k] = doubt
		}
	}
}

// layout gives the layout of symbols of size s.
func (d *decoder) layout(s *size) *layout {
	l := &d.layouts[sizeOf(s.rows, s.cols)]
	if l.bits == nil {
		l.make(s)
	}
	return l
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
	check := s.check / s.blocks
	var copied [maxBlock]byte
	for b := range s.blocks {
		block, index := d.block(s, b, shift)
		work := copied[:copy(copied[:], block)]
		syn := d.syn[:check]
		changed, erased, ok := 0, 0, syndromes(block, syn)
		if !ok {
			changed, ok = correct(work, syn, nil)
		}
		if !ok {
			changed, erased, ok = d.erase(block, work, syn, index)
		}
		if !ok {
			return repair{}, false
		}
		if erased > 0 {
			total.left = min(total.left, check-erased-2*others(block, work, d.order[:erased]))
		}
		total.changed += changed
		total.erased += erased
		// Erasures cost one check codeword each, other errors two.
		total.unused = min(total.unused, 1-float64(min(check, erased+2*max(changed-erased, 0)))/float64(check))
		for i, j := range index[:len(index)-check] {
			d.data[j] = work[i]
		}
	}
	return total, true
}

// block gives the codewords of block b and their indices in d.codeword. It holds until the next call.
func (d *decoder) block(s *size, b, shift int) (block []byte, index []int) {
	k := 0
	for i := b; i < s.data; i += s.blocks {
		d.index[k] = i
		k++
	}
	for i := s.data + (b-s.data%s.blocks+s.blocks+shift)%s.blocks; i < s.total(); i += s.blocks {
		d.index[k] = i
		k++
	}
	for i, j := range d.index[:k] {
		d.work[i] = d.codeword[j]
	}
	return d.work[:k], d.index[:k]
}

// spare is how many check codewords erasures must leave over, to notice a wrong correction: one in 256² is not noticed, and
// of those only what starts with FNC1 and a GTIN or SSCC with the right check digit is let through. With ample codewords
// left over any message is.
const spare, ample = 2, 3

// fewCheck is a number of check codewords so small that they do not prove a message alone.
const fewCheck = 10

// erase tries again with the least sure codewords as erasures.
func (d *decoder) erase(block, work, syn []byte, index []int) (changed, erased int, ok bool) {
	check := len(syn)
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
		changed, ok = correct(work, syn, o[:n])
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
