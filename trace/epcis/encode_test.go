package epcis_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

func encode(t *testing.T, opts *epcis.EncoderOptions, events ...*trace.Event) string {
	t.Helper()
	var buf bytes.Buffer
	enc := epcis.NewEncoder(&buf, opts)
	for _, e := range events {
		if err := enc.Encode(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// Keys of a known company prefix are written as EPC URNs, in every field, and read back as the same keys.
func TestURNs(t *testing.T) {
	known, err := gs1.ReadPrefixes(strings.NewReader(`{"prefix":"8935001","gcpLength":7},{"prefix":"8935309","gcpLength":9}`))
	if err != nil {
		t.Fatal(err)
	}
	const when = `{"@context":[],"eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00",`
	for _, text := range []string{
		when + `"type":"ObjectEvent","action":"ADD","epcList":["urn:epc:id:sgtin:8935001.000002.A%2FB","urn:epc:id:sscc:8935001.1234567890","https://id.gs1.org/01/00614141123452/21/1","urn:x:y"],
			"quantityList":[{"epcClass":"urn:epc:class:lgtin:8935001.000002.L1","quantity":5},{"epcClass":"urn:epc:idpat:sgtin:8935001.000002.*"}],
			"readPoint":{"id":"urn:epc:id:sgln:893530900.001.0"},"bizLocation":{"id":"urn:epc:id:sgln:893530900.001.kho"},
			"bizTransactionList":[{"type":"po","bizTransaction":"urn:epc:id:gdti:8935001.00001.PX"}],
			"sourceList":[{"type":"owning_party","source":"urn:epc:id:pgln:893530900.001"}],
			"destinationList":[{"type":"location","destination":"urn:epc:id:sgln:893530900.001.0"}]}`,
		when + `"type":"AggregationEvent","action":"ADD","parentID":"urn:epc:id:sscc:8935001.1234567890","childEPCs":["urn:epc:id:sgtin:8935001.000002.A"],
			"childQuantityList":[{"epcClass":"urn:epc:class:lgtin:8935001.000002.L1"}]}`,
		when + `"type":"TransformationEvent","transformationID":"urn:epc:id:gdti:8935001.00001.PX","inputEPCList":["urn:epc:id:grai:8935001.00002.1"],"outputEPCList":["urn:epc:id:giai:8935001.1"]}`,
	} {
		want, err := epcis.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		want[0].EventID = want[0].ID()
		out := encode(t, &epcis.EncoderOptions{URNs: known}, want...)
		if n := strings.Count(text, "urn:epc:"); strings.Count(out, "urn:epc:") != n || strings.Count(out, "https://id.gs1.org") != strings.Count(text, "https://id.gs1.org") {
			t.Errorf("want %d URNs:\n%s", n, out)
		}
		for _, word := range strings.Split(text, `"`) {
			if strings.HasPrefix(word, "urn:epc:") && !strings.Contains(out, `"`+word+`"`) {
				t.Errorf("%s is missing:\n%s", word, out)
			}
		}
		got, err := epcis.Decode([]byte(out))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// An object that is listed twice in two notations stays listed twice, as texts that differ.
func TestRepeatedIdentifier(t *testing.T) {
	known, err := gs1.ReadPrefixes(strings.NewReader(`{"prefix":"8935001","gcpLength":7}`))
	if err != nil {
		t.Fatal(err)
	}
	events, err := epcis.Decode([]byte(strings.Replace(oneEvent, `21/A"]`, `21/A","urn:epc:id:sgtin:8935001.000002.A","https://example.vn/01/08935001000020/21/A"]`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		urns *gs1.Prefixes
		want string
	}{
		"links": {nil, `["https://id.gs1.org/01/08935001000020/21/A","https://id.gs1.org/01/08935001000020/21/A?","https://id.gs1.org/01/08935001000020/21/A??"]`},
		"URNs":  {known, `["urn:epc:id:sgtin:8935001.000002.A","https://id.gs1.org/01/08935001000020/21/A?","https://id.gs1.org/01/08935001000020/21/A??"]`},
	} {
		out := encode(t, &epcis.EncoderOptions{URNs: tt.urns}, events...)
		if !strings.Contains(out, `"epcList":`+tt.want) {
			t.Errorf("%s: want %s in\n%s", name, tt.want, out)
		}
	}
	checkRoundTrip(t, events)
}

func TestQueryDocument(t *testing.T) {
	opts := &epcis.EncoderOptions{QueryName: `"Q"`, CreationDate: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	const want = `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"dauvet":"https://dauvet.github.io/epcis/"}],"type":"EPCISQueryDocument","schemaVersion":"2.0",` +
		`"creationDate":"2026-03-02T08:00:00Z","epcisBody":{"queryResults":{"queryName":"\"Q\"","resultsBody":{"eventList":[` + "\n]}}}}\n"
	if diff := cmp.Diff(want, encode(t, opts)); diff != "" {
		t.Errorf("no events (-want +got):\n%s", diff)
	}
}

// An event that stands by itself declares the namespace of this project too.
func TestMarshalOwnNamespace(t *testing.T) {
	events, err := epcis.Decode([]byte(oneEvent))
	if err != nil {
		t.Fatal(err)
	}
	events[0].Extensions = []trace.Field{trace.NewField("lot", "L1")}
	checkRoundTrip(t, events)
}
