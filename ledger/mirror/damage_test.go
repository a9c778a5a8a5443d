package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// stored makes a mirror with 700 entries of a log, closes it, and returns the directory of the log.
func stored(t *testing.T, dir string) (*ledger.Ledger, string) {
	t.Helper()
	m := openMirror(t, dir, nil)
	l := openLedger(t, m, origin)
	fill(t, l, 600)
	post(m, "/add-checkpoint", growth(t, l, 0))
	post(m, "/add-entries", upload(t, l, 0, 600))
	fill(t, l, 700)
	post(m, "/add-checkpoint", growth(t, l, 600))
	if got := post(m, "/add-entries", upload(t, l, 600, 700)); got.Status != 200 {
		t.Fatal(got)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(dir, "logs", "*"))
	if err != nil || len(logs) != 1 {
		t.Fatal(logs, err)
	}
	return l, logs[0]
}

// flip changes a byte of a file.
func flip(t *testing.T, name string, at int64) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [1]byte
	if _, err := f.ReadAt(b[:], at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 0x10
	if _, err := f.WriteAt(b[:], at); err != nil {
		t.Fatal(err)
	}
}

// TestDamage changes, cuts and removes files: nothing is forgotten silently, and a log that cannot be read is refused.
func TestDamage(t *testing.T) {
	ctx := context.Background()
	const slot = 32 << 10
	for name, tc := range map[string]struct {
		change  func(t *testing.T, log string)
		opens   bool // the log is taken as before
		serves  bool // and all entries of it are whole
		refused int  // the status of a push otherwise
	}{
		"nothing":             {func(*testing.T, string) {}, true, true, 0},
		"a slot":              {func(t *testing.T, log string) { flip(t, log+"/state", 30) }, true, true, 0},
		"the other slot":      {func(t *testing.T, log string) { flip(t, log+"/state", slot+200) }, true, true, 0},
		"the second slot cut": {func(t *testing.T, log string) { os.Truncate(log+"/state", slot+5) }, true, true, 0},
		"both slots":          {func(t *testing.T, log string) { flip(t, log+"/state", 30); flip(t, log+"/state", slot+30) }, false, false, 500},
		"state empty":         {func(t *testing.T, log string) { os.Truncate(log+"/state", 0) }, false, false, 500},
		"state removed":       {func(t *testing.T, log string) { os.Remove(log + "/state") }, false, false, 500},
		"hashes cut":          {func(t *testing.T, log string) { os.Truncate(log+"/hashes", 1300*32) }, false, false, 500},
		"hashes removed":      {func(t *testing.T, log string) { os.Remove(log + "/hashes") }, false, false, 500},
		"a peak of the tree":  {func(t *testing.T, log string) { flip(t, log+"/hashes", 1022*32) }, false, false, 500},
		"a leaf":              {func(t *testing.T, log string) { flip(t, log+"/hashes", 5) }, true, false, 0},
		"an entry":            {func(t *testing.T, log string) { flip(t, log+"/entries", 100) }, true, false, 0},
		"entries cut":         {func(t *testing.T, log string) { os.Truncate(log+"/entries", 100) }, false, false, 500},
		"begin of a bundle":   {func(t *testing.T, log string) { flip(t, log+"/bundles", 15) }, true, false, 0},
		"renamed":             {func(t *testing.T, log string) { os.Rename(log, filepath.Dir(log)+"/"+strings.Repeat("0", 64)) }, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l, log := stored(t, dir)
			tc.change(t, log)
			m := openMirror(t, dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
			var broken error
			for _, l := range m.Logs() {
				if l.Err != nil {
					broken = l.Err
				}
			}
			if tc.opens != (broken == nil) {
				t.Fatalf("opened with %v", broken)
			}
			if !tc.opens {
				var corrupt *ledger.CorruptError
				if !errors.As(broken, &corrupt) && !errors.Is(broken, fs.ErrNotExist) {
					t.Errorf("error %v of type %T", broken, broken)
				}
				if got := post(m, "/add-checkpoint", growth(t, l, 0)).Status; tc.refused != 0 && got != tc.refused {
					t.Errorf("a push got %d, want %d", got, tc.refused)
				}
				return
			}
			if got := post(m, "/add-checkpoint", growth(t, l, 700)); got.Status != 200 {
				t.Errorf("a push got %+v", got)
			}
			tiles, err := m.Tiles(origin)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.VerifyTiles(ctx, tiles, l.VerifierKey()); tc.serves != (err == nil) {
				t.Errorf("stored entries: %v", err)
			}
		})
	}
}

