package epcis

import (
	"fmt"
	"io"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// contextURI names the JSON-LD context of EPCIS 2.0.
const contextURI = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

// EncoderOptions are what an encoder can be told. Nil and the zero value are the defaults.
type EncoderOptions struct {
	// Lines writes JSON lines: a document without events, and each event in a line of its own.
	Lines bool
	// CreationDate is that of the document. Zero means now.
	CreationDate time.Time
	// Prefixes are namespaces by the prefix that stands for them in the document, beside "dauvet" for those of package
	// trace. A namespace that has none is declared by each event that needs it.
	Prefixes map[string]string
	// URNs writes GS1 keys as EPC URNs when it knows how long their company prefix is, and as Digital Links otherwise. Nil
	// means Digital Links.
	URNs *gs1.Prefixes
	// QueryName makes an EPCISQueryDocument, the results of the query of that name (EPCIS 2.0, 8.2.7.3). Empty means an
	// EPCISDocument.
	QueryName string
}

// Encoder writes events as an EPCIS 2.0 document. It is not safe for concurrent use.
type Encoder struct {
	w      io.Writer
	opts   EncoderOptions
	prefix map[string]string // by namespace
	buf    []byte
	begun  bool
	events bool
	err    error
}

// NewEncoder returns an encoder that writes to w. Nil opts mean the defaults. The caller has to call Close.
func NewEncoder(w io.Writer, opts *EncoderOptions) *Encoder {
	c := &Encoder{w: w}
	if opts != nil {
		c.opts = *opts
	}
	c.prefix = prefixes(c.opts.Prefixes)
	return c
}

// prefixes turns the prefixes of a document around, with those that every document has.
func prefixes(more map[string]string) map[string]string {
	out := map[string]string{trace.Namespace: "dauvet"}
	for prefix, uri := range more {
		out[uri] = prefix
	}
	for prefix, uri := range standard.prefixes {
		out[uri] = prefix
	}
	return out
}

// Encode writes one event. After an error of the writer nothing more is written.
func (c *Encoder) Encode(e *trace.Event) error {
	c.begin()
	switch {
	case c.opts.Lines:
		c.buf = append(c.buf, '\n')
	case c.events:
		c.buf = append(c.buf, ',', '\n')
	default:
		c.buf = append(c.buf, '\n')
	}
	w := &writer{b: c.buf, prefix: c.prefix, urns: c.opts.URNs}
	b, err := w.append(e)
	if err != nil {
		c.buf = c.buf[:0]
		return fmt.Errorf("epcis: encode: %w", err)
	}
	c.buf, c.events = b, true
	return c.flush()
}

// Close writes the end of the document. It does not close the writer.
func (c *Encoder) Close() error {
	c.begin()
	if !c.opts.Lines {
		c.buf = append(c.buf, "\n]"...)
		c.end()
	}
	c.buf = append(c.buf, '\n')
	return c.flush()
}

func (c *Encoder) begin() {
	if c.begun {
		return
	}
	c.begun = true
	date := c.opts.CreationDate
	if date.IsZero() {
		date = time.Now().Round(time.Second)
	}
	c.buf = append(c.buf, `{"@context":["`+contextURI+`",{`...)
	first := true
	for _, uri := range sortedKeys(c.prefix) {
		if prefix := c.prefix[uri]; standard.prefixes[prefix] != uri {
			c.buf = appendMember(c.buf, &first, prefix)
			c.buf = appendText(c.buf, uri)
		}
	}
	kind := "EPCISDocument"
	if c.opts.QueryName != "" {
		kind = "EPCISQueryDocument"
	}
	c.buf = append(c.buf, `}],"type":"`+kind+`","schemaVersion":"2.0","creationDate":`...)
	c.buf = appendText(c.buf, date.Format(time.RFC3339))
	c.buf = append(c.buf, `,"epcisBody":{`...)
	if c.opts.QueryName != "" {
		c.buf = append(c.buf, `"queryResults":{"queryName":`...)
		c.buf = appendText(c.buf, c.opts.QueryName)
		c.buf = append(c.buf, `,"resultsBody":{`...)
	}
	c.buf = append(c.buf, `"eventList":[`...)
	if c.opts.Lines {
		c.buf = append(c.buf, ']')
		c.end()
	}
}

// end closes the objects around the list of events.
func (c *Encoder) end() {
	if c.opts.QueryName != "" {
		c.buf = append(c.buf, "}}"...)
	}
	c.buf = append(c.buf, "}}"...)
}

func (c *Encoder) flush() error {
	if c.err == nil {
		if _, err := c.w.Write(c.buf); err != nil {
			c.err = fmt.Errorf("epcis: encode: %w", err)
		}
	}
	c.buf = c.buf[:0]
	return c.err
}

// Marshal returns one event as a JSON object that stands by itself: its "@context" declares every namespace that it needs.
func Marshal(e *trace.Event) ([]byte, error) {
	w := &writer{alone: true, prefix: make(map[string]string)}
	for prefix, uri := range standard.prefixes {
		w.prefix[uri] = prefix
	}
	b, err := w.append(e)
	if err != nil {
		return nil, fmt.Errorf("epcis: encode: %w", err)
	}
	return b, nil
}
