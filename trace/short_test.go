package trace

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is told in a short form comes back, and so does what nearly could be.
func TestShortForms(t *testing.T) {
	const here, there = "https://id.gs1.org/414/8935001000013", "https://id.gs1.org/414/8935322000013"
	at := time.Date(2026, 1, 11, 19, 20, 53, 1_000_000, ict)
	base := Event{Type: ObjectEvent, Action: Observe, Time: at, BizStep: BizStepShipping, Disposition: DispInTransit, ReadPoint: here}
	lengths := make(map[string]int)
	for name, change := range map[string]func(e *Event){
		"usual":                  func(*Event) {},
		"another type":           func(e *Event) { e.Type = "https://example.vn/Event" },
		"no step":                func(e *Event) { e.BizStep = "" },
		"another disposition":    func(e *Event) { e.Disposition = "https://example.vn/ok" },
		"unusual":                func(e *Event) { e.Disposition = DispDamaged },
		"nanosecond":             func(e *Event) { e.Time = at.Add(1) },
		"zone of 5:45":           func(e *Event) { e.Time = at.In(time.FixedZone("", 345*60)) },
		"zone of -14:00":         func(e *Event) { e.Time = at.In(time.FixedZone("", -14*3600)) },
		"zone of 14:15":          func(e *Event) { e.Time = at.In(time.FixedZone("", 14*3600+15*60)) },
		"zone of 0:01":           func(e *Event) { e.Time = at.In(time.FixedZone("", 60)) },
		"before 1970":            func(e *Event) { e.Time = time.Unix(-1, 0).In(ict) },
		"1970":                   func(e *Event) { e.Time = time.Unix(0, 0).In(ict) },
		"year 9999":              func(e *Event) { e.Time = time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC).In(ict) },
		"recorded at once":       func(e *Event) { e.RecordTime = at.UTC() },
		"recorded before":        func(e *Event) { e.RecordTime = at.UTC().AddDate(-2000, 0, 0) },
		"recorded late":          func(e *Event) { e.RecordTime = at.UTC().AddDate(7000, 0, 0) },
		"recorded by nanosecond": func(e *Event) { e.RecordTime = at.UTC().Add(7) },
		"recorded after a nanosecond": func(e *Event) {
			e.Time, e.RecordTime = at.Add(1), at.UTC().Add(time.Second)
		},
		"parties": func(e *Event) { e.Sources, e.Destinations = parties("8935001000013"), parties("8935322000013") },
		"facilities": func(e *Event) {
			e.ReadPoint, e.Sources, e.Destinations = Party("79-00123").location(), parties("79-00123"), parties("79/0 9")
		},
		"parties by URI": func(e *Event) { e.Sources, e.Destinations = parties("https://example.vn/1"), parties("urn:x:y") },
		"owner alone":    func(e *Event) { e.Sources = parties("8935001000013")[:1] },
		"place alone":    func(e *Event) { e.Sources = parties("8935001000013")[1:] },
		"other order":    func(e *Event) { l := parties("8935001000013"); e.Sources = []SourceDest{l[1], l[0]} },
		"place of another": func(e *Event) {
			e.Sources = []SourceDest{{OwningParty, Party("8935001000013").owner()}, {Location, there}}
		},
		"place in a place": func(e *Event) {
			e.Sources = []SourceDest{{OwningParty, Party("8935001000013").owner()}, {Location, here + "/254/1"}}
		},
		"owner as place":    func(e *Event) { e.Sources = []SourceDest{{OwningParty, here}, {Location, here}} },
		"three":             func(e *Event) { e.Sources = append(parties("8935001000013"), SourceDest{PossessingParty, "urn:x:y"}) },
		"document of a GLN": func(e *Event) { e.BizTransactions = []BizTransaction{{"", "urn:epcglobal:cbv:bt:8935001000013:"}} },
		"document of none":  func(e *Event) { e.BizTransactions = []BizTransaction{{"", "urn:epcglobal:cbv:bt:893500100001:PX"}} },
		"known names": func(e *Event) {
			e.Extensions = []Field{NewField("lot", "L"), NewField("lots", "L"), NewField("price", "7")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := base
			change(&want)
			data := encodeOne(t, &want)
			lengths[name] = len(data)
			for what, p := range map[string]*pool{"alone": nil, "pooled": newPool()} {
				en, err := decodePooled(data, p)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(&want, en.event); diff != "" {
					t.Errorf("%s: (-want +got):\n%s", what, diff)
				}
				if a, b := want.Time.Format(time.RFC3339Nano), en.event.Time.Format(time.RFC3339Nano); a != b {
					t.Errorf("%s: time %s comes back as %s", what, a, b)
				}
			}
		})
	}
	for name, most := range map[string]int{"usual": 24, "recorded at once": 26, "parties": 24 + 13, "known names": 24 + 25} {
		if lengths[name] > most {
			t.Errorf("%s takes %d bytes, want at most %d", name, lengths[name], most)
		}
	}
}

// Every step of a hop has a number, and every number one step, that FORMAT.md tells.
func TestUsualSteps(t *testing.T) {
	format, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range steps {
		e := Event{Type: ObjectEvent, Action: s.action, BizStep: s.step, Disposition: s.disposition}
		if name == Packing || name == Unpacking {
			e.Type = AggregationEvent
		}
		if e.usual() == 0 {
			t.Errorf("%s has no number", name)
		}
	}
	for i := range usualSteps {
		var e Event
		e.setUsual(firstUsual + i)
		if n := e.usual(); n != firstUsual+i {
			t.Errorf("step %d comes back as %d", firstUsual+i, n)
		}
		row := fmt.Sprintf("| %d | %s | %s | %s | %s |", firstUsual+i, e.Type, e.Action, e.BizStep, e.Disposition)
		if !strings.Contains(strings.ReplaceAll(string(format), "`", ""), row) {
			t.Errorf("FORMAT.md does not have %s", row)
		}
	}
}

// Short times come back, whatever they are.
func TestShortTimes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	short := 0
	for range 10_000 {
		want := time.UnixMilli(r.Int64N(1<<49) - 1<<46).In(time.FixedZone("", (r.IntN(130)-65)*zoneQuarter))
		n, ok := shortTime(want)
		if !ok {
			continue
		}
		short++
		got, err := longTime(n)
		if err != nil || !got.Equal(want) || got.Format(time.RFC3339Nano) != want.Format(time.RFC3339Nano) {
			t.Fatalf("%v is %d, comes back as %v, %v", want, n, got, err)
		}
	}
	if short < 1000 {
		t.Errorf("only %d times were short", short)
	}
	for _, n := range []int64{-1, 7, 127, maxMillis * zoneSlots} {
		if got, err := longTime(n); err == nil {
			t.Errorf("%d is %v", n, got)
		}
	}
}
