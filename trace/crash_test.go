package trace

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/ledger/ledgertest"
)

var (
	kills     = flag.Int("kills", 2, "how many processes TestKillLongEvents kills")
	killChild = flag.String("killchild", "", "used by TestKillLongEvents itself")
)

// crashEvent is an event of 20,000 packs, which takes several entries; each n makes other packs.
func crashEvent(n int) *Event {
	e := bigEvent(20_000)
	for i := range e.EPCs {
		e.EPCs[i] = ID(fmt.Sprintf("https://id.gs1.org/01/08935001000020/21/N%dSERIAL%05d", n, i))
	}
	return e
}

// found returns how many of some packs the index knows one event of, and fails when it knows several. Every step-th pack
// is looked for.
func found(t *testing.T, r *Repository, e *Event, step int) (n, looked int) {
	t.Helper()
	rd := r.reader()
	for i := 0; i < len(e.EPCs); i += step {
		events, err := rd.find(t.Context(), keyKindEPC, string(e.EPCs[i]))
		if err != nil {
			t.Fatal(err)
		}
		if len(events) > 1 {
			t.Fatalf("%s has %d events", e.EPCs[i], len(events))
		}
		n, looked = n+len(events), looked+1
		if len(events) == 1 && len(events[0].EPCs) != len(e.EPCs) {
			t.Fatalf("%s has an event of %d packs", e.EPCs[i], len(events[0].EPCs))
		}
	}
	return n, looked
}

// TestTornLongEvent cuts the power at many points of the write that commits an event of several entries, in order and
// with any sectors missing: all of the event is there afterwards or nothing, and capturing it again has it there once.
func TestTornLongEvent(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, and long under the race detector")
	}
	rnd := rand.New(rand.NewPCG(7, 20260105))
	dir, driver := t.TempDir(), &ledgertest.Unreliable{}
	opts := &ledger.Options{Index: Index, Origin: "example.vn/torn"}
	l, err := ledger.Open(dir, driver, opts)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	captureAll(t, r, newWorld(t, 1).history(t, 20))
	size := l.Size()
	before, rowsBefore := readFiles(t, dir), driver.Clone()
	e := crashEvent(0)
	captureAll(t, r, []*Event{e})
	after, rowsAfter := readFiles(t, dir), driver.Clone()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	// What the commit wrote to the journal.
	name, from, to := "", 0, 0
	for file, now := range after {
		was := before[file]
		if !strings.HasPrefix(file, "journal-") || bytes.Equal(was, now) {
			continue
		}
		if name != "" || len(was) != len(now) {
			t.Fatalf("%s was written, and %s", name, file)
		}
		for name, from, to = file, 0, len(now); now[from] == was[from]; from++ {
		}
		for now[to-1] == was[to-1] {
			to--
		}
	}
	if to-from < 400_000 {
		t.Fatalf("%d bytes of %s were written", to-from, name)
	}
	t.Logf("%d bytes", to-from)

	try := func(t *testing.T, journal []byte, whole bool, step int) {
		crashed := t.TempDir()
		for file, data := range before {
			if file == name {
				data = journal
			}
			if err := os.WriteFile(filepath.Join(crashed, file), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		store := rowsBefore.Clone()
		if whole {
			store = rowsAfter.Clone()
		}
		store.Crash(rnd, []ledgertest.Loss{ledgertest.LoseAll, ledgertest.LoseSome}[rnd.IntN(2)])
		l, err := ledger.Open(crashed, store, opts)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}()
		r, err := Open(t.Context(), l, nil)
		if err != nil {
			t.Fatal(err)
		}
		n, looked := found(t, r, e, step)
		if whole && n != looked || !whole && (n != 0 || l.Size() != size) {
			t.Fatalf("%d of %d packs have an event; %d entries, %d before", n, looked, l.Size(), size)
		}
		captureAll(t, r, []*Event{e})
		if n, looked := found(t, r, e, step); n != looked {
			t.Fatalf("captured again, %d of %d packs have an event", n, looked)
		}
	}
	t.Run("whole", func(t *testing.T) { try(t, after[name], true, 1) })
	for i := range 12 {
		cut := from + rnd.IntN(to-from)
		switch i {
		case 0:
			cut = from
		case 1:
			cut = to - 1
		case 2:
			cut = from + 4096
		}
		torn := append(bytes.Clone(after[name][:cut]), before[name][cut:]...)
		t.Run(fmt.Sprintf("cut at %d", cut-from), func(t *testing.T) { try(t, torn, false, 199) })
	}
	for i := range 8 {
		const sector = 512
		torn := bytes.Clone(after[name])
		lost := 0
		for at := from / sector * sector; at < to; at += sector {
			if rnd.IntN(1<<(2*i)) == 0 {
				lost += copy(torn[at:min(at+sector, len(torn))], before[name][at:])
			}
		}
		if bytes.Equal(torn, after[name]) {
			continue
		}
		t.Run(fmt.Sprintf("%d bytes lost", lost), func(t *testing.T) { try(t, torn, false, 199) })
	}
}

func readFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, entry := range names {
		if entry.Type().IsRegular() && entry.Name() != "lock" { // which on Windows is the owner's alone
			if files[entry.Name()], err = os.ReadFile(filepath.Join(dir, entry.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

const (
	killWriters = 3
	killEvents  = 12
)

// TestKillLongEventsChild is the process that TestKillLongEvents kills. It prints a line for every event that is
// recorded.
func TestKillLongEventsChild(t *testing.T) {
	if *killChild == "" {
		t.Skip("only TestKillLongEvents runs it")
	}
	dir, run, _ := strings.Cut(*killChild, "|")
	first := 0
	fmt.Sscan(run, &first)
	r, _ := openBadger(t, dir)
	var wg sync.WaitGroup
	for w := range killWriters {
		wg.Go(func() {
			for i := first + w; i < first+killEvents; i += killWriters {
				receipt, err := r.Capture(context.Background(), crashEvent(i))
				if err != nil {
					t.Error(err)
					return
				}
				os.Stdout.Write(fmt.Appendf(nil, "recorded %d %d\n", i, receipt.Index))
			}
		})
	}
	wg.Wait()
}

func openBadger(t *testing.T, dir string) (*Repository, *ledger.Ledger) {
	t.Helper()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: Index})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r, l
}

// TestKillLongEvents kills processes with SIGKILL while they record events of 20,000 packs: what they acknowledged is
// there afterwards, of the others all or nothing.
func TestKillLongEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("short: processes of its own")
	}
	dir, rnd := t.TempDir(), rand.New(rand.NewPCG(8, 20260105))
	complete, missing := 0, 0
	for run := range *kills {
		recorded := killOne(t, dir, run*100, 1+rnd.IntN(6))
		r, l := openBadger(t, dir)
		for i := run * 100; i < run*100+killEvents; i++ {
			switch n, looked := found(t, r, crashEvent(i), 7); {
			case n == looked:
				complete++
			case n == 0 && !recorded[i]:
				missing++
			default:
				t.Errorf("run %d, event %d (acknowledged: %t): %d of %d packs have it", run, i, recorded[i], n, looked)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills: %d events are there, %d are not", *kills, complete, missing)
}

// killOne starts a process and kills it when it has recorded some events. It returns which.
func killOne(t *testing.T, dir string, first, moment int) map[int]bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLongEventsChild$", fmt.Sprintf("-killchild=%s|%d", dir, first))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	recorded := make(map[int]bool)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var i, index int
		if _, err := fmt.Sscanf(lines.Text(), "recorded %d %d", &i, &index); err == nil {
			if recorded[i] = true; len(recorded) >= moment {
				cmd.Process.Kill()
			}
		}
	}
	cmd.Wait()
	if len(recorded) < moment {
		t.Fatalf("%d of %d events recorded before the end: %s", len(recorded), moment, stderr.String())
	}
	return recorded
}
