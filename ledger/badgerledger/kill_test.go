package badgerledger_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

var (
	kills    = flag.Int("kills", 3, "how many processes TestKill kills")
	killSeed = flag.Uint64("killseed", 1, "seed of TestKill")
	child    = flag.String("child", "", "used by TestKill itself")
)

const (
	killWriters = 16
	killAppends = 10000
)

// indexWords puts an entry under its second and third word; the first two
// are its id.
func indexWords(data []byte) (keys [][]byte, id []byte, err error) {
	words := bytes.Fields(data)
	return words[1:3], bytes.Join(words[:2], []byte(" ")), nil
}

// TestKillChild is the process that TestKill kills. It prints a line for
// every entry that is acknowledged.
func TestKillChild(t *testing.T) {
	if *child == "" {
		t.Skip("only TestKill runs it")
	}
	dir, run, _ := strings.Cut(*child, "|")
	l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	var wg sync.WaitGroup
	for w := range killWriters {
		wg.Go(func() {
			for i := w; i < killAppends; i += killWriters {
				rs, err := l.Append(context.Background(), killEntry(run, i))
				if err != nil {
					t.Error(err)
					return
				}
				os.Stdout.Write(fmt.Appendf(nil, "%d %d\n", i, rs[0].Index))
			}
		})
	}
	wg.Wait()
}

func killEntry(run string, i int) []byte {
	return fmt.Appendf(nil, "run%s n%d lot%d %s", run, i, i%50, strings.Repeat("x", i%300))
}

// TestKill kills processes with SIGKILL in the middle of 10,000 appends: all
// that they acknowledged is there afterwards.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(*killSeed, 0))
	acked := make(map[int64]string)
	var slowest time.Duration
	for run := range *kills {
		fresh := killOne(t, dir, strconv.Itoa(run), r)
		maps.Copy(acked, fresh)
		if run == *kills-1 {
			fresh = acked
		}
		start := time.Now()
		l, err := badgerledger.Open(dir, &ledger.Options{Index: indexWords})
		if err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		slowest = max(slowest, time.Since(start))
		for index, want := range fresh {
			got, err := l.Read(context.Background(), index)
			if err != nil || string(got.Data) != want {
				t.Fatalf("run %d: entry %d is %q, %v; %q was acknowledged", run, index, got.Data, err, want)
			}
		}
		if err := l.Check(context.Background()); err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d entries acknowledged, slowest reopening %v", *kills, len(acked), slowest)
}

func killOne(t *testing.T, dir, run string, r *rand.Rand) map[int64]string {
	t.Helper()
	acked := make(map[int64]string)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$", "-child="+dir+"|"+run)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	moment, lines, n := r.IntN(killAppends), bufio.NewReader(out), 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if a, b, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			i, err1 := strconv.Atoi(a)
			index, err2 := strconv.ParseInt(b, 10, 64)
			if err1 == nil && err2 == nil {
				acked[index] = string(killEntry(run, i))
				n++
			}
		}
		if n >= moment {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	if n < moment {
		t.Fatalf("run %s acknowledged %d of %d entries before it ended: %s", run, n, moment, stderr.String())
	}
	return acked
}
