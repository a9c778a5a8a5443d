package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkTill measures a till in a process of its own, through its pipes: one request after the other, as a shop
// asks, or many at once; of the process that owns the ledger, or of one that asks it. The ledger holds 20,000 packs.
func BenchmarkTill(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "ledger")
	const packs, atOnce = 20_000, 100
	owner := talk(b, dir)
	for i := 0; i < packs; i += atOnce {
		var items []string
		for j := range atOnce {
			items = append(items, fmt.Sprintf(`{"scan":"]d201089360001234511728063010DV24A07\u001d21P%d"}`, i+j))
		}
		owner.ask(b, `{"op":"record","step":"receiving","time":"2026-03-17T13:00:00+07:00","items":[`+strings.Join(items, ",")+`]}`)
	}
	b.Run("start", func(sub *testing.B) {
		for sub.Loop() {
			owner.end(b)
			owner = talk(b, dir)
			owner.ask(b, `{"op":"status"}`)
		}
	})
	asking := talk(b, dir)
	asking.ask(b, `{"op":"status"}`)
	verify := func(i int) string {
		return fmt.Sprintf(`{"op":"verify","scan":"]d201089360001234511728063010DV24A07\u001d21P%d"}`, i%packs)
	}
	serial := 0
	record := func(int) string {
		serial++
		return fmt.Sprintf(`{"op":"record","step":"receiving","items":[{"scan":"]d201089360001234511728063010DV24A07\u001d21N%d"}]}`, serial)
	}
	for _, m := range []struct {
		name    string
		request func(int) string
		till    func() *talking
	}{
		{"verify", verify, func() *talking { return owner }},
		{"record", record, func() *talking { return owner }},
		{"verify/asking", verify, func() *talking { return asking }},
		{"record/asking", record, func() *talking { return asking }},
	} {
		b.Run(m.name, func(b *testing.B) {
			var took []time.Duration
			till := m.till()
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				till.ask(b, m.request(i))
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(till.peak(), "peak-MB")
		})
	}
	for _, m := range []struct {
		name    string
		request func(int) string
	}{{"verify/pipelined", verify}, {"record/pipelined", record}} {
		b.Run(m.name, func(b *testing.B) {
			go func() {
				w := bufio.NewWriter(owner.in)
				for i := range b.N {
					w.WriteString(m.request(i) + "\n")
				}
				w.Flush()
			}()
			for range b.N {
				if _, err := owner.out.ReadSlice('\n'); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// talking is a till to which the benchmark talks.
type talking struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func talk(b *testing.B, dir string) *talking {
	b.Helper()
	c := &talking{cmd: program("-dir", dir, "-by", "68-00417")}
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.cmd.Process.Kill(); c.cmd.Wait() })
	return c
}

func (c *talking) ask(b *testing.B, request string) {
	if _, err := io.WriteString(c.in, request+"\n"); err != nil {
		b.Fatal(err)
	}
	answer, err := c.out.ReadString('\n')
	if err != nil || !strings.HasPrefix(answer, `{"result"`) {
		b.Fatalf("%.200s: %s, %v", request, answer, err)
	}
}

func (c *talking) end(b *testing.B) {
	c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		b.Fatal(err)
	}
}

// peak is the most memory that the process had at any time in MB, on Linux.
func (c *talking) peak() float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb float64
	fmt.Sscan(rest, &kb)
	return kb / 1000
}
