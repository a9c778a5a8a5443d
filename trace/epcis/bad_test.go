package epcis_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// lines is an event in several lines, in JSON and in XML. TestBadInput changes one of them.
const (
	linesJSON = `{
"type": "ObjectEvent",
"action": "OBSERVE",
"eventTime": "2026-01-13T12:52:38+07:00",
"eventTimeZoneOffset": "+07:00",
"epcList": [
"https://id.gs1.org/01/08935001000020/21/A",
"https://id.gs1.org/01/08935001000020/21/B"
],
"quantityList": [
{"epcClass": "https://id.gs1.org/01/08935001000020/10/L",
"quantity": 5}
],
"bizStep": "shipping",
"disposition": "in_transit",
"readPoint": {
"id": "https://id.gs1.org/414/8935309000012"}
}
`
	linesXML = `<ObjectEvent>
<eventTime>2026-01-13T12:52:38+07:00</eventTime>
<eventTimeZoneOffset>+07:00</eventTimeZoneOffset>
<epcList>
<epc>urn:epc:id:sgtin:8935001.000002.A</epc>
<epc>https://id.gs1.org/01/08935001000020/21/B</epc>
</epcList>
<action>OBSERVE</action>
<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>
<disposition>urn:epcglobal:cbv:disp:in_transit</disposition>
<readPoint>
<id>https://id.gs1.org/414/8935309000012</id></readPoint>
<extension>
<quantityList>
<quantityElement><epcClass>https://id.gs1.org/01/08935001000020/10/L</epcClass>
<quantity>5</quantity></quantityElement>
</quantityList>
</extension>
</ObjectEvent>
`
)

// TestBadInput damages one line of an event between two good ones. The error says which event, line and field it is, and
// the good events are read all the same.
func TestBadInput(t *testing.T) {
	type row struct {
		from, to, field string
		line            int // of the event, from 1
		text            string
	}
	groups := []struct {
		name             string
		event            string
		begin, sep, end  string
		before, fileLine int // events and lines in front of the damaged event
		rows             map[string]row
	}{
		{name: "JSON", event: linesJSON, begin: `{"@context":[],"type":"EPCISDocument","epcisBody":{"eventList":[` + "\n", sep: ",\n", end: "]}}", before: 1,
			rows: map[string]row{
				"unknown type":               {`"ObjectEvent"`, `"PackEvent"`, "type", 2, `unknown event type "PackEvent"`},
				"no type":                    {"\"type\": \"ObjectEvent\",\n", "\n", "type", 1, "missing"},
				"unknown action":             {"OBSERVE", "SEE", "action", 3, `unknown action "SEE"`},
				"no time":                    {`"eventTime": "2026-01-13T12:52:38+07:00",`, "", "eventTime", 1, "missing"},
				"not a time":                 {"2026-01-13T12:52:38+07:00", "13.01.2026", "eventTime", 4, "not a date and time"},
				"no zone":                    {"38+07:00", "38", "eventTime", 4, "time without a zone"},
				"a day that never was":       {"01-13T", "02-30T", "eventTime", 4, "not a date and time"},
				"wrong offset":               {`"+07:00"`, `"+7"`, "eventTimeZoneOffset", 5, "want ±hh:mm"},
				"wrong check digit":          {"000020/21/B", "000021/21/B", "epcList[1]", 8, "check digit is wrong"},
				"wrong check digit of class": {"000020/10/L", "000021/10/L", "quantityList[0].epcClass", 11, "check digit is wrong"},
				"wrong check digit of place": {"309000012", "309000013", "readPoint", 16, "check digit is wrong"},
				"not an identifier":          {"https://id.gs1.org/01/08935001000020/21/A", "A", "epcList[0]", 7, "not a URI"},
				"quantity as text":           {": 5", `: "five"`, "quantityList[0].quantity", 12, "not a number"},
				"unknown word":               {"shipping", "sending", "bizStep", 14, "neither a word of CBV 2.0 nor a URI"},
				"unknown field":              {`"disposition"`, `"state"`, "state", 15, "unknown field"},
				"another type's field":       {`"epcList"`, `"childEPCs"`, "childEPCs", 6, "not part of ObjectEvent"},
				"action of a transformation": {"ObjectEvent", "TransformationEvent", "action", 3, "a TransformationEvent has none"},
				"one field, two values":      {`"disposition": "in_transit"`, `"bizStep": "receiving"`, "bizStep", 14, "given twice"},
				"its own parent": {linesJSON, `{"type":"AggregationEvent","action":"ADD","eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00",
"parentID":"urn:x:a","childEPCs":["urn:x:b",
"urn:x:a"]}`, "childEPCs[1]", 3, "is its own parent"},
			}},
		{name: "XML", event: linesXML, begin: "<EPCISDocument><EPCISBody><EventList>\n", end: "</EventList></EPCISBody></EPCISDocument>", before: 1,
			rows: map[string]row{
				"unknown type":               {"ObjectEvent", "PackEvent", "type", 1, `unknown event type "PackEvent"`},
				"old type":                   {"ObjectEvent", "QuantityEvent", "type", 1, "QuantityEvent is replaced"},
				"unknown action":             {"OBSERVE", "SEE", "action", 8, `unknown action "SEE"`},
				"not a time":                 {"2026-01-13T12:52:38+07:00", "13.01.2026", "eventTime", 2, "not a date and time"},
				"no zone":                    {"38+07:00", "38", "eventTime", 2, "time without a zone"},
				"wrong offset":               {`>+07:00`, `>+7`, "eventTimeZoneOffset", 3, "want ±hh:mm"},
				"wrong check digit":          {"000020/21/B", "000021/21/B", "epcList[1]", 6, "check digit is wrong"},
				"wrong check digit of class": {"000020/10/L", "000021/10/L", "quantityList[0].epcClass", 15, "check digit is wrong"},
				"quantity as text":           {">5<", `>five<`, "quantityList[0].quantity", 16, "not a number"},
				"unknown word":               {"urn:epcglobal:cbv:bizstep:shipping", "sending", "bizStep", 9, "neither a word of CBV 2.0 nor a URI"},
				"unknown field":              {"<action>OBSERVE</action>", "<action>OBSERVE</action><state/>", "state", 8, "unknown field"},
				"unknown item":               {"<epcList>", "<epcList><id/>", "epcList.id", 4, "unknown field"},
				"one field, two values":      {"<readPoint>", "<bizStep>receiving</bizStep><readPoint>", "disposition", 10, "out of order"},
				"out of order":               {"<action>OBSERVE</action>\n<bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>", "<bizStep/>\n<action>OBSERVE</action>", "bizStep", 8, "in front of action, which is out of order"},
				"elements in a text":         {"OBSERVE", "<b/>", "action", 8, "not a text"},
				"text in a list":             {"<epcList>", "<epcList>urn:x:y", "epcList", 4, "not a list"},
				"list given twice":           {"</extension>", "<quantityList/></extension>", "quantityList", 14, "given twice"},
			}},
	}
	for _, g := range groups {
		for name, tt := range g.rows {
			t.Run(g.name+", "+name, func(t *testing.T) {
				bad := strings.ReplaceAll(g.event, tt.from, tt.to)
				if bad == g.event {
					t.Fatalf("no %s", tt.from)
				}
				n := 0
				for e, err := range epcis.NewDecoder(strings.NewReader(g.begin+g.event+g.sep+bad+g.sep+g.event+g.end), nil).Events() {
					if n++; n != 2 {
						if err != nil || e == nil {
							t.Errorf("event %d, which is good: %v", n-1, err)
						}
						continue
					}
					at, ok := errors.AsType[*epcis.DecodeError](err)
					if !ok || e != nil {
						t.Fatalf("error %v, event %v", err, e)
					}
					lines := strings.Count(g.begin+g.event+g.sep, "\n")
					if at.Event != 1 || at.Line != lines+tt.line {
						t.Errorf("event %d, line %d, want 1, %d", at.Event, at.Line-lines, tt.line)
					}
					field, ok := errors.AsType[*trace.FieldError](err)
					if !ok || field.Field != tt.field || !strings.Contains(field.Error(), tt.text) {
						t.Errorf("error %v, want one of %s: %s", err, tt.field, tt.text)
					}
				}
				if n != 3 {
					t.Errorf("%d events", n)
				}
			})
		}
	}
}

