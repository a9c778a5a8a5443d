package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

const (
	packScan = `]d201089360001234511728063010DV24A07\u001d21K7M2Q9X4T1`
	maxNoise = 300 // characters of a bad request that a golden shows
)

// TestBadInput wants every bad request answered, each with its code, and the good one behind it, too.
func TestBadInput(t *testing.T) {
	f := newFront(t, filepath.Join(t.TempDir(), "ledger"))
	requests := []string{
		`hello`, `{"op":"status"`, `[]`, `null`, `7`, `{}`, `{"op":7,"id":"a"}`, `{"op":"status"} {"op":"status"}`,
		"{\"op\":\"verify\",\"scan\":\"\x1d\"}", "{\"op\":\"verify\",\"scan\":\"\xff\"}",
		`{"id":{"a":[1]},"op":"none"}`,
		`{"id":null,"op":"status","size":1}`,
		`{"op":"verify","scan":7}`,
		`{"op":"verify"}`,
		`{"op":"verify","scan":"hello","by":"68-00417"}`,
		`{"op":"verify","scan":"(01)08936000123451(10)123456789012345678901"}`,
		`{"op":"verify","scan":"urn:epc:id:nonsense:1"}`,
		`{"op":"verify","scan":"(00)389360001200000017"}`,
		`{"op":"verify","scan":"8936000123451","lot":"has space"}`,
		`{"op":"verify","scan":"8936000123451","expiry":"2026-02-30"}`,
		`{"op":"verify","scan":"` + packScan + `","lot":"OTHER"}`,
		`{"op":"verify","scan":"8936000123451","by":"8936000120000"}`,
		`{"op":"custody","scan":"(90)shelf"}`,
		`{"op":"lot","scan":"8936000123451"}`,
		`{"op":"record"}`,
		`{"op":"record","step":"stealing","items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"receiving"}`,
		`{"op":"record","step":"receiving","items":{"scan":"8936000123451"}}`,
		`{"op":"record","step":"receiving","items":[{"scan":"8936000123451"},{"scan":"8936000123452"}]}`,
		`{"op":"record","step":"receiving","items":[{"scan":"8936000123451","count":1.5}]}`,
		`{"op":"record","step":"receiving","items":[{"scan":"8936000123451","count":0}]}`,
		`{"op":"record","step":"receiving","items":[{"scan":"8936000123451","pieces":1}]}`,
		`{"op":"record","step":"receiving","items":[{"scan":"` + packScan + `","count":2}]}`,
		`{"op":"record","step":"receiving","items":[{"scan":"` + packScan + `"},{"scan":"8936000123451","lot":"OTHER"}]}`,
		`{"op":"record","step":"receiving","time":"yesterday","items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"shipping","items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"packing","items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"packing","parent":"x","items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"dispensing","price":-1,"items":[{"scan":"8936000123451"}]}`,
		`{"op":"record","step":"dispensing","units":3,"items":[{"scan":"8936000123451"}]}`,
		`{"op":"undo","scan":"8936000123451"}`,
		`{"op":"undo"}`, `{"op":"undo","entry":7}`, `{"op":"undo","entry":0,"scan":"8936000123451"}`,
		`{"op":"events","from":"yesterday"}`, `{"op":"events","start":-1}`, `{"op":"events","limit":-1}`, `{"op":"events","limit":"all"}`,
		`{"op":"stock","by":""}`,
		`{"op":"expiring","days":"soon"}`,
		`{"op":"prove"}`, `{"op":"prove","entry":0}`, `{"op":"prove","entry":-1}`,
		`{"op":"evidence"}`, `{"op":"evidence","to":"x","from":"yesterday"}`, `{"op":"evidence","to":"x","seen":[-1]}`,
		`{"op":"evidence","to":"x","seen":[10]}`,
		`{"op":"export"}`,
		`{"op":"export","to":"` + filepath.ToSlash(os.DevNull) + `/x"}`,
		`{"op":"restore"}`,
		`{"op":"restore","from":"x","vkey":"y"}`,
		`{"op":"scan","scan":""}`,
		`{"op":"scan","scn":""}`,
		`{"op":"quit","scan":""}`,
		`{"id":"the last","op":"verify","scan":"8936000123451"}`,
	}
	var got bytes.Buffer
	for _, q := range requests {
		answer, last := f.answer(t.Context(), []byte(q))
		if last {
			t.Errorf("%s ends the till", q)
		}
		if !json.Valid(answer) || bytes.ContainsAny(answer, "\r\n") {
			t.Errorf("%s: %q is no JSON in one line", q, answer)
		}
		if strings.Contains(q, os.DevNull) {
			continue // systems have words of their own for it
		}
		fmt.Fprintf(&got, "%q\n%s\n", q[:min(len(q), maxNoise)], answer)
	}
	golden(t, "bad.txt", got.Bytes())
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

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine+1)
	for _, test := range []struct{ name, in, want string }{
		{"none", "", ""},
		{"one", "a\n", "<a>\n"},
		{"last without end", "a\nb", "<a>\n<b>\n"},
		{"CR LF", "a\r\nb\r\n", "<a>\n<b>\n"},
		{"blank", "\n \na\n\r\n\n", "<a>\n"},
		{"byte order mark", "\ufeffa\n", "<a>\n"},
		{"byte order mark alone", "\ufeff\na\n", "<a>\n"},
		{"too long", "a\n" + long + "\nb\n", "<a>\nLONG\n<b>\n"},
		{"too long at the end", long, "LONG\n"},
		{"as long as may be", long[:maxLine-1] + "\nb\n", "<" + long[:maxLine-1] + ">\n<b>\n"},
		{"quit", "a\nquit\nb\n", "<a>\n<quit>\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for reading, in := range map[string]io.Reader{
				"whole": strings.NewReader(test.in), "halves": iotest.HalfReader(strings.NewReader(test.in)),
				"end with data": iotest.DataErrReader(strings.NewReader(test.in)),
			} {
				var out bytes.Buffer
				err := serve(in, &out, func(line []byte) ([]byte, bool) {
					return []byte("<" + string(line) + ">"), string(line) == "quit"
				})
				got := strings.ReplaceAll(out.String(), string(refuse(nil, errLongLine)), "LONG")
				if err != nil || got != test.want {
					t.Errorf("%s: %.80q, %v; want %.80q", reading, got, err, test.want)
				}
			}
		})
	}
}

