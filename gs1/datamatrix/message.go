package datamatrix

// A fault says why no encoder may have written some data codewords.
type fault string

func (f fault) Error() string { return "datamatrix: codewords make no message: " + string(f) }

// A message is what the data codewords of a symbol say (ISO/IEC 16022:2006 5.2), before characters become text.
type message struct {
	bytes      []byte // FNC1 as separator is GS (0x1D)
	parts      []part // runs of bytes under one extended channel interpretation, in order
	fnc1       int    // 0: none at the start, 1: first position (GS1), 2: second position (AIM)
	eci        bool   // an ECI was given
	readerInit bool
	badPad     bool // the padding is not that of annex B.1
	sequence   int  // structured append: 1-based position, 0 when absent
	count      int
	fileID     int
}

// A part is the ECI in force from an offset in bytes.
type part struct {
	from int
	eci  int // eciNone, or its number
}

const gs = 0x1d

// Codewords of the ASCII scheme with a meaning of their own (table 2).
const (
	cwPad       = 129
	cwPair      = 130 // 00; 229 is 99
	cwC40       = 230
	cwBase256   = 231
	cwFNC1      = 232
	cwAppend    = 233
	cwReader    = 234
	cwUpper     = 235
	cwMacro05   = 236
	cwMacro06   = 237
	cwX12       = 238
	cwText      = 239
	cwEDIFACT   = 240
	cwECI       = 241
	cwUnlatch   = 254
	edifactDone = 0x1f
)

// parseMessage reads the data codewords. The memory of old, which may be zero, is reused.
func parseMessage(cw []byte, old message) (message, error) {
	p := parser{cw: cw, m: message{bytes: old.bytes[:0], parts: append(old.parts[:0], part{0, eciNone})}}
	err := p.ascii()
	if p.trailer != "" { // it is ASCII whatever came before
		p.m.parts = append(p.m.parts, part{len(p.m.bytes), eciNone})
		p.m.bytes = append(p.m.bytes, p.trailer...)
	}
	return p.m, err
}

type parser struct {
	cw      []byte
	at      int // next codeword
	start   int // where FNC1 in first position would stand: 0, or 4 after a structured append header
	trailer string
	m       message
}

func (p *parser) put(b ...byte) { p.m.bytes = append(p.m.bytes, b...) }

// ascii reads the ASCII scheme (5.2.3) and, through its latches, all others.
func (p *parser) ascii() error {
	upper := byte(0)
	for p.at < len(p.cw) {
		c := p.cw[p.at]
		p.at++
		if upper != 0 && (c == 0 || c > 128) {
			return fault("upper shift without a character")
		}
		var err error
		switch {
		case c == 0:
			return fault("codeword 0")
		case c <= 128:
			p.put(c - 1 + upper)
			upper = 0
		case c == cwPad:
			for ; p.at < len(p.cw); p.at++ {
				p.m.badPad = p.m.badPad || p.cw[p.at] != pad(p.at)
			}
			return nil
		case c < cwC40:
			p.put('0'+(c-cwPair)/10, '0'+(c-cwPair)%10)
		case c == cwC40, c == cwText:
			err = p.c40(c == cwText)
		case c == cwX12:
			err = p.x12()
		case c == cwEDIFACT:
			p.edifact()
		case c == cwBase256:
			err = p.base256()
		case c == cwFNC1:
			p.function1()
		case c == cwUpper:
			upper = 128
		case c == cwECI:
			err = p.eci()
		case c == cwAppend && p.at == 1:
			err = p.structuredAppend()
		case c == cwReader && p.at == 1:
			p.m.readerInit = true
		case (c == cwMacro05 || c == cwMacro06) && p.at == 1: // 5.2.4.7
			p.m.bytes = append(p.m.bytes, "[)>\x1e05\x1d"...)
			if c == cwMacro06 {
				p.m.bytes[5] = '6'
			}
			p.trailer = "\x1e\x04"
		case c == cwUnlatch && p.at == len(p.cw):
			// Some encoders close a C40 segment that the end of the symbol has closed already.
		default:
			return fault("codeword out of place")
		}
		if err != nil {
			return err
		}
	}
	if upper != 0 {
		return fault("upper shift without a character")
	}
	return nil
}

// pad gives the codeword that fills the symbol at an index, other than the first of the padding (annex B.1).
func pad(at int) byte {
	p := cwPad + 149*(at+1)%253 + 1
	if p > 254 {
		p -= 254
	}
	return byte(p)
}

// function1 gives FNC1 its meaning by the position of its codeword (5.2.4.6): first is GS1, second (after one letter or
// one digit pair) is an AIM application identifier, anywhere else it is a separator. After a structured append header
// the count begins behind the header (5.6).
func (p *parser) function1() {
	pos := p.at - 1 - p.start
	switch {
	case pos == 0:
		p.m.fnc1 = 1
	case pos == 1 && applicationIndicator(p.cw[p.start]):
		p.m.fnc1 = 2
	default:
		p.put(gs)
	}
}

func applicationIndicator(c byte) bool {
	return c >= 'A'+1 && c <= 'Z'+1 || c >= 'a'+1 && c <= 'z'+1 || c >= cwPair && c < cwC40
}

