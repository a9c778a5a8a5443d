package datamatrix

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	corpusOnly    = flag.String("corpus", "", "only pictures whose file name contains this; prints each")
	corpusTimings = flag.Bool("timings", false, "read each picture several times and print times")
)

// A picture is a line of the manifest of shared/vectors/datamatrix.
type picture struct {
	File      string
	Expected  []string
	Hex       string `json:"expected_hex"` // in place of the text, when that is binary
	Class     string
	ZX        int
	W, H      int
	Uncounted bool
	Truth     []struct {
		Rows, Cols int
		Corners    [4][2]float64
	}
}

// shared gives a path in the folder of shared vectors beside the module, or skips the test.
func shared(t testing.TB, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	full := filepath.Join(filepath.Dir(dir), "shared", path)
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("missing shared/%s", path)
	}
	return full
}

func readPNG(t testing.TB, file string) image.Image {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return img
}

// reached is how many symbols of each class are read; more is welcome.
var reached = map[string]int{
	"cpp-1": 11, "cpp-2": 9, "cpp-3": 16, "cpp-4": 12, "cpp-5": 3, "java-1": 18, "java-2": 8, "java-3": 8,
	"clean": 12, "rotate": 14, "perspective": 18, "blur": 12, "noise": 21, "lowcontrast": 11, "lowres": 19,
	"dotpeen": 15, "inverted": 9, "curved": 13, "glare": 12, "damage": 19, "print": 11, "multi": 63,
	"large12mp": 10, "combo": 20,
}

type tally struct {
	pictures, symbols, found, zx, wrong int
	times                               []time.Duration
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// TestCorpus reads the shared pictures with one Reader and one goroutine and prints a table: per class the symbols there,
// found, found by zxing-cpp with every trick, and read wrong. Medians are over all pictures of a size, with a symbol or not,
// read or not; a picture's time is the best of seven.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("short: long, and one goroutine")
	}
	root := shared(t, "vectors/datamatrix")
	f, err := os.Open(filepath.Join(root, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	classes := map[string]*tally{}
	var order []string
	var all, synth, samples tally
	var small, large, largeTwo, empty []time.Duration
	var reader Reader
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p picture
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.File, *corpusOnly) {
			continue
		}
		if raw, err := hex.DecodeString(p.Hex); err == nil && len(raw) > 0 {
			var b strings.Builder
			decodeText(&b, raw, -1)
			p.Expected = []string{b.String()}
		}
		img := readPNG(t, filepath.Join(root, p.File))
		runs := 1
		if *corpusTimings {
			runs = 7
		}
		reader.Symbols = 1
		if len(p.Expected) > 1 || *corpusOnly != "" {
			reader.Symbols = 0
		}
		var got []Symbol
		read := func(goroutines int) time.Duration {
			reader.Goroutines = goroutines
			start := time.Now()
			got, err = reader.Read(t.Context(), img)
			if err != nil && !errors.Is(err, ErrNotFound) {
				t.Errorf("%s: %v", p.File, err)
			}
			return time.Since(start)
		}
		took, tookTwo := time.Hour, time.Hour
		for i := range runs {
			if took > 100*time.Millisecond && i > 2 {
				break
			}
			if p.W*p.H >= 4e6 && *corpusTimings {
				tookTwo = min(tookTwo, read(2))
			}
			took = min(took, read(1))
		}
		c := classes[p.Class]
		if c == nil {
			c = &tally{}
			classes[p.Class] = c
			order = append(order, p.Class)
		}
		group := &synth
		if strings.HasPrefix(p.File, "samples/") {
			group = &samples
		}
		left := slices.Clone(p.Expected)
		found, wrong := 0, 0
		for _, s := range got {
			if i := slices.Index(left, s.Text); i >= 0 {
				left = slices.Delete(left, i, i+1)
				found++
			} else if !p.Uncounted {
				wrong++
				t.Errorf("%s: wrong text %q, want one of %q", p.File, s.Text, p.Expected)
			}
		}
		for _, x := range []*tally{c, group, &all} {
			x.pictures++
			x.symbols += len(p.Expected)
			x.found += found
			x.zx += p.ZX
			x.wrong += wrong
			x.times = append(x.times, took)
		}
		if len(p.Expected) == 0 {
			empty = append(empty, took)
		}
		if p.W*p.H >= 4e6 {
			large, largeTwo = append(large, took), append(largeTwo, tookTwo)
		} else if p.W*p.H < 1e6 {
			small = append(small, took)
		}
		if *corpusOnly != "" || testing.Verbose() && found < len(p.Expected) {
			fmt.Printf("%-48s %dx%d found %d of %d zx %d %v\n", p.File, p.W, p.H, found, len(p.Expected), p.ZX, took)
		}
	}
	table := &strings.Builder{}
	line := func(name string, c *tally) {
		mark := ""
		if c.found < c.zx {
			mark = " <"
		}
		fmt.Fprintf(table, "%-12s %4d %4d %4d %4d %4d %10v%s\n", name, c.pictures, c.symbols, c.found, c.zx, c.wrong, median(c.times).Round(time.Microsecond), mark)
	}
	fmt.Fprintf(table, "%-12s %4s %4s %4s %4s %4s %10s\n", "class", "pics", "syms", "read", "zx", "bad", "median")
	for _, name := range order {
		line(name, classes[name])
	}
	line("synthetic", &synth)
	line("samples", &samples)
	line("all", &all)
	fmt.Fprintf(table, "median: under 1 MP %v, 12 MP %v, negatives %v\n", median(small), median(large), median(empty))
	if *corpusTimings {
		fmt.Fprintf(table, "median with two goroutines: 12 MP %v\n", median(largeTwo))
	}
	t.Logf("shared pictures\n%s", table)
	if *corpusOnly != "" || *corpusTimings {
		fmt.Print(table)
		return
	}
	for _, name := range order {
		if c := classes[name]; c.found < reached[name] {
			t.Errorf("%s: %d of %d symbols read, %d were", name, c.found, c.symbols, reached[name])
		}
	}
}
