package epcis_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// shared returns the path of a file of vectors beside the folder that has go.mod, and skips the test when there is none.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
	file := filepath.Join(filepath.Dir(dir), "shared", "vectors", filepath.FromSlash(name))
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skipf("shared/vectors/%s is missing", name)
	}
	return file
}

// jsonLines reads a file of JSON lines.
func jsonLines[T any](t testing.TB, file string) []T {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []T
	for dec := json.NewDecoder(bufio.NewReader(f)); dec.More(); {
		var v T
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}
