package scanner_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1/scanner"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, scan, vi, en string }{
		{"clean", packA, "Đọc tốt.", "Read."},
		{"stand-in", strings.ReplaceAll(packA, "\x1d", "{GS}"), "Đọc được; đã hiểu “{GS}” là dấu phân cách.", "Read; “{GS}” was read as the separator."},
		{"separator lost", strings.ReplaceAll(packA, "\x1d", ""),
			"Chưa chắc chắn: có nhiều cách đọc, hãy so với chữ in trên hộp. Dấu phân cách có thể đã mất sau số lô: hãy cài máy quét gửi ký tự GS, hoặc tắt bộ gõ tiếng Việt. Cách đọc đầu tiên: đã thêm lại dấu phân cách bị mất sau số lô.",
			"Not certain: it can be read in several ways, compare the text on the box. The separator may have been lost after the batch: set the scanner to send GS, or turn the Vietnamese input method off. The first way to read it: the lost separator after the batch was put back."},
		{"Caps Lock", "]D2" + strings.ToLower(packA), "Đọc được; đã đổi lại chữ hoa và chữ thường (phím Caps Lock đang bật).", "Read; upper and lower case were changed back (Caps Lock is on)."},
		{"check digit", "0108935000000008", "Số kiểm tra sai: hãy quét lại; nếu vẫn sai thì nhãn in sai.", "The check digit is wrong: scan again; if it stays wrong, so is the label."},
		{"empty", "\r\n", "Không nhận được ký tự nào: hãy quét lại.", "Nothing arrived: scan again."},
		{"plain text", "hello", "Đây không phải mã GS1.", "This is no GS1 code."},
		{"input method", "0108935000000007\x1dĐẤẤẤ", "Bộ gõ tiếng Việt đã làm hỏng mã: hãy tắt bộ gõ (Unikey, Telex, VNI) rồi quét lại.", "A Vietnamese input method has damaged the code: turn it off (Unikey, Telex, VNI) and scan again."},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := scanner.Interpret(c.scan, nil)
			if d := cmp.Diff([2]string{c.vi, c.en}, [2]string{r.Words("vi"), r.Words("en")}); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// TestWordsAreComplete has words in both languages for every kind.
func TestWordsAreComplete(t *testing.T) {
	check := func(what, vi, en string) {
		if vi == "" || en == "" || vi == en || strings.Contains(vi+en, "%!") {
			t.Errorf("%s: %q, %q", what, vi, en)
		}
		if strings.ContainsFunc(en, func(r rune) bool { return r >= 0x80 && unicode.IsLetter(r) }) {
			t.Errorf("%s: %q is not English", what, en)
		}
	}
	for k := scanner.StrayCharacters; k <= scanner.BareGTIN; k++ {
		r := scanner.Repair{Kind: k, Was: "x", Is: "y", AI: "10"}
		check(k.String(), r.Words("vi"), r.Words("en"))
	}
	for d := scanner.MaybeSeparatorLost; d <= scanner.MixedSeparators; d++ {
		check(d.String(), d.Words("vi"), d.Words("en"))
	}
	for _, kind := range []error{scanner.ErrEmpty, scanner.ErrTooLong, scanner.ErrHalf, scanner.ErrSeparatorLost,
		scanner.ErrInputMethod, scanner.ErrLayout, scanner.ErrNoise, scanner.ErrInvalid} {
		e := scanner.Error{Kind: kind}
		check(kind.Error(), e.Words("vi"), e.Words("en"))
	}
}
