package trace

import (
	"errors"
	"fmt"
	"time"
)

// SensorElement is what sensors observed at an event, such as the temperature of a cold box (EPCIS 2.0, 7.3.5). An
// [Event] keeps its sensor elements as they came; [Event.SensorElements] reads them and [SensorElement.Value] makes one.
type SensorElement struct {
	Metadata   SensorMetadata // what all reports have in common
	Reports    []SensorReport // at least one
	Extensions []Field
}

// SensorMetadata is what the reports of a sensor element have in common (EPCIS 2.0, 7.3.5.1).
type SensorMetadata struct {
	Time                 time.Time
	StartTime, EndTime   time.Time // of an observation that took a while
	DeviceID             ID
	DeviceMetadata       ID
	RawData              ID
	DataProcessingMethod ID
	BizRules             ID
	Extensions           []Field
}

// SensorReport is one observation (EPCIS 2.0, 7.3.5.2). Numbers are decimals as text, exact. What is empty was not said.
type SensorReport struct {
	Type      string // what was measured: a word of the GS1 Web Vocabulary, "Temperature", or a URI
	Exception string // "ALARM_CONDITION", "ERROR_CONDITION" or a URI

	DeviceID             ID
	DeviceMetadata       ID
	RawData              ID
	DataProcessingMethod ID
	BizRules             ID
	Time                 time.Time

	Microorganism             ID
	ChemicalSubstance         ID
	CoordinateReferenceSystem ID

	Value, MinValue, MaxValue, MeanValue string
	SDev, PercRank, PercValue            string
	UOM                                  string // unit of measure (UN/CEFACT Recommendation 20): "CEL"
	Component                            string // of what has several: "x", "latitude", …

	StringValue, HexBinaryValue string
	BooleanValue                *bool
	URIValue                    ID

	Extensions []Field
}

