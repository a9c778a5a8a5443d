package epcis_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func readDocument(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/document.json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestGoldenDocument holds what a document is read as, hashed as, and written as.
func TestGoldenDocument(t *testing.T) {
	events, err := epcis.Decode(readDocument(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, e := range events {
		data, err := epcis.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(data, '\n'))
		for _, profile := range []trace.Profile{trace.CBV20, trace.CBV21} {
			out.WriteString(e.PreHash(profile) + "\n" + e.Hash(profile) + "\n")
		}
	}
	const golden = "testdata/document.golden"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	checkRoundTrip(t, events)
}

const oneEvent = `{"@context":{"vn":"https://duoc.example.vn/epcis/"},"type":"ObjectEvent","action":"OBSERVE","eventTime":"2026-01-13T12:52:38+07:00",` +
	`"eventTimeZoneOffset":"+07:00","epcList":["https://id.gs1.org/01/08935001000020/21/A"],"vn:lot":"L1"}`

// Every shape that holds events gives the same ones.
func TestShapes(t *testing.T) {
	want, err := epcis.Decode([]byte(oneEvent))
	if err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(oneEvent, `"@context":{"vn":"https://duoc.example.vn/epcis/"},`, "", 1)
	const context = `"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"vn":"https://duoc.example.vn/epcis/"}]`
	for name, text := range map[string]string{
		"array":                 "[" + oneEvent + "]",
		"document":              `{` + context + `,"type":"EPCISDocument","epcisBody":{"eventList":[` + bare + `]}}`,
		"context at the end":    `{"type":"EPCISDocument","epcisBody":{"eventList":[` + bare + `]},` + context + `}`,
		"one event, no list":    `{` + context + `,"type":"EPCISDocument","epcisBody":{"event":` + bare + `}}`,
		"query document":        `{` + context + `,"type":"EPCISQueryDocument","epcisBody":{"queryResults":{"queryName":"q","resultsBody":{"eventList":[` + bare + `]},"subscriptionID":"s"}}}`,
		"members behind events": `{` + context + `,"type":"EPCISDocument","epcisBody":{"eventList":[` + bare + `],"x":{"eventList":[1]}},"vn:y":[]}`,
		"lines":                 `{` + context + `,"type":"EPCISDocument","epcisBody":{"eventList":[]}}` + "\n" + bare + "\n",
		"lines without body":    `{` + context + `,"type":"EPCISDocument"}` + "\n" + bare,
		"xml names":             strings.Replace(strings.Replace(oneEvent, `"@context":{"vn":"https://duoc.example.vn/epcis/"},`, `"@xmlns:d":"https://duoc.example.vn/epcis/",`, 1), "vn:lot", "d:lot", 1),
	} {
		t.Run(name, func(t *testing.T) {
			var got []*trace.Event
			for e, err := range epcis.NewDecoder(iotest.OneByteReader(strings.NewReader(text)), nil).Events() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadEvents(t *testing.T) {
	set := func(from, to string) string {
		if !strings.Contains(oneEvent, from) {
			t.Fatal(from)
		}
		return strings.Replace(oneEvent, from, to, 1)
	}
	for field, text := range map[string]string{
		"type":                                set(`"type":"ObjectEvent"`, `"type":"Event"`),
		"action":                              set(`"OBSERVE"`, `7`),
		"eventTime":                           set(`"eventTime":"2026-01-13T12:52:38+07:00"`, `"eventTime":"2026-01-13T12:52:38"`),
		"eventTimeZoneOffset":                 set(`"+07:00","epc`, `"07:00","epc`),
		"epcList":                             set(`["https://id.gs1.org/01/08935001000020/21/A"]`, `"urn:x:y"`),
		"epcList[1]":                          set(`21/A"]`, `21/A","A"]`),
		"epcList[0]":                          set(`08935001000020`, `08935001000021`),
		"readPoint":                           set(`"vn:lot"`, `"readPoint":1,"vn:lot"`),
		"readPoint.id":                        set(`"vn:lot"`, `"readPoint":{},"vn:lot"`),
		"bizTransactionList[0].x":             set(`"vn:lot"`, `"bizTransactionList":[{"bizTransaction":"urn:x:y","x":1}],"vn:lot"`),
		"quantityList[0].quantity":            set(`"vn:lot"`, `"quantityList":[{"epcClass":"urn:x:y","quantity":"1"}],"vn:lot"`),
		"ilmd.lot":                            set(`"vn:lot"`, `"ilmd":{"lot":"1"},"vn:lot"`),
		"lot":                                 set(`"vn:lot"`, `"lot"`),
		"persistentDisposition.x":             set(`"vn:lot"`, `"persistentDisposition":{"x":[]},"vn:lot"`),
		"errorDeclaration":                    set(`"vn:lot"`, `"errorDeclaration":1,"vn:lot"`),
		"sensorElementList[0]":                set(`"vn:lot"`, `"sensorElementList":[1],"vn:lot"`),
		"errorDeclaration.correctiveEventIDs": set(`"vn:lot"`, `"errorDeclaration":{"declarationTime":"2026-01-13T12:52:38Z","correctiveEventIDs":"x"},"vn:lot"`),
		"errorDeclaration.declarationTime":    set(`"vn:lot"`, `"errorDeclaration":{},"vn:lot"`),
	} {
		t.Run(field, func(t *testing.T) {
			n := 0
			for e, err := range epcis.NewDecoder(strings.NewReader("[\n"+text+",\n"+oneEvent+"]"), &epcis.DecoderOptions{KeepInvalid: true}).Events() {
				switch n++; n {
				case 1:
					bad, ok := errors.AsType[*epcis.DecodeError](err)
					if !ok || bad.Event != 0 || bad.Line != 2 || e == nil {
						t.Fatalf("%v, %+v", err, e)
					}
					at, ok := errors.AsType[*trace.FieldError](err)
					if !ok || at.Field != field {
						t.Errorf("error %v, want one of field %s", err, field)
					}
				case 2:
					if err != nil {
						t.Errorf("the event behind it: %v", err)
					}
				}
			}
			if n != 2 {
				t.Errorf("%d events", n)
			}
		})
	}
}

func TestBrokenStreams(t *testing.T) {
	data := readDocument(t)
	for i := range data {
		if i%7 != 0 {
			continue
		}
		var last error
		for _, err := range epcis.NewDecoder(bytes.NewReader(data[:i]), nil).Events() {
			last = err
		}
		if i > 0 && last == nil && len(bytes.TrimSpace(data[i:])) > 0 {
			t.Fatalf("%d of %d bytes: no error", i, len(data))
		}
	}
	for name, text := range map[string]string{
		"not JSON":         "<epcis/>",
		"a number":         "1",
		"body no object":   `{"@context":{},"epcisBody":[]}`,
		"list no array":    `{"@context":{},"epcisBody":{"eventList":{}}}`,
		"no context":       `{"type":"EPCISDocument","epcisBody":{"eventList":[]}}`,
		"event no object":  `[1]`,
		"nested very deep": `[{"x:y":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]`,
	} {
		if events, err := epcis.Decode([]byte(text)); err == nil {
			t.Errorf("%s: %v", name, events)
		}
	}
}

// endless is a document that never ends its first event.
type endless struct{ begun bool }

func (e *endless) Read(p []byte) (int, error) {
	if !e.begun {
		e.begun = true
		return copy(p, `{"@context":{},"epcisBody":{"eventList":[{"type":"`), nil
	}
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestEventTooLong(t *testing.T) {
	for _, err := range epcis.NewDecoder(&endless{}, &epcis.DecoderOptions{MaxEvent: 1 << 20}).Events() {
		if err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("error %v", err)
		}
	}
}

func TestTooManyValues(t *testing.T) {
	text := `[{"x:y":[` + strings.Repeat("0,", 1<<20) + `0]},` + oneEvent + `]`
	var errs []error
	for _, err := range epcis.NewDecoder(strings.NewReader(text), nil).Events() {
		errs = append(errs, err)
	}
	if len(errs) != 2 || errs[0] == nil || !strings.Contains(errs[0].Error(), "too many values") || errs[1] != nil {
		t.Errorf("errors %v", errs)
	}
}

func TestStopEarly(t *testing.T) {
	for range epcis.NewDecoder(strings.NewReader("["+oneEvent+","+oneEvent+"]"), nil).Events() {
		break
	}
}

func TestEncoderErrors(t *testing.T) {
	events, err := epcis.Decode([]byte(oneEvent))
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	enc := epcis.NewEncoder(failing{boom}, nil)
	for range 2 {
		if err := enc.Encode(events[0]); !errors.Is(err, boom) {
			t.Errorf("error %v", err)
		}
	}
	bad := *events[0]
	bad.Extensions = []trace.Field{{Name: "x:y", Value: trace.Value{Kind: trace.Number, Text: "007"}}}
	if _, err := epcis.Marshal(&bad); err == nil {
		t.Error("007 written as a number")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func FuzzDecode(f *testing.F) {
	f.Add(readDocument(f))
	f.Add([]byte(oneEvent))
	f.Add([]byte(`{"type":"EPCISDocument","epcisBody":{"eventList":[` + oneEvent + `]},"@context":[]}`))
	f.Fuzz(checkFuzzed)
}

// checkFuzzed reads anything. What is valid is written, and read back as the same event.
func checkFuzzed(t *testing.T, data []byte) {
	for e, err := range epcis.NewDecoder(bytes.NewReader(data), &epcis.DecoderOptions{KeepInvalid: true}).Events() {
		if e == nil {
			continue
		}
		e.PreHash(trace.CBV20)
		e.PreHash(trace.CBV21)
		if err != nil {
			continue
		}
		text, err := epcis.Marshal(e)
		if err != nil {
			t.Fatalf("%v: %+v", err, e)
		}
		again, err := epcis.Decode(text)
		if err != nil || len(again) != 1 {
			t.Fatalf("%v\n%s", err, text)
		}
		if e.Hash(trace.CBV20) != again[0].Hash(trace.CBV20) {
			t.Fatalf("another hash\n%s\n%s\n%s", text, e.PreHash(trace.CBV20), again[0].PreHash(trace.CBV20))
		}
	}
}
