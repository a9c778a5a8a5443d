package ledger_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

func newDir() *ledger.FaultDir { return ledger.NewFaultDir(mathrand.New(mathrand.NewPCG(1, 1))) }

// TestRefused opens directories with what they were not made with: each is
// refused by name and nothing changes on the disk.
func TestRefused(t *testing.T) {
	made := func(opts ledger.Options) *ledger.FaultDir {
		t.Helper()
		dir := newDir()
		l, err := ledger.OpenFault(dir, new(ledgertest.Unreliable), &opts)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, l, 3)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	plain, other := made(ledger.Options{Origin: "example.com/a"}), made(ledger.Options{Origin: "example.com/b"})
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(*ledger.FaultDir)
		opts   ledger.Options
		want   string // name of an OptionError, or file of a CorruptError
	}{
		{"another origin", nil, ledger.Options{Origin: "example.com/b"}, "Origin"},
		{"an index", nil, ledger.Options{Index: indexByFields}, "Index"},
		{"key of another ledger", func(d *ledger.FaultDir) { d.Put("key", other.Content("key")) }, ledger.Options{}, "Signers"},
		{"no key", func(d *ledger.FaultDir) { d.Remove("key") }, ledger.Options{}, "Signers"},
		{"damaged key", func(d *ledger.FaultDir) { d.Flip("key") }, ledger.Options{}, "key"},
		{"key of another algorithm", nil, ledger.Options{Signers: []crypto.Signer{ecKey}}, ""},
		{"future format", func(d *ledger.FaultDir) { d.SetVersion(0, 2); d.SetVersion(1, 2) }, ledger.Options{}, "format"},
		{"no head", func(d *ledger.FaultDir) { d.Remove("head") }, ledger.Options{}, "head"},
		{"no journal", func(d *ledger.FaultDir) { d.Remove("journal-2") }, ledger.Options{}, "journal-2"},
		{"short journal", func(d *ledger.FaultDir) { d.Put("journal-1", make([]byte, 4096)) }, ledger.Options{}, "journal-1"},
		{"head of another ledger", func(d *ledger.FaultDir) { d.Put("head", other.Content("head")) }, ledger.Options{}, "Signers"},
		{"head and key of another ledger", func(d *ledger.FaultDir) {
			d.Put("head", other.Content("head"))
			d.Put("key", other.Content("key"))
		}, ledger.Options{}, "journal-0"},
		{"foreign files", func(d *ledger.FaultDir) { d.Remove("head"); d.Put("letter.txt", []byte("hello")) }, ledger.Options{}, "head"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := plain.Clone()
			if tt.change != nil {
				tt.change(dir)
			}
			before := dir.Snapshot()
			_, err := ledger.OpenFault(dir, new(ledgertest.Unreliable), &tt.opts)
			var option *ledger.OptionError
			var damage *ledger.CorruptError
			switch {
			case errors.As(err, &option) && option.Name == tt.want:
			case errors.As(err, &damage) && damage.File == tt.want && errors.Is(err, ledger.ErrCorrupt):
			case err != nil && tt.want == "":
			default:
				t.Errorf("got %v, want a refusal by the name of %q", err, tt.want)
			}
			if diff := cmp.Diff(before, dir.Snapshot()); diff != "" {
				t.Errorf("the directory has changed (-before +after):\n%s", diff)
			}
			if _, err := ledger.OpenFault(dir, new(ledgertest.Unreliable), &tt.opts); errors.Is(err, ledger.ErrLocked) {
				t.Error("the refusal has kept the lock")
			}
		})
	}
}

// TestFailedWrite lets each of the first writes and syncs of an append fail.
// The append fails, and every one after it: a sync is not tried again. What
// was acknowledged can be read, and the ledger opens again with all of it.
func TestFailedWrite(t *testing.T) {
	ctx := context.Background()
	for _, fault := range []ledger.Fault{ledger.ErrorEIO, ledger.ErrorFull, ledger.ShortWrite, ledger.FailedSync} {
		for op := 1; op <= 2; op++ { // the frame, its sync
			if fault == ledger.FailedSync && op == 1 {
				continue
			}
			t.Run(fmt.Sprintf("fault %d at %d", fault, op), func(t *testing.T) {
				dir, store := newDir(), new(ledgertest.Unreliable)
				l, err := ledger.OpenFault(dir, store, &ledger.Options{})
				if err != nil {
					t.Fatal(err)
				}
				fill(t, l, 3)
				dir.Arm(fault, op)
				for range 2 {
					if _, err := l.Append(ctx, []byte("lost")); !errors.Is(err, ledger.ErrFailed) {
						t.Fatalf("append: %v, want ErrFailed", err)
					}
				}
				if r, err := l.Read(ctx, 2); err != nil || string(r.Data) != "entry 2" {
					t.Errorf("read after the failure: %q, %v", r.Data, err)
				}
				if l.Size() != 3 {
					t.Errorf("size %d after the failure", l.Size())
				}
				if err := l.Close(); err == nil {
					t.Error("close does not tell of the failure")
				}
				dir.Restart(true)
				if l, err = ledger.OpenFault(dir, store, &ledger.Options{}); err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				// The entry may be there, once: nobody was told that it is not.
				if n := l.Size(); n != 3 && n != 4 {
					t.Errorf("size %d after reopening", n)
				}
				fill(t, l, int(l.Size())+1)
				if err := l.Check(ctx); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestTornFrame cuts the power at every sector of a frame: what was
// acknowledged before is there, the frame is whole or gone, and the ledger
// goes on.
func TestTornFrame(t *testing.T) {
	ctx := context.Background()
	r := mathrand.New(mathrand.NewPCG(14, 14))
	whole := 0
	for range 100 {
		dir, store := ledger.NewFaultDir(r), new(ledgertest.Unreliable)
		l, err := ledger.OpenFault(dir, store, &ledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		fill(t, l, 3)
		dir.Arm(ledger.PowerOff, 1+r.IntN(2))
		if _, err := l.Append(ctx, slicesRepeat(make([]byte, 1000), 12)...); err == nil {
			t.Fatal("appended without power")
		}
		l.Close()
		dir.Restart(true)
		if l, err = ledger.OpenFault(dir, store, &ledger.Options{}); err != nil {
			t.Fatal(err)
		}
		switch l.Size() {
		case 3:
		case 15:
			whole++
		default:
			t.Errorf("size %d", l.Size())
		}
		fill(t, l, int(l.Size())+1)
		if err := l.Check(ctx); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if whole == 100 {
		t.Error("no frame was torn")
	}
}
