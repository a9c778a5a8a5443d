package scanner

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A CalibrationText is the content of one symbol of the calibration sheet.
type CalibrationText struct {
	Name string // what it finds out, in English
	Text string // the content; GS (0x1D) stands for FNC1
	GS1  bool   // a GS1 symbol; otherwise the text is plain
}

// The element string of the sheet has nothing in it that an input method
// changes, so that what stands between its halves is the separator alone.
const (
	calibrationHead = "010950600013435210B5C8"
	calibrationTail = "21K3T9"
)

// CalibrationTexts returns what the symbols of the calibration sheet contain,
// in the order in which they are scanned. Each is scanned once, into the field
// or over the line that will be used later.
func CalibrationTexts() []CalibrationText {
	return []CalibrationText{
		{"letters", spread("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), false},
		{"symbols", "0123456789!2\"3%4&5'6(7)8*9+0,1-2.3/4:5;6<7=8>9?0_1", false},
		{"input method", "as.W.aw.dd.a1.d9.u7", false},
		{"separator", calibrationHead + "\x1d" + calibrationTail, true},
	}
}

// spread puts a full stop between characters, so that no two of them are a word
// to an input method.
func spread(s string) string { return strings.Join(strings.Split(s, ""), ".") }

// A Diagnosis says what calibration found between the reader and the program.
type Diagnosis struct {
	Layout        Layout
	CapsLock      bool
	InputMethod   InputMethod
	OwnKeys       bool     // the layout is none of Layouts; Profile.Keys describes it
	Identifier    bool     // symbology identifiers are sent
	Separator     string   // what arrives for FNC1; empty when it is lost
	SeparatorLost bool     // nothing arrives for FNC1
	LegalText     bool     // what arrives for FNC1 could be data
	CaseLost      bool     // all letters arrive in one case: no repair brings the other back
	Others        []string // other paths that would give the same, such as "qwertz-ch"
}

// ErrCalibration is the kind of errors of [Calibrate]: what arrived fits no
// path. Scan the sheet again, in its order.
var ErrCalibration = errors.New("scanner: calibration failed")

// Calibrate finds the profile under which the sheet of [CalibrationTexts] was
// scanned. The scans are the bytes or characters as they arrived, one for each
// text, with whatever the reader sends before and after.
func Calibrate(scans []string) (*Profile, Diagnosis, error) {
	sheet := CalibrationTexts()
	if len(scans) != len(sheet) {
		return nil, Diagnosis{}, fmt.Errorf("%w: %d scans, the sheet has %d", ErrCalibration, len(scans), len(sheet))
	}
	for i, s := range scans {
		if !utf8.ValidString(s) {
			scans = append([]string(nil), scans...)
			scans[i] = latin1(s)
		}
	}
	var best *calibration
	var others []string
	for _, c := range calibrations() {
		if !c.fits(sheet, scans) {
			continue
		}
		if best == nil {
			best = &c
		} else if name := c.name(); name != best.name() {
			others = append(others, name)
		}
	}
	if best == nil {
		best = ownKeys(sheet, scans)
	}
	if best == nil {
		return nil, Diagnosis{}, fmt.Errorf("%w: what arrived fits no keyboard layout and no input method", ErrCalibration)
	}
	d := best.diagnosis
	d.Others = others
	p := &Profile{
		Prefix: best.prefix, Suffix: best.suffix,
		Layout: d.Layout, CapsLock: d.CapsLock, InputMethod: d.InputMethod, Keys: best.keys, CaseLost: d.CaseLost,
	}
	if !d.SeparatorLost {
		p.Separators = []string{d.Separator}
	}
	return p, d, nil
}

// A calibration is one path that may explain the scans of the sheet.
type calibration struct {
	diagnosis      Diagnosis
	convert        func(string) string // of a reader that changes the case of letters
	keys           map[string]string
	prefix, suffix string
}

// calibrations are the paths that are tried, the likeliest first.
func calibrations() []calibration {
	var list []calibration
	for _, method := range []InputMethod{NoInputMethod, Telex, VNI, SimpleTelex} {
		for _, layout := range append([]Layout{US}, Layouts()...) {
			if method != NoInputMethod && layout != US && layout != UK {
				continue // input methods for Vietnamese expect US keys
			}
			for _, caps := range []bool{false, true} {
				list = append(list, calibration{diagnosis: Diagnosis{Layout: layout, CapsLock: caps, InputMethod: method}})
			}
		}
	}
	for _, convert := range []func(string) string{strings.ToUpper, strings.ToLower} {
		list = append(list, calibration{diagnosis: Diagnosis{CaseLost: true}, convert: convert})
	}
	return list
}

// name names the path.
func (c *calibration) name() string {
	s := c.diagnosis.Layout.String()
	if c.diagnosis.CapsLock {
		s += " with caps lock"
	}
	if m := c.diagnosis.InputMethod; m != NoInputMethod {
		s += " with " + m.String()
	}
	return s
}

// typed returns what arrives when the reader types s.
func (c *calibration) typed(s string) string {
	if c.convert != nil {
		return c.convert(s)
	}
	if c.diagnosis.CapsLock {
		s = swapCase(s)
	}
	return c.diagnosis.InputMethod.Type(c.diagnosis.Layout.Type(s))
}

// fits reports whether the path explains all scans, and fills in the rest of
// the calibration.
func (c *calibration) fits(sheet []CalibrationText, scans []string) bool {
	for i, text := range sheet {
		if text.GS1 {
			continue
		}
		before, after, ok := strings.Cut(scans[i], c.typed(text.Text))
		if !ok {
			return false
		}
		// A plain symbol may have an identifier of its own.
		for _, id := range []string{"]d1", "]Q1", "]C0", "]d0", "]Q0"} {
			if p, ok := strings.CutSuffix(before, c.typed(id)); ok {
				before, c.diagnosis.Identifier = p, true
				break
			}
		}
		if i > 0 && (before != c.prefix || after != c.suffix) {
			return false
		}
		c.prefix, c.suffix = before, after
	}
	for i, text := range sheet {
		if text.GS1 && !c.separator(scans[i]) {
			return false
		}
	}
	return true
}

// separator finds what arrived for FNC1 in the scan of the GS1 symbol.
func (c *calibration) separator(scan string) bool {
	before, rest, ok := strings.Cut(scan, c.typed(calibrationHead))
	if !ok {
		return false
	}
	i := strings.LastIndex(rest, c.typed(calibrationTail))
	if i < 0 {
		return false
	}
	if before != c.prefix && len(before) > len(c.prefix) {
		c.diagnosis.Identifier = c.diagnosis.Identifier || strings.Contains(before, c.typed("]d2")) || strings.Contains(before, c.typed("]C1")) || strings.Contains(before, c.typed("]Q3"))
	}
	c.diagnosis.Separator = rest[:i]
	c.diagnosis.SeparatorLost = i == 0
	c.diagnosis.LegalText = i > 0 && !beyondSet82(rest[:i])
	return true
}

// ownKeys explains the scans by a layout of its own, if every key gives one
// character.
func ownKeys(sheet []CalibrationText, scans []string) *calibration {
	keys := map[string]string{}
	types := map[byte]string{}
	c := &calibration{keys: keys, diagnosis: Diagnosis{OwnKeys: true}}
	for i, text := range sheet {
		if text.Name != "letters" && text.Name != "symbols" {
			continue
		}
		body := []rune(strings.Trim(scans[i], blanks))
		if len(body) != len(text.Text) {
			return nil
		}
		at := strings.Index(scans[i], string(body))
		c.prefix, c.suffix = scans[i][:at], scans[i][at+len(string(body)):]
		for k, r := range body {
			from, to := string(r), text.Text[k:k+1]
			if was, ok := keys[from]; ok && was != to {
				return nil // two keys give one character
			}
			keys[from], types[to[0]] = to, from
		}
	}
	typed := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			b.WriteString(types[s[i]])
		}
		return b.String()
	}
	for i, text := range sheet {
		if !text.GS1 {
			continue
		}
		_, rest, ok := strings.Cut(scans[i], typed(calibrationHead))
		k := strings.LastIndex(rest, typed(calibrationTail))
		if !ok || k < 0 {
			return nil
		}
		c.diagnosis.Separator, c.diagnosis.SeparatorLost = rest[:k], k == 0
		c.diagnosis.LegalText = k > 0 && !beyondSet82(rest[:k])
	}
	for from, to := range keys {
		if from == to {
			delete(keys, from)
		}
	}
	return c
}

