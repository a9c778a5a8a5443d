package epcis_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

// fullJSON has every kind of field that an ObjectEvent may have.
const fullJSON = `{"@context":{"vn":"https://duoc.example.vn/epcis/","cbvmda":"urn:epcglobal:cbv:mda"},"type":"ObjectEvent","action":"ADD",
	"eventTime":"2026-01-13T12:52:38.5+07:00","eventTimeZoneOffset":"+07:00","recordTime":"2026-01-13T06:00:00Z","eventID":"urn:uuid:b1080b06-e9cc-11e6-bf0e-fe55135034f3",
	"errorDeclaration":{"declarationTime":"2026-01-14T12:00:00+07:00","reason":"incorrect_data","correctiveEventIDs":["urn:x:1","urn:x:2"],"vn:by":"Đào"},
	"certificationInfo":["https://example.vn/a","https://example.vn/b"],
	"epcList":["https://id.gs1.org/01/08935001000020/21/A","https://id.gs1.org/01/08935001000020/21/B"],
	"quantityList":[{"epcClass":"https://id.gs1.org/01/08935001000020/10/L1","quantity":10.50,"uom":"KGM"},{"epcClass":"https://id.gs1.org/01/08935001000020"}],
	"bizStep":"commissioning","disposition":"active","persistentDisposition":{"set":["conformant"],"unset":["damaged","expired"]},
	"readPoint":{"id":"https://id.gs1.org/414/8935309000012","vn:gate":"3"},"bizLocation":{"id":"https://id.gs1.org/414/8935309000012/254/kho"},
	"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:epcglobal:cbv:bt:8935309000012:PX-1"},{"bizTransaction":"urn:x:y"}],
	"sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/8935309000012"}],
	"destinationList":[{"type":"location","destination":"https://id.gs1.org/414/8935309000012"}],
	"sensorElementList":[{"sensorMetadata":{"deviceID":"urn:epc:id:giai:8935001.1","vn:room":"2"},"sensorReport":[{"type":"Temperature","value":-4.50,"uom":"CEL"},{"exception":"ALARM_CONDITION","booleanValue":true,"stringValue":"on"}],"vn:note":"x"}],
	"ilmd":{"cbvmda:lotNumber":"L1","cbvmda:netWeight":{"measurementUnitCode":"KGM","#text":"3.5"}},
	"vn:price":"12000","vn:list":["1",{"vn:inner":"2","bare":"3"}],"vn:empty":""}`

