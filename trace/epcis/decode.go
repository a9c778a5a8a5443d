package epcis

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

// DecodeError says which event could not be read, and why. It wraps a *[trace.FieldError] when one field is at fault.
type DecodeError struct {
	Line  int // at which the event ends, from 1
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
	// MaxEvent bounds the JSON text of one event in bytes, and that of all events of a document whose "@context" stands
	// behind them. 0 means 64 MiB.
	MaxEvent int
}

// Decoder reads events from a stream of JSON. It is not safe for concurrent use.
type Decoder struct {
	opts  DecoderOptions
	in    *lines
	json  *json.Decoder
	names *names // of the last "@context"; in JSON lines, that of the header
	event int
	hold  bool // the document's "@context" has not come yet
	held  []held
	size  int // bytes held
}

// held is an event that waits for the "@context" of its document.
type held struct {
	raw  json.RawMessage
	line int
}

// NewDecoder returns a decoder that reads from r. Nil opts mean the defaults.
func NewDecoder(r io.Reader, opts *DecoderOptions) *Decoder {
	d := &Decoder{in: &lines{r: r}, names: standard}
	if opts != nil {
		d.opts = *opts
	}
	if d.opts.MaxEvent <= 0 {
		d.opts.MaxEvent = 64 << 20
	}
	d.json = json.NewDecoder(d.in)
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
// comes as a *[DecodeError]; the loop may go on to the next one. JSON that is broken or cut off ends the loop with an
// error that is not one. A stream without any event yields nothing.
func (d *Decoder) Events() iter.Seq2[*trace.Event, error] {
	return func(y func(*trace.Event, error) bool) {
		for {
			err := d.document(y)
			switch {
			case err == nil:
				continue
			case errors.Is(err, io.EOF), errors.Is(err, errStop):
			default:
				y(nil, fmt.Errorf("epcis: line %d: %w", d.in.line(d.json.InputOffset()), err))
			}
			return
		}
	}
}

// document reads one value of the stream: a document, an event, or an array of events. It returns io.EOF at the end.
func (d *Decoder) document(y yield) error {
	d.hold = false
	t, err := d.token()
	if err != nil {
		return err
	}
	var fields []trace.Field
	document := true
	switch t {
	case json.Delim('['):
		err = d.events(y)
	case json.Delim('{'):
		fields, document, err = d.object(y, 0)
	default:
		err = errors.New("neither an EPCIS document nor an event")
	}
	switch {
	case errors.Is(err, io.EOF):
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
	return d.build(y, fields, nil, d.in.line(d.json.InputOffset()))
}

// token returns the next token, which may not lie further away than the longest event.
func (d *Decoder) token() (json.Token, error) {
	d.in.limit = d.json.InputOffset() + int64(d.opts.MaxEvent)
	return d.json.Token()
}

// path leads through a document to its events: level 0 is the document itself.
var path = [...]string{"epcisBody", "queryResults", "resultsBody"}

// object reads the members of an object on the way to the events, to its end. It reports whether the way went on or
// there were events, and returns the other members.
func (d *Decoder) object(y yield, level int) (fields []trace.Field, found bool, err error) {
	context := false
	for d.json.More() {
		t, err := d.token()
		if err != nil {
			return nil, found, err
		}
		switch name, _ := t.(string); {
		case level < len(path) && name == path[level]:
			if level == 0 {
				d.hold = !context
			}
			if err = d.expect('{', name); err == nil {
				_, _, err = d.object(y, level+1)
			}
			found = true
		case level > 0 && name == "eventList":
			if err = d.expect('[', name); err == nil {
				err = d.events(y)
			}
			found = true
		case level > 0 && name == "event": // one event without a list
			err = d.one(y)
			found = true
		default:
			var v trace.Value
			if v, err = d.member(); err != nil {
				break
			}
			if level == 0 && name == "@context" {
				d.names, context, d.hold = standard.with(v), true, false
			}
			fields = append(fields, trace.Field{Name: name, Value: v})
		}
		if err != nil {
			return nil, found, err
		}
	}
	_, err = d.token() // }
	return fields, found, err
}

func (d *Decoder) expect(delim json.Delim, name string) error {
	t, err := d.token()
	if err == nil && t != delim {
		err = fmt.Errorf("%s: want %v", name, delim)
	}
	return err
}

func (d *Decoder) member() (trace.Value, error) {
	raw, err := d.raw()
	if err != nil {
		return trace.Value{}, err
	}
	return parse(raw)
}

func (d *Decoder) raw() (json.RawMessage, error) {
	d.in.limit = d.json.InputOffset() + int64(d.opts.MaxEvent)
	var raw json.RawMessage
	err := d.json.Decode(&raw)
	return raw, err
}

// events reads the elements of an array of events, and its end.
func (d *Decoder) events(y yield) error {
	for d.json.More() {
		if err := d.one(y); err != nil {
			return err
		}
	}
	_, err := d.token() // ]
	return err
}

// one reads one event.
func (d *Decoder) one(y yield) error {
	raw, err := d.raw()
	if err != nil {
		return err
	}
	line := d.in.line(d.json.InputOffset())
	if !d.hold {
		return d.parse(y, raw, line)
	}
	if d.size += len(raw); d.size > d.opts.MaxEvent {
		return fmt.Errorf("@context behind the events: %w", errTooLong)
	}
	d.held = append(d.held, held{raw, line})
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

func (d *Decoder) parse(y yield, raw json.RawMessage, line int) error {
	v, err := parse(raw)
	if err == nil && v.Kind != trace.Object {
		err = errors.New("not an object")
	}
	return d.build(y, v.Fields, err, line)
}

// build hands an event to the caller, or what is wrong with it.
func (d *Decoder) build(y yield, fields []trace.Field, err error, line int) error {
	var e *trace.Event
	if err == nil {
		e, err = build(fields, d.names)
	}
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
