package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// maxDepth bounds how deep the values of an event may be nested, and maxValues how many there may be: the shortest take
// two bytes of text and eighty of memory.
const (
	maxDepth  = 32
	maxValues = 1 << 20
)

var (
	errDepth  = errors.New("values nested too deep")
	errMany   = errors.New("too many values in an event")
	errSyntax = errors.New("not JSON")
)

// parser turns the JSON text of one value, as a stream cut it, into a Value. It accepts what RFC 8259 does.
type parser struct {
	data  []byte
	at    int
	count int               // of values
	known map[string]string // names of members, and words, that came before; nil keeps none
}

// maxKnown bounds how many names and words a decoder remembers, and how long they are.
const maxKnown = 256

// parse returns the value of a JSON text. Names keep their prefixes.
func parse(data []byte) (trace.Value, error) {
	p := &parser{data: data}
	v, err := p.value(0)
	if p.next(); err == nil && p.at < len(p.data) {
		err = errSyntax
	}
	return v, err
}

// next skips white space and returns the byte that follows. It returns 0 at the end, and for a zero byte.
func (p *parser) next() byte {
	for p.at < len(p.data) {
		switch c := p.data[p.at]; c {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return c
		}
	}
	return 0
}

func (p *parser) value(depth int) (trace.Value, error) {
	if depth > maxDepth {
		return trace.Value{}, errDepth
	}
	if p.count++; p.count > maxValues {
		return trace.Value{}, errMany
	}
	switch c := p.next(); c {
	case '{':
		fields, err := p.object(depth)
		return trace.Value{Kind: trace.Object, Fields: fields}, err
	case '[':
		list, err := p.array(depth)
		return trace.Value{Kind: trace.List, List: list}, err
	case '"':
		s, err := p.text()
		return trace.Value{Text: s}, err
	case 't':
		return trace.Value{Kind: trace.Bool, Text: "true"}, p.word("true")
	case 'f':
		return trace.Value{Kind: trace.Bool, Text: "false"}, p.word("false")
	case 'n':
		return trace.Value{Kind: trace.Null}, p.word("null")
	default:
		from := p.at
		for p.at < len(p.data) && strings.IndexByte("+-.0123456789eE", p.data[p.at]) >= 0 {
			p.at++
		}
		if !isNumber(p.data[from:p.at]) {
			return trace.Value{}, errSyntax
		}
		return trace.Value{Kind: trace.Number, Text: string(p.data[from:p.at])}, nil
	}
}

func (p *parser) word(w string) error {
	if len(p.data)-p.at < len(w) || string(p.data[p.at:p.at+len(w)]) != w {
		return errSyntax
	}
	p.at += len(w)
	return nil
}

func (p *parser) object(depth int) ([]trace.Field, error) {
	p.at++ // {
	var fields []trace.Field
	if p.next() == '}' {
		p.at++
		return nil, nil
	}
	for {
		if p.next() != '"' {
			return nil, errSyntax
		}
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		v, err := p.member(name, depth+1)
		if err != nil {
			return nil, err
		}
		fields = append(fields, trace.Field{Name: name, Value: v})
		switch p.next() {
		case ',':
			p.at++
		case '}':
			p.at++
			return fields, nil
		default:
			return nil, errSyntax
		}
	}
}

// member reads the value of a member. Those that are words of a vocabulary are remembered: a file has few.
func (p *parser) member(name string, depth int) (trace.Value, error) {
	switch name {
	case "type", "action", "bizStep", "disposition", "eventTimeZoneOffset", "reason":
		if p.next() != '"' {
			break
		}
		from := p.at
		if raw, ok := p.plain(); ok && p.count < maxValues {
			p.count++
			return trace.Value{Text: p.remember(raw)}, nil
		}
		p.at = from
	}
	return p.value(depth)
}

// remember returns a text that may have come before.
func (p *parser) remember(raw []byte) string {
	s, ok := p.known[string(raw)]
	if !ok {
		s = string(raw)
		if p.known != nil && len(p.known) < maxKnown && len(s) < maxKnown {
			p.known[s] = s
		}
	}
	return s
}

func (p *parser) array(depth int) ([]trace.Value, error) {
	p.at++ // [
	var list []trace.Value
	if p.next() == ']' {
		p.at++
		return nil, nil
	}
	for {
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		switch p.next() {
		case ',':
			p.at++
		case ']':
			p.at++
			return list, nil
		default:
			return nil, errSyntax
		}
	}
}

// name reads the name of a member, and the colon.
func (p *parser) name() (string, error) {
	from := p.at
	name := ""
	if raw, ok := p.plain(); ok {
		name = p.remember(raw)
	} else {
		p.at = from
		var err error
		if name, err = p.text(); err != nil {
			return "", err
		}
	}
	if p.next() != ':' {
		return "", errSyntax
	}
	p.at++
	return name, nil
}

// plain reads a string that may be taken as it is. It is false for any other, and reads then an unknown part of it.
func (p *parser) plain() ([]byte, bool) {
	rest := p.data[p.at+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || !isPlain(rest[:end]) {
		return nil, false
	}
	p.at += end + 2
	return rest[:end], true
}

// text reads a string. One without escapes is taken as it is; encoding/json reads the others.
func (p *parser) text() (string, error) {
	from := p.at
	if raw, ok := p.plain(); ok {
		return string(raw), nil
	}
	for p.at++; p.at < len(p.data); p.at++ {
		switch p.data[p.at] {
		case '"':
			p.at++
			var s string
			if err := json.Unmarshal(p.data[from:p.at], &s); err != nil {
				return "", errSyntax
			}
			return s, nil
		case '\\':
			p.at++
		}
	}
	return "", errSyntax
}
