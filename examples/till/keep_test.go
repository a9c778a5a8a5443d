package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dauvet/dauvet/ledger"
)

// backup makes a ledger with packs P0 to Pn-1, and an export of it.
func backup(t *testing.T, work string, n int) (folder, vkey string) {
	t.Helper()
	f := newFront(t, filepath.Join(work, "ledger"))
	for i := range n {
		if text, _ := f.answer(t.Context(), []byte(receiving(fmt.Sprint("P", i)))); !bytes.Contains(text, []byte(`"result"`)) {
			t.Fatalf("%s", text)
		}
	}
	folder = filepath.Join(work, "backup")
	return folder, tell(t, f, map[string]string{"op": "export", "to": folder}).Result.VKey
}

type told struct {
	Result state
	Error  failure
}

func tell(t *testing.T, f *front, request map[string]string) (a told) {
	t.Helper()
	q, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := f.answer(t.Context(), q)
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestRestoreGoesOn restores with the lost ledger's key and without, records, and backs up into the same folder.
func TestRestoreGoesOn(t *testing.T) {
	const n = 300 // more than a bundle
	work := t.TempDir()
	folder, vkey := backup(t, work, n)
	for name, key := range map[string]string{"with key": filepath.Join(work, "ledger", "key"), "without": ""} {
		t.Run(name, func(t *testing.T) {
			to := filepath.Join(t.TempDir(), "backup")
			if err := os.CopyFS(to, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			f := newFront(t, filepath.Join(t.TempDir(), "new"))
			a := tell(t, f, map[string]string{"op": "restore", "from": to, "vkey": vkey, "key": key})
			if a.Result.Size != n || (a.Result.VKey == vkey) != (key != "") {
				t.Fatalf("%+v", a)
			}
			text, _ := f.answer(t.Context(), []byte(receiving("NEXT")))
			if !bytes.Contains(text, fmt.Appendf(nil, `"entry":%d`, n)) {
				t.Errorf("%s", text)
			}
			text, _ = f.answer(t.Context(), []byte(custodyOf("P7")))
			if !bytes.Contains(text, []byte(`"holder":"68-00417"`)) {
				t.Errorf("%s", text)
			}
			a = tell(t, f, map[string]string{"op": "export", "to": to})
			if c, err := ledger.VerifyTiles(t.Context(), os.DirFS(to), a.Result.VKey); err != nil || c.Size != n+1 {
				t.Errorf("the next backup: %+v, %v", c, err)
			}
			if got := tell(t, f, map[string]string{"op": "restore", "from": to, "vkey": vkey}); got.Error.Code != "not_empty" {
				t.Errorf("over a ledger: %+v", got)
			}
		})
	}
}

// TestRestoreRefuses flips a bit in each file of the backup, takes each away, and gives wrong keys: nothing is restored,
// and nothing is left behind.
func TestRestoreRefuses(t *testing.T) {
	work := t.TempDir()
	folder, vkey := backup(t, work, 300)
	elsewhere := t.TempDir()
	_, otherKey := backup(t, elsewhere, 1)
	none := filepath.Join(work, "none")
	junk := filepath.Join(work, "junk")
	if err := os.WriteFile(junk, []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	try := func(name, from, vkey, key, want string) {
		t.Helper()
		parent := t.TempDir()
		f := newFront(t, filepath.Join(parent, "new"))
		if a := tell(t, f, map[string]string{"op": "restore", "from": from, "vkey": vkey, "key": key}); a.Error.Code != want {
			t.Errorf("%s: %+v, want %s", name, a, want)
		}
		if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind: %v, %v", name, left, err)
		}
	}
	try("no backup", none, vkey, "", "no_file")
	try("no folder named", "", vkey, "", "bad_field")
	try("no verifier key", folder, "", "", "bad_field")
	try("verifier key of another", folder, otherKey, "", "backup_refused")
	try("no verifier key but text", folder, "hello", "", "backup_refused")
	try("no such key", folder, vkey, none, "no_file")
	try("no key but text", folder, vkey, junk, "bad_field")
	try("key of another", folder, vkey, filepath.Join(elsewhere, "ledger", "key"), "bad_field")
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.Join(folder, path)
		whole, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		flipped := bytes.Clone(whole)
		flipped[len(flipped)/2] ^= 1
		return errors.Join(
			os.WriteFile(name, flipped, 0o644),
			func() error { try(path+" flipped", folder, vkey, "", "backup_refused"); return nil }(),
			os.WriteFile(name, whole[:len(whole)-1], 0o644),
			func() error { try(path+" cut", folder, vkey, "", "backup_refused"); return nil }(),
			os.WriteFile(name, whole, 0o644),
		)
	})
	if err != nil {
		t.Fatal(err)
	}
	// A file of its own in the folder is not a ledger, and not ours to remove.
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if a := tell(t, newFront(t, dir), map[string]string{"op": "restore", "from": folder, "vkey": vkey}); a.Error.Code != "not_empty" {
		t.Errorf("among other files: %+v", a)
	}
}

// A restore that ends half way leaves nothing that could be taken for a ledger.
func TestRestoreInterrupted(t *testing.T) {
	work := t.TempDir()
	folder, vkey := backup(t, work, 300)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "new")
	q := &restoreRequest{From: folder, VKey: vkey}
	f := newFront(t, dir)
	if err := restore(ctx, dir, q, f.options()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
