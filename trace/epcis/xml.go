package epcis

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/dauvet/dauvet/trace"
)

const (
	// maxToken bounds a tag or text of XML in bytes: encoding/xml holds one at a time.
	maxToken = 4 << 20
	// elementCost is what an element or attribute counts at least towards DecoderOptions.MaxEvent, for it takes memory
	// even when its text is short.
	elementCost = 64
	// maxElements bounds how deep the elements of an event may be nested. A level of XML becomes up to two of JSON, an
	// object and an array, so an event that was read can be written.
	maxElements = maxDepth/2 - 1
)

// tape gives the bytes of a stream to encoding/xml one by one, so that nothing is read ahead, and no more than left.
type tape struct {
	in   *stream
	left int
}

// ReadByte implements io.ByteReader.
func (t *tape) ReadByte() (byte, error) {
	if t.left--; t.left < 0 {
		return 0, errTooLong
	}
	s := t.in
	if s.at == len(s.buf) {
		if err := s.more(); err != nil {
			return 0, err
		}
	}
	c := s.buf[s.at]
	s.at++
	if c == '\n' {
		s.line++
	}
	return c, nil
}

// Read implements io.Reader, which encoding/xml asks for and does not use.
func (t *tape) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := t.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// markup is a document in XML while it is read.
type markup struct {
	d    *Decoder
	tape *tape
	xml  *xml.Decoder
	left int  // of MaxEvent, while an event is read
	said bool // the encoding has been declared
}

// markup reads one XML document, or one event that stands by itself. It returns io.EOF when nothing but comments is
// left of the stream.
func (d *Decoder) markup(y yield) error {
	t := &tape{in: d.in}
	m := &markup{d: d, tape: t, xml: xml.NewDecoder(t)}
	m.xml.CharsetReader = m.charset
	return m.document(y)
}

// token returns the next tag or text. Entities that a document type declares are not known, so none is ever expanded.
func (m *markup) token(limit int) (xml.Token, error) {
	m.tape.left = min(limit, maxToken)
	t, err := m.xml.Token()
	if bad, ok := errors.AsType[*xml.SyntaxError](err); ok {
		if bad.Msg == "unexpected EOF" {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, errors.New("not XML: " + bad.Msg[:min(len(bad.Msg), 200)])
	}
	return t, err
}

// document goes through the elements around the events: EPCISDocument/EPCISBody/EventList, the answer of a query, or an
// envelope of SOAP around either. Headers are passed over.
func (m *markup) document(y yield) error {
	depth, list, header := 0, 0, 0
	for {
		t, err := m.token(maxToken)
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			_, event := eventType(t.Name)
			switch {
			case depth > maxDepth:
				return errDepth
			case header > 0:
			case event || list > 0 && t.Name.Local != "extension":
				if err := m.event(t, y); err != nil {
					return err
				}
				if depth--; depth == 0 {
					return nil
				}
			case depth == 1 && !isRoot(t.Name.Local):
				return errors.New("neither an EPCIS document nor an event")
			case t.Name.Local == "EPCISHeader":
				header = depth
			case t.Name.Local == "EventList":
				list = depth
			}
		case xml.EndElement:
			if depth == list {
				list = 0
			}
			if depth == header {
				header = 0
			}
			if depth--; depth == 0 {
				return nil
			}
		}
	}
}

// isRoot reports whether an element may be the outermost one.
func isRoot(name string) bool {
	return strings.HasPrefix(name, "EPCIS") || name == "QueryResults" || name == "Envelope"
}

// eventType returns the type of the event that an element is, and whether EPCIS knows it.
func eventType(name xml.Name) (trace.EventType, bool) {
	if !isStandard(name) {
		sep := ""
		if !strings.HasSuffix(name.Space, "/") && !strings.HasSuffix(name.Space, "#") && !strings.HasSuffix(name.Space, ":") {
			sep = "#"
		}
		return trace.EventType(name.Space + sep + name.Local), false
	}
	switch t := trace.EventType(name.Local); t {
	case trace.ObjectEvent, trace.AggregationEvent, trace.TransactionEvent, trace.TransformationEvent, trace.AssociationEvent,
		"QuantityEvent":
		return t, true
	default:
		return t, false
	}
}

// isStandard reports whether a name is one of EPCIS. Its elements have no namespace (EPCIS 1.2 and 2.0, 9.5); some
// senders give them that of the document.
func isStandard(name xml.Name) bool {
	return name.Space == "" || strings.HasPrefix(name.Space, "urn:epcglobal:epcis")
}

// event reads one event.
func (m *markup) event(start xml.StartElement, y yield) error {
	m.left = m.d.opts.MaxEvent
	root, err := m.element(start, 0)
	if err != nil {
		return err
	}
	return m.d.element(y, root)
}

// element is an element of XML with everything in it.
type element struct {
	name     xml.Name
	attrs    []xml.Attr // without declarations of namespaces
	text     string     // of the element itself, without white space around it
	children []*element
	line     int
}

// element reads the rest of an element.
func (m *markup) element(start xml.StartElement, depth int) (*element, error) {
	if depth > maxElements {
		return nil, errDepth
	}
	if m.left -= elementCost * (1 + len(start.Attr)); m.left < 0 {
		return nil, errTooLong
	}
	e := &element{name: start.Name, line: m.d.in.line}
	e.attrs = slices.DeleteFunc(start.Attr, func(a xml.Attr) bool { return a.Name.Space == "xmlns" || a.Name.Local == "xmlns" })
	var text []byte
	for {
		limit := min(m.left, maxToken)
		t, err := m.token(limit)
		if err != nil {
			return nil, err
		}
		m.left -= limit - m.tape.left
		switch t := t.(type) {
		case xml.StartElement:
			child, err := m.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			e.children = append(e.children, child)
		case xml.CharData:
			if len(text) > 0 || len(strings.TrimSpace(string(t))) > 0 {
				text = append(text, t...)
			}
		case xml.EndElement:
			e.text = strings.TrimSpace(string(text))
			return e, nil
		}
	}
}

// charset reads encodings other than UTF-8. A declaration of UTF-16 is passed over: a stream that is in UTF-16 has been
// converted by then, and one that is not says so because its writer made it of a string.
func (m *markup) charset(name string, in io.Reader) (io.Reader, error) {
	if m.said {
		return nil, errors.New("encoding declared again")
	}
	m.said = true
	switch strings.ToLower(name) {
	case "utf-16", "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1":
		return &latin1{in: in.(io.ByteReader)}, nil
	}
	return nil, errors.New("encoding is not read: " + name[:min(len(name), 40)])
}

// latin1 turns ISO 8859-1, in which a byte is a character, into UTF-8.
type latin1 struct {
	in   io.ByteReader
	next byte // the second byte of a character
}

// ReadByte implements io.ByteReader.
func (l *latin1) ReadByte() (byte, error) {
	if c := l.next; c != 0 {
		l.next = 0
		return c, nil
	}
	c, err := l.in.ReadByte()
	if c >= 0x80 {
		l.next = 0x80 | c&0x3f
		c = 0xc0 | c>>6
	}
	return c, err
}

// Read implements io.Reader.
func (l *latin1) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := l.ReadByte()
	if err != nil {
		return 0, err
	}
	p[0] = c
	return 1, nil
}
