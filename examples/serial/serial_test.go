package main

import (
	"bytes"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1/datamatrix"
	"github.com/dauvet/dauvet/gs1/scanner"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestScans runs scans of every outcome through the program: clean, repaired, doubtful, refused.
func TestScans(t *testing.T) {
	in := strings.Join([]string{
		"]d201089360001234511728063010DV24A07\x1d21K7M2Q9X4T1",
		"01089360001234511728063010DV24A07{GS}21K7M2Q9X4T1",
		"01089360001234511728063010DV24A07<GS>21K7M2Q9X4T1",
		"]E08936000123451",
		"0108936000123452",
		"xin chào",
	}, "\r\n") + "\r\n"
	var out bytes.Buffer
	if err := run(strings.NewReader(in), &out, io.Discard, config{pack: true, device: "till 1"}); err != nil {
		t.Fatal(err)
	}
	golden(t, "scans.jsonl", out.Bytes())
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestCalibrate scans the sheet through a German keyboard and wants scans through the same keyboard read.
func TestCalibrate(t *testing.T) {
	dir := t.TempDir()
	var in strings.Builder
	for _, text := range scanner.CalibrationTexts() {
		in.WriteString(scanner.QWERTZ.Type(strings.ReplaceAll(text.Text, "\x1d", "~")) + "\r")
	}
	var profile, words bytes.Buffer
	if err := run(strings.NewReader(in.String()), &profile, &words, config{sheet: filepath.Join(dir, "sheet.svg")}); err != nil {
		t.Fatal(err)
	}
	golden(t, "profile.json", profile.Bytes())
	golden(t, "words.txt", []byte(strings.ReplaceAll(words.String(), dir+string(filepath.Separator), "")))

	file := filepath.Join(dir, "profile.json")
	if err := os.WriteFile(file, profile.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	scan := scanner.QWERTZ.Type("01089360001234511728063010YZ-07~21K7M2Q9X4T1") + "\r"
	var out bytes.Buffer
	if err := run(strings.NewReader(scan), &out, io.Discard, config{profile: file}); err != nil {
		t.Fatal(err)
	}
	if want := `"hri":"(01)08936000123451(17)280630(10)YZ-07(21)K7M2Q9X4T1"`; !strings.Contains(out.String(), want) || !strings.Contains(out.String(), `"certain":true`) {
		t.Errorf("%s, want %s for certain", &out, want)
	}
}

// TestSheet reads the symbols of the drawn sheet back.
func TestSheet(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sheet.png")
	if err := writeSheet(name); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := datamatrix.DecodeAll(img)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, s := range symbols {
		got = append(got, s.Text)
	}
	for _, text := range scanner.CalibrationTexts() {
		want = append(want, text.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"layout":"klingon"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		c    config
		want string
	}{
		{"no device", config{file: filepath.Join(dir, "none")}, "none"},
		{"no profile", config{profile: filepath.Join(dir, "none")}, "none"},
		{"bad profile", config{profile: bad}, "klingon"},
		{"no such sheet", config{sheet: filepath.Join(dir, "sheet.pdf")}, ".svg or .png"},
		{"half a sheet", config{sheet: filepath.Join(dir, "sheet.svg")}, "symbol 2"},
	} {
		err := run(strings.NewReader("a\r"), io.Discard, io.Discard, test.c)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one that names %q", test.name, err, test.want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "sheet.pdf")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("sheet.pdf: %v", err)
	}
}
