package gs1

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var update = flag.Bool("update", false, "rewrite compiled tables and goldens")

// lints are the checks by their names in the dictionary.
var lints = map[string]lint{
	"csum": lintCSum, "csumalpha": lintCSumAlpha, "gcppos1": lintGCPPos1, "gcppos2": lintGCPPos2,
	"hasnondigit": lintHasNonDigit, "yymmd0": lintYYMMD0, "yymmdd": lintYYMMDD, "yyyymmdd": lintYYYYMMDD, "hh": lintHH,
	"mi": lintMI, "ss": lintSS, "hhmi": lintHHMI, "iso3166": lintISO3166, "iso3166999": lintISO3166Or999,
	"iso3166alpha2": lintISO3166Alpha2, "iso4217": lintISO4217, "iso5218": lintISO5218, "iban": lintIBAN,
	"latitude": lintLatitude, "longitude": lintLongitude, "mediatype": lintMediaType, "packagetype": lintPackageType,
	"importeridx": lintImporterIndex, "pieceoftotal": lintPieceOfTotal, "posinseqslash": lintPositionInSequence,
	"pcenc": lintPercentEncoded, "nonzero": lintNonZero, "nozeroprefix": lintNoZeroPrefix, "zero": lintZero,
	"yesno": lintYesNo, "winding": lintWinding, "hyphen": lintHyphen, "couponcode": lintCouponCode,
	"couponposoffer": lintCouponPosOffer,
}

// fixedLengths are the lengths of values that take no FNC1, by the first two digits of the AI (General Specifications
// 7.8.5).
var fixedLengths = map[int]int{
	0: 18, 1: 14, 2: 14, 3: 14, 4: 16, 11: 6, 12: 6, 13: 6, 14: 6, 15: 6, 16: 6, 17: 6, 18: 6, 19: 6, 20: 2,
	31: 6, 32: 6, 33: 6, 34: 6, 35: 6, 36: 6, 41: 13,
}

// ais returns the AIs of a row.
func (r row) ais() []string {
	first, last, isRange := strings.Cut(r.ai, "-")
	if !isRange {
		return []string{r.ai}
	}
	from, _ := strconv.Atoi(first)
	to, _ := strconv.Atoi(last)
	var ais []string
	for n := from; n <= to; n++ {
		ais = append(ais, fmt.Sprintf("%0*d", len(first), n))
	}
	return ais
}

// compile makes a table of rows.
func compile(rows []row) (*table, error) {
	t := &table{rows: rows, rules: make([]rule, len(rows))}
	byAI := map[string]uint8{}
	var order []string
	for i, r := range rows {
		for _, ai := range r.ais() {
			byAI[ai] = uint8(i)
			order = append(order, ai)
		}
	}
	for p := range t.prefix {
		n := 0
		for _, ai := range order {
			if strings.HasPrefix(ai, fmt.Sprintf("%02d", p)) {
				if n != 0 && n != len(ai) {
					return nil, fmt.Errorf("AIs that begin with %02d differ in length", p)
				}
				n = len(ai)
			}
		}
		t.prefix[p].fixed = uint8(fixedLengths[p])
		if n == 0 {
			continue
		}
		t.prefix[p].length = uint8(n)
		t.prefix[p].at = uint16(len(t.index))
		for k := range map[int]int{2: 1, 3: 10, 4: 100}[n] {
			ai := fmt.Sprintf("%02d", p)
			if n > 2 {
				ai = fmt.Sprintf("%02d%0*d", p, n-2, k)
			}
			entry := uint8(0)
			if row, ok := byAI[ai]; ok {
				entry = row + 1
			}
			t.index = append(t.index, entry)
		}
	}
	for i, r := range rows {
		if err := t.rules[i].compile(t, r, uint8(i), byAI); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ai, err)
		}
	}
	return t, t.number()
}

// number gives the req rules numbers, and the ex rules, equal ones the same.
func (t *table) number() error {
	var needs []need
	var exs []set
	for i := range t.rules {
		u := &t.rules[i]
		for _, n := range u.req {
			k := slices.IndexFunc(needs, func(known need) bool { return reflect.DeepEqual(known, n) })
			if k < 0 {
				k = len(needs)
				needs = append(needs, n)
			}
			u.needs |= 1 << k
		}
		if u.ex != (set{}) {
			k := slices.Index(exs, u.ex)
			if k < 0 {
				k = len(exs)
				exs = append(exs, u.ex)
			}
			u.bars = 1 << k
		}
	}
	for i := range t.rules {
		for k := range needs {
			if needs[k].any.has(uint8(i)) {
				t.rules[i].gives |= 1 << k
			}
		}
		for k := range exs {
			if exs[k].has(uint8(i)) {
				t.rules[i].barred |= 1 << k
			}
		}
	}
	if len(needs) > 64 || len(exs) > 64 {
		return fmt.Errorf("%d different req rules and %d ex rules, 64 have room", len(needs), len(exs))
	}
	return nil
}

