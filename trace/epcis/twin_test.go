package epcis_test

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// twinDiffers lists the events that XML and JSON documents of one name tell differently, and how. Events count from 0.
var twinDiffers = map[string]string{
	"TransactionEvent_with_userExtensions 0": bareWord,
	"SensorData_with_combined_events 7":      bareWord,
	"SensorData_with_combined_events 10":     bareWord,
	"ObjectEventWithAllPossibleFields 0":     "declarationTime has no seconds in XML",
}

const bareWord = "a measurement type that is not in the vocabulary: gs1:EffectiveDoseRate or gs1:Molar_concentration in XML, a bare word in JSON"

// TestTwins reads documents that exist in XML and in JSON. Their events are equal, and so are the hashes.
func TestTwins(t *testing.T) {
	files := make(map[string][2]string) // JSON, XML
	for _, doc := range jsonLines[document](t, shared(t, "epcis/manifest.jsonl")) {
		name := strings.TrimSuffix(doc.File, filepath.Ext(doc.File))
		pair := files[strings.NewReplacer("__XML__", "__", "__JSON__", "__").Replace(name)]
		if doc.Format == "xml" {
			pair[1] = doc.File
		} else {
			pair[0] = doc.File
		}
		files[strings.NewReplacer("__XML__", "__", "__JSON__", "__").Replace(name)] = pair
	}
	read := func(file string) (events []*trace.Event) {
		f, err := os.Open(shared(t, "epcis/"+file))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for e, err := range epcis.NewDecoder(f, &epcis.DecoderOptions{KeepInvalid: true}).Events() {
			if e == nil {
				t.Fatal(file, err)
			}
			events = append(events, e)
		}
		return events
	}
	docs, all, equal := 0, 0, 0
	for name, pair := range files {
		if pair[0] == "" || pair[1] == "" || strings.Contains(name, "__Queries__") {
			continue
		}
		docs++
		t.Run(name, func(t *testing.T) {
			a, b := read(pair[0]), read(pair[1])
			if len(a) != len(b) || len(a) == 0 {
				t.Fatalf("%d events in JSON, %d in XML", len(a), len(b))
			}
			for i := range a {
				all++
				if reason, ok := twinDiffers[fmt.Sprint(name[strings.LastIndex(name, "__")+2:], " ", i)]; ok {
					if cmp.Equal(plainEvent(a[i]), plainEvent(b[i])) {
						t.Errorf("event %d: equal, but listed as different", i)
					}
					t.Logf("event %d differs: %s", i, reason)
					continue
				}
				equal++
				if diff := cmp.Diff(a[i].PreHash(trace.CBV20), b[i].PreHash(trace.CBV20)); diff != "" {
					t.Errorf("event %d, prehash (-JSON +XML):\n%s", i, diff)
				}
				if diff := cmp.Diff(plainEvent(a[i]), plainEvent(b[i])); diff != "" {
					t.Errorf("event %d (-JSON +XML):\n%s", i, diff)
				}
			}
		})
	}
	t.Logf("%d documents, %d events, %d equal", docs, all, equal)
}

// plainEvent returns an event without the differences that XML and JSON always have: how a number is written, whether
// an extension is a text or a number, and the order of members.
func plainEvent(e *trace.Event) *trace.Event {
	c := *e
	for _, list := range []*[]trace.Quantity{&c.Quantities, &c.ChildQuantities, &c.InputQuantities, &c.OutputQuantities} {
		*list = slices.Clone(*list)
		for i, q := range *list {
			(*list)[i].Amount = plainNumber(q.Amount)
		}
	}
	c.Sensors = plainValue(trace.Value{Kind: trace.List, List: c.Sensors}).List
	for _, fields := range []*[]trace.Field{&c.ILMD, &c.Extensions, &c.ReadPointExt, &c.BizLocationExt} {
		*fields = plainFields(*fields)
	}
	if c.Error != nil {
		d := *c.Error
		d.Extensions = plainFields(d.Extensions)
		c.Error = &d
	}
	return &c
}

func plainFields(fields []trace.Field) []trace.Field {
	var out []trace.Field
	for _, f := range fields {
		if !strings.HasSuffix(f.Name, "comment") {
			out = append(out, trace.Field{Name: f.Name, Value: plainValue(f.Value)})
		}
	}
	slices.SortStableFunc(out, func(a, b trace.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func plainValue(v trace.Value) trace.Value {
	switch v.Kind {
	case trace.Object:
		v.Fields = plainFields(v.Fields)
	case trace.List:
		v.List = slices.Clone(v.List)
		for i := range v.List {
			v.List[i] = plainValue(v.List[i])
		}
	default:
		v = trace.Value{Text: plainText(v.Text)}
	}
	return v
}

func plainText(s string) string {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UTC().String()
	}
	if id, err := trace.ParseID(s); err == nil {
		return string(id)
	}
	return plainNumber(s)
}

func plainNumber(s string) string {
	if r, ok := new(big.Rat).SetString(s); ok && len(s) < 30 {
		return r.RatString()
	}
	return s
}
