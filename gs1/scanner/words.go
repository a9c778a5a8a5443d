package scanner

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dauvet/dauvet/gs1"
)

// Words for the person at the till. The language is "vi" or "en"; anything
// else means Vietnamese. The sentences say what was seen and which setting
// helps; they name no byte and no code.

// A phrase is a sentence in both languages. %s is where the text in question
// goes.
type phrase struct{ vi, en string }

func (p phrase) in(lang, about string) string {
	s := p.vi
	if lang == "en" {
		s = p.en
	}
	if strings.Contains(s, "%s") {
		return fmt.Sprintf(s, about)
	}
	return s
}

// repairWords say what was done.
var repairWords = map[RepairKind]phrase{
	StrayCharacters:  {"đã bỏ ký tự thừa %s", "extra characters %s were dropped"},
	Width:            {"đã đổi chữ toàn khổ thành chữ thường", "full-width characters became plain ones"},
	Composition:      {"đã ghép chữ và dấu bị tách rời", "letters and their marks were joined"},
	SeparatorSpelled: {"đã hiểu %s là dấu phân cách", "%s was read as the separator"},
	SeparatorDoubled: {"đã bỏ dấu phân cách thừa", "needless separators were dropped"},
	SeparatorLost:    {"đã thêm lại dấu phân cách bị mất sau %s", "the lost separator after %s was put back"},
	Identifier:       {"đã sửa hoặc bỏ ký hiệu loại mã %s", "the symbology identifier %s was mended or left out"},
	CaseInverted:     {"đã đổi lại chữ hoa và chữ thường (phím Caps Lock đang bật)", "upper and lower case were changed back (Caps Lock is on)"},
	Brackets:         {"đã đọc dòng chữ có ngoặc in dưới mã", "the text in brackets printed beside the symbol was read"},
	ScannedTwice:     {"mã được quét hai lần, chỉ lấy một", "the symbol was scanned twice and is taken once"},
	TwoScans:         {"đã lấy một trong nhiều mã dính liền", "one of several scans that ran together was taken"},
	LayoutUndone:     {"đã đổi lại theo bố cục bàn phím %s", "the keyboard layout %s was undone"},
	MethodUndone:     {"đã khôi phục phím bị bộ gõ %s biến đổi", "what the input method %s changed was undone"},
	ShiftUndone:      {"đã đổi ký hiệu %s lại thành chữ số", "the symbol %s became the digit again"},
	BareGTIN:         {"đã hiểu dãy số là mã sản phẩm (GTIN)", "the digits were read as a product number (GTIN)"},
}

// doubtWords say why a reading is not certain, and what helps.
var doubtWords = map[Doubt]phrase{
	MaybeSeparatorLost: {"Dấu phân cách có thể đã mất%s: hãy cài máy quét gửi ký tự GS, hoặc tắt bộ gõ tiếng Việt.",
		"The separator may have been lost%s: set the scanner to send GS, or turn the Vietnamese input method off."},
	MaybeSpelling: {"Dấu phân cách hiện thành chữ, không chắc đó là dấu hay là dữ liệu: hãy cài máy quét gửi ký tự GS.",
		"The separator arrives as text that may also be data: set the scanner to send the character GS."},
	NotMarkedGS1: {"Máy quét báo đây không phải mã GS1, hoặc ký hiệu loại mã bị hỏng: hãy quét lại, kiểm tra nhãn.",
		"The scanner says that this is no GS1 symbol, or the symbology identifier is damaged: scan again, check the label."},
	MaybeCase: {"Chữ hoa và chữ thường có thể bị đảo: hãy tắt phím Caps Lock và bỏ chế độ đổi chữ trong máy quét.",
		"Upper and lower case may be exchanged: turn Caps Lock off, and case conversion in the scanner too."},
	MaybeLayout: {"Bố cục bàn phím của máy tính khác với máy quét: hãy chọn bàn phím Mỹ (US).",
		"The keyboard layout of the computer differs from that of the scanner: choose the US keyboard."},
	MaybeMethod: {"Bộ gõ tiếng Việt đã biến đổi hoặc có thể đã biến đổi mã: hãy tắt bộ gõ (Unikey, Telex, VNI) rồi quét lại.",
		"A Vietnamese input method has or may have changed the code: turn it off (Unikey, Telex, VNI) and scan again."},
	MaybeShift: {"Một số chữ số hiện thành ký hiệu do phím Shift: hãy quét lại, cài máy quét gửi phím chậm hơn.",
		"Some digits became symbols because of Shift: scan again, and let the scanner send keys more slowly."},
	MaybeBracket: {"Dấu ngoặc có thể thuộc về dữ liệu: hãy quét mã thay vì dán chữ.",
		"A bracket may belong to the data: scan the symbol instead of pasting text."},
	MoreThanOneScan: {"Có nhiều mã dính liền nhau: hãy cài máy quét gửi Enter sau mỗi mã.",
		"Several scans ran together: set the scanner to send Enter after each."},
	MaybeGTIN: {"Không rõ đây là mã sản phẩm (GTIN) hay một phần của mã khác: hãy quét lại.",
		"It is not clear whether this is a product number (GTIN) or part of something else: scan again."},
	MixedSeparators: {"Có nhiều ký hiệu lạ ở chỗ của dấu phân cách: hãy cài máy quét gửi ký tự GS.",
		"Different symbols stand where separators would: set the scanner to send the character GS."},
}

