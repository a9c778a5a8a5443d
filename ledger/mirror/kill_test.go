package mirror_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

var (
	kills = flag.Int("kills", 3, "how many processes TestKill kills")
	child = flag.String("child", "", "used by TestKill itself")
)

// TestKillChild is the process that TestKill kills: a mirror that serves until then.
func TestKillChild(t *testing.T) {
	if *child == "" {
		t.Skip("only TestKill runs it")
	}
	dir, vkey, _ := strings.Cut(*child, "|")
	m, err := mirror.Open(dir, &mirror.Options{Keys: []string{vkey}, Limits: mirror.Limits{PerMinute: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(m.Submission())
	fmt.Println(server.URL)
	select {}
}

// TestKill kills a mirror with SIGKILL in the middle of pushes: whatever it cosigned it still knows and has, and goes on.
func TestKill(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	// The first opening makes the keys.
	m, err := mirror.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	known := witnesses(t, m)
	l, err := ledger.OpenMemory(&ledger.Options{Origin: origin, Witnesses: known})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	answers := 0
	for range *kills {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKillChild$", "-child="+dir+"|"+l.VerifierKey())
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		url, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err, stderr.String())
		}
		// Pushes follow each other until one fails because the process is gone, some time after the first.
		var timer *time.Timer
		c := mirror.NewClient(l, strings.TrimSpace(url), &mirror.ClientOptions{Witnesses: known})
		for {
			fill(t, l, l.Size()+1+int64(r.IntN(2000)))
			if _, err := c.Push(ctx); err != nil {
				break
			}
			answers++
			if timer == nil {
				timer = time.AfterFunc(time.Duration(r.IntN(300_000))*time.Microsecond, func() { cmd.Process.Kill() })
			}
		}
		if timer == nil {
			t.Fatalf("no push went through: %s", stderr.String())
		}
		timer.Stop()
		cmd.Process.Kill()
		cmd.Wait()
		m, err := mirror.Open(dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
		if err != nil {
			t.Fatal(err)
		}
		kept := l.Cosigned()
		log := m.Logs()[0]
		n, err := note.Open(kept.Note, note.VerifierList(known[1]))
		if err == nil && len(n.Sigs) == 1 && (log.Mirrored == nil || log.Mirrored.Size < kept.Size) {
			t.Errorf("the mirror cosigned size %d and has %+v", kept.Size, log.Mirrored)
		}
		if log.Err != nil || log.Cosigned.Size < kept.Size || log.Next < log.Mirrored.Size {
			t.Errorf("size %d was cosigned; afterwards %+v", kept.Size, log)
		}
		checkStored(t, m, l, log.Mirrored.Size)
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d kills, %d pushes were answered, %d entries", *kills, answers, l.Size())
}
