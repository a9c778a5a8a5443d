package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files and the answers in README.md anew")

// asTill as the first argument makes the test binary the program itself.
const asTill = "as-till"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == asTill {
		os.Args = append(os.Args[:1], os.Args[2:]...)
		main()
		return
	}
	os.Exit(m.Run())
}

// program is the command that runs till.
func program(args ...string) *exec.Cmd {
	return exec.Command(os.Args[0], append([]string{asTill}, args...)...)
}

// demoKey is the signing key of the ledgers whose proofs are in goldens. It signs nothing else.
func demoKey(t testing.TB, dir string) {
	t.Helper()
	key, err := os.ReadFile("testdata/key")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
}

// noon is the time of requests that have none.
func noon() time.Time {
	return time.Date(2026, 3, 26, 12, 0, 0, 0, time.FixedZone("", 7*60*60))
}

// newFront is a till on the ledger in dir at noon.
func newFront(t testing.TB, dir string) *front {
	t.Helper()
	s, err := (&config{by: "68-00417"}).station()
	if err != nil {
		t.Fatal(err)
	}
	f := &front{dir: dir, station: s, now: noon, log: slog.New(slog.DiscardHandler)}
	t.Cleanup(func() {
		if err := f.close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// signed are the fields whose bytes say nothing to a reader of the page. TestProve verifies them.
var signed = regexp.MustCompile(`("(?:note|data|proof)": )"[^"]*"`)

// TestPage sends the requests of README.md, compares the answers with those that are there, and runs its shell lines.
// With -update it writes the answers.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	demoKey(t, filepath.Join(work, "ledger"))
	demoKey(t, filepath.Join(work, "safe"))
	t.Chdir(work)
	tills := map[string]*front{}
	asked := map[string]bool{}
	converse := func(name string, text string) string {
		if name == "" {
			name = "ledger"
		}
		f := tills[name]
		if f == nil {
			f = newFront(t, filepath.Join(work, name))
			tills[name] = f
		}
		var out strings.Builder
		for line := range strings.Lines(text) {
			request, ok := strings.CutPrefix(line, "→ ")
			if !ok {
				continue // an answer of before
			}
			request = strings.TrimSpace(request)
			if h, err := parseHead([]byte(request)); err == nil {
				asked[h.Op] = true
			}
			answer, _ := f.answer(t.Context(), []byte(request))
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, answer, "  ", "  "); err != nil {
				t.Fatal(err)
			}
			shown := signed.ReplaceAllString(pretty.String(), `$1"…"`)
			out.WriteString("→ " + request + "\n← " + shown + "\n")
		}
		return out.String()
	}
	block := regexp.MustCompile("(?s)```(till|sh) ?([a-z]*)\n(.*?)```\n")
	got := block.ReplaceAllStringFunc(string(page), func(b string) string {
		m := block.FindStringSubmatch(b)
		if m[1] == "sh" {
			shell(t, m[3], tills["ledger"].owner.ledger.Size())
			return b
		}
		return strings.Replace(b, m[3], converse(m[2], m[3]), 1)
	})
	for op := range operations {
		if !asked[op] {
			t.Errorf("README.md has no example of %s", op)
		}
	}
	for _, op := range []string{"scan", "restore", "quit"} {
		if !asked[op] {
			t.Errorf("README.md has no example of %s", op)
		}
	}
	if *update {
		if err := os.WriteFile(filepath.Join(here, "README.md"), []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(page), got); diff != "" {
		t.Errorf("README.md (-want +got):\n%s", diff)
	}
}

// shell runs lines of the form "till ARGUMENTS [> FILE]", which tell of as many entries as were exported. One that
// answers requests is asked for them.
func shell(t *testing.T, text string, size int64) {
	t.Helper()
	for line := range strings.Lines(text) {
		line, file, redirected := strings.Cut(strings.TrimSpace(line), " > ")
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "till" {
			t.Fatalf("README.md: %q is no command of till", line)
		}
		cmd := program(words[1:]...)
		cmd.Stdin = strings.NewReader(`{"op":"status"}` + "\n" + `{"op":"custody","scan":"https://id.gs1.org/01/08936000123451/21/K7M2Q9X4T1"}`)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			t.Fatalf("%s: %v: %s", line, err, &stderr)
		}
		if redirected {
			if err := os.WriteFile(file, out, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		switch {
		case slices.Contains(words, "-restore"), slices.Contains(words, "-check"):
			if string(out) != fmt.Sprintln(size) {
				t.Errorf("%s: %q, want %d entries", line, out, size)
			}
		case slices.Contains(words, "-by"):
			if !strings.Contains(string(out), fmt.Sprintf(`"size":%d`, size)) || !strings.Contains(string(out), `"holder":"68-00417"`) {
				t.Errorf("%s: %s", line, out)
			}
		}
	}
}

// TestCodes wants every code of an error in the table of README.md, and no other.
func TestCodes(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"bad_field", "scan_doubtful", "scan_not_gs1", "scan_refused", "failed"}
	for _, f := range failures {
		want = append(want, f.code)
		if f.text.VI == "" || f.text.EN == "" {
			t.Errorf("%s has no text", f.code)
		}
	}
	_, table, _ := strings.Cut(string(page), "| code |")
	table, _, _ = strings.Cut(table, "\n\n")
	var got []string
	for _, row := range strings.Split(table, "\n| ")[2:] {
		cell, _, _ := strings.Cut(row, "|")
		for _, m := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(cell, -1) {
			got = append(got, m[1])
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("codes in README.md (-want +got):\n%s", diff)
	}
}

// TestExitStatus runs the program: 0 when all went well, otherwise 1 and one line on standard error that says why.
func TestExitStatus(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name string
		args []string
		in   string
		want string // of standard error, or "" for status 0
	}{
		{"nothing to answer", []string{"-dir", filepath.Join(dir, "a")}, "", ""},
		{"errors are answers", []string{"-dir", filepath.Join(dir, "a")}, "hello\n", ""},
		{"no profile", []string{"-profile", filepath.Join(dir, "none")}, "", "none"},
		{"no verifier key", []string{"-restore", dir}, "", "verifier key"},
		{"no backup", []string{"-dir", filepath.Join(dir, "b"), "-restore", filepath.Join(dir, "none"), "-vkey", "README.md"}, "", "no such file"},
		{"not backed up", []string{"-dir", filepath.Join(dir, "a"), "-export", filepath.Join("README.md", "x")}, "", "README.md"},
	} {
		cmd := program(test.args...)
		var stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(test.in), io.Discard, &stderr
		err := cmd.Run()
		if (err == nil) != (test.want == "") {
			t.Errorf("%s: %v: %s", test.name, err, &stderr)
		}
		if got := stderr.String(); test.want == "" && got != "" || test.want != "" && (!strings.Contains(got, test.want) || strings.Count(got, "\n") != 1) {
			t.Errorf("%s: standard error %q, want one line with %q", test.name, got, test.want)
		}
	}
}