// Words returns what was found and which settings to change, in Vietnamese
// ("vi") or English ("en"), one sentence for each.
func (d Diagnosis) Words(lang string) []string {
	var list []string
	say := func(about string, p phrase) { list = append(list, p.in(lang, about)) }
	if d.InputMethod != NoInputMethod {
		say(d.InputMethod.String(), phrase{"Bộ gõ %s đang bật và làm hỏng mã: hãy tắt bộ gõ, hoặc đặt máy quét ở chế độ USB-COM.",
			"The input method %s is on and damages codes: turn it off, or set the scanner to USB-COM mode."})
	}
	if d.OwnKeys {
		say("", phrase{"Bố cục bàn phím lạ, đã ghi vào hồ sơ.", "The keyboard layout is unknown and was recorded in the profile."})
	} else if d.Layout != US {
		say(d.Layout.String(), phrase{"Bàn phím của máy tính là %s: hãy chọn bàn phím Mỹ (US).", "The keyboard layout of the computer is %s: choose the US keyboard."})
	}
	if d.CapsLock {
		say("", phrase{"Phím Caps Lock đang bật: hãy tắt.", "Caps Lock is on: turn it off."})
	}
	if d.CaseLost {
		say("", phrase{"Máy quét đổi chữ hoa hoặc chữ thường, mã có thể sai: hãy tắt chế độ đổi chữ.",
			"The scanner converts the case of letters, so that codes may be wrong: turn case conversion off."})
	}
	switch {
	case d.SeparatorLost:
		say("", phrase{"Dấu phân cách bị mất: hãy cài máy quét gửi ký tự GS (ASCII 29).", "The separator is lost: set the scanner to send the character GS (ASCII 29)."})
	case d.LegalText:
		say(quoted(d.Separator), phrase{"Dấu phân cách hiện thành %s, có thể lẫn với dữ liệu: hãy cài máy quét gửi ký tự GS (ASCII 29).",
			"The separator arrives as %s, which may also be data: set the scanner to send the character GS (ASCII 29)."})
	}
	if len(list) == 0 {
		say("", phrase{"Mọi thứ đều tốt.", "All is well."})
	}
	return list
}
