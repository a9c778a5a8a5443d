package badgerledger_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var (
	reopenEntries = flag.Int("reopen", 20000, "entries of the ledger of TestReopenKilled")
	reopenChild   = flag.String("reopenchild", "", "used by TestReopenKilled itself")
)

// TestReopenChild is the process that TestReopenKilled kills when it has
// appended everything.
func TestReopenChild(t *testing.T) {
	if *reopenChild == "" {
		t.Skip("only TestReopenKilled runs it")
	}
	dir, count, _ := strings.Cut(*reopenChild, "|")
	n, err := strconv.Atoi(count)
	if err != nil {
		t.Fatal(err)
	}
	l, err := badgerledger.Open(dir, &ledger.Options{Index: benchKeys})
	if err != nil {
		t.Fatal(err)
	}
	batch := make([][]byte, 0, 64)
	for i := range n {
		data := make([]byte, benchEntry)
		fillEntry(data, int64(i))
		if batch = append(batch, data); len(batch) == cap(batch) || i == n-1 {
			if _, err := l.Append(context.Background(), batch...); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	fmt.Println("appended")
	select {}
}

// TestReopenKilled opens a ledger whose process was killed with its journal
// full, and reports how long that took.
func TestReopenKilled(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestReopenChild$", fmt.Sprintf("-reopenchild=%s|%d", dir, *reopenEntries))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	cmd.Process.Kill()
	cmd.Wait()
	if err != nil || line != "appended\n" {
		t.Fatalf("child said %q, %v", line, err)
	}
	start := time.Now()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: benchKeys})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries with 3 keys: open again after %v", l.Size(), time.Since(start))
	if l.Size() != int64(*reopenEntries) {
		t.Errorf("size %d, want %d", l.Size(), *reopenEntries)
	}
	start = time.Now()
	if err := l.Check(context.Background()); err != nil {
		t.Error(err)
	}
	t.Logf("checked after %v", time.Since(start))
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "store.bad") {
			t.Errorf("the store was set aside: %s", e.Name())
		}
	}
}