// errorWords say why nothing can be made of a scan.
var errorWords = []struct {
	kind error
	phrase
}{
	{ErrEmpty, phrase{"Không nhận được ký tự nào: hãy quét lại.", "Nothing arrived: scan again."}},
	{ErrTooLong, phrase{"Chuỗi nhận được quá dài, có lẽ thiếu phím Enter giữa hai mã: hãy cài máy quét gửi Enter sau mỗi mã.",
		"The scan is too long, the Enter between two scans was probably lost: set the scanner to send Enter after each."}},
	{ErrHalf, phrase{"Mã đến chưa trọn: hãy quét lại.", "Only part of the scan arrived: scan again."}},
	{ErrSeparatorLost, phrase{"Dấu phân cách đã mất nên không tách được các phần của mã: hãy cài máy quét gửi ký tự GS, hoặc tắt bộ gõ tiếng Việt.",
		"The separators were lost, so that the parts cannot be told apart: set the scanner to send GS, or turn the Vietnamese input method off."}},
	{ErrInputMethod, phrase{"Bộ gõ tiếng Việt đã làm hỏng mã: hãy tắt bộ gõ (Unikey, Telex, VNI) rồi quét lại.",
		"A Vietnamese input method has damaged the code: turn it off (Unikey, Telex, VNI) and scan again."}},
	{ErrLayout, phrase{"Bố cục bàn phím của máy tính đã làm hỏng mã: hãy chọn bàn phím Mỹ (US) rồi quét lại.",
		"The keyboard layout of the computer has damaged the code: choose the US keyboard and scan again."}},
	{ErrNoise, phrase{"Chỉ nhận được tín hiệu nhiễu: hãy kiểm tra dây, tốc độ và chẵn lẻ của cổng nối tiếp.",
		"Only noise arrived: check the cable, and speed and parity of the serial port."}},
	{gs1.ErrNotGS1, phrase{"Đây không phải mã GS1.", "This is no GS1 code."}},
	{gs1.ErrCheckDigit, phrase{"Số kiểm tra sai: hãy quét lại; nếu vẫn sai thì nhãn in sai.",
		"The check digit is wrong: scan again; if it stays wrong, so is the label."}},
	{ErrInvalid, phrase{"Mã không đúng quy tắc GS1: hãy quét lại; nếu vẫn sai thì nhãn in sai.",
		"The code breaks a rule of GS1: scan again; if it stays wrong, so is the label."}},
}

// Words returns the reason in Vietnamese ("vi") or English ("en"), with the
// setting that helps.
func (e *Error) Words(lang string) string {
	for _, w := range errorWords {
		if w.kind == e.Kind || e.Kind == ErrInvalid && e.Err != nil && errors.Is(e.Err, w.kind) {
			return w.in(lang, "")
		}
	}
	return errorWords[len(errorWords)-1].in(lang, "")
}