// join adds the rows of another set.
func (s *set) join(t *set) {
	for i := range s {
		s[i] |= t[i]
	}
}

func (u *rule) compile(t *table, r row, self uint8, byAI map[string]uint8) error {
	if strings.Contains(r.flags, "*") {
		u.flags |= noFNC1
	}
	if strings.Contains(r.flags, "?") {
		u.flags |= dlAttr
	}
	if r.ai == "8030" {
		u.flags |= signed
	}
	prefix, _ := strconv.Atoi(r.ai[:2])
	if fixed := fixedLengths[prefix] != 0; fixed != (u.flags&noFNC1 != 0) {
		return fmt.Errorf("flags %q do not agree with the prefix", r.flags)
	}
	for spec := range strings.FieldsSeq(r.spec) {
		p, err := compilePart(spec, r)
		if err != nil {
			return err
		}
		if !p.opt {
			u.min += p.min
		}
		u.max += p.max
		u.parts = append(u.parts, p)
	}
	if len(u.parts) == 1 && u.parts[0].chars != cset64 {
		u.flags |= oneSpan
		u.chars, u.lint = u.parts[0].chars, u.parts[0].lint
	}
	if fixed := u.flags&oneSpan != 0 && u.min == u.max && u.chars == numeric; !fixed && u.flags&noFNC1 != 0 {
		return fmt.Errorf("of fixed length and not of so many digits")
	}
	if u.lint[0] == lintCSum && u.min < 8 {
		return fmt.Errorf("check digit of less than seven")
	}
	// match returns the rows of an AI or of a pattern such as 31nn.
	match := func(pattern string) (s set, err error) {
		for ai, row := range byAI {
			digits := strings.TrimRight(pattern, "n")
			if len(ai) == len(pattern) && strings.HasPrefix(ai, digits) {
				s.add(row)
			}
		}
		if s == (set{}) {
			return s, fmt.Errorf("no AI %s", pattern)
		}
		for row := range t.rows {
			for _, ai := range t.rows[row].ais() {
				if s.has(uint8(row)) && !strings.HasPrefix(ai, strings.TrimRight(pattern, "n")) {
					return s, fmt.Errorf("pattern %s cuts through row %s", pattern, t.rows[row].ai)
				}
			}
		}
		return s, nil
	}
	for f := range strings.FieldsSeq(r.rules) {
		name, list, _ := strings.Cut(f, "=")
		switch name {
		case "ex":
			for pattern := range strings.SplitSeq(list, ",") {
				s, err := match(pattern)
				if err != nil {
					return err
				}
				u.ex.join(&s)
			}
			if u.ex.has(self) {
				u.flags |= exSelf
				u.ex[self>>6] &^= 1 << (self & 63)
			}
		case "req":
			var n need
			for alternative := range strings.SplitSeq(list, ",") {
				var all []set
				for pattern := range strings.SplitSeq(alternative, "+") {
					s, err := match(pattern)
					if err != nil {
						return err
					}
					all = append(all, s)
				}
				if len(all) > 1 {
					n.all = append(n.all, all)
					continue
				}
				n.any.join(&all[0])
			}
			if n.any.has(self) {
				return fmt.Errorf("requires itself")
			}
			u.req = append(u.req, n)
		case "dlpkey":
			u.flags |= dlKey
			for alternative := range strings.SplitSeq(list, "|") {
				var rows []uint8
				for ai := range strings.SplitSeq(alternative, ",") {
					if ai != "" {
						rows = append(rows, byAI[ai])
					}
				}
				if rows != nil {
					u.keys = append(u.keys, rows)
				}
			}
		default:
			return fmt.Errorf("rule %q", f)
		}
	}
	return nil
}

