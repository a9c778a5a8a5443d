package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

// viewed is what a reader sees of a ledger that was opened read-only.
type viewed struct {
	size   int64
	lost   map[int64]bool // reads that were reported
	report error          // of Check
}

// view opens a directory read-only, compares every read and every lookup with
// the model and checks that nothing on the disk has changed.
func (d *damaged) view(t *testing.T, dir *ledger.FaultDir, opts ledger.Options) viewed {
	t.Helper()
	ctx := context.Background()
	opts.ReadOnly = true
	before := dir.Snapshot()
	l, err := ledger.OpenFault(dir, refusing{}, &opts)
	if err != nil {
		t.Fatal(err)
	}
	v := viewed{size: l.Size(), lost: make(map[int64]bool), report: l.Check(ctx)}
	byGroup := make(map[string][]int64)
	for i := range l.Size() {
		r, err := l.Read(ctx, i)
		var damage *ledger.CorruptError
		switch {
		case errors.As(err, &damage):
			if i < damage.First || i >= damage.Next || damage.File == "" || damage.Reason == "" {
				t.Fatalf("read %d: %v does not name it", i, err)
			}
			v.lost[i] = true
			continue
		case err != nil:
			t.Fatalf("read %d: %v", i, err)
		case string(r.Data) != d.m.acked[i]:
			t.Fatalf("read %d: %q, want %q", i, r.Data, d.m.acked[i])
		}
		keys, _, _ := indexByFields(r.Data)
		byGroup[string(keys[0])] = append(byGroup[string(keys[0])], i)
	}
	for k, want := range byGroup {
		var got []int64
		var end error
		for i, err := range l.FindIndices(ctx, []byte(k)) {
			if end = err; err == nil {
				got = append(got, i)
			}
		}
		// Entries that are damaged as a whole bundle may be read singly.
		if v.report == nil {
			if diff := cmp.Diff(want, got); diff != "" || end != nil {
				t.Fatalf("find %s: %v (-want +got)\n%s", k, end, diff)
			}
		} else if !errors.Is(end, ledger.ErrCorrupt) {
			t.Fatalf("find %s in a damaged ledger ended with %v", k, end)
		}
	}
	for name, err := range map[string]error{
		"append":  second(l.Append(ctx, []byte("x y"))),
		"import":  l.Import(ctx, os.DirFS("testdata")),
		"repair":  second(l.Repair(ctx, os.DirFS("testdata"))),
		"reindex": l.Reindex(ctx),
	} {
		if !errors.Is(err, ledger.ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, dir.Snapshot()); diff != "" {
		t.Errorf("the directory has changed:\n%s", diff)
	}
	return v
}

func second[T any](_ T, err error) error { return err }

// refusing is a driver that nobody may call.
type refusing struct{}

func (refusing) Open(string) (ledger.Store, error) { panic("the store was opened") }
func (refusing) SetAside(string) error             { panic("the store was set aside") }
func (refusing) Remove(string) error               { panic("the store was removed") }

// lostRange reports whether exactly the entries of a range are lost.
func (v *viewed) lostRange(first, next int64) bool {
	for i := range v.size {
		if v.lost[i] != (i >= first && i < next) {
			return false
		}
	}
	return int64(len(v.lost)) == next-first
}

// TestView opens whole and damaged ledgers read-only.
func TestView(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		size := int64(len(d.m.acked))
		journalled := d.dir.MarkNext()
		tests := []struct {
			name        string
			damage      func(*ledger.FaultDir)
			first, next int64 // entries that are lost
		}{
			{"whole", func(*ledger.FaultDir) {}, 0, 0},
			{"bit of a block", func(d *ledger.FaultDir) { d.Flip("blocks-") }, 0, 0},
			{"bit of the journal", func(d *ledger.FaultDir) { d.Flip("journal-") }, 0, 0},
			{"header of a block", func(d *ledger.FaultDir) { d.Scribble("blocks-000000", 0, 64) }, 0, 0},
			{"hashes of a block", func(d *ledger.FaultDir) { d.Scribble("blocks-000000", 576, 8704) }, 0, 0},
			{"lengths of a block", func(d *ledger.FaultDir) { d.Scribble("blocks-000000", 64, 512) }, 0, 256},
			{"start of a block", func(d *ledger.FaultDir) { d.Scribble("blocks-000000", 0, 4096) }, 0, 256},
			{"an entry", func(d *ledger.FaultDir) { d.Scribble("blocks-000000", 9280, 4) }, 0, 1},
			{"one slot of the head", func(d *ledger.FaultDir) { d.Scribble("head", 0, 4096) }, 0, 0},
			{"both slots of the head", func(d *ledger.FaultDir) { d.Scribble("head", 0, 8192) }, 0, 0},
			{"no head", func(d *ledger.FaultDir) { d.Remove("head") }, 0, 0},
			{"no head and a block", func(d *ledger.FaultDir) { d.Remove("head"); d.Scribble("blocks-000000", 64, 512) }, 0, 256},
			{"first frame of the tail", func(d *ledger.FaultDir) { d.ScribbleFrame(1, 64) }, -1, -1},
			{"body of the first frame of the tail", func(d *ledger.FaultDir) { d.ScribbleFrame(1, 140) }, -1, -1},
			{"key file", func(d *ledger.FaultDir) { d.Remove("key") }, 0, 0},
			{"journal files", func(d *ledger.FaultDir) {
				for i := range 4 {
					d.Remove(fmt.Sprint("journal-", i))
				}
			}, journalled, size},
		}
		for _, tt := range tests {
			t.Run(fmt.Sprintf("closed=%v/%s", closed, tt.name), func(t *testing.T) {
				dir := d.dir.Clone()
				tt.damage(dir)
				v := d.view(t, dir, *d.opts)
				if tt.name == "journal files" && !closed {
					// The head was written when the mark was, not since.
					if v.report != nil && !errors.Is(v.report, ledger.ErrCorrupt) {
						t.Errorf("check: %v", v.report)
					}
					return
				}
				if v.size != size {
					t.Errorf("size %d, want %d", v.size, size)
				}
				if tt.first < 0 { // a frame: some entries after the mark
					if len(v.lost) == 0 || len(v.lost) > 30 {
						t.Errorf("%d entries are lost with a frame", len(v.lost))
					}
				} else if !v.lostRange(tt.first, tt.next) {
					t.Errorf("%d entries are lost, want %d to %d", len(v.lost), tt.first, tt.next)
				}
				// Without a head the end is not known for certain.
				damaged := len(v.lost) > 0 || strings.Contains(tt.name, "both slots") || strings.Contains(tt.name, "no head")
				if (v.report != nil) != damaged || v.report != nil && !errors.Is(v.report, ledger.ErrCorrupt) {
					t.Errorf("check: %v", v.report)
				}
			})
		}
	}
}

