package scanner_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

// A vector is one row of shared/vectors/gs1/scanner_input.dev.jsonl.
type vector struct {
	ID    string
	Input string
	Quirk string
	Class string
	Truth struct {
		AIs     [][2]string
		Element string `json:"element_string"`
	}
}

// shared returns a file beside the folder that has go.mod.
func shared(t testing.TB, name string) []byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "..", "shared", name))
	if os.IsNotExist(err) {
		t.Skipf("shared/%s is missing", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pairs(m gs1.Message) [][2]string {
	var list [][2]string
	for _, e := range m.Elements {
		list = append(list, [2]string{string(e.AI), e.Value})
	}
	return list
}

// isClean reports whether the input is byte for byte a clean scan of its truth.
func (v vector) isClean() bool {
	return v.Input == strings.ReplaceAll(v.Truth.Element, "^", "\x1d") ||
		v.Input == strings.ReplaceAll(v.Truth.Element[1:], "^", "\x1d")
}

// undetectableVectors is how many of the rows are themselves valid scans that
// differ from their truth in the case of letters alone.
const undetectableVectors = 7

func TestVectors(t *testing.T) {
	var lossless, recovered, ambiguous, offered int
	var undetectable []string
	outcome := map[string][3]int{}
	for line := range strings.Lines(string(shared(t, "vectors/gs1/scanner_input.dev.jsonl"))) {
		var v vector
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		r := scanner.Interpret(v.Input, nil)
		right := r.Certain && slices.Equal(pairs(r.Message), v.Truth.AIs)
		rank := slices.IndexFunc(r.Candidates, func(c scanner.Candidate) bool { return slices.Equal(pairs(c.Message), v.Truth.AIs) })
		count := outcome[v.Class]
		switch {
		case r.Certain:
			count[0]++
		case len(r.Candidates) > 0:
			count[1]++
		default:
			count[2]++
		}
		outcome[v.Class] = count
		if r.Certain && !right {
			if strings.EqualFold(v.Input, strings.ReplaceAll(v.Truth.Element[1:], "^", "\x1d")) {
				undetectable = append(undetectable, v.ID)
			} else {
				t.Errorf("%s (%s, %s): %q is read as %v, certain; truth %v", v.ID, v.Quirk, v.Class, v.Input, pairs(r.Message), v.Truth.AIs)
			}
		}
		switch {
		case v.Class == "lossless" || v.isClean():
			lossless++
			if right {
				recovered++
			} else {
				t.Logf("lossless %s (%s): %q gives %v %v", v.ID, v.Quirk, v.Input, r.Candidates, r.Err)
			}
		case v.Class == "ambiguous":
			ambiguous++
			if right || rank >= 0 && rank < 3 {
				offered++
			} else {
				t.Logf("ambiguous %s (%s): %q, truth %v: rank %d", v.ID, v.Quirk, v.Input, v.Truth.AIs, rank)
				for _, c := range r.Candidates {
					t.Logf("    %v %v", pairs(c.Message), c.Doubts)
				}
			}
		}
	}
	t.Logf("lossless: %d of %d recovered; ambiguous: truth among the first three in %d of %d", recovered, lossless, offered, ambiguous)
	t.Logf("certain, candidates, refused by class: %v", outcome)
	t.Logf("undetectable: %d %v", len(undetectable), undetectable)
	if len(undetectable) != undetectableVectors {
		t.Errorf("%d rows are undetectable, want %d", len(undetectable), undetectableVectors)
	}
	if recovered*100 < lossless*99 {
		t.Errorf("recovered %d of %d lossless inputs, want 99 %%", recovered, lossless)
	}
	if offered*10 < ambiguous*9 {
		t.Errorf("truth offered for %d of %d ambiguous inputs, want 90 %%", offered, ambiguous)
	}
}

// TestVectorLayouts types the truths of the layout rows through the layouts.
func TestVectorLayouts(t *testing.T) {
	layouts := map[string]scanner.Layout{"qwertz": scanner.QWERTZ, "azerty": scanner.AZERTY, "czech": scanner.Czech}
	rows := 0
	for line := range strings.Lines(string(shared(t, "vectors/gs1/scanner_input.dev.jsonl"))) {
		var v vector
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		l, ok := layouts[v.Quirk]
		if !ok {
			continue
		}
		rows++
		if got := l.Type(strings.ReplaceAll(v.Truth.Element[1:], "^", "")); got != v.Input {
			t.Errorf("%s: %v types %q, want %q", v.ID, l, got, v.Input)
		}
	}
	if rows == 0 {
		t.Error("no rows")
	}
}
