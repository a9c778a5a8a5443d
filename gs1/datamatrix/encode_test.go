package datamatrix

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	zxdecoder "github.com/makiuchi-d/gozxing/datamatrix/decoder"
)

// zxRead reads the modules with gozxing's decoder, the second opinion. It gives the corrected data codewords and the text,
// in which FNC1 is GS (0x1D), in the first position too.
func zxRead(m *Matrix) (codewords []byte, text string, err error) {
	b, err := gozxing.NewBitMatrix(m.Columns(), m.Rows())
	if err != nil {
		return nil, "", err
	}
	for r := range m.Rows() {
		for c := range m.Columns() {
			if m.Dark(r, c) {
				b.Set(c, r)
			}
		}
	}
	res, err := zxdecoder.NewDecoder().Decode(b)
	if err != nil {
		return nil, "", err
	}
	return res.GetRawBytes(), res.GetText(), nil
}

// TestEverySize fills every size to the brim and reads it back, by our decoder and by gozxing's.
func TestEverySize(t *testing.T) {
	for i := range sizes {
		s := &sizes[i]
		t.Run(fmt.Sprintf("%dx%d", s.rows, s.cols), func(t *testing.T) {
			text := strings.Repeat("1234567890", 1+s.data/5)[:2*(s.data-1)]
			m, err := Encode(text, &Options{Shape: s.family, Rows: s.rows, Columns: s.cols})
			if err != nil {
				t.Fatal(err)
			}
			if m.Rows() != s.rows || m.Columns() != s.cols {
				t.Errorf("got %d×%d", m.Rows(), m.Columns())
			}
			got, err := m.read()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("]d2"+text, got.ScanData); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			cw, zx, err := zxRead(m)
			if err != nil {
				t.Fatalf("gozxing: %v", err)
			}
			if diff := cmp.Diff(got.Codewords, cw); diff != "" {
				t.Errorf("gozxing (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff("\x1d"+text, zx); diff != "" {
				t.Errorf("gozxing (-want +got)\n%s", diff)
			}
			if _, err := Encode(text+"1", &Options{Shape: s.family, Rows: s.rows, Columns: s.cols}); !errors.As(err, new(*TooLongError)) {
				t.Errorf("one more character: got %v", err)
			}
		})
	}
}

var randomCount = flag.Int("random", 300, "random element strings to write in each family of sizes")

// TestEncodeRandom writes random element strings into every family of sizes: each must read back whole, by gozxing's
// decoder too, or be refused as too long for the largest size.
func TestEncodeRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name string
		opts Options
	}{
		{"square", Options{Shape: Square}},
		{"rectangle", Options{Shape: Rectangle}},
		{"DMRE", Options{Shape: DMRE}},
		{"any", Options{Shape: Any}},
		{"20×20", Options{Rows: 20, Columns: 20}},
	} {
		written, refused := 0, 0
		for written < *randomCount {
			text := elementString(randomElements(rng))
			m, err := Encode(text, &tt.opts)
			if errors.As(err, new(*TooLongError)) {
				refused++
				continue
			} else if err != nil {
				t.Fatalf("%s %q: %v", tt.name, text, err)
			}
			written++
			s, err := m.read()
			if err != nil || s.ScanData != "]d2"+text {
				t.Fatalf("%s %q: reads %q, %v", tt.name, text, s.ScanData, err)
			}
			cw, zx, err := zxRead(m)
			if err != nil || zx != "\x1d"+text || !slices.Equal(cw, s.Codewords) {
				t.Fatalf("%s %q: gozxing reads %q, %v", tt.name, text, zx, err)
			}
		}
		t.Logf("%s: %d element strings written and read back by both decoders, %d refused as too long", tt.name, written, refused)
	}
}

func digits(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + rng.IntN(10))
	}
	return string(b)
}