// TestKeys does not go on with other keys than those that have cosigned.
func TestKeys(t *testing.T) {
	dir := t.TempDir()
	m := openMirror(t, dir, &mirror.Options{Name: "province.example"})
	if _, err := mirror.Open(dir, nil); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	witness := m.WitnessKey()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); !errors.Is(err, ledger.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}
	if got := post(m, "/add-checkpoint", nil).Status; got != 503 {
		t.Errorf("push after Close: %d", got)
	}
	again := openMirror(t, dir, nil)
	if again.WitnessKey() != witness || !strings.HasPrefix(witness, "province.example/witness+") {
		t.Errorf("got %s, want %s", again.WitnessKey(), witness)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.Open(dir, &mirror.Options{Name: "other.example"}); err == nil {
		t.Error("opened with another name")
	}
	key, err := os.ReadFile(dir + "/witness.key")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"damaged": strings.Replace(string(key), "+", "-", 3), "cut": string(key[:30]), "empty": ""} {
		if err := os.WriteFile(dir+"/witness.key", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := mirror.Open(dir, nil); err == nil {
			t.Errorf("%s key: opened", name)
		}
	}
	if err := os.Remove(dir + "/witness.key"); err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.Open(dir, nil); err == nil {
		t.Error("opened without the key")
	}
	if err := os.WriteFile(dir+"/witness.key", bytes.Replace(key, []byte("\n"), nil, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.Open(dir, nil); err == nil {
		t.Error("opened with half a line")
	}
	if _, err := mirror.Open(t.TempDir(), &mirror.Options{Keys: []string{"no key"}}); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("bad key: %v", err)
	}
	if _, err := mirror.Open(t.TempDir(), &mirror.Options{Name: "two words"}); err == nil {
		t.Error("opened with a bad name")
	}
}

// TestMonitoring reads a stored log over HTTP.
func TestMonitoring(t *testing.T) {
	dir := t.TempDir()
	l, log := stored(t, dir)
	m := openMirror(t, dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
	hash := filepath.Base(log)
	for path, want := range map[string]reply{
		"/checkpoint":           {200, text, ""},
		"/tile/0/000":           {200, "application/octet-stream", "8192"},
		"/tile/0/002.p/188":     {200, "application/octet-stream", "6016"},
		"/tile/0/002.p/88":      {200, "application/octet-stream", "2816"}, // of size 600
		"/tile/0/000.p/1":       {200, "application/octet-stream", "32"},
		"/tile/1/000.p/2":       {200, "application/octet-stream", "64"},
		"/tile/entries/002.p/1": {200, "application/octet-stream", fmt.Sprint(2 + len(entry(512)))},
		"/tile/0/002.p/189":     {404, text, ""},
		"/tile/0/002":           {404, text, ""},
		"/tile/1/000.p/3":       {404, text, ""},
		"/tile/2/000.p/1":       {404, text, ""},
		"/tile/0/999":           {404, text, ""},
		"/state":                {404, text, ""},
		"/entries":              {404, text, ""},
		"/tile/entries/x999/x999/x999/x999/x999/x999/999": {404, text, ""},
	} {
		q, w := get(m, "/"+hash+path)
		got := reply{w.Code, w.Header().Get("Content-Type"), ""}
		if want.Body != "" {
			got.Body = w.Header().Get("Content-Length")
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", q.URL, got, want)
		}
	}
	for _, path := range []string{"/" + strings.Repeat("0", 64) + "/checkpoint", "/" + strings.ToUpper(hash) + "/checkpoint", "/"} {
		if _, w := get(m, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
