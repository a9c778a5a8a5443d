package schematest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// vectors returns the path of a file of vectors, which are beside the folder of the module under test, and skips the
// test when it is missing.
func vectors(t testing.TB, name string) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(root), "shared", "vectors", filepath.FromSlash(name))
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		t.Skipf("shared/vectors/%s is missing", name)
	}
	return file
}

func schema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open(vectors(t, "epcis/EPCIS-JSON-Schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseRegexpEngine(compile)
	const name = "https://gs1.github.io/EPCIS/EPCIS-JSON-Schema.json"
	if err := c.AddResource(name, text); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// compile knows the one thing in the patterns of the schema that package regexp does not: "^(?!x)", not beginning with x.
func compile(pattern string) (jsonschema.Regexp, error) {
	if inner, ok := strings.CutPrefix(pattern, "^(?!"); ok {
		re, err := regexp.Compile("^(?:" + strings.TrimSuffix(inner, ")") + ")")
		return unless{re}, err
	}
	return regexp.Compile(pattern)
}

type unless struct{ *regexp.Regexp }

func (u unless) MatchString(s string) bool { return !u.Regexp.MatchString(s) }

func check(s *jsonschema.Schema, text []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

type verdict struct {
	File    string
	DocType *string `json:"doc_type"`
	Valid   bool
}

func verdicts(t testing.TB, name string) (out []verdict) {
	t.Helper()
	f, err := os.Open(vectors(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for dec := json.NewDecoder(bufio.NewReader(f)); dec.More(); {
		var v verdict
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if v.DocType != nil && !strings.Contains(v.File, "__Queries__") {
			out = append(out, v)
		}
	}
	return out
}

// TestVerdicts reads every document that the schema accepts, and of those that are invalid on purpose refuses what it
// refuses.
func TestVerdicts(t *testing.T) {
	s := schema(t)
	read, refused := 0, 0
	for _, v := range verdicts(t, "epcis/schema_validation_json.jsonl") {
		t.Run(v.File, func(t *testing.T) {
			text, err := os.ReadFile(vectors(t, "epcis/"+v.File))
			if err != nil {
				t.Fatal(err)
			}
			valid := check(s, text)
			_, err = epcis.Decode(text)
			switch {
			case valid == nil && err != nil:
				t.Errorf("valid, and not read: %v", err)
			case valid == nil:
				read++
			case strings.Contains(v.File, "Invalid"):
				if err == nil {
					t.Errorf("read, and not valid: %v", valid)
				}
				refused++
			}
			if (valid == nil) != v.Valid {
				t.Logf("another validator: valid %t, ours: %v", v.Valid, valid)
			}
		})
	}
	t.Logf("%d documents read, %d refused", read, refused)
}

// notValid lists documents in XML whose events cannot be written as valid JSON without a loss, and why.
var notValid = map[string]string{
	"gs1/XML__Example-PersistentDisposition.xml":                                                     persistent,
	"openepcis/2.0__EPCIS__XML__Capture__Documents__AggregationEvent_with_persistentDisposition.xml": persistent,
	"openepcis/1.2__EPCIS__XML__Capture__Documents__All_eventTypes_in_single_document.xml":           persistent,
	"openepcis/2.0__EPCIS__XML__Capture__Documents__SensorData_with_combined_events.xml":             "a sensorReport of an exception has a type in JSON, and none in XML",
}

const persistent = "persistentDisposition is part of an AggregationEvent by the XML schema, and not by the JSON schema"

// TestWritten writes the events of every document that is read, in every form that there is, and finds each text valid
// and the same events in it.
func TestWritten(t *testing.T) {
	s := schema(t)
	var prefixes strings.Builder
	for c := '0'; c <= '9'; c++ {
		fmt.Fprintf(&prefixes, `{"prefix":"%c","gcpLength":7}`, c)
	}
	lengths, err := gs1.ReadPrefixes(strings.NewReader(prefixes.String()))
	if err != nil {
		t.Fatal(err)
	}
	date := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	documents, events := 0, 0
	write := func(t *testing.T, in []*trace.Event, valid bool) {
		want := make([]*trace.Event, len(in))
		for i, e := range in {
			c := *e
			c.EventID = e.ID()
			want[i] = &c
			text, err := epcis.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if err := check(s, text); err != nil && valid {
				t.Errorf("event %d: %v\n%s", i, err, text)
			}
			got, err := epcis.Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[i:i+1], got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("event %d (-want +got):\n%s", i, diff)
			}
			if valid {
				events++
			}
		}
		for name, opts := range map[string]*epcis.EncoderOptions{
			"document":       {CreationDate: date},
			"query document": {CreationDate: date, QueryName: "SimpleEventQuery"},
			"URNs":           {CreationDate: date, URNs: lengths, Prefixes: map[string]string{"mda": "urn:epcglobal:cbv:mda"}},
			"lines":          {CreationDate: date, Lines: true},
			"query lines":    {CreationDate: date, Lines: true, QueryName: "Q", URNs: lengths},
		} {
			var buf bytes.Buffer
			enc := epcis.NewEncoder(&buf, opts)
			for _, e := range in {
				if err := enc.Encode(e); err != nil {
					t.Fatal(err)
				}
			}
			if err := enc.Close(); err != nil {
				t.Fatal(err)
			}
			text := buf.Bytes()
			if opts.Lines {
				text, _, _ = bytes.Cut(text, []byte("\n")) // the header; the others are events of its context
			}
			if err := check(s, text); (err == nil) != (valid || opts.Lines) {
				t.Errorf("%s: %v\n%s", name, err, text)
			}
			got, err := epcis.Decode(buf.Bytes())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			if valid {
				documents++
			}
		}
	}
	for _, list := range []string{"epcis/schema_validation_json.jsonl", "epcis/schema_validation_xml.jsonl"} {
		for _, v := range verdicts(t, list) {
			if !v.Valid {
				continue
			}
			t.Run(v.File, func(t *testing.T) {
				text, err := os.ReadFile(vectors(t, "epcis/"+v.File))
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(v.File, "CaptureJob") {
					return // no document
				}
				in, err := epcis.Decode(text)
				if err != nil {
					t.Fatal(err)
				}
				reason, listed := notValid[strings.TrimPrefix(v.File, "files/")]
				if listed {
					t.Log(reason)
				}
				if len(in) > 0 {
					write(t, in, !listed)
				}
			})
		}
	}
	t.Run("province", func(t *testing.T) {
		f, err := os.Open(vectors(t, "province/small.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		var in []*trace.Event
		for e, err := range epcis.NewDecoder(f, nil).Events() {
			if err != nil {
				t.Fatal(err)
			}
			if in = append(in, e); len(in) == 100 {
				break
			}
		}
		write(t, in, true)
	})
	t.Run("hops", func(t *testing.T) {
		var in []*trace.Event
		pack, err := gs1.ParseEPC("https://id.gs1.org/01/08935001000020/21/A")
		if err != nil {
			t.Fatal(err)
		}
		box, err := gs1.ParseEPC("https://id.gs1.org/00/089350010000000013")
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []trace.Step{trace.Commissioning, trace.Packing, trace.Unpacking, trace.Shipping, trace.Receiving,
			trace.Dispensing, trace.Destroying, trace.Recalling, trace.Counting, trace.VoidingShipping} {
			h := trace.Hop{Step: step, Time: date, By: "8935309000012", EPCs: []gs1.EPC{pack}, Lot: "L1", Expiry: "271200", Document: "PX-1"}
			switch step {
			case trace.Packing, trace.Unpacking:
				h.Parent = box
			case trace.Shipping:
				h.To = "8935322000013"
			case trace.Receiving:
				h.From = "8935322000013"
			}
			e, err := h.Event()
			if err != nil {
				t.Fatalf("%v: %v", step, err)
			}
			in = append(in, e)
		}
		write(t, in, true)
	})
	t.Logf("%d documents and %d events alone are valid and read back equal", documents, events)
}
