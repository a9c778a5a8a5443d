package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/google/go-cmp/cmp"
)

var pages = flag.String("pages", "", "write the pages of the provinces into this folder, to look at them")

var full = flag.Bool("full", false, "compare all balances of the medium province, too, and measure its openings: two minutes")

// TestProvince reports on the provinces by the evidence of each party: the findings are those of the events
// themselves, each is proven, and all balances are those that package trace gives.
func TestProvince(t *testing.T) {
	t.Run("small", func(t *testing.T) { checkProvince(t, "small", "small.jsonl") })
	t.Run("medium", func(t *testing.T) {
		if testing.Short() {
			t.Skip("takes long")
		}
		checkProvince(t, "medium", "medium.jsonl.gz")
	})
}

func checkProvince(t *testing.T, name, file string) {
	p := readProvince(t, name, file)
	all, keys := ledgers(t, p.events)
	r, err := report.Make(t.Context(), bundles(t, all, keys, nil), p.options(keys))
	if err != nil {
		t.Fatal(err)
	}
	want := trace.Audit(p.events, p.register)
	var got []trace.Finding
	for _, f := range r.Findings {
		got = append(got, f.Finding)
		if len(f.Evidence) < len(f.Events) {
			t.Errorf("%s: %d records for %d events", f.Code, len(f.Evidence), len(f.Events))
		}
		for i := range f.Evidence {
			if proof, err := f.Evidence[i].Proof(); err != nil || proof == "" {
				t.Errorf("%s: proof %q, %v", f.Code, proof, err)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if name == "small" || *full {
		checkBalances(t, r, p)
	}
	write(t, name, r)
}

// checkBalances compares what is where at the end with what package trace says of each lot.
func checkBalances(t *testing.T, r *report.Report, p *province) {
	t.Helper()
	l := newLedger(t, "example.com/all")
	record(t, l, p.events...)
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	type at struct {
		Party trace.Party
		Class trace.ID
	}
	got, want := make(map[at]int64), make(map[at]int64)
	moving, ways := make(map[trace.ID]int64), make(map[trace.ID]int64)
	for _, b := range r.Balances {
		if b.Opening+b.In-b.Out-b.Loss != b.Closing {
			t.Errorf("%+v does not add up", b)
		}
		if b.Closing != 0 {
			got[at{b.Place, b.Class}] = b.Closing
		}
	}
	for _, x := range r.Transit {
		moving[x.Class] += x.Count
	}
	for _, x := range p.register.Lots {
		class, err := gs1.ParseEPC("https://id.gs1.org/01/" + string(x.GTIN) + "/10/" + x.Lot)
		if err != nil {
			t.Fatal(err)
		}
		lot, err := repo.Lot(t.Context(), class)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range lot.Places {
			if b.Party != "" {
				want[at{b.Party, trace.IDOf(class)}] += b.Count
			}
		}
		for _, b := range lot.Goods.Balances {
			want[at{b.Party, trace.IDOf(class)}] += b.Count
		}
		if lot.Transit > 0 {
			ways[trace.IDOf(class)] = lot.Transit
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("balances (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(ways, moving); diff != "" {
		t.Errorf("in transit (-want +got):\n%s", diff)
	}
}

// write writes the pages of a report, when they are asked for.
func write(t *testing.T, name string, r *report.Report) {
	t.Helper()
	if *pages == "" {
		return
	}
	for lang, l := range map[string]trace.Language{"vi": trace.Vietnamese, "en": trace.English} {
		f, err := os.Create(filepath.Join(*pages, name+"."+lang+".html"))
		if err != nil {
			t.Fatal(err)
		}
		if err := report.WriteHTML(f, r, &report.HTMLOptions{Language: l}); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
