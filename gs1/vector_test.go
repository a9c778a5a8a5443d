package gs1

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vector is a line of the shared vectors. Their README says what the fields mean.
type vector struct {
	ID          string
	Kind        string
	Input       *string
	InputHex    string `json:"input_hex"`
	Linter      string
	Stem        *string
	Opts        vectorOpts
	ExpectOK    bool `json:"expect_ok"`
	Expect      expectation
	ExpectError string  `json:"expect_error"`
	ErrorPos    int     `json:"error_pos"`
	ErrorLen    int     `json:"error_len"`
	ErrorLint   string  `json:"error_lint"`
	ErrorMarkup string  `json:"error_markup"`
	Head        *vector `json:"head_2026_07_27"`
}

type vectorOpts struct {
	Requisites   *bool `json:"validate_requisites"`
	UnknownAIs   bool  `json:"permit_unknown_ais"`
	ShortGTINs   bool  `json:"permit_zero_suppressed_gtin_in_dl"`
	Alphas       bool  `json:"permit_convenience_alphas"`
	UnknownNotDL *bool `json:"validate_unknown_ai_not_dl_attr"`
}

type expectation struct {
	AIs        [][2]string
	Bracketed  *string
	HRI        []string
	HRITitles  []string `json:"hri_titles"`
	DLURI      *string  `json:"dl_uri"`
	DLURIErr   string   `json:"dl_uri_err"`
	Symbology  string
	CheckDigit string `json:"check_digit"`
	CheckPair  string `json:"check_pair"`
	Corrected  string
	Full       string
	Rejected   string `json:"rejected_example"`
	Pure       string `json:"pure_identity_uri"`
	Tag        string `json:"tag_uri"`
	Filter     int
	Partition  int
	GCPLength  int    `json:"gcp_length"`
	Elements   string `json:"element_string"`
	Scheme     string
}

func (v *vector) input() string {
	if v.Input != nil {
		return *v.Input
	}
	b, _ := hex.DecodeString(v.InputHex)
	return string(b)
}

// shared returns the path of a shared file beside the folder of go.mod, or skips the test.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
	path := filepath.Join(filepath.Dir(dir), "shared", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("shared/%s is missing", name)
	}
	return path
}