// TestViewProofs gives proofs where the tree is whole and refuses others.
func TestViewProofs(t *testing.T) {
	ctx := context.Background()
	d := newDamaged(t, true)
	opts := *d.opts
	opts.ReadOnly = true
	prove := func(dir *ledger.FaultDir, index int64) error {
		l, err := ledger.OpenFault(dir, refusing{}, &opts)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		p, err := l.ProveInclusion(ctx, index)
		if err == nil {
			_, _, err = ledger.VerifyInclusion(p, []byte(d.m.acked[index]), l.VerifierKey())
		}
		return err
	}
	if err := prove(d.dir.Clone(), 1000); err != nil {
		t.Errorf("whole: %v", err)
	}
	dir := d.dir.Clone()
	dir.Scribble("blocks-000000", 64, 512)
	if err := prove(dir, 1000); err != nil {
		t.Errorf("entries of another bundle lost: %v", err)
	}
	dir.Scribble("blocks-000000", 0, 9000)
	if err := prove(dir, 1000); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("hashes of another bundle lost: %v, want ErrCorrupt", err)
	}
	dir = d.dir.Clone()
	dir.Remove("key")
	if err := prove(dir, 1000); err == nil {
		t.Error("signed without a key")
	}
}

// TestViewExport exports what is whole: the entries before the damage with a
// checkpoint that verifies, and the bundles behind it.
func TestViewExport(t *testing.T) {
	ctx := context.Background()
	d := newDamaged(t, true)
	dir := d.dir.Clone()
	dir.ScribbleBlock(3, 64, 512)
	opts := *d.opts
	opts.ReadOnly = true
	l, err := ledger.OpenFault(dir, refusing{}, &opts)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	to := newTarget()
	c, err := l.Export(ctx, to)
	if !errors.Is(err, ledger.ErrCorrupt) {
		t.Fatalf("export: %v, want a report of the damage", err)
	}
	if c == nil || c.Size != 3*256 {
		t.Fatalf("checkpoint %+v, want one of the 768 entries before the damage", c)
	}
	if got, err := ledger.VerifyTiles(ctx, to, l.VerifierKey()); err != nil || got.Root != c.Root {
		t.Errorf("verify: %+v, %v", got, err)
	}
	bundles := 0
	for i := range l.Size()/256 + 1 {
		name := fmt.Sprintf("tile/entries/%03d", i)
		if width := l.Size() - i*256; width < 256 {
			name += fmt.Sprintf(".p/%d", width)
		}
		if _, err := to.ReadFile(name); (err == nil) == (i == 3) {
			t.Errorf("bundle %d: %v", i, err)
		}
		bundles++
	}
	if bundles < 20 {
		t.Errorf("%d bundles only", bundles)
	}
	// The same target takes the whole ledger afterwards.
	whole, err := ledger.OpenFault(d.dir.Clone(), d.store.Clone(), d.opts)
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	if _, err := whole.Export(ctx, to); err != nil {
		t.Error(err)
	}
	if _, err := ledger.VerifyTiles(ctx, to, l.VerifierKey()); err != nil {
		t.Error(err)
	}
	if _, err := l.Export(ctx, to); err == nil {
		t.Error("wrote over a later export")
	}
}

