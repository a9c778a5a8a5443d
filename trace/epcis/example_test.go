package epcis_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

func ExampleDecoder() {
	document := `{
		"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
		"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-01-14T00:00:00Z",
		"epcisBody": {"eventList": [
			{"type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2026-01-13T12:52:38+07:00", "eventTimeZoneOffset": "+07:00",
			 "epcList": ["urn:epc:id:sgtin:8935001.000002.AG5MQQZ46T"], "bizStep": "dispensing", "disposition": "dispensed",
			 "readPoint": {"id": "urn:epc:id:sgln:8935309.00001.0"}},
			{"type": "ObjectEvent", "action": "OBSERVE", "eventTime": "yesterday", "eventTimeZoneOffset": "+07:00",
			 "epcList": ["urn:epc:id:sgtin:8935001.000002.AG5MQQZ46T"]}
		]}
	}`
	for e, err := range epcis.NewDecoder(strings.NewReader(document), nil).Events() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(e.BizStep, e.EPCs[0], e.Actor())
	}
	// Output:
	// dispensing https://id.gs1.org/01/08935001000020/21/AG5MQQZ46T 8935309000012
	// epcis: line 8: event 1: eventTime: not a date and time: "yesterday"
}

func ExampleEncoder() {
	enc := epcis.NewEncoder(os.Stdout, &epcis.EncoderOptions{CreationDate: time.Date(2026, 1, 14, 0, 0, 0, 0, time.UTC)})
	err := enc.Encode(&trace.Event{
		Type:       trace.ObjectEvent,
		Action:     trace.Observe,
		Time:       time.Date(2026, 1, 13, 12, 52, 38, 0, time.FixedZone("", 7*3600)),
		EPCs:       []trace.ID{"https://id.gs1.org/01/08935001000020/21/AG5MQQZ46T"},
		BizStep:    trace.BizStepDispensing,
		Extensions: []trace.Field{trace.NewField("lot", "TN26AB01")},
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := enc.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"dauvet":"https://dauvet.github.io/epcis/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-14T00:00:00Z","epcisBody":{"eventList":[
	// {"eventID":"ni:///sha-256;60776ad046bf390ed7a634000efcd7fc42a9229ffb9708e593fb8d57265c54b4?ver=CBV2.0","type":"ObjectEvent","eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00","epcList":["https://id.gs1.org/01/08935001000020/21/AG5MQQZ46T"],"action":"OBSERVE","bizStep":"dispensing","dauvet:lot":"TN26AB01"}
	// ]}}
}

func ExampleCapture() {
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()
	repo, err := trace.Open(context.Background(), l, nil)
	if err != nil {
		log.Fatal(err)
	}
	const shipment = `<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-01-14T00:00:00Z"><EPCISBody><EventList>
		<ObjectEvent><eventTime>2026-01-13T12:52:38+07:00</eventTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset>
			<epcList><epc>urn:epc:id:sgtin:8935001.000002.A</epc></epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep></ObjectEvent>
		<ObjectEvent><eventTime>2026-01-13T12:55:00+07:00</eventTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset>
			<epcList><epc>8935001000020</epc></epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep></ObjectEvent>
		</EventList></EPCISBody></epcis:EPCISDocument>`
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(shipment)), nil } // of a file: os.Open

	captured, err := epcis.Capture(context.Background(), repo, open, nil)
	fmt.Println(captured.Events, "recorded:", err)
	captured, err = epcis.Capture(context.Background(), repo, open, &epcis.CaptureOptions{ErrorBehaviour: epcis.Proceed})
	fmt.Println(captured.Events, "recorded,", captured.Refused, "refused:", err)
	// Output:
	// 0 recorded: epcis: line 5: event 1: epcList[0]: not a URI: "8935001000020"
	// 1 recorded, 1 refused: <nil>
}
