package badgerledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var (
	flips       = flag.Int("flips", 2, "how many bits TestFlip flips in each kind of file")
	flipEntries = flag.Int("flipentries", 5000, "entries of the ledger of TestFlip")
	flipSeed    = flag.Uint64("flipseed", 1, "seed of TestFlip")
)

// TestFlip flips bits in the files of a closed ledger, as many in each kind,
// and half as many in all files of one that was copied while it was open.
// Each is repaired, or without effect: every read and every lookup gives what
// was appended, and Check is clean. Only a bit of the key is reported.
func TestFlip(t *testing.T) {
	kinds := []struct {
		name string
		has  func(name string) bool
	}{
		{"journal and head", func(s string) bool { return strings.HasPrefix(s, "journal-") || s == "head" }},
		{"blocks", func(s string) bool { return strings.HasPrefix(s, "blocks-") }},
		{"tables", func(s string) bool { return strings.HasSuffix(s, ".sst") }},
		{"manifest", func(s string) bool { return s == "store/MANIFEST" }},
		{"rest", func(s string) bool { return true }},
	}
	m := newFlipModel()
	closed := m.image(t, false)
	left := slices.Sorted(maps.Keys(closed.files))
	for _, kind := range kinds {
		var names []string
		for _, name := range left {
			if kind.has(name) && closed.files[name].used > 0 {
				names = append(names, name)
			}
		}
		left = slices.DeleteFunc(left, kind.has)
		t.Run("closed/"+kind.name, func(t *testing.T) { m.flip(t, closed, names, *flips) })
	}
	open := m.image(t, true)
	var names []string
	for name, f := range open.files {
		if f.used > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	t.Run("open", func(t *testing.T) { m.flip(t, open, names, (*flips+1)/2) })
}

// flipModel is what must be in the ledger.
type flipModel struct {
	texts [][]byte
	lots  map[string][]int64
}

func newFlipModel() *flipModel {
	m := &flipModel{lots: make(map[string][]int64)}
	for i := range *flipEntries {
		text := killEntry("0", i)
		m.texts = append(m.texts, text)
		keys, _, _ := indexWords(text)
		m.lots[string(keys[1])] = append(m.lots[string(keys[1])], int64(i))
	}
	return m
}

// image is a directory that is copied often.
type image struct {
	dir   string
	files map[string]imageFile
}

type imageFile struct {
	data []byte // without the zeros at the end
	used int    // length of data
	size int64
}

// image makes the ledger, and takes an image of it closed or open.
func (m *flipModel) image(t *testing.T, open bool) *image {
	t.Helper()
	dir := t.TempDir()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords})
	if err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(m.texts, 100) {
		if _, err := l.Append(context.Background(), batch...); err != nil {
			t.Fatal(err)
		}
	}
	if open {
		img := readImage(t, dir)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		// The files go on without the image.
		img.dir = ""
		return img
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return readImage(t, dir)
}

func readImage(t *testing.T, dir string) *image {
	t.Helper()
	img := &image{dir: dir, files: make(map[string]imageFile)}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		p, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && strings.EqualFold(e.Name(), "lock") {
			return nil // on Windows the locks of an open ledger are their owners' alone
		}
		used := len(p)
		for used > 0 && p[used-1] == 0 {
			used--
		}
		img.files[name] = imageFile{slices.Clone(p[:used]), used, int64(len(p))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// write makes the directory anew with one bit of one file changed. Tables,
// which are never written to, are links.
func (img *image) write(t *testing.T, dir, changed string, at int, bit byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "store"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, f := range img.files {
		to := filepath.Join(dir, name)
		if img.dir != "" && name != changed && strings.HasSuffix(name, ".sst") &&
			os.Link(filepath.Join(img.dir, name), to) == nil {
			continue
		}
		p := f.data
		if name == changed {
			p = slices.Clone(p)
			p[at] ^= bit
		}
		if err := os.WriteFile(to, p, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(to, f.size); err != nil {
			t.Fatal(err)
		}
	}
}

// flip flips n bits of the used parts of the files, each file as often.
func (m *flipModel) flip(t *testing.T, img *image, names []string, n int) {
	r := rand.New(rand.NewPCG(*flipSeed, uint64(n)))
	counts := make(map[string]int)
	for i := range n {
		name := names[i%len(names)]
		at := r.IntN(img.files[name].used)
		dir, err := os.MkdirTemp(t.TempDir(), "flip")
		if err != nil {
			t.Fatal(err)
		}
		img.write(t, dir, name, at, 1<<r.IntN(8))
		err = m.check(dir)
		var damage *ledger.CorruptError
		switch {
		case err == nil:
			counts["repaired or without effect"]++
		case name == "key" && errors.As(err, &damage) && damage.File == "key":
			counts["reported"]++
		default:
			counts["wrong"]++
			t.Errorf("bit in %s at %d: %v", name, at, err)
		}
		os.RemoveAll(dir)
	}
	t.Logf("%d flips: %v", n, counts)
}

// check opens a ledger and compares all of it with what was appended.
func (m *flipModel) check(dir string) error {
	ctx := context.Background()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords, CacheBytes: 4 << 20})
	if err != nil {
		return err
	}
	defer l.Close()
	if l.Size() != int64(len(m.texts)) {
		return fmt.Errorf("size %d", l.Size())
	}
	for i, want := range m.texts {
		r, err := l.Read(ctx, int64(i))
		if err != nil {
			return err
		}
		if string(r.Data) != string(want) {
			return fmt.Errorf("entry %d is %q", i, r.Data)
		}
	}
	for lot, want := range m.lots {
		var got []int64
		for i, err := range l.FindIndices(ctx, []byte(lot)) {
			if err != nil {
				return err
			}
			got = append(got, i)
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("%s: %d entries, want %d", lot, len(got), len(want))
		}
	}
	return l.Check(ctx)
}
