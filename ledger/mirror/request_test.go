package mirror

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// exampleCheckpoint is the example of C2SP tlog-witness.
const exampleCheckpoint = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`

func TestCheckpointRequest(t *testing.T) {
	q, err := parseCheckpointRequest([]byte(exampleCheckpoint))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleCheckpoint, string(q.encode())); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
	c, err := parseNote(q.note)
	if err != nil || q.old != 20852014 || len(q.proof) != 4 || c.Origin != "example.com/behind-the-sofa" || c.Size != 20852163 {
		t.Errorf("%+v, %+v, %v", q, c, err)
	}
	hash := "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
	for name, body := range map[string]string{
		"empty":                    "",
		"no old":                   "\nexample.com\n",
		"no number":                "old \n\n",
		"sign":                     "old +1\n\n",
		"negative":                 "old -1\n\n",
		"leading zero":             "old 01\n\n",
		"two spaces":               "old  1\n\n",
		"space behind":             "old 1 \n\n",
		"hexadecimal":              "old 0x1\n\n",
		"beyond 64 bits":           "old 18446744073709551616\n\n",
		"beyond any log":           "old 72057594037927937\n\n",
		"carriage return":          "old 1\r\n\r\n",
		"no empty line":            "old 1\n" + hash,
		"unfinished line":          "old 1",
		"short hash":               "old 1\nPlRNCg==\n\n",
		"other base64":             "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\n",
		"no padding":               "old 1\n" + strings.TrimSuffix(hash, "=\n") + "\n\n",
		"64 hashes":                "old 1\n" + strings.Repeat(hash, 64) + "\n",
		"checkpoint in the proof":  "old 1\nexample.com/behind-the-sofa\n\n",
		"URL alphabet":             "old 1\n" + strings.ReplaceAll("5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n", "+", "-") + "\n",
		"line break in the base64": "old 1\nPlRNCrwHpqhGrupue0L7gxbj\nbMiKA9temvuZZDDpkaw=\n\n",
	} {
		if q, err := parseCheckpointRequest([]byte(body)); err == nil {
			t.Errorf("%s: accepted as %+v", name, q)
		}
	}
	if q, err := parseCheckpointRequest([]byte("old 1\n" + strings.Repeat(hash, 63) + "\n")); err != nil || len(q.proof) != 63 {
		t.Errorf("63 hashes: %v", err)
	}
}

func TestNextPackage(t *testing.T) {
	type part struct{ Lo, Start, End int64 }
	for _, tc := range []struct {
		start, end int64
		want       []part
	}{
		{0, 0, nil},
		{5, 5, nil},
		{0, 1, []part{{0, 0, 1}}},
		{0, 256, []part{{0, 0, 256}}},
		{255, 257, []part{{0, 255, 256}, {256, 256, 257}}},
		{100, 700, []part{{0, 100, 256}, {256, 256, 512}, {512, 512, 700}}},
		{512, 700, []part{{512, 512, 700}}},
		{600, 700, []part{{512, 600, 700}}},
	} {
		var got []part
		for at := tc.start; at < tc.end; {
			p := nextPackage(at, tc.end)
			got = append(got, part{p.lo, p.start, p.end})
			at = p.end
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("[%d, %d) (-want +got):\n%s", tc.start, tc.end, diff)
		}
	}
}

func TestEntriesHeader(t *testing.T) {
	h := &entriesHeader{origin: "example.com/shop", start: 1, end: 1<<63 + 2, ticket: []byte("opaque")}
	text := h.encode()
	want := "\x00\x10example.com/shop" + "\x00\x00\x00\x00\x00\x00\x00\x01" + "\x80\x00\x00\x00\x00\x00\x00\x02" + "\x00\x06opaque"
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err := readEntriesHeader(bytes.NewReader(text))
	if err != nil || got.origin != h.origin || got.start != h.start || got.end != h.end || string(got.ticket) != "opaque" {
		t.Errorf("%+v, %v", got, err)
	}
	for n := range text {
		if _, err := readEntriesHeader(bytes.NewReader(text[:n])); err == nil {
			t.Errorf("%d bytes accepted", n)
		}
	}
}

func TestPackage(t *testing.T) {
	p := nextPackage(254, 600)
	p.add([]byte("first"))
	p.add(nil)
	p.proof = []tlog.Hash{{1}, {2}}
	text := p.encode(nil)
	want := "\x00\x05first\x00\x00\x02" + "\x01" + strings.Repeat("\x00", 31) + "\x02" + strings.Repeat("\x00", 31)
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	for n := range text {
		q := nextPackage(254, 600)
		if err := q.read(bufio.NewReader(bytes.NewReader(text[:n])), nil); n == 0 && err != io.EOF || n > 0 && err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	q := nextPackage(254, 600)
	if err := q.read(bufio.NewReader(bytes.NewReader(text)), nil); err != nil {
		t.Fatal(err)
	}
	if string(q.raw) != string(p.raw) || len(q.leaves) != 2 || q.leaves[1] != tlog.RecordHash(nil) || len(q.proof) != 2 || q.proof[1] != (tlog.Hash{2}) {
		t.Errorf("%+v", q)
	}
	q.skip(1)
	if string(q.raw) != "\x00\x00" || len(q.leaves) != 1 || q.start != 255 {
		t.Errorf("without the first: %+v", q)
	}
	q = nextPackage(0, 1)
	if err := q.read(bufio.NewReader(strings.NewReader("\x00\x00\x40"+strings.Repeat("h", 64*32))), nil); !errors.Is(err, errManyHashes) {
		t.Errorf("64 hashes: %v", err)
	}
	full := errors.New("full")
	q = nextPackage(0, 1)
	if err := q.read(bufio.NewReader(bytes.NewReader(text)), func(int) error { return full }); err != full {
		t.Errorf("no memory: %v", err)
	}
}

func TestMirrorInfo(t *testing.T) {
	i := &mirrorInfo{20852163, 20852014, []byte{0, 255}}
	if diff := cmp.Diff("20852163\n20852014\nAP8=\n", string(i.encode())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for text, ok := range map[string]bool{
		"20852163\n20852014\nAP8=\n": true,
		"0\n0\n\n":                   true,
		"0\n0\n":                     false,
		"0\n0\n\n\n":                 false,
		"0\n0\n=\n":                  false,
		"-1\n0\n\n":                  false,
		"1\n01\n\n":                  false,
		"":                           false,
	} {
		if _, err := parseMirrorInfo([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTilePath(t *testing.T) {
	for _, tc := range []struct {
		kind     string
		n, width int64
		path     string
	}{
		{"0", 0, 256, "tile/0/000"},
		{"0", 1234067, 256, "tile/0/x001/x234/067"},
		{"2", 5, 17, "tile/2/005.p/17"},
		{"entries", 273, 112, "tile/entries/273.p/112"},
		{"entries", 1000, 1, "tile/entries/x001/000.p/1"},
	} {
		if got := tilePath(tc.kind, tc.n, tc.width); got != tc.path {
			t.Errorf("got %s, want %s", got, tc.path)
		}
		kind, n, width, ok := parseTilePath(tc.path)
		if !ok || kind != tc.kind || n != tc.n || width != tc.width {
			t.Errorf("%s: %s %d %d %v", tc.path, kind, n, width, ok)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/00/000", "tile/8/000", "tile/-1/000", "tile/0/-01", "tile/0/+01",
		"tile/0/x000/000", "tile/0/x001", "tile/0/001/000", "tile/0/000.p", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
		"tile/0/000.p/1/2", "tile/data/000", "tile/0/../0/000", "tile/entries/xx01/000", "state", "../state",
		"tile/0/x999/x999/x999/x999/x999/x999/999",
	} {
		if kind, n, width, ok := parseTilePath(path); ok {
			t.Errorf("%q accepted: %s %d %d", path, kind, n, width)
		}
	}
}

// FuzzAddCheckpoint reads requests that nobody wrote: those that are taken are written as they were read.
func FuzzAddCheckpoint(f *testing.F) {
	f.Add([]byte(exampleCheckpoint))
	f.Add([]byte("old 0\n\n"))
	f.Add([]byte("old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\nexample.com\n1\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := parseCheckpointRequest(body)
		if err != nil {
			return
		}
		if again := q.encode(); !bytes.Equal(again, body) {
			t.Errorf("written as %q", again)
		}
		if c, err := parseNote(q.note); err == nil && (c.Size < 0 || c.Origin == "") {
			t.Errorf("%+v", c)
		}
	})
}

// FuzzAddEntries reads uploads that nobody wrote: those that are taken are written as they were read.
func FuzzAddEntries(f *testing.F) {
	h := &entriesHeader{origin: "example.com/shop", start: 255, end: 257}
	body := h.encode()
	for at := int64(255); at < 257; at++ {
		p := nextPackage(at, 257)
		p.add([]byte("entry"))
		p.proof = []tlog.Hash{{byte(at)}}
		body = p.encode(body)
	}
	f.Add(body)
	f.Add(body[:40])
	f.Add(h.encode())
	f.Fuzz(func(t *testing.T, body []byte) {
		in := bufio.NewReader(bytes.NewReader(body))
		h, err := readEntriesHeader(in)
		if err != nil || h.start > h.end || h.end > maxSize {
			return
		}
		again := h.encode()
		for at := int64(h.start); at < int64(h.end); {
			p := nextPackage(at, int64(h.end))
			if p.read(in, nil) != nil {
				break
			}
			if len(p.leaves) != int(p.end-p.start) {
				t.Errorf("%d leaves in [%d, %d)", len(p.leaves), p.start, p.end)
			}
			again = p.encode(again)
			at = p.end
		}
		if !bytes.HasPrefix(body, again) {
			t.Errorf("written as %q", again)
		}
	})
}

// FuzzState reads slots that nobody wrote: those that are taken are written as they were read.
func FuzzState(f *testing.F) {
	c, err := parseNote([]byte(exampleCheckpoint[strings.Index(exampleCheckpoint, "\n\n")+2:]))
	if err != nil {
		f.Fatal(err)
	}
	s := &state{gen: 3, next: 4, bytes: 5, seen: 6, mirrored: c, pending: []*ledger.Checkpoint{c, c}}
	p := s.encode()
	f.Add(p[8 : stateHeader+binary.BigEndian.Uint32(p[16:])])
	f.Fuzz(func(t *testing.T, content []byte) {
		p := make([]byte, stateSlot)
		copy(p, stateMagic[:])
		copy(p[8:], content)
		binary.BigEndian.PutUint32(p[4:], crc32.Checksum(p[8:], castagnoli))
		s, err := decodeState(p)
		if err != nil {
			return
		}
		if again := s.encode(); !bytes.Equal(again, p) {
			t.Errorf("written as %q", bytes.TrimRight(again, "\x00"))
		}
	})
}

// FuzzFork reads evidence that nobody filed.
func FuzzFork(f *testing.F) {
	head := forkMagic + "\nsize 20852163\nroot PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\n"
	text := exampleCheckpoint[strings.Index(exampleCheckpoint, "\n\n")+2:]
	f.Add([]byte(head + text + "\n" + strings.Replace(text, "CsUY", "DsUY", 1)))
	f.Fuzz(func(t *testing.T, text []byte) {
		fork, err := parseFork(text)
		if err != nil {
			return
		}
		if again, err := fork.MarshalText(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("written as %q, %v", again, err)
		}
	})
}