// SensorElements reads the sensor elements of the event. The error is a *[FieldError] that names what is not as EPCIS
// has it, "sensorElementList[0].sensorReport[1].value"; [Event.Validate] returns the same.
func (e *Event) SensorElements() ([]SensorElement, error) {
	out := make([]SensorElement, len(e.Sensors))
	for i, v := range e.Sensors {
		if err := out[i].read(fmt.Sprintf("sensorElementList[%d]", i), v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Value returns the element as an [Event] has it in Sensors.
func (s SensorElement) Value() Value {
	var fields []Field
	if list := append(writeSlots(s.Metadata.slots()), s.Metadata.Extensions...); len(list) > 0 {
		fields = append(fields, Field{"sensorMetadata", Value{Kind: Object, Fields: list}})
	}
	reports := make([]Value, len(s.Reports))
	for i, r := range s.Reports {
		reports[i] = Value{Kind: Object, Fields: append(writeSlots(r.slots()), r.Extensions...)}
	}
	fields = append(fields, Field{"sensorReport", Value{Kind: List, List: reports}})
	return Value{Kind: Object, Fields: append(fields, s.Extensions...)}
}

func (s *SensorElement) read(at string, v Value) (err error) {
	if v.Kind != Object {
		return fieldError(at, "not an object")
	}
	for _, f := range v.Fields {
		switch f.Name {
		case "sensorMetadata":
			s.Metadata.Extensions, err = readSlots(at+".sensorMetadata", s.Metadata.slots(), f.Value)
		case "sensorReport":
			list := f.Value.List
			if f.Value.Kind != List { // one alone
				list = []Value{f.Value}
			}
			s.Reports = make([]SensorReport, len(list))
			for i := range list {
				if err = s.Reports[i].read(fmt.Sprintf("%s.sensorReport[%d]", at, i), list[i]); err != nil {
					return err
				}
			}
		default:
			s.Extensions = append(s.Extensions, f)
		}
		if err != nil {
			return err
		}
	}
	if len(s.Reports) == 0 {
		return fieldError(at+".sensorReport", "missing")
	}
	return nil
}

func (r *SensorReport) read(at string, v Value) (err error) {
	r.Extensions, err = readSlots(at, r.slots(), v)
	if err == nil && r.Type == "" && r.Exception == "" {
		err = fieldError(at+".type", "missing")
	}
	return err
}

// slot is a standard field: its name, and where its value is kept.
type slot struct {
	name string
	to   any // *string, *number, *ID, *time.Time or **bool
}

// number is a decimal as text.
type number string

func (m *SensorMetadata) slots() []slot {
	return []slot{
		{"time", &m.Time}, {"startTime", &m.StartTime}, {"endTime", &m.EndTime}, {"deviceID", &m.DeviceID},
		{"deviceMetadata", &m.DeviceMetadata}, {"rawData", &m.RawData},
		{"dataProcessingMethod", &m.DataProcessingMethod}, {"bizRules", &m.BizRules},
	}
}

func (r *SensorReport) slots() []slot {
	return []slot{
		{"type", &r.Type}, {"exception", &r.Exception}, {"deviceID", &r.DeviceID}, {"deviceMetadata", &r.DeviceMetadata},
		{"rawData", &r.RawData}, {"dataProcessingMethod", &r.DataProcessingMethod}, {"bizRules", &r.BizRules},
		{"time", &r.Time}, {"microorganism", &r.Microorganism}, {"chemicalSubstance", &r.ChemicalSubstance},
		{"value", (*number)(&r.Value)}, {"component", &r.Component}, {"stringValue", &r.StringValue},
		{"booleanValue", &r.BooleanValue}, {"hexBinaryValue", &r.HexBinaryValue}, {"uriValue", &r.URIValue},
		{"minValue", (*number)(&r.MinValue)}, {"maxValue", (*number)(&r.MaxValue)}, {"meanValue", (*number)(&r.MeanValue)},
		{"sDev", (*number)(&r.SDev)}, {"percRank", (*number)(&r.PercRank)}, {"percValue", (*number)(&r.PercValue)},
		{"uom", &r.UOM}, {"coordinateReferenceSystem", &r.CoordinateReferenceSystem},
	}
}

// readSlots reads an object into the slots of its standard fields, and returns the others.
func readSlots(at string, slots []slot, v Value) (rest []Field, err error) {
	if v.Kind != Object {
		return nil, fieldError(at, "not an object")
	}
next:
	for _, f := range v.Fields {
		for _, s := range slots {
			if s.name == f.Name {
				if err := s.set(f.Value); err != nil {
					return nil, &FieldError{at + "." + s.name, err}
				}
				continue next
			}
		}
		rest = append(rest, f)
	}
	return rest, nil
}

func (s slot) set(v Value) (err error) {
	switch to := s.to.(type) {
	case **bool:
		if v.Text != "true" && v.Text != "false" || v.Kind != Bool && v.Kind != Text {
			return errors.New("neither true nor false")
		}
		is := v.Text == "true"
		*to = &is
		return nil
	case *number:
		if !isDecimal(v.Text) || v.Kind != Number && v.Kind != Text {
			return errors.New("not a decimal number")
		}
		*to = number(v.Text)
		return nil
	}
	if v.Kind != Text {
		return errors.New("not a string")
	}
	switch to := s.to.(type) {
	case *string:
		*to = v.Text
	case *ID:
		*to, err = ParseID(v.Text)
	case *time.Time:
		*to, err = time.Parse(time.RFC3339Nano, v.Text)
	}
	return err
}

// writeSlots returns the fields of the slots that are not empty.
func writeSlots(slots []slot) (out []Field) {
	add := func(name string, kind Kind, text string) {
		if text != "" {
			out = append(out, Field{name, Value{Kind: kind, Text: text}})
		}
	}
	for _, s := range slots {
		switch from := s.to.(type) {
		case *string:
			add(s.name, Text, *from)
		case *ID:
			add(s.name, Text, string(*from))
		case *number:
			add(s.name, Number, string(*from))
		case *time.Time:
			if !from.IsZero() {
				add(s.name, Text, from.Format(time.RFC3339Nano))
			}
		case **bool:
			if *from != nil {
				add(s.name, Bool, fmt.Sprint(**from))
			}
		}
	}
	return out
}
