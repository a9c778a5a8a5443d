package main

import (
	"strings"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
	"github.com/dauvet/dauvet/trace"
)

// pack is how requests name a pack, a case or a lot.
type pack struct {
	// Scan is what the scanner sent, the text in brackets under a symbol, a Digital Link, or an EPC URN.
	Scan string `json:"scan"`
	// Lot and Expiry are read from the box by eye where the code has none.
	Lot    string `json:"lot"`
	Expiry string `json:"expiry"` // YYYY-MM-DD, or YYMMDD as AI (17) has it
}

// read returns what the code on a pack says. The name of the request's field goes into errors.
func (s *station) read(p pack, field string) (gs1.Message, error) {
	m, err := s.message(p.Scan)
	if err != nil {
		return m, &trace.FieldError{Field: field + "scan", Err: err}
	}
	expiry := p.Expiry
	if day, err := time.Parse(time.DateOnly, expiry); err == nil {
		expiry = day.Format("060102")
	}
	for _, given := range []struct {
		name string
		ai   gs1.AI
		text string
	}{{"lot", "10", p.Lot}, {"expiry", "17", expiry}} {
		read, found := m.Value(given.ai)
		switch {
		case given.text == "" || read == given.text:
		case found:
			return m, badField(field+given.name, "the code says "+read)
		default:
			e := gs1.Element{AI: given.ai, Value: given.text}
			if err := e.Check(); err != nil {
				return m, &trace.FieldError{Field: field + given.name, Err: err}
			}
			m.Elements = append(m.Elements, e)
		}
	}
	return m, nil
}

func (s *station) message(scan string) (gs1.Message, error) {
	r := s.interpret(scan)
	if !r.Certain {
		return gs1.Message{}, &scanError{r}
	}
	return r.Message, nil
}

// interpret reads what a scanner sent, or what a program wrote.
func (s *station) interpret(scan string) scanner.Reading {
	var m gs1.Message
	var err error
	switch {
	case strings.HasPrefix(scan, "urn:"):
		var epc gs1.EPC
		epc, err = gs1.ParseEPC(scan)
		m.Elements = epc.Elements()
	case strings.HasPrefix(scan, "(") && strings.Contains(scan, ")"):
		m, err = gs1.ParseHRI(scan)
	default:
		return scanner.Interpret(scan, s.Profile)
	}
	if err != nil {
		return scanner.Reading{Raw: scan, Err: &scanner.Error{Kind: scanner.ErrInvalid, Err: err}}
	}
	return scanner.Reading{Raw: scan, Message: m, Certain: true}
}

// epc returns the identity that a request is about: a pack, a case, or a class of packs.
func (s *station) epc(p pack) (gs1.EPC, error) {
	m, err := s.read(p, "")
	if err != nil {
		return gs1.EPC{}, err
	}
	epc, err := m.EPC()
	if err != nil {
		return epc, &trace.FieldError{Field: "scan", Err: err}
	}
	return epc, nil
}

// by is who acts.
func (s *station) by(p trace.Party) trace.Party {
	if p == "" {
		return s.By
	}
	return p
}

// scanRequest asks what a code says.
type scanRequest struct {
	head
	Scan string `json:"scan"`
}

// scanned is what a code says: for certain, or as one of several candidates.
type scanned struct {
	Certain    bool        `json:"certain"`
	Meaning    *meaning    `json:"meaning,omitempty"`
	Candidates []candidate `json:"candidates,omitempty"` // the likeliest first; a person compares them with the box
	Words      words       `json:"words"`
}

// meaning is what a code says, in parts.
type meaning struct {
	HRI    string `json:"hri"`
	EPC    string `json:"epc,omitempty"`
	GTIN   string `json:"gtin,omitempty"`
	Lot    string `json:"lot,omitempty"`
	Expiry string `json:"expiry,omitempty"` // YYYY-MM-DD, the last day
	Serial string `json:"serial,omitempty"`
}

type candidate struct {
	meaning
	Doubts []words `json:"doubts,omitempty"`
}

// scan needs no ledger.
func (s *station) scan(q *scanRequest) (*scanned, error) {
	r := s.interpret(q.Scan)
	if r.Err != nil {
		return nil, &trace.FieldError{Field: "scan", Err: &scanError{r}}
	}
	out := &scanned{Certain: r.Certain, Candidates: candidatesOf(r), Words: words{r.Words("vi"), r.Words("en")}}
	if r.Certain {
		m := meaningOf(r.Message)
		out.Meaning = &m
	}
	return out, nil
}

func candidatesOf(r scanner.Reading) []candidate {
	const most = 5
	var out []candidate
	for _, c := range r.Candidates[:min(most, len(r.Candidates))] {
		doubtful := candidate{meaning: meaningOf(c.Message)}
		for _, d := range c.Doubts {
			doubtful.Doubts = append(doubtful.Doubts, words{d.Words("vi"), d.Words("en")})
		}
		out = append(out, doubtful)
	}
	return out
}

func meaningOf(m gs1.Message) meaning {
	out := meaning{HRI: m.HRI()}
	if epc, err := m.EPC(); err == nil {
		out.EPC = epc.String()
	}
	out.GTIN, _ = m.Value("01")
	out.Lot, _ = m.Value("10")
	out.Serial, _ = m.Value("21")
	if d, ok := m.Date("17"); ok {
		out.Expiry = d.Time(time.Now()).Format(time.DateOnly)
	}
	return out
}
