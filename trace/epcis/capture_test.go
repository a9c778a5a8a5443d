package epcis_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

func openRepository(t testing.TB) (*trace.Repository, *ledger.Ledger) {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return repo, l
}

// opener counts how often a text is opened and closed.
type opener struct {
	text           string
	opened, closed int
}

func (o *opener) open() (io.ReadCloser, error) {
	o.opened++
	return struct {
		io.Reader
		io.Closer
	}{strings.NewReader(o.text), o}, nil
}

func (o *opener) Close() error {
	o.closed++
	return nil
}

// The events of a stream are recorded all or not at all, or but for the bad ones, in JSON as in XML.
func TestCapture(t *testing.T) {
	packs := func(serials ...string) string {
		var out []string
		for _, s := range serials {
			out = append(out, strings.Replace(oneEvent, "/21/A", "/21/"+s, 1))
		}
		return strings.Join(out, "\n")
	}
	inXML := func(serials ...string) string {
		var out strings.Builder
		for _, s := range serials {
			out.WriteString(`<ObjectEvent><eventTime>2026-01-13T12:52:38+07:00</eventTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset><epcList><epc>https://id.gs1.org/01/08935001000020/21/` +
				s + "</epc></epcList><action>OBSERVE</action></ObjectEvent>\n")
		}
		return "<EPCISDocument><EPCISBody><EventList>\n" + out.String() + "</EventList></EPCISBody></EPCISDocument>"
	}
	const bad = "123456789012345678901" // a serial number has 20 characters at most
	proceed := &epcis.CaptureOptions{ErrorBehaviour: epcis.Proceed}
	for name, tt := range map[string]struct {
		text  string
		opts  *epcis.CaptureOptions
		want  epcis.Captured
		packs string // that are recorded
		err   string
		twice bool // the stream is opened
	}{
		"rollback, all good":     {packs("A", "B", "C"), nil, epcis.Captured{Events: 3}, "ABC", "", true},
		"rollback, XML":          {inXML("A", "B"), &epcis.CaptureOptions{ErrorBehaviour: "rollback"}, epcis.Captured{Events: 2}, "AB", "", true},
		"rollback, one bad":      {packs("A", bad, "C"), nil, epcis.Captured{}, "", "epcis: line 2: event 1: epcList[0]: ", false},
		"rollback, last one bad": {inXML("A", "B", bad), nil, epcis.Captured{}, "", "epcis: line 4: event 2: epcList[0]: ", false},
		"rollback, cut off":      {packs("A", "B")[:300], nil, epcis.Captured{}, "", "unexpected EOF", false},
		"proceed, all good":      {packs("A", "B"), proceed, epcis.Captured{Events: 2}, "AB", "", false},
		"proceed, some bad":      {packs("A", bad, "C", bad), proceed, epcis.Captured{Events: 2, Refused: 2}, "AC", "", false},
		"proceed, XML":           {inXML(bad, "B", bad, "D"), proceed, epcis.Captured{Events: 2, Refused: 2}, "BD", "", false},
		"proceed, cut off":       {packs("A", "B", "C")[:len(packs("A", "B"))+9], proceed, epcis.Captured{Events: 2}, "AB", "unexpected EOF", false},
		"the same event again":   {packs("A", "A"), nil, epcis.Captured{Events: 2}, "A", "", true},
		"neither":                {packs("A"), &epcis.CaptureOptions{ErrorBehaviour: "ignore"}, epcis.Captured{}, "", "neither rollback nor proceed", false},
	} {
		t.Run(name, func(t *testing.T) {
			repo, _ := openRepository(t)
			in := &opener{text: tt.text}
			got, err := epcis.Capture(t.Context(), repo, in.open, tt.opts)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if in.opened != in.closed || (in.opened == 2) != tt.twice {
				t.Errorf("opened %d times, closed %d", in.opened, in.closed)
			}
			recorded := ""
			for _, s := range "ABCD" {
				pack, err := gs1.ParseEPC("https://id.gs1.org/01/08935001000020/21/" + string(s))
				if err != nil {
					t.Fatal(err)
				}
				events, err := repo.History(t.Context(), pack)
				if err != nil {
					t.Fatal(err)
				}
				if len(events) > 0 {
					recorded += string(s)
				}
				if len(events) > 1 {
					t.Errorf("%c recorded %d times", s, len(events))
				}
			}
			if recorded != tt.packs {
				t.Errorf("recorded %s, want %s", recorded, tt.packs)
			}
		})
	}
}