// The same event in XML, in parts that EPCIS 1.2 and 2.0 have in different places.
const (
	fieldsHead = `<eventTime>2026-01-13T12:52:38.5+07:00</eventTime><recordTime>2026-01-13T06:00:00Z</recordTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset>`
	fieldsBase = `<eventID>urn:uuid:b1080b06-e9cc-11e6-bf0e-fe55135034f3</eventID>
	<errorDeclaration><declarationTime>2026-01-14T12:00:00+07:00</declarationTime><reason>urn:epcglobal:cbv:er:incorrect_data</reason>
	<correctiveEventIDs><correctiveEventID>urn:x:1</correctiveEventID><correctiveEventID>urn:x:2</correctiveEventID></correctiveEventIDs><vn:by>Đào</vn:by></errorDeclaration>
	<certificationInfo>https://example.vn/a</certificationInfo><certificationInfo>https://example.vn/b</certificationInfo>`
	fieldsMain = `<epcList><epc>urn:epc:id:sgtin:8935001.000002.A</epc><epc> https://example.vn/01/08935001000020/10/L1/21/B
	</epc></epcList><action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep><disposition>urn:epcglobal:cbv:disp:active</disposition>
	<readPoint><id>urn:epc:id:sgln:8935309.00001.0</id><vn:gate>3</vn:gate></readPoint><bizLocation><id>urn:epc:id:sgln:8935309.00001.kho</id></bizLocation>
	<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:desadv">urn:epcglobal:cbv:bt:8935309000012:PX-1</bizTransaction><bizTransaction>urn:x:y</bizTransaction></bizTransactionList>`
	fieldsMore = `<quantityList><quantityElement><epcClass>urn:epc:class:lgtin:8935001.000002.L1</epcClass><quantity>+010.50</quantity><uom>KGM</uom></quantityElement>
	<quantityElement><epcClass>urn:epc:idpat:sgtin:8935001.000002.*</epcClass><quantity xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></quantityElement></quantityList>
	<sourceList><source type="urn:epcglobal:cbv:sdt:owning_party">urn:epc:id:pgln:8935309.00001</source></sourceList>
	<destinationList><destination type="urn:epcglobal:cbv:sdt:location">urn:epc:id:sgln:8935309.00001.0</destination></destinationList>`
	fieldsILMD   = `<ilmd><m:lotNumber xmlns:m="urn:epcglobal:cbv:mda">L1</m:lotNumber><m:netWeight xmlns:m="urn:epcglobal:cbv:mda" measurementUnitCode="KGM">3.5</m:netWeight></ilmd>`
	fieldsSensor = `<sensorElementList><sensorElement><sensorMetadata deviceID="urn:epc:id:giai:8935001.1" vn:room="2"/><sensorReport type="gs1:Temperature" value="-4.50" uom="CEL"/>
	<sensorReport exception="gs1:ALARM_CONDITION" booleanValue="true" stringValue="on"/><vn:note>x</vn:note></sensorElement></sensorElementList>
	<persistentDisposition><set>urn:epcglobal:cbv:disp:conformant</set><unset>urn:epcglobal:cbv:disp:damaged</unset><unset>urn:epcglobal:cbv:disp:expired</unset></persistentDisposition>`
	fieldsOwn = `<vn:price>12000</vn:price><vn:list>1</vn:list><vn:list><vn:inner>2</vn:inner><bare>3</bare></vn:list><vn:empty/>`
	vn        = ` xmlns:vn="https://duoc.example.vn/epcis/"`

	event20 = `<ObjectEvent` + vn + `>` + fieldsHead + fieldsBase + fieldsMain + fieldsMore + fieldsSensor + fieldsILMD + fieldsOwn + `</ObjectEvent>`
	event12 = `<ObjectEvent` + vn + `>` + fieldsHead + `<baseExtension>` + fieldsBase + `</baseExtension>` + fieldsMain + `<extension>` + fieldsMore + fieldsILMD +
		`<extension>` + fieldsSensor + `</extension></extension>` + fieldsOwn + `</ObjectEvent>`
	body = `<EPCISHeader><s:StandardBusinessDocumentHeader xmlns:s="urn:s"><EventList><ObjectEvent/></EventList></s:StandardBusinessDocumentHeader>
	<extension><EPCISMasterData><VocabularyList><Vocabulary type="urn:x"><VocabularyElementList/></Vocabulary></VocabularyList></EPCISMasterData></extension></EPCISHeader>
	<EPCISBody><EventList>` + event20 + `</EventList></EPCISBody>`
	documentXML = `<?xml version="1.0" encoding="UTF-8"?><!-- sent by XML --><epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:2" schemaVersion="2.0">` + body + `</epcis:EPCISDocument>`
)

// utf16le encodes a text as editors on Windows do.
func utf16le(s string) string {
	b := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return string(b)
}

// Whatever XML an event is sent in, it is the one of the JSON.
func TestXMLShapes(t *testing.T) {
	want, err := epcis.Decode([]byte(fullJSON))
	if err != nil {
		t.Fatal(err)
	}
	noNames := regexp.MustCompile(`<(/?)([a-zA-Z]+)([ >])`)
	for name, text := range map[string]string{
		"2.0":                documentXML,
		"1.2":                strings.NewReplacer("xsd:2", "xsd:1", event20, event12).Replace(documentXML),
		"byte order mark":    "\xef\xbb\xbf" + documentXML,
		"UTF-16":             utf16le(strings.Replace(documentXML, "UTF-8", "utf-16", 1)),
		"said to be UTF-16":  strings.Replace(documentXML, "UTF-8", "utf-16", 1),
		"ISO 8859-1":         strings.NewReplacer("UTF-8", "ISO-8859-1", "Đào", "&#272;\xe0o").Replace(documentXML),
		"one event":          event20,
		"one event of 1.2":   event12,
		"query document":     `<q:EPCISQueryDocument xmlns:q="urn:epcglobal:epcis-query:xsd:2"><EPCISBody><q:QueryResults><queryName>x</queryName><resultsBody><EventList>` + event20 + `</EventList></resultsBody></q:QueryResults></EPCISBody></q:EPCISQueryDocument>`,
		"answer in SOAP":     `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><QueryResults><resultsBody><EventList>` + event20 + `</EventList></resultsBody></QueryResults></s:Body></s:Envelope>`,
		"default namespace":  strings.NewReplacer("epcis:EPCISDocument", "EPCISDocument", "xmlns:epcis", "xmlns", "<bare>", `<bare xmlns="">`).Replace(documentXML),
		"prefix everywhere":  noNames.ReplaceAllString(strings.NewReplacer("<bare>3</bare>", `<vn:bare>3</vn:bare>`).Replace(documentXML), "<${1}epcis:$2$3"),
		"in an extension":    strings.NewReplacer("<EventList><ObjectEvent x", "<EventList><extension><extension><ObjectEvent x", "</ObjectEvent>", "</ObjectEvent></extension></extension>").Replace(documentXML),
		"a type declaration": "<!DOCTYPE project [<!ENTITY a 'b'>]>" + event20 + "<!-- and a comment -->\n",
	} {
		t.Run(name, func(t *testing.T) {
			var got []*trace.Event
			for e, err := range epcis.NewDecoder(iotest.OneByteReader(strings.NewReader(text)), nil).Events() {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, e)
			}
			if name == "prefix everywhere" {
				// A name that has to be in a namespace here.
				got[0].Extensions[1].Value.List[1].Fields[1].Name = "bare"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-JSON +XML):\n%s", diff)
			}
			checkRoundTrip(t, got)
		})
	}
}

