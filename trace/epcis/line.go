package epcis

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// behind returns how many lines of the text of an event follow the place that an error is about.
func behind(raw []byte, err error) int {
	if err == nil {
		return 0
	}
	p := &parser{data: raw}
	if at, ok := errors.AsType[*trace.FieldError](err); ok {
		p.find(at.Field)
	} else {
		p.value(0) // stops where the text is not JSON
	}
	return bytes.Count(raw[min(p.at, len(raw)):], []byte{'\n'})
}

// find goes to the value of a field such as "quantityList[1].uom" in the text of an object. When there is none it stays at
// what should hold it.
func (p *parser) find(field string) {
	for part := range strings.SplitSeq(field, ".") {
		name, item, _ := strings.Cut(part, "[")
		if !p.seek('{', func(_ int, key string) bool { return key == name }) {
			return
		}
		if want, err := strconv.Atoi(strings.TrimSuffix(item, "]")); err == nil {
			if !p.seek('[', func(i int, _ string) bool { return i == want }) {
				return
			}
		}
	}
}

// seek goes to the first member or item that is the wanted one. If there is none, it goes nowhere and is false.
func (p *parser) seek(open byte, wanted func(i int, key string) bool) bool {
	from := p.at
	if p.next() != open {
		return false
	}
	for i := 0; ; i++ {
		key, err := "", error(nil)
		p.at++ // the opening or a comma
		if c := p.next(); open == '{' && c == '"' {
			if key, err = p.text(); err != nil || p.next() != ':' {
				break
			}
			p.at++
			p.next()
		}
		if wanted(i, key) {
			return true
		}
		if _, err := p.value(1); err != nil || p.next() != ',' {
			break
		}
	}
	p.at = from
	return false
}
