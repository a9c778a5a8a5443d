package datamatrix

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing/common"
)

func decoded(raw string, eci int) string {
	var b strings.Builder
	decodeText(&b, []byte(raw), eci)
	return b.String()
}

// TestCharsets: every byte of every character set, against the sets that gozxing has (those of golang.org/x/text). They
// leave the control characters out that ISO/IEC 8859 has between its halves.
func TestCharsets(t *testing.T) {
	compared := 0
	for eci := range 25 {
		var all strings.Builder
		for c := range 256 {
			if c < 0x80 || c >= 0xa0 || eci < 3 || eci > 18 {
				all.WriteByte(byte(c))
			}
		}
		n := utf8.RuneCountInString(upperHalf(eci))
		if want := map[bool]int{true: 96, false: 128}[eci >= 4 && eci <= 18]; n != 0 && n != want {
			t.Errorf("ECI %d: %d characters in the upper half, want %d", eci, n, want)
		}
		zx, err := common.GetCharacterSetECIByValue(eci)
		if err != nil || zx == nil || eci == 20 {
			continue
		}
		want, err := zx.GetCharset().NewDecoder().String(all.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, decoded(all.String(), eci)); diff != "" {
			t.Errorf("ECI %d (-want +got)\n%s", eci, diff)
		}
		compared++
	}
	if compared < 17 {
		t.Errorf("only %d sets compared", compared)
	}
}

func TestDecodeText(t *testing.T) {
	for _, tt := range []struct {
		name, raw string
		eci       int
		want      string
	}{
		{"none", "A\xe9", eciNone, "Aé"},
		{"ISO/IEC 8859-1", "A\xe9\x80", 3, "Aé\u0080"},
		{"ISO/IEC 8859-5", "\xbf\xe0\xd8", 7, "При"},
		{"ISO/IEC 8859-6", "\xc7\xe4\xac\xa1", 8, "\u0627\u0644\u060c\ufffd"},
		{"ISO/IEC 8859-8", "\xe0\xfa\xbf", 10, "\u05d0\u05ea\ufffd"},
		{"ISO/IEC 8859-10", "\xa1\xbd\xff", 12, "Ą―ĸ"},
		{"ISO/IEC 8859-11", "\xa1\xda\xdf\xfb\xdb", 13, "\u0e01\u0e3a\u0e3f\u0e5b\ufffd"},
		{"ISO/IEC 8859-14", "\xa1\xaa\xfe", 16, "ḂẂŷ"},
		{"code page 437", "\x80\xff", 2, "Ç\u00a0"},
		{"UTF-8", "D\xc6\xb0\xe1\xbb\xa3c\xff", 26, "Dược\ufffd"},
		{"UTF-16", "\x00D\x01\xb0\xd8\x3d\xdc\x8a", 25, "Dư💊"},
		{"UTF-16, cut off", "\x00D\x01", 25, "D\ufffd"},
		{"UTF-16, half a pair", "\xd8\x3d\x00D", 25, "\ufffdD"},
		{"UTF-16LE", "D\x00\xb0\x01", 33, "Dư"},
		{"UTF-32", "\x00\x01\xf4\x8a\x00", 34, "💊\ufffd"},
		{"UTF-32LE", "\x8a\xf4\x01\x00", 35, "💊"},
		{"UTF-32, no character", "\xff\xff\xff\xff\x00\x00\xd8\x00", 34, "\ufffd\ufffd"},
		{"ASCII", "A\xe9", 27, "A\ufffd"},
		{"invariant ASCII", "A\xe9", 170, "A\ufffd"},
		{"binary", "\x00A\xff", 899, "\x00Aÿ"},
		{"Shift JIS", "A\x95\x5c\xb1", 20, "A\ufffdｱ"},
		{"Shift JIS, cut off", "A\x95", 20, "A\ufffd"},
		{"GB 18030", "A\x81\x30\x81\x31B\xb0\xa1", 32, "A\ufffd\ufffdB\ufffd"},
		{"reserved", "A\xe9\xe8", 14, "A\ufffd\ufffd"},
		{"of the far end", "A\xe9", 811799, "A\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, decoded(tt.raw, tt.eci)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