// eachVector calls f with the vectors of a file.
func eachVector(t *testing.T, name string, f func(t *testing.T, v *vector)) {
	t.Helper()
	file, err := os.Open(shared(t, "vectors/gs1/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<20)
	n := 0
	for in.Scan() {
		v := new(vector)
		if err := json.Unmarshal(in.Bytes(), v); err != nil {
			t.Fatalf("%s:%d: %v", name, n+1, err)
		}
		f(t, v)
		n++
	}
	if err := in.Err(); err != nil || n == 0 {
		t.Fatalf("%s: %d vectors, error %v", name, n, err)
	}
}

// parser returns the Parser that the options of a vector stand for.
func (o vectorOpts) parser() *Parser {
	return &Parser{
		UnknownAIs: o.UnknownAIs,
		Unpaired:   o.Requisites != nil && !*o.Requisites,
		ShortGTINs: o.ShortGTINs,
	}
}

// parse calls what the kind of a vector maps onto.
func (v *vector) parse(p *Parser) (Message, error) {
	s := v.input()
	switch v.Kind {
	case "bracketed":
		return p.ParseHRI(s)
	case "dl_parse", "dl_parse_only":
		return p.ParseDigitalLink(s)
	case "element_string", "plain":
		s = strings.ReplaceAll(s, "^", "\x1d")
	case "dl_generate":
		if strings.HasPrefix(s, "(") {
			return p.ParseHRI(s)
		}
		return p.ParseDigitalLink(s)
	}
	return p.Parse(s)
}

// kindsOf are the kinds that the names of the engine's errors map onto.
var kindsOf = map[string][]error{
	"AI_CONTAINS_ILLEGAL_CARAT_CHARACTER":                      {ErrCharacter},
	"AI_DATA_EMPTY":                                            {ErrLength},
	"AI_DATA_HAS_INCORRECT_LENGTH":                             {ErrLength},
	"AI_DATA_IS_EMPTY":                                         {ErrLength},
	"AI_DATA_IS_TOO_LONG":                                      {ErrLength},
	"AI_IS_NOT_VALID_DATA_ATTRIBUTE":                           {ErrDigitalLink},
	"AI_PARSE_FAILED":                                          {ErrSyntax, ErrLength}, // "(10)" at the end has no value
	"AI_SHOULD_BE_IN_PATH_INFO":                                {ErrDigitalLink},
	"AI_UNRECOGNISED":                                          {ErrUnknownAI},
	"AI_VALUE_IS_TOO_LONG":                                     {ErrLength},
	"AI_VALUE_IS_TOO_SHORT":                                    {ErrLength},
	"AI_VALUE_PATH_ELEMENT_IS_EMPTY":                           {ErrLength},
	"AI_VALUE_QUERY_ELEMENT_IN_EMPTY":                          {ErrLength},
	"CANNOT_CREATE_DL_URI_WITHOUT_PRIMARY_KEY_AI":              {ErrDigitalLink},
	"DECODED_AI_FROM_DL_PATH_INFO_CONTAINS_ILLEGAL_NULL":       {ErrCharacter},
	"DECODED_AI_VALUE_FROM_QUERY_PARAMS_CONTAINS_ILLEGAL_NULL": {ErrCharacter},
	"DL_URI_REJECTED":                                          {ErrSyntax},
	"DOMAIN_CONTAINS_ILLEGAL_CHARACTERS":                       {ErrSyntax},
	"DUPLICATE_AI":                                             {ErrRepeated},
	"INSTANCES_OF_AI_HAVE_DIFFERENT_VALUES":                    {ErrRepeated},
	"INVALID_AI_PAIRS":                                         {ErrExclusive},
	"INVALID_KEY_QUALIFIER_SEQUENCE":                           {ErrDigitalLink},
	"NO_AI_FOR_PREFIX":                                         {ErrUnknownAI},
	"NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO":                        {ErrNotGS1},
	"PRIMARY_MESSAGE_CHECK_DIGIT_IS_INCORRECT":                 {ErrCheckDigit},
	"PRIMARY_MESSAGE_IS_TOO_LONG":                              {ErrLength},
	"PRIMARY_MESSAGE_MAY_ONLY_CONTAIN_DIGITS":                  {ErrCharacter},
	"PRIMARY_SCAN_DATA_IS_TOO_SHORT":                           {ErrLength},
	"REQUIRED_AIS_NOT_SATISFIED":                               {ErrRequired},
	"SCAN_DATA_CONTAINS_ILLEGAL_CARAT":                         {ErrCharacter, ErrUnknownAI}, // where an AI must begin
	"SERIAL_NOT_PRESENT":                                       {ErrRequired},
	"UNKNOWN_AI_IN_QUERY_PARAMS":                               {ErrUnknownAI},
	"UNSUPPORTED_SYMBOLOGY_IDENTIFIER":                         {ErrNotGS1, ErrLength},
	"URI_CONTAINS_ILLEGAL_CHARACTERS":                          {ErrSyntax},
	"URI_MISSING_DOMAIN_AND_PATH_INFO":                         {ErrSyntax},
}

// kinds are the kinds that the error of a vector maps onto; nil when it is no error of the data.
func (v *vector) kinds() []error {
	if v.ExpectError != "AI_LINTER_ERROR" {
		return kindsOf[v.ExpectError]
	}
	if why, ok := lintReasons[v.ErrorLint]; ok {
		return []error{why.kind()}
	}
	return nil
}

// wanted are the differences from the engine that are wanted, with their sources: "README" is that of the vectors, gs1.md
// the page beside them. Each tells whether a vector shows it, given what Parse made of it.
var wanted = []struct {
	name, source string
	is           func(v *vector, m Message, err error) bool
}{
	{"plain data are ErrNotGS1", "README", func(v *vector, m Message, err error) bool {
		symbology := ""
		if s := v.input(); v.Kind == "scan_data" && len(s) >= 3 {
			symbology = s[:3]
		}
		return v.ExpectOK && errors.Is(err, ErrNotGS1) && m.Symbology.String() == symbology && len(v.Expect.AIs) == 0
	}},
	{"the composite of plain data is not looked at", "README: plain means that the data are not GS1",
		func(v *vector, m Message, err error) bool {
			return v.Kind == "plain" && len(v.Expect.AIs) > 0 && v.Expect.AIs[0][0] == "|" && errors.Is(err, ErrNotGS1)
		}},
	{"no leading FNC1 is needed", "README", func(v *vector, m Message, err error) bool {
		return v.Kind == "plain" && err == nil && len(v.input()) > 2 && digits(v.input()[:2]) == 2
	}},
	{"no symbology identifier is needed", "README", func(v *vector, m Message, err error) bool {
		return v.ExpectError == "MISSING_SYMBOLOGY_IDENTIFIER"
	}},
	{"EAN/UPC give AI 01", "README", func(v *vector, m Message, err error) bool {
		s := v.input()
		if v.Kind != "scan_data" || s[:2] != "]E" || err != nil || !v.ExpectOK {
			return false
		}
		digits, _, composite := strings.Cut(s[3:], "|")
		want := "(01)" + strings.Repeat("0", 14-len(digits)) + digits
		if composite {
			want += "|" + *v.Expect.Bracketed
		}
		return m.HRI() == want
	}},
	{"schemes in mixed case are links", "README", func(v *vector, m Message, err error) bool {
		s := strings.TrimPrefix(v.input(), "]Q1")
		return isURI(s) && s[:4] != "http" && s[:4] != "HTTP" && err == nil
	}},
	{"convenience names", "README", func(v *vector, m Message, err error) bool {
		return (v.Opts.Alphas || v.ExpectError == "NO_GS1_DL_KEYS_FOUND_IN_PATH_INFO") && usesNames(v.input()) && !errors.Is(err, ErrNotGS1)
	}},
	{"the limits of the engine are not ours", "README", func(v *vector, m Message, err error) bool {
		return v.ExpectError == "TOO_MANY_AIS" || v.ExpectError == "DATA_TOO_LONG"
	}},
	{"more symbology identifiers", "README", func(v *vector, m Message, err error) bool {
		return v.ExpectError == "UNSUPPORTED_SYMBOLOGY_IDENTIFIER" && v.input()[1] != 'C'
	}},
	{"unknown AIs are never attributes of links", "README: no option for it is promised", func(v *vector, m Message, err error) bool {
		return v.Opts.UnknownNotDL != nil && errors.Is(err, ErrDigitalLink)
	}},
}

func usesNames(uri string) bool {
	for name := range strings.SplitSeq(uri, "/") {
		if convenience(name) != "" {
			return true
		}
	}
	return false
}

func TestVectors(t *testing.T) {
	for _, name := range []string{"peer.dev.jsonl", "random.dev.jsonl"} {
		t.Run(name, func(t *testing.T) {
			same, seen := 0, map[string]int{}
			eachVector(t, name, func(t *testing.T, v *vector) {
				switch v.Kind {
				case "element_string", "scan_data", "plain", "bracketed", "dl_parse", "dl_parse_only":
				default:
					return
				}
				m, err := v.parse(v.Opts.parser())
				for _, w := range wanted {
					if w.is(v, m, err) {
						seen[w.name]++
						return
					}
				}
				same++
				v.compare(t, &dictionary, m, err)
			})
			t.Logf("%d as the engine; wanted differences: %v", same, seen)
		})
	}
}

// compare compares what Parse made of a vector with what the engine made of it.
func (v *vector) compare(t *testing.T, table *table, m Message, err error) {
	t.Helper()
	if v.ExpectOK != (err == nil) {
		t.Errorf("%s %s %q: error %v, want %q", v.ID, v.Kind, v.input(), err, v.ExpectError)
		return
	}
	if err != nil {
		for _, kind := range v.kinds() {
			if errors.Is(err, kind) {
				return
			}
		}
		t.Errorf("%s %s %q: error %v, want %s %s", v.ID, v.Kind, v.input(), err, v.ExpectError, v.ErrorLint)
		return
	}
	var ais [][2]string
	for _, e := range m.Elements {
		ais = append(ais, [2]string{string(e.AI), e.Value})
	}
	if diff := cmp.Diff(v.Expect.AIs, ais); diff != "" {
		t.Errorf("%s %q: AIs (-want +got):\n%s", v.ID, v.input(), diff)
	}
	if diff := cmp.Diff(*v.Expect.Bracketed, m.HRI()); diff != "" {
		t.Errorf("%s %q: HRI (-want +got):\n%s", v.ID, v.input(), diff)
	}
	if diff := cmp.Diff(v.Expect.HRI, m.HRILines(false)); diff != "" {
		t.Errorf("%s %q: HRI lines (-want +got):\n%s", v.ID, v.input(), diff)
	}
	fold := strings.NewReplacer("²", "^2", "³", "^3").Replace
	if diff := cmp.Diff(fold(strings.Join(v.Expect.HRITitles, "\n")), fold(strings.Join(m.HRILines(true), "\n"))); diff != "" {
		t.Errorf("%s %q: HRI lines with titles (-want +got):\n%s", v.ID, v.input(), diff)
	}
	link, err := table.appendLink(nil, &m, "")
	v.compareLink(t, m, string(link), err)
}

// compareLink compares a Digital Link with that of the engine.
func (v *vector) compareLink(t *testing.T, m Message, link string, err error) {
	t.Helper()
	_, tpx := m.Value("235")
	switch want := v.Expect.DLURI; {
	case want == nil && err == nil && tpx:
		// The engine puts (10) into the path and then has no place for (235), though it reads the link that has; gs1.md 1a
		// names it among the limits worth beating. What we write must read the same.
		back, err := ParseDigitalLink(link)
		if err != nil || len(back.Elements) != len(m.Elements) {
			t.Errorf("%s %q: link %s gives %v, error %v", v.ID, v.input(), link, back, err)
		}
	case want == nil && v.Opts.UnknownNotDL == nil:
		if kinds := kindsOf[v.Expect.DLURIErr+v.ExpectError]; len(kinds) == 0 || !errors.Is(err, kinds[0]) {
			t.Errorf("%s %q: link %s, error %v, want %s", v.ID, v.input(), link, err, v.Expect.DLURIErr)
		}
	case want != nil && v.Opts.UnknownNotDL == nil && (err != nil || link != *want):
		t.Errorf("%s %q: link %s, error %v, want %s", v.ID, v.input(), link, err, *want)
	}
}

func TestVectorsOfLinks(t *testing.T) {
	for _, name := range []string{"peer.dev.jsonl", "random.dev.jsonl"} {
		t.Run(name, func(t *testing.T) {
			n := 0
			eachVector(t, name, func(t *testing.T, v *vector) {
				if v.Kind != "dl_generate" {
					return
				}
				m, err := v.parse(v.Opts.parser())
				if err != nil {
					t.Errorf("%s %q: %v", v.ID, v.input(), err)
					return
				}
				base := ""
				if v.Stem != nil {
					base = *v.Stem
					if base == "" {
						base = "/" // for us "" is the canonical base
					}
				}
				link, err := m.DigitalLink(base)
				v.compareLink(t, m, link, err)
				n++
			})
			t.Logf("%d links", n)
		})
	}
}
