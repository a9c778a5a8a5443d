package epcis

import (
	"bytes"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/trace"
)

// FuzzBuildPlain holds the short way from text to event against the long one, by way of fields.
func FuzzBuildPlain(f *testing.F) {
	for _, s := range []string{
		`{"type":"ObjectEvent","action":"ADD","eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00",` +
			`"epcList":["https://id.gs1.org/01/08935001000020/21/A", "urn:epc:id:sgtin:8935001.000002.B"],"ilmd":{"cbvmda:lotNumber":"L"}}`,
		`{"type":"AggregationEvent","action":"DELETE","parentID":"urn:x:y","childEPCs":[],"childEPCs":["A"],"gs1:a":[1,{"b":null}]}`,
		`{"inputEPCList":["urn:x:\u0079"],"outputEPCList":["urn:x:y",1],"\u0074ype":"x", }`,
		`{"epcList":["urn:x:y",],"a:b":"]"}`, `{"epcList":["urn:x:y"`, `{}`, `{"a":1,}`, `{"@context":[]}`, `{"epcList":7}`, ` {"b:c":"\"@"} `,
		`{"a:b":{"@xmlns:a":"urn:x","a:c":"@d"},"type":"ObjectEvent","type":7,"action":"A\u0044D","bizStep":"\x01"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err, ok := buildPlain(&parser{data: data, known: map[string]string{}}, standard)
		if !ok {
			return
		}
		v, perr := parse(data)
		if perr != nil || v.Kind != trace.Object {
			t.Fatalf("%q: read as an event, but %v", data, perr)
		}
		want, wantErr := build(v.Fields, standard)
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("%q: %v, want %v", data, err, wantErr)
		}
	})
}

// A string ends at the same place however its text arrives, and however many of its characters are escaped.
func TestQuoted(t *testing.T) {
	long := bytes.Repeat([]byte(`a\"`), 50_000)
	for _, want := range [][]byte{
		[]byte(`""`), []byte(`"\\"`), []byte(`"\""`), []byte(`"\\\""`), []byte(`"a\nb"`), []byte(`["\\","\"]"]`),
		append(append([]byte{'"'}, long...), '"'),
	} {
		text := append(bytes.Clone(want), `,"x"]`...)
		for _, r := range []*stream{newStream(bytes.NewReader(text), 1<<20), newStream(iotest.OneByteReader(bytes.NewReader(text)), 1<<20)} {
			if got, err := r.raw(); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%.20s: %.20s, %v", want, got, err)
			}
		}
	}
}
