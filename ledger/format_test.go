package ledger

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the worked example of FORMAT.md")

// TestFormat holds the worked example of FORMAT.md equal to what is written.
func TestFormat(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "## Worked example")
	intro, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("FORMAT.md has no worked example")
	}
	want := before + "## Worked example" + intro + "```\n" + example(t) + "```\n"
	if *update {
		if err := os.WriteFile("FORMAT.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("FORMAT.md (-want +got), -update rewrites it:\n%s", diff)
	}
}

// example makes a ledger with a known salt and dumps what it wrote.
func example(t *testing.T) string {
	t.Helper()
	dir := new(memDir)
	l, err := open(dir, "", memDriver{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range l.journal.salt {
		l.journal.salt[i] = byte(i)
	}
	if _, err := l.Append(t.Context(), []byte("hello"), []byte("world")); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := dir.open("journal-0", false)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, frameHeader+14)
	if _, err := f.ReadAt(p, 0); err != nil {
		t.Fatal(err)
	}
	// What is dumped is also what is read.
	h, ok := parseFrame(p)
	if !ok || h.seq != 1 || h.first != 0 || h.count != 2 || h.length != 14 || checksum(p[frameHeader:]) != h.bodySum {
		t.Fatalf("frame reads as %+v, %v", h, ok)
	}

	c := &chunk{first: 0}
	var tree frontier
	for i := range 300 {
		var keys []byte
		if i == 3 || i == 5 || i == 260 {
			keys = packKeys([][]byte{[]byte("lot")})
		}
		c.add(&tree, nil, leafHash(nil), keys, nil)
	}
	var m rowMaker
	m.postings(c)
	row := m.rows[0]
	return hex.Dump(p) + "\n" + hex.EncodeToString(row.Key) + "\n" + hex.EncodeToString(row.Value) + "\n"
}

// TestIndexOfRow holds the order of rows to that of indices, and refuses
// indices that are written in another way.
func TestIndexOfRow(t *testing.T) {
	indices := []int64{0, 1, 2, 254}
	for shift := 8; shift < 56; shift += 8 {
		for d := int64(-1); d <= 1; d++ {
			indices = append(indices, 1<<shift+d)
		}
	}
	indices = append(indices, maxSize-1, maxSize)
	for _, name := range []string{"", "a", "a\x00", "a\x00\x01", "\x00\x00\xff", "a\xff"} {
		prefix := keyPrefix([]byte(name))
		var last []byte
		for _, index := range indices {
			row := appendKeyEnd(appendEscaped([]byte{rowKey}, []byte(name)), index)
			if got, ok := parseKeyEnd(row); !ok || got != index {
				t.Fatalf("%q %d is read as %d, %v", name, index, got, ok)
			}
			if !bytes.HasPrefix(row, prefix) || bytes.Compare(last, row) >= 0 || bytes.Compare(row, after(prefix)) >= 0 {
				t.Fatalf("%q %d is out of order: %x after %x", name, index, row, last)
			}
			last = row
			for _, other := range [][]byte{row[:len(row)-1], append(bytes.Clone(row), 0)} {
				if got, ok := parseKeyEnd(other); ok {
					t.Errorf("%x is read as %d", other, got)
				}
			}
		}
	}
	for _, p := range []string{"\x00", "\x00\x01", "\x01\x00\x00\x00\x00\x00\x00\x01", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if got, ok := parseIndex([]byte(p)); ok {
			t.Errorf("%x is read as %d", p, got)
		}
	}
}

// FuzzFrame reads frames and bodies that nobody wrote.
func FuzzFrame(f *testing.F) {
	var p [frameHeader]byte
	(&frame{seq: 1, count: 1, length: 4}).put(p[:])
	f.Add(append(p[:], 0, 2, 'h', 'i'))
	f.Fuzz(func(t *testing.T, p []byte) {
		if h, ok := parseFrame(p); ok {
			var again [frameHeader]byte
			h.put(again[:])
			if string(again[:]) != string(p[:frameHeader]) {
				t.Errorf("accepted %x, which is written as %x", p[:frameHeader], again)
			}
			splitEntries(p[frameHeader:], h.count)
		}
		if len(p) >= frameHeader {
			repairFrame(p)
		}
	})
}

// FuzzBlock reads blocks that nobody wrote.
func FuzzBlock(f *testing.F) {
	f.Add(make([]byte, blockData))
	f.Fuzz(func(t *testing.T, p []byte) {
		if len(p) < blockData {
			return
		}
		parseBlockHead(p)
		splitBlock(p)
		mendBlock(p, 0, emptyRoot)
	})
}

// FuzzHead reads slots that nobody wrote.
func FuzzHead(f *testing.F) {
	h := headState{gen: 1, segments: 4, segmentSize: 16 << 20, origin: "example.com/a", mark: mark{seq: 1}}
	f.Add(h.encode())
	f.Fuzz(func(t *testing.T, p []byte) {
		d := new(memDir)
		file, _ := d.open("head", true)
		file.WriteAt(p, 0)
		readHead(file)
	})
}

// TestFixBit repairs each bit of a text and tells two flips apart from one.
func TestFixBit(t *testing.T) {
	data := []byte("the quick brown fox jumps over the lazy dog")
	sum := checksum(data)
	for i := range len(data) * 8 {
		p := append([]byte(nil), data...)
		p[i/8] ^= 1 << (i % 8)
		if !fixBit(p, sum) || string(p) != string(data) {
			t.Fatalf("bit %d: %q", i, p)
		}
		for j := range i {
			p[i/8] ^= 1 << (i % 8)
			p[j/8] ^= 1 << (j % 8)
			if fixBit(p, sum) && string(p) != string(data) {
				t.Fatalf("bits %d and %d were taken for one", i, j)
			}
			copy(p, data)
		}
	}
	for b := range 32 {
		p := append([]byte(nil), data...)
		if !fixBit(p, sum^1<<b) || string(p) != string(data) {
			t.Fatalf("bit %d of the checksum: %q", b, p)
		}
	}
}
