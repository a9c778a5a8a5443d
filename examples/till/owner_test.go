package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// child is a till in a process of its own.
type child struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, dir string) *child {
	t.Helper()
	c := &child{t: t, cmd: program("-dir", dir, "-by", "68-00417")}
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.cmd.Process.Kill()
		c.cmd.Wait()
	})
	return c
}

// ask sends a request and wants something of the answer.
func (c *child) ask(request, want string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, request+"\n"); err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.out.ReadString('\n')
	if err != nil || !strings.Contains(answer, want) {
		c.t.Fatalf("%s: %s, %v; want %s", request, answer, err, want)
	}
}

func receiving(serial string) string {
	return `{"op":"record","step":"receiving","items":[{"scan":"(01)08936000123451(21)` + serial + `"}]}`
}

func custodyOf(serial string) string {
	return `{"op":"custody","scan":"(01)08936000123451(21)` + serial + `"}`
}

// TestSecondProcess has one ledger used by three processes, each of which ends in turn.
func TestSecondProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	const held = `"holder":"68-00417"`
	a := start(t, dir)
	a.ask(receiving("A"), `"entry":0`)
	b := start(t, dir)
	b.ask(custodyOf("A"), held)
	b.ask(receiving("B"), `"entry":1`)
	b.ask(`{"id":5,"op":"verify","scan":7}`, `"id":5,"error":{"code":"bad_field"`)
	c := start(t, dir)
	c.ask(custodyOf("B"), held)
	a.ask(custodyOf("B"), held)
	if runtime.GOOS != "windows" {
		info, err := os.Stat(addressFile(dir))
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("address file: %v, %v", info, err)
		}
	}

	a.ask(`{"op":"quit"}`, `"result":{}`)
	if err := a.cmd.Wait(); err != nil {
		t.Errorf("the owner ended: %v", err)
	}
	b.ask(receiving("C"), `"entry":2`)
	c.ask(custodyOf("C"), held)
	c.in.Close() // the end of the input is as good as quit
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("one who asked ended: %v", err)
	}
	b.ask(`{"op":"check"}`, `"size":3`)
	b.ask(`{"op":"quit"}`, `"result":{}`)
	if err := b.cmd.Wait(); err != nil {
		t.Errorf("the next owner ended: %v", err)
	}
	if _, err := os.Stat(addressFile(dir)); err == nil {
		t.Error("the address of the owner is left behind")
	}
}

// TestOwnerKilled kills the owner while two processes record. What was answered is there, and who is left takes over.
func TestOwnerKilled(t *testing.T) {
	const n, kill = 400, 100
	dir := filepath.Join(t.TempDir(), "ledger")
	a := start(t, dir)
	a.ask(receiving("FIRST"), `"entry":0`)
	b := start(t, dir)
	b.ask(`{"op":"status"}`, `"size":1`)

	// Both get all requests at once, and the owner dies after some answers.
	send := func(c *child, name string) {
		for i := range n {
			if _, err := io.WriteString(c.in, receiving(fmt.Sprint(name, i))+"\n"); err != nil {
				return // it is the one that was killed
			}
		}
	}
	answered := func(c *child, name string, stop int) (acknowledged []string, gone int) {
		for i := range n {
			line, err := c.out.ReadString('\n')
			switch {
			case err != nil:
				return acknowledged, gone
			case strings.Contains(line, `"result"`):
				acknowledged = append(acknowledged, fmt.Sprint(name, i))
			case strings.Contains(line, `"owner_gone"`):
				gone++
			default:
				t.Errorf("%s: answer %s", name, line)
			}
			if i == stop {
				c.cmd.Process.Kill()
			}
		}
		return acknowledged, gone
	}
	var wg sync.WaitGroup
	var acksA, acksB []string
	var gone int
	wg.Go(func() { send(a, "A") })
	wg.Go(func() { send(b, "B") })
	wg.Go(func() { acksA, _ = answered(a, "A", kill) })
	wg.Go(func() { acksB, gone = answered(b, "B", -1) })
	wg.Wait()
	if len(acksA) <= kill || len(acksB)+gone != n || gone > 1 {
		t.Errorf("the owner answered %d, the other %d and did not know of %d", len(acksA), len(acksB), gone)
	}
	for _, serial := range append(append(acksA, acksB...), "FIRST") {
		b.ask(custodyOf(serial), `"holder":"68-00417"`)
	}
	b.ask(`{"op":"check"}`, `"result"`)
	c := start(t, dir)
	c.ask(custodyOf("FIRST"), `"holder":"68-00417"`)
	t.Logf("owner killed after %d answers; the other had %d, and %d without", len(acksA), len(acksB), gone)
}

