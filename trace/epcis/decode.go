package epcis

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// DecodeError says which event could not be read, and why. It wraps a *[trace.FieldError] when one field is at fault.
type DecodeError struct {
	Line  int // from 1, at which the field at fault begins, or near it when it is missing
	Event int // number of the event, from 0
	Err   error
}

// Error implements error.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("epcis: line %d: event %d: %v", e.Line, e.Event, e.Err)
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error { return e.Err }

// DecoderOptions are what a decoder can be told. Nil and the zero value are the defaults.
type DecoderOptions struct {
	// KeepInvalid returns events with problems beside the error, as far as they could be read. They can be hashed and
	// shown; a repository refuses them.
	KeepInvalid bool
	// MaxEvent bounds the text of one event in bytes, and that of all events of a document whose "@context" stands
	// behind them. In XML an element or attribute counts at least 64, and no text or tag may be longer than 4 MiB. 0
	// means 64 MiB.
	MaxEvent int
	// Ahead has Events read in one goroutine and decode in another, some events ahead of the loop, which makes use of
	// those before. Both have ended when the loop has; by then more may have been read than the loop saw.
	Ahead bool
}

// Decoder reads events from a stream of JSON or XML, in UTF-8, or in UTF-16 with a byte order mark; XML may declare ISO
// 8859-1. It is not safe for concurrent use.
type Decoder struct {
	opts  DecoderOptions
	in    *stream
	text  *readerAhead // what it reads, if Ahead
	names *names       // of the last "@context"; in JSON lines, that of the header
	event int
	hold  bool // the document's "@context" has not come yet
	held  []held
	lines []int             // at which the members of the document begin
	size  int               // bytes held
	known map[string]string // names of members, one copy of each
}

// held is an event that waits for the "@context" of its document.
type held struct {
	raw  []byte
	line int
}

// NewDecoder returns a decoder that reads from r. Nil opts mean the defaults.
func NewDecoder(r io.Reader, opts *DecoderOptions) *Decoder {
	d := &Decoder{names: standard, known: make(map[string]string)}
	if opts != nil {
		d.opts = *opts
	}
	if d.opts.MaxEvent <= 0 {
		d.opts.MaxEvent = 64 << 20
	}
	if d.opts.Ahead {
		d.text = newReaderAhead(r)
		r = d.text
	}
	d.in = newStream(&unmarked{r: r}, d.opts.MaxEvent)
	return d
}

// Decode returns the events of a document that is small enough to be held in memory. It stops at the first error.
func Decode(data []byte) ([]*trace.Event, error) {
	var events []*trace.Event
	for e, err := range NewDecoder(bytes.NewReader(data), nil).Events() {
		if err != nil {
			return events, err
		}
		events = append(events, e)
	}
	return events, nil
}

// errStop ends a loop whose caller has seen enough.
var errStop = errors.New("stop")

// yield is what a caller of Events does with an event. It is false when the caller wants no more.
type yield func(*trace.Event, error) bool

// Events returns the events of the stream, in order, once. An event that cannot be read, or that EPCIS does not allow,
// comes as a *[DecodeError]; the loop may go on to the next one. JSON or XML that is broken or cut off ends the loop with
// an error that is not one. A stream without any event yields nothing.
func (d *Decoder) Events() iter.Seq2[*trace.Event, error] {
	if d.opts.Ahead {
		return d.eventsAhead()
	}
	return d.events()
}

// events is Events without Ahead.
func (d *Decoder) events() iter.Seq2[*trace.Event, error] {
	return func(y func(*trace.Event, error) bool) {
		for {
			err := d.document(y)
			switch {
			case err == nil:
				continue
			case errors.Is(err, io.EOF), errors.Is(err, errStop):
			default:
				y(nil, fmt.Errorf("epcis: line %d: %w", d.in.line, err))
			}
			return
		}
	}
}