// An answer is not held back for a request that is not there yet, also when a part of it is.
func TestAnswersAtOnce(t *testing.T) {
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- serve(in, out, func(line []byte) ([]byte, bool) { return line, false })
	}()
	buf := make([]byte, 16)
	for _, part := range []string{"a\n", "b\nhalf of", " c\n"} {
		if _, err := io.WriteString(requests, part); err != nil {
			t.Fatal(err)
		}
		n, err := answers.Read(buf)
		if err != nil || buf[n-1] != '\n' {
			t.Fatalf("%q, %v", buf[:n], err)
		}
	}
	broken := errors.New("broken")
	requests.CloseWithError(broken)
	if err := <-done; !errors.Is(err, broken) {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// Output that nobody reads ends the till: there is nobody left to answer.
func TestNoReader(t *testing.T) {
	answers, out := io.Pipe()
	answers.Close()
	err := serve(strings.NewReader("a\nb\n"), out, func(line []byte) ([]byte, bool) { return line, false })
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v, want %v", err, io.ErrClosedPipe)
	}
}

// TestPipelined sends many lines at once and wants the answers in their order, each request seeing what those before it
// recorded. Sales of one class in one moment, without a document, are different sales.
func TestPipelined(t *testing.T) {
	const n = 100
	var in strings.Builder
	in.WriteString(`{"id":-1,"op":"record","step":"receiving","items":[{"scan":"8936000123451","count":1000}]}` + "\n")
	for i := range n {
		fmt.Fprintf(&in, `{"id":%d,"op":"record","step":"dispensing","items":[{"scan":"8936000123451"}]}`+"\n", i)
		fmt.Fprintf(&in, `{"id":"%d","op":"custody","scan":"8936000123451"}`+"\n", i)
	}
	var out, stderr bytes.Buffer
	c := config{dir: filepath.Join(t.TempDir(), "ledger"), by: "68-00417", now: noon}
	if err := run(t.Context(), strings.NewReader(in.String()), &out, &stderr, c); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")[1:]
	if len(lines) != 2*n {
		t.Fatalf("%d answers, want %d", len(lines), 2*n)
	}
	for i := range n {
		var sold, left struct {
			ID     any
			Result struct{ Entry, Dispensed int64 }
		}
		if err := json.Unmarshal([]byte(lines[2*i]), &sold); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(lines[2*i+1]), &left); err != nil {
			t.Fatal(err)
		}
		if sold.ID != float64(i) || left.ID != fmt.Sprint(i) || sold.Result.Entry != int64(i+1) || left.Result.Dispensed != int64(i+1) {
			t.Fatalf("request %d: %s %s", i, lines[2*i], lines[2*i+1])
		}
	}
	if stderr.Len() > 0 {
		t.Errorf("standard error: %s", &stderr)
	}
}

