package datamatrix

// Reed-Solomon over GF(256) with the polynomial x⁸+x⁵+x³+x²+1 and generator roots 2¹…2ⁿ (ISO/IEC 16022:2006 annex E).
// The powers of 2 and their logarithms are in field.go.

func mul(a, b byte) byte {
	if a == 0 || b == 0 {
		return 0
	}
	return expTable[logTable[a]+logTable[b]]
}

// div divides by b, which must not be zero.
func div(a, b byte) byte {
	if a == 0 {
		return 0
	}
	return expTable[logTable[a]+255-logTable[b]]
}

// checkCodewords fills check, of one block, for its data codewords.
func checkCodewords(data, check []byte) {
	n := len(check)
	var gen [maxCheck + 1]byte // the generator polynomial, gen[i] the coefficient of x^i
	gen[0] = 1
	for i := 1; i <= n; i++ {
		root := expTable[i]
		for j := i; j > 0; j-- {
			gen[j] = gen[j-1] ^ mul(gen[j], root)
		}
		gen[0] = mul(gen[0], root)
	}
	clear(check)
	for _, d := range data {
		f := d ^ check[0]
		copy(check, check[1:])
		check[n-1] = 0
		for j := range n {
			check[j] ^= mul(f, gen[n-1-j])
		}
	}
}

// syndromes fills syn with the values of block, as a polynomial, at the roots of the generator, four of them at once. It says
// whether all are 0: then the block is a code word.
func syndromes(block, syn []byte) bool {
	times := func(a byte, root int) byte { // 2^root
		if a == 0 {
			return 0
		}
		return expTable[int(logTable[a])+root]
	}
	bad := byte(0)
	i := 0
	for ; i+4 <= len(syn); i += 4 {
		var s0, s1, s2, s3 byte
		for _, c := range block {
			s0, s1, s2, s3 = times(s0, i+1)^c, times(s1, i+2)^c, times(s2, i+3)^c, times(s3, i+4)^c
		}
		syn[i], syn[i+1], syn[i+2], syn[i+3] = s0, s1, s2, s3
		bad |= s0 | s1 | s2 | s3
	}
	for ; i < len(syn); i++ {
		s := byte(0)
		for _, c := range block {
			s = times(s, i+1) ^ c
		}
		syn[i] = s
		bad |= s
	}
	return bad == 0
}

// correct repairs one block in place, which has the given syndromes, not all 0, one for each check codeword. The erasures are
// indices into block whose values are not trusted. It returns how many codewords were changed, or false when the block is too
// far from any code word. The caller limits the erasures: with as many of them as check codewords every block "decodes".
func correct(block, syn []byte, erasures []int) (changed int, ok bool) {
	check := len(syn)
	if len(erasures) > check {
		return 0, false
	}
	// Berlekamp-Massey, started from the erasure locator.
	var loc, prev, tmp [maxCheck + 2]byte
	loc[0] = 1
	for k, e := range erasures {
		x := expTable[len(block)-1-e]
		for j := k + 1; j > 0; j-- {
			loc[j] ^= mul(loc[j-1], x)
		}
	}
	prev = loc
	degree := len(erasures)
	for n := len(erasures); n < check; n++ {
		d := byte(0)
		for i := 0; i <= degree && i <= n; i++ {
			d ^= mul(loc[i], syn[n-i])
		}
		copy(prev[1:], prev[:check+1]) // times x
		prev[0] = 0
		if d == 0 {
			continue
		}
		tmp = loc
		for i := range check + 1 {
			loc[i] ^= mul(d, prev[i])
		}
		if 2*degree <= n+len(erasures) {
			degree = n + 1 + len(erasures) - degree
			for i := range check + 1 {
				prev[i] = div(tmp[i], d)
			}
		}
	}
	if degree > check || 2*(degree-len(erasures))+len(erasures) > check {
		return 0, false
	}
	// Evaluator: loc times syn mod x^check.
	var eval [maxCheck]byte
	for i := range check {
		for j := 0; j <= i && j <= degree; j++ {
			eval[i] ^= mul(loc[j], syn[i-j])
		}
	}
	var at [maxCheck]int
	var by [maxCheck]byte
	found := 0
	for i := range block { // Chien: position i has locator 2^(n-1-i)
		e := len(block) - 1 - i
		inv := uint16((255 - e) % 255)
		sum, odd := byte(0), byte(0)
		for j, lx := 0, uint16(0); j <= degree; j, lx = j+1, (lx+inv)%255 {
			if loc[j] != 0 {
				t := expTable[logTable[loc[j]]+lx]
				sum ^= t
				if j&1 == 1 {
					odd ^= t
				}
			}
		}
		if sum != 0 {
			continue
		}
		if found >= degree || odd == 0 {
			return 0, false
		}
		// Forney, first root 2¹: the error is eval(X⁻¹) / loc'(X⁻¹); odd is loc'(X⁻¹)·X⁻¹.
		num := byte(0)
		for j, lx := 0, uint16(0); j < check; j, lx = j+1, (lx+inv)%255 {
			if eval[j] != 0 {
				num ^= expTable[logTable[eval[j]]+lx]
			}
		}
		at[found] = i
		by[found] = div(mul(num, expTable[inv]), odd)
		found++
	}
	if found != degree {
		return 0, false
	}
	for i := range found {
		if by[i] != 0 {
			block[at[i]] ^= by[i]
			changed++
		}
	}
	return changed, true
}
