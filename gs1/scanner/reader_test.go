package scanner_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/gs1/scanner"
)

const (
	packA = "01089350000000071727123110ABC123\x1d21SN0000000001"
	packB = "0104150000021126172506302112345ABC\x1d10LOT42X"
)

// outcomes returns the element strings of all scans, with "!" and the kind for
// refusals and "?" for candidates.
func outcomes(t *testing.T, r *scanner.Reader) []string {
	t.Helper()
	var list []string
	for reading, err := range r.All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, outcome(reading))
	}
	return list
}

func outcome(r scanner.Reading) string {
	var e *scanner.Error
	switch {
	case r.Certain:
		return r.Message.ElementString()
	case errors.As(r.Err, &e):
		return "!" + e.Kind.Error()
	}
	return "?"
}

func TestReaderFrames(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile *scanner.Profile
		input   string
		want    []string
	}{
		{"CR", nil, packA + "\r" + packB + "\r", []string{packA, packB}},
		{"LF", nil, packA + "\n" + packB + "\n", []string{packA, packB}},
		{"CRLF", nil, packA + "\r\n" + packB + "\r\n", []string{packA, packB}},
		{"TAB", nil, packA + "\t" + packB + "\t", []string{packA, packB}},
		{"double Enter", nil, packA + "\r\r" + packB + "\n\n", []string{packA, packB}},
		{"STX and ETX", nil, "\x02" + packA + "\x03\x02" + packB + "\x03", []string{packA, packB}},
		{"AIM identifiers", nil, "]d2" + packA + "\r]C1" + packB + "\r", []string{packA, packB}},
		{"byte order mark", nil, "\ufeff" + packA + "\r", []string{packA}},
		{"NUL", nil, packA + "\x00\r", []string{packA}},
		{"UTF-16", nil, "0\x001\x000\x008\x009\x003\x005\x000\x000\x000\x000\x000\x000\x000\x000\x007\x00\r\x00", []string{"0108935000000007"}},
		{"double separators", nil, strings.ReplaceAll(packA, "\x1d", "\x1d\x1d") + "\r", []string{packA}},
		{"a separator in front", nil, "\x1d" + packA + "\r", []string{packA}},
		{"a stand-in", nil, strings.ReplaceAll(packA, "\x1d", "~") + "\r", []string{packA}},
		{"the last scan without suffix, the only one", nil, packA, []string{packA}},
		{"half a scan at the end of input", nil, packA + "\r" + packB[:30], []string{packA, "!scan is not complete"}},
		{"half a scan before a prefix", nil, packA[:20] + "\x02" + packB + "\x03", []string{"!scan is not complete", packB}},
		{"own prefix and suffix", &scanner.Profile{Prefix: "<<", Suffix: ">>"}, "<<" + packA + ">><<" + packB + ">>", []string{packA, packB}},
		{"CR as separator, own suffix", &scanner.Profile{Suffix: "\n", Separators: []string{"\r"}}, strings.ReplaceAll(packA, "\x1d", "\r") + "\n", []string{packA}},
		{"noise", nil, "\x81\x92\xa5\x07\x10\x11\xff\xfe\r" + packA + "\r", []string{"!scan is noise", packA}},
		{"empty", nil, "\r\n\r\n", nil},
		{"nothing", nil, "", nil},
		{"too long", &scanner.Profile{MaxLength: 100}, strings.Repeat("7", 101) + "\r" + packA + "\r", []string{"!scan is too long", packA}},
		{"far too long", nil, strings.Repeat("7", 100_000) + "\r" + packA + "\r", []string{"!scan is too long", packA}},
		{"far too long, own suffix", &scanner.Profile{Suffix: "##"}, strings.Repeat("7", 100_001) + "##" + packA + "##", []string{"!scan is too long", packA}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, wrap := range map[string]func(io.Reader) io.Reader{
				"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
				"data with EOF": iotest.DataErrReader,
			} {
				p := c.profile
				if p == nil {
					p = &scanner.Profile{Idle: -1}
				}
				got := outcomes(t, scanner.NewReader(wrap(strings.NewReader(c.input)), p))
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", name, d)
				}
			}
		})
	}
}

func TestReaderIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		go func() {
			io.WriteString(out, packA[:20])
			time.Sleep(50 * time.Millisecond)
			io.WriteString(out, packA[20:])
			time.Sleep(time.Second)
			io.WriteString(out, packB)
			time.Sleep(time.Second)
			io.WriteString(out, packA+"\r"+packB[:20])
			time.Sleep(time.Second) // a suffix has been seen: silence ends nothing
			io.WriteString(out, packB[20:]+"\r")
			out.Close()
		}()
		got := outcomes(t, scanner.NewReader(in, nil))
		if d := cmp.Diff([]string{packA, packB, packA, packB}, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	})
}

func TestReaderContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		r := scanner.NewReader(in, nil)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("Next = %v, want the deadline", err)
		}
		go func() {
			io.WriteString(out, packA+"\r")
			out.CloseWithError(io.ErrUnexpectedEOF)
		}()
		reading, err := r.Next(context.Background())
		if err != nil || outcome(reading) != packA {
			t.Fatalf("after a cancelled Next: %v, %v", outcome(reading), err)
		}
		if _, err := r.Next(context.Background()); err != io.ErrUnexpectedEOF {
			t.Fatalf("Next = %v, want the error of the device", err)
		}
	})
}

func TestMerge(t *testing.T) {
	a := scanner.NewReader(strings.NewReader(packA+"\r"), &scanner.Profile{Device: "till 1"})
	b := scanner.NewReader(strings.NewReader(packB+"\r"), &scanner.Profile{Device: "till 2"})
	var got []string
	for r, err := range scanner.Merge(context.Background(), a, b) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Device+" "+outcome(r))
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"till 1 " + packA, "till 2 " + packB}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestMergeStops leaves the loop while the other devices are silent.
func TestMergeStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		silent := scanner.NewReader(in, nil)
		for r, err := range scanner.Merge(t.Context(), scanner.NewReader(strings.NewReader(packA+"\r"), nil), silent) {
			if err != nil || outcome(r) != packA {
				t.Fatalf("%v %v", outcome(r), err)
			}
			break
		}
		out.Close() // ends the Read that was under way
	})
}

func TestReaderKeepsReadings(t *testing.T) {
	var input bytes.Buffer
	for range 1000 {
		input.WriteString(packA + "\r" + packB + "\r")
	}
	var all []scanner.Reading
	for r, err := range scanner.NewReader(&input, nil).All(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	for i, r := range all {
		if want := []string{packA, packB}[i%2]; outcome(r) != want || r.Raw != want {
			t.Fatalf("reading %d has become %q of %q", i, outcome(r), r.Raw)
		}
	}
}

// TestReaderAllocations reads clean scans with at most one allocation each.
func TestReaderAllocations(t *testing.T) {
	const scans = 2000
	r := scanner.NewReader(strings.NewReader(strings.Repeat("]d2"+packA+"\r\n", scans+10)), scanner.MedicinePack())
	n := testing.AllocsPerRun(scans, func() {
		if reading, err := r.Next(context.Background()); err != nil || !reading.Certain {
			t.Fatal(err, reading.Err)
		}
	})
	if n > 1 {
		t.Errorf("%v allocations a scan, want at most 1", n)
	}
}

func BenchmarkReader(b *testing.B) {
	input := bytes.Repeat([]byte(packA+"\r"), 1000)
	src := bytes.NewReader(input)
	r := scanner.NewReader(src, nil)
	ctx := context.Background()
	b.ReportAllocs()
	b.SetBytes(int64(len(packA) + 1))
	for b.Loop() {
		reading, err := r.Next(ctx)
		if err == io.EOF {
			src.Reset(input)
			r = scanner.NewReader(src, nil)
			continue
		}
		if !reading.Certain {
			b.Fatal(reading.Err)
		}
	}
}

func BenchmarkInterpret(b *testing.B) {
	for _, c := range []struct{ name, scan string }{
		{"clean", "]d2" + packA},
		{"stand-in", strings.ReplaceAll(packA, "\x1d", "{GS}")},
		{"caps lock", "]D2" + strings.ToLower(packA)},
		{"separator lost", strings.ReplaceAll(packA, "\x1d", "")},
		{"two lost", "0109521234543213211AbC(2)d10Y2Z9aq1726113071012345678"},
		{"digits", "01089350000000071727123110123456789012345678902112345678901234567890"},
		{"telex", "010893500000000717271231" + "10Á1Ề2Ươ3Ờ4Đ" + "\x1d21ĂỐƯ"},
		{"azerty", scanner.AZERTY.Type(strings.ReplaceAll(packA, "\x1d", ""))},
		{"qwertz", scanner.QWERTZ.Type("0109521234543213211AbC(2)d10Y2Z9aq1726113071012345678")},
		{"spelled in digits", "]d20109521234543213211AbC(2)d02910Y2Z9aq0291726113071012345678"},
		{"noise", strings.Repeat("\x81é#~]", 60)},
		{"spelled many times", "01089350000000071727123110" + strings.Repeat("029", 80)},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				scanner.Interpret(c.scan, nil)
			}
		})
	}
	for _, m := range []scanner.InputMethod{scanner.Telex, scanner.VNI} {
		b.Run("named "+m.String(), func(b *testing.B) {
			p := scanner.MedicinePack()
			p.InputMethod = m
			text := m.Type("01089350000000071727123110LOTAOE9EUD\x1d21AWOSUDDAOIUYSFRXJ")
			for b.Loop() {
				scanner.Interpret(text, p)
			}
		})
	}
}
