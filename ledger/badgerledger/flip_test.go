package badgerledger_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var (
	flips       = flag.Int("flips", 1, "how many bits TestFlip flips in each kind of file")
	flipEntries = flag.Int("flipentries", 5000, "entries of the ledger of TestFlip")
)

// TestFlip flips bits in the files of Badger, of a closed ledger and of a
// copy that was made while it was open: each is repaired.
func TestFlip(t *testing.T) {
	kinds := []string{".sst", "MANIFEST", ".vlog", "KEYREGISTRY", "DISCARD", "closed", ".mem"}
	for _, open := range []bool{false, true} {
		dir := makeFlip(t, open)
		r := rand.New(rand.NewPCG(1, 1))
		for _, kind := range kinds {
			n := 0
			for range *flips {
				copied := t.TempDir()
				copyDir(t, copied, dir)
				where := flipBit(t, r, filepath.Join(copied, "store"), kind)
				if where == "" {
					break
				}
				n++
				if err := checkFlip(copied); err != nil {
					t.Errorf("open %v: bit in %s: %v", open, where, err)
				}
				os.RemoveAll(copied)
			}
			t.Logf("open %v: %s: %d flips", open, kind, n)
		}
	}
}

func flipText(i int) []byte { return killEntry("0", i) }

// makeFlip returns the directory of a ledger, or of a copy of an open one.
func makeFlip(t *testing.T, open bool) string {
	t.Helper()
	dir := t.TempDir()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < *flipEntries; i += 100 {
		var batch [][]byte
		for k := i; k < i+100; k++ {
			batch = append(batch, flipText(k))
		}
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	if !open {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	copied := t.TempDir()
	copyDir(t, copied, dir)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return copied
}

func copyDir(t *testing.T, to, from string) {
	t.Helper()
	os.RemoveAll(to)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// flipBit flips a bit in the used part of a file whose name ends with kind.
func flipBit(t *testing.T, r *rand.Rand, dir, kind string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if st, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), kind) && st.Size() > 0 {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return ""
	}
	name := filepath.Join(dir, names[r.IntN(len(names))])
	p, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	used := len(p)
	for used > 1 && p[used-1] == 0 {
		used--
	}
	i := r.IntN(used)
	p[i] ^= 1 << r.IntN(8)
	if err := os.WriteFile(name, p, 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s at %d", filepath.Base(name), i)
}

// checkFlip opens a ledger and compares all of it with what was appended.
func checkFlip(dir string) error {
	ctx := context.Background()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords})
	if err != nil {
		return err
	}
	defer l.Close()
	if l.Size() != int64(*flipEntries) {
		return fmt.Errorf("size %d", l.Size())
	}
	for i := range *flipEntries {
		r, err := l.Read(ctx, int64(i))
		if err != nil {
			return err
		}
		if string(r.Data) != string(flipText(i)) {
			return fmt.Errorf("entry %d is %q", i, r.Data)
		}
	}
	for lot := range 50 {
		n := 0
		for i, err := range l.FindIndices(ctx, fmt.Appendf(nil, "lot%d", lot)) {
			if err != nil {
				return err
			}
			if i != int64(lot+50*n) {
				return fmt.Errorf("lot %d: %d is not its entry %d", lot, i, n)
			}
			n++
		}
		if want := *flipEntries / 50; n != want {
			return fmt.Errorf("lot %d: %d entries, want %d", lot, n, want)
		}
	}
	return l.Check(ctx)
}