// TestGoodbye ends owner after owner while many record: every request is done once.
func TestGoodbye(t *testing.T) {
	const fronts, each = 4, 30
	dir := filepath.Join(t.TempDir(), "ledger")
	var wg sync.WaitGroup
	for i := range fronts {
		f := newFront(t, dir)
		wg.Go(func() {
			for j := range each {
				q := fmt.Sprintf(`{"op":"record","step":"receiving","document":"%d/%d","items":[{"scan":"8936000123451"}]}`, i, j)
				if text, _ := f.answer(t.Context(), []byte(q)); !bytes.Contains(text, []byte(`"result"`)) {
					t.Errorf("%s: %s", q, text)
				}
			}
			if err := f.close(); err != nil {
				t.Error(err)
			}
			f.owner, f.peer = nil, nil
		})
	}
	wg.Wait()
	f := newFront(t, dir)
	text, _ := f.answer(t.Context(), []byte(`{"op":"custody","scan":"8936000123451"}`))
	if want := fmt.Sprintf(`"count":%d`, fronts*each); !bytes.Contains(text, []byte(want)) {
		t.Errorf("%s, want %s", text, want)
	}
}

// TestStranger wants nothing to do with programs that are no tills of this ledger.
func TestStranger(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	f := newFront(t, dir)
	if text, _ := f.answer(t.Context(), []byte(`{"op":"status"}`)); !bytes.Contains(text, []byte(`"result"`)) {
		t.Fatalf("%s", text)
	}
	address, err := os.ReadFile(addressFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Fields(string(address))
	if host, _, err := net.SplitHostPort(parts[0]); err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("listens on %s", parts[0])
	}
	for _, first := range []string{
		`{"ask":""}`, `{"ask":"` + parts[2] + `"}`, `{}`, `{"op":"status"}`, `GET / HTTP/1.1`, "",
		`{"ask":"` + parts[1] + `"}` + "\n" + `{"op":"restore"}`, `{"ask":"` + parts[1] + `"}` + "\n" + "nonsense",
	} {
		c, err := net.Dial("tcp4", parts[0])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(c, first+"\n")
		answer, _ := io.ReadAll(c) // ends with the connection
		if got := strings.TrimSpace(string(answer)); got != "" && got != parts[2] {
			t.Errorf("to %q the owner said %q", first, got)
		}
		c.Close()
	}

	// The other way round: an address that leads elsewhere.
	stranger, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	heard := make(chan string, 1)
	go func() {
		for {
			c, err := stranger.Accept()
			if err != nil {
				return
			}
			line, _ := bufio.NewReader(c).ReadString('\n')
			heard <- line
			io.WriteString(c, "welcome\n")
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	port := stranger.Addr().String()
	for _, text := range []string{
		port + " ASK REPLY\n", port + " ASK REPLY", port + " ASK\n", "", "192.0.2.1:80 ASK REPLY\n", "localhost:80 ASK REPLY\n",
	} {
		file := filepath.Join(t.TempDir(), "address")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if p, err := ask(file, f.station); err == nil {
			p.close()
			t.Errorf("%q: asked", text)
		}
		if text == port+" ASK REPLY\n" {
			if line := <-heard; strings.Contains(line, "REPLY") {
				t.Errorf("the stranger was told %s", line)
			}
		}
	}
}

// TestLocked has the ledger open elsewhere: by a program that is no till, and by an owner that ends at every request.
func TestLocked(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	codeOf := func(f *front, request string) string {
		text, _ := f.answer(t.Context(), []byte(request))
		var a struct{ Error failure }
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatal(err)
		}
		return a.Error.Code
	}
	code := func(request string) string {
		f := newFront(t, dir)
		f.patience = 50 * time.Millisecond
		return codeOf(f, request)
	}
	if got := code(`{"op":"status"}`); got != "locked" {
		t.Errorf("the code is %q, want locked", got)
	}
	f := newFront(t, dir)
	f.patience = 50 * time.Millisecond
	for range 3 {
		if got := codeOf(f, `{"op":"status"}`); got != "locked" {
			t.Errorf("the code is %q, want locked", got)
		}
		f.patience = time.Hour // who waited in vain does not wait again
	}
	if got := code(`{"op":"scan","scan":"8936000123451"}`); got != "" {
		t.Errorf("scan needs no ledger: %s", got)
	}

	fake, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	requests := make(chan string, 10)
	go func() {
		for {
			c, err := fake.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(c)
			r.ReadString('\n')
			io.WriteString(c, "REPLY\n")
			line, _ := r.ReadString('\n')
			requests <- line
			c.Close()
		}
	}()
	if err := os.WriteFile(addressFile(dir), []byte(fake.Addr().String()+" ASK REPLY\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for request, times := range map[string]int{`{"op":"status"}`: 3, receiving("A"): 1} {
		if got := code(request); got != "owner_gone" {
			t.Errorf("%s: the code is %q, want owner_gone", request, got)
		}
		if len(requests) != times {
			t.Errorf("%s: asked %d times, want %d", request, len(requests), times)
		}
		for range len(requests) {
			<-requests
		}
	}
}