// TestViewDamage opens ledgers with random damage read-only: what is read is
// right, what is lost is reported.
func TestViewDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 13))
	for _, closed := range []bool{true, false} {
		d := newDamaged(t, closed)
		lost, opened := 0, 0
		for range *damages {
			dir := d.dir.Clone()
			for range 1 + r.IntN(4) {
				dir.ZeroAny()
			}
			opts := *d.opts
			opts.ReadOnly = true
			l, err := ledger.OpenFault(dir, refusing{}, &opts)
			if errors.Is(err, ledger.ErrCorrupt) {
				continue // both slots of the head
			}
			if err != nil {
				t.Fatal(err)
			}
			l.Close()
			opened++
			v := d.view(t, dir, *d.opts)
			lost += len(v.lost)
			if missing := int64(len(d.m.acked)) - v.size; missing > 0 && closed {
				t.Errorf("%d entries are missing and not reported: %v", missing, v.report)
			}
			if (len(v.lost) > 0) && v.report == nil {
				t.Errorf("%d entries lost and Check is clean", len(v.lost))
			}
		}
		t.Logf("closed %v: %d opened, %d entries lost", closed, opened, lost)
	}
}

// TestViewSeen reports a rollback as damage.
func TestViewSeen(t *testing.T) {
	d := newDamaged(t, true)
	opts := *d.opts
	opts.Seen = &ledger.Checkpoint{Origin: opts.Origin, Size: int64(len(d.m.acked)) + 10}
	if v := d.view(t, d.dir.Clone(), opts); !errors.Is(v.report, ledger.ErrCorrupt) {
		t.Errorf("check: %v, want a report of the rollback", v.report)
	}
}

// TestViewFiles reads a ledger in a directory beside other readers and
// nobody who writes, and refuses a directory without one.
func TestViewFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	view := &ledger.Options{ReadOnly: true}
	if _, err := ledger.Open(dir, refusing{}, view); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no ledger: %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Error("a directory was made")
	}
	l, err := ledger.Open(dir, new(ledgertest.Unreliable), nil)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 1000)
	if _, err := ledger.Open(dir, refusing{}, view); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("while it is written: %v, want ErrLocked", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := ledger.Open(dir, refusing{}, view)
	if err != nil {
		t.Fatal(err)
	}
	b, err := ledger.Open(dir, refusing{}, view)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(dir, new(ledgertest.Unreliable), nil); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("while it is read: %v, want ErrLocked", err)
	}
	for _, l := range []*ledger.Ledger{a, b} {
		if r, err := l.Read(context.Background(), 999); err != nil || string(r.Data) != "entry 999" {
			t.Errorf("read: %q, %v", r.Data, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := l.Close(); !errors.Is(err, ledger.ErrClosed) {
			t.Errorf("second close: %v", err)
		}
	}
}
