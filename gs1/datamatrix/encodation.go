package datamatrix

import "slices"

// High-level encodation (ISO/IEC 16022:2006 5.2): the shortest sequence of data codewords for a message, found as a
// shortest path. A node is a place in the message and the state of the encoder there: the scheme and, for schemes that
// pack several characters, how many values wait for the rest of their group. Only the end of the symbol bends the rules
// (a scheme may be left without unlatch), so the search is run for one capacity at a time.

// fnc1 stands for the FNC1 character in the input alphabet, above all bytes.
const fnc1 = 256

// unreachable is the cost of a node that no path leads to.
const unreachable = int32(1 << 30)

// The states. C40, Text and X12 wait with 0, 1 or 2 values, EDIFACT with 0 to 3; base 256 differs by the length of its
// length field.
const (
	stASCII = iota
	stC40
	stC40b
	stC40c
	stText
	stTextb
	stTextc
	stX12
	stX12b
	stX12c
	stEDIFACT
	stEDIFACTb
	stEDIFACTc
	stEDIFACTd
	stShort // base 256, up to 249 bytes
	stLong  // base 256, 250 bytes and more
	states
)

// A step says how a node was reached: from which place and state.
type step struct {
	from  int16 // how many characters back
	state int8
}

type encoder struct {
	in   []uint16 // bytes and fnc1
	cap  int      // data codewords of the symbol
	head int      // codewords before the message
	cost [][states]int32
	back [][states]step
	run  []int16 // length of the base 256 run that ends here
}

// c40Values gives the C40 or Text values of a character (tables C.1 and C.2), how many they are, or 0.
func c40Values(c uint16, text bool) (v [4]byte, n int) {
	if c == fnc1 {
		return [4]byte{1, 27}, 2
	}
	if c >= 128 {
		w, n := c40Values(c-128, text)
		return [4]byte{1, 30, w[0], w[1]}, n + 2
	}
	b := byte(c)
	lower, upper := b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z'
	if text {
		lower, upper = upper, lower
	}
	switch {
	case b == ' ':
		return [4]byte{3}, 1
	case b >= '0' && b <= '9':
		return [4]byte{b - '0' + 4}, 1
	case upper:
		return [4]byte{b&0x1f + 13}, 1
	case lower:
		return [4]byte{2, b & 0x1f}, 2
	case b < 32:
		return [4]byte{0, b}, 2
	case b < 'A':
		// ! to / and : to @
		if b > '9' {
			return [4]byte{1, b - ':' + 15}, 2
		}
		return [4]byte{1, b - '!'}, 2
	case b < '`':
		return [4]byte{1, b - '[' + 22}, 2
	}
	return [4]byte{2, b - '`'}, 2
}

// x12Value gives the X12 value of a character (table 5), or false.
func x12Value(c uint16) (byte, bool) {
	switch {
	case c == '\r':
		return 0, true
	case c == '*':
		return 1, true
	case c == '>':
		return 2, true
	case c == ' ':
		return 3, true
	case c >= '0' && c <= '9':
		return byte(c - '0' + 4), true
	case c >= 'A' && c <= 'Z':
		return byte(c - 'A' + 14), true
	}
	return 0, false
}

func isDigit(c uint16) bool { return c >= '0' && c <= '9' }

// asciiStep is what the ASCII scheme makes of the front of in: characters taken and codewords spent.
func asciiStep(in []uint16) (chars, codewords int) {
	switch {
	case len(in) > 1 && isDigit(in[0]) && isDigit(in[1]):
		return 2, 1
	case in[0] < 128 || in[0] == fnc1:
		return 1, 1
	}
	return 1, 2
}

