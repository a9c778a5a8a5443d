package audit_test

import (
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/google/go-cmp/cmp"
)

// TestCompare hands in the files of some months, in any order, of ledgers that were rewritten or not.
func TestCompare(t *testing.T) {
	const fork = 250
	type months map[string]struct {
		b *audit.Bundle
		c *ledger.Checkpoint
	}
	ledgers := map[string]months{"honest": {}, "forked": {}}
	for name, m := range ledgers {
		l, from := newLedger(t, 0, 0), int64(0)
		for i, month := range []string{"jan", "feb", "mar", "apr"} {
			size := 100 * (i + 1)
			at := size
			if name == "forked" {
				at = fork
			}
			grow(t, l, size, at)
			b, err := open(export(t, l, &audit.ExportOptions{First: from}), keysOf(l))
			if err != nil {
				t.Fatal(err)
			}
			entry := m[month]
			entry.b, entry.c = b, b.Checkpoint
			m[month], from = entry, int64(size)
		}
	}
	honest, forked := ledgers["honest"], ledgers["forked"]
	for _, tc := range []struct {
		name    string
		bundles []*audit.Bundle
		kept    []*ledger.Checkpoint
		keep    int64
		want    []trace.Code
	}{
		{"one", []*audit.Bundle{honest["mar"].b}, nil, 300, nil},
		{"the next", []*audit.Bundle{honest["mar"].b}, []*ledger.Checkpoint{honest["feb"].c}, 300, nil},
		{"again", []*audit.Bundle{honest["feb"].b}, []*ledger.Checkpoint{honest["feb"].c}, 200, nil},
		{"all, in no order", []*audit.Bundle{honest["mar"].b, honest["jan"].b, honest["apr"].b, honest["feb"].b},
			[]*ledger.Checkpoint{honest["feb"].c}, 400, nil},
		{"a month missing", []*audit.Bundle{honest["jan"].b, honest["mar"].b}, nil, 100, []trace.Code{audit.GrowthNotProven}},
		{"a month missing since", []*audit.Bundle{honest["apr"].b}, []*ledger.Checkpoint{honest["feb"].c}, 200,
			[]trace.Code{audit.GrowthNotProven}},
		{"an older one alone", []*audit.Bundle{honest["jan"].b}, []*ledger.Checkpoint{honest["feb"].c}, 200,
			[]trace.Code{audit.GrowthNotProven}},
		{"rewritten before it was seen", []*audit.Bundle{forked["mar"].b}, []*ledger.Checkpoint{honest["feb"].c}, 300, nil},
		{"rewritten since", []*audit.Bundle{forked["apr"].b}, []*ledger.Checkpoint{honest["mar"].c}, 300,
			[]trace.Code{audit.LedgerRewritten}},
		{"two at once", []*audit.Bundle{honest["mar"].b, forked["mar"].b}, nil, 300,
			[]trace.Code{audit.LedgerRewritten}},
		{"rewritten though another month is good", []*audit.Bundle{forked["apr"].b, honest["mar"].b, honest["apr"].b},
			[]*ledger.Checkpoint{honest["feb"].c}, 200,
			[]trace.Code{audit.LedgerRewritten, audit.LedgerRewritten}},
	} {
		keep, problems := audit.Compare(tc.bundles, tc.kept)
		var codes []trace.Code
		for _, p := range problems {
			codes = append(codes, p.Code)
			if p.Party != "68-00417" {
				t.Errorf("%s: problem of %q", tc.name, p.Party)
			}
		}
		if diff := cmp.Diff(tc.want, codes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
		if len(keep) != 1 || keep[0].Size != tc.keep {
			t.Errorf("%s: keeps %+v, want one of size %d", tc.name, keep, tc.keep)
		}
	}
	if keep, problems := audit.Compare(nil, []*ledger.Checkpoint{honest["jan"].c}); keep != nil || problems != nil {
		t.Errorf("nothing: keeps %v, %v", keep, problems)
	}
}