// Words returns what was done, in Vietnamese ("vi") or English ("en").
func (r Repair) Words(lang string) string {
	about := quoted(r.Was)
	switch r.Kind {
	case SeparatorLost:
		about = elementName(r.AI, lang)
	case LayoutUndone, MethodUndone:
		about = r.Is
	}
	return repairWords[r.Kind].in(lang, about)
}

// Words returns the reason, in Vietnamese ("vi") or English ("en"), with the
// setting that helps.
func (d Doubt) Words(lang string) string { return doubtWords[d].in(lang, "") }

// Words returns one or more sentences for the person at the till, in Vietnamese
// ("vi") or English ("en"): what was repaired, what is in doubt, or why nothing
// can be made of the scan.
func (r Reading) Words(lang string) string {
	var e *Error
	switch {
	case r.Certain && len(r.Repairs) == 0:
		return phrase{"Đọc tốt.", "Read."}.in(lang, "")
	case r.Certain:
		return phrase{"Đọc được; %s.", "Read; %s."}.in(lang, repairList(r.Repairs, lang))
	case len(r.Candidates) > 0:
		return r.doubtfulWords(lang)
	case errors.As(r.Err, &e):
		return e.Words(lang)
	}
	return errorWords[0].in(lang, "")
}

// doubtfulWords gives the doubts of the likeliest candidate, or those of the
// next one when the likeliest is the scan as it stands.
func (r Reading) doubtfulWords(lang string) string {
	c := r.Candidates[0]
	var list []string
	for _, d := range c.Doubts {
		about := ""
		if d == MaybeSeparatorLost {
			if ai := lostAfter(r.Candidates); ai != "" {
				about = phrase{" sau %s", " after %s"}.in(lang, elementName(ai, lang))
			}
		}
		list = append(list, doubtWords[d].in(lang, about))
	}
	if len(c.Repairs) > 0 {
		list = append(list, phrase{"Cách đọc đầu tiên: %s.", "The first way to read it: %s."}.in(lang, repairList(c.Repairs, lang)))
	}
	head := phrase{"Chưa chắc chắn.", "Not certain."}
	if len(r.Candidates) > 1 {
		head = phrase{"Chưa chắc chắn: có nhiều cách đọc, hãy so với chữ in trên hộp.", "Not certain: it can be read in several ways, compare the text on the box."}
	}
	return head.in(lang, "") + " " + strings.Join(list, " ")
}

// lostAfter returns the element behind which a candidate has a lost separator.
func lostAfter(list []Candidate) gs1.AI {
	for _, c := range list {
		for _, r := range c.Repairs {
			if r.Kind == SeparatorLost {
				return r.AI
			}
		}
	}
	return ""
}

// repairList joins repairs, each kind once.
func repairList(repairs []Repair, lang string) string {
	var list []string
	seen := map[RepairKind]bool{}
	for _, r := range repairs {
		if !seen[r.Kind] {
			seen[r.Kind] = true
			list = append(list, r.Words(lang))
		}
	}
	return strings.Join(list, ", ")
}

// elementName returns the everyday name of an element.
func elementName(ai gs1.AI, lang string) string {
	names := map[gs1.AI]phrase{
		"10": {"số lô", "the batch"},
		"21": {"số sê-ri", "the serial number"},
		"37": {"số lượng", "the count"},
		"30": {"số lượng", "the count"},
	}
	if p, ok := names[ai]; ok {
		return p.in(lang, "")
	}
	return "(" + string(ai) + ")"
}

// quoted shows a text in quotes, control characters by their pictures.
func quoted(s string) string {
	const limit = 24
	var b strings.Builder
	b.WriteString("“")
	n := 0
	for _, r := range s {
		if n++; n > limit {
			b.WriteString("…")
			break
		}
		switch {
		case r < 0x20:
			r += 0x2400
		case r == ' ':
			r = '␠'
		case r == 0xfeff || r == 0x200b || r == 0x200e:
			r = '□'
		}
		b.WriteRune(r)
	}
	b.WriteString("”")
	return b.String()
}