// search fills cost and back for e.cap and returns the state at the end of the message from which the symbol can be
// finished, or false when the message does not fit.
func (e *encoder) search() (end int, ok bool) {
	n := len(e.in)
	e.cost = slices.Grow(e.cost[:0], n+1)[:n+1]
	e.back = slices.Grow(e.back[:0], n+1)[:n+1]
	e.run = slices.Grow(e.run[:0], n+1)[:n+1]
	for i := range e.cost {
		for s := range states {
			e.cost[i][s] = unreachable
		}
	}
	e.cost[0][stASCII] = int32(e.head)
	for i := 0; i <= n; i++ {
		e.latches(i)
		if i == n {
			break
		}
		e.ascii(i)
		for _, s := range [...]int{stC40, stText, stX12} {
			e.triple(i, s)
		}
		e.edifact(i)
		e.base256(i)
	}
	return e.finish()
}

// reach records a way to the node (to, state) if it is the cheapest so far.
func (e *encoder) reach(to, state int, cost int32, from, fromState int) bool {
	if cost >= e.cost[to][state] || cost > int32(e.cap)+1 { // one over: a long base 256 run may drop a length byte at the end
		return false
	}
	e.cost[to][state] = cost
	e.back[to][state] = step{int16(to - from), int8(fromState)}
	return true
}

// latches connects the states at one place: first back to ASCII, then from ASCII to the others.
func (e *encoder) latches(i int) {
	c := &e.cost[i]
	for _, s := range [...]int{stC40, stText, stX12} {
		e.reach(i, stASCII, c[s]+1, i, s)
	}
	// An EDIFACT group needs three codewords ahead to be read as such, so unlatching needs them too.
	for k, width := range [...]int32{1, 2, 3, 3} {
		start := c[stEDIFACT+k] - int32([...]int{0, 1, 2, 3}[k])
		if start+3 <= int32(e.cap) {
			e.reach(i, stASCII, start+width, i, stEDIFACT+k)
		}
	}
	e.reach(i, stASCII, c[stShort], i, stShort)
	e.reach(i, stASCII, c[stLong], i, stLong)
	for _, s := range [...]int{stC40, stText, stX12, stEDIFACT} {
		e.reach(i, s, c[stASCII]+1, i, stASCII)
	}
}

func (e *encoder) ascii(i int) {
	if e.cost[i][stASCII] == unreachable {
		return
	}
	chars, cw := asciiStep(e.in[i:])
	e.reach(i+chars, stASCII, e.cost[i][stASCII]+int32(cw), i, stASCII)
	if chars == 2 { // a digit may also go alone, when its neighbour goes to another scheme
		e.reach(i+1, stASCII, e.cost[i][stASCII]+1, i, stASCII)
	}
}

// triple advances C40, Text or X12: two codewords for three values.
func (e *encoder) triple(i, base int) {
	var values int
	if base == stX12 {
		if _, ok := x12Value(e.in[i]); !ok {
			return
		}
		values = 1
	} else {
		_, values = c40Values(e.in[i], base == stText)
	}
	for k := range 3 {
		if c := e.cost[i][base+k]; c < unreachable {
			e.reach(i+1, base+(k+values)%3, c+2*int32((k+values)/3), i, base+k)
		}
	}
}

// edifact advances EDIFACT: three codewords for four values, of which each state counts those begun.
func (e *encoder) edifact(i int) {
	if c := e.in[i]; c < 32 || c > 94 {
		return
	}
	for k := range 4 {
		c := e.cost[i][stEDIFACT+k]
		if c == unreachable {
			continue
		}
		if k == 0 && c+3 > int32(e.cap) {
			continue
		}
		if k == 3 {
			e.reach(i+1, stEDIFACT, c, i, stEDIFACT+3)
		} else {
			e.reach(i+1, stEDIFACT+k+1, c+1, i, stEDIFACT+k)
		}
	}
}

