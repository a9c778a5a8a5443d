package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/dauvet/dauvet/trace"
)

// head is what every request has.
type head struct {
	ID json.RawMessage `json:"id"` // any JSON value; the answer repeats it
	Op string          `json:"op"`
}

// answer is a line of the output: either a result or an error.
type answer struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Result any             `json:"result,omitempty"`
	Error  *failure        `json:"error,omitempty"`
}

// An operation answers one kind of request.
type operation struct {
	do func(ctx context.Context, t *till, s *station, line []byte) (any, error)
	// writes says that asking twice is not the same as asking once.
	writes bool
}

// operations are the requests that need the ledger. The others are answered by front.answer.
var operations = map[string]operation{
	"verify":     asks((*till).verify),
	"record":     writes((*till).record),
	"undo":       writes((*till).undo),
	"history":    asks((*till).history),
	"custody":    asks((*till).custody),
	"contents":   asks((*till).contents),
	"stock":      asks((*till).stock),
	"expiring":   asks((*till).expiring),
	"lot":        asks((*till).lot),
	"events":     asks((*till).events),
	"checkpoint": asks((*till).checkpoint),
	"prove":      asks((*till).prove),
	"evidence":   asks((*till).evidence),
	"export":     asks((*till).export),
	"check":      asks((*till).check),
	"status":     asks((*till).status),
}

func asks[Q, A any](do func(*till, context.Context, *station, *Q) (A, error)) operation {
	return operation{do: func(ctx context.Context, t *till, s *station, line []byte) (any, error) {
		q, err := decode[Q](line)
		if err != nil {
			return nil, err
		}
		return do(t, ctx, s, q)
	}}
}

func writes[Q, A any](do func(*till, context.Context, *station, *Q) (A, error)) operation {
	o := asks(do)
	o.writes = true
	return o
}

var (
	errNotJSON      = errors.New("not a JSON object in UTF-8")
	errUnknownOp    = errors.New("unknown op")
	errUnknownField = errors.New("unknown field")
)

// parseHead reads what every request has. ID is set even when there is an error, if it could be read.
func parseHead(line []byte) (h head, err error) {
	if !utf8.Valid(line) {
		return h, errNotJSON
	}
	if err := json.Unmarshal(line, &h); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return h, badKind(kind)
		}
		return h, errors.Join(errNotJSON, err)
	}
	return h, nil
}

// decode reads the fields of a request. Those that it does not know are an error: a misspelt one would be lost.
func decode[Q any](line []byte) (*Q, error) {
	q := new(Q)
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	err := d.Decode(q)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return q, nil
	case errors.As(err, &kind):
		return nil, badKind(kind)
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return nil, &trace.FieldError{Field: strings.Trim(name, `"`), Err: errUnknownField}
	}
	return nil, errors.Join(errNotJSON, err)
}

// badKind says which field has a value of another kind than it should. Embedded structs are not the caller's business.
func badKind(err *json.UnmarshalTypeError) error {
	path := strings.ReplaceAll("."+err.Field, ".pack.", ".")
	return badField(path[1:], err.Value+" instead of "+err.Type.Kind().String())
}

func badField(name, reason string) error {
	return &trace.FieldError{Field: name, Err: errors.New(reason)}
}

// answerWith is the line of an answer.
func answerWith(id json.RawMessage, result any, err error) []byte {
	if err != nil {
		return refuse(id, err)
	}
	return encode(answer{ID: id, Result: result})
}

// refuse is the line of an answer that says what is wrong.
func refuse(id json.RawMessage, err error) []byte {
	return encode(answer{ID: id, Error: failureOf(err)})
}

// encode writes JSON in one line, without escaping "<" and ">" as for HTML.
func encode(a answer) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a); err != nil { // all fields are text, numbers and lists of them
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
