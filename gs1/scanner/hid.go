package scanner

import "io"

// A keyboard report of the boot protocol has 8 bytes (Device Class Definition
// for HID 1.11, appendix B.1): modifiers, a reserved byte, and the usages of up
// to six keys that are down.
const hidReport = 8

// The modifiers of a report.
const (
	hidCtrl  = 0x01 | 0x10
	hidShift = 0x02 | 0x20
	hidAlt   = 0x04 | 0x40
)

// hidUsages are the characters of usages 0x04 to 0x38 without and with Shift
// (HID Usage Tables 1.4, chapter 10); 0 is a key without a character.
var hidUsages = [2]string{
	"abcdefghijklmnopqrstuvwxyz1234567890\r\x1b\x08\t -=[]\\\x00;'`,./",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ!@#$%^&*()\r\x1b\x08\t _+{}|\x00:\"~<>?",
}

// HIDKeyboard returns the characters that a reader in keyboard mode types, from
// the raw reports of its device (such as /dev/hidraw0 of Linux, boot protocol,
// without report numbers). Neither the layout of the computer nor Caps Lock nor
// an input method has touched them. Ctrl with a key gives the control
// character, so Ctrl+] is GS; Alt with digits of the keypad gives the character
// of that number, so Alt+029 is GS.
func HIDKeyboard(r io.Reader) io.Reader { return &hidReader{src: r} }

type hidReader struct {
	src   io.Reader
	buf   [8 * hidReport]byte
	held  int // bytes of an unfinished report in buf
	down  [6]byte
	code  int // number typed on the keypad with Alt
	alt   bool
	ready []byte // characters not yet handed out
}

// Read implements io.Reader.
func (h *hidReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for range 100 {
		if len(h.ready) > 0 {
			n := copy(p, h.ready)
			h.ready = h.ready[n:]
			return n, nil
		}
		n, err := h.src.Read(h.buf[h.held:])
		h.held += n
		whole := h.held - h.held%hidReport
		h.ready = h.ready[:0]
		for i := 0; i < whole; i += hidReport {
			h.report(h.buf[i : i+hidReport])
		}
		h.held = copy(h.buf[:], h.buf[whole:h.held])
		if err != nil && len(h.ready) == 0 {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// report handles one report: a key counts when it goes down.
func (h *hidReader) report(b []byte) {
	mods, keys := b[0], b[2:hidReport]
	if h.alt && mods&hidAlt == 0 { // the number is complete
		if h.code > 0 && h.code < 0x80 {
			h.ready = append(h.ready, byte(h.code))
		}
		h.code = 0
	}
	h.alt = mods&hidAlt != 0
	for _, k := range keys {
		held := k <= 3 // no key, or an error code
		for _, d := range h.down {
			held = held || d == k
		}
		if !held {
			h.press(mods, k)
		}
	}
	copy(h.down[:], keys)
}

// press handles one key.
func (h *hidReader) press(mods, usage byte) {
	if 0x59 <= usage && usage <= 0x62 { // keypad 1 to 9 and 0
		d := (usage - 0x58) % 10
		if h.alt {
			h.code = (h.code*10 + int(d)) % 10000
		} else {
			h.ready = append(h.ready, '0'+d)
		}
		return
	}
	if usage == 0x58 { // keypad Enter
		h.ready = append(h.ready, '\r')
		return
	}
	row := hidUsages[0]
	if mods&hidShift != 0 {
		row = hidUsages[1]
	}
	i := int(usage) - 4
	if i < 0 || i >= len(row) || row[i] == 0 || h.alt {
		return
	}
	c := row[i]
	if mods&hidCtrl != 0 && c > ' ' {
		c &= 0x1f
	}
	h.ready = append(h.ready, c)
}