// base256 advances or opens a run of bytes: latch, length, bytes.
func (e *encoder) base256(i int) {
	if e.in[i] == fnc1 {
		return
	}
	short, ascii, long := e.cost[i][stShort], e.cost[i][stASCII], e.cost[i][stLong]
	if short < unreachable {
		if e.run[i] < 249 {
			if e.reach(i+1, stShort, short+1, i, stShort) {
				e.run[i+1] = e.run[i] + 1
			}
		} else {
			e.reach(i+1, stLong, short+2, i, stShort)
		}
	}
	if long < unreachable {
		e.reach(i+1, stLong, long+1, i, stLong)
	}
	if ascii < unreachable {
		// On equal cost the new run is preferred: it is shorter.
		if ascii+3 <= e.cost[i+1][stShort] && e.reach(i+1, stShort, ascii+3, i, stASCII) ||
			ascii+3 == e.cost[i+1][stShort] {
			e.back[i+1][stShort] = step{1, stASCII}
			e.run[i+1] = 1
		}
	}
}

// finish picks a state at the end of the message, or shortly before it, from which the symbol may end.
func (e *encoder) finish() (int, bool) {
	n := len(e.in)
	full := int32(e.cap)
	c := &e.cost[n]
	if c[stASCII] <= full {
		return stASCII, true
	}
	for _, s := range [...]int{stC40, stText, stX12, stEDIFACT, stShort} { // the symbol ends with the scheme
		if c[s] == full {
			return s, true
		}
	}
	if c[stLong] == full || c[stLong] == full+1 { // length 0: to the end of the symbol
		return stLong, true
	}
	for _, s := range [...]int{stC40, stText} { // two values wait: a pad value completes them (5.2.5.2 b)
		if c[s+2]+2 == full {
			return s + 2, true
		}
	}
	// The last characters in ASCII without unlatch: one codeword after C40, Text and X12 (5.2.5.2 d), up to two after
	// EDIFACT (5.2.8.2).
	for _, s := range [...]int{stC40, stText, stX12, stEDIFACT} {
		for room := int32(1); room <= 2; room++ {
			if room == 2 && s != stEDIFACT {
				continue
			}
			for back := 1; back <= 4 && back <= n; back++ {
				if e.cost[n-back][s] != full-room {
					continue
				}
				if asciiLength(e.in[n-back:]) <= int(room) {
					e.tail(n-back, s)
					return stASCII, true
				}
			}
		}
	}
	return 0, false
}

func asciiLength(in []uint16) int {
	sum := 0
	for len(in) > 0 {
		chars, cw := asciiStep(in)
		in, sum = in[chars:], sum+cw
	}
	return sum
}

// tail rewrites the path so that ASCII takes over from state s at place i without an unlatch.
func (e *encoder) tail(i, s int) {
	from := s
	for i < len(e.in) {
		chars, _ := asciiStep(e.in[i:])
		i += chars
		e.back[i][stASCII] = step{int16(chars), int8(from)}
		from = stASCII
	}
}

// encode gives the data codewords of in for a symbol of capacity cap, padding included, or false.
// head are codewords to write before the message.
func (e *encoder) encode(in []uint16, head []byte, capacity int) ([]byte, bool) {
	e.in, e.cap, e.head = in, capacity, len(head)
	end, ok := e.search()
	if !ok {
		return nil, false
	}
	// The path, last step first.
	type node struct{ at, state int }
	path := []node{{len(in), end}}
	for at, s := len(in), end; at > 0 || s != stASCII; {
		b := e.back[at][s]
		at, s = at-int(b.from), int(b.state)
		path = append(path, node{at, s})
	}
	slices.Reverse(path)
	w := writer{cw: append(make([]byte, 0, capacity), head...), cap: capacity}
	for i := 1; i < len(path); i++ {
		w.move(path[i-1].state, path[i].state, in[path[i-1].at:path[i].at])
	}
	w.close(end)
	return w.cw, len(w.cw) == capacity
}

// A writer turns a path into codewords.
type writer struct {
	cw     []byte
	cap    int
	values []byte // waiting C40, Text, X12 or EDIFACT values
	bytes  []byte // of a base 256 run
}

func scheme(state int) int {
	switch {
	case state == stASCII:
		return stASCII
	case state < stText:
		return stC40
	case state < stX12:
		return stText
	case state < stEDIFACT:
		return stX12
	case state < stShort:
		return stEDIFACT
	}
	return stShort
}

