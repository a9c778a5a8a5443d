package report_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/google/go-cmp/cmp"
)

var (
	records = flag.Int("records", 0, "records of the province that -build makes; it decides on -rounds")
	build   = flag.String("build", "", "make the evidence of a simulated province in this folder, or go on making it")
	patient = flag.Duration("patience", 150*time.Second, "how long -build works before it is to be called again")
	program = flag.String("program", "", "examples/audit, to be measured with the province that -build made")
)

// TestBuild makes the evidence of a large province once, for TestMeasure and for hand. What is there already stays, so that it
// can be made in several runs.
func TestBuild(t *testing.T) {
	if *build == "" {
		t.Skip("only with -build")
	}
	if *records > 0 {
		*rounds = max(2, *records / *shops / 55)
	}
	if err := os.MkdirAll(filepath.Join(*build, "previous"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := plan(t, 1, *build, *shops, *rounds)
	begin := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int, *shops)
	upstream := s.stock()
	made := make(map[trace.Party]audit.Key)
	for i := range *shops {
		next <- i
	}
	close(next)
	done := 0
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if time.Since(begin) > *patient {
					return
				}
				var key audit.Key
				line, err := os.ReadFile(s.file(s.shop(i)) + ".key")
				l := s.live(i)
				if err != nil {
					key, _ = s.export(l.party, l.own)
					if err := os.WriteFile(s.file(l.party)+".key", []byte(key.Verifier), 0o644); err != nil {
						t.Error(err)
					}
				} else {
					key = audit.Key{Verifier: string(line), Party: l.party}
				}
				mu.Lock()
				s.took(l, upstream)
				made[l.party] = key
				done++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if done < *shops {
		t.Fatalf("%d of %d shops in %.0f s: call it again", done, *shops, time.Since(begin).Seconds())
	}
	for _, p := range slices.Sorted(maps.Keys(made)) {
		s.keys, s.files[p] = append(s.keys, made[p]), s.file(p)
	}
	for _, p := range []trace.Party{maker, distributors[0], distributors[1]} {
		s.ledgerOf(p, upstream[p])
	}
	s.spoil()
	s.describe()
	absent := s.shop(s.shops + 3) // has a key, and hands in nothing
	if err := os.Remove(s.file(absent)); err != nil {
		t.Fatal(err)
	}
	t.Logf("built in %.0f s", time.Since(begin).Seconds())
}

// describe writes what examples/audit wants beside the evidence, and what it has to find.
func (s *simulation) describe() {
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(s.dir, name), data, 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	var keys strings.Builder
	for _, k := range s.keys {
		fmt.Fprintf(&keys, "%s %s\n", k.Verifier, k.Party)
	}
	write("keys.txt", []byte(keys.String()))
	var m struct {
		Establishments []map[string]any `json:"establishments"`
		Products       []map[string]any `json:"products"`
		Lots           []map[string]any `json:"lots"`
		Period         map[string]any   `json:"period"`
	}
	for _, e := range s.register.Establishments {
		field := "code"
		if !strings.Contains(string(e.Party), "-") {
			field = "gln"
		}
		x := map[string]any{field: e.Party}
		if !e.Suspended.IsZero() {
			x["suspended_from"] = e.Suspended
		}
		m.Establishments = append(m.Establishments, x)
	}
	for _, p := range s.register.Products {
		m.Products = append(m.Products, map[string]any{"gtin": p.GTIN, "declared_max_retail_vnd": p.MaxPrice})
	}
	for _, l := range s.register.Lots {
		m.Lots = append(m.Lots, map[string]any{"gtin": l.GTIN, "lot": l.Lot, "recall_from": l.Recalled})
	}
	m.Period = map[string]any{"start": s.start, "end": s.register.End}
	data, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	write("master.json", data)
	for _, c := range s.kept {
		write(filepath.Join("previous", url.PathEscape(c.Origin)+".checkpoint"), c.Note)
	}
	write("planted.txt", []byte(strings.Join(slices.Sorted(maps.Keys(s.want)), "\n")+"\n"))
}

// TestMeasure runs examples/audit on the province that -build made, and compares what it finds with what was planted.
func TestMeasure(t *testing.T) {
	if *program == "" || *build == "" {
		t.Skip("only with -build and -program")
	}
	files, err := filepath.Glob(filepath.Join(*build, "*.evidence"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no evidence: %v", err)
	}
	previous := t.TempDir()
	if err := os.CopyFS(previous, os.DirFS(filepath.Join(*build, "previous"))); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	args := append([]string{"-master", filepath.Join(*build, "master.json"), "-keys", filepath.Join(*build, "keys.txt"), "-previous", previous,
		"-silence", "40", "-html", filepath.Join(out, "report.html"), "-csv", filepath.Join(out, "tables")}, files...)
	cmd := exec.Command(*program, args...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("%d files: %.1f s, %.1f s of CPU, %d MB at most", len(files), time.Since(start).Seconds(),
		(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), usage.Maxrss>>10)
	got := make(map[string]bool)
	found, err := os.ReadFile(filepath.Join(out, "tables", "phat-hien.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(found)) {
		var f struct {
			Rule  trace.Code
			Place trace.Party
			EPCs  []trace.ID
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if len(f.EPCs) == 0 {
			got[planted(f.Rule, f.Place, "")] = true
		}
		for _, id := range f.EPCs {
			got[planted(f.Rule, f.Place, id)] = true
		}
	}
	text, err := os.ReadFile(filepath.Join(*build, "planted.txt"))
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("(-planted +found):\n%s", diff)
	}
}