// eci reads an ECI designator (5.4.1).
func (p *parser) eci() error {
	if p.at >= len(p.cw) {
		return fault("ECI without number")
	}
	c := int(p.cw[p.at])
	n := 1
	switch {
	case c >= 1 && c <= 127:
		n, c = 1, c-1
	case c >= 128 && c <= 191:
		n, c = 2, (c-128)*254+127
	case c >= 192 && c <= 207:
		n, c = 3, (c-192)*254*254+16383
	default:
		return fault("ECI number")
	}
	if p.at+n > len(p.cw) {
		return fault("ECI number cut off")
	}
	scale := 1
	for i := n - 1; i > 0; i-- {
		d := int(p.cw[p.at+i])
		if d < 1 || d > 254 {
			return fault("ECI number")
		}
		c += (d - 1) * scale
		scale *= 254
	}
	if c > 999999 {
		return fault("ECI number")
	}
	p.at += n
	p.m.eci = true
	p.m.parts = append(p.m.parts, part{len(p.m.bytes), c})
	return nil
}

// structuredAppend reads the header of a symbol that is one of several (5.6).
func (p *parser) structuredAppend() error {
	if p.at+3 > len(p.cw) {
		return fault("structured append header cut off")
	}
	seq, hi, lo := int(p.cw[p.at]), int(p.cw[p.at+1]), int(p.cw[p.at+2])
	p.m.sequence, p.m.count = seq>>4+1, 17-seq&15
	if p.m.count > 16 || p.m.sequence > p.m.count {
		p.m.count = 0 // not said
	}
	p.m.fileID = hi<<8 | lo
	p.at += 3
	p.start = p.at
	return nil
}

const (
	shift2Set = "!\"#$%&'()*+,-./:;<=>?@[\\]^_"
)

// c40 reads C40 or Text (5.2.5, 5.2.6) until unlatch or until fewer than two codewords are left.
func (p *parser) c40(text bool) error {
	set := 0
	upper := byte(0)
	out := func(b byte) {
		p.put(b + upper)
		upper, set = 0, 0
	}
	for p.at+1 < len(p.cw) && p.cw[p.at] != cwUnlatch {
		v := int(p.cw[p.at])<<8 + int(p.cw[p.at+1]) - 1
		p.at += 2
		if v >= 40*1600 || v < 0 {
			return fault("C40 triple")
		}
		for _, v := range [3]int{v / 1600, v / 40 % 40, v % 40} {
			switch set {
			case 0:
				switch {
				case v < 3:
					set = v + 1
				case v == 3:
					out(' ')
				case v < 14:
					out('0' + byte(v-4))
				case text:
					out('a' + byte(v-14))
				default:
					out('A' + byte(v-14))
				}
			case 1:
				if v > 31 {
					return fault("C40 shift 1 value")
				}
				out(byte(v))
			case 2:
				switch {
				case v < 27:
					out(shift2Set[v])
				case v == 27:
					set = 0
					p.put(gs)
				case v == 30:
					upper, set = 128, 0
				default:
					return fault("C40 shift 2 value")
				}
			case 3:
				switch {
				case v > 31:
					return fault("C40 shift 3 value")
				case text && v >= 1 && v <= 26:
					out('A' + byte(v-1))
				default:
					out('`' + byte(v))
				}
			}
		}
	}
	if p.at < len(p.cw) && p.cw[p.at] == cwUnlatch {
		p.at++
	}
	return nil
}

const x12Set = "\r*> 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// x12 reads ANSI X12 (5.2.7).
func (p *parser) x12() error {
	for p.at+1 < len(p.cw) && p.cw[p.at] != cwUnlatch {
		v := int(p.cw[p.at])<<8 + int(p.cw[p.at+1]) - 1
		p.at += 2
		if v >= 40*1600 || v < 0 {
			return fault("X12 triple")
		}
		p.put(x12Set[v/1600], x12Set[v/40%40], x12Set[v%40])
	}
	if p.at < len(p.cw) && p.cw[p.at] == cwUnlatch {
		p.at++
	}
	return nil
}

// edifact reads EDIFACT (5.2.8): four 6-bit values in three codewords. With two codewords or fewer left the rest is ASCII.
func (p *parser) edifact() {
	for p.at+2 < len(p.cw) {
		w := int(p.cw[p.at])<<16 | int(p.cw[p.at+1])<<8 | int(p.cw[p.at+2])
		for i := range 4 {
			v := byte(w >> (18 - 6*i) & 0x3f)
			if v == edifactDone {
				p.at += [4]int{1, 2, 3, 3}[i] // the rest of the codeword is unused
				return
			}
			if v&0x20 == 0 {
				v |= 0x40
			}
			p.put(v)
		}
		p.at += 3
	}
}

// base256 reads bytes (5.2.9), each scrambled by its position (annex B.2). Length 0 reaches to the end of the symbol.
func (p *parser) base256() error {
	next := func() int {
		v := int(p.cw[p.at]) - (149*(p.at+1)%255 + 1)
		p.at++
		return v & 0xff
	}
	if p.at >= len(p.cw) {
		return fault("base 256 without length")
	}
	n := next()
	switch {
	case n == 0:
		n = len(p.cw) - p.at
	case n > 249:
		if p.at >= len(p.cw) {
			return fault("base 256 length cut off")
		}
		n = 250*(n-249) + next()
	}
	if p.at+n > len(p.cw) {
		return fault("base 256 longer than the symbol")
	}
	for range n {
		p.put(byte(next()))
	}
	return nil
}
