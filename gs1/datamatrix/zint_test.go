package datamatrix

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	update    = flag.Bool("update", false, "write testdata anew")
	zintCount = flag.Int("zint", 0, "random element strings to compare with the zint that is installed")
)

const (
	zintFile    = "testdata/zint-2.11.1.txt"
	zintModules = "testdata/zint-2.11.1-modules.txt"
)

// Families as zint has them, with its options. It has none for the rectangles alone, so there it is asked size by size.
var zintFamilies = []struct {
	name string
	args []string
	opts Options
}{
	{"square", []string{"--square"}, Options{Shape: Square}},
	{"any", nil, Options{Shape: Any}},
	{"rectangle", nil, Options{Shape: Rectangle}},
	{"dmre", nil, Options{Shape: DMRE}},
}

// TestZint: no symbol is larger than the one that zint 2.11.1 makes of the same element string. Each line of the file has
// the family, zint's size and the string.
func TestZint(t *testing.T) {
	if *update {
		writeZintFile(t)
	}
	f, err := os.Open(zintFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := map[string]int{}
	smaller := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var family, quoted string
		var rows, cols int
		if _, err := fmt.Sscanf(lines.Text(), "%s %dx%d %q", &family, &rows, &cols, &quoted); err != nil {
			t.Fatal(lines.Text(), err)
		}
		n[family]++
		for _, z := range zintFamilies {
			if z.name != family {
				continue
			}
			m, err := Encode(quoted, &z.opts)
			if err != nil {
				t.Errorf("%s %q: %v", family, quoted, err)
				continue
			}
			switch d := m.Rows()*m.Columns() - rows*cols; {
			case d > 0:
				t.Errorf("%s %q: %d×%d, zint has %d×%d", family, quoted, m.Rows(), m.Columns(), rows, cols)
			case d < 0:
				smaller++
			}
		}
	}
	t.Logf("%v symbols, %d of them smaller than zint's", n, smaller)
	for _, z := range zintFamilies {
		if n[z.name] < 50 {
			t.Errorf("%s: only %d lines", z.name, n[z.name])
		}
	}
}

// full is an element string of digits that fills a symbol to the last codeword.
func full(s *size) string { return ("91" + strings.Repeat("1234567890", s.data/5+1))[:2*(s.data-1)] }