// A request with its time is recorded once.
func TestRepeated(t *testing.T) {
	f := newFront(t, filepath.Join(t.TempDir(), "ledger"))
	q := []byte(`{"op":"record","step":"receiving","time":"2026-03-17T13:00:00.5+07:00","items":[{"scan":"` + packScan + `"}]}`)
	for range 2 {
		answer, _ := f.answer(t.Context(), q)
		if !bytes.Contains(answer, []byte(`"entry":0,`)) {
			t.Errorf("%s", answer)
		}
	}
}

func TestClock(t *testing.T) {
	var c clock
	at := noon()
	for _, test := range []struct{ now, want time.Time }{
		{at, at},
		{at, at.Add(time.Millisecond)},
		{at.Add(400 * time.Microsecond), at.Add(2 * time.Millisecond)},
		{at.Add(time.Minute), at.Add(time.Minute)},
		{at.Add(-time.Hour), at.Add(-time.Hour)}, // somebody set it back
	} {
		if got := c.next(test.now); !got.Equal(test.want) {
			t.Errorf("at %v: %v, want %v", test.now, got, test.want)
		}
	}
}

// TestProve gives a proof to the verifier, who has nothing but the answer.
func TestProve(t *testing.T) {
	f := newFront(t, filepath.Join(t.TempDir(), "ledger"))
	f.answer(t.Context(), []byte(`{"op":"record","step":"receiving","items":[{"scan":"`+packScan+`"}]}`))
	text, _ := f.answer(t.Context(), []byte(`{"op":"prove","entry":0}`))
	var answer struct{ Result proof }
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatal(err)
	}
	p := answer.Result
	if _, _, err := ledger.VerifyInclusion([]byte(p.Proof), p.Data, p.VKey); err != nil {
		t.Error(err)
	}
	e, err := trace.Decode(p.Data)
	if err != nil || e.BizStep != trace.BizStepReceiving {
		t.Errorf("%+v, %v", e, err)
	}
	p.Data[len(p.Data)-1] ^= 1
	if _, _, err := ledger.VerifyInclusion([]byte(p.Proof), p.Data, p.VKey); !errors.Is(err, ledger.ErrProof) {
		t.Errorf("another entry is proven: %v", err)
	}
}

// FuzzAnswer wants for any line one line of JSON, and an id repeated.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"op":"verify","scan":"` + packScan + `"}`,
		`{"id":"a","op":"record","step":"receiving","time":"2026-03-17T13:00:00+07:00","items":[{"scan":"8936000123451","lot":"A","expiry":"2027-01-31","count":3}]}`,
		`{"op":"record","step":"packing","parent":"(00)389360001200000017","items":[{"scan":"` + packScan + `"}]}`,
		`{"op":"undo","scan":"` + packScan + `"}`, `{"op":"stock"}`, `{"op":"expiring","days":1}`, `{"op":"lot","scan":"8936000123451","lot":"A"}`,
		`{"op":"history","scan":"urn:epc:id:sgtin:8936000.012345.K7"}`, `{"op":"prove","entry":0}`, `{"op":"status","x":1}`, `[`, `{"id":`,
	} {
		f.Add([]byte(s))
	}
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		f.Fatal(err)
	}
	defer l.Close()
	repo, err := trace.Open(f.Context(), l, nil)
	if err != nil {
		f.Fatal(err)
	}
	s, err := (&config{by: "68-00417"}).station()
	if err != nil {
		f.Fatal(err)
	}
	till := &front{station: s, owner: &owner{till: till{ledger: l, repo: repo, now: noon}}}
	f.Fuzz(func(t *testing.T, line []byte) {
		h, _ := parseHead(line)
		if h.Op == "export" || h.Op == "evidence" || h.Op == "restore" {
			return // it would write files
		}
		text, last := till.answer(t.Context(), line)
		var a answer
		if err := json.Unmarshal(text, &a); err != nil || bytes.ContainsRune(text, '\n') {
			t.Fatalf("%q: answer %q: %v", line, text, err)
		}
		if (a.Result == nil) == (a.Error == nil) {
			t.Errorf("%q: answer %s has not either of result and error", line, text)
		}
		if last && (h.Op != "quit" || a.Error != nil) {
			t.Errorf("%q ends the till", line)
		}
	})
}
