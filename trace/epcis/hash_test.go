package epcis_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/epcis"
)

type document struct {
	File   string
	Format string
	Status string    `json:"hash_status"`
	CBV20  []*string `json:"hashes_cbv20_pr123"`
	CBV21  []*string `json:"hashes_cbv21_pr123"`
}

type preHash struct {
	File  string
	Event int
	CBV20 *string `json:"cbv20_pr123"`
	CBV21 *string `json:"cbv21_pr123"`
}

// hashDiffers lists the events whose hash is not that of the reference, and why ours stands. Events count from 0.
var hashDiffers = []struct {
	file   string
	events []int
	reason string
}{
	{"ralphtro/examples__epcisDocHavingEventWithIgnoreFields.jsonld", []int{0}, ignoreFields},
	{"ralphtro/examples__epcisQueryDocHavingEventWithIgnoreFields.jsonld", []int{0}, ignoreFields},
	{"ralphtro/examples__epcisXmlQueryDocHavingEventWithIgnoreFields.xml", []int{0, 1}, ignoreFields},
	{"gs1/XML__WithErrorDeclaration__ErrorDeclarationAndCorrectiveEvent.xml", []int{0, 1}, nilQuantity},
	{"openepcis/1.2__EPCIS__XML__Capture__Documents__TransformationEvent.xml", []int{0}, nilQuantity},
	{"openepcis/2.0__EPCIS__XML__Capture__Documents__Namespace_document.xml", []int{0},
		"every element is in the namespace of EPCIS; the reference takes all of them for extensions and does not round the time"},
	{"ralphtro/examples__epclist_normalisation.jsonld", []int{0}, "the reference escapes every sub-delimiter of an EPC URN but the apostrophe"},
	{"gs1/JSON-simple-context__WithSensorData__SensorDataExample14.jsonld", []int{0}, simpleContext},
	{"gs1/JSON-simple-context__WithSensorData__SensorDataExample15.jsonld", []int{0}, simpleContext},
	{"openepcis/2.0__EPCIS__JSON__Capture__Documents__Namespaces_at_different_level.json", []int{0, 1, 3, 4},
		"the reference hashes the @context of an event as an extension and does not resolve its prefixes"},
	{"openepcis/2.0__EPCIS__JSON__Capture__Invalid__Combination_of_multiple_invalid_fields.json", []int{4}, dateOrder},
	{"openepcis/2.0__EPCIS__JSON__Capture__Invalid__ObjectEvent_with_invalid_eventTime_format.json", []int{0}, dateOrder},
	{"epcis2js/test__data__hashing__epcisDocWithSingleEvent.json", []int{0},
		"the JSON-LD context has no term \"event\", so the reference does not expand the words of CBV below it"},
}

const (
	ignoreFields  = "the reference leaves out what the document, not the event, lists as ignoreFields: an event would lose its identity outside its document"
	nilQuantity   = "XML Schema's xsi:nil says that there is no quantity; the reference hashes the attribute, which no other notation has, as an extension"
	simpleContext = "a draft context that lacked some sensor components; the standard's own gives the web URI"
	dateOrder     = "eventTime is \"22-07-2026\": which number is the day is a guess, and the event is refused"
)

// TestHashVectors compares the event hash with that of the reference implementation.
func TestHashVectors(t *testing.T) {
	docs := jsonLines[document](t, shared(t, "epcis/manifest.jsonl"))
	pre := make(map[string]map[int]preHash)
	for _, p := range jsonLines[preHash](t, shared(t, "epcis/prehashes.jsonl")) {
		if pre[p.File] == nil {
			pre[p.File] = make(map[int]preHash)
		}
		pre[p.File][p.Event] = p
	}
	differs := make(map[string]string)
	for _, d := range hashDiffers {
		for _, i := range d.events {
			differs[fmt.Sprint("files/", d.file, " ", i)] = d.reason
		}
	}
	events, equal20, equal21, rest := 0, 0, 0, 0
	for _, doc := range docs {
		if len(doc.CBV20) == 0 {
			n := 0
			for e := range epcis.NewDecoder(openVector(t, doc.File), &epcis.DecoderOptions{KeepInvalid: true}).Events() {
				if e != nil {
					n++
				}
			}
			if rest += n; n > 0 {
				t.Logf("no hash to compare with: %s (%s), %d events", doc.File, doc.Status, n)
			}
			continue
		}
		t.Run(doc.File, func(t *testing.T) {
			i := 0
			for e, err := range epcis.NewDecoder(openVector(t, doc.File), &epcis.DecoderOptions{KeepInvalid: true}).Events() {
				if e == nil {
					t.Fatal(err)
				}
				if i >= len(doc.CBV20) {
					t.Fatalf("more than %d events", len(doc.CBV20))
				}
				p := pre[doc.File][i]
				check := func(profile trace.Profile, want []*string, text *string) int {
					if want[i] == nil {
						return 0
					}
					reason, listed := differs[fmt.Sprint(doc.File, " ", i)]
					if got := e.Hash(profile); got == *want[i] {
						if listed {
							t.Errorf("event %d, %v: equal, but listed as different", i, profile)
						}
						return 1
					}
					if listed {
						t.Logf("event %d, %v differs: %s", i, profile, reason)
						return 0
					}
					if text == nil {
						t.Errorf("event %d, %v: want %s, prehash not known", i, profile, *want[i])
						return 0
					}
					t.Errorf("event %d, %v:\nwant %s\ngot  %s", i, profile, *text, e.PreHash(profile))
					return 0
				}
				if doc.CBV20[i] != nil {
					events++
				}
				equal20 += check(trace.CBV20, doc.CBV20, p.CBV20)
				equal21 += check(trace.CBV21, doc.CBV21, p.CBV21)
				i++
			}
			if i != len(doc.CBV20) {
				t.Errorf("%d events, want %d", i, len(doc.CBV20))
			}
		})
	}
	t.Logf("%d events, %d equal under CBV 2.0, %d under CBV 2.1; %d more in documents that the reference could not hash", events, equal20, equal21, rest)
}

func openVector(t *testing.T, file string) *os.File {
	t.Helper()
	f, err := os.Open(shared(t, "epcis/"+file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
