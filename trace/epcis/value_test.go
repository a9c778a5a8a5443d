package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

// accepts reports whether a text is one JSON value, by the stream and the parser.
func accepts(r io.Reader) (bool, error) {
	s := newStream(r, 1<<20)
	raw, err := s.raw()
	if err != nil {
		return false, err
	}
	if _, err := parse(raw); err != nil {
		return false, err
	}
	_, err = s.peek()
	return err == io.EOF, err
}

// FuzzSyntax holds the parser against encoding/json.
func FuzzSyntax(f *testing.F) {
	for _, s := range []string{"", "1", "-0.5e+7", "01", "1.", "-", "tru", "true", "null ", `"a\u00e9\n"`, `"\x"`, "\"\x01\"", "\"\xff\"", `{"a":[1,{"b":null}]}`,
		"[1,]", "{,}", `{"a" 1}`, "[1 2]", "]", "{}}", `"\ud800"`, " [ ] ", "[[[", `{"a":1,}`, `"\`, "1,2", "1\x00", "1\x002"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := accepts(bytes.NewReader(data))
		if errors.Is(err, errDepth) {
			return
		}
		if want := json.Valid(data); got != want {
			t.Errorf("%q: accepted %t (%v), encoding/json says %t", data, got, err, want)
		}
		slow, _ := accepts(iotest.OneByteReader(bytes.NewReader(data)))
		if slow != got && !errors.Is(err, errDepth) {
			t.Errorf("%q: accepted %t, and %t byte by byte", data, got, slow)
		}
	})
}