// document reads one value of the stream: a document, an event, or an array of events. It returns io.EOF at the end.
func (d *Decoder) document(y yield) error {
	d.hold, d.lines = false, d.lines[:0]
	c, err := d.in.peek()
	if err != nil {
		return err
	}
	var fields []trace.Field
	document := true
	switch c {
	case '[':
		err = d.in.elements(func() error { return d.one(y) })
	case '{':
		if raw, ok := d.in.ahead(); ok && !bytes.Contains(raw, []byte(path[0])) {
			// A line with an event.
			e, err, ok := buildPlain(&parser{data: raw, known: d.known}, d.names)
			if ok && !strings.HasPrefix(string(e.Type), "EPCIS") {
				d.in.take(len(raw))
				return d.hand(y, e, err, d.in.line-behind(raw, err))
			}
		}
		fields, document, err = d.object(y, 0)
	case '<':
		return d.markup(y)
	default:
		err = errors.New("neither an EPCIS document nor an event")
	}
	switch {
	case errors.Is(err, io.EOF):
		d.in.take(len(d.in.buf) - d.in.at)
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case document:
		return d.release(y)
	}
	// An object without events is one itself, or a document without body.
	if kind, _ := get(fields, "type"); strings.HasPrefix(kind.Text, "EPCIS") {
		return nil
	}
	e, err := build(fields, d.names)
	line := d.in.line
	if at, ok := errors.AsType[*trace.FieldError](err); ok {
		name, _, _ := strings.Cut(at.Field, "[")
		name, _, _ = strings.Cut(name, ".")
		if i := slices.IndexFunc(fields, func(f trace.Field) bool { return f.Name == name }); i >= 0 {
			line = d.lines[i]
		}
	}
	return d.hand(y, e, err, line)
}

// path leads through a document to its events: level 0 is the document itself.
var path = [...]string{"epcisBody", "queryResults", "resultsBody"}

// object reads an object on the way to the events. It reports whether the way went on or there were events, and returns
// the other members.
func (d *Decoder) object(y yield, level int) (fields []trace.Field, found bool, err error) {
	context := false
	err = d.in.members(func(name string) error {
		switch {
		case level < len(path) && name == path[level]:
			if level == 0 {
				d.hold = !context
			}
			found = true
			_, _, err := d.object(y, level+1)
			return at(name, err)
		case level > 0 && name == "eventList":
			found = true
			return at(name, d.in.elements(func() error { return d.one(y) }))
		case level > 0 && name == "event": // one event without a list
			found = true
			return d.one(y)
		}
		if _, err := d.in.peek(); err != nil {
			return err
		}
		line := d.in.line
		raw, err := d.in.raw()
		if err != nil {
			return err
		}
		v, err := parse(raw)
		if err != nil {
			return err
		}
		if level == 0 && name == "@context" {
			d.names, context, d.hold = standard.with(v), true, false
		}
		fields = append(fields, trace.Field{Name: name, Value: v})
		if level == 0 {
			d.lines = append(d.lines, line)
		}
		return nil
	})
	return fields, found, err
}

// at says where in a document the syntax is wrong.
func at(name string, err error) error {
	if err == errSyntax {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// one reads one event.
func (d *Decoder) one(y yield) error {
	raw, err := d.in.raw()
	if err != nil {
		return err
	}
	if !d.hold {
		return d.parse(y, raw, d.in.line)
	}
	if d.size += len(raw); d.size > d.opts.MaxEvent {
		return fmt.Errorf("@context behind the events: %w", errTooLong)
	}
	d.held = append(d.held, held{bytes.Clone(raw), d.in.line})
	return nil
}

// release builds the events that waited for their names.
func (d *Decoder) release(y yield) error {
	list := d.held
	d.held, d.size = nil, 0
	if d.hold && !d.opts.KeepInvalid {
		return errors.New("@context: missing")
	}
	for _, h := range list {
		if err := d.parse(y, h.raw, h.line); err != nil {
			return err
		}
	}
	return nil
}

// parse makes an event of its text, which ends at a line, and hands it to the caller.
func (d *Decoder) parse(y yield, raw []byte, line int) error {
	e, err, ok := buildPlain(&parser{data: raw, known: d.known}, d.names)
	if !ok {
		var v trace.Value
		v, err = parse(raw)
		if err == nil && v.Kind != trace.Object {
			err = errors.New("not an object")
		}
		if err == nil {
			e, err = build(v.Fields, d.names)
		}
	}
	return d.hand(y, e, err, line-behind(raw, err))
}

// hand hands over an event, or what is wrong with it.
func (d *Decoder) hand(y yield, e *trace.Event, err error, line int) error {
	if err != nil {
		err = &DecodeError{Line: line, Event: d.event, Err: err}
		if !d.opts.KeepInvalid {
			e = nil
		}
	}
	d.event++
	if !y(e, err) {
		return errStop
	}
	return nil
}
