package epcis_test

import (
	"testing"

	"github.com/dauvet/dauvet/trace"
)

// TestIdentifierVectors compares canonical identifiers with those of the reference. What it does not normalise stays as
// it is.
func TestIdentifierVectors(t *testing.T) {
	type vector struct {
		In, Out any
	}
	// The reference keeps an escape as it was written; RFC 3986 (6.2.2.1) calls its upper-case form the normal one.
	differ := map[string]trace.ID{
		"urn:epc:id:sgtin:8935001.000017.a%2fb": "https://id.gs1.org/01/08935001000174/21/a%2Fb",
	}
	for _, v := range jsonLines[vector](t, shared(t, "epcis/dl_normaliser.jsonl")) {
		in, ok := v.In.(string)
		if !ok {
			continue // a number, which no identifier can be here
		}
		want, normalised := v.Out.(string)
		if id, ok := differ[in]; ok {
			want = string(id)
		}
		got, err := trace.ParseID(in)
		switch {
		case !normalised && err == nil && string(got) != in:
			t.Errorf("ParseID(%q) = %q, want it as it is", in, got)
		case normalised && (err != nil || string(got) != want):
			t.Errorf("ParseID(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}
