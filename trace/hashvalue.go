package trace

import (
	"slices"
	"strings"
	"time"
)

// The part of the event hash that deals with values whose meaning the standard does not fix: extensions, master data,
// and sensor elements, which have both standard fields and extensions.

// ignored lists names that are for people and never hashed.
func ignored(name string) bool { return name == "comment" || name == "rdfs:comment" || name == "#text" }

// appendFields appends name=value of each field, sorted.
func appendFields(b []byte, fields []Field) []byte {
	if len(fields) == 0 {
		return b
	}
	return appendSorted(b, fieldItems(nil, fields))
}

// fieldItems appends one string for each field, and one for each item of a list.
func fieldItems(items []string, fields []Field) []string {
	for _, f := range fields {
		if ignored(f.Name) {
			continue
		}
		if f.Value.Kind != List {
			items = append(items, fieldItem(f.Name, f.Value))
			continue
		}
		for _, v := range f.Value.List {
			items = append(items, fieldItem(f.Name, v))
		}
	}
	return items
}

func fieldItem(name string, v Value) string {
	b := []byte(name)
	switch v.Kind {
	case Object:
		// An element with attributes or children beside its text, as XML has them, keeps the text under "#text".
		for _, f := range v.Fields {
			if f.Name == "#text" {
				b = appendPair(b, "", canonicalValue(f.Value))
			}
		}
		b = appendFields(b, v.Fields)
	case List:
		b = appendSorted(b, fieldItems(nil, []Field{{Value: v}}))
	default:
		b = appendPair(b, "", canonicalValue(v))
	}
	return string(b)
}

// canonicalValue returns the text that stands for a value in the hash: numbers without superfluous zeros, CBV terms as
// web URIs, GS1 keys as canonical Digital Links.
func canonicalValue(v Value) string {
	switch v.Kind {
	case Null:
		return "None"
	case Bool:
		return v.Text
	case Number:
		return decimal(v.Text)
	}
	s := strings.TrimSpace(v.Text)
	if isDecimal(s) {
		return decimal(s)
	}
	for _, ns := range [...]struct{ prefix, uri string }{
		{"gs1:", "https://ref.gs1.org/voc/"},
		{"cbv:", cbvStem},
		{"epcis:", "https://ref.gs1.org/epcis/"},
	} {
		if rest, ok := strings.CutPrefix(s, ns.prefix); ok {
			s = ns.uri + rest
		}
	}
	if !strings.Contains(s, ":") {
		return s
	}
	for _, kind := range cbvKinds {
		s = strings.ReplaceAll(s, kind.urn, cbvStem+kind.web)
	}
	if id, err := ParseID(s); err == nil {
		return string(id)
	}
	return s
}

// sensorMetadata and sensorReport list the standard fields of a sensor element in the order of CBV 2.0 section 8.9.2.
var (
	sensorMetadata = []string{"time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
		"dataProcessingMethod", "bizRules"}
	sensorReport = []string{"type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
		"microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue",
		"uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom",
		"coordinateReferenceSystem"}
)

// appendSensors appends the sensor elements with their standard fields; in CBV 2.1 also with their extensions.
func appendSensors(b []byte, sensors []Value, p Profile) []byte {
	items := make([]string, 0, len(sensors))
	for _, v := range sensors {
		s := sensorBlocks(v, "sensorMetadata", sensorMetadata, p)
		s = append(s, sensorBlocks(v, "sensorReport", sensorReport, p)...)
		if p == CBV21 {
			s = appendFields(s, extensions(v.Fields, "sensorMetadata", "sensorReport"))
		}
		if len(s) > 0 {
			items = append(items, "sensorElement"+string(s))
		}
	}
	if len(items) > 0 && p == CBV21 {
		b = append(b, "sensorElementList"...)
	}
	return appendSorted(b, items)
}

// blocks returns the objects that a sensor element holds under a name: one, or a list of them.
func blocks(v Value, name string) []Value {
	var out []Value
	for _, f := range v.Fields {
		switch {
		case f.Name != name:
		case f.Value.Kind == List:
			out = append(out, f.Value.List...)
		default:
			out = append(out, f.Value)
		}
	}
	return out
}

func sensorBlocks(v Value, name string, order []string, p Profile) []byte {
	var items []string
	for _, block := range blocks(v, name) {
		b := []byte(name)
		for _, key := range order {
			for _, f := range block.Fields {
				if f.Name == key {
					b = appendPair(b, key, sensorValue(key, f.Value))
				}
			}
		}
		if p == CBV21 {
			b = appendFields(b, extensions(block.Fields, order...))
		}
		if len(b) > len(name) {
			items = append(items, string(b))
		}
	}
	return appendSorted(nil, items)
}

func sensorValue(key string, v Value) string {
	s := strings.TrimSpace(v.Text)
	switch key {
	case "time", "startTime", "endTime":
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return string(appendTime(nil, t))
		}
	case "type", "exception":
		if s != "" && !strings.Contains(s, ":") {
			return "https://ref.gs1.org/voc/" + s
		}
	case "component":
		if s != "" && !strings.Contains(s, ":") {
			return cbvStem + "Comp-" + s
		}
	}
	return canonicalValue(v)
}

// extensions returns the fields that are not among the standard names.
func extensions(fields []Field, standard ...string) []Field {
	var out []Field
	for _, f := range fields {
		if !slices.Contains(standard, f.Name) {
			out = append(out, f)
		}
	}
	return out
}

// appendSensorExtensions appends the extensions of sensor elements behind the names of the fields that hold them, as
// CBV 2.0 has it.
func appendSensorExtensions(b []byte, sensors []Value) []byte {
	for _, v := range sensors {
		var inner []byte
		for _, block := range blocks(v, "sensorMetadata") {
			if ext := appendFields(nil, extensions(block.Fields, sensorMetadata...)); len(ext) > 0 {
				inner = append(append(inner, "sensorMetadata"...), ext...)
			}
		}
		for _, block := range blocks(v, "sensorReport") {
			if ext := appendFields(nil, extensions(block.Fields, sensorReport...)); len(ext) > 0 {
				inner = append(append(inner, "sensorReport"...), ext...)
			}
		}
		inner = appendFields(inner, extensions(v.Fields, "sensorMetadata", "sensorReport"))
		if len(inner) > 0 {
			b = append(append(b, "sensorElement"...), inner...)
		}
	}
	return b
}
