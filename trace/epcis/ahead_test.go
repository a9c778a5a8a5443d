package epcis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Reading ahead gives the same text and the same error, however the stream is cut.
func TestReaderAhead(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	for name, r := range map[string]io.Reader{
		"whole":           bytes.NewReader(text),
		"by the byte":     iotest.OneByteReader(bytes.NewReader(text[:1000])),
		"error with data": iotest.DataErrReader(bytes.NewReader(text)),
		"empty":           strings.NewReader(""),
		"broken":          io.MultiReader(bytes.NewReader(text), iotest.ErrReader(errors.New("broken"))),
	} {
		t.Run(name, func(t *testing.T) {
			a := newReaderAhead(r)
			got, err := io.ReadAll(a)
			if want := map[string]string{"broken": "broken"}[name]; want != "" && (err == nil || err.Error() != want) || want == "" && err != nil {
				t.Errorf("error %v, want %q", err, want)
			}
			want := text
			switch name {
			case "empty":
				want = nil
			case "by the byte":
				want = text[:1000]
			}
			if !bytes.Equal(want, got) {
				t.Errorf("%d bytes, want %d", len(got), len(want))
			}
			if n, again := a.Read(make([]byte, 8)); n != 0 || again == nil {
				t.Errorf("after the end %d bytes, %v", n, again)
			}
			a.close()
		})
	}
	endless := newReaderAhead(iotest.OneByteReader(&endless{}))
	if n, err := endless.Read(make([]byte, 8)); n != 1 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	endless.close() // returns

	unread := newReaderAhead(iotest.ErrReader(errors.New("read")))
	unread.close()
	unread.close()
	if n, err := unread.Read(make([]byte, 8)); n != 0 || err != io.EOF {
		t.Errorf("after close %d bytes, %v", n, err)
	}
}

type endless struct{}

func (*endless) Read(p []byte) (int, error) { return len(p), nil }

// Events that are decoded ahead are those of the stream, and the errors between them, and decoding ends with the loop.
func TestEventsAhead(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		action := "OBSERVE"
		if i%50 == 49 {
			action = "SEE"
		}
		fmt.Fprintf(&b, `{"type":"ObjectEvent","action":%q,"eventTime":"2026-01-13T12:52:%02dZ","eventTimeZoneOffset":"+07:00","epcList":["urn:x:%d"]}`+"\n",
			action, i%60, i)
	}
	for _, end := range []string{"", "{"} {
		var want []string
		for e, err := range NewDecoder(strings.NewReader(b.String()+end), nil).Events() {
			want = append(want, fmt.Sprint(e, err))
		}
		for stop := range len(want) + 1 {
			got := []string{}
			for e, err := range NewDecoder(strings.NewReader(b.String()+end), &DecoderOptions{Ahead: true}).Events() {
				if len(got) == stop {
					break
				}
				got = append(got, fmt.Sprint(e, err))
			}
			if diff := cmp.Diff(want[:stop], got); diff != "" {
				t.Fatalf("stopped after %d (-want +got):\n%s", stop, diff)
			}
		}
	}
}
