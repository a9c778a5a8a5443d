package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/datamatrix"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// asTour as the first argument makes the test binary the program itself.
const asTour = "as-tour"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asTour {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		main()
		return
	}
	os.Exit(m.Run())
}

// changing is what differs from one run to the next: keys and what they sign, folders, how far a folder's name moves
// the size of a file.
var changing = []struct{ pattern, name string }{
	{`dauvet/[0-9a-f]{16}`, "dauvet/ORIGIN"},
	{`ORIGIN\+[0-9a-f]{8}\+\S+`, "ORIGIN+VKEY"},
	{`— (\S+) \S+`, "— $1 SIGNATURE"},
	{`(?m)^  [A-Za-z0-9+/]{43}=$`, "  ROOT"},
	{`\S*dauvet-t[a-z]+-\d+`, "DIR"},
	{`(?m)(DIR\S*), \d+ bytes$`, "$1, N bytes"},
	{`byte \d+`, "byte N"},
	{` +\n`, "\n"},
}

func TestTour(t *testing.T) {
	for _, test := range []struct{ name, scan string }{
		{"picture", ""},
		{"lot", "(01)08936000123451(17)280600(10)DV24A07"},
		{"retail", "]E08936000123451"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tour(t.Context(), &out, config{scan: test.scan}); err != nil {
				t.Fatal(err)
			}
			got := filepath.ToSlash(out.String())
			for _, c := range changing {
				got = regexp.MustCompile(c.pattern).ReplaceAllString(got, c.name)
			}
			golden := filepath.Join("testdata", test.name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The same pack recorded again is recorded once: hops have the same time and place, so they are the same events.
func TestTwice(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	for range 2 {
		if err := tour(t.Context(), io.Discard, config{dir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Size() != 8 {
		t.Errorf("%d entries, want 8", l.Size())
	}
}

// TestBadInput wants for each bad input the error of the place where it happens, and no ledger begun for it.
func TestBadInput(t *testing.T) {
	blank := filepath.Join(t.TempDir(), "blank.png")
	var buf bytes.Buffer
	if err := png.Encode(&buf, image.NewGray(image.Rect(0, 0, 320, 200))); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blank, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(t.TempDir(), "text.png")
	if err := os.WriteFile(text, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, picture, scan string
		want                error
	}{
		{"no file", "nowhere.jpg", "", fs.ErrNotExist},
		{"no picture", text, "", image.ErrFormat},
		{"no symbol", blank, "", datamatrix.ErrNotFound},
		{"check digit", "", "]d20108936000123452", gs1.ErrCheckDigit},
		{"unknown AI", "", "(01)08936000123451(89)X", gs1.ErrUnknownAI},
		{"too long", "", "(01)08936000123451(10)123456789012345678901", gs1.ErrLength},
		{"no date", "", "(01)08936000123451(17)281301", gs1.ErrValue},
		{"not GS1", "", "]d1hello", gs1.ErrNotGS1},
		{"scanned too long", "", "]d2010893600012345110123456789012345678901", gs1.ErrLength},
		{"no key", "", "(90)internal", gs1.ErrDigitalLink},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "ledger")
			err := tour(t.Context(), io.Discard, config{picture: test.picture, scan: test.scan, dir: dir})
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("something was written: %v", err)
			}
		})
	}
}

func TestLedgerInUse(t *testing.T) {
	dir := t.TempDir()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := tour(t.Context(), io.Discard, config{dir: dir}); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("error %v, want %v", err, ledger.ErrLocked)
	}
}

// TestExitStatus runs the program: 0 when all went well, otherwise 1 and one line on standard error that says why.
func TestExitStatus(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged")
	for _, test := range []struct {
		name string
		args []string
		want string // of standard error, or "" for status 0
	}{
		{"ok", []string{"-dir", damaged}, ""},
		{"check digit", []string{"-scan", "]d20108936000123452"}, "check digit"},
		{"damaged", []string{"-dir", damaged}, "corrupt"},
	} {
		if test.name == "damaged" {
			damage(t, damaged)
		}
		cmd := exec.Command(exe, append([]string{asTour}, test.args...)...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		err := cmd.Run()
		if test.want == "" {
			if err != nil || stderr.Len() > 0 {
				t.Errorf("%s: %v: %s", test.name, err, &stderr)
			}
			continue
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s: %v, want exit status 1", test.name, err)
		}
		if got := stderr.String(); !strings.Contains(got, test.want) || strings.Count(got, "\n") != 1 {
			t.Errorf("%s: standard error %q, want one line with %q", test.name, got, test.want)
		}
	}
}

// damage overwrites a part of the journal in which there are frames.
func damage(t *testing.T, dir string) {
	f, err := os.OpenFile(filepath.Join(dir, "journal-0"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(fmt.Sprintf("%64s", "damage")), 4096+200); err != nil {
		t.Fatal(err)
	}
}
