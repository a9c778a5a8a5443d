package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// A cold box reports its temperatures with the receipt.
func ExampleSensorElement() {
	repo := open(nil)
	record(repo, trace.Hop{
		Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{pack},
		Sensors: []trace.SensorElement{{
			Metadata: trace.SensorMetadata{DeviceID: "urn:epc:id:giai:8935001.111"},
			Reports:  []trace.SensorReport{{Type: "Temperature", MinValue: "2.1", MaxValue: "9.5", UOM: "CEL"}},
		}},
	})
	events, err := repo.History(context.Background(), pack)
	if err != nil {
		log.Fatal(err)
	}
	elements, err := events[0].SensorElements()
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range elements[0].Reports {
		fmt.Println(r.Type, r.MinValue, "to", r.MaxValue, r.UOM)
	}
	// Output:
	// Temperature 2.1 to 9.5 CEL
}

// fullSensor has something in every field.
func fullSensor() trace.SensorElement {
	at, yes := time.Date(2026, 3, 2, 8, 0, 0, 250_000_000, time.UTC), true
	return trace.SensorElement{
		Metadata: trace.SensorMetadata{
			Time: at, StartTime: at.Add(-time.Hour), EndTime: at.Add(time.Hour),
			DeviceID: "https://id.gs1.org/8004/8935001111", DeviceMetadata: "https://example.vn/device", RawData: "https://example.vn/raw",
			DataProcessingMethod: "https://example.vn/method", BizRules: "https://example.vn/rules",
			Extensions: []trace.Field{ext("firmware", "1.2")},
		},
		Reports: []trace.SensorReport{
			{
				Type: "Temperature", Exception: "ALARM_CONDITION", DeviceID: "https://id.gs1.org/8004/8935001112",
				DeviceMetadata: "https://example.vn/d", RawData: "https://example.vn/r", DataProcessingMethod: "https://example.vn/m",
				BizRules: "https://example.vn/b", Time: at,
				Microorganism: "https://example.vn/micro", ChemicalSubstance: "https://example.vn/chem", CoordinateReferenceSystem: "https://example.vn/crs",
				Value: "26.10", MinValue: "-0.5", MaxValue: "26.2", MeanValue: "13.2", SDev: "0.1", PercRank: "50", PercValue: "12.7",
				UOM: "CEL", Component: "x", StringValue: "warm", HexBinaryValue: "f0f0", BooleanValue: &yes, URIValue: "https://example.vn/v",
				Extensions: []trace.Field{ext("probe", "A")},
			},
			{Type: "AbsoluteHumidity", Value: "12.1", UOM: "A93"},
		},
		Extensions: []trace.Field{ext("box", "7")},
	}
}

// What is typed survives the ledger and JSON, and its hash.
func TestSensorRoundTrip(t *testing.T) {
	want := []trace.SensorElement{fullSensor(), {Reports: []trace.SensorReport{{Type: "Illuminance", Value: "800", UOM: "LUX"}}}}
	e, err := trace.Hop{Step: trace.Receiving, Time: hopsAt, By: pharmacy, EPCs: []gs1.EPC{pack}, Sensors: want}.Event()
	if err != nil {
		t.Fatal(err)
	}
	repo := open(nil)
	if _, err := repo.Capture(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	events, err := repo.History(t.Context(), pack)
	if err != nil {
		t.Fatal(err)
	}
	var document bytes.Buffer
	enc := epcis.NewEncoder(&document, nil)
	if err := errors.Join(enc.Encode(e), enc.Close()); err != nil {
		t.Fatal(err)
	}
	decoded, err := epcis.Decode(document.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*trace.Event{"ledger": events[0], "JSON": decoded[0]} {
		elements, err := got.SensorElements()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, elements); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, p := range []trace.Profile{trace.CBV20, trace.CBV21} {
			if got.Hash(p) != e.Hash(p) {
				t.Errorf("%s: %s differs", name, p)
			}
		}
	}
}

func TestSensorRefuses(t *testing.T) {
	text := func(name, s string) trace.Field { return trace.Field{Name: name, Value: trace.Value{Text: s}} }
	object := func(fields ...trace.Field) trace.Value { return trace.Value{Kind: trace.Object, Fields: fields} }
	report := func(fields ...trace.Field) trace.Value {
		return object(trace.Field{Name: "sensorReport", Value: trace.Value{Kind: trace.List, List: []trace.Value{
			object(text("type", "Temperature")), object(append(fields, text("type", "Temperature"))...)}}})
	}
	for field, v := range map[string]trace.Value{
		"":                              {},
		".sensorReport":                 object(),
		".sensorReport[0]":              object(trace.Field{Name: "sensorReport", Value: trace.Value{Text: "5"}}),
		".sensorReport[0].type":         object(trace.Field{Name: "sensorReport", Value: object(text("uom", "CEL"))}),
		".sensorMetadata":               object(text("sensorMetadata", "x")),
		".sensorMetadata.time":          object(trace.Field{Name: "sensorMetadata", Value: object(text("time", "yesterday"))}),
		".sensorReport[1].value":        report(text("value", "warm")),
		".sensorReport[1].maxValue":     report(trace.Field{Name: "maxValue", Value: trace.Value{Kind: trace.Null}}),
		".sensorReport[1].booleanValue": report(text("booleanValue", "yes")),
		".sensorReport[1].deviceID":     report(text("deviceID", "no URI")),
		".sensorReport[1].uom":          report(trace.Field{Name: "uom", Value: trace.Value{Kind: trace.Number, Text: "5"}}),
	} {
		e := &trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, Time: hopsAt, Sensors: []trace.Value{v}}
		err := e.Validate()
		if f, ok := errors.AsType[*trace.FieldError](err); !ok || f.Field != "sensorElementList[0]"+field {
			t.Errorf("error %v, want one of sensorElementList[0]%s", err, field)
		}
	}
}

// The sensor data of every document, typed and written again, has the same hash and says the same.
func TestSensorVectors(t *testing.T) {
	root := filepath.Dir(shared(t, "epcis/manifest.jsonl"))
	elements := 0
	err := filepath.WalkDir(filepath.Join(root, "files"), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		events, err := epcis.Decode(data)
		if err != nil {
			return nil // other tests are about these
		}
		for i, e := range events {
			if len(e.Sensors) == 0 {
				continue
			}
			want, err := e.SensorElements()
			if err != nil {
				t.Errorf("%s: event %d: %v", file, i, err)
				continue
			}
			elements += len(want)
			c := *e
			c.Sensors = nil
			for _, s := range want {
				c.Sensors = append(c.Sensors, s.Value())
			}
			got, err := c.SensorElements()
			if err != nil {
				t.Errorf("%s: event %d: %v", file, i, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: event %d (-want +got):\n%s", file, i, diff)
			}
			for _, p := range []trace.Profile{trace.CBV20, trace.CBV21} {
				if c.Hash(p) != e.Hash(p) {
					t.Errorf("%s: event %d: %s differs\n%s\n%s", file, i, p, e.PreHash(p), c.PreHash(p))
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if elements < 50 {
		t.Errorf("only %d sensor elements", elements)
	}
	t.Logf("%d sensor elements", elements)
}
