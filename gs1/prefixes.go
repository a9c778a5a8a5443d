package gs1

import (
	"bufio"
	"errors"
	"io"
)

// Prefixes know how long the GS1 Company Prefixes are (General Specifications 1.4), of which the first digits tell. The
// zero value knows none. GS1 publishes the list at https://www.gs1.org/docs/gcp_length/gcpprefixformatlist.xml (and
// .json); it is not part of this package.
type Prefixes struct {
	lengths map[string]int
}

// ReadPrefixes reads the list of GS1 in XML or JSON: entries with a prefix and a gcpLength, in this order.
func ReadPrefixes(in io.Reader) (*Prefixes, error) {
	p := &Prefixes{lengths: map[string]int{}}
	words := bufio.NewScanner(in)
	words.Split(splitWords)
	name, prefix := "", ""
	for words.Scan() {
		switch w := words.Text(); {
		case digits(w) < len(w):
			name = w
		case name == "prefix" && len(w) <= maxPrefix:
			prefix, name = w, ""
		case name == "gcpLength" && prefix != "":
			if n := number(w[:min(len(w), 3)]); n > 0 && n <= maxPrefix {
				p.lengths[prefix] = n
			}
			prefix, name = "", ""
		}
	}
	if err := words.Err(); err != nil {
		return nil, err
	}
	if len(p.lengths) == 0 {
		return nil, errors.New("gs1: no prefixes in the list")
	}
	return p, nil
}

// splitWords splits text into words of letters and digits.
func splitWords(data []byte, atEOF bool) (advance int, token []byte, err error) {
	from := 0
	for from < len(data) && class[data[from]]&cset64 == 0 {
		from++
	}
	to := from
	for to < len(data) && class[data[to]]&cset64 != 0 {
		to++
	}
	switch {
	case from == len(data):
		return from, nil, nil
	case to < len(data) || atEOF:
		return to, data[from:to], nil
	}
	return from, nil, nil
}

// Length returns how many digits the GS1 Company Prefix of the EPC has, or 0 when the list does not say.
func (p *Prefixes) Length(e EPC) int {
	key, v, _, _ := e.split()
	switch key {
	case "00", "01", "8003", "8006":
		v = v[min(1, len(v)):]
	}
	for n := min(len(v), maxPrefix); n > 0; n-- {
		if length, ok := p.lengths[v[:n]]; ok {
			return length
		}
	}
	return 0
}