func compilePart(spec string, r row) (part, error) {
	var p part
	if p.opt = strings.HasPrefix(spec, "["); p.opt {
		spec = strings.Replace(strings.TrimPrefix(spec, "["), "]", "", 1)
	}
	names := strings.Split(spec, ",")
	switch names[0][0] {
	case 'N':
		p.chars = numeric
	case 'X':
		p.chars = cset82
	case 'Y':
		p.chars = cset39
	case 'Z':
		p.chars = cset64
	default:
		return p, fmt.Errorf("component %q", spec)
	}
	length, variable := strings.CutPrefix(names[0][1:], "..")
	n, err := strconv.Atoi(length)
	if err != nil {
		return p, err
	}
	if p.min, p.max = uint8(n), uint8(n); variable {
		p.min = 1
	}
	k := 0
	for _, name := range names[1:] {
		l, ok := lints[name]
		if l == lintCSum && p.chars != numeric {
			return p, fmt.Errorf("check digit of what is not numeric")
		}
		if !ok {
			return p, fmt.Errorf("linter %q", name)
		}
		if p.chars == numeric && p.min >= 5 && (l == lintGCPPos1 || l == lintGCPPos2) {
			continue // five digits hold four digits
		}
		if l == lintHHMI && strings.HasPrefix(r.ai, "432") {
			l = lintHHMIOr9999 // 9999 = no time; the README of the vectors names it among the differences that are wanted
		}
		if k == len(p.lint) {
			return p, fmt.Errorf("more than %d linters", k)
		}
		p.lint[k] = l
		k++
	}
	return p, nil
}

// source writes a table as Go.
func (t *table) source() ([]byte, error) {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	set := func(s set) string { return fmt.Sprintf("{%#x, %#x, %#x, %#x}", s[0], s[1], s[2], s[3]) }
	p("// Code generated by go test -run TestTableIsCompiled -update; DO NOT EDIT.\n\npackage gs1\n\n")
	p("// dictionary is aiRows, compiled.\nvar dictionary = table{\n\trows: aiRows[:],\n\tprefix: [100]prefix{\n")
	for i, x := range t.prefix {
		if x != (prefix{}) {
			p("\t\t%d: {%d, %d, %d},\n", i, x.length, x.fixed, x.at)
		}
	}
	p("\t},\n\tindex: []uint8{")
	for i, x := range t.index {
		if i%30 == 0 {
			p("\n\t\t")
		}
		p("%d, ", x)
	}
	p("\n\t},\n\trules: []rule{\n")
	for i, u := range t.rules {
		p("\t\t{ // %s\n\t\t\tmin: %d, max: %d, flags: %#x, parts: []part{", t.rows[i].ai, u.min, u.max, u.flags)
		for _, x := range u.parts {
			p("{%d, %d, %d, %v, [...]lint{%d, %d, %d}},", x.chars, x.min, x.max, x.opt, x.lint[0], x.lint[1], x.lint[2])
		}
		p("},\n")
		if u.flags&oneSpan != 0 {
			p("\t\t\tchars: %d, lint: [...]lint{%d, %d, %d},\n", u.chars, u.lint[0], u.lint[1], u.lint[2])
		}
		if u.needs|u.gives != 0 {
			p("\t\t\tneeds: %#x, gives: %#x,\n", u.needs, u.gives)
		}
		if u.bars|u.barred != 0 {
			p("\t\t\tbars: %#x, barred: %#x,\n", u.bars, u.barred)
		}
		if u.bars != 0 {
			p("\t\t\tex: set%s,\n", set(u.ex))
		}
		if u.req != nil {
			p("\t\t\treq: []need{\n")
			for _, n := range u.req {
				p("\t\t\t\t{")
				if n.any != [4]uint64{} {
					p("any: set%s,", set(n.any))
				}
				if n.all != nil {
					p("all: [][]set{")
					for _, all := range n.all {
						p("{")
						for _, s := range all {
							p("%s,", set(s))
						}
						p("},")
					}
					p("},")
				}
				p("},\n")
			}
			p("\t\t\t},\n")
		}
		if u.keys != nil {
			p("\t\t\tkeys: [][]uint8{")
			for _, list := range u.keys {
				p("{")
				for _, row := range list {
					p("%d,", row)
				}
				p("},")
			}
			p("},\n")
		}
		p("\t\t},\n")
	}
	p("\t},\n}\n\n// class holds the character sets that a byte is in.\nvar class = [256]uint8{")
	for c := range 256 {
		if c%16 == 0 {
			p("\n\t")
		}
		p("%#02x, ", classOf(byte(c)))
	}
	p("\n}\n")
	return format.Source(b.Bytes())
}

