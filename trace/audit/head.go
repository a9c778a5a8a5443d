package audit

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"golang.org/x/mod/sumdb/tlog"
)

// magic is the first line of a file; its last character is the version.
const magic = "dauvet.github.io/evidence@v2"

// head is the text in front of the records.
type head struct {
	key         string  // verifier key that the ledger claims
	first, next int64   // the records
	opening     bool    // claims, and records from before, follow
	before      []int64 // numbers of the bundles that have some of those, ascending
	left, right []tlog.Hash
	grown       []growth // ascending by size
	note        []byte   // signed checkpoint
}

// marked reports whether a span has leaves in a bundle of the opening.
func (h *head) marked(s span) bool {
	i, _ := slices.BinarySearch(h.before, s.lo/partSize)
	return i < len(h.before) && h.before[i] <= (s.hi-1)/partSize
}

// growth proves that the tree of the checkpoint continues that of a smaller size.
type growth struct {
	size        int64
	left, right []tlog.Hash
}

// text is the head as it is written.
func (h *head) text() []byte {
	var b bytes.Buffer
	b.WriteString(magic + "\n")
	b.WriteString("key " + h.key + "\n")
	b.WriteString("first " + strconv.FormatInt(h.first, 10) + "\n")
	b.WriteString("next " + strconv.FormatInt(h.next, 10) + "\n")
	if h.opening {
		b.WriteString("opening " + ranges(h.before) + "\n")
	}
	write := func(hashes []tlog.Hash) {
		for _, x := range hashes {
			b.WriteString(base64.StdEncoding.EncodeToString(x[:]) + "\n")
		}
	}
	write(h.left)
	write(h.right)
	for _, g := range h.grown {
		b.WriteString("seen " + strconv.FormatInt(g.size, 10) + "\n")
		write(g.left)
		write(g.right)
	}
	b.WriteString("\n")
	b.Write(h.note)
	return b.Bytes()
}

// parseHead reads a head and verifies its checkpoint, whose size says how many hashes there are. It also tells whose
// ledger it is. The error matches
// ledger.ErrProof when it is the checkpoint that is refused.
func parseHead(text []byte, keys []Key) (*head, *ledger.Checkpoint, trace.Party, error) {
	lines, note, ok := bytes.Cut(text, []byte("\n\n"))
	if !ok {
		return nil, nil, "", fmt.Errorf("no checkpoint")
	}
	h := &head{note: note}
	p := &lineReader{rest: string(lines)}
	if p.line() != magic {
		return nil, nil, "", fmt.Errorf("not %s", magic)
	}
	h.key = p.word("key")
	h.first, h.next = p.size("first"), p.size("next")
	if p.err != nil {
		return nil, nil, "", p.err
	}
	c, party, err := VerifyCheckpoint(note, keys)
	if err != nil {
		origin, _, _ := strings.Cut(string(note), "\n")
		for _, k := range keys {
			if name, _, _ := strings.Cut(k.Verifier, "+"); name != origin {
				continue
			}
			if _, e := ledger.VerifyCheckpoint(note, h.key); e == nil {
				return nil, nil, "", &KeyError{origin, k.Party, h.key}
			}
		}
		return nil, nil, "", fmt.Errorf("%w (the file claims to be of %s)", err, h.key)
	}
	if h.first > h.next || h.next > c.Size {
		return nil, nil, "", fmt.Errorf("records %d to %d of a log of %d", h.first, h.next-1, c.Size)
	}
	if strings.HasPrefix(p.rest, "opening ") {
		h.opening = true
		h.before = p.ranges("opening", (h.first+partSize-1)/partSize)
	}
	left := gaps(h.first, c.Size, h.marked)
	_, right := edge(h.next, c.Size)
	h.left, h.right = p.hashes(len(left)), p.hashes(len(right))
	for last := int64(0); p.err == nil && p.rest != ""; {
		g := growth{size: p.size("seen")}
		if p.err == nil && (g.size <= last || g.size > c.Size) {
			p.err = fmt.Errorf("growth from size %d after that from %d", g.size, last)
		}
		if p.err != nil {
			break
		}
		left, right := edge(g.size, c.Size)
		g.left, g.right = p.hashes(len(left)), p.hashes(len(right))
		h.grown, last = append(h.grown, g), g.size
	}
	if p.err == nil && !bytes.Equal(h.text(), text) {
		p.err = fmt.Errorf("head that is not what it would be written as")
	}
	if p.err != nil {
		return nil, nil, "", p.err
	}
	return h, c, party, nil
}

// lineReader cuts lines off a text. After an error it reads nothing more.
type lineReader struct {
	rest string
	err  error
}

func (p *lineReader) line() string {
	var s string
	s, p.rest, _ = strings.Cut(p.rest, "\n")
	return s
}

func (p *lineReader) word(name string) string {
	if p.err != nil {
		return ""
	}
	s := p.line()
	value, ok := strings.CutPrefix(s, name+" ")
	if !ok {
		p.err = fmt.Errorf("line %.40q where %q should be", s, name)
	}
	return value
}

func (p *lineReader) size(name string) int64 {
	s := p.word(name)
	if p.err != nil {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		p.err = fmt.Errorf("%s: %.40q is no size", name, s)
	}
	return n
}

// ranges reads what ranges writes: numbers below most.
func (p *lineReader) ranges(name string, most int64) []int64 {
	text := p.word(name)
	if p.err != nil || text == "-" {
		return nil
	}
	var out []int64
	for _, word := range strings.Split(text, " ") {
		from, to, ok := strings.Cut(word, "-")
		if !ok {
			to = from
		}
		a, err1 := strconv.ParseInt(from, 10, 64)
		b, err2 := strconv.ParseInt(to, 10, 64)
		if err1 != nil || err2 != nil || a < 0 || b < a || b >= most || len(out) > 0 && a <= out[len(out)-1] {
			p.err = fmt.Errorf("%s: %.40q is no list of bundles", name, word)
			return nil
		}
		for ; a <= b; a++ {
			out = append(out, a)
		}
	}
	return out
}

// ranges writes ascending numbers: "3 7-9", or "-" when there are none.
func ranges(list []int64) string {
	var b strings.Builder
	for i := 0; i < len(list); i++ {
		from := i
		for i+1 < len(list) && list[i+1] == list[i]+1 {
			i++
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatInt(list[from], 10))
		if i > from {
			b.WriteString("-" + strconv.FormatInt(list[i], 10))
		}
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

func (p *lineReader) hashes(n int) []tlog.Hash {
	var out []tlog.Hash
	for range n {
		if p.err != nil {
			return nil
		}
		s := p.line()
		h, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(h) != tlog.HashSize {
			p.err = fmt.Errorf("line %.60q where a hash should be", s)
			return nil
		}
		out = append(out, tlog.Hash(h))
	}
	return out
}
