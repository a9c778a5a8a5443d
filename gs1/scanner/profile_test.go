package scanner_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
)

func TestProfileJSON(t *testing.T) {
	p := scanner.Profile{
		Device: "till 1", Suffix: "\r\n", Idle: 50 * time.Millisecond, MaxLength: 100, Separators: []string{"\x1d"}, CaseLost: true,
		Layout: scanner.QWERTZ, CapsLock: true, InputMethod: scanner.SimpleTelex, Keys: map[string]string{"ß": "-"}, Expect: []gs1.AI{"01"},
	}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"device":"till 1","suffix":"\r\n","idle":50000000,"max_length":100,"separators":["\u001d"],"case_lost":true,` +
		`"layout":"qwertz","caps_lock":true,"input_method":"simple-telex","keys":{"ß":"-"},"expect":["01"]}`
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var again scanner.Profile
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(p, again); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if b, err := json.Marshal(scanner.Profile{}); err != nil || string(b) != "{}" {
		t.Errorf("the zero profile is %s, %v", b, err)
	}
	for _, bad := range []string{`{"layout":"klingon"}`, `{"input_method":"t9"}`} {
		if err := json.Unmarshal([]byte(bad), &again); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

func TestProfileValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		p    *scanner.Profile
		ok   bool
	}{
		{"nil", nil, true},
		{"zero", &scanner.Profile{}, true},
		{"medicine pack", scanner.MedicinePack(), true},
		{"layout", &scanner.Profile{Layout: "klingon"}, false},
		{"input method", &scanner.Profile{InputMethod: 99}, false},
		{"length", &scanner.Profile{MaxLength: -1}, false},
		{"separator", &scanner.Profile{Separators: []string{""}}, false},
		{"key", &scanner.Profile{Keys: map[string]string{"x": "yy"}}, false},
	} {
		if err := c.p.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	if got := scanner.InputMethod(99).Type("as"); got != "as" {
		t.Errorf("an unknown input method types %q", got)
	}
	if got := scanner.Layout("klingon").Type("as"); got != "as" {
		t.Errorf("an unknown layout types %q", got)
	}
	for _, s := range []string{scanner.InputMethod(99).String(), scanner.RepairKind(99).String(), scanner.Doubt(99).String()} {
		if !strings.HasSuffix(s, "(99)") {
			t.Errorf("%q", s)
		}
	}
}

func TestErrors(t *testing.T) {
	r := scanner.Interpret("0108935000000008", nil)
	var e *scanner.Error
	var pe *gs1.ParseError
	if !errors.As(r.Err, &e) || !errors.Is(r.Err, scanner.ErrInvalid) || !errors.Is(r.Err, gs1.ErrCheckDigit) || !errors.As(r.Err, &pe) {
		t.Errorf("%v", r.Err)
	}
	if want := "scanner: scan is not valid: " + pe.Error(); r.Err.Error() != want {
		t.Errorf("%q, want %q", r.Err, want)
	}
	if r := scanner.Interpret("", nil); r.Err.Error() != "scanner: empty scan" || errors.Unwrap(r.Err) != nil || !errors.Is(r.Err, scanner.ErrEmpty) {
		t.Errorf("%v", r.Err)
	}
}

// brokenReader returns neither bytes nor an error.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, nil }

func TestBrokenReader(t *testing.T) {
	if _, err := scanner.NewReader(brokenReader{}, nil).Next(t.Context()); err != io.ErrNoProgress {
		t.Errorf("Next = %v", err)
	}
	if _, err := scanner.HIDKeyboard(brokenReader{}).Read(make([]byte, 1)); err != io.ErrNoProgress {
		t.Errorf("Read = %v", err)
	}
}