// TestZintModules: every size is, module for module, what zint 2.11.1 draws: placement, error correction and its
// interleaving, in 144×144 too. Each line of the file has a size and the SHA-256 of its modules, row by row as 0 and 1.
func TestZintModules(t *testing.T) {
	if *update {
		var b bytes.Buffer
		for i := range sizes {
			s := &sizes[i]
			text := full(s)
			m, err := zint("["+text[:2]+"]"+text[2:], "--gs1", "--gs1nocheck", zintVersion(s))
			if err != nil {
				t.Fatalf("zint: %d×%d: %v", s.rows, s.cols, err)
			}
			fmt.Fprintf(&b, "%dx%d %x\n", s.rows, s.cols, moduleSum(m))
		}
		if err := os.WriteFile(zintModules, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(zintModules)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for i := range sizes {
		s := &sizes[i]
		m, err := Encode(full(s), &Options{Shape: s.family, Rows: s.rows, Columns: s.cols})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%dx%d %x\n", s.rows, s.cols, moduleSum(m))
	}
	if diff := cmp.Diff(string(raw), got.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func moduleSum(m *Matrix) [sha256.Size]byte {
	var b []byte
	for r := range m.Rows() {
		for c := range m.Columns() {
			if m.Dark(r, c) {
				b = append(b, '1')
			} else {
				b = append(b, '0')
			}
		}
	}
	return sha256.Sum256(b)
}

// An element of a random element string: its AI, its value, and whether FNC1 must end it (General Specifications 7.8.5).
type element struct {
	ai, value string
	variable  bool
}

// Alphabets that favour one scheme or another, all of them within GS1 General Specifications figures 7.11-1 and 7.11-2.
var alphabets = []string{
	"0123456789",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	"abcdefghijklmnopqrstuvwxyz",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"abcdefghijklmnopqrstuvwxyz0123456789",
	"ABCDEFGHIJKLMabcdefghijklm",
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"%&'()*+,-./:;<=>?_",
	"*>ABCXYZ019",
	"!\"%&'()*+,-./:;<=>?",
	"!\"%&'()*+,-./:;<=>?ABCXYZ0129",
	"#-/0123456789ABC",
	"_abAB",
}

// randomElements makes element strings of all mixtures of characters and lengths, FNC1 in all places.
func randomElements(rng *rand.Rand) []element {
	var es []element
	if rng.IntN(4) > 0 {
		es = append(es, element{"01", gtin(rng), false})
	}
	longest := []int{3, 20, 20, 90}[rng.IntN(4)]
	for range 1 + rng.IntN(6) {
		if rng.IntN(4) == 0 {
			es = append(es, element{[]string{"11", "17", "3103", "15"}[rng.IntN(4)], digits(rng, 6), false})
			continue
		}
		var b strings.Builder
		n := 1 + rng.IntN(longest)
		for b.Len() < n {
			a := alphabets[rng.IntN(len(alphabets))]
			for range 1 + rng.IntN(n) {
				b.WriteByte(a[rng.IntN(len(a))])
			}
		}
		es = append(es, element{[]string{"10", "21", "240", "710", "91", "98", "8010", "37"}[rng.IntN(8)], b.String()[:n], true})
	}
	return es
}

// elementString and bracketed write elements as they go into Encode and into zint.
func elementString(es []element) string {
	var b strings.Builder
	for i, e := range es {
		b.WriteString(e.ai + e.value)
		if e.variable && i < len(es)-1 {
			b.WriteByte(gs)
		}
	}
	return b.String()
}

func bracketed(es []element) string {
	var b strings.Builder
	for _, e := range es {
		b.WriteString("[" + e.ai + "]" + e.value)
	}
	return b.String()
}

// errNoFit says that the data is too long for the size zint was asked for.
var errNoFit = errors.New("does not fit")

// zint runs zint and returns its symbol.
func zint(data string, args ...string) (*Matrix, error) {
	args = append([]string{"-b", "DATAMATRIX", "--dump", "-d", data}, args...)
	var stderr bytes.Buffer
	cmd := exec.Command("zint", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if strings.Contains(stderr.String(), "too long") {
			return nil, errNoFit
		}
		return nil, fmt.Errorf("%w: %s", err, stderr.String())
	}
	rows := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i := range rows {
		rows[i] = strings.ReplaceAll(rows[i], " ", "")
	}
	for i := range sizes {
		s := &sizes[i]
		if s.rows != len(rows) || (s.cols+3)/4 != len(rows[0]) {
			continue
		}
		m := &Matrix{size: s, dark: make([]bool, s.rows*s.cols)}
		for r, hex := range rows {
			for c := range s.cols {
				d, err := strconv.ParseUint(hex[c/4:c/4+1], 16, 4)
				if err != nil {
					return nil, err
				}
				m.dark[r*s.cols+c] = d<<(c%4)&8 != 0
			}
		}
		return m, nil
	}
	return nil, fmt.Errorf("%d rows of %d digits", len(rows), len(rows[0]))
}

// zintVersion is the number of a size for zint's option --vers: squares, rectangles, then DMRE in an order of its own.
func zintVersion(s *size) string {
	i := sizeOf(s.rows, s.cols)
	if s.family == DMRE {
		order := [...][2]int{{8, 48}, {8, 64}, {8, 80}, {8, 96}, {8, 120}, {8, 144}, {12, 64}, {12, 88}, {16, 64}, {20, 36},
			{20, 44}, {20, 64}, {22, 48}, {24, 48}, {24, 64}, {26, 40}, {26, 48}, {26, 64}}
		i = 30 + slices.Index(order[:], [2]int{s.rows, s.cols})
	}
	return "--vers=" + strconv.Itoa(i+1)
}

// zintSmallest is the symbol that zint makes in a family, nil when the data does not fit.
func zintSmallest(es []element, family int) (*Matrix, error) {
	z := &zintFamilies[family]
	gs1 := []string{"--gs1", "--gs1nocheck"}
	if z.opts.Shape != Rectangle && z.opts.Shape != DMRE {
		m, err := zint(bracketed(es), append(gs1, z.args...)...)
		if errors.Is(err, errNoFit) {
			err = nil
		}
		return m, err
	}
	for _, s := range allowedSizes(&z.opts) {
		m, err := zint(bracketed(es), append(gs1, zintVersion(s))...)
		if !errors.Is(err, errNoFit) {
			return m, err
		}
	}
	return nil, nil
}

// TestZintInstalled compares sizes with the zint of this machine, and reads what zint has written.
func TestZintInstalled(t *testing.T) {
	if *zintCount == 0 {
		t.Skip("without -zint N: TestZint compares with what zint wrote, in testdata")
	}
	rng := rand.New(rand.NewPCG(31, 32))
	same, smaller, refused := 0, 0, 0
	for i := range *zintCount {
		es := randomElements(rng)
		text := elementString(es)
		for family := range zintFamilies {
			z := &zintFamilies[family]
			theirs, err := zintSmallest(es, family)
			if err != nil {
				t.Fatalf("zint: %q: %v", text, err)
			}
			ours, err := Encode(text, &z.opts)
			if err != nil && !errors.As(err, new(*TooLongError)) {
				t.Fatalf("%q: %v", text, err)
			}
			if theirs == nil {
				refused++
				continue
			}
			if s, err := theirs.read(); err != nil || s.ScanData != "]d2"+text {
				t.Errorf("%q: zint's symbol reads %q, %v", text, s.ScanData, err)
			}
			if ours == nil {
				t.Errorf("%s %q: refused, zint has %d×%d", z.name, text, theirs.Rows(), theirs.Columns())
				continue
			}
			switch d := ours.Rows()*ours.Columns() - theirs.Rows()*theirs.Columns(); {
			case d > 0:
				t.Errorf("%s %q: %d×%d, zint has %d×%d", z.name, text, ours.Rows(), ours.Columns(), theirs.Rows(), theirs.Columns())
			case d < 0:
				smaller++
			default:
				same++
			}
		}
		if i%500 == 499 {
			t.Logf("%d strings: %d symbols of zint's size, %d smaller; zint refused %d", i+1, same, smaller, refused)
		}
	}
	t.Logf("%d strings: %d symbols of zint's size, %d smaller; zint refused %d", *zintCount, same, smaller, refused)
}

// writeZintFile fills the file of TestZint, as many symbols of each family.
func writeZintFile(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 34))
	var b bytes.Buffer
	for family := range zintFamilies {
		for n := 0; n < 150; {
			es := randomElements(rng)
			m, err := zintSmallest(es, family)
			if err != nil {
				t.Fatal(err)
			}
			if m == nil {
				continue
			}
			fmt.Fprintf(&b, "%s %dx%d %q\n", zintFamilies[family].name, m.Rows(), m.Columns(), elementString(es))
			n++
		}
	}
	if err := os.WriteFile(zintFile, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