// What is no document at all, or breaks off, ends the loop with its line.
func TestNotReadable(t *testing.T) {
	for name, tt := range map[string]struct {
		text, want string
		events     int // before it
	}{
		"not JSON":                {"\nPK\x03\x04", "epcis: line 2: neither an EPCIS document nor an event", 0},
		"a web page":              {"\n\n<html><body>404</body></html>", "epcis: line 3: neither an EPCIS document nor an event", 0},
		"not JSON in an event":    {"[" + linesJSON + ",{\n\"type\": ObjectEvent}]", "epcis: line 20: event 1: not JSON", 1},
		"not JSON between events": {"[" + linesJSON + "\n" + linesJSON + "]", "epcis: line 20: not JSON", 1},
		"not XML":                 {"<EPCISDocument>\n<EPCISBody>\n</EventList>", "epcis: line 3: not XML: element <EPCISBody> closed by </EventList>", 0},
		"not XML in an event":     {"<EPCISDocument><EventList>\n" + linesXML + "<ObjectEvent>\n<action>&nbsp;", "epcis: line 22: not XML: invalid character entity &nbsp;", 1},
		"JSON cut off":            {"[" + linesJSON + "," + linesJSON[:200], "epcis: line 26: unexpected EOF", 1},
		"XML cut off":             {"<EPCISDocument><EventList>\n" + linesXML + linesXML[:200], "epcis: line 26: unexpected EOF", 1},
		"line cut off":            {linesJSON + linesJSON[:60], "unexpected EOF", 1},
		"UTF-16 cut off":          {utf16le(linesXML + linesXML)[:2*len(linesXML)+101], "unexpected EOF", 1},
		"unknown encoding":        {`<?xml version="1.0" encoding="EBCDIC"?><ObjectEvent/>`, "epcis: line 1: ", 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			var last error
			for _, err := range epcis.NewDecoder(strings.NewReader(tt.text), nil).Events() {
				if last = err; err == nil {
					n++
				}
			}
			if last == nil || !strings.HasPrefix(last.Error(), tt.want) && !strings.HasSuffix(last.Error(), tt.want) {
				t.Errorf("error %v, want %s", last, tt.want)
			}
			if strings.Contains(tt.want, "EOF") && !errors.Is(last, io.ErrUnexpectedEOF) {
				t.Errorf("error %v is another one", last)
			}
			if n != tt.events {
				t.Errorf("%d events before it, want %d", n, tt.events)
			}
		})
	}
}