// What a stream or its opening says is handed on, and Proceed tells what it leaves out.
func TestCaptureErrors(t *testing.T) {
	repo, _ := openRepository(t)
	boom := errors.New("boom")
	for _, behaviour := range []epcis.ErrorBehaviour{epcis.Rollback, epcis.Proceed} {
		opts := &epcis.CaptureOptions{ErrorBehaviour: behaviour}
		if _, err := epcis.Capture(t.Context(), repo, func() (io.ReadCloser, error) { return nil, boom }, opts); !errors.Is(err, boom) {
			t.Errorf("%s: opening: %v", behaviour, err)
		}
		broken := func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(boom)), nil }
		if _, err := epcis.Capture(t.Context(), repo, broken, opts); !errors.Is(err, boom) {
			t.Errorf("%s: reading: %v", behaviour, err)
		}
	}
	in := &opener{text: oneEvent + "\n{\n}\n"}
	var told []string
	_, err := epcis.Capture(t.Context(), repo, in.open, &epcis.CaptureOptions{ErrorBehaviour: epcis.Proceed, Refused: func(e *epcis.DecodeError) {
		told = append(told, fmt.Sprint(e.Event, " ", e.Err))
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 eventTime: missing"}, told); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// generated is a document of one event again and again, made while it is read. It remembers how much memory was in use
// meanwhile.
type generated struct {
	head, event, tail string
	size              int64 // of the document, about

	rest     string // of what is being read
	stage    int    // 0 head, 1 events, 2 end
	made     int64
	events   int
	measured int64
	peak     uint64 // of the heap in use
}

func (g *generated) Read(p []byte) (int, error) {
	for g.rest == "" {
		switch {
		case g.stage == 0:
			g.rest, g.stage = g.head, 1
		case g.stage == 1 && g.made < g.size:
			g.rest = g.event
			g.events++
		case g.stage == 1:
			g.rest, g.stage = g.tail, 2
		default:
			return 0, io.EOF
		}
		g.made += int64(len(g.rest))
	}
	if g.made-g.measured > 1<<20 {
		g.measured = g.made
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.peak = max(g.peak, m.HeapInuse)
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

func (g *generated) Close() error { return nil }

// packList joins a hundred packs with this GTIN.
func packList(gtin, before, between, after string) string {
	var packs []string
	for i := range 100 {
		packs = append(packs, fmt.Sprintf("https://id.gs1.org/01/%s/21/S%08d", gtin, i))
	}
	return before + strings.Join(packs, between) + after
}

// bigJSON is a document of receipts of a hundred packs. Its last event is not valid.
func bigJSON(gtin string, size int64) *generated {
	return &generated{
		head: `{"@context":[],"type":"EPCISDocument","epcisBody":{"eventList":[`,
		event: `{"type":"ObjectEvent","action":"OBSERVE","eventTime":"2026-01-13T12:52:38+07:00","eventTimeZoneOffset":"+07:00","bizStep":"receiving",` +
			packList(gtin, `"epcList":["`, `","`, `"],`) + `"readPoint":{"id":"https://id.gs1.org/414/8935309000012"}},` + "\n",
		tail: "{}]}}",
		size: size,
	}
}

// bigXML is the same in XML.
func bigXML(gtin string, size int64) *generated {
	return &generated{
		head: `<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1"><EPCISBody><EventList>`,
		event: `<ObjectEvent><eventTime>2026-01-13T12:52:38+07:00</eventTime><eventTimeZoneOffset>+07:00</eventTimeZoneOffset>` +
			packList(gtin, "<epcList><epc>", "</epc>\n<epc>", "</epc></epcList>") + `<action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:receiving</bizStep>` +
			"<readPoint><id>https://id.gs1.org/414/8935309000012</id></readPoint></ObjectEvent>\n",
		tail: "<ObjectEvent/></EventList></EPCISBody></epcis:EPCISDocument>",
		size: size,
	}
}

const (
	goodGTIN = "08935001000020"
	badGTIN  = "08935001000021" // its check digit is wrong
)

// maxHeap bounds the heap in use while a document of any length is captured.
const maxHeap = 48 << 20

// A document of hundreds of megabytes is captured in the memory of a small one. Rollback records nothing, for the last
// event is not valid; Proceed leaves out every event. So the ledger, which is in memory here, stays empty.
func TestCaptureBig(t *testing.T) {
	size := int64(200 << 20)
	if testing.Short() {
		size = 8 << 20
	}
	for _, tt := range []struct {
		behaviour epcis.ErrorBehaviour
		gtin      string
		big       func(string, int64) *generated
		name      string
		size      int64
	}{
		{epcis.Rollback, goodGTIN, bigJSON, "JSON", size},
		{epcis.Proceed, badGTIN, bigJSON, "JSON", size},
		{epcis.Rollback, goodGTIN, bigXML, "XML", size},
		{epcis.Proceed, badGTIN, bigXML, "XML", size / 8},
	} {
		t.Run(string(tt.behaviour)+" "+tt.name, func(t *testing.T) {
			repo, _ := openRepository(t)
			doc := tt.big(tt.gtin, tt.size)
			got, err := epcis.Capture(t.Context(), repo, func() (io.ReadCloser, error) { return doc, nil }, &epcis.CaptureOptions{ErrorBehaviour: tt.behaviour})
			var want epcis.Captured
			if tt.behaviour == epcis.Proceed {
				want.Refused = doc.events + 1
				if err != nil {
					t.Error(err)
				}
			} else if bad, ok := errors.AsType[*epcis.DecodeError](err); !ok || bad.Event != doc.events {
				t.Errorf("error %v, want one of event %d", err, doc.events)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			t.Logf("%d MiB, %d events, heap in use at most %.1f MiB", doc.made>>20, doc.events, float64(doc.peak)/(1<<20))
			if doc.peak > maxHeap {
				t.Errorf("heap of %d bytes", doc.peak)
			}
		})
	}
}

// BenchmarkCapture decodes documents of 200 MiB and reports the most that the heap held meanwhile.
func BenchmarkCapture(b *testing.B) {
	const size = 200 << 20
	for name, big := range map[string]func(string, int64) *generated{"JSON": bigJSON, "XML": bigXML} {
		b.Run(name, func(b *testing.B) {
			repo, _ := openRepository(b)
			b.SetBytes(size)
			peak := uint64(0)
			for b.Loop() {
				doc := big(goodGTIN, size)
				if _, err := epcis.Capture(b.Context(), repo, func() (io.ReadCloser, error) { return doc, nil }, nil); err == nil {
					b.Fatal("no error at the end")
				}
				peak = max(peak, doc.peak)
			}
			b.ReportMetric(float64(peak)/(1<<20), "MiB-heap")
		})
	}
}
