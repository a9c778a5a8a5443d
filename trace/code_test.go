package trace

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Programs compare codes and authorities file them: none of these changes or goes away.
var stableCodes = []Code{
	"aggregation_mismatch", "already_destroyed", "already_dispensed", "already_exported", "already_sampled",
	"balance_negative", "clone_dispensed_two_places", "dispense_by_non_custodian", "dispensed_after_destroyed",
	"dispensed_out_of_chain", "dispensed_twice", "expired", "expired_dispensed", "expiry_mismatch", "held_elsewhere",
	"lot_mismatch", "more_sold_than_received", "never_commissioned", "not_in_stock", "price_above_declared",
	"quantity_mismatch", "quarantined", "quarantined_dispensed", "recalled", "recalled_dispensed",
	"receive_without_ship", "reported_lost", "ship_by_non_custodian", "ship_never_received", "suspended_establishment",
	"time_travel", "unknown_establishment", "unknown_lot", "unknown_product", "unknown_serial",
}

// Every code of this package is stable, has its sentence in both languages, and a test that names it.
func TestCodes(t *testing.T) {
	names, tests := make(map[Code]string), ""
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range files {
		data, err := os.ReadFile(entry.Name())
		switch {
		case !strings.HasSuffix(entry.Name(), ".go"):
			continue
		case err != nil:
			t.Fatal(err)
		case strings.HasSuffix(entry.Name(), "_test.go"):
			tests += string(data)
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" && len(spec.Values) == 1 {
					text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					names[Code(text)] = spec.Names[0].Name
				}
			}
			return true
		})
	}
	if diff := cmp.Diff(stableCodes, slices.Sorted(maps.Keys(names))); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(stableCodes, slices.Sorted(maps.Keys(sentences))); diff != "" {
		t.Errorf("codes with a sentence (-want +got):\n%s", diff)
	}
	gap := regexp.MustCompile(`\{\w*\}`)
	for code, texts := range sentences {
		if !strings.Contains(tests, "trace."+names[code]+"}") && !strings.Contains(tests, "trace."+names[code]+",") {
			t.Errorf("no test names %s", names[code])
		}
		if texts[Vietnamese] == texts[English] {
			t.Errorf("%s: one text in two languages: %q", code, texts[English])
		}
		var gaps [2][]string
		for lang, text := range texts {
			for _, g := range gap.FindAllString(text, -1) {
				if !slices.Contains(gaps[lang], g) {
					gaps[lang] = append(gaps[lang], g)
				}
				if !slices.Contains([]string{"{epc}", "{place}", "{want}", "{got}"}, g) {
					t.Errorf("%s: %q has a gap that nothing fills", code, text)
				}
			}
			slices.Sort(gaps[lang])
			if !strings.Contains(text, "{epc}") || !strings.HasSuffix(text, ".") {
				t.Errorf("%s: %q names no object, or is no sentence", code, text)
			}
		}
		if !slices.Equal(gaps[0], gaps[1]) {
			t.Errorf("%s: the Vietnamese text says %v, the English one %v", code, gaps[0], gaps[1])
		}
	}
}