// TestEncodation writes random texts of every kind of character into every capacity and reads the codewords back.
func TestEncodation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	sets := []string{"0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ ", "abcdefghijklmnopqrstuvwxyz ", "\r*>AB12 ", "!?@[\\]^A1", "\x80\x90\xff\xe9\x01\x7f`{|}~", "\x00\x1f"}
	var e encoder
	n := 6000
	if testing.Short() {
		n = 2000
	}
	for range n {
		var in []uint16
		var want []byte
		for range 1 + rng.IntN(5) {
			set := sets[rng.IntN(len(sets))]
			for range 1 + rng.IntN(9) {
				c := set[rng.IntN(len(set))]
				in, want = append(in, uint16(c)), append(want, c)
			}
			if rng.IntN(3) == 0 {
				in, want = append(in, fnc1), append(want, gs)
			}
		}
		least := 0
		for _, capacity := range []int{3, 5, 8, 10, 12, 16, 18, 22, 30, 36, 44, 62} {
			cw, ok := e.encode(in, []byte{cwFNC1}, capacity)
			if !ok {
				if least != 0 {
					t.Fatalf("%q fits %d codewords but not %d", want, least, capacity)
				}
				continue
			}
			least = max(least, capacity)
			m, err := parseMessage(cw, message{})
			if err != nil {
				t.Fatalf("%q in %d: %v %v", want, capacity, cw, err)
			}
			if diff := cmp.Diff(want, m.bytes); diff != "" {
				t.Fatalf("%q in %d: %v (-want +got)\n%s", want, capacity, cw, diff)
			}
		}
	}
}

// TestEncodationLong writes long byte runs, with both kinds of length field.
func TestEncodationLong(t *testing.T) {
	var e encoder
	for _, n := range []int{248, 249, 250, 251, 499, 500, 1200, 1555} {
		in := make([]uint16, n)
		for i := range in {
			in[i] = uint16(128 + i*37%128)
		}
		for _, capacity := range []int{n + 1, n + 2, n + 3, n + 4, 1558} {
			cw, ok := e.encode(in, nil, capacity)
			if !ok {
				if capacity > n+2 || n < 250 && capacity == n+2 {
					t.Errorf("%d bytes do not fit %d codewords", n, capacity)
				}
				continue
			}
			m, err := parseMessage(cw, message{})
			if err != nil || !slices.Equal(m.bytes, narrow(in)) {
				t.Errorf("%d bytes in %d codewords: %v", n, capacity, err)
			}
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		opts     *Options
		want     string
	}{
		{"empty", "", nil, "datamatrix: empty element string"},
		{"only identifier", "]d2\x1d", nil, "datamatrix: empty element string"},
		{"bracket", "]d2[01]", nil, `datamatrix: character '[' at offset 3 is not of a GS1 element string`},
		{"human readable", "(01)09521234543213", nil, `datamatrix: character '(' at offset 0 is not of a GS1 element string`},
		{"AI without a digit", "10A\x1d\x1d21B", nil, `datamatrix: character '\x1d' at offset 4 is not of a GS1 element string`},
		{"accent", "10\xc3\xa9", nil, `datamatrix: character 'Ã' at offset 2 is not of a GS1 element string`},
		{"too long", strings.Repeat("1", 3117), nil, "datamatrix: 3117 characters do not fit a symbol of 144×144 modules"},
		{"no such size", "10A", &Options{Rows: 11}, "datamatrix: no symbol size has the rows and columns asked for"},
		{"too small", "0101104645219250", &Options{Rows: 10}, "datamatrix: 16 characters do not fit a symbol of 10×10 modules"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Encode(tt.in, tt.opts)
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestEncodeText(t *testing.T) {
	for _, text := range []string{"Hello", "", "Dược phẩm", "Ã©", "é", "[)>\x1e05\x1dABC\x1dDEF\x1e\x04", "[)>\x1e06\x1d12345\x1e\x04", strings.Repeat("x", 1500)} {
		m, err := EncodeText(text, nil)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		s, err := m.read()
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(text, s.Text); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// FuzzEncodeText writes any text: the only errors are text that is not UTF-8 and too much of it.
func FuzzEncodeText(f *testing.F) {
	for _, s := range []string{"Hello", "Dược phẩm", "Ã©", "\u0080ÿ\x00", "[)>\x1e05\x1dA\x1e\x04", "[)>\x1e06\x1dÃ©\x1e\x04", "12AB*>\r ab.-[]^_`{|}~"} {
		f.Add(s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, shape uint8) {
		_, err := EncodeText(text, &Options{Shape: Shape(shape % 4)})
		if err != nil && utf8.ValidString(text) && !errors.As(err, new(*TooLongError)) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