// classOf says which character sets a byte is in, from their definitions.
func classOf(c byte) (bits uint8) {
	const digits, upper, lower = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
	for bit, set := range map[uint8]string{
		numeric:    digits,
		cset82:     alphabet82,
		cset39:     "#-/" + digits + upper,
		cset64:     digits + upper + lower + "-_",
		unreserved: digits + upper + lower + "-._~",
		inLink:     digits + upper + lower + "-._~:/?#[]@!$&'()*+,;=%",
		inDomain:   digits + upper + lower + "-.:[]",
		plainValue: digits + upper + lower + "-._",
	} {
		if strings.IndexByte(set, c) >= 0 {
			bits |= bit
		}
	}
	return bits
}

func TestTableIsCompiled(t *testing.T) {
	want, err := compile(aiRows[:])
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		source, err := want.source()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("aitable.go", source, 0o666); err != nil {
			t.Fatal(err)
		}
		t.Skip("-update: aitable.go is written anew; run the test again without")
	}
	if diff := cmp.Diff(want, &dictionary, cmp.AllowUnexported(table{}, row{}, prefix{}, rule{}, part{}, need{}),
		cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("aitable.go is not what aiRows say, run with -update (-want +got):\n%s", diff)
	}
	for c := range 256 {
		if class[c] != classOf(byte(c)) {
			t.Errorf("class[%#x] = %#x, want %#x", c, class[c], classOf(byte(c)))
		}
	}
}

// readDictionary returns the rows of a file of the GS1 Barcode Syntax Dictionary.
func readDictionary(t *testing.T, path string) []row {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for line := range strings.Lines(string(data)) {
		entry, title, _ := strings.Cut(strings.TrimSpace(line), "#")
		fields := strings.Fields(entry)
		if len(fields) == 0 {
			continue
		}
		r := row{ai: fields[0], title: strings.TrimSpace(title)}
		var spec, rules []string
		for _, f := range fields[1:] {
			switch {
			case strings.Trim(f, "*?") == "":
				r.flags = f
			case strings.Contains("NXYZ", strings.TrimPrefix(f, "[")[:1]):
				spec = append(spec, f)
			default:
				rules = append(rules, f)
			}
		}
		r.spec, r.rules = strings.Join(spec, " "), strings.Join(rules, " ")
		rows = append(rows, r)
	}
	return rows
}

func TestRowsAreTheDictionary(t *testing.T) {
	rows := readDictionary(t, shared(t, "gs1-syntax-dictionary.txt"))
	if diff := cmp.Diff(rows, aiRows[:], cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("aiRows are not the dictionary (-dictionary +aiRows):\n%s", diff)
	}
}

// TestNewerDictionary shows that rules are data: the same parser runs over a table made of a newer dictionary.
func TestNewerDictionary(t *testing.T) {
	newer, err := compile(readDictionary(t, shared(t, "gs1-syntax-dictionary-head.txt")))
	if err != nil {
		t.Fatal(err)
	}
	n, flips := 0, 0
	eachVector(t, "delta-dictionary-head.dev.jsonl", func(t *testing.T, v *vector) {
		p := v.Opts.parser()
		p.rules = newer
		m, err := v.parse(p)
		if _, old := v.parse(v.Opts.parser()); (old == nil) != (err == nil) {
			flips++
		}
		head := *v.Head
		head.ID, head.Kind, head.Input, head.Opts = v.ID, v.Kind, v.Input, v.Opts
		n++
		if head.ExpectOK && head.Expect.Bracketed == nil {
			if err != nil {
				t.Errorf("%s %q: %v", v.ID, v.input(), err)
			}
			return // nothing but the verdict was measured
		}
		for _, w := range wanted {
			if w.is(&head, m, err) {
				return
			}
		}
		head.compare(t, newer, m, err)
	})
	t.Logf("%d vectors, %d with another verdict than by the released dictionary", n, flips)
}

func TestEveryAI(t *testing.T) {
	n := 0
	for i, r := range aiRows {
		for _, ai := range r.ais() {
			row, length := dictionary.lookup(ai + "x")
			if int(row) != i || length != len(ai) {
				t.Errorf("lookup(%s) = %d, %d, want %d, %d", ai, row, length, i, len(ai))
			}
			if got := AI(ai).Title(); got != r.title {
				t.Errorf("AI(%s).Title() = %q, want %q", ai, got, r.title)
			}
			n++
		}
	}
	if n != 541 {
		t.Errorf("%d AIs, want 541", n)
	}
	for _, ai := range []AI{"", "0", "04", "011", "800", "9", "12345", "ab", "3106", "|"} {
		if got := ai.Title(); got != "" {
			t.Errorf("AI(%q).Title() = %q, want none", ai, got)
		}
	}
}