// Events of the other types, and several documents in a row.
func TestXMLTypes(t *testing.T) {
	const when = `"eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00",`
	const whenXML = `<eventTime>2026-01-13T12:52:38+07:00</eventTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset>`
	var texts [2]bytes.Buffer
	for _, pair := range [][2]string{
		{`{"type":"AggregationEvent",` + when + `"parentID":"urn:epc:id:sscc:8935001.1234567890","childEPCs":["urn:epc:id:sgtin:8935001.000002.A"],"action":"ADD"}`,
			`<AggregationEvent>` + whenXML + `<parentID>urn:epc:id:sscc:8935001.1234567890</parentID><childEPCs><epc>urn:epc:id:sgtin:8935001.000002.A</epc></childEPCs><action>ADD</action></AggregationEvent>`},
		{`{"type":"AssociationEvent",` + when + `"parentID":"urn:epc:id:grai:8935001.00002.A","childEPCs":[],"childQuantityList":[{"epcClass":"urn:epc:class:lgtin:8935001.000002.L","quantity":5}],"action":"ADD"}`,
			`<AssociationEvent>` + whenXML + `<parentID>urn:epc:id:grai:8935001.00002.A</parentID><childEPCs/><childQuantityList><quantityElement><epcClass>urn:epc:class:lgtin:8935001.000002.L</epcClass><quantity>5</quantity></quantityElement></childQuantityList><action>ADD</action></AssociationEvent>`},
		{`{"type":"TransactionEvent",` + when + `"bizTransactionList":[{"type":"po","bizTransaction":"urn:x:1"}],"parentID":"urn:x:2","action":"OBSERVE"}`,
			`<TransactionEvent>` + whenXML + `<bizTransactionList><bizTransaction type="urn:epcglobal:cbv:btt:po">urn:x:1</bizTransaction></bizTransactionList><parentID>urn:x:2</parentID><epcList/><action>OBSERVE</action></TransactionEvent>`},
		{`{"type":"TransformationEvent",` + when + `"inputEPCList":["urn:x:1"],"inputQuantityList":[{"epcClass":"urn:x:2","quantity":0.5,"uom":"KGM"}],"outputEPCList":["urn:x:3"],"outputQuantityList":[{"epcClass":"urn:x:4","quantity":7}],"transformationID":"urn:x:5"}`,
			`<extension><TransformationEvent>` + whenXML + `<inputEPCList><epc>urn:x:1</epc></inputEPCList><inputQuantityList><quantityElement><epcClass>urn:x:2</epcClass><quantity>.5</quantity><uom>KGM</uom></quantityElement></inputQuantityList>
			<outputEPCList><epc>urn:x:3</epc></outputEPCList><outputQuantityList><quantityElement><epcClass>urn:x:4</epcClass><quantity>007.</quantity></quantityElement></outputQuantityList><transformationID>urn:x:5</transformationID></TransformationEvent></extension>`},
		{`{"type":"https://example.vn/CountEvent",` + when + `"https://example.vn/count":"3"}`,
			`<v:CountEvent xmlns:v="https://example.vn/">` + whenXML + `<v:count>3</v:count></v:CountEvent>`},
	} {
		texts[0].WriteString(pair[0] + "\n")
		texts[1].WriteString("<EPCISDocument><EPCISBody><EventList>" + pair[1] + "</EventList></EPCISBody></EPCISDocument>\n")
	}
	var events [2][]*trace.Event
	for i := range texts {
		var err error
		if events[i], err = epcis.Decode(texts[i].Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	last := events[0][len(events[0])-1]
	last.Extensions[0].Name = "{https://example.vn/}count"
	if diff := cmp.Diff(events[0], events[1]); diff != "" {
		t.Errorf("(-JSON +XML):\n%s", diff)
	}
	checkRoundTrip(t, events[1])
}

// TestXMLVerdicts reads every event document that the XML schema of its version accepts, writes it as JSON and reads it
// back, and refuses those that are invalid on purpose, naming what the schema complains about.
func TestXMLVerdicts(t *testing.T) {
	named := regexp.MustCompile(`Element '(\w+)'`)
	read := 0
	for _, v := range jsonLines[verdict](t, shared(t, "epcis/schema_validation_xml.jsonl")) {
		bad := strings.Contains(v.File, "__Invalid__")
		if v.DocType == nil || !bad && !v.Valid || strings.Contains(v.File, "__Queries__") || strings.Contains(v.File, "CaptureJob") {
			continue
		}
		t.Run(v.File, func(t *testing.T) {
			data, err := os.ReadFile(shared(t, "epcis/"+v.File))
			if err != nil {
				t.Fatal(err)
			}
			events, err := epcis.Decode(data)
			if !bad {
				if err != nil {
					t.Fatal(err)
				}
				if len(events) > 0 { // not master data alone
					checkRoundTrip(t, events)
					read++
				}
				return
			}
			at, ok := errors.AsType[*trace.FieldError](err)
			if !ok {
				t.Fatalf("error %v", err)
			}
			want := named.FindStringSubmatch(strings.Join(v.Errors, " "))[1]
			if want == "ObjectEvent" { // stands by itself, so the schema did not look into it
				want = "action"
			}
			if at.Field != want {
				t.Errorf("error %v, want one of %s", err, want)
			}
		})
	}
	t.Logf("%d documents read", read)
}

// TestXMLBombs reads documents without an end of every kind. They end where they cannot be EPCIS any more.
func TestXMLBombs(t *testing.T) {
	const list = "<EPCISDocument><EPCISBody><EventList>"
	for name, tt := range map[string]struct{ begin, again, want string }{
		"deep around events": {"<EPCISDocument>", "<a>", "too deep"},
		"deep header":        {"<EPCISDocument><EPCISHeader>", "<a>", "too deep"},
		"deep event":         {list + "<ObjectEvent>", "<a>", "too deep"},
		"wide event":         {list + "<ObjectEvent>", "<a/>", "too long"},
		"long text":          {list + "<ObjectEvent><action>", "x", "too long"},
		"long tag":           {list + "<ObjectEvent", " a=''", "too long"},
		"long comment":       {"<!--", "x", "too long"},
		"long declaration":   {"<!DOCTYPE x [", "<!ENTITY a 'b'>", "too long"},
		"many encodings":     {"", "<?xml version='1.0' encoding='latin1'?>", "declared again"},
	} {
		t.Run(name, func(t *testing.T) {
			r := io.MultiReader(strings.NewReader(tt.begin), &repeated{text: tt.again})
			n := 0
			for _, err := range epcis.NewDecoder(r, &epcis.DecoderOptions{MaxEvent: 1 << 20}).Events() {
				if n++; err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %s", err, tt.want)
				}
			}
			if n != 1 {
				t.Errorf("%d errors", n)
			}
		})
	}
	laughs := `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><ObjectEvent><action>&b;</action></ObjectEvent>`
	if _, err := epcis.Decode([]byte(laughs)); err == nil || !strings.Contains(err.Error(), "not XML: invalid character entity &b;") {
		t.Errorf("entity: error %v", err)
	}
}

// repeated is a text again and again.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

// A document that is cut off anywhere is not taken for a whole one.
func TestBrokenXML(t *testing.T) {
	for i := range documentXML {
		if i%7 != 0 || i == 0 {
			continue
		}
		var last error
		for _, err := range epcis.NewDecoder(strings.NewReader(documentXML[:i]), nil).Events() {
			last = err
		}
		if last == nil {
			t.Fatalf("%d of %d bytes: no error", i, len(documentXML))
		}
	}
}

func FuzzDecodeXML(f *testing.F) {
	f.Add([]byte(documentXML))
	f.Add([]byte(event12))
	f.Add([]byte(utf16le(event20)))
	f.Add([]byte(`<?xml version="1.0" encoding="latin1"?><!DOCTYPE a><EPCISDocument><EventList><extension><a:b xmlns:a="x"><eventTime/></a:b></extension></EventList></EPCISDocument>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0 && bytes.IndexByte(data, '<') < 0 {
			return
		}
		checkFuzzed(t, data)
	})
}