// move writes one edge of the path: chars in the scheme of the state it leads to, or a latch when there are none.
func (w *writer) move(from, to int, chars []uint16) {
	a, b := scheme(from), scheme(to)
	if a != b {
		switch {
		case b == stASCII && len(chars) > 0:
			// the end of the symbol has closed the scheme
		case b == stASCII:
			w.unlatch(a)
		default:
			w.cw = append(w.cw, [...]byte{stC40: cwC40, stText: cwText, stX12: cwX12, stEDIFACT: cwEDIFACT, stShort: cwBase256}[b])
		}
	}
	if len(chars) == 0 {
		return
	}
	switch b {
	case stASCII:
		switch c := chars[0]; {
		case len(chars) == 2:
			w.cw = append(w.cw, cwPair+byte(c-'0')*10+byte(chars[1]-'0'))
		case c == fnc1:
			w.cw = append(w.cw, cwFNC1)
		case c >= 128:
			w.cw = append(w.cw, cwUpper, byte(c-127))
		default:
			w.cw = append(w.cw, byte(c+1))
		}
	case stC40, stText:
		v, n := c40Values(chars[0], b == stText)
		w.values = append(w.values, v[:n]...)
		w.flush(3)
	case stX12:
		v, _ := x12Value(chars[0])
		w.values = append(w.values, v)
		w.flush(3)
	case stEDIFACT:
		w.values = append(w.values, byte(chars[0]&0x3f))
		w.flush(4)
	case stShort:
		w.bytes = append(w.bytes, byte(chars[0]))
	}
}

// flush writes the groups that are complete.
func (w *writer) flush(group int) {
	for ; len(w.values) >= group; w.values = w.values[:copy(w.values, w.values[group:])] {
		v := w.values
		if group == 3 {
			t := int(v[0])*1600 + int(v[1])*40 + int(v[2]) + 1
			w.cw = append(w.cw, byte(t>>8), byte(t))
		} else {
			t := int(v[0])<<18 | int(v[1])<<12 | int(v[2])<<6 | int(v[3])
			w.cw = append(w.cw, byte(t>>16), byte(t>>8), byte(t))
		}
	}
}

func (w *writer) unlatch(from int) {
	switch from {
	case stC40, stText, stX12:
		w.cw = append(w.cw, cwUnlatch)
	case stEDIFACT:
		n := [4]int{1, 2, 3, 3}[len(w.values)]
		w.values = append(w.values, edifactDone, 0, 0, 0)
		at := len(w.cw)
		w.flush(4)
		w.values = w.values[:0]
		w.cw = w.cw[:at+n]
	case stShort:
		w.closeRun(false)
	}
}

// closeRun writes length and bytes of a base 256 run, scrambled (annex B.2). At the end of the symbol the length is 0.
func (w *writer) closeRun(toEnd bool) {
	n := len(w.bytes)
	var length []byte
	switch {
	case toEnd:
		length = []byte{0}
	case n < 250:
		length = []byte{byte(n)}
	default:
		length = []byte{byte(n/250 + 249), byte(n % 250)}
	}
	for _, b := range append(length, w.bytes...) {
		w.cw = append(w.cw, b+byte(149*(len(w.cw)+1)%255+1))
	}
	w.bytes = w.bytes[:0]
}

// close ends the last scheme and fills the symbol with pads, scrambled but for the first (annex B.1).
func (w *writer) close(end int) {
	switch scheme(end) {
	case stC40, stText:
		if len(w.values) == 2 {
			w.values = append(w.values, 0)
			w.flush(3)
		}
	case stShort:
		w.closeRun(len(w.bytes) >= 250 && len(w.cw)+len(w.bytes)+1 == w.cap)
	}
	if len(w.cw) < w.cap {
		w.cw = append(w.cw, cwPad)
	}
	for len(w.cw) < w.cap {
		w.cw = append(w.cw, pad(len(w.cw)))
	}
}
